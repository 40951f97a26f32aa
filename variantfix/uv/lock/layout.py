"""The data of a uv.lock in the one layout that uv writes, without a TOML parser, which takes twenty times as long.

Nothing is taken on trust. The text is parted before each `[[package]]`, and each part has to be just what uv writes
there, or TOML by itself; any parser reads such a text part by part. The patterns know one form of string, `"` to `"`:
`_has_plain_strings` says of the whole text that each ends on its line and stands for what is between its quotes. All
other texts are left to the parser, and so is saying what is wrong with one.
"""

from __future__ import annotations

import re
import sys
from functools import cached_property
from typing import TYPE_CHECKING

from variantfix.toml.edits import check_keys

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

if TYPE_CHECKING:
    from variantfix.uv.lock.fields import Table

_HARMLESS = bytes({*range(0x20, 0x100), *b"\t"} - {*b'"\\\x7f'})
"""The bytes of UTF-8 that mean nothing but themselves in a string."""

_HEADER = "[[package]]\n"
_TEXT = '"([^"]+)"'
_NUMBER = "(0|[1-9][0-9]{0,17})"
_SOURCE = rf"{{ ([a-z]+) = {_TEXT} }}"
_DEPENDENCY = (
    rf"    {{ name = {_TEXT}(?:, version = {_TEXT})?(?:, source = {_SOURCE})?"
    rf'(?:, extra = (\["[^"]+"(?:, "[^"]+")*\]))?(?:, marker = {_TEXT})? }},\n'
)
_FILE = (
    rf"{{ (url|path|filename) = {_TEXT}(?:, hash = {_TEXT})?(?:, size = {_NUMBER})?"
    rf"(?:, upload-time = {_TEXT})?(?:, zstd = {{ hash = {_TEXT}(?:, size = {_NUMBER})? }})? }}"
)
_LISTED = rf"([A-Za-z0-9_-]+) = \[\n((?:{_DEPENDENCY})*)\]\n"


def _whole(pattern: str) -> str:
    """A pattern without its groups, as a part of another."""
    return pattern.replace("(?:", "(").replace("(", "(?:")


_MARKERS = rf"resolution-markers = \[\n((?:    {_whole(_TEXT)},\n)*)\]\n"
_HEAD = re.compile(
    rf"version = {_NUMBER}\n(?:revision = {_NUMBER}\n)?(?:requires-python = {_TEXT}\n)?(?:{_MARKERS})?",
)
_PACKAGE = re.compile(
    rf"name = {_TEXT}\n(?:version = {_TEXT}\n)?source = {_SOURCE}\n(?:{_MARKERS})?"
    rf"(?:dependencies = \[\n((?:{_whole(_DEPENDENCY)})*)\]\n)?"
    rf"(?:sdist = ({_whole(_FILE)})\n)?"
    rf"(?:wheels = \[\n((?:    {_whole(_FILE)},\n)*)\]\n)?"
    rf"(?:\n\[package\.optional-dependencies\]\n((?:{_whole(_LISTED)})*))?"
    rf"(?:\n\[package\.dev-dependencies\]\n((?:{_whole(_LISTED)})*))?"
)
_TEXTS, _DEPENDENCIES, _FILES, _LISTS = map(re.compile, (_TEXT, _DEPENDENCY, _FILE, _LISTED))


class Unread:
    """The files of a package, in the layout of uv, as text: they are most of a lock, and hardly asked for."""

    def __init__(self, text: str) -> None:
        self._text = text

    @cached_property
    def tables(self) -> list[Table]:
        """The data that they hold."""
        return [_file(*found) for found in _FILES.findall(self._text)]


def read_layout(text: str) -> Table | None:
    """The data of a lock that is in the layout of uv, with its files as `Unread`; None for any other text."""
    if "\r" in text:
        text = text.replace("\r\n", "\n")
    if not _has_plain_strings(text):
        return None
    head, *parts = text.split(f"\n{_HEADER}")
    try:
        return _joined(_head(head), {"package": [row for part in parts for row in _rows(part)]})
    except (ValueError, RecursionError):
        return None


def _has_plain_strings(text: str) -> bool:
    """Whether there is no escape and no control character, and an even number of quotes on each line."""
    marks = text.encode("utf-8", "surrogatepass").translate(None, _HARMLESS)
    return not marks.replace(b'""', b"").strip(b"\n")


def _joined(table: Table, more: Table) -> Table:
    """Both tables in one. Raises ValueError for a key in both, which no TOML has."""
    if not table.keys().isdisjoint(more):
        raise ValueError(table.keys() & more.keys())
    return table | more


def _head(text: str) -> Table:
    """What stands before the first package. Raises ValueError where it is no TOML, or not begun as uv does."""
    found = _HEAD.match(text)
    if found is None:
        raise ValueError(text[:80])
    version, revision, python, markers = found.groups()
    own: Table = {"version": int(version)}
    if revision:
        own["revision"] = int(revision)
    if python:
        own["requires-python"] = python
    if markers is not None:
        own["resolution-markers"] = _TEXTS.findall(markers)
    return _joined(own, _loads(text[found.end() :]))


def _rows(part: str) -> list[Table]:
    """The package after a header, or several where uv has not written it. Raises ValueError where that is no TOML."""
    found = _PACKAGE.match(part)
    rest = part[found.end() :] if found else part
    if found and not rest:
        return [_row(found)]
    if found and rest.startswith("\n[package.metadata]\n"):
        (row,) = _parsed(rest)
        return [_joined(_row(found), row)]
    return _parsed(part)


def _parsed(part: str) -> list[Table]:
    """The packages in what stands after a header, read as TOML. Raises ValueError also for what is more than that."""
    data = _loads(_HEADER + part)
    if len(data) > 1:
        raise ValueError(data.keys())
    rows: list[Table] = data["package"]
    return rows


def _loads(text: str) -> Table:
    """A piece in any layout. Raises ValueError where it is no TOML."""
    check_keys(text)
    data: Table = tomllib.loads(text)
    return data


def _row(found: re.Match[str]) -> Table:
    name, version, kind, place, markers, needs, sdist, wheels, extras, groups = found.groups()
    row: Table = {"name": name, "source": {kind: place}}
    if version:
        row["version"] = version
    if markers is not None:
        row["resolution-markers"] = _TEXTS.findall(markers)
    if needs is not None:
        row["dependencies"] = _dependencies(needs)
    if sdist:
        row["sdist"] = Unread(sdist)
    if wheels is not None:
        row["wheels"] = Unread(wheels)
    if extras is not None:
        row["optional-dependencies"] = _lists(extras)
    if groups is not None:
        row["dev-dependencies"] = _lists(groups)
    return row


def _lists(text: str) -> dict[str, list[Table]]:
    """Lists of dependencies by name. Raises ValueError for a name that is there twice."""
    found = _LISTS.findall(text)
    lists = {name: _dependencies(needs) for name, needs, *_ in found}
    if len(lists) < len(found):
        raise ValueError(lists.keys())
    return lists


def _dependencies(text: str) -> list[Table]:
    return [_dependency(*found) for found in _DEPENDENCIES.findall(text)]


def _dependency(name: str, version: str, kind: str, place: str, extra: str, marker: str) -> Table:
    table: Table = {"name": name}
    if version:
        table["version"] = version
    if kind:
        table["source"] = {kind: place}
    if extra:
        table["extra"] = _TEXTS.findall(extra)
    if marker:
        table["marker"] = marker
    return table


def _file(kind: str, place: str, digest: str, size: str, time: str, packed: str, packed_size: str) -> Table:
    table: Table = {kind: place}
    if digest:
        table["hash"] = digest
    if size:
        table["size"] = int(size)
    if time:
        table["upload-time"] = time
    if packed:
        table["zstd"] = {"hash": packed, "size": int(packed_size)} if packed_size else {"hash": packed}
    return table
