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

An override with a marker does one thing more: where the marker does not hold, the package is gone. That is reported
also without variants:

```toml
override-dependencies = ["torch>=2.11; platform_machine == 'aarch64'"]  # x86-64 gets torchvision and no torch
```

## When to ignore it

Where PyPI's build is meant in every variant. An override that removes the package (`torch; sys_platform == 'never'`)
is not reported.

Threads: astral-sh/uv#14289, #11498
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from variantfix.detect.routing import how_known, must_route
from variantfix.detect.variants import and_others
from variantfix.pytorch.accelerator import without_local
from variantfix.pytorch.certainty import surest
from variantfix.rules.rule import Finding, Fix, Rule, Safety, Severity
from variantfix.toml import Append, Remove, toml_string
from variantfix.uv.markers import Platform, platforms
from variantfix.uv.platforms import TITLES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from variantfix.detect.context import Context
    from variantfix.uv.project import Place, Requirement


def check(ctx: Context) -> Iterator[Finding]:
    yield from _routing(ctx)
    yield from _removal(ctx)


def _routing(ctx: Context) -> Iterator[Finding]:
    for override in ctx.overrides:
        lost = [v for v in ctx.variants if must_route(v, override.name) and ctx.sources(v, override.name)]
        if lost and not override.url and ctx.requirement_systems(override):
            yield RULE.finding(
                f"{lost[0].sync} installs PyPI's {override.name}: no source applies to the override "
                f"{override.text!r}{and_others(lost)}",
                override.at,
                variants=lost,
                packages=(override.name,),
                fix=_fix(override, override.at),
                advice="bound it in the variants' own lists instead",
                known=surest(how_known(variant, override.name) for variant in lost),
            )


def _fix(override: Requirement, at: Place) -> Fix:
    constraint = toml_string(without_local(override.text.strip()))
    constraints = (*at.path[:2], "constraint-dependencies")
    edits = (Append(at.file, constraints, constraint), Remove(at.file, at.path))
    return Fix("make it a constraint, which keeps the routing", edits, Safety.UNSAFE)


def _removal(ctx: Context) -> Iterator[Finding]:
    """The override of torch whose marker takes it away from a machine, on a system that keeps it elsewhere."""
    overrides = [r for r in ctx.overrides_of("torch") if not r.url]
    kept = frozenset[Platform]().union(*(platforms(r.marker) for r in overrides))
    lost = ctx.platforms - kept
    # A project that has no torch on a whole system means it.
    if {system for system, _ in kept} & {system for system, _ in lost} and _is_asked(ctx, "torch", lost):
        yield RULE.finding(
            f"the override {overrides[0].text!r} takes torch away where its marker does not hold: on {_named(lost)} "
            "`uv sync` installs what needs torch without it",
            overrides[0].at,
            severity=Severity.WARNING,  # some take it out on purpose
            advice="override torch for the other platforms too, or put its bound into constraint-dependencies",
        )


def _is_asked(ctx: Context, package: str, lost: frozenset[Platform]) -> bool:
    """Whether something that the project requires on one of some platforms brings a package."""
    scopes = ctx.workspace.scopes()
    return package in ctx.walks.names(scopes, lambda marker: not lost.isdisjoint(platforms(marker)))


def _named(lost: frozenset[Platform]) -> str:
    """Some platforms in words: systems, each with the machine where only one of its two is meant."""
    words = []
    for system, title in TITLES.items():
        machines = sorted(machine for name, machine in lost if name == system)
        if machines:
            words.append(title if len(machines) > 1 else f"{machines[0]} {title}")
    return " and ".join(words)


RULE = Rule("override-drops-routing", Severity.ERROR, __doc__, check, remedy="unsafe")
