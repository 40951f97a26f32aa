"""Who requires whom: the closure of scopes over a graph of requirements.

The graph is a function, so that the catalogue, a lock or an index's metadata can stand behind one walk.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING

from variantfix.pytorch import catalog

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from variantfix.uv.project import Requirement, Scope, Workspace

    Requires = Callable[[str, str], Iterable[tuple[str, tuple[str, ...]]]]
    """(package, extra or "") -> the packages that it requires, each with the extras that it asks of them."""


@dataclass(frozen=True, slots=True)
class Reach:
    """A package in a closure: the path of names that brings it, and the requirements written for it."""

    package: str
    path: tuple[str, ...]
    extras: tuple[str, ...]
    written: tuple[Requirement, ...]

    @property
    def is_direct(self) -> bool:
        """Whether a requirement of the project's own files asks for it."""
        return bool(self.written)


def catalogue_requires(package: str, extra: str) -> Iterable[tuple[str, tuple[str, ...]]]:
    """The torch-related edges of a package, as `variantfix.pytorch.catalog` knows them."""
    if package in catalog.family():
        # What older versions declared, newer ones need all the same: torchaudio does without torch in name only.
        member = catalog.family()[package]
        return ((edge.name, edge.extras) for edge in (*member.requires, *member.older))
    dependent = catalog.dependents().get(package)
    if dependent is None:
        return ()
    edges = dependent.extras.get(extra, ()) if extra else dependent.requires
    return ((edge.name, edge.extras) for edge in edges)


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
    walk = _Walk(workspace, requires, admits)
    for scope in scopes:
        walk.visit(scope, "", ())
    while walk.queue:
        walk.step(*walk.queue.popleft())
    return {
        name: Reach(name, path, tuple(walk.extras[name]), tuple(walk.written.get(name, ())))
        for name, path in walk.paths.items()
    }


class _Walk:
    """A breadth-first walk over scopes and packages; a node is a scope, or a package with one of its extras."""

    def __init__(self, workspace: Workspace, requires: Requires, admits: Callable[[Requirement], bool]) -> None:
        self.workspace = workspace
        self.requires = requires
        self.admits = admits
        self.queue: deque[tuple[Scope | str, str, tuple[str, ...]]] = deque()
        self.seen: set[tuple[Scope | str, str]] = set()
        self.paths: dict[str, tuple[str, ...]] = {}
        self.extras: dict[str, dict[str, None]] = {}
        self.written: dict[str, list[Requirement]] = {}

    def visit(self, node: Scope | str, extra: str, path: tuple[str, ...]) -> None:
        if (node, extra) not in self.seen:
            self.seen.add((node, extra))
            self.queue.append((node, extra, path))

    def step(self, node: Scope | str, extra: str, path: tuple[str, ...]) -> None:
        if isinstance(node, str):
            for name, asked in self.requires(node, extra):
                self.reach(name, asked, path)
        elif section := self.workspace.section(node):
            for requirement in filter(self.admits, section.requirements):
                self.written.setdefault(requirement.name, []).append(requirement)
                self.reach(requirement.name, requirement.extras, path)
            for scope in self.workspace.project(node.file).references(section):
                self.visit(scope, "", path)

    def reach(self, name: str, asked: tuple[str, ...], path: tuple[str, ...]) -> None:
        member = self.workspace.member(name)
        if member is not None:
            for scope in member.scopes(asked):
                self.visit(scope, "", (*path, name))
            return
        self.paths.setdefault(name, (*path, name))
        self.extras.setdefault(name, {}).update(dict.fromkeys(asked))
        for extra in ("", *asked):
            self.visit(name, extra, self.paths[name])
