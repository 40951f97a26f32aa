"""Markers of a lock, compiled once, then answered with set operations.

uv writes the markers of a lock as an `or` of `and`s, and repeats the same few comparisons tens of thousands
of times. Each distinct comparison becomes an `Atom` and one bit; each `and` becomes a clause, an integer with
the bits of its atoms; a marker is the set of its clauses' numbers and holds when one of these holds.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from packaging.specifiers import InvalidSpecifier, Specifier

from variantfix.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Set

_KEYS = frozenset(
    (
        "extra",
        "implementation_name",
        "implementation_version",
        "os_name",
        "platform_machine",
        "platform_python_implementation",
        "platform_release",
        "platform_system",
        "platform_version",
        "python_full_version",
        "python_version",
        "sys_platform",
    )
)
_VERSIONS = frozenset(("implementation_version", "python_full_version", "python_version"))
# The operator that says the same with its sides exchanged; `'linux' in sys_platform` is `contains`.
_EXCHANGED = {
    "==": "==",
    "!=": "!=",
    "<=": ">=",
    "<": ">",
    ">=": "<=",
    ">": "<",
    "in": "contains",
    "not in": "not contains",
}
_PLAIN = re.compile(r"([a-z_]+) (==|!=|<=|>=|<|>|~=|in|not in) '([^']*)'")
_EXCHANGED_PLAIN = re.compile(r"'([^']*)' (in|not in) ([a-z_]+)")
_TOKEN = re.compile(
    r"""\s*(?:(?P<bracket>[()])|(?P<join>and|or)\b|(?P<operator>[<>=!~]=|[<>]|in\b|not\s+in\b)|(?P<key>[a-z_]+)"""
    r"""|'(?P<value>[^']*)'|"(?P<quoted>[^"]*)")"""
)

Condition = frozenset[int]
"""A marker: the numbers of its clauses in `Markers.clauses`."""

ALWAYS: Condition = frozenset((0,))
"""The empty marker: clause 0 of every lock is the one without atoms."""


@dataclass(frozen=True, slots=True)
class Atom:
    """One comparison, `key operator value`, for example `sys_platform == 'linux'`."""

    key: str
    operator: str
    value: str


@dataclass(frozen=True, slots=True)
class Markers:
    """All markers of one lock: its atoms, and its clauses as sets of atoms (bit n stands for `atoms[n]`)."""

    atoms: tuple[Atom, ...]
    clauses: tuple[int, ...]

    def facts(self, environment: Mapping[str, str]) -> int:
        """Return the bits of the atoms that hold in a marker environment; those about `extra` stay unset."""
        return sum(
            1 << bit
            for bit, atom in enumerate(self.atoms)
            if atom.key != "extra" and _compare(atom, environment[atom.key])
        )

    def extras(self, active: Set[str]) -> int:
        """Return the bits of the atoms about `extra` that hold while just the names `active` are on."""
        return sum(
            1 << bit
            for bit, atom in enumerate(self.atoms)
            if atom.key == "extra" and (atom.value in active) is (atom.operator == "==")
        )

    def holding(self, bits: int) -> Condition:
        """Return the clauses that hold while the atoms of `bits`, and no others, hold."""
        return frozenset(number for number, clause in enumerate(self.clauses) if clause & bits == clause)


def compile_markers(texts: Iterable[str]) -> tuple[Markers, dict[str, Condition]]:
    """Compile marker texts; `""` always holds. Raises InputError for a text that is no marker."""
    atoms: dict[Atom, int] = {}
    clauses: dict[int, int] = {0: 0}
    known: dict[str, int] = {}
    conditions: dict[str, Condition] = {"": ALWAYS}
    for text in texts:
        if text not in conditions:
            masks = _plain(text, atoms, known) or [_mask(clause, atoms) for clause in _parse(text)]
            conditions[text] = frozenset(clauses.setdefault(mask, len(clauses)) for mask in masks)
    return Markers(tuple(atoms), tuple(clauses)), conditions


def _plain(text: str, atoms: dict[Atom, int], known: dict[str, int]) -> list[int]:
    """Return the clauses of a marker in the form uv writes; nothing when the text has another form."""
    masks = []
    for part in text.split(" or "):
        mask = known.get(part)
        if mask is None:
            inner = part[1:-1] if part.startswith("(") and part.endswith(")") else part
            found = [_plain_atom(piece) for piece in inner.split(" and ")]
            if None in found:
                return []
            mask = known[part] = _mask(filter(None, found), atoms)
        masks.append(mask)
    return masks


def _plain_atom(text: str) -> Atom | None:
    if match := _PLAIN.fullmatch(text):
        atom = Atom(match[1], match[2], match[3])
    elif match := _EXCHANGED_PLAIN.fullmatch(text):
        atom = Atom(match[3], _EXCHANGED[match[2]], match[1])
    else:
        return None
    return atom if _known(atom) else None


def _known(atom: Atom) -> bool:
    return atom.key in _KEYS and (atom.key != "extra" or atom.operator in ("==", "!="))


def _mask(clause: Iterable[Atom], atoms: dict[Atom, int]) -> int:
    mask = 0
    for atom in clause:
        mask |= 1 << atoms.setdefault(atom, len(atoms))
    return mask


_Clauses = list[frozenset[Atom]]
_MOST_CLAUSES = 1 << 16


def _parse(text: str) -> _Clauses:
    """Return any marker as an `or` of `and`s; a marker has no `not`, so multiplying out is enough."""
    tokens = list(_tokens(text))
    clauses, rest = _either(tokens, text)
    if rest:
        raise _broken(text)
    return clauses


def _tokens(text: str) -> Iterator[tuple[str, str]]:
    at, end = 0, len(text.rstrip())
    while at < end:
        match = _TOKEN.match(text, at)
        if match is None or match.lastgroup is None:
            raise _broken(text)
        word = match[match.lastgroup]
        match match.lastgroup:
            case "quoted":
                yield "value", word
            case "operator":
                yield "operator", " ".join(word.split())
            case kind:
                yield kind, word
        at = match.end()


def _either(tokens: list[tuple[str, str]], text: str) -> tuple[_Clauses, list[tuple[str, str]]]:
    clauses, rest = _both(tokens, text)
    while rest[:1] == [("join", "or")]:
        more, rest = _both(rest[1:], text)
        clauses = clauses + more
    return clauses, rest


def _both(tokens: list[tuple[str, str]], text: str) -> tuple[_Clauses, list[tuple[str, str]]]:
    clauses, rest = _single(tokens, text)
    while rest[:1] == [("join", "and")]:
        more, rest = _single(rest[1:], text)
        if len(clauses) * len(more) > _MOST_CLAUSES:
            raise _broken(text)
        clauses = [left | right for left in clauses for right in more]
    return clauses, rest


def _single(tokens: list[tuple[str, str]], text: str) -> tuple[_Clauses, list[tuple[str, str]]]:
    if tokens[:1] == [("bracket", "(")]:
        clauses, rest = _either(tokens[1:], text)
        if rest[:1] != [("bracket", ")")]:
            raise _broken(text)
        return clauses, rest[1:]
    kinds, words = [kind for kind, _ in tokens[:3]], [word for _, word in tokens[:3]]
    if kinds == ["value", "operator", "key"] and words[1] in _EXCHANGED:
        kinds, words = ["key", "operator", "value"], [words[2], _EXCHANGED[words[1]], words[0]]
    if kinds != ["key", "operator", "value"] or not _known(Atom(*words)):
        raise _broken(text)
    return [frozenset((Atom(*words),))], tokens[3:]


def _broken(text: str) -> InputError:
    return InputError(f"uv.lock has a marker that cannot be read: {text[:200]!r}")


def _compare(atom: Atom, actual: str) -> bool:
    """Compare as uv does: Python's versions by PEP 440, all else as plain strings."""
    if atom.key in _VERSIONS and not atom.operator.endswith("contains"):
        return _compare_versions(atom, actual)
    match atom.operator:
        case "==":
            return actual == atom.value
        case "!=":
            return actual != atom.value
        case "in":
            return actual in atom.value
        case "not in":
            return actual not in atom.value
        case "contains":
            return atom.value in actual
        case "not contains":
            return atom.value not in actual
        case "<" | "<=" | ">" | ">=":
            return _in_order(atom.operator, actual, atom.value)
        case _:
            return False


def _in_order(operator: str, left: str, right: str) -> bool:
    if left == right:
        return operator.endswith("=")
    return (left < right) is operator.startswith("<")


def _compare_versions(atom: Atom, actual: str) -> bool:
    """Compare with PEP 440; `in` takes a list of versions set apart by spaces, as uv does."""
    try:
        if atom.operator in ("in", "not in"):
            listed = any(Specifier(f"=={one}").contains(actual, prereleases=True) for one in atom.value.split())
            return listed is (atom.operator == "in")
        return Specifier(f"{atom.operator}{atom.value}").contains(actual, prereleases=True)
    except InvalidSpecifier as error:
        raise _broken(f"{atom.key} {atom.operator} '{atom.value}'") from error
