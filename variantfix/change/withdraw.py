"""Taking a default variant back: its group, sources and conflicts, and what made it a default."""

from __future__ import annotations

from typing import TYPE_CHECKING

from variantfix.toml import Edit, Remove, loads, scan
from variantfix.toml.edits import same
from variantfix.uv.project import Scope, normalise

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from variantfix.change.finish import Meant
    from variantfix.uv.project import ConflictSet, Place, Project


def withdrawn(meant: Meant, group: str, variants: Collection[str], *, kept: int | None = None) -> tuple[Edit, ...]:
    """The edits that take a group out of a project with all that is bound to it, and variants from the default ones.

    From the last place to the first, so that each removal leaves the places of the others as they are. The default
    group at the place `kept` stays, for another to take its place.
    """
    project = meant.project
    scope = Scope(project.file, "group", group)
    gone: list[Place] = list(_defaults(project, {group, *variants}, kept))
    if scope in project.sections:
        gone.append(
            _outermost(project, ("dependency-groups",), project.sections[scope].at, len(tuple(project.groups())))
        )
        gone += _sources(project, scope)
        gone += _conflicts(meant, project, scope)
    return tuple(Remove(place.file, place.path) for place in sorted(gone, key=lambda p: _depth_first(p), reverse=True))


def without_idle_header(before: str, after: str) -> str:
    """A text after a removal without a `[tool.uv]` that it left empty above the tables that it implies."""
    block = next((b for b in scan(after).blocks if b.path == ("tool", "uv") and not b.statements), None)
    was = next((b for b in scan(before).blocks if b.path == ("tool", "uv")), None)
    if block is None or was is None or not was.statements:
        return after
    end = next((b.start for b in scan(after).blocks if b.start > block.start), len(after))
    below = after[block.body : end]
    if below.strip() and below[0] not in "\r\n":
        return after  # a comment on the header stays with it; one that is set off belongs to the next table
    end -= len(below.lstrip("\r\n"))
    rest = after[: block.start] + after[end:]
    if not after[end:]:
        rest = rest.rstrip() + ("\r\n" if "\r\n" in rest else "\n")
    alone = loads(after)["tool"]["uv"] == {}
    return rest if alone or same(loads(rest), loads(after)) else after


def _depth_first(place: Place) -> tuple[tuple[bool, int, str], ...]:
    return tuple((isinstance(k, int), k if isinstance(k, int) else 0, str(k)) for k in place.path)


def _outermost(project: Project, table: tuple[str, ...], at: Place, count: int) -> Place:
    """The table instead of the last thing in it, so that none stays empty."""
    return project.place(*table) if count == 1 else at


def _defaults(project: Project, names: Collection[str], kept: int | None) -> Iterator[Place]:
    listed = project.uv.default_groups
    if not isinstance(listed, tuple):
        return
    at = ("tool", "uv", "default-groups")
    out = [number for number, name in enumerate(listed) if normalise(name) in names and number != kept]
    rest = [normalise(name) for number, name in enumerate(listed) if number not in out]
    usual = [s.scope.name for s in project.groups() if s.scope.name == "dev"]
    # The first place, before nothing but the `dev` that there is, is where the key was made for it.
    if out == [0] and rest == usual:
        yield project.place(*at)
    else:
        yield from (project.place(*at, number) for number in out)


def _sources(project: Project, scope: Scope) -> Iterator[Place]:
    lone = [p for p, sources in project.sources.items() if all(s.scope() == scope for s in sources)]
    if lone and len(lone) == len(project.sources):
        yield project.place("tool", "uv", "sources")
        return
    for package, sources in project.sources.items():
        own = [s.at for s in sources if s.scope() == scope]
        yield from [project.place(*sources[0].at.path[:4])] if package in lone else own


def _conflicts(meant: Meant, project: Project, scope: Scope) -> Iterator[Place]:
    workspace = meant.ctx.workspace
    ours = [c for c in workspace.conflicts if scope in c.members]
    by_file: dict[str, list[ConflictSet]] = {}
    for conflict in workspace.conflicts:
        by_file.setdefault(conflict.at.file, []).append(conflict)
    for conflicts in by_file.values():
        gone = [c for c in conflicts if c in ours and _is_idle(c, conflicts, scope)]
        if gone and len(gone) == len(conflicts):
            yield _whole(gone[0].at)
            continue
        yield from (c.at for c in gone)
        for conflict in conflicts:
            if conflict in ours and conflict not in gone:
                yield _member(conflict, scope)


def _is_idle(conflict: ConflictSet, conflicts: list[ConflictSet], scope: Scope) -> bool:
    """Whether a set says nothing without the scope: what is left of it is one, or stands together in another."""
    rest = set(conflict.members) - {scope}
    return len(rest) < 2 or any(rest <= set(c.members) for c in conflicts if scope not in c.members)


def _whole(at: Place) -> Place:
    return type(at)(at.file, at.path[:-1])


def _member(conflict: ConflictSet, scope: Scope) -> Place:
    return type(conflict.at)(conflict.at.file, (*conflict.at.path, conflict.members.index(scope)))
