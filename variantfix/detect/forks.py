"""Which index uv takes a package from, for what is selected, on a platform: its forks, predicted from the files.

Source: tried with uv 0.13.9, each of these with a case in tests/detect/test_forks.py that asks it.

- uv resolves once for each choice from the conflict sets. What stands in none is in all of these forks; members that
  are not chosen themselves are in none, also where something refers to them, but for what `_left_out` says.
- In one fork a package has one index on platforms that nothing divides: `division` tells which.
- An override takes the place of every requirement, and no scoped source applies to it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from variantfix.detect.asked import DEFAULT, asking, flattened, plain, requirements
from variantfix.detect.division import region
from variantfix.pytorch import accelerator, catalog
from variantfix.uv.markers import platforms

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from variantfix.detect.context import Context
    from variantfix.uv.markers import Platform
    from variantfix.uv.project import Index, Scope

REFUSED = "refused"
"""Two indexes at once, or none that has the package: uv refuses to lock the project."""


def chosen(ctx: Context, selected: Iterable[Scope]) -> frozenset[Scope]:
    """The members of conflict sets that are chosen with some scopes, which tells one of uv's forks."""
    return frozenset(each for scope in selected for each in switched_on(ctx, scope)) & members(ctx)


def index_in(ctx: Context, chosen: frozenset[Scope], package: str, platform: Platform) -> str:
    """Where a package comes from in one fork, if something asks for it: an index's URL, DEFAULT, or REFUSED."""
    known: dict[tuple[str, Platform], str] = ctx.memory.once(("fork", chosen), dict)
    place = package, platform
    if place not in known:
        known[place] = _index_of(ctx, chosen, package, platform)
    return known[place]


def _index_of(ctx: Context, chosen: frozenset[Scope], package: str, platform: Platform) -> str:
    own = resolved(ctx, chosen, package)
    found = origins(ctx, own, package, platform)
    if len(found) > 1:
        return REFUSED
    origin = next(iter(found)) if found else implicit(ctx, package)
    family = catalog.family().get(package)
    if origin == DEFAULT and family and not family.on_pypi:
        return REFUSED
    pins = ctx.memory.once(("pins", package), lambda: tuple(_pins(ctx, package)))
    pinned = {tag for scope, tag, where in pins if scope in own and platform in where}
    return origin if _may_have(ctx, origin, pinned) else REFUSED


def _pins(ctx: Context, package: str) -> Iterator[tuple[Scope, str, frozenset[Platform]]]:
    """The lists that pin a local version of a package, with its accelerator and where they do."""
    for scope in asking(ctx, package):
        project = ctx.workspace.project(scope.file)
        for requirement, _ in requirements(ctx, project, project.sections[scope], package):
            told = accelerator.from_local_version(requirement.specifier)
            if told and told.is_pytorchs:
                yield scope, told.tag, platforms(requirement.marker)


def _may_have(ctx: Context, origin: str, pinned: set[str]) -> bool:
    """Whether local versions of some accelerators can be had from an index: PyPI has none, PyTorch's its own."""
    if origin == DEFAULT:
        return not pinned or plain(ctx.default_index.url) != catalog.PYPI_SIMPLE
    told = accelerator.from_url(origin)
    return told is None or not told.is_pytorchs or pinned <= {told.tag}


def origins(ctx: Context, lists: tuple[Scope, ...], package: str, platform: Platform) -> frozenset[str]:
    """The indexes that sources ask for on a platform, and on all that nothing divides from it, in some lists."""
    return ctx.memory.once(("origins", lists, package, platform), lambda: _origins(ctx, lists, package, platform))


def _origins(ctx: Context, lists: tuple[Scope, ...], package: str, platform: Platform) -> frozenset[str]:
    together, asked = region(ctx, lists, package, platform), asking(ctx, package)
    return frozenset(
        part.origin for scope in lists for part in asked.get(scope, ()) if part.origin and part.platforms & together
    )


def switched_on(ctx: Context, scope: Scope) -> Iterator[Scope]:
    """A scope, and the extras that a group asks its own project for: uv takes these as chosen, those of extras not."""
    yield scope
    section = ctx.workspace.section(scope)
    if scope.kind == "group" and section:
        project = ctx.workspace.project(scope.file)
        for each in flattened(project, section):
            yield from (reference for reference in ctx.workspace.references(each.scope) if reference.kind == "extra")


def resolved(ctx: Context, chosen: frozenset[Scope], package: str) -> tuple[Scope, ...]:
    """The lists that ask for a package where some scopes are chosen: all but what the conflict sets leave out then.

    The extras that refer to others are among them, whatever they ask for.
    """
    return ctx.memory.once(("resolved", chosen, package), lambda: tuple(_resolved(ctx, chosen, package)))


def _resolved(ctx: Context, chosen: frozenset[Scope], package: str) -> Iterator[Scope]:
    out = ctx.memory.once(("out", chosen), lambda: _left_out(ctx, chosen))
    for scope in dict.fromkeys((*asking(ctx, package), *ctx.memory.once("referring", lambda: tuple(_referring(ctx))))):
        if scope.kind == "base" or scope in chosen or scope not in out:
            yield scope


def _referring(ctx: Context) -> Iterator[Scope]:
    for project in ctx.workspace.projects:
        yield from (section.scope for section in project.extras() if ctx.workspace.references(section.scope))


def members(ctx: Context) -> frozenset[Scope]:
    """All that stands in a conflict set: what is resolved only in some forks."""
    return ctx.memory.once("members", lambda: frozenset(member for members in _sets(ctx) for member in members))


def _left_out(ctx: Context, selected: frozenset[Scope]) -> set[Scope]:
    """The members of conflict sets that are not in the fork of a selection.

    uv goes through the sets in order, and divides a fork by one of which it has two members left, or one while others
    are open, too. So the last that is open stays in, chosen or not, and its sources hold for everything there.
    """
    left = set(members(ctx))
    for each in ctx.memory.once("sets", lambda: tuple(_sets(ctx))):
        if len(left.intersection(each)) > 1 or len(left - selected) > 1:
            left -= set(each) - selected
    return set(members(ctx)) - left


def _sets(ctx: Context) -> Iterator[tuple[Scope, ...]]:
    """The conflict sets, then those that uv infers: groups stand for the members that they include."""
    declared = [conflict.members for conflict in ctx.workspace.conflicts]
    yield from declared
    for members in declared:
        for number, member in enumerate(members):
            for scope in _including(ctx, member) if member.kind == "group" else ():
                if scope not in members:
                    yield (*members[:number], scope, *members[number + 1 :])


def _including(ctx: Context, group: Scope) -> Iterator[Scope]:
    """The groups that include one, directly or not."""
    for project in ctx.workspace.projects:
        for section in project.groups():
            if section.scope != group and any(each.scope == group for each in flattened(project, section)):
                yield section.scope


def implicit(ctx: Context, package: str) -> str:
    """Where a package comes from that no source names: the first index that is searched and has it."""
    return ctx.memory.once(("implicit", package), lambda: _implicit(ctx, package))


def _implicit(ctx: Context, package: str) -> str:
    for index in ctx.workspace.root.indexes:
        if index.explicit or index.default:
            continue
        if _is_general(index):
            return DEFAULT
        if _carries(index, package):
            return plain(index.url)
    return DEFAULT


def _is_general(index: Index) -> bool:
    """Whether an index looks like a copy of PyPI, as one that is searched before PyTorch's usually is."""
    return accelerator.from_url(index.url) is None and index.url.rstrip("/").endswith("/simple")


def _carries(index: Index, package: str) -> bool:
    told = accelerator.from_url(index.url)
    if told is None:
        return accelerator.is_from_pytorch(index.url) and package in catalog.family()
    family = catalog.family().get(package)
    return family is not None and told.kind in family.kinds
