"""What a package requires of the family and of its dependents, in the versions that a requirement admits."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, NamedTuple

from variantfix.pytorch.tables import dependents, family
from variantfix.uv.pythons import version as plain_version
from variantfix.uv.specifiers import contains

if TYPE_CHECKING:
    from collections.abc import Iterable

    from packaging.version import Version

    from variantfix.pytorch.facts import Certainty, Dependent, Edge

_OPEN = (">", "!=")


class Known(NamedTuple):
    """What the catalogue knows of a package in some versions: its edges, and how.

    `inferred` are edges that hold for every version or for the neighbours of those asked for, and those of a package
    that was seen in no version in particular.
    """

    edges: tuple[Edge, ...]
    certainty: Certainty


@cache
def known(package: str, extra: str = "", specifier: str = "") -> Known | None:
    """Return what a package requires, itself or under one extra; None where the catalogue has no row for it.

    Without a pin or an upper bound the newest version seen speaks. Else the newest row that the specifier admits; if
    it admits none, what the rows on both sides agree on, and what every version has. Markers are those of the rows.
    """
    member = family().get(package)
    if member is not None:
        # What older versions declared, newer ones need all the same: torchaudio does without torch in name only.
        return Known(() if extra else (*member.requires, *member.older), "seen")
    dependent = dependents().get(package)
    if dependent is None:
        return None
    if is_open(specifier):
        newest = _newest(dependent, extra)
        return Known(newest, "seen") if dependent.seen else _inferred(newest)
    found = _admitted(dependent, extra, specifier)
    always = () if extra else dependent.always
    if found is not None:
        return Known(_joined((*found, *always)), "seen")
    between = () if extra else _between(dependent, specifier)
    return _inferred(edges) if (edges := _joined((*between, *always))) else None


def _inferred(edges: tuple[Edge, ...]) -> Known:
    return Known(tuple(edge._replace(certainty="inferred") for edge in edges), "inferred")


@cache
def is_open(specifier: str) -> bool:
    """Return whether a specifier has no pin and no upper bound: the newest version meets it."""
    return all(clause.strip().startswith(_OPEN) for clause in specifier.split(",") if clause.strip())


def _newest(dependent: Dependent, extra: str) -> tuple[Edge, ...]:
    return dependent.extras.get(extra, ()) if extra else dependent.requires


def _admitted(dependent: Dependent, extra: str, specifier: str) -> tuple[Edge, ...] | None:
    rows = [*dependent.at, *([dependent.seen] if dependent.seen else [])]
    found = [version for version in rows if contains(specifier, version)]
    if not found:
        return None
    plain = [(told, text) for text in found if (told := plain_version(text))]
    newest = max(plain)[1] if len(plain) == len(found) else max(found, key=_version)
    if newest == dependent.seen:
        return _newest(dependent, extra)
    return None if extra else dependent.at[newest]


def _version(text: str) -> Version:
    from packaging.version import Version

    return Version(text)


def _between(dependent: Dependent, specifier: str) -> tuple[Edge, ...]:
    """The edges that the rows below and above the versions named in a specifier have in common."""
    from packaging.specifiers import SpecifierSet
    from packaging.version import InvalidVersion, Version

    try:
        named = [Version(clause.version.removesuffix(".*")) for clause in SpecifierSet(specifier)]
    except InvalidVersion:  # an arbitrary equality
        return ()
    rows = {Version(version): edges for version, edges in dependent.at.items()}
    if dependent.seen:
        rows[Version(dependent.seen)] = dependent.requires
    below = [version for version in rows if version <= min(named)]
    above = [version for version in rows if version >= max(named)]
    if not below or not above:
        return ()
    names = {edge.name for edge in rows[max(below)]}
    return tuple(edge for edge in rows[min(above)] if edge.name in names)


def _joined(edges: Iterable[Edge]) -> tuple[Edge, ...]:
    """Edges of which each package has one, its first."""
    first: dict[str, Edge] = {}
    for edge in edges:
        first.setdefault(edge.name, edge)
    return tuple(first.values())
