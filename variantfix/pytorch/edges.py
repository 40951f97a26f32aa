"""What a package requires of the family and of its dependents, in the versions that a requirement admits."""

from __future__ import annotations

from typing import TYPE_CHECKING

from variantfix.memo import kept
from variantfix.namedtuple import NamedTuple
from variantfix.pytorch.tables import dependents, family

if TYPE_CHECKING:
    from collections.abc import Iterable

    from variantfix.pytorch.certainty import Certainty
    from variantfix.pytorch.facts import Dependent, Edge

_OPEN = (">", "!=")


class Known(NamedTuple):
    """What the catalogue knows of a package in some versions: its edges, and how.

    `inferred` are edges that hold for every version or for the neighbours of those asked for, and those of a package
    that was seen in no version in particular.
    """

    edges: tuple[Edge, ...]
    certainty: Certainty


@kept
def known(package: str, extra: str = "", specifier: str = "") -> Known | None:
    """Return what a package requires, itself or under one extra; None where the catalogue has no row for it.

    Without a pin or an upper bound the newest version seen speaks. Else the newest row of which the specifier admits a
    version; if it admits none, what the rows on both sides agree on, and what every version has. Markers are those of
    the rows.
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
    from variantfix.pytorch import rows  # few projects bound what brings torch

    always = () if extra else dependent.always
    row = rows.admitted(package, extra, specifier)
    if row is not None:
        return Known(_joined((*row.edges(extra), *always)), "seen")
    agreed = rows.between(package, extra, specifier)
    edges = _joined((*(agreed or ()), *always))
    return None if agreed is None and not edges else _inferred(edges)


def _inferred(edges: tuple[Edge, ...]) -> Known:
    return Known(tuple(edge._replace(certainty="inferred") for edge in edges), "inferred")


@kept
def is_open(specifier: str) -> bool:
    """Return whether a specifier has no pin and no upper bound: the newest version meets it."""
    return all(clause.strip().startswith(_OPEN) for clause in specifier.split(",") if clause.strip())


def _newest(dependent: Dependent, extra: str) -> tuple[Edge, ...]:
    return dependent.extras.get(extra, ()) if extra else dependent.requires


def _joined(edges: Iterable[Edge]) -> tuple[Edge, ...]:
    """Edges of which each package has one, its first."""
    first: dict[str, Edge] = {}
    for edge in edges:
        first.setdefault(edge.name, edge)
    return tuple(first.values())
