"""Who requires whom: the closure of scopes over a graph of requirements.

The graph is a function, so that the catalogue, a lock or an index's metadata can stand behind one walk.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING

from variantfix import catalog

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from variantfix.project import Requirement, Scope, Workspace

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
    """The torch-related edges of a package, as `variantfix.catalog` knows them."""
    if package in catalog.family():
        return ((edge.name, edge.extras) for edge in catalog.family()[package].requires)
    dependent = catalog.dependents().get(package)
    if dependent is None:
        return ()
    edges = dependent.extras.get(extra, ()) if extra else dependent.requires
    return ((edge.name, edge.extras) for edge in edges)


def closure(workspace: Workspace, scopes: Iterable[Scope], requires: Requires) -> Mapping[str, Reach]:
    """All packages that the scopes bring, by name, nearest path first.

    Self-references, `include-group` and workspace members are followed. Markers are not looked at: a package that
    is reached on one platform is reached.
    """
    scopes = tuple(scopes)
    paths: dict[str, tuple[str, ...]] = {}
    extras: dict[str, dict[str, None]] = {}
    written: dict[str, list[Requirement]] = {}
    queue: deque[tuple[Scope | str, str, tuple[str, ...]]] = deque((scope, "", ()) for scope in scopes)
    seen: set[tuple[Scope | str, str]] = {(scope, "") for scope in scopes}

    def visit(node: Scope | str, extra: str, path: tuple[str, ...]) -> None:
        if (node, extra) not in seen:
            seen.add((node, extra))
            queue.append((node, extra, path))

    while queue:
        node, extra, path = queue.popleft()
        if isinstance(node, str):
            found = [(name, asked) for name, asked in requires(node, extra)]
        elif section := workspace.section(node):
            found = [(r.name, r.extras) for r in section.requirements]
            for r in section.requirements:
                written.setdefault(r.name, []).append(r)
            for scope in workspace.project(node.file).references(section):
                visit(scope, "", path)
        else:
            found = []
        for name, asked in found:
            member = workspace.member(name)
            if member is not None:
                for scope in member.scopes(asked):
                    visit(scope, "", (*path, name))
                continue
            paths.setdefault(name, (*path, name))
            extras.setdefault(name, {}).update(dict.fromkeys(asked))
            for each in ("", *asked):
                visit(name, each, paths[name])
    return {name: Reach(name, path, tuple(extras[name]), tuple(written.get(name, ()))) for name, path in paths.items()}
