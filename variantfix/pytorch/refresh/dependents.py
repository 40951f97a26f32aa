"""The dependents, made anew from the metadata of their newest versions. Pure: a table and metadata in, a table out."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any

from packaging.version import Version

from variantfix.online.requirements import by_extra

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from variantfix.online.simple import Metadata

    Table = dict[str, Any]
    Node = tuple[str, str]
    Edges = dict[str, dict[str, str]]
    """Extra (empty: none) -> the name of what is required, with extras -> the edge as the table spells it."""

REGISTRY = "registry"
_SOURCE = "metadata of the newest version on the index of packages, as variantfix.pytorch.refresh read it"
_ORDER = (
    "requires", "always", "extras", "at", "older", "last_requiring", "compiled", "note", "seen", "sources"
)  # fmt: skip


def refreshed(content: Table, family: Iterable[str], found: Mapping[str, Metadata]) -> Table:
    """The table with what the metadata tells, by normalised name; a package whose metadata is missing stays.

    A package that is new is taken in where it brings a family package, itself or through another one. What a version
    required that is no longer the newest one stays known for that version.
    """
    new = copy.deepcopy(content)
    rows: Table = new["packages"]
    edges = {name: edges_of(metadata) for name, metadata in found.items()}
    known = _bringing(family, rows, edges)
    for name in sorted(set(found) & ({name for name, _ in known} | set(rows)) - set(family)):
        row = rows.setdefault(name, {"sources": [REGISTRY]})
        if "seen" not in row or Version(row["seen"]) <= Version(found[name].version):
            _update(row, found[name].version, edges[name], known)
    new["packages"] = {name: _in_order(rows[name]) for name in sorted(rows)}
    for name in [name for name in new["undeclared"] if "torch" in _names(rows.get(name, {}).get("requires", ()))]:
        del new["undeclared"][name]
    if any(REGISTRY in row["sources"] for row in rows.values()):
        new["sources"].setdefault(REGISTRY, _SOURCE)
    return new


def edges_of(metadata: Metadata) -> Edges:
    """The edges that metadata tells of, by extra."""
    return {extra: {each.plain: each.text for each in asked} for extra, asked in by_extra(metadata).items()}


def _bringing(family: Iterable[str], rows: Table, edges: Mapping[str, Edges]) -> set[Node]:
    """The packages that bring a family package: themselves (extra ""), or under an extra."""
    nodes: dict[Node, Iterable[str]] = {}
    for name, row in rows.items():
        nodes[name, ""] = row.get("requires", ())
        nodes.update({(name, extra): under for extra, under in row.get("extras", {}).items()})
    nodes.update({(name, extra): under for name, each in edges.items() for extra, under in each.items()})
    return bringing(family, nodes)


def bringing(family: Iterable[str], nodes: Mapping[Node, Iterable[str]]) -> set[Node]:
    """The nodes from which edges lead to a family package in the end, those of the family among them."""
    known: set[Node] = {(name, "") for name in family}
    while more := {node for node, under in nodes.items() if node not in known and any(brings(e, known) for e in under)}:
        known |= more
    return known


def brings(edge: str, known: set[Node]) -> bool:
    """Whether an edge leads to one of some nodes, itself or by an extra that it asks for."""
    name, _, asked = edge.partition(" ")[0].rstrip("]").partition("[")
    return any((name, extra) in known for extra in ("", *asked.split(",")))


def _update(row: Table, version: str, edges: Edges, known: set[Node]) -> None:
    kept = {extra: sorted(t for e, t in under.items() if brings(e, known)) for extra, under in edges.items()}
    requires, before = kept.pop("", []), row.get("requires", [])
    if row.get("seen") not in (None, version) and requires != before:
        row["at"] = dict(sorted({**row.get("at", {}), row["seen"]: before}.items(), key=lambda each: Version(each[0])))
    row["requires"], row["seen"] = requires, version
    row.get("at", {}).pop(version, None)
    row["older"] = sorted({*row.get("older", ()), *before} - set(requires), key=str) if before else row.get("older", [])
    row["older"] = [edge for edge in row["older"] if _name(edge) not in _names(requires)]
    row["always"] = [edge for edge in row.get("always", ()) if _name(edge) in _names(requires)]
    row["extras"] = {extra: under for extra, under in sorted(kept.items()) if under}
    row.pop("note", None)
    if REGISTRY not in row["sources"]:
        row["sources"] = [*row["sources"], REGISTRY]


def _in_order(row: Table) -> Table:
    return {key: row[key] for key in _ORDER if key in row and row[key] not in ([], {}, None)}


def _names(edges: Iterable[str]) -> set[str]:
    return set(map(_name, edges))


def _name(edge: str) -> str:
    return edge.partition(" ")[0].partition("[")[0]
