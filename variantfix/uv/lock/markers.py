"""Markers of a lock, compiled once, then answered with set operations.

uv writes the markers of a lock as an `or` of `and`s, and repeats the same few comparisons tens of thousands
of times. Each distinct comparison becomes an `Atom` and one bit; each `and` becomes a clause, an integer with
the bits of its atoms; a marker is the set of its clauses' numbers and holds when one of these holds. An `or` within
an `and`, which uv does not write, gets a bit of its own, so that nothing is ever multiplied out.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from variantfix.errors import InputError
from variantfix.namedtuple import NamedTuple
from variantfix.uv.marker_sets import asks_for_extra, compare, is_on, is_sensible
from variantfix.uv.marker_syntax import ALWAYS as _EMPTY
from variantfix.uv.marker_syntax import Atom, Join, MarkerError, Node, keep, parse

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

Condition = frozenset[int]
"""A marker: the numbers of its clauses in `Markers.clauses`."""

ALWAYS: Condition = frozenset((0,))
"""The empty marker: clause 0 of every lock is the one without atoms."""

_MOST_BITS = 1 << 13
"""Different comparisons in one lock; the largest public ones have some hundred."""


class Markers(NamedTuple):
    """All markers of one lock: its atoms, and its clauses as sets of atoms (bit n stands for `atoms[n]`).

    `inner` are the bits that stand for an `or`, each after those that it is made of, with its clauses.
    """

    atoms: tuple[Atom | None, ...]
    clauses: tuple[int, ...]
    inner: tuple[tuple[int, tuple[int, ...]], ...] = ()

    def facts(self, environment: Mapping[str, str]) -> int:
        """Return the bits of the atoms that hold in a marker environment; those about extras stay unset."""
        return sum(
            1 << bit
            for bit, atom in enumerate(self.atoms)
            if atom and not asks_for_extra(atom) and compare(atom, environment[atom.key])
        )

    def extras(self, active: frozenset[str]) -> int:
        """Return the bits of the atoms about extras that hold while just the names `active` are on."""
        return sum(
            1 << bit for bit, atom in enumerate(self.atoms) if atom and asks_for_extra(atom) and is_on(atom, active)
        )

    def about(self, keys: frozenset[str]) -> int:
        """Return the bits of the atoms about some keys, for one who leaves open what these are."""
        return sum(1 << bit for bit, atom in enumerate(self.atoms) if atom and atom.key in keys)

    @property
    def names(self) -> frozenset[str]:
        """The extras and groups that the markers name, as they do."""
        return frozenset(atom.value for atom in self.atoms if atom and asks_for_extra(atom))

    def holding(self, bits: int) -> Condition:
        """Return the clauses that hold while the atoms of `bits`, and no others, hold."""
        for bit, clauses in self.inner:
            if any(clause & bits == clause for clause in clauses):
                bits |= bit
        return frozenset(number for number, clause in enumerate(self.clauses) if clause & bits == clause)


class _Table(NamedTuple):
    """What was compiled so far: the bit of each atom and each inner `or`, the clauses by their bits, and what is plain.

    Of what is plain the bit of an atom, and the number of a clause, are known by their text.
    """

    bits: dict[Atom | Join, int]
    numbers: dict[int, int]
    inner: list[tuple[int, tuple[int, ...]]]
    atoms: dict[str, int]
    known: dict[str, int]

    def bit(self, node: Atom | Join) -> int:
        """The bit of an atom, or of an `or` within an `and`. Raises `InputError` for more than any uv writes."""
        if node not in self.bits:
            clauses = self.clauses(node) if isinstance(node, Join) else []
            if len(self.bits) == _MOST_BITS:
                raise InputError(f"uv.lock has more than {_MOST_BITS} different comparisons in its markers")
            self.bits[node] = 1 << len(self.bits)
            if isinstance(node, Join):
                self.inner.append((self.bits[node], tuple(clauses)))
        return self.bits[node]

    def clauses(self, node: Node) -> list[int]:
        """The clauses of a marker."""
        parts = node.parts if isinstance(node, Join) and node.word == "or" else (node,)
        return [self.clause(part) for part in parts]

    def clause(self, node: Node) -> int:
        """The bits that all have to be set for an `and`."""
        if isinstance(node, Join) and node.word == "and":
            mask = 0
            for part in node.parts:
                mask |= self.clause(part)
            return mask
        return self.bit(node)

    def number(self, clause: int) -> int:
        """The number of a clause."""
        return self.numbers.setdefault(clause, len(self.numbers))

    def plain(self, text: str) -> Condition | None:
        """The clauses of a marker in the form that uv writes; None for another form."""
        parts = text.split(" or ")
        for part in parts:
            if part not in self.known:
                clause = self._plain_clause(part[1:-1] if part[:1] == "(" and part[-1:] == ")" else part)
                if clause is None:
                    return None
                self.known[part] = self.number(clause)
        return frozenset([self.known[part] for part in parts])

    def _plain_clause(self, text: str) -> int | None:
        clause = 0
        for piece in text.split(" and "):
            if piece not in self.atoms:
                atom = _plain_atom(piece)
                if atom is None:
                    return None
                self.atoms[piece] = self.bit(atom)
            clause |= self.atoms[piece]
        return clause


def compile_markers(texts: Iterable[str]) -> tuple[Markers, dict[str, Condition]]:
    """Compile marker texts; `""` always holds. Raises InputError for a text that is no marker."""
    table = _Table({}, {0: 0}, [], {}, {})
    conditions: dict[str, Condition] = {"": ALWAYS}
    for text in texts:
        if text not in conditions:
            plain = table.plain(text)
            conditions[text] = frozenset(map(table.number, table.clauses(_read(text)))) if plain is None else plain
    atoms = tuple(node if isinstance(node, Atom) else None for node in table.bits)
    return Markers(atoms, tuple(table.numbers), tuple(table.inner)), conditions


def _plain_atom(text: str) -> Atom | None:
    if "(" in text or ")" in text:
        return None
    try:
        node = parse(text)
    except MarkerError:
        return None
    return node if isinstance(node, Atom) and is_sensible(node) else None


def _read(text: str) -> Node:
    """A marker of any form, without what makes no sense, which uv passes over."""
    if not isinstance(text, str) or not text.strip():
        raise _broken(text, "it is empty")
    try:
        node = parse(text)
    except MarkerError as error:
        raise _broken(text, str(error)) from error
    return keep(node, is_sensible) or _EMPTY


def _broken(text: object, reason: str) -> InputError:
    return InputError(f"uv.lock has a marker that cannot be read: {str(text)[:200]!r}: {reason}", hint="run `uv lock`")
