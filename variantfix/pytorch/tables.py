"""The tables in `data/`: read when a function first needs one, and written so that a person can review them.

`indexes.json` has accelerators and family packages, `releases.json` torch by minor version, `dependents.json` packages
from PyPI, `history.json` what older releases of some required. Every entry names its sources, and the file's `sources`
table spells them out.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from variantfix.memo import kept
from variantfix.pytorch.facts import Build, Dependent, Edge, FamilyPackage, Release, Row

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_VERSION = 1
_WIDTH = 160


@cache
def read(name: str) -> dict[str, Any]:
    """Return the content of a table, by its file's name, as the file has it."""
    import json
    from pathlib import Path

    content: dict[str, Any] = json.loads(Path(__file__).with_name("data").joinpath(name).read_text("utf-8"))
    if content["version"] != _VERSION:
        raise AssertionError(f"{name} has version {content['version']}, not {_VERSION}")
    return content


def _frozen(value: Any) -> Any:
    if isinstance(value, list):
        return tuple(value)
    if isinstance(value, dict):
        return MappingProxyType({key: _frozen(item) for key, item in value.items()})
    return value


def _fields(row: dict[str, Any]) -> dict[str, Any]:
    values = {key: _frozen(value) for key, value in row.items()}
    return values | {key: _edges(row[key]) for key in ("requires", "older", "always") if key in row}


def _edges(texts: Iterable[str]) -> tuple[Edge, ...]:
    return tuple(map(_edge, texts))


@cache
def _edge(text: str) -> Edge:
    asked, _, marker = text.partition(" ; ")
    name, _, extras = asked.rstrip("]").partition("[")
    return Edge(name, tuple(extras.split(",")) if extras else (), marker)


@cache
def family() -> Mapping[str, FamilyPackage]:
    """Return the family packages by name, torch first.

    A package is of the family when uv itself sends it to a PyTorch index (the list behind
    `--torch-backend`). What those indexes merely mirror and users take from PyPI (vllm, torchmetrics,
    torchdata, executorch, torchtitan) is not: such packages are dependents.
    """
    rows = read("indexes.json")["family"]
    return MappingProxyType({name: FamilyPackage(name=name, **_fields(row)) for name, row in rows.items()})


@cache
def builds() -> Mapping[str, Build]:
    """Return the accelerators by tag: cpu, then CUDA, ROCm, XPU, each ascending."""
    rows = read("indexes.json")["accelerators"]
    return MappingProxyType({tag: Build(tag=tag, **_fields(row)) for tag, row in rows.items()})


@cache
def releases() -> tuple[Release, ...]:
    """Return torch by minor version, ascending, from 1.13 on."""
    rows = read("releases.json")["releases"]
    return tuple(Release(minor=minor, **_fields(row)) for minor, row in rows.items())


@cache
def dependents() -> Mapping[str, Dependent]:
    """Return the packages that bring a family package, by name; none of them is of the family.

    What a family package itself requires (torchvision: torch) stands in `FamilyPackage.requires`.
    """
    return _Dependents()


class _Dependents(Mapping[str, Dependent]):
    """The table of dependents, each row read when it is first asked for: a check asks for few."""

    def __init__(self) -> None:
        self._rows: Mapping[str, dict[str, Any]] = read("dependents.json")["packages"]
        self._read: dict[str, Dependent] = {}

    def __getitem__(self, name: str) -> Dependent:
        if name not in self._read:
            self._read[name] = _dependent(name, self._rows[name])
        return self._read[name]

    def __contains__(self, name: object) -> bool:
        return name in self._rows

    def __iter__(self) -> Iterator[str]:
        return iter(self._rows)

    def __len__(self) -> int:
        return len(self._rows)


def _dependent(name: str, row: dict[str, Any]) -> Dependent:
    rows = {key: _by_key(row.get(key, {})) for key in ("extras", "at")}
    return Dependent(name=name, **(_fields(row) | rows))


def _by_key(rows: Mapping[str, Iterable[str]]) -> Mapping[str, tuple[Edge, ...]]:
    return MappingProxyType({key: _edges(texts) for key, texts in rows.items()})


@kept
def history(package: str) -> tuple[Row, ...]:
    """Return what releases of a dependent required, ascending and apart; empty where none was looked at.

    A row speaks of all releases from its key until `until`, or of its key alone.
    """
    found = read("history.json")["packages"].get(package, {"releases": {}})["releases"]
    return tuple(
        Row(since, row.get("until", since), _edges(row.get("requires", ())), _by_key(row.get("extras", {})))
        for since, row in found.items()
    )


@cache
def undeclared() -> Mapping[str, str]:
    """Return the packages that need torch though their newest version does not say so, with the reason."""
    rows = read("dependents.json")["undeclared"]
    return MappingProxyType({name: row["why"] for name, row in rows.items()})


@cache
def plain() -> frozenset[str]:
    """Return packages that bring no torch, so that nobody need ask; far from all of them."""
    return frozenset(read("plain.json")["plain"]["names"])


@cache
def other_indexes() -> Mapping[str, Mapping[str, Any]]:
    """Return the indexes beside PyTorch's tags, by URL without the scheme: `kind` (None: several), `of`, `note`."""
    rows: Mapping[str, Mapping[str, Any]] = _frozen(read("indexes.json")["other_indexes"])
    return rows


@cache
def uv_keys() -> Mapping[str, tuple[str, ...]]:
    """Return the keys that uv knows in `[tool.uv]`, each with the versions of uv that were asked.

    A key with `uv-0.13.9` alone is younger than uv 0.5.8.
    """
    rows = read("uv.json")["keys"]
    return MappingProxyType({key: tuple(row["sources"]) for key, row in rows.items()})


def dump(content: dict[str, Any]) -> str:
    """Return the text of a table: a row stays on one line as long as it is short, keys keep their order."""
    return _lines(content, "") + "\n"


def _lines(value: Any, indent: str) -> str:
    import json

    short = json.dumps(value, ensure_ascii=False)
    if not isinstance(value, dict) or (indent and len(indent) + len(short) <= _WIDTH):
        return short
    deeper = indent + "  "
    rows = (f"{deeper}{json.dumps(key, ensure_ascii=False)}: {_lines(item, deeper)}" for key, item in value.items())
    return "{\n" + ",\n".join(rows) + f"\n{indent}}}"


@cache
def driver_floors() -> Mapping[str, str]:
    """Return the least NVIDIA driver of each CUDA major."""
    return MappingProxyType({major: row["driver"] for major, row in read("drivers.json")["cuda"].items()})
