"""Torch's builds, made anew from what the pages of its indexes list. Pure: tables and wheels in, tables out."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any

from packaging.version import Version

from variantfix.namedtuple import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from variantfix.pytorch.refresh.wheels import Wheel

    Table = dict[str, Any]
    Pages = Mapping[str, tuple[Wheel, ...]]

INDEX = "index"
_SOURCE = "the pages of the PyTorch indexes, as variantfix.pytorch.refresh read them"
_OWN_WITHOUT_LOCAL = ("macos-arm64", "macos-x86_64")


class Tables(NamedTuple):
    """The contents of `indexes.json` and `releases.json`."""

    indexes: Table
    releases: Table


def refreshed(tables: Tables, pages: Pages, today: str) -> Tables:
    """The tables with what the pages tell, by tag; a tag whose page could not be had is not among them.

    What is listed is seen. What was announced or inferred and is not listed is taken out once the release is there;
    what was seen and is no longer listed is marked as gone.
    """
    new = Tables(copy.deepcopy(tables.indexes), copy.deepcopy(tables.releases))
    rows = new.releases["releases"]
    listed = {tag: [w for w in wheels if _is_own(w, tag, rows)] for tag, wheels in pages.items()}
    for minor in sorted({w.minor for wheels in listed.values() for w in wheels}, key=Version):
        if Version(minor) >= Version(next(iter(rows))):
            row = rows.setdefault(minor, _new_row(rows))
            found = {tag: [w for w in wheels if w.minor == minor] for tag, wheels in listed.items()}
            _update(row, found, today)
    for row in rows.values():
        row["tags"] = {tag: row["tags"][tag] for tag in _ordered(row["tags"])}
    for tag in sorted(pages, key=_rank):
        _update_build(new.indexes["accelerators"], rows, tag, pages[tag])
    new.indexes["accelerators"] = {
        tag: new.indexes["accelerators"][tag] for tag in _ordered(new.indexes["accelerators"])
    }
    for content, table in ((new.indexes, "accelerators"), (new.releases, "releases")):
        if any(INDEX in row["sources"] for row in content[table].values()):
            content["sources"].setdefault(INDEX, _SOURCE)
    return new


def _is_own(wheel: Wheel, tag: str, rows: Table) -> bool:
    """Whether a wheel on a tag's page is built for it: old files without a local version lie on every page."""
    if wheel.local:
        return wheel.local == tag
    known = rows.get(wheel.minor, {"tags": {}})["tags"].get(tag, ())
    return (tag == "cpu" and wheel.platform in _OWN_WITHOUT_LOCAL) or wheel.platform in known


def _new_row(rows: Table) -> Table:
    newest = list(rows.values())[-1]
    return {
        "released": "",
        "patches": [],
        "pythons": [],
        "pypi": newest["pypi"],
        "pypi_aarch64": newest["pypi_aarch64"],
        "tags": {},
        "companions": {},
        "uncertain": ["pypi", "pypi_aarch64", *newest["companions"]],
        "certainty": {},
        "sources": [INDEX],
    }


def _update(row: Table, found: Mapping[str, list[Wheel]], today: str) -> None:
    wheels = [wheel for each in found.values() for wheel in each]
    days = sorted(wheel.uploaded for wheel in wheels if wheel.uploaded)
    row["released"] = row["released"] or (days[0] if days else today)[:7]
    row["patches"] = versions_of([*row["patches"], *(wheel.version for wheel in wheels)])
    pythons = {wheel.python for wheel in wheels if wheel.python}
    row["pythons"] = versions_of([*row["pythons"], *(p for p in pythons if not p.endswith("t"))])
    if free := sorted({*row.get("free_threaded", ()), *(p for p in pythons if p.endswith("t"))}):
        row["free_threaded"] = free
    certainty, gone = row.get("certainty", {}), row.setdefault("gone", {})
    for tag, own in found.items():
        _update_tag(row["tags"], certainty, gone, tag, own, today)
    for key, value in (("certainty", certainty), ("gone", gone)):
        if value:
            row[key] = dict(sorted(value.items()))
        else:
            row.pop(key, None)


def _update_tag(tags: Table, certainty: Table, gone: Table, tag: str, own: list[Wheel], today: str) -> None:
    if not own:
        if tag not in tags or tag in certainty:  # the release is there, and this tag has it not
            tags.pop(tag, None)
            for key in [key for key in certainty if key.partition("/")[0] == tag]:
                del certainty[key]
        else:
            gone.setdefault(tag, today)
        return
    platforms = {wheel.platform for wheel in own if wheel.platform}
    tags[tag] = sorted({*tags.get(tag, ()), *platforms})
    gone.pop(tag, None)
    doubt = certainty.pop(tag, None)
    for platform in tags[tag]:
        if platform in platforms:
            certainty.pop(f"{tag}/{platform}", None)
        elif doubt:
            certainty[f"{tag}/{platform}"] = doubt


def _update_build(accelerators: Table, rows: Table, tag: str, wheels: tuple[Wheel, ...]) -> None:
    having = [minor for minor, row in rows.items() if tag in row["tags"]]
    old = accelerators.get(tag)
    if not having:
        if old and old["last"] is None and wheels:
            old["trap"] = [versions_of(wheel.version for wheel in wheels)[-1]]
        return
    row = old or {"kind": _kind(tag), "version": _number(tag), "first": having[0], "sources": [INDEX]}
    oldest = next(iter(rows))
    first = row.get("first") if row.get("last") and having[0] == oldest else having[0]
    seen = [minor for minor in having if tag not in rows[minor].get("certainty", {})]
    kept = {key: row[key] for key in ("kind", "version")}
    fields = {"first": first, "last": having[-1], "platforms": _spans(rows, tag), "seen": seen[-1] if seen else None}
    accelerators[tag] = {k: v for k, v in {**kept, **fields}.items() if v is not None or k in ("version", "first")} | {
        "sources": row["sources"]
    }


def _spans(rows: Table, tag: str) -> Table:
    spans: Table = {}
    for minor, row in rows.items():
        for platform in row["tags"].get(tag, ()):
            spans.setdefault(platform, [minor, minor])[1] = minor
    return spans


def versions_of(texts: Iterable[str]) -> list[str]:
    """Versions ascending, each once."""
    return sorted(set(texts), key=Version)


def _ordered(tags: Iterable[str]) -> list[str]:
    return sorted(tags, key=_rank)


def _rank(tag: str) -> tuple[int, tuple[int, ...]]:
    kind = _kind(tag)
    number = _number(tag)
    return ("cpu", "cuda", "rocm", "xpu").index(kind), tuple(map(int, number.split("."))) if number else ()


def _kind(tag: str) -> str:
    return {"cu": "cuda", "ro": "rocm", "cp": "cpu", "xp": "xpu"}[tag[:2]]


def _number(tag: str) -> str | None:
    if tag.startswith("cu"):
        return f"{tag[2:-1]}.{tag[-1]}"
    return tag.removeprefix("rocm") if tag.startswith("rocm") else None
