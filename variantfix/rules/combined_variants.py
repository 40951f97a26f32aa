"""An extra or group switches on two variants of different accelerators.

An extra that refers to both `app[cpu]` and `app[cu128]`, or a group that includes two variant groups, asks for two
torch builds at once.

## Why it matters

With the variants in conflict, such an extra can never be installed; without, the lock fails or holds both builds.

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

from variantfix.rule import Finding, Rule, Severity
from variantfix.rules.alias_variant import referred_variants

if TYPE_CHECKING:
    from collections.abc import Iterator

    from variantfix.context import Context


def check(ctx: Context) -> Iterator[Finding]:
    for project in ctx.workspace.projects:
        for section in project.sections.values():
            variants = referred_variants(ctx, section)
            if len({v.accelerator for v in variants}) > 1:
                names = ", ".join(map(str, variants))
                yield RULE.finding(
                    f"{section.spelling} switches on {names}, which exclude one another",
                    section.at,
                    variants=tuple(map(str, variants)),
                    advice=f"let {section.spelling} refer to one variant or to none",
                )


RULE = Rule("combined-variants", Severity.ERROR, __doc__, check)
