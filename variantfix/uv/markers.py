"""Environment markers, answered as uv does: where they can hold, what they have in common, what is left beside them.

A marker is its text. packaging is not asked: it refuses what uv takes. In doubt an answer is the careful one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from variantfix.memo import kept
from variantfix.uv.marker_sets import Bounds, asks_for_extra, bounds, compare, is_on, is_sensible, platforms_of, solve
from variantfix.uv.marker_syntax import VERSIONS, Atom, Join, MarkerError, Node, keep, parse, walk, write
from variantfix.uv.platforms import LINUX, MACOS, PLATFORMS, SYSTEMS, WINDOWS, Platform
from variantfix.uv.project import normalise
from variantfix.uv.pseudo import Named, decode
from variantfix.uv.pythons import version

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

__all__ = [
    "LINUX",
    "MACOS",
    "PLATFORMS",
    "SYSTEMS",
    "SYSTEM_KEYS",
    "VERSIONS",
    "WINDOWS",
    "Atom",
    "MarkerError",
    "Platform",
    "asked",
    "atoms",
    "complement",
    "conjunction",
    "extras",
    "holds",
    "is_always",
    "is_marker",
    "is_never",
    "names_python",
    "names_system",
    "overlaps",
    "platforms",
    "systems",
    "why_no_marker",
    "without_extras",
]

SYSTEM_KEYS = ("sys_platform", "platform_system", "os_name")
"""The keys that tell a system."""

NEVER = "python_version < '0'"
"""The marker that never holds, as uv writes it."""

_OPPOSITE = {"==": "!=", "===": "!=", "<": ">=", ">": "<=", "in": "not in", "contains": "not contains"}
_OPPOSITE |= {after: before for before, after in _OPPOSITE.items() if before != "==="}


def holds(marker: str, environment: Mapping[str, str], active: frozenset[str] = frozenset()) -> bool:
    """Whether a marker holds in an environment with some extras and groups on. Raises `MarkerError` for no marker."""

    def ask(atom: Atom) -> Bounds | None:
        answer = is_on(atom, active) if asks_for_extra(atom) else compare(atom, environment.get(atom.key, ""))
        return None if answer is None else Bounds(answer, answer)

    found = bounds(parse(marker), ask)
    return found is None or bool(found.may)


@kept
def platforms(marker: str, extra: str | None = "") -> frozenset[Platform]:
    """The platforms on which a marker can hold, for some Python; all for an empty one.

    Of the extras and groups only `extra` is on; None leaves open which are. Raises `MarkerError` for no marker.
    """
    if not marker:
        return PLATFORMS
    active = None if extra is None else frozenset(filter(None, (extra,)))
    (may, _), world = solve(parse(marker), active)
    return platforms_of(may, world)


@kept
def systems(marker: str) -> frozenset[str]:
    """The `sys_platform` values on which a marker can hold."""
    return frozenset(system for system, _ in platforms(marker))


@kept
def overlaps(one: str, other: str) -> bool:
    """Whether two markers can hold together: on one platform, with one Python, with the same extras on.

    True in doubt. Raises `MarkerError` for no marker.
    """
    return bool(solve(Join("and", (parse(one), parse(other))), None)[0].may)


@kept
def is_never(marker: str) -> bool:
    """Whether a marker holds nowhere, whatever extras are on. False in doubt. Raises `MarkerError` for no marker."""
    return not solve(parse(marker), None)[0].may


@kept
def is_always(marker: str) -> bool:
    """Whether a marker holds everywhere, whatever extras are on. False in doubt. Raises `MarkerError` for no marker."""
    bounds, world = solve(parse(marker), None)
    return bounds.must == world.all


@kept
def extras(marker: str) -> tuple[str, ...]:
    """The extras that a marker asks for with `==`, as it spells them, each once."""
    return tuple(dict.fromkeys(a.value for a in atoms(marker) if a.key == "extra" and a.operator == "=="))


@kept
def asked(marker: str) -> tuple[Named, ...]:
    """The extras and groups that a marker names, uv's own names for them decoded, each once."""
    kinds = {"extra": "extra", "extras": "extra", "dependency_groups": "group"}
    found = (
        decode(atom.value) or Named(kinds[atom.key], "", normalise(atom.value))
        for atom in atoms(marker)
        if asks_for_extra(atom)
    )
    return tuple(dict.fromkeys(found))


def atoms(marker: str) -> Iterator[Atom]:
    """The comparisons of a marker, in its order. Raises `MarkerError` for no marker."""
    return walk(parse(marker))


def names_system(marker: str) -> bool:
    """Whether a marker compares a system, be it by any of its three names. Raises `MarkerError` for no marker."""
    return any(atom.key in SYSTEM_KEYS for atom in atoms(marker))


def names_python(marker: str) -> bool:
    """Whether a marker compares a version of Python. Raises `MarkerError` for no marker."""
    return any(atom.key in VERSIONS for atom in atoms(marker))


def complement(marker: str) -> str:
    """The marker that holds just where one does not. Raises `MarkerError` for no marker."""
    node = keep(parse(marker), is_sensible)
    return write(_opposite(node)) if node else NEVER


def conjunction(*markers: str) -> str:
    """The marker that holds where all of some do; empty ones always hold. Raises `MarkerError` for no marker.

    What follows from the rest is left out.
    """
    told = [marker for marker in dict.fromkeys(markers) if marker]
    if len(told) < 2:
        return write(parse(told[0])) if told else ""
    parts = list(dict.fromkeys(node for marker in told for node in _conjuncts(parse(marker))))
    for part in tuple(parts):
        others = tuple(each for each in parts if each is not part)
        if others and _follows(part, others):
            parts = list(others)
    return write(parts[0] if len(parts) == 1 else Join("and", tuple(parts)))


def _follows(part: Node, others: tuple[Node, ...]) -> bool:
    """Whether a marker holds wherever all others do, as far as can be said."""
    return not solve(Join("and", (*others, _opposite(part))), None)[0].may


def without_extras(marker: str) -> str | None:
    """What is left of a marker without the extras that it joins with `and`; None where it joins them otherwise."""
    rest = tuple(part for part in _conjuncts(parse(marker)) if not (isinstance(part, Atom) and asks_for_extra(part)))
    if any(asks_for_extra(atom) for part in rest for atom in walk(part)):
        return None
    return write(rest[0] if len(rest) == 1 else Join("and", rest), "'" if "'" in marker else '"')


def _conjuncts(node: Node) -> tuple[Node, ...]:
    """The parts of which each has to hold, brackets around some of them undone."""
    if isinstance(node, Join) and node.word == "and":
        return tuple(each for part in node.parts for each in _conjuncts(part))
    return (node,)


def _opposite(node: Node) -> Node:
    if isinstance(node, Join):
        return Join("and" if node.word == "or" else "or", tuple(map(_opposite, node.parts)))
    if node.operator == "~=" and (told := version(node.value)):
        series = ".".join(map(str, told.release[: told.length - 1]))
        return Join("or", (node._replace(operator="<"), node._replace(operator="!=", value=f"{series}.*")))
    return node._replace(operator=_OPPOSITE.get(node.operator, node.operator))


def is_marker(text: str) -> bool:
    """Whether uv takes the text as a marker."""
    return why_no_marker(text) == ""


def why_no_marker(text: str) -> str:
    """Why a text is no marker, as a clause; empty where it is one."""
    try:
        parse(text)
    except MarkerError as error:
        return str(error)
    return "" if text.strip() else "it is empty"
