"""A default group includes a variant, or two default groups are variants that exclude one another.

uv adds the groups of `tool.uv.default-groups`, or `dev` where that is not set, to every `uv sync` and `uv run`. A
default group that includes a variant stands in conflict with every other variant. Where the variant itself is named in
`default-groups`, that is taken to be meant, and not reported: it is the one way to give a bare `uv sync` a variant.

## Why it matters

    $ uv sync --group cu128
    error: Groups `cpu` (enabled by default) and `cu128` are incompatible with the conflicts: …

Everyone who wants another variant has to write `--no-default-groups` in every command, on build machines too, and
loses the rest of `dev` with it. Where two default groups exclude one another, a bare `uv sync` fails as well.

## Example

```toml
[dependency-groups]
cpu = ["torch>=2.9"]
cu128 = ["torch>=2.9"]
dev = [{ include-group = "cpu" }, "pytest"]

[tool.uv]
conflicts = [[{ group = "cpu" }, { group = "cu128" }]]
```

Take the variant out of `dev`, and choose one with `--group`; or name it in `default-groups = ["dev", "cpu"]`, so that
`--no-group cpu` takes it out alone.

## When to ignore it

Where nearly everyone uses the one variant, and the others do without the default group.

Threads: astral-sh/uv#10360, #9355, #19582, #14701
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from variantfix.rules.rule import Finding, Rule, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from variantfix.detect.context import Context
    from variantfix.detect.variants import Variant
    from variantfix.uv.project import Place, Project, Scope


def check(ctx: Context) -> Iterator[Finding]:
    for project in ctx.workspace.projects:
        default = ctx.default_groups(project)
        active = {scope for group in default for scope in ctx.activated(group)}
        on = [v for v in ctx.variants if v.scope in active]
        rivals = [w for w in ctx.variants if any(_exclude(ctx, v, w) for v in on)]
        if rivals and not (_is_deliberate(project, default, on) and not set(rivals) & set(on)):
            yield _finding(on, rivals, _place(project, default))


def _is_deliberate(project: Project, default: tuple[Scope, ...], on: list[Variant]) -> bool:
    """Whether the file names the variant itself as a default, and does not only include it in a default group."""
    return isinstance(project.uv.default_groups, tuple) and all(v.scope in default for v in on)


def _place(project: Project, default: tuple[Scope, ...]) -> Place:
    if project.uv.default_groups is not None:
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
        variants=dict.fromkeys([*on, *rivals]),
        advice="keep variants out of the default groups, if more than a few people need another one",
    )


RULE = Rule("exclusive-default-group", Severity.WARNING, __doc__, check)
