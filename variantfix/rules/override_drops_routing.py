"""An override of a PyTorch package takes it out of all routing.

uv lowers `override-dependencies` without any extra, so that no source which is bound to an extra or group applies to
the overridden package.

## Why it matters

With `override-dependencies = ["torch==2.8.0"]` every variant installs PyPI's torch 2.8.0, the cpu variant with all of
CUDA. Nothing is said.

## Example

```toml
[tool.uv]
override-dependencies = ["torch==2.8.0"]
```

becomes, with `--unsafe`,

```toml
[tool.uv]
override-dependencies = []
constraint-dependencies = ["torch==2.8.0"]
```

A constraint keeps the routing. It is no override: where a package's own bound on torch has to be broken, no
constraint helps, and so the fix is unsafe.

## When to ignore it

Where PyPI's build is meant in every variant. An override that removes the package (`torch; sys_platform == 'never'`)
is not reported.

Threads: astral-sh/uv#14289, #11498
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from variantfix.detect.routing import must_route
from variantfix.pytorch.accelerator import without_local
from variantfix.rules.rule import Finding, Fix, Rule, Safety, Severity
from variantfix.toml import Append, Remove, toml_string
from variantfix.uv.parse import requirement

if TYPE_CHECKING:
    from collections.abc import Iterator

    from variantfix.detect.context import Context
    from variantfix.uv.project import Place, Requirement


def check(ctx: Context) -> Iterator[Finding]:
    root = ctx.workspace.root
    overrides = root.uv.get("override-dependencies", [])
    for number, text in enumerate(overrides):
        at = root.place("tool", "uv", "override-dependencies", number)
        if not isinstance(text, str):
            continue  # an override that is bound to one package leaves the others alone
        override = requirement(text, at)
        lost = [v for v in ctx.variants if must_route(v, override.name) and ctx.sources(v, override.name)]
        if lost and not override.url and ctx.requirement_systems(override):
            yield RULE.finding(
                f"the override {text!r} takes {override.name} out of the routing of {', '.join(map(str, lost))}",
                at,
                variants=tuple(map(str, lost)),
                fix=_fix(override, at),
                advice="bound it in the variants' own lists instead",
            )


def _fix(override: Requirement, at: Place) -> Fix:
    constraint = toml_string(without_local(override.text.strip()))
    constraints = (*at.path[:2], "constraint-dependencies")
    edits = (Append(at.file, constraints, constraint), Remove(at.file, at.path))
    return Fix("make it a constraint, which keeps the routing", edits, Safety.UNSAFE)


RULE = Rule("override-drops-routing", Severity.ERROR, __doc__, check, remedy="unsafe")
