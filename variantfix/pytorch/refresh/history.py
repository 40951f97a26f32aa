"""What releases of dependents required, made anew from their metadata. Pure: tables and metadata in, a table out.

Releases that follow one another and require the same are one row. One whose metadata is missing ends a row.
"""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any

from packaging.version import Version

from variantfix.pytorch.refresh.dependents import bringing, brings, edges_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from variantfix.online.simple import Metadata
    from variantfix.pytorch.refresh.dependents import Node, Table

    Releases = Mapping[str, Mapping[str, Metadata | None]]
    """By package and version: the metadata, None where there is none or where a row tells already."""

_SOURCES = ["metadata"]


def refreshed(content: Table, dependents: Table, family: Iterable[str], found: Releases, today: str) -> Table:
    """The history with what the metadata tells; a package that was not asked for stays, and so does what is unlisted.

    `dependents` is the table of dependents: no others are taken in, and edges lead to these and to the family alone.
    """
    new = copy.deepcopy(content)
    rows: Table = new["packages"]
    taken = {name: found[name] for name in sorted(found) if name in dependents["packages"]}
    known = _known(family, dependents["packages"], rows, taken)
    for name, releases in taken.items():
        before = rows.get(name, {"releases": {}})["releases"]
        after = _releases(before, releases, known)
        if after != before and any(map(_told, after.values())):
            rows[name] = {"releases": after, "gathered": today, "sources": _SOURCES}
    new["packages"] = {name: rows[name] for name in sorted(rows)}
    return new


def covers(content: Table, name: str, version: str) -> bool:
    """Whether a row tells of a release."""
    return row_at(content["packages"].get(name, {"releases": {}})["releases"], version) is not None


def row_at(releases: Table, version: str) -> Table | None:
    """The row of a package that tells of a release; None where none does."""
    wanted = Version(version)
    spans = ((since, row) for since, row in releases.items())
    return next((r for since, r in spans if Version(since) <= wanted <= Version(r.get("until", since))), None)


def _known(family: Iterable[str], dependents: Table, rows: Table, found: Releases) -> set[Node]:
    """What brings a family package in some version."""
    nodes: dict[Node, list[str]] = {}
    for name, extra, under in (*_of_dependents(dependents), *_of_history(rows), *_of_metadata(found)):
        nodes.setdefault((name, extra), []).extend(under)
    return bringing(family, nodes)


def _of_dependents(dependents: Table) -> Iterator[tuple[str, str, Iterable[str]]]:
    for name, row in dependents.items():
        yield from ((name, "", row.get(key, ())) for key in ("requires", "older", "always"))
        yield from ((name, "", under) for under in row.get("at", {}).values())
        yield from ((name, extra, under) for extra, under in row.get("extras", {}).items())


def _of_history(rows: Table) -> Iterator[tuple[str, str, Iterable[str]]]:
    for name, of_name in rows.items():
        for row in of_name["releases"].values():
            yield name, "", row.get("requires", ())
            yield from ((name, extra, under) for extra, under in row.get("extras", {}).items())


def _of_metadata(found: Releases) -> Iterator[tuple[str, str, Iterable[str]]]:
    for name, releases in found.items():
        for metadata in filter(None, releases.values()):
            yield from ((name, extra, under) for extra, under in edges_of(metadata).items())


def _releases(before: Table, found: Mapping[str, Metadata | None], known: set[Node]) -> Table:
    """The rows of a package, ascending: of releases side by side that say the same, the first and the last."""
    rows: Table = {}
    last: Table | None = None
    ends = {version for since, row in before.items() for version in (since, row.get("until", since))}
    for version in sorted({*found, *ends}, key=Version):
        told = _at(version, before, found.get(version), known)
        if told is None or last is None or _told(last) != _told(told):
            last = None if told is None else rows.setdefault(version, told)
        else:
            last["until"] = version
    return rows


def _at(version: str, before: Table, metadata: Metadata | None, known: set[Node]) -> Table | None:
    """What one release requires: as a row that tells of it, else as its metadata."""
    row = row_at(before, version)
    if row is not None:
        return _told(row)
    return row_of(metadata, known) if metadata else None


def _told(row: Table) -> Table:
    """A row without the releases that it is about."""
    return {key: value for key, value in row.items() if key != "until"}


def row_of(metadata: Metadata, known: set[Node]) -> Table:
    """What a release requires of what is known to bring a family package, itself and by its extras."""
    kept: dict[str, Any] = {
        extra: sorted(text for edge, text in under.items() if brings(edge, known))
        for extra, under in edges_of(metadata).items()
    }
    requires, extras = kept.pop("", []), {extra: under for extra, under in sorted(kept.items()) if under}
    return {key: value for key, value in (("requires", requires), ("extras", extras)) if value}
