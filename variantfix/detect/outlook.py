"""What uv is going to do with a workspace: where each family package comes from, for all that can be selected."""

from __future__ import annotations

from typing import TYPE_CHECKING

from variantfix.detect.asked import plain
from variantfix.detect.forks import REFUSED, chosen, implicit, index_in, members, origins, resolved, switched_on
from variantfix.namedtuple import NamedTuple
from variantfix.pytorch import catalog
from variantfix.uv.markers import platforms
from variantfix.uv.platforms import BUILT_FOR
from variantfix.uv.project import Scope

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from variantfix.detect.context import Context
    from variantfix.uv.markers import Platform
    from variantfix.uv.project import Index, Project

    Place = tuple[str, Platform]
    """A package on a platform."""


class Outlook(NamedTuple):
    """What uv is going to do: for each selection, where each family package comes from on each platform.

    A selection is a scope that is switched on, the base dependencies for the bare project. A variant comes once more,
    followed by that base: with all that can stand beside it at once, which asks no more of uv than each of it does.
    `pairs` are the scopes of which one brings a variant and that no conflict set forbids together.
    """

    served: Mapping[tuple[Scope, ...], Mapping[Place, str]]
    pairs: frozenset[tuple[Scope, Scope]]

    @property
    def locks(self) -> bool:
        """Whether uv locks the project at all, as far as sources decide it."""
        return not any(REFUSED in each.values() for each in self.served.values())


def outlook(ctx: Context) -> Outlook:
    """Predict what uv gives every selection of a workspace."""
    pairs = frozenset(pair for project in ctx.workspace.projects for pair in _pairs(ctx, project))
    served: dict[tuple[Scope, ...], Mapping[Place, str]] = {}
    for project in ctx.workspace.projects:
        base = project.base.scope
        beside: dict[Scope, list[Scope]] = {}
        for one, other in pairs:
            for scope, partner in ((one, other), (other, one)):
                if scope.file == base.file and partner not in members(ctx):
                    beside.setdefault(scope, []).append(partner)
        for scope in project.sections:
            served[(scope,)] = _serve(ctx, (scope,))
            if scope in beside:
                served[scope, base] = _serve(ctx, (scope, *beside[scope]))
    return Outlook(served, pairs)


def selections(ctx: Context) -> Iterator[tuple[Scope, ...]]:
    """Each scope alone, the base dependencies for the bare project, then the pairs that may be combined."""
    for project in ctx.workspace.projects:
        yield from ((scope,) for scope in project.sections)
        yield from _pairs(ctx, project)


def _pairs(ctx: Context, project: Project) -> Iterator[tuple[Scope, Scope]]:
    """The pairs that may be combined; what brings nothing of PyTorch's is not looked at."""
    scopes = [scope for scope in project.sections if scope.kind != "base" and _asks_for_family(ctx, scope)]
    bound = {s for s in scopes if any(each in ctx.by_scope for each in ctx.activated(s))}
    enemies = {scope: frozenset(e for each in _chosen(ctx, scope) for e in ctx.enemies(each)) for scope in scopes}
    for number, scope in enumerate(scopes):
        for other in scopes[number + 1 :]:
            if (scope in bound or other in bound) and enemies[scope].isdisjoint(_chosen(ctx, other)):
                yield scope, other


def _chosen(ctx: Context, scope: Scope) -> frozenset[Scope]:
    """What uv takes as chosen with a scope: itself, and what a group takes in."""
    return ctx.activated(scope) if scope.kind == "group" else frozenset((scope,))


def _serve(ctx: Context, selected: tuple[Scope, ...]) -> Mapping[Place, str]:
    fork = chosen(ctx, (scope for scope in selected if scope.kind != "base"))
    return {
        (package, platform): index_in(ctx, fork, package, platform)
        for platform, packages in reached(ctx, selected).items()
        for package in packages
    }


def reached(ctx: Context, selected: tuple[Scope, ...]) -> Mapping[Platform, frozenset[str]]:
    """The family packages that some scopes of a project bring with its base dependencies, by platform."""
    base = Scope(selected[0].file, "base")
    found = {_reached_by(ctx, scope) for scope in (base, *selected)}  # most lists bring the same few packages
    removed = ctx.memory.once("removed", lambda: _removed(ctx))
    together = (frozenset().union(*each) for each in zip(*found, strict=True))
    return {p: each - removed[p] for p, each in zip(BUILT_FOR, together, strict=True) if p in removed}


def _removed(ctx: Context) -> Mapping[Platform, frozenset[str]]:
    """The packages that overrides take away from each platform that there are builds for."""
    marked = [r for r in ctx.overrides if r.marker]
    return {
        platform: frozenset(r.name for r in marked if platform not in platforms(r.marker))
        for platform in BUILT_FOR
        if platform in ctx.platforms
    }


def _reached_by(ctx: Context, scope: Scope) -> tuple[frozenset[str], ...]:
    """What one scope brings of the family on each of the platforms that there are builds for, in their order."""
    return ctx.memory.once(
        ("reached", scope), lambda: tuple(_reached_on(ctx, scope, platform) for platform in BUILT_FOR)
    )


def _reached_on(ctx: Context, scope: Scope, platform: Platform) -> frozenset[str]:
    return ctx.walks.names((scope,), lambda marker: platform in platforms(marker)).intersection(catalog.family())


def _asks_for_family(ctx: Context, scope: Scope) -> bool:
    """Whether a scope by itself brings a family package on some platform."""
    reached_by = zip(BUILT_FOR, _reached_by(ctx, scope), strict=True)
    return any(packages for platform, packages in reached_by if platform in ctx.platforms)


def by_order(ctx: Context, scope: Scope, index: Index) -> frozenset[str]:
    """The family packages that a scope, with its base, has from an index that no source names for them.

    Those that are the same everywhere are left out.
    """
    fork, url = frozenset(switched_on(ctx, scope)), plain(index.url)
    return frozenset(
        package
        for platform, packages in reached(ctx, (scope,)).items()
        for package in packages
        if (family := catalog.family()[package]).accelerator_specific or not family.on_pypi
        if implicit(ctx, package) == url and not origins(ctx, resolved(ctx, fork, package), package, platform)
    )
