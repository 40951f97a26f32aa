"""Where a marker can hold: on which of a few platforms, with which of the Pythons that are about.

Each comparison is a set of these, as the bits of an integer, and `and` and `or` are those of integers: nothing is ever
multiplied out, and a marker's length bounds the time. What nobody can know from files (`platform_release`) leaves
two sets: where the marker may hold, and where it must. Source: PEP 508, and what uv does with comparisons that make
no sense: it warns, and goes on without them.
"""

from __future__ import annotations

from itertools import combinations
from typing import TYPE_CHECKING

from variantfix.namedtuple import NamedTuple
from variantfix.uv.marker_syntax import LISTS, VERSIONS, Atom, Node, walk
from variantfix.uv.platforms import PLATFORMS
from variantfix.uv.project import normalise
from variantfix.uv.pythons import compare as compare_versions
from variantfix.uv.pythons import samples

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from variantfix.uv.platforms import Platform

_ORDER = tuple(sorted(PLATFORMS))
_EVERYWHERE = (1 << len(_ORDER)) - 1
# Beyond these, answers are careful instead of exact.
_MOST_VERSIONS = 64
_MOST_CASES = 1 << 16


class Bounds(NamedTuple):
    """Where a marker may hold, and where it must, as bits."""

    may: int
    must: int


def asks_for_extra(atom: Atom) -> bool:
    """Whether a comparison asks for an extra or a group."""
    return atom.key == "extra" or atom.key in LISTS


def compare(atom: Atom, actual: str) -> bool | None:
    """Whether a comparison, of no extra, holds for what an environment has; None where it makes no sense."""
    if atom.key in VERSIONS and not atom.operator.endswith("contains"):
        if atom.operator in ("in", "not in"):
            listed = [compare_versions(actual, "==", one) for one in atom.value.split()]
            return None if None in listed else any(listed) is (atom.operator == "in")
        return compare_versions(actual, atom.operator, atom.value)
    operate = _OPERATORS.get(atom.operator)
    return operate(actual, atom.value) if operate and atom.key else None


_OPERATORS: Mapping[str, Callable[[str, str], bool]] = {
    "==": lambda actual, value: actual == value,
    "!=": lambda actual, value: actual != value,
    "<": lambda actual, value: actual < value,
    "<=": lambda actual, value: actual <= value,
    ">": lambda actual, value: actual > value,
    ">=": lambda actual, value: actual >= value,
    "in": lambda actual, value: actual in value,
    "not in": lambda actual, value: actual not in value,
    "contains": lambda actual, value: value in actual,
    "not contains": lambda actual, value: value not in actual,
}


def is_sensible(atom: Atom) -> bool:
    """Whether uv listens to a comparison."""
    return (is_on(atom, frozenset()) if asks_for_extra(atom) else compare(atom, "3.0")) is not None


def is_on(atom: Atom, active: frozenset[str]) -> bool | None:
    """Whether a comparison with an extra or a group holds while just some are on; None where it makes no sense."""
    positive, negative = ("==", "!=") if atom.key == "extra" else ("contains", "not contains")
    if atom.operator not in (positive, negative):
        return None
    return (normalise(atom.value) in active) is (atom.operator == positive)


def bounds(node: Node, ask: Callable[[Atom], Bounds | None]) -> Bounds | None:
    """Where a marker may and must hold; None for one in which nothing makes sense."""
    if isinstance(node, Atom):
        return ask(node)
    found = [each for part in node.parts if (each := bounds(part, ask)) is not None]
    if not found:
        return None
    may, must = found[0]
    for each in found[1:]:
        may, must = (may & each.may, must & each.must) if node.word == "and" else (may | each.may, must | each.must)
    return Bounds(may, must)


class World(NamedTuple):
    """The Pythons on which a marker is asked, on every platform; one with `is_exact` false leaves patches open."""

    pythons: tuple[str, ...]
    is_exact: bool

    @property
    def all(self) -> int:
        """The bits of every platform with every Python."""
        return (1 << len(_ORDER) * len(self.pythons)) - 1

    def bounds(self, atom: Atom) -> Bounds | None:
        """Where a comparison, of no extra, may and must hold."""
        if not is_sensible(atom):
            return None
        if atom.key in ("python_version", "python_full_version"):
            return self._versions(atom)
        if atom.key not in _ORDER[0].values:
            return Bounds(self.all, 0)
        here = sum(1 << n for n, each in enumerate(_ORDER) if compare(atom, each.values[atom.key]))
        bits = sum(here << n * len(_ORDER) for n in range(len(self.pythons)))
        return Bounds(bits, bits)

    def choice(self, atom: Atom, active: frozenset[str] | None) -> Bounds | None:
        """Where a comparison with an extra may and must hold, while just some are on, or any."""
        answer = is_on(atom, active or frozenset())
        if answer is None:
            return None
        return Bounds(self.all, 0) if active is None else Bounds(self.all * answer, self.all * answer)

    def _versions(self, atom: Atom) -> Bounds:
        if atom.key == "python_full_version" and not self.is_exact:
            return Bounds(self.all, 0)
        actual = [each if atom.key == "python_full_version" else each.rpartition(".")[0] for each in self.pythons]
        bits = sum(_EVERYWHERE << n * len(_ORDER) for n, each in enumerate(actual) if compare(atom, each))
        return Bounds(bits, bits)


def platforms_of(may: int, world: World) -> frozenset[Platform]:
    """The platforms that some bits stand for, with any Python."""
    at_all = 0
    for _ in world.pythons:
        at_all, may = at_all | may & _EVERYWHERE, may >> len(_ORDER)
    return frozenset(each for n, each in enumerate(_ORDER) if at_all >> n & 1)


def _world(node: Node) -> World:
    asked = {atom for atom in walk(node) if atom.key in VERSIONS}
    if not asked:
        return World(("3.15.0",), is_exact=True)
    full = {value for atom in asked if atom.key == "python_full_version" for value in atom.value.split()}
    is_exact = len(full) <= _MOST_VERSIONS
    return World(samples(full if is_exact else ()), is_exact)


def solve(node: Node, active: frozenset[str] | None) -> tuple[Bounds, World]:
    """Where a marker may and must hold; with `active` None, for any extras and groups that are on."""
    world = _world(node)
    all_atoms = list(walk(node))
    known = {atom: world.bounds(atom) for atom in dict.fromkeys(all_atoms) if not asks_for_extra(atom)}
    extras = dict.fromkeys(atom for atom in all_atoms if asks_for_extra(atom))
    names = sorted({normalise(atom.value) for atom in extras})
    cases = [active]
    if active is None and names and len(all_atoms) << len(names) <= _MOST_CASES:
        cases = [frozenset(each) for size in range(len(names) + 1) for each in combinations(names, size)]
    may, must = 0, world.all
    for case in cases:
        known |= {atom: world.choice(atom, case) for atom in extras}
        found = bounds(node, known.__getitem__) or Bounds(world.all, world.all)
        may, must = may | found.may, must & found.must
    return Bounds(may, must), world
