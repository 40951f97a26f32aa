"""A single scoped source, with no conflict that sets its extra or group apart.

uv makes a resolution of its own only for what stands in `tool.uv.conflicts`. Where only one extra has a source for
torch, and no conflict set names that extra, its source holds for every other requirement on torch as well.

## Why it matters

`uv sync` without any extra installs the CPU build too, if `cpu` is the only extra with a source. In a workspace, so do
the other members.

## Example

```toml
[project.optional-dependencies]
cpu = ["torch>=2.7"]
gpu = ["torch>=2.7"]

[tool.uv.sources]
torch = [{ index = "pytorch-cpu", extra = "cpu" }]
```

gets

```toml
[tool.uv]
conflicts = [
    [
        { extra = "cpu" },
        { extra = "gpu" },
    ],
]
```

Only an extra or group that has the same list, or that names the same PyTorch packages and an accelerator in its own
name, is put beside it. Where there is none, the message says what can be done.

## When to ignore it

Where the source is meant for the whole project; an unscoped source says so more plainly. A variant that is named in
`default-groups` is taken to be meant so, and is not reported: its source does not travel to projects that depend on
this one by git, as an unscoped one does.

Threads: astral-sh/uv#13070, #13073, #14090, #17967, NVIDIA/Megatron-Energon#210
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from variantfix.detect.routing import lone_variant
from variantfix.detect.variants import family_packages
from variantfix.edits.conflicts import add_sets
from variantfix.pytorch import accelerator
from variantfix.pytorch.certainty import surest
from variantfix.rules.rule import Finding, Fix, Rule, Severity

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from variantfix.detect.context import Context
    from variantfix.detect.variants import Variant
    from variantfix.pytorch.certainty import Certainty
    from variantfix.uv.project import Project, Scope, Section

_ADVICE = (
    "put it into a conflict set with a counterpart (an extra or group with the same packages, or a name that does "
    "not exist), or make its source unscoped if the whole project is meant"
)


def check(ctx: Context) -> Iterator[Finding]:
    for project in ctx.workspace.projects:
        variant = lone_variant(ctx, project)
        if variant is None or variant.scope in ctx.default_groups(project):
            continue  # as a default group every selection has it, by the will of the file
        others, elsewhere = _others(ctx, project, variant), _elsewhere(ctx, project, variant)
        if not others and not elsewhere:
            continue
        counterparts = [s for s in others if s.scope.kind != "base" and _is_counterpart(ctx, s, variant)]
        fix = None
        if counterparts:
            names = ", ".join(s.spelling for s in counterparts)
            edits = add_sets(ctx.workspace, project, [[ctx.section(variant), *counterparts]])
            fix = Fix(f"add a conflict set of {variant} and {names}", edits, moves=True)
        where = ", ".join([*(s.spelling or "the base dependencies" for s in others), *elsewhere])
        yield RULE.finding(
            f"uv gives the torch of {variant} to {where} too: it alone has a source, and is in no conflict set",
            variant.at,
            variants=[variant],
            packages=("torch",),
            fix=fix,
            advice="" if fix else _ADVICE,
            known=surest((*others.values(), *elsewhere.values())),
        )


def _others(ctx: Context, project: Project, variant: Variant) -> dict[Section, Certainty]:
    """The sections beside the variant's that bring a package which it has a source for, each with how sure that is."""
    found = {
        section: _brought(ctx, scope, _routed(ctx, variant))
        for scope, section in project.sections.items()
        if variant.scope not in ctx.activated(scope)
    }
    return {section: surest(known) for section, known in found.items() if known}


def _elsewhere(ctx: Context, project: Project, variant: Variant) -> dict[str, Certainty]:
    """The other members of the workspace that bring such a package, and have no source of their own for it."""
    found: dict[str, Certainty] = {}
    for other in (each for each in ctx.workspace.projects if each is not project):
        open_to_it = [p for p in _routed(ctx, variant) if not ctx.workspace.sources(other, p)]
        scopes = (scope for scope in other.sections if variant.scope not in ctx.activated(scope))
        if known := [each for scope in scopes for each in _brought(ctx, scope, open_to_it)]:
            found[other.name] = surest(known)
    return found


def _brought(ctx: Context, scope: Scope, packages: Iterable[str]) -> list[Certainty]:
    """How sure it is that a scope brings some packages, of those that it brings."""
    reached = ctx.closure(scope)
    return [reached[package].certainty for package in packages if package in reached]


def _routed(ctx: Context, variant: Variant) -> tuple[str, ...]:
    """The packages that the variant has a source for."""
    known = [*ctx.project(variant).sources, *ctx.workspace.root.sources]
    return tuple(p for p in family_packages(known) if ctx.sources(variant, p))


def _is_counterpart(ctx: Context, section: Section, variant: Variant) -> bool:
    """Whether a section looks like the variant's alternative: the same list, or its packages and such a name."""
    names = {r.name for r in ctx.section(variant).requirements}
    if names == {r.name for r in section.requirements}:
        return True
    own = set(family_packages(list(names)))
    name = section.scope.name
    named = accelerator.is_vague(name) or accelerator.from_scope_name(name) is not None
    return named and own <= {r.name for r in section.requirements}


RULE = Rule("lone-variant", Severity.ERROR, __doc__, check, remedy="safe")
