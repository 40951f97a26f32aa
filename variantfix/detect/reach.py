"""Who requires whom: the closure of scopes over a graph of requirements.

The graph is a function, so that the catalogue, a lock or an index's metadata can stand behind one walk.
"""

from __future__ import annotations

from collections import deque
from functools import cached_property
from itertools import starmap
from typing import TYPE_CHECKING

from variantfix.namedtuple import NamedTuple
from variantfix.pytorch import edges
from variantfix.pytorch.certainty import RANKS, weakest
from variantfix.uv.project import Scope

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from variantfix.pytorch.certainty import Certainty
    from variantfix.pytorch.facts import Edge
    from variantfix.uv.project import Requirement, Section
    from variantfix.uv.workspace import Workspace

    Requires = Callable[[str, str, str], Iterable[Edge]]
    """(package, extra or "", specifier or "") -> its requirements, each with the extras asked and its marker.

    Where nothing is known for the versions that the specifier admits there are none.
    """


class Bringer(NamedTuple):
    """One way on which a package comes: the package that requires it, and the marker under which it does.

    The package is empty for the project's own files, the marker for always and where nobody knows.
    """

    package: str
    marker: str
    certainty: Certainty = "seen"


class Reach(NamedTuple):
    """A package in a closure: the path of names that brings it, and the requirements written for it.

    `bringers` has every way on which it comes, nearest first: "what brings it, and under which marker". In which
    version it comes, `specifiers` says: one for each written requirement that has a pin or an upper bound, joined with
    the constraints on it; empty where the newest is taken. Ask the graph of the context with one of them, and it
    answers for the versions admitted: `ctx.requires(reach.package, "", specifier)`. `certainty` is that of the
    least sure step on the surest way.
    """

    package: str
    path: tuple[str, ...]
    extras: tuple[str, ...]
    written: tuple[Requirement, ...]
    bringers: tuple[Bringer, ...] = ()
    specifiers: tuple[str, ...] = ()
    certainty: Certainty = "seen"

    @property
    def is_direct(self) -> bool:
        """Whether a requirement of the project's own files asks for it."""
        return bool(self.written)

    @property
    def bounds(self) -> str:
        """What all of these say of its version, as one specifier."""
        return ",".join(filter(None, (requirement.specifier for requirement in self.written)))


def catalogue_requires(package: str, extra: str, specifier: str = "") -> Iterable[Edge]:
    """The torch-related edges of a package, as `variantfix.pytorch.edges` knows them."""
    found = edges.known(package, extra, specifier)
    return found.edges if found else ()


def closure(
    workspace: Workspace,
    scopes: Iterable[Scope],
    requires: Requires,
    admits: Callable[[Requirement], bool] = lambda _: True,
) -> Mapping[str, Reach]:
    """All packages that the scopes bring, by name, nearest path first.

    Self-references, `include-group` and workspace members are followed. Of the requirements in the project's files
    those count that `admits` takes, all by default. A package that is reached on one platform is reached.
    """
    return Walk(workspace, scopes, requires, admits).closure


class Walk:
    """A breadth-first walk over scopes and packages; a node is a scope, or a package with one of its extras.

    `lists` are the lists of requirements that it came by, None for what is not there.
    """

    def __init__(
        self,
        workspace: Workspace,
        scopes: Iterable[Scope],
        requires: Requires,
        admits: Callable[[Requirement], bool],
    ) -> None:
        self._workspace = workspace
        self._requires = requires
        self._admits = admits
        self._constraints: dict[str, list[str]] = {}
        for requirement in workspace.root.uv.constraints:
            if requirement.specifier:
                self._constraints.setdefault(requirement.name, []).append(requirement.specifier)
        self.lists: dict[Scope, Section | None] = {}
        self._scopes: deque[tuple[Scope, tuple[str, ...]]] = deque()
        self._queue: deque[tuple[str, str, tuple[str, ...]]] = deque()
        self._paths: dict[str, tuple[str, ...]] = {}
        self._extras: dict[str, dict[str, None]] = {}
        self._written: dict[str, list[Requirement]] = {}
        self._bounds: dict[str, dict[str, None]] = {}
        self._bringers: dict[str, dict[tuple[str, str, Certainty], None]] = {}
        for scope in scopes:
            self._visit(scope, ())
        self._run()

    @cached_property
    def names(self) -> frozenset[str]:
        """The packages that are reached."""
        return frozenset(self._paths)

    @cached_property
    def closure(self) -> Mapping[str, Reach]:
        """The packages that are reached, each with how it is."""
        certainty = self._certainties()
        return {
            name: Reach(
                name,
                path,
                tuple(self._extras[name]),
                tuple(self._written.get(name, ())),
                tuple(starmap(Bringer, self._bringers[name])),
                self._specifiers(name),
                certainty[name],
            )
            for name, path in self._paths.items()
        }

    def _certainties(self) -> Mapping[str, Certainty]:
        """How sure it is that each package comes, on the surest of its ways."""
        if all(certainty == "seen" for ways in self._bringers.values() for _, _, certainty in ways):
            return dict.fromkeys(self._bringers, "seen")
        found: dict[str, Certainty] = {"": "seen"}
        for rank in RANKS:
            while more := {n for n, ways in self._bringers.items() if n not in found and _leads(ways, found, rank)}:
                found |= dict.fromkeys(more, rank)
            if len(found) > len(self._bringers):
                break
        return found

    def _run(self) -> None:
        """Walk until nothing is new: the files' lists first, for what is written there bounds the packages."""
        while self._scopes or self._queue:
            if self._scopes:
                self._read(*self._scopes.popleft())
                continue
            package, extra, path = self._queue.popleft()
            for specifier in self._specifiers(package) or ("",):
                for name, asked, marker, certainty in self._requires(package, extra, specifier):
                    self._reach(name, asked, path, (package, marker, certainty))

    def _visit(self, scope: Scope, path: tuple[str, ...]) -> None:
        if scope not in self.lists:
            self.lists[scope] = self._workspace.section(scope)
            self._scopes.append((scope, path))

    def _read(self, scope: Scope, path: tuple[str, ...]) -> None:
        section = self.lists[scope]
        if section is None:
            return
        for requirement in section.requirements:
            if self._admits(requirement):
                name, asked, specifier, marker, url, *_ = requirement
                self._written.setdefault(name, []).append(requirement)
                if specifier and not url and not edges.is_open(specifier):
                    self._bounds.setdefault(name, {})[specifier] = None
                self._reach(name, asked, path, ("", marker, "seen"))
        for name in section.includes:  # what a requirement on the project itself refers to was reached as a member
            self._visit(Scope(scope.file, "group", name), path)

    def _reach(
        self, name: str, asked: tuple[str, ...], path: tuple[str, ...], bringer: tuple[str, str, Certainty]
    ) -> None:
        if name in self._workspace.members:
            for scope in self._workspace.members[name].scopes(asked):
                self._visit(scope, (*path, name))
            return
        if name not in self._paths:
            self._paths[name] = path = (*path, name)
            self._extras[name], self._bringers[name] = {}, {}
            self._queue.append((name, "", path))
        self._bringers[name][bringer] = None
        known = self._extras[name]
        for extra in asked:
            if extra not in known:
                known[extra] = None
                self._queue.append((name, extra, self._paths[name]))

    def _specifiers(self, package: str) -> tuple[str, ...]:
        """The written specifiers of a package that bound it from above, each with the constraints on it."""
        constraints = self._constraints.get(package)
        if not constraints:
            return tuple(self._bounds.get(package, ()))
        rows = self._written.get(package, ())
        written = dict.fromkeys(row.specifier for row in rows if not row.url) or ({} if rows else {"": None})
        bounds = dict.fromkeys(",".join(filter(None, (each, *constraints))) for each in written)
        return tuple(specifier for specifier in bounds if not edges.is_open(specifier))


def _leads(ways: Iterable[tuple[str, str, Certainty]], found: Mapping[str, Certainty], rank: Certainty) -> bool:
    """Whether one of some ways begins at what was found, and is no less sure than a rank."""
    return any(by in found and weakest(certainty, rank) == rank for by, _, certainty in ways)
