"""What lists ask for of one package: on which platforms, and from which index by the sources that hold there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from variantfix.credentials import strip
from variantfix.namedtuple import NamedTuple
from variantfix.uv.markers import asked, extras, platforms
from variantfix.uv.project import Scope, normalise

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from variantfix.detect.context import Context
    from variantfix.uv.markers import Platform
    from variantfix.uv.project import Project, Requirement, Section, Source

DEFAULT = ""
"""Where a package comes from that no source names: the default index."""


class Part(NamedTuple):
    """What a requirement asks for on some platforms: the URL of an index, or DEFAULT."""

    platforms: frozenset[Platform]
    origin: str


def parts(ctx: Context, project: Project, section: Section, package: str) -> tuple[Part, ...]:
    """What a section's own list asks for of a package, with that of the groups it includes, divided by its sources."""
    return ctx.memory.once(("parts", section.scope, package), lambda: tuple(_parts(ctx, project, section, package)))


def asking(ctx: Context, package: str) -> Mapping[Scope, tuple[Part, ...]]:
    """The lists of all projects that ask for a package on some platform, each with what it asks for."""
    return ctx.memory.once(("asking", package), lambda: dict(_asking(ctx, package)))


def _asking(ctx: Context, package: str) -> Iterator[tuple[Scope, tuple[Part, ...]]]:
    for project, section in ctx.memory.once("naming", lambda: _naming(ctx)).get(package, ()):
        if found := parts(ctx, project, section, package):
            yield section.scope, found


def _naming(ctx: Context) -> Mapping[str, list[tuple[Project, Section]]]:
    """The lists that name each package, themselves or by a group that they include, in the files' order."""
    found: dict[str, list[tuple[Project, Section]]] = {}
    for project in ctx.workspace.projects:
        for section in project.sections.values():
            for package in dict.fromkeys(r.name for each in flattened(project, section) for r in each.requirements):
                found.setdefault(package, []).append((project, section))
    return found


def _parts(ctx: Context, project: Project, section: Section, package: str) -> list[Part]:
    found: list[Part] = []
    sources = ctx.workspace.sources(project, package)
    for requirement, is_override in requirements(ctx, project, section, package):
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


def requirements(ctx: Context, project: Project, section: Section, package: str) -> Iterator[tuple[Requirement, bool]]:
    """The requirements of a list on a package, or the overrides in their place; each with whether it is an override."""
    named = [r for each in flattened(project, section) for r in each.named(package)]
    overrides = ctx.overrides_of(package)
    yield from ((r, bool(overrides)) for r in (overrides if named and overrides else named))


def flattened(project: Project, section: Section) -> Iterator[Section]:
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
    index = ctx.workspace.index_of(project, source)
    url = plain(index.url if index else source.target)
    return url if url != plain(ctx.default_index.url) else DEFAULT


def plain(url: str) -> str:
    """An index's URL as far as it decides which files are fetched: without credentials and fragment."""
    return strip(url.partition("#")[0])
