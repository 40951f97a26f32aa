"""An extra or group switches on two variants of different accelerators.

An extra that refers to both `app[cpu]` and `app[cu128]`, or a group that includes two variant groups, asks for two
torch builds at once. So does an extra that asks for two variants of a workspace member.

## Why it matters

`uv sync --extra all` installs PyPI's torch; with a workspace member's variants, or from a group, it installs several
builds of torch at once. A group that includes both makes uv 0.13 write a `uv.lock` that it then cannot read. uv before
0.5.23 does not lock the project: ``Found conflicting extra `cu128` unconditionally enabled in `app[cpu,cu128]` ``.

## Example

```toml
[project.optional-dependencies]
cpu = ["torch"]
cu128 = ["torch"]
all = ["app[cpu,cu128]"]
```

Let `all` refer to what the variants have in common, and let users add a variant: `uv sync --extra all --extra cpu`.

## When to ignore it

Where the extra exists only so that tools which know no extras can list everything.

Threads: astral-sh/uv#9333, #14848
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from variantfix.detect.variants import sync
from variantfix.rules.rule import Finding, Rule, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from variantfix.detect.context import Context
    from variantfix.detect.variants import Variant
    from variantfix.uv.project import Section


def check(ctx: Context) -> Iterator[Finding]:
    for project in ctx.workspace.projects:
        for section in project.sections.values():
            variants = _switched_on(ctx, section)
            if len({v.accelerator for v in variants}) > 1:
                names = ", ".join(map(str, variants))
                yield RULE.finding(
                    f"`{sync(section.scope, section.spelling)}` asks for several torch builds: it switches on {names}",
                    section.at,
                    variants=variants,
                    packages=("torch",),
                    advice=f"let {section.spelling} refer to one variant or to none",
                )


def _switched_on(ctx: Context, section: Section) -> tuple[Variant, ...]:
    """The variants, of any member, that a section which is none itself switches on by reference."""
    if section.scope.kind == "base" or section.scope in ctx.by_scope:
        return ()
    activated = ctx.activated(section.scope)
    return tuple(v for v in ctx.variants if v.scope in activated)


RULE = Rule("combined-variants", Severity.ERROR, __doc__, check)
