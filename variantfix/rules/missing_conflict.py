"""Variants that no conflict set keeps apart.

Two variants bind torch to two different indexes. uv resolves all extras and groups of a project together, except
those that share a set of `tool.uv.conflicts`; two variants without such a set ask for torch from both indexes at
once, and the lock fails. Sets that pair the variants but leave a pair out fail in the same way.

## Why it matters

`uv lock` stops with a message that never mentions conflicts:

    Requirements contain conflicting indexes for package `torch` in all marker environments

## Example

```toml
[project.optional-dependencies]
cpu = ["torch>=2.7"]
cu128 = ["torch>=2.7"]
```

becomes, beside its sources,

```toml
[tool.uv]
conflicts = [
    [
        { extra = "cpu" },
        { extra = "cu128" },
    ],
]
```

A set that holds variants only is extended. A set that also holds something else is left alone and a new one is
added, since all members of a set exclude one another.

## When to ignore it

Never: uv cannot lock such a project.

Threads: astral-sh/uv#9086, #9221, #9942
"""

from __future__ import annotations

from itertools import combinations
from typing import TYPE_CHECKING

from variantfix.routing import toml_string
from variantfix.rule import Finding, Fix, Rule, Severity
from variantfix.toml import Append, Edit, Put

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from variantfix.context import Context
    from variantfix.project import ConflictSet, Project, Scope, Section
    from variantfix.variants import Variant


def check(ctx: Context) -> Iterator[Finding]:
    for project in ctx.workspace.projects:
        variants = ctx.variants_of(project)
        missing = [(v, w) for v, w in combinations(variants, 2) if _clash(ctx, v, w)]
        if missing:
            apart = sorted({v for pair in missing for v in pair}, key=lambda v: v.at.path)
            named = " and ".join(map(str, apart)) if len(apart) == 2 else ", ".join(map(str, apart))
            yield RULE.finding(
                f"{named} are in no common conflict set: uv resolves them together and refuses their indexes",
                apart[0].at,
                variants=tuple(map(str, apart)),
                fix=_fix(ctx, project, variants),
            )


def _clash(ctx: Context, v: Variant, w: Variant) -> bool:
    return v.accelerator != w.accelerator and w.scope not in ctx.enemies(v.scope)


def _fix(ctx: Context, project: Project, variants: Sequence[Variant]) -> Fix:
    own = [c for c in ctx.workspace.conflicts if c.at.file == project.file and _holds_only_variants(ctx, c)]
    if own:
        widest = max(own, key=lambda c: (len(c.members), [m.name for m in c.members]))
        absent = [v for v in variants if v.scope not in widest.members]
        edits: list[Edit] = [Append(project.file, widest.at.path, _item(v)) for v in absent]
        return Fix("extend the conflict set", tuple(edits))
    return Fix("add a conflict set", (add_set(project, variants),))


def _holds_only_variants(ctx: Context, conflict: ConflictSet) -> bool:
    def is_variant(scope: Scope) -> bool:
        return scope in ctx.by_scope or ctx.workspace.section(scope) is None

    return all(map(is_variant, conflict.members)) and any(m in ctx.by_scope for m in conflict.members)


def add_set(project: Project, members: Sequence[Variant | Section]) -> Edit:
    """The edit that adds a conflict set of some extras and groups of one project."""
    path = ("tool", "uv", "conflicts")
    if "conflicts" in project.uv:
        return Append(project.file, path, "[\n" + "".join(f"    {_item(m)},\n" for m in members) + "]")
    lines = "".join(f"        {_item(m)},\n" for m in members)
    return Put(project.file, path, f"[\n    [\n{lines}    ],\n]")


def _item(member: Variant | Section) -> str:
    return f"{{ {member.scope.kind} = {toml_string(member.spelling)} }}"


RULE = Rule("missing-conflict", Severity.ERROR, __doc__, check)
