"""What locks tell about a project: a uv.lock beside it, and the one that uv made of its repair.

Nothing is parsed before a rule asks: most projects have no variants, and no need of their lock.
"""

from __future__ import annotations

from functools import cache, cached_property
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from variantfix import memo
from variantfix.detect.reach import catalogue_requires
from variantfix.errors import InputError
from variantfix.namedtuple import NamedTuple
from variantfix.pytorch.edges import known
from variantfix.pytorch.facts import Edge
from variantfix.pytorch.libraries import is_cuda_library
from variantfix.pytorch.tables import plain, undeclared
from variantfix.uv.pseudo import decode
from variantfix.uv.specifiers import contains

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from variantfix.detect.reach import Reach, Requires
    from variantfix.detect.walks import Walks
    from variantfix.uv.lock import Lock, Package
    from variantfix.uv.workspace import Workspace


class LockFile:
    """The text of a uv.lock, read when first needed."""

    def __init__(self, text: str) -> None:
        self.text = text

    @cached_property
    def lock(self) -> Lock:
        """What it holds. Raises `InputError` for a broken one."""
        from variantfix.uv.lock import lock_of

        return lock_of(self._document)

    @cached_property
    def _document(self) -> dict[str, Any]:
        from variantfix.uv.lock import load_lock

        memo.reading(len(self.text))
        return load_lock(self.text)

    @cached_property
    def keeps_variants_apart(self) -> bool:
        """Whether the uv that wrote it writes conflict markers."""
        # Conflict markers came with uv 0.5.8, `revision` later still.
        return not self._trouble and (self.lock.revision > 0 or any(map(decode, self.lock.markers.names)))

    def staleness(self, workspace: Workspace) -> str:
        """What it and the files disagree about, as a clause; empty where it is their lock."""
        from variantfix.uv.lock.freshness import staleness

        try:
            return self._trouble or staleness(self._document, workspace)
        except (ValueError, LookupError, TypeError, AttributeError):
            return "it is not as uv writes it"

    @cached_property
    def _trouble(self) -> str:
        """Why it cannot be read; empty where it can."""
        try:
            _ = self.lock
        except InputError as error:
            return str(error)
        return ""

    def packages(self, workspace: Workspace) -> Iterable[str]:
        """The names of its packages, where the files still admit their versions; else none."""
        return self._rows if self._fits(workspace) else ()

    def requires(self, workspace: Workspace, otherwise: Requires = catalogue_requires) -> Requires:
        """Who requires whom: this lock for the packages that it has, `otherwise` for all others.

        A lock whose versions the files no longer admit is left aside. New sources and conflicts do not matter
        here: they change where a package comes from, not what it requires.
        """
        edges = cache(self._edges)

        @cache
        def fits() -> bool:
            return self._fits(workspace)

        def requires(package: str, extra: str, specifier: str) -> Iterable[Edge]:
            if fits() and package in self._rows:
                return edges(package, extra)
            return otherwise(package, extra, specifier)

        return requires

    @cached_property
    def _rows(self) -> Mapping[str, list[Package]]:
        rows: dict[str, list[Package]] = {}
        for row in self.lock.packages:
            rows.setdefault(row.name, []).append(row)
        return rows

    def _edges(self, package: str, extra: str) -> list[Edge]:
        found: dict[str, dict[str, None]] = {}
        for row in self._rows[package]:
            for dependency in row.extras.get(extra, ()) if extra else row.dependencies:
                name = self.lock.packages[dependency.package].name
                found.setdefault(name, {}).update(dict.fromkeys(dependency.extras))
        return [Edge(name, tuple(extras)) for name, extras in found.items()]

    def _fits(self, workspace: Workspace) -> bool:
        """Whether some locked version satisfies each requirement of the files that names a locked package."""
        return not self._trouble and all(
            self._admits(requirement.name, requirement.specifier)
            for project in workspace.projects
            for requirement in project.requirements()
            if requirement.specifier and not requirement.url
        )

    def _admits(self, package: str, specifier: str) -> bool:
        rows = self._rows.get(package, [])
        return not rows or any(row.version is None or contains(specifier, row.version) for row in rows)


class Evidence(NamedTuple):
    """What lies beside the files: the locks at hand, and whether there is a uv.toml.

    `beside` lies beside the files, `made` is what uv made of them once they were repaired: it is newer, and knows
    every package, but proves nothing about the files as they are. `told` is what indexes were asked about packages that
    nothing else knew: their requirements by extra, the empty one for none.
    """

    beside: LockFile | None = None
    made: LockFile | None = None
    uv_toml: bool = False
    told: Mapping[str, Mapping[str, tuple[Edge, ...]]] = MappingProxyType({})

    def requires(self, workspace: Workspace) -> Requires:
        """The graph for a workspace: the newest lock that fits, else what indexes told, else the catalogue."""
        lock = self.made or self.beside
        return lock.requires(workspace, self._told) if lock else self._told

    def _told(self, package: str, extra: str, specifier: str) -> Iterable[Edge]:
        if package in self.told:
            return self.told[package].get(extra, ())
        return catalogue_requires(package, extra, specifier)

    def unknown(self, workspace: Workspace, walks: Walks) -> tuple[Reach, ...]:
        """The packages in reach of any list of the files of which nothing tells whether they bring torch."""
        lock = self.made or self.beside
        locked = lock.packages(workspace) if lock else ()
        reached = walks.closure(tuple(section.scope for section in workspace.sections()))
        return tuple(r for name, r in reached.items() if not (name in locked or name in self.told or _is_known(r)))


def _is_known(reach: Reach) -> bool:
    """Whether the catalogue knows a package in the versions that it is asked for, or it comes from a URL."""
    package = reach.package
    if package in plain() or package in undeclared() or is_cuda_library(package) or any(r.url for r in reach.written):
        return True
    return any(known(package, "", specifier) is not None for specifier in reach.specifiers or ("",))


NONE = Evidence()
