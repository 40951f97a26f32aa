"""A default group switches a variant on, and so the other variants off.

uv adds the groups of `tool.uv.default-groups`, or `dev` where that is not set, to every `uv sync` and `uv run`. A
default group that is a variant, or includes one, stands in conflict with every other variant.

## Why it matters

    $ uv sync --group cu128
    error: Groups `cpu` (enabled by default) and `cu128` are incompatible with the conflicts: …

Everyone who wants another variant has to write `--no-default-groups`, or `--no-group cpu`, in every command, on build
machines too. Where two default groups exclude one another, a bare `uv sync` fails as well.

## Example

```toml
[dependency-groups]
cpu = ["torch>=2.9"]
cu128 = ["torch>=2.9"]

[tool.uv]
default-groups = ["cpu"]
conflicts = [[{ group = "cpu" }, { group = "cu128" }]]
```

Take the group out of the default ones, and choose a variant with `--group`.

## When to ignore it

Where nearly everyone uses the one variant: it is the only way to give a bare `uv sync` a variant.

Threads: astral-sh/uv#19582, #14701
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from variantfix.rules.rule import Finding, Rule, Severity
from variantfix.uv.project import Place, Scope, normalise

if TYPE_CHECKING:
    from collections.abc import Iterator

    from variantfix.detect.context import Context
    from variantfix.detect.variants import Variant
    from variantfix.uv.project import Project


def check(ctx: Context) -> Iterator[Finding]:
    for project in ctx.workspace.projects:
        default = [scope for scope in _default_groups(project) if scope in project.sections]
        active = {scope for group in default for scope in ctx.activated(group)}
        on = [v for v in ctx.variants if v.scope in active]
        rivals = [w for w in ctx.variants if any(_exclude(ctx, v, w) for v in on)]
        if rivals:
            yield _finding(on, rivals, _place(project, default))


def _default_groups(project: Project) -> list[Scope]:
    groups = project.uv.get("default-groups", ["dev"])
    if groups == "all":
        return [section.scope for section in project.groups()]
    listed = groups if isinstance(groups, list) else []
    return [Scope(project.file, "group", normalise(name)) for name in listed if isinstance(name, str)]


def _place(project: Project, default: list[Scope]) -> Place:
    if "default-groups" in project.uv:
        return project.place("tool", "uv", "default-groups")
    return project.sections[default[0]].at


def _exclude(ctx: Context, v: Variant, w: Variant) -> bool:
    differ = v.scope.file == w.scope.file and v.accelerator != w.accelerator
    return v != w and (differ or w.scope in ctx.enemies(v.scope))


def _finding(on: list[Variant], rivals: list[Variant], at: Place) -> Finding:
    left = [w for w in rivals if w not in on]
    names = ", ".join(str(v.scope) for v in on)
    others = ", ".join(str(w.scope) for w in left)
    message = f"the default groups switch {names} on: {others} can only be chosen with --no-default-groups"
    if len(left) < len(rivals):
        message = f"the default groups switch {names} on, which exclude one another: a bare uv sync fails"
    return RULE.finding(
        message,
        at,
        variants=tuple(map(str, dict.fromkeys([*on, *rivals]))),
        advice="keep variants out of the default groups, if more than a few people need another one",
    )


RULE = Rule("exclusive-default-group", Severity.WARNING, __doc__, check)
