"""An extra or group is named for an accelerator, and nothing tells which one.

`gpu` or `cuda` can mean any CUDA, `cu12` and `rocm` leave the version open. Without a source, a local version or a word
in the configuration it is not known which index such a list of requirements is meant for, and it is left alone.

## Why it matters

It gets PyPI's build, which is one for CUDA on Linux, and one for CPUs on Windows; never one for ROCm or XPU. The
builds of the variants beside it can be installed over it.

## Example

```toml
[project.optional-dependencies]
cpu = ["torch>=2.9"]
gpu = ["torch>=2.9"]
```

Say what is meant, on the command line (`--accelerator gpu=cu128`) or in the file:

```toml
[tool.variantfix]
variants = { gpu = "cu128" }
```

## When to ignore it

Where PyPI's build is meant: say so to uv, by a conflict set of this extra and every variant. Then nothing is reported.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from variantfix.detect.routing import lone_variant
from variantfix.detect.variants import sync
from variantfix.pytorch import accelerator
from variantfix.rules.rule import Finding, Rule, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from variantfix.detect.context import Context
    from variantfix.uv.project import Section


def check(ctx: Context) -> Iterator[Finding]:
    sections = tuple(ctx.undecided.values())
    if len(sections) > 1 or _speaks_of_builds(ctx):
        # Where the only variant has no conflict yet, lone-variant offers these sections as its counterpart.
        projects = [ctx.workspace.project(section.scope.file) for section in sections]
        yield from (
            _finding(s) for s, project in zip(sections, projects, strict=True) if not lone_variant(ctx, project)
        )


def _speaks_of_builds(ctx: Context) -> bool:
    """Whether the files tell builds of torch apart at all; a lone `gpu` extra with PyPI's torch is nothing special."""
    indexes = (index for project in ctx.workspace.projects for index in project.indexes)
    return any(v.is_routed for v in ctx.variants) or any(accelerator.is_pytorchs(i.name, i.url) for i in indexes)


def _finding(section: Section) -> Finding:
    name, tag = section.spelling, accelerator.tag_like(section.scope.name)
    advice = f'tell it: --accelerator {name}={tag}, or variants.{name} = "{tag}" in [tool.variantfix]'
    if tag.startswith("cu"):  # PyPI has no builds for ROCm
        advice += f"; if PyPI's build is meant, put {name} into a conflict set with every variant"
    return RULE.finding(
        f"nothing tells which accelerator {name} is for: `{sync(section.scope, name)}` installs PyPI's torch",
        section.at,
        variants=(name,),
        advice=advice,
    )


RULE = Rule("unknown-accelerator", Severity.WARNING, __doc__, check)
