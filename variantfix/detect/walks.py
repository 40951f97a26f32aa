"""What lists of requirements bring, walked once, and for later states of a workspace too where no list has changed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from variantfix.detect.reach import Walk
from variantfix.pytorch import catalog
from variantfix.pytorch.certainty import RANKS, weakest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from variantfix.detect.reach import Reach, Requires
    from variantfix.pytorch.certainty import Certainty
    from variantfix.uv.project import Requirement, Scope
    from variantfix.uv.workspace import Workspace

    Holds = Callable[[str], bool]
    """Whether a marker, which is not empty, counts."""


def _always(_: str) -> bool:
    return True


class Walks:
    """The walks over a workspace, and those over earlier states of it.

    A walk knows the lists that it read and what it was told of their markers: it serves whoever finds the same.
    """

    def __init__(self, workspace: Workspace, requires: Requires, earlier: Walks | None = None) -> None:
        self._workspace = workspace
        self.requires = requires
        self._done: dict[tuple[Scope, ...], list[_Recorded]] = {}
        self._bringing: dict[tuple[str, tuple[str, ...], tuple[str, ...]], Certainty | None] = {}
        self._idle: set[_Node] = set()
        if earlier and workspace.is_bound_as(earlier._workspace):
            if workspace.asks_as(earlier._workspace):
                self.requires = earlier.requires
            if self.requires == earlier.requires:
                self._done, self._bringing, self._idle = earlier._done, earlier._bringing, earlier._idle

    def closure(self, scopes: tuple[Scope, ...], holds: Holds = _always) -> Mapping[str, Reach]:
        """All packages that some scopes bring by the requirements whose markers hold, as `reach.closure` has them."""
        return self._walk(scopes, holds).closure

    def names(self, scopes: tuple[Scope, ...], holds: Holds = _always) -> frozenset[str]:
        """The names of them alone."""
        return self._walk(scopes, holds).names

    def _walk(self, scopes: tuple[Scope, ...], holds: Holds) -> _Recorded:
        done = self._done.setdefault(scopes, [])
        for walk in done:
            if walk.fits(self._workspace, holds):
                return walk
        done.append(_Recorded(self._workspace, scopes, self.requires, holds))
        return done[-1]

    def how_brought(self, package: str, extras: tuple[str, ...], specifiers: tuple[str, ...]) -> Certainty | None:
        """How sure it is that a package, with some extras, in the versions admitted, brings the family; None if not."""
        key = (package, extras, specifiers)
        if key not in self._bringing:
            nodes = [(package, extra, specifier) for extra in ("", *extras) for specifier in specifiers or ("",)]
            self._bringing[key] = _how_brought(self.requires, nodes, self._idle)
        return self._bringing[key]


_Node = tuple[str, str, str]
"""A package, one of its extras or "", and the versions that are admitted."""


def _how_brought(requires: Requires, nodes: Iterable[_Node], idle: set[_Node]) -> Certainty | None:
    """How sure it is that some nodes bring the family; `idle` ones are known to bring none, and more become so."""
    todo = {rank: [*nodes] if rank == RANKS[0] else [] for rank in RANKS}
    seen: set[_Node] = set()
    for rank in RANKS:  # the surest ways come first
        while todo[rank]:
            if (node := todo[rank].pop()) in seen or node in idle:
                continue
            if node[0] in catalog.family():
                return rank
            seen.add(node)
            for edge in requires(*node):
                todo[weakest(rank, edge.certainty)] += ((edge.name, extra, "") for extra in ("", *edge.extras))
    idle |= seen
    return None


class _Recorded(Walk):
    """A walk that knows what it was told of each marker."""

    def __init__(self, workspace: Workspace, scopes: tuple[Scope, ...], requires: Requires, holds: Holds) -> None:
        told: dict[str, bool] = {"": True}

        def admits(requirement: Requirement) -> bool:
            marker = requirement.marker
            if marker not in told:
                told[marker] = holds(marker)
            return told[marker]

        super().__init__(workspace, scopes, requires, admits)
        self._told = told

    def fits(self, workspace: Workspace, holds: Holds) -> bool:
        """Whether it would be the same in another state of the workspace, and for another answer about markers."""
        return all(workspace.section(scope) is section for scope, section in self.lists.items()) and all(
            holds(marker) is told for marker, told in self._told.items() if marker
        )
