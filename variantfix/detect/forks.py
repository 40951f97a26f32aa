"""Which index uv takes a package from, for what is selected, on a platform: its forks, predicted from the files.

Source: tried with uv 0.13.9, each of these with a case in tests/detect/test_forks.py that asks it.

- uv resolves once for each choice from the conflict sets. What stands in none is in all of these forks; members that
  are not chosen themselves are in none, also where something refers to them, but for what `_left_out` says.
- In one fork a package has one index on platforms that nothing divides. They are divided by the requirements of the
  base dependencies on the package where it has any, else by those of each extra and group, where these hold on
  different platforms or have different sources.
- An override takes the place of every requirement, and no scoped source applies to it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from variantfix.credentials import strip
from variantfix.detect import reach
from variantfix.pytorch import accelerator, catalog
from variantfix.uv.markers import asked, extras, platforms
from variantfix.uv.platforms import BUILT_FOR
from variantfix.uv.project import Scope, normalise

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from variantfix.detect.context import Context
    from variantfix.uv.markers import Platform
    from variantfix.uv.project import Index, Project, Requirement, Section, Source

    Place = tuple[str, Platform]
    """A package on a platform."""

DEFAULT = ""
"""Where a package comes from that no source names: the default index."""

REFUSED = "refused"
"""Two indexes at once, or none that has the package: uv refuses to lock the project."""


class Part(NamedTuple):
    """What a requirement asks for on some platforms: the URL of an index, or DEFAULT."""

    platforms: frozenset[Platform]
    origin: str


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
                if scope.file == base.file and partner not in _members(ctx):
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


def index_of(ctx: Context, selected: Iterable[Scope], package: str, platform: Platform) -> str:
    """Where a package comes from, if something asks for it: an index's URL, DEFAULT, or REFUSED."""
    chosen = frozenset(each for scope in selected for each in _switched_on(ctx, scope)) & _members(ctx)
    return ctx.once(("index", chosen, package, platform), lambda: _index_of(ctx, chosen, package, platform))


def _index_of(ctx: Context, chosen: frozenset[Scope], package: str, platform: Platform) -> str:
    nodes = [node for node in _nodes(ctx, chosen) if parts(ctx, *node, package)]
    found = origins(ctx, nodes, package, platform)
    if len(found) > 1:
        return REFUSED
    origin = next(iter(found)) if found else implicit(ctx, package)
    family = catalog.family().get(package)
    if origin == DEFAULT and family and not family.on_pypi:
        return REFUSED
    pinned = {tag for node in nodes for tag in _pinned(ctx, *node, package, platform)}
    return origin if _may_have(ctx, origin, pinned) else REFUSED


def _pinned(ctx: Context, project: Project, section: Section, package: str, platform: Platform) -> Iterator[str]:
    """The accelerators of the local versions that a list pins for a package on a platform."""
    for requirement, _ in _requirements(ctx, project, section, package):
        told = accelerator.from_local_version(requirement.specifier)
        if told and told.is_pytorchs and platform in platforms(requirement.marker):
            yield told.tag


def _may_have(ctx: Context, origin: str, pinned: set[str]) -> bool:
    """Whether local versions of some accelerators can be had from an index: PyPI has none, PyTorch's its own."""
    if origin == DEFAULT:
        return not pinned or plain(ctx.default_index.url) != catalog.PYPI_SIMPLE
    told = accelerator.from_url(origin)
    return told is None or not told.is_pytorchs or pinned <= {told.tag}


def origins(ctx: Context, nodes: Iterable[tuple[Project, Section]], package: str, platform: Platform) -> frozenset[str]:
    """The indexes that sources ask for on a platform, and on all that nothing divides from it, in some lists."""
    region = _region(ctx, package, nodes, platform)
    return frozenset(
        part.origin
        for project, section in nodes
        for part in parts(ctx, project, section, package)
        if part.origin and part.platforms & region
    )


def parts(ctx: Context, project: Project, section: Section, package: str) -> tuple[Part, ...]:
    """What a section's own list asks for of a package, with that of the groups it includes, divided by its sources."""
    return ctx.once(("parts", section.scope, package), lambda: tuple(_parts(ctx, project, section, package)))


def _parts(ctx: Context, project: Project, section: Section, package: str) -> list[Part]:
    found: list[Part] = []
    sources = ctx.workspace.sources(project, package)
    for requirement, is_override in _requirements(ctx, project, section, package):
        rest = asked = platforms(requirement.marker) & ctx.platforms
        if requirement.url:
            found.append(Part(rest, requirement.url))
            continue
        for source in sources:
            if source.scope() is not None and (is_override or source.scope() != _bound_to(source, section)):
                continue
            here = _holds(source, sources, project) & asked
            if here:
                found.append(Part(here, identity(ctx, project, source)))
            rest -= here
        if rest:
            found.append(Part(rest, DEFAULT))
    return found


def _bound_to(source: Source, section: Section) -> Scope:
    # A virtual root's sources speak of its members' extras.
    return Scope(source.at.file, section.scope.kind, section.scope.name)


def _requirements(ctx: Context, project: Project, section: Section, package: str) -> Iterator[tuple[Requirement, bool]]:
    named = [r for each in _flattened(project, section) for r in each.named(package)]
    overrides = [r for r in ctx.overrides if r.name == package]
    yield from ((r, bool(overrides)) for r in (overrides if named and overrides else named))


def _flattened(project: Project, section: Section) -> Iterator[Section]:
    """A section, and the groups that it includes: uv takes their requirements as its own."""
    todo, seen = [section], {section.scope}
    while todo:
        each = todo.pop()
        yield each
        for name in each.includes:
            scope = Scope(project.file, "group", name)
            if scope in project.sections and scope not in seen:
                seen.add(scope)
                todo.append(project.sections[scope])


def _holds(source: Source, sources: tuple[Source, ...], project: Project) -> frozenset[Platform]:
    """The platforms of a source. A marker that asks for an extra never holds beside others; alone, for every list."""
    known = {each.scope.name for each in project.extras()}
    is_alone = len(sources) == 1 and known.intersection(map(normalise, extras(source.marker)))
    if is_alone or not asked(source.marker):
        return platforms(source.marker, None)
    return frozenset()


def identity(ctx: Context, project: Project, source: Source) -> str:
    """What tells where a source leads: the index's URL, as far as uv fetches other files for it."""
    if source.kind != "index":
        return f"{source.kind} {source.target}"
    url = next((i.url for i in ctx.workspace.indexes(project) if i.name == source.target), source.target)
    return plain(url) if plain(url) != plain(ctx.default_index.url) else DEFAULT


def plain(url: str) -> str:
    """An index's URL as far as it decides which files are fetched: without credentials and fragment."""
    return strip(url.partition("#")[0])


def _switched_on(ctx: Context, scope: Scope) -> Iterator[Scope]:
    """A scope, and the extras that a group asks its own project for: uv takes these as chosen, those of extras not."""
    yield scope
    section = ctx.workspace.section(scope)
    if scope.kind == "group" and section:
        project = ctx.workspace.project(scope.file)
        for each in _flattened(project, section):
            yield from (reference for reference in project.references(each) if reference.kind == "extra")


def _nodes(ctx: Context, selected: frozenset[Scope]) -> tuple[tuple[Project, Section], ...]:
    """What is resolved together when some scopes are chosen: all but what the conflict sets leave out then."""
    return ctx.once(("nodes", selected), lambda: tuple(_resolved_with(ctx, selected)))


def _resolved_with(ctx: Context, selected: frozenset[Scope]) -> Iterator[tuple[Project, Section]]:
    left_out = _left_out(ctx, selected)
    for project in ctx.workspace.projects:
        for scope, section in project.sections.items():
            if scope.kind == "base" or scope in selected or scope not in left_out:
                yield project, section


def _members(ctx: Context) -> frozenset[Scope]:
    """All that stands in a conflict set: what is resolved only in some forks."""
    return ctx.once("members", lambda: frozenset(member for members in _sets(ctx) for member in members))


def _left_out(ctx: Context, selected: frozenset[Scope]) -> set[Scope]:
    """The members of conflict sets that are not in the fork of a selection.

    uv goes through the sets in order, and divides a fork only by those of which it still has two members. So the last
    member of a set whose others are out already stays in, chosen or not, and its sources hold for everything there.
    """
    out: set[Scope] = set()
    for members in ctx.once("sets", lambda: tuple(_sets(ctx))):
        left = [member for member in members if member not in out]
        if len(left) > 1:
            out.update(member for member in left if member not in selected)
    return out


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
            if section.scope != group and any(each.scope == group for each in _flattened(project, section)):
                yield section.scope


def _region(
    ctx: Context, package: str, nodes: Iterable[tuple[Project, Section]], platform: Platform
) -> frozenset[Platform]:
    """The platforms that nothing divides from one, for a package."""
    region = ctx.platforms
    for project in ctx.workspace.projects:
        base = parts(ctx, project, project.base, package)
        others = () if base else (s for p, s in nodes if p is project and s.scope.kind != "base")
        for each in (base, *(parts(ctx, project, section, package) for section in others)):
            region &= _block(each, ctx.platforms, platform)
    return region


def is_divided(ctx: Context, project: Project, package: str, apart: frozenset[Platform]) -> bool:
    """Whether the base dependencies let an extra's or group's source leave some platforms to another index.

    They do where they do not ask for the package, or keep these platforms apart from all others themselves.
    """
    asked = parts(ctx, project, project.base, package)
    blocks = (_block(asked, ctx.platforms, platform) for platform in apart)
    return not asked or all(block <= apart for block in blocks)


def _block(asked: tuple[Part, ...], everywhere: frozenset[Platform], platform: Platform) -> frozenset[Platform]:
    """The platforms that the parts of one list keep together with one."""
    blocks: list[frozenset[Platform]] = []
    for part in asked:
        touching = [block for block in blocks if block & part.platforms]
        blocks = [block for block in blocks if not block & part.platforms]
        blocks.append(part.platforms.union(*touching))
    if len(blocks) < 2:
        return everywhere
    rest = everywhere.difference(*blocks)
    return next((block for block in blocks if platform in block), rest)


def implicit(ctx: Context, package: str) -> str:
    """Where a package comes from that no source names: the first index that is searched and has it."""
    for index in ctx.workspace.root.indexes:
        if index.explicit or index.default:
            continue
        if _is_general(index):
            return DEFAULT
        if _carries(index, package):
            return plain(index.url)
    return DEFAULT


def by_order(ctx: Context, scope: Scope, index: Index) -> frozenset[str]:
    """The family packages that a scope, with its base, has from an index that no source names for them.

    Those that are the same everywhere are left out.
    """
    nodes = _nodes(ctx, frozenset(_switched_on(ctx, scope)))
    return frozenset(
        package
        for platform in BUILT_FOR
        if platform in ctx.platforms
        for package in reached(ctx, (scope,), platform)
        if (family := catalog.family().get(package)) and (family.accelerator_specific or not family.on_pypi)
        if implicit(ctx, package) == plain(index.url) and not origins(ctx, nodes, package, platform)
    )


def _is_general(index: Index) -> bool:
    """Whether an index looks like a copy of PyPI, as one that is searched before PyTorch's usually is."""
    told = accelerator.from_url(index.url)
    return (
        told is None
        and not accelerator.is_pytorchs(index.name, index.url)
        and index.url.rstrip("/").endswith("/simple")
    )


def _carries(index: Index, package: str) -> bool:
    told = accelerator.from_url(index.url)
    if told is None:
        return accelerator.is_pytorchs(index.name, index.url) and package in catalog.family()
    family = catalog.family().get(package)
    return family is not None and told.kind in family.kinds


def _serve(ctx: Context, selected: tuple[Scope, ...]) -> Mapping[Place, str]:
    found: dict[Place, str] = {}
    active = [scope for scope in selected if scope.kind != "base"]
    for platform in BUILT_FOR:
        if platform not in ctx.platforms:
            continue
        for package in reached(ctx, selected, platform):
            if package in catalog.family():
                found[package, platform] = index_of(ctx, active, package, platform)
    return found


def reached(ctx: Context, selected: tuple[Scope, ...], platform: Platform) -> frozenset[str]:
    """The packages that some scopes of a project bring on a platform, with its base dependencies."""
    base = Scope(selected[0].file, "base")
    found = (_reached_by(ctx, scope, platform) for scope in dict.fromkeys((base, *selected)))
    removed = {r.name for r in ctx.overrides if r.marker and platform not in platforms(r.marker)}
    return frozenset().union(*found) - removed


def _reached_by(ctx: Context, scope: Scope, platform: Platform) -> frozenset[str]:
    """What one scope brings: walked once for all platforms on which the same requirements hold."""
    held = ctx.once(("held", platform), lambda: frozenset(m for m in _markers(ctx) if platform in platforms(m)))
    return ctx.once(("reached", scope, held), lambda: _walked(ctx, scope, held))


def _walked(ctx: Context, scope: Scope, held: frozenset[str]) -> frozenset[str]:
    return reach.names(ctx.workspace, (scope,), ctx.requires, lambda r: not r.marker or r.marker in held)


def _markers(ctx: Context) -> frozenset[str]:
    """The markers of all requirements."""
    sections = (section for project in ctx.workspace.projects for section in project.sections.values())
    return ctx.once("markers", lambda: frozenset(r.marker for s in sections for r in s.requirements if r.marker))


def _asks_for_family(ctx: Context, scope: Scope) -> bool:
    """Whether a scope by itself brings a family package on some platform."""
    family = catalog.family()
    return any(not family.keys().isdisjoint(_reached_by(ctx, scope, p)) for p in BUILT_FOR if p in ctx.platforms)
