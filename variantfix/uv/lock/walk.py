"""Walk a lock: what uv installs for a selection of extras and groups on a platform.

This does what `uv sync --frozen` does. Markers of a lock that has conflicts name extras and groups by
pseudo-extras (`extra-3-app-cpu`). Which of them are on is known only after walks that look for it, because a
dependency `app[cpu]` or `member[cpu]` switches that extra on too. `uv export` differs in one thing: it does
not refuse two items of one conflict set where a dependency switches one of them on.
"""

from __future__ import annotations

from collections import deque
from functools import cached_property, partial
from typing import TYPE_CHECKING

from variantfix.memo import kept
from variantfix.namedtuple import NamedTuple
from variantfix.uv.lock.markers import ALWAYS
from variantfix.uv.lock.model import Dependency
from variantfix.uv.lock.selection import (
    Chosen,
    Selection,
    SelectionError,
    check_conflicts,
    choose,
    named,
    switched_on,
)
from variantfix.uv.lock.wheels import best_artifact
from variantfix.uv.pseudo import encode
from variantfix.uv.pythons import python_range

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from variantfix.uv.lock.files import Artifact
    from variantfix.uv.lock.markers import Condition
    from variantfix.uv.lock.model import Lock, Package, Requirement
    from variantfix.uv.platforms import Host


class Installed:
    """One package of a closure; what takes time is found when asked for.

    `path` is one shortest chain of requirements that brings it, from the project (`app`, `app[cpu]`) or a
    group (`app:dev`) to the package itself. `artifact` is the file to download: None for a source that has
    none (editable, git …), and for a package that has no file for the platform.
    """

    def __init__(self, row: Package, platform: Host, way: Callable[[], tuple[str, ...]]) -> None:
        self.name = row.name
        self.version = row.version
        self.source = row.source
        self._row = row
        self._platform = platform
        self._way = way

    @cached_property
    def path(self) -> tuple[str, ...]:
        """What brings it."""
        return self._way()

    @cached_property
    def artifact(self) -> Artifact | None:
        """The file to download."""
        return best_artifact(self._row, self._platform)

    @property
    def missing(self) -> bool:
        """Whether the lock holds no file that the platform could install."""
        return self.artifact is None and self.source.kind in ("registry", "url", "path")


class Closure(NamedTuple):
    """All that uv installs for a selection on a platform, the project itself included, sorted by name."""

    selection: Selection
    platform: Host
    packages: tuple[Installed, ...]

    def has_several(self, name: str) -> bool:
        """Whether a package is there more than once."""
        return sum(package.name == name for package in self.packages) > 1

    @property
    def download_size(self) -> int:
        """The bytes to download, as far as the lock gives sizes."""
        return sum(package.artifact.size or 0 for package in self.packages if package.artifact)

    @property
    def unsized(self) -> int:
        """The number of packages to download or build whose size the lock does not give."""
        return sum(package.artifact is None or package.artifact.size is None for package in self.packages)


def walk(
    lock: Lock,
    selection: Selection,
    platform: Host,
    *,
    barred: Callable[[Package], bool] | None = None,
) -> Closure:
    """Return the closure of a selection on a platform; without the rows that are barred, and what only they bring.

    Raises SelectionError where uv refuses: an unknown package, extra or group, two items of one conflict set
    (chosen, or switched on by a dependency), a Python outside `requires-python`, a platform outside
    `supported-markers`.
    """
    facts = facts_of(lock, platform)
    check_platform(lock, platform)
    chosen = choose(lock, selection)
    active = switched_on(lock, chosen)
    check_conflicts(lock, active)
    starts = (*member_starts(chosen), *_root_starts(lock, chosen, facts))
    active, reached = _activate(lock, starts, facts, active)
    check_conflicts(lock, active)
    if barred:
        closed = frozenset(index for index, row in enumerate(lock.packages) if barred(row))
        reached = _reach(lock, starts, _holding(lock, facts, active), closed)
    return Closure(selection, platform, tuple(_installed(lock, reached, platform)))


@kept
def facts_of(lock: Lock, platform: Host) -> int:
    """The bits of the atoms that hold on a platform."""
    return lock.markers.facts(platform.environment)


def check_platform(lock: Lock, platform: Host) -> None:
    """Raise SelectionError for a Python or a platform that the lock is not for."""
    if not python_range(lock.requires_python).admits(platform.python):
        raise SelectionError(f"the lock requires Python {lock.requires_python}, not {platform.python}")
    if not supports(lock, platform):
        raise SelectionError(f"{platform.name} is not in the environments that the lock supports")


def supports(lock: Lock, platform: Host) -> bool:
    """Whether a platform is in the environments that a lock supports."""
    if not lock.supported:
        return True
    holding = lock.markers.holding(facts_of(lock, platform))
    return any(not condition.isdisjoint(holding) for condition in lock.supported)


# Most selections switch nothing on that the markers name, and so see the lock alike.
@kept
def _holding(lock: Lock, facts: int, active: frozenset[str]) -> Condition:
    return lock.markers.holding(facts | lock.markers.extras(active))


class _Start(NamedTuple):
    """A first step: an edge from outside the graph, and the name of its origin (`""` where it has none)."""

    origin: str
    dependency: Dependency


def member_starts(chosen: Chosen) -> Iterator[_Start]:
    """The first steps to the packages that are chosen, and from their groups."""
    for index, row in chosen.roots:
        yield _Start("", Dependency(index, tuple(extra for extra in row.extras if extra in chosen.extras), ALWAYS))
    for row, group in chosen.groups:
        yield from (_Start(f"{row.name}:{group}", dependency) for dependency in row.groups[group])


def _root_starts(lock: Lock, chosen: Chosen, facts: int) -> Iterator[_Start]:
    """Give the requirements that belong to no package."""
    holding = _holding(lock, facts, frozenset())
    groups = ((f":{group}", lock.groups[group]) for group in chosen.root_groups)
    for origin, requirements in (("", lock.requirements), *groups):
        for requirement in requirements:
            if not holding.isdisjoint(requirement.marker):
                index = _candidate(lock, requirement, holding)
                yield _Start(origin, Dependency(index, requirement.extras, requirement.marker))


def _candidate(lock: Lock, requirement: Requirement, holding: Condition) -> int:
    """Return the one row that such a requirement means: by its name and the platform's fork, as uv does."""
    found = [
        index
        for index, row in enumerate(lock.packages)
        if row.name == requirement.name and (not row.forks or any(not fork.isdisjoint(holding) for fork in row.forks))
    ]
    if len(found) != 1:
        raise SelectionError(f"the root's requirement {requirement.name} fits {len(found)} packages of the lock")
    return found[0]


Node = tuple[int, str]
"""A row, as itself (`""`) or one of its extras."""

_Reached = dict[Node, "Node | str"]
"""Every node reached, in order of distance, with the node before it, or the origin of its first step."""


def _activate(
    lock: Lock, starts: tuple[_Start, ...], facts: int, active: frozenset[str]
) -> tuple[frozenset[str], _Reached]:
    """Add the pseudo-extras that dependencies switch on, one edge at a time, until none does; and what is reached."""
    known = named(lock)
    while True:
        reached = _reach(lock, starts, _holding(lock, facts, active))
        for node, dependency in _switches(lock, starts, reached):
            more = active | (extras_of(lock, dependency) & known)
            if more == active:
                continue
            # An edge sees its own extras on; the way to it has to hold with them on, too.
            holding = _holding(lock, facts, more)
            if not holding.isdisjoint(dependency.marker) and (node is None or node in _reach(lock, starts, holding)):
                active = more
                break
        else:
            return active, reached


def extras_of(lock: Lock, dependency: Dependency) -> frozenset[str]:
    """The pseudo-extras of the extras that a dependency asks for."""
    name = lock.packages[dependency.package].name
    return frozenset(encode("extra", name, extra) for extra in dependency.extras)


def _switches(lock: Lock, starts: tuple[_Start, ...], reached: _Reached) -> Iterator[tuple[Node | None, Dependency]]:
    """The dependencies that ask for extras, each with where it is from, in the order of the walk."""
    for start in starts:
        if start.dependency.extras:
            yield None, start.dependency
    for node in reached:
        for dependency in dependencies_of(lock, node):
            if dependency.extras:
                yield node, dependency


def dependencies_of(lock: Lock, node: Node) -> tuple[Dependency, ...]:
    """What a row, or one of its extras, depends on."""
    row = lock.packages[node[0]]
    return row.extras.get(node[1], ()) if node[1] else row.dependencies


def _reach(
    lock: Lock, starts: tuple[_Start, ...], holding: Condition, closed: frozenset[int] = frozenset()
) -> _Reached:
    """Go along every edge whose marker holds, breadth first, and into no closed row."""
    reached: _Reached = {}
    queue: deque[Node] = deque()

    def visit(before: Node | str, dependency: Dependency) -> None:
        if dependency.package not in closed and not holding.isdisjoint(dependency.marker):
            for extra in ("", *dependency.extras):
                node = (dependency.package, extra)
                if node not in reached:
                    reached[node] = before
                    queue.append(node)

    for start in starts:
        visit(start.origin, start.dependency)
    while queue:
        node = queue.popleft()
        for dependency in dependencies_of(lock, node):
            visit(node, dependency)
    return reached


def _installed(lock: Lock, reached: _Reached, platform: Host) -> list[Installed]:
    first: dict[int, Node] = {}
    for node in reached:
        first.setdefault(node[0], node)
    found = [
        Installed(row, platform, partial(_path, lock, reached, node))
        for index, node in first.items()
        if (row := lock.packages[index]).source.kind != "virtual"
    ]
    return sorted(found, key=lambda package: (package.name, package.version or "", package.source.location))


def _path(lock: Lock, reached: _Reached, node: Node) -> tuple[str, ...]:
    path: list[str] = []
    at: Node | str = node
    while not isinstance(at, str):
        index, extra = at
        name = lock.packages[index].name
        path.append(f"{name}[{extra}]" if extra else name)
        at = reached[at]
    return (*([at] if at else []), *reversed(path))
