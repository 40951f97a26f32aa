"""The rows that a package has for its versions, and those that a specifier asks."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from variantfix.memo import kept
from variantfix.pytorch.facts import Row
from variantfix.pytorch.tables import dependents, history
from variantfix.uv.pythons import version
from variantfix.uv.specifiers import contains

if TYPE_CHECKING:
    from collections.abc import Iterator

    from variantfix.pytorch.facts import Edge

    Place = tuple[tuple[int, ...], tuple[int, int, int, float]]

_RELEASE = re.compile(r"\d+(?:\.\d+)*")


@kept
def rows(package: str) -> tuple[Row, ...]:
    """Return all rows of a dependent, ascending and apart: its history, and the versions that only locks tell of."""
    dependent, past = dependents()[package], history(package)
    newest = [Row(dependent.seen, dependent.seen, dependent.requires, dependent.extras)] if dependent.seen else []
    single = [*(Row(text, text, edges, None) for text, edges in dependent.at.items()), *newest]
    others = (row for row in single if not any(_has(each, row.since) for each in past))
    return tuple(sorted((*past, *others), key=lambda row: order(row.since)))


def order(text: str) -> Place:
    """Return the place of a version among others. Raises ValueError for one that the tables cannot have."""
    told = version(text)
    if told is None:
        raise ValueError(f"{text!r} is no version without an epoch and a local part")
    return told.release, told.stage


def _has(row: Row, text: str) -> bool:
    return order(row.since) <= order(text) <= order(row.until)


def admitted(package: str, extra: str, specifier: str) -> Row | None:
    """Return the newest row of which a specifier admits a version; None where it admits none.

    For an extra only rows count that were seen with their extras.
    """
    return next((row for row in reversed(_telling(package, extra)) if _meets(row, specifier)), None)


def _telling(package: str, extra: str) -> tuple[Row, ...]:
    return tuple(row for row in rows(package) if not extra or row.extras is not None)


def _meets(row: Row, specifier: str) -> bool:
    if contains(specifier, row.since) or contains(specifier, row.until):
        return True
    return row.since != row.until and any(_has(row, text) and contains(specifier, text) for text in _near(specifier))


def _near(specifier: str) -> Iterator[str]:
    """The releases that a specifier names, and what comes right after each."""
    for text in named(specifier):
        if _RELEASE.fullmatch(text):
            yield from (text, f"{text}.0.0.1")


def named(specifier: str) -> tuple[str, ...]:
    """Return the versions that a specifier names, without local parts; none where one of them is no version."""
    clauses = (clause.strip().lstrip("~=!<> ") for clause in specifier.split(",") if clause.strip())
    found = tuple(clause.removesuffix(".*").partition("+")[0] for clause in clauses)
    return found if all(map(version, found)) else ()


def between(package: str, extra: str, specifier: str) -> tuple[Edge, ...] | None:
    """Return the edges that the rows below and above the versions named in a specifier have in common.

    None where one of these rows is missing, and where they have nothing in common but one has edges.
    """
    places = [order(text) for text in named(specifier)]
    told = _telling(package, extra) if places else ()
    below = [row.edges(extra) for row in told if order(row.since) <= min(places)]
    above = [row.edges(extra) for row in told if order(row.until) >= max(places)]
    if not below or not above:
        return None
    names = {edge.name for edge in below[-1]}
    common = tuple(edge for edge in above[0] if edge.name in names)
    return common if common or not (below[-1] or above[0]) else None
