"""What many selections reach on many platforms, in one walk of a lock: each case of these is a bit.

A marker is an integer with the bits of the cases in which it holds; along an edge go those bits that came to it and
are in its marker. `walk` tells more of one case: the way to each package, and the extras that dependencies switch on.
"""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

from variantfix.namedtuple import NamedTuple
from variantfix.uv.lock.selection import SelectionError, check_conflicts, choose, named, switched_on
from variantfix.uv.lock.walk import check_platform, dependencies_of, extras_of, facts_of, member_starts

if TYPE_CHECKING:
    from collections.abc import Container, Hashable, Iterable, Mapping, Sequence
    from typing import TypeVar

    from variantfix.uv.lock.markers import Condition, Markers
    from variantfix.uv.lock.model import Dependency, Lock
    from variantfix.uv.lock.selection import Selection
    from variantfix.uv.lock.walk import Node
    from variantfix.uv.platforms import Host

    T = TypeVar("T", bound=Hashable)


class Survey(NamedTuple):
    """What cases reach each node of a lock; it says all of those that are `settled`."""

    lock: Lock
    holding: _Holding
    reached: Mapping[Node, int]
    settled: int

    @property
    def rows(self) -> dict[int, int]:
        """The cases that reach a row, by its index."""
        return _of_rows(self.reached)

    def behind(self, rows: Container[int]) -> dict[int, int]:
        """The cases in which some way to a row leads through one of some others, by its index."""
        through = ((node, bits) for node, bits in self.reached.items() if node[0] in rows)
        starts = [(each, bits) for node, bits in through for each in dependencies_of(self.lock, node)]
        return _of_rows(_reach(self.lock, starts, self.holding))


def survey(lock: Lock, cases: Sequence[tuple[Selection, Host]]) -> Survey:
    """What each of some cases reaches; the bit of the first one is 1.

    Not settled, and left to `walk`, is what uv refuses, what has requirements that belong to no package, and a case in
    which a dependency would switch on an extra that markers name.
    """
    told = _Told(lock, len(cases))
    for host, bits in _bits(host for _, host in cases).items():
        told.add_host(host, bits)
    for selection, bits in _bits(selection for selection, _ in cases).items():
        told.add_selection(selection, bits)
    starts = [(dependency, bits & told.settled) for dependency, bits in told.starts]
    holding = _Holding(lock.markers, told.atoms, told.settled)
    reached = _reach(lock, starts, holding)
    return Survey(lock, holding, reached, told.settled & ~_switching(lock, starts, reached, told.active))


def _of_rows(reached: Mapping[Node, int]) -> dict[int, int]:
    rows: dict[int, int] = {}
    _add(rows, ((row, bits) for (row, _), bits in reached.items()))
    return rows


class _Told:
    """What is known of the cases: those that uv takes, their first steps, the atoms and pseudo-extras that are on."""

    def __init__(self, lock: Lock, count: int) -> None:
        self.lock = lock
        self.settled = (1 << count) - 1
        self.starts: list[tuple[Dependency, int]] = []
        self.atoms: dict[int, int] = {}
        self.active: dict[str, int] = {}

    def add_host(self, host: Host, bits: int) -> None:
        """Take the platform of some cases in."""
        try:
            check_platform(self.lock, host)
        except SelectionError:
            self.settled &= ~bits
        _add(self.atoms, ((atom, bits) for atom in _ones(facts_of(self.lock, host))))

    def add_selection(self, selection: Selection, bits: int) -> None:
        """Take the selection of some cases in."""
        try:
            chosen = choose(self.lock, selection)
            active = switched_on(self.lock, chosen)
            check_conflicts(self.lock, active)
        except SelectionError:
            self.settled &= ~bits
            return
        if self.lock.requirements or chosen.root_groups:
            self.settled &= ~bits
        self.starts += ((start.dependency, bits) for start in member_starts(chosen))
        _add(self.active, ((name, bits) for name in active))
        _add(self.atoms, ((atom, bits) for atom in _ones(self.lock.markers.extras(active))))


def _bits(items: Iterable[T]) -> dict[T, int]:
    """Each item with the bits of its places."""
    found: dict[T, int] = {}
    _add(found, ((item, 1 << place) for place, item in enumerate(items)))
    return found


def _add(table: dict[T, int], items: Iterable[tuple[T, int]]) -> None:
    for item, bits in items:
        table[item] = table.get(item, 0) | bits


def _ones(bits: int) -> Iterable[int]:
    """The bits that are set, each alone."""
    while bits:
        lowest = bits & -bits
        yield lowest
        bits ^= lowest


class _Holding:
    """In which cases the markers of a lock hold."""

    def __init__(self, markers: Markers, atoms: dict[int, int], cases: int) -> None:
        self._clauses = markers.clauses
        self._atoms = atoms
        self._cases = cases
        self._known: dict[Condition, int] = {}
        for bit, clauses in markers.inner:
            _add(atoms, ((bit, self._clause(clause)) for clause in clauses))

    def cases(self, condition: Condition) -> int:
        """Those in which a marker holds."""
        if condition not in self._known:
            held = 0
            for number in condition:
                held |= self._clause(self._clauses[number])
            self._known[condition] = held
        return self._known[condition]

    def _clause(self, clause: int) -> int:
        held = self._cases
        while clause and held:
            atom = clause & -clause
            held &= self._atoms.get(atom, 0)
            clause ^= atom
        return held


def _reach(lock: Lock, starts: list[tuple[Dependency, int]], holding: _Holding) -> dict[Node, int]:
    """Every node that is reached, with the cases that reach it."""
    reached: dict[Node, int] = {}
    waiting: dict[Node, int] = {}
    queue: deque[Node] = deque()

    def visit(dependency: Dependency, bits: int) -> None:
        bits &= holding.cases(dependency.marker)
        for extra in ("", *dependency.extras) if bits else ():
            node = (dependency.package, extra)
            new = bits & ~reached.get(node, 0)
            if new:
                reached[node] = reached.get(node, 0) | new
                if node not in waiting:
                    queue.append(node)
                waiting[node] = waiting.get(node, 0) | new

    for dependency, bits in starts:
        visit(dependency, bits)
    while queue:
        node = queue.popleft()
        bits = waiting.pop(node)
        for dependency in dependencies_of(lock, node):
            visit(dependency, bits)
    return reached


def _switching(
    lock: Lock, starts: list[tuple[Dependency, int]], reached: dict[Node, int], active: dict[str, int]
) -> int:
    """The cases in which a dependency asks for an extra that markers name, and that is not on."""
    known = named(lock)
    edges = [*starts, *((each, bits) for node, bits in reached.items() for each in dependencies_of(lock, node))]
    found = 0
    for dependency, bits in edges:
        for name in extras_of(lock, dependency) & known if dependency.extras else ():
            found |= bits & ~active.get(name, 0)
    return found
