"""Torch-dependent packages that several variants share, and the indexes that can split them."""

from __future__ import annotations

from itertools import combinations
from typing import TYPE_CHECKING

from variantfix.detect.routing import must_route
from variantfix.namedtuple import NamedTuple
from variantfix.pytorch import accelerator, catalog
from variantfix.pytorch.certainty import surest, weakest
from variantfix.uv.project import Place, Project

if TYPE_CHECKING:
    from variantfix.detect.context import Context
    from variantfix.detect.reach import Reach
    from variantfix.detect.variants import Variant
    from variantfix.pytorch.certainty import Certainty


class Shared(NamedTuple):
    """A package under several variants of one project, and the path that brings it to the first of them.

    `obstacle` says why a source per variant cannot isolate it, as a clause; it is empty where one can. `certainty` is
    that of the surest two which share it.
    """

    package: str
    path: tuple[str, ...]
    variants: tuple[Variant, ...]
    obstacle: str
    at: Place
    certainty: Certainty = "seen"

    @property
    def names(self) -> tuple[str, ...]:
        """The variants' names."""
        return tuple(map(str, self.variants))


def shared_dependents(ctx: Context) -> tuple[Shared, ...]:
    """The torch-dependent packages that two variants or more share, and that no source of theirs tells apart."""
    return tuple(
        shared
        for project in ctx.workspace.projects
        for package in _candidates(ctx, project)
        if (shared := _shared(ctx, project, package))
    )


def _candidates(ctx: Context, project: Project) -> list[str]:
    reached = (reach for v in ctx.variants_of(project) for reach in ctx.combined(v).values())
    family = catalog.family()
    return sorted(
        {r.package for r in reached if r.package in family or ctx.is_torch_dependent(r.package, r.extras, r.specifiers)}
    )


def _shared(ctx: Context, project: Project, package: str) -> Shared | None:
    needing = [v for v in ctx.variants_of(project) if _needs_torch(ctx, v, package)]
    pairs = [(v, w) for v, w in combinations(needing, 2) if _are_joined(ctx, v, w, package)]
    beside = [v for v in needing if any(v in pair for pair in pairs)]
    if not beside:
        return None
    first = ctx.combined(beside[0])[package]
    direct = [r for v in beside for r in ctx.section(v).named(package)]
    at = direct[0].at if direct else beside[0].at
    certainty = surest(weakest(*(_how_known(ctx, v, package) for v in pair)) for pair in pairs)
    return Shared(package, first.path, tuple(beside), _obstacle(ctx, project, package, beside), at, certainty)


def _how_known(ctx: Context, variant: Variant, package: str) -> Certainty:
    """How sure it is that a package comes with the variant, and needs torch."""
    reach = ctx.combined(variant)[package]
    return weakest(reach.certainty, ctx.torch_dependence(package, reach.extras, reach.specifiers) or "seen")


def _obstacle(ctx: Context, project: Project, package: str, variants: list[Variant]) -> str:
    if must_route(variants[0], package):
        return f"{package} is required outside the variants too"
    if package in ctx.closure(project.base.scope):
        # uv before 0.5.8 gives a requirement of the base every fork's package at once, sources or not.
        return f"{package} comes with the base dependencies too"
    if not all(package in ctx.own(v) for v in variants):
        # To name it in the variant would install it there.
        return f"{package} comes with an extra or group beside the variants"
    written = [r for v in variants for r in ctx.combined(v)[package].written]
    sources = ctx.workspace.sources(project, package)
    routed = any(s.kind != "index" or not s.is_scoped for s in sources) or any(
        ctx.sources(v, package) for v in variants
    )
    if routed or any(r.url for r in written):
        return f"{package} has a source of its own"
    return ""


def _needs_torch(ctx: Context, variant: Variant, package: str) -> bool:
    """Whether the package is in reach of the variant, needs torch, and has no build that is the variant's alone."""
    reach = ctx.combined(variant).get(package)
    if reach is None or ctx.workspace.member(package) is not None:
        return False
    family = catalog.family().get(package)
    if family is None:
        return ctx.is_torch_dependent(package, reach.extras, reach.specifiers)
    if must_route(variant, package) or ctx.sources(variant, package):
        return _is_required_outside(ctx, variant, reach)
    return family.accelerator_specific and package != "torch"


def _is_required_outside(ctx: Context, variant: Variant, reach: Reach) -> bool:
    """Whether something else than the variants asks for a routed package too, without a source."""
    project = ctx.project(variant)
    if ctx.unscoped_sources(project, reach.package):
        return False
    variants = {ctx.section(v).at for v in ctx.variants}
    return any(Place(r.at.file, r.at.path[:-1]) not in variants for r in reach.written)


def _are_joined(ctx: Context, v: Variant, w: Variant, package: str) -> bool:
    routed = must_route(v, package) and must_route(w, package)
    return v.accelerator != w.accelerator and (routed or _identity(ctx, v, package) == _identity(ctx, w, package))


def _identity(ctx: Context, variant: Variant, package: str) -> tuple[str, str]:
    sources = ctx.sources(variant, package)
    return (sources[0].kind, sources[0].target) if sources else ("", "")


def private_index(ctx: Context) -> str:
    """The name of a default index that may have credentials under that name; empty for PyPI."""
    return ctx.default_index.name


def has_other_indexes(ctx: Context) -> bool:
    """Whether packages without a source can come from an index beside the default one."""
    root = ctx.workspace.root
    searched = [i for i in root.indexes if not (i.explicit or i.default or accelerator.from_url(i.url))]
    return bool(searched or root.uv.extra_index_urls or root.uv.find_links)
