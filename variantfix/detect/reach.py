"""Who requires whom: the closure of scopes over a graph of requirements.

The graph is a function, so that the catalogue, a lock or an index's metadata can stand behind one walk.
"""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, NamedTuple

from variantfix.pytorch import edges
from variantfix.pytorch.facts import Edge

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from variantfix.uv.project import Requirement, Scope, Workspace

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


class Reach(NamedTuple):
    """A package in a closure: the path of names that brings it, and the requirements written for it.

    `bringers` has every way on which it comes, nearest first: "what brings it, and under which marker". In which
    version it comes, `specifiers` says: one for each written requirement that has a pin or an upper bound, joined with
    the constraints on it; empty where the newest is taken. Ask the graph of the context with one of them, and it
    answers for the versions admitted: `ctx.requires(reach.package, "", specifier)`. `is_sure` says that every step of
    one way was seen, in metadata or a lock: a rule may call what follows from it an error.
    """

    package: str
    path: tuple[str, ...]
    extras: tuple[str, ...]
    written: tuple[Requirement, ...]
    bringers: tuple[Bringer, ...] = ()
    specifiers: tuple[str, ...] = ()
    is_sure: bool = True

    @property
    def is_direct(self) -> bool:
        """Whether a requirement of the project's own files asks for it."""
        return bool(self.written)


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
    walk = _walk(workspace, scopes, requires, admits)
    return {
        name: Reach(
            name,
            path,
            tuple(walk.extras[name]),
            tuple(walk.written.get(name, ())),
            tuple(walk.bringers[name]),
            walk.specifiers(name),
            name in walk.sure,
        )
        for name, path in walk.paths.items()
    }


def names(
    workspace: Workspace, scopes: Iterable[Scope], requires: Requires, admits: Callable[[Requirement], bool]
) -> frozenset[str]:
    """The packages of a closure by name alone, for those who ask nothing else of it."""
    return frozenset(_walk(workspace, scopes, requires, admits).paths)


def _walk(
    workspace: Workspace, scopes: Iterable[Scope], requires: Requires, admits: Callable[[Requirement], bool]
) -> _Walk:
    walk = _Walk(workspace, requires, admits)
    for scope in scopes:
        walk.visit(scope, ())
    walk.run()
    return walk


class _Walk:
    """A breadth-first walk over scopes and packages; a node is a scope, or a package with one of its extras."""

    def __init__(self, workspace: Workspace, requires: Requires, admits: Callable[[Requirement], bool]) -> None:
        self.workspace = workspace
        self.requires = requires
        self.admits = admits
        self.scopes: deque[tuple[Scope, tuple[str, ...]]] = deque()
        self.constraints: dict[str, list[str]] = {}
        for requirement in workspace.root.uv.constraints:
            if requirement.specifier:
                self.constraints.setdefault(requirement.name, []).append(requirement.specifier)
        self.queue: deque[tuple[str, str, tuple[str, ...]]] = deque()
        self.seen: set[tuple[Scope | str, str]] = set()
        self.paths: dict[str, tuple[str, ...]] = {}
        self.extras: dict[str, dict[str, None]] = {}
        self.written: dict[str, list[Requirement]] = {}
        self.bringers: dict[str, dict[Bringer, None]] = {}
        self.sure: set[str] = set()

    def run(self) -> None:
        """Walk until nothing is new: the files' lists first, for what is written there bounds the packages."""
        while self.scopes or self.queue:
            if self.scopes:
                self.read(*self.scopes.popleft())
                continue
            package, extra, path = self.queue.popleft()
            for specifier in self.specifiers(package) or ("",):
                for edge in self.requires(package, extra, specifier):
                    self.reach(edge, path, package)

    def visit(self, scope: Scope, path: tuple[str, ...]) -> None:
        if (scope, "") not in self.seen:
            self.seen.add((scope, ""))
            self.scopes.append((scope, path))

    def read(self, scope: Scope, path: tuple[str, ...]) -> None:
        if section := self.workspace.section(scope):
            for requirement in filter(self.admits, section.requirements):
                self.written.setdefault(requirement.name, []).append(requirement)
                self.reach(Edge(requirement.name, requirement.extras, requirement.marker), path, "")
            for reference in self.workspace.project(scope.file).references(section):
                self.visit(reference, path)

    def reach(self, edge: Edge, path: tuple[str, ...], by: str) -> None:
        name, asked, marker, certainty = edge
        member = self.workspace.member(name)
        if member is not None:
            for scope in member.scopes(asked):
                self.visit(scope, (*path, name))
            return
        self.paths.setdefault(name, (*path, name))
        self.extras.setdefault(name, {}).update(dict.fromkeys(asked))
        self.bringers.setdefault(name, {})[Bringer(by, marker)] = None
        if certainty == "seen" and (not by or by in self.sure):
            self.sure.add(name)
        for extra in ("", *asked):
            if (name, extra) not in self.seen:
                self.seen.add((name, extra))
                self.queue.append((name, extra, self.paths[name]))

    def specifiers(self, package: str) -> tuple[str, ...]:
        """The written specifiers of a package that bound it from above, each with the constraints on it."""
        if package not in self.written and package not in self.constraints:
            return ()
        constraints = self.constraints.get(package, [])
        written = dict.fromkeys(r.specifier for r in self.written.get(package, ()) if not r.url)
        if constraints:
            asked = written or ("",) if package not in self.written else written
            written = dict.fromkeys(",".join(filter(None, (specifier, *constraints))) for specifier in asked)
        return tuple(specifier for specifier in written if specifier and not edges.is_open(specifier))
