"""A conflict set names an extra or group that does not exist.

uv does not compare the names in `tool.uv.conflicts` with those of the project. A stale or misspelt name leaves the
real one outside the set.

## Why it matters

The message is that of a project without conflicts, and points at the indexes.

## Example

```toml
[project.optional-dependencies]
cpu = ["torch"]
cu128 = ["torch"]

[tool.uv]
conflicts = [[{ extra = "cpu" }, { extra = "cuda" }]]
```

Correct the name. A name that does not exist beside the only variant of a project is taken to be meant: it sets that
variant apart from "none".

## When to ignore it

Where the name is such a dummy.

Threads: astral-sh/uv#13070
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from variantfix.errors import suggestion
from variantfix.rules.rule import Finding, Rule, Severity
from variantfix.uv.project import Place

if TYPE_CHECKING:
    from collections.abc import Iterator

    from variantfix.detect.context import Context
    from variantfix.uv.project import Scope


def check(ctx: Context) -> Iterator[Finding]:
    for conflict in ctx.workspace.conflicts:
        if not any(member in ctx.by_scope for member in conflict.members):
            continue  # a set of another kind is none of our business
        for number, member in enumerate(conflict.members):
            if member.kind != "base" and ctx.workspace.section(member) is None and not _is_dummy(ctx, conflict.members):
                package = ctx.workspace.project(member.file).name if member.file in _files(ctx) else member.file
                of = f" of {package}" if member.file != conflict.at.file else ""
                yield RULE.finding(
                    f"the conflict set names {member}{of}, which does not exist",
                    Place(conflict.at.file, (*conflict.at.path, number)),
                    advice=_advice(ctx, member),
                )


def _files(ctx: Context) -> set[str]:
    return {project.file for project in ctx.workspace.projects}


def _advice(ctx: Context, member: Scope) -> str:
    alike = [section.scope for section in ctx.workspace.sections() if section.scope.name == member.name]
    if alike:
        of = f" of {ctx.workspace.project(alike[0].file).name}" if alike[0].file != member.file else ""
        return f"did you mean {alike[0]}{of}?"
    return suggestion(member.name, _names(ctx, member))


def _names(ctx: Context, member: Scope) -> list[str]:
    return [section.spelling for section in ctx.workspace.sections() if section.scope.kind == member.kind]


def _is_dummy(ctx: Context, members: tuple[Scope, ...]) -> bool:
    """Whether a set holds the one variant of its project, and so needs a dummy to have uv's two members at least."""
    real = [member for member in members if ctx.workspace.section(member)]
    return len(real) == 1 and len([v for v in ctx.variants if v.scope.file == real[0].file]) == 1


RULE = Rule("unknown-conflict-member", Severity.WARNING, __doc__, check)
