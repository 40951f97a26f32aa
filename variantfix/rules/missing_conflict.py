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
added, since all members of a set exclude one another. Two groups of one accelerator are never put into one set: a
default group may include a variant. In a workspace, variants of two members are paired by `package =`, a set for each
two of different accelerators, so that `a[cpu]` and `b[cpu]` stay compatible.

## When to ignore it

Never: uv cannot lock such a project.

Threads: astral-sh/uv#9160, #9086, #9221, #9942
"""

from __future__ import annotations

from itertools import combinations, product
from typing import TYPE_CHECKING

from variantfix.detect.memory import remembered
from variantfix.detect.renames import former_names
from variantfix.detect.variants import Part
from variantfix.edits.conflicts import add_sets, conflict_item
from variantfix.rules.rule import Finding, Fix, Rule, Severity
from variantfix.toml import Append, Edit
from variantfix.uv.markers import overlaps

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from variantfix.detect.context import Context
    from variantfix.detect.variants import Variant
    from variantfix.uv.project import ConflictSet, Project, Scope


def check(ctx: Context) -> Iterator[Finding]:
    for project in ctx.workspace.projects:
        missing = _missing(ctx, combinations(ctx.variants_of(project), 2))
        if missing:
            apart = sorted({v for pair in missing for v in pair}, key=lambda v: v.at)
            names = tuple(map(str, apart))
            listed = " and ".join(names) if len(names) == 2 else ", ".join(names)
            yield _finding(listed, apart[0], names, _fix(ctx, project, missing))
    across = _missing(ctx, _pairs_across(ctx))
    if across:
        edits = add_sets(ctx.workspace, ctx.workspace.root, across)
        fix = Fix("add a conflict set for each pair of different accelerators", edits, last=True)
        names = tuple(" and ".join(f"{ctx.project(v).name}[{v}]" for v in pair) for pair in across)
        yield _finding(", ".join(names), across[0][0], tuple(str(v) for pair in across for v in pair), fix)


def _missing(ctx: Context, pairs: Iterable[tuple[Variant, Variant]]) -> list[tuple[Variant, Variant]]:
    return [(v, w) for v, w in pairs if _clash(ctx, v, w) and not _are_apart(ctx, v, w)]


def _are_apart(ctx: Context, v: Variant, w: Variant) -> bool:
    """Whether a conflict set keeps two variants apart, be it under names that unlisted-source mends first."""
    ours, theirs = ({each.scope, *former_names(ctx, ctx.section(each))} for each in (v, w))
    return any(theirs & ctx.enemies(scope) for scope in ours)


def _clash(ctx: Context, v: Variant, w: Variant) -> bool:
    """Whether two variants differ; where nothing routes either, both have PyPI's build, and can stand together."""
    return (v.accelerator != w.accelerator or _part_ways(ctx, v, w)) and (v.is_routed or w.is_routed)


def _part_ways(ctx: Context, v: Variant, w: Variant) -> bool:
    """Whether two variants of one accelerator on Linux have different ones on another platform."""
    if not (v.parts or w.parts):
        return False
    pairs = product(_parts(ctx, v), _parts(ctx, w))
    return any(a.accelerator != b.accelerator and overlaps(a.marker, b.marker) for a, b in pairs)


def _parts(ctx: Context, variant: Variant) -> tuple[Part, ...]:
    """The accelerators of a variant by platform; that of one without sources is where it has builds."""
    own = tuple(Part(variant.accelerator, source.marker) for source in ctx.sources(variant, "torch"))
    return variant.parts or own or (Part(variant.accelerator, variant.accelerator.marker),)


def _pairs_across(ctx: Context) -> Iterator[tuple[Variant, Variant]]:
    """Pairs of variants of two members, of which neither switches the other on."""
    root = ctx.workspace.root
    # A set names a member by its package, and uv refuses a project without a name anyway.
    named = [v for v in ctx.variants if ctx.project(v) is root or ctx.project(v).name]
    for v, w in combinations(named, 2):
        if v.scope.file != w.scope.file and w.scope not in ctx.activated(v.scope) | ctx.enemies(v.scope):
            yield v, w


def _finding(listed: str, first: Variant, names: tuple[str, ...], fix: Fix) -> Finding:
    return RULE.finding(
        f"uv cannot lock {listed} together: they take torch from different places, and no conflict set parts them",
        first.at,
        variants=names,
        packages=("torch",),
        fix=fix,
    )


def _fix(ctx: Context, project: Project, missing: list[tuple[Variant, Variant]]) -> Fix:
    """Extend the widest set of variants by those that clash with all in it; new sets for the pairs still left out."""
    pairs = {frozenset(pair) for pair in missing}
    edits: list[Edit] = []
    own = [c for c in ctx.workspace.conflicts if c.at.file == project.file and _holds_only_variants(ctx, c)]
    if own:
        widest = max(own, key=lambda c: (len(c.members), [m.name for m in c.members]))
        members = [ctx.by_scope[scope] for scope in widest.members if scope in ctx.by_scope]
        joined = _grow(ctx, ctx.variants_of(project), members, pairs)
        edits += (
            Append(project.file, widest.at.path, conflict_item(ctx.workspace, project, v))
            for v in joined[len(members) :]
        )
        pairs -= {frozenset(pair) for pair in combinations(joined, 2)}
    title = "extend the conflict set" if edits else "add a conflict set"
    sets = []
    while pairs:
        first = min((sorted(pair, key=_by_name) for pair in pairs), key=lambda pair: [_by_name(v) for v in pair])
        found = _grow(ctx, ctx.variants_of(project), first, pairs)
        pairs -= {frozenset(pair) for pair in combinations(found, 2)}
        sets.append(sorted(found, key=lambda v: v.at))
    return Fix(title, (*edits, *add_sets(ctx.workspace, project, sets)) if sets else tuple(edits))


def _grow(
    ctx: Context, variants: Iterable[Variant], members: list[Variant], pairs: set[frozenset[Variant]]
) -> list[Variant]:
    """The members, and the variants that can stand beside all of them, as far as that sets a new pair apart."""
    grown = list(members)
    for v in sorted(variants, key=_by_name):
        news = v not in grown and any(frozenset((v, w)) in pairs for w in grown)
        if news and all(_may_exclude(ctx, v, w) for w in grown):
            grown.append(v)
    return grown


def _may_exclude(ctx: Context, v: Variant, w: Variant) -> bool:
    """Whether two variants may stand in one set: those of one accelerator can be active together.

    Of two sets that share a member, though, uv leaves the others' forks to whatever is chosen in none: where that
    asks for torch, extras of one accelerator stand in one set.
    """
    if _clash(ctx, v, w) or not set(v.accelerators) & set(w.accelerators):
        return True
    return v.scope.kind == w.scope.kind == "extra" and _asks_beside_variants(ctx, ctx.project(v))


@remembered
def _asks_beside_variants(ctx: Context, project: Project) -> bool:
    """Whether something of a project asks for torch without a variant."""
    return any(
        "torch" in ctx.closure(scope) and not ctx.activated(scope) & ctx.by_scope.keys() for scope in project.sections
    )


def _by_name(variant: Variant) -> tuple[str, str]:
    return variant.scope.name, variant.scope.kind


def _holds_only_variants(ctx: Context, conflict: ConflictSet) -> bool:
    def is_variant(scope: Scope) -> bool:
        return scope in ctx.by_scope or ctx.workspace.section(scope) is None

    return all(map(is_variant, conflict.members)) and any(m in ctx.by_scope for m in conflict.members)


RULE = Rule("missing-conflict", Severity.ERROR, __doc__, check, remedy="safe")
