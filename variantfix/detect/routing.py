"""Which family packages a variant must route, and whether it can leave other systems to PyPI."""

from __future__ import annotations

from typing import TYPE_CHECKING

from variantfix.detect.variants import SOURCE, WHEEL, sync
from variantfix.detect.whole import needed_from
from variantfix.pytorch import catalog
from variantfix.pytorch.accelerator import is_from_pytorch, without_local
from variantfix.pytorch.certainty import surest
from variantfix.uv.markers import platforms

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from variantfix.detect.context import Context
    from variantfix.detect.variants import Variant
    from variantfix.pytorch.certainty import Certainty
    from variantfix.uv.markers import Platform
    from variantfix.uv.project import Project, Requirement, Section


def must_route(variant: Variant, package: str, specifier: str = "") -> bool:
    """Whether the variant's index has a build of the package that PyPI cannot stand in for."""
    entry = catalog.family().get(package)
    wanted = variant.accelerator
    if entry is None or not wanted.is_exact or variant.told_by == WHEEL:
        return False  # nobody knows what its index holds, or its builds are chosen by hand
    if wanted.vendor and variant.told_by != SOURCE:
        return False  # nobody knows its index
    if not entry.on_pypi:
        return wanted.kind in entry.kinds
    return catalog.is_hosted(package, wanted.tag, without_local(specifier))


def how_known(variant: Variant, package: str, specifiers: Iterable[str] = ("",)) -> Certainty:
    """How sure it is that `must_route` is right to say yes of some specifiers: the index has it, or PyPI has it not."""
    entry, tag = catalog.family()[package], variant.accelerator.tag
    if not entry.on_pypi:
        return "inferred" if {"on_pypi", "kinds", variant.accelerator.kind} & set(entry.uncertain) else "seen"
    meant = (without_local(each) for each in specifiers if must_route(variant, package, each))
    return surest(catalog.hosted(package, tag, specifier).certainty for specifier in meant)


def served(ctx: Context, variant: Variant) -> frozenset[Platform]:
    """The platforms on which a variant's packages must come from its index: of a whole project, torch's own ones."""
    if variant.scope.kind != "base":
        systems = variant.accelerator.systems
        return frozenset(platform for platform in ctx.platforms if platform[0] in systems)
    project = ctx.project(variant)
    found = (needed_from(ctx.workspace, project, source) for source in ctx.sources(variant, "torch"))
    return ctx.platforms & frozenset().union(*(where for told, where in filter(None, found)))


def bringing(ctx: Context, variant: Variant, package: str) -> Section:
    """The list of a variant that has a package: of a whole project, the first one that names or brings it."""
    lists = ctx.lists(variant)
    named = (section for section in lists if section.named(package))
    return next(named, None) or next((each for each in lists if package in ctx.closure(each.scope)), lists[0])


def command_for(ctx: Context, variant: Variant, package: str) -> str:
    """The command that installs a package of a variant, as messages show it."""
    section = bringing(ctx, variant, package)
    return f"`{sync(section.scope, section.spelling)}`"


def is_confined(ctx: Context, variant: Variant) -> bool:
    """Whether the variant can leave other systems to PyPI: a pinned local version cannot be had there."""
    own = set(variant.accelerator.systems)
    return not any(
        "+" in r.specifier and r.name in catalog.family() and ctx.requirement_systems(r) - own
        for r in ctx.requirements(variant)
    )


def lone_variant(ctx: Context, project: Project) -> Variant | None:
    """The one variant of a project that has sources and stands in no conflict set; uv applies them to everything."""
    routed = [v for v in ctx.variants_of(project) if v.is_routed]
    if len(routed) != 1 or ctx.enemies(routed[0].scope):
        return None
    named = {r.name for r in ctx.section(routed[0]).requirements if r.name in catalog.family()}
    return routed[0] if any(ctx.sources(routed[0], package) for package in named) else None


def is_apart(ctx: Context, variant: Variant) -> bool:
    """Whether sources of the variant hold for it alone: uv applies those of one without conflicts to everything."""
    if variant.scope.kind == "base":
        return True
    project = ctx.project(variant)
    if ctx.enemies(variant.scope) or any(v.accelerator != variant.accelerator for v in ctx.variants_of(project)):
        return True  # missing-conflict sets those apart
    own = {r.name for r in ctx.section(variant).requirements if must_route(variant, r.name)}
    others = (scope for scope in project.sections if variant.scope not in ctx.activated(scope))
    return not any(own & set(ctx.closure(scope)) for scope in others)


def is_removed(ctx: Context, package: str) -> bool:
    """Whether an exclusion or an override that is never true takes out a package, or torch, beside which it has to fit.

    Images that bring a torch of their own do it: which build that is, nobody can tell.
    """
    if {package, "torch"} & set(ctx.workspace.root.uv.excluded_packages):
        return True
    found = {r.name: r for r in ctx.overrides if r.name in (package, "torch")}
    return any(not r.url and not platforms(r.marker) & ctx.platforms for r in found.values())


def why_not_routed(ctx: Context, variants: Sequence[Variant], package: str) -> str:
    """What has to be done before a source can give some variants a package; empty where nothing has."""
    if ctx.overrides_of(package):
        return f"no scoped source holds for {package} under an override: write that as a constraint, then route it"
    # Where the torch of a lone one is everywhere already, what goes with it joins it there.
    unrouted = [v for v in variants if not ctx.sources(v, "torch")]
    if lone := [v for v in unrouted if not is_apart(ctx, v)]:
        return (
            f"put {lone[0]} into a conflict set first, with a counterpart (an extra or group with the same packages, "
            "or a name that does not exist): uv applies the sources of one that stands alone to everything"
        )
    return ""


def is_met(variant: Variant, requirement: Requirement) -> bool:
    """Whether the variant's index can satisfy a requirement, as far as it carries the package at all."""
    package = requirement.name
    return must_route(variant, package, requirement.specifier) or not must_route(variant, package)


def from_pytorch(ctx: Context, variant: Variant, package: str) -> bool:
    """Whether its sources, if any, point at PyTorch's own release indexes, whose contents the catalogue knows."""
    named = variant.accelerator.is_pytorchs and variant.told_by != WHEEL
    return named and all(is_from_pytorch(url) and "/nightly/" not in url for url in ctx.urls(variant, package))
