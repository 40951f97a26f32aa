"""From the sources that were named to units of work, one after the other."""

from __future__ import annotations

import json
import os
import re
import shlex
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from variantfix import disk
from variantfix.credentials import mask
from variantfix.errors import InputError
from variantfix.migrate import folders, texts
from variantfix.migrate.unit import Unit
from variantfix.terminal import one_line

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_URL = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://|[\w.-]+@[\w.-]+:(?!\\)")
_MOST_LIST = 64 * 2**20
_LONGEST_LINE = 10_000
"""Characters of a line of a list: no name, branch and path are longer together."""
_LIST_KEYS = {"source", "branch", "path"}


def units(
    sources: Sequence[str], *, as_texts: bool = False, limit: int | None = None, only: frozenset[str] | None = None
) -> Iterator[Unit]:
    """The units that some sources mean, in a settled order, and not more than `limit`.

    A source is a folder, a pyproject.toml, a git URL, a bare repository, or `@` and the name of a list of such; with
    `as_texts` it is a data set. `only` holds the names of the units to take. What does not exist becomes a unit that
    fails. Raises `InputError` where a list or a data set cannot be read.
    """
    found = (unit for source in sources for unit in (_texts(source) if as_texts else _units(source)))
    return islice((unit for unit in found if only is None or unit.name in only), limit)


def read_names(source: str) -> frozenset[str]:
    """The names in `@` and the name of a list, as the review page exports it; or the one name that was given.

    Raises `InputError` where the list cannot be read.
    """
    if not source.startswith("@"):
        return frozenset({source})
    lines = (line for _, line in _lines(Path(source[1:])))
    return frozenset(line.strip() for line in lines if line.strip() and not line.startswith("# "))


def may_be_cloned(sources: Sequence[str]) -> bool:
    """Whether a repository may be among some sources: a URL, a bare repository, or a list."""
    return any(
        source.startswith("@") or _URL.match(source) or folders.is_bare_repository(Path(source)) for source in sources
    )


def _units(source: str) -> Iterator[Unit]:
    if source.startswith("@"):
        for where, entry, branch, path in _entries(Path(source[1:])):
            yield from _one(entry, branch, path, where)
    else:
        yield from _one(source, "", "")


def _one(source: str, ref: str, path: str, where: str = "") -> Iterator[Unit]:
    if not source:  # which the system takes for the current folder, and a script has as a variable that is not set
        raise InputError("a source without a name", hint="`.` is the current folder")
    path = path.strip("/")
    if _URL.match(source):
        yield _git_unit(source, source, ref, path)
    elif folders.is_bare_repository(Path(source)):
        yield _git_unit(source, Path(source).resolve().as_uri(), ref, path)
    elif ref:
        raise InputError(f"{where}: a branch was named for a folder: {source}", hint="name the repository: file:///…")
    else:
        yield from _folder_units(source, path)


def _git_unit(source: str, url: str, ref: str, path: str) -> Unit:
    name = mask(source) + (f"@{ref}" if ref else "") + (f"#{path}" if path else "")
    return Unit(one_line(name), "git", url, path, ref)


def _folder_units(source: str, path: str) -> Iterator[Unit]:
    named = Path(source, path)
    if not (disk.is_folder(named) and os.access(named, os.R_OK)):  # what cannot be looked through says so itself
        is_file = named.name == disk.NAME and disk.is_file(named)
        folder = named.parent if is_file else named
        yield Unit(one_line(mask(str(named))), "folder", str(folder.absolute()))
        return
    top = named.resolve()
    for project in folders.projects(top):
        name = one_line(str(named / project))
        yield Unit(name, "folder", str(top), "" if project == "." else project)


def _texts(source: str) -> Iterator[Unit]:
    for number, (label, text) in enumerate(texts.rows(Path(source)), 1):
        name = f"{source}#{number}" + (f":{label}" if label else "")
        yield Unit(one_line(mask(name)), "text", source, str(number), text=text)


def _entries(file: Path) -> Iterator[tuple[str, str, str, str]]:
    """The place, source, branch and sub-path of every line of a list; a folder's name is relative to the list."""
    for where, line in _lines(file):
        entry = _json_entry(line, where) if file.suffix == ".jsonl" else _plain_entry(line, where)
        if entry:
            source, branch, path = _checked(entry, where)
            yield where, source if _URL.match(source) else str(file.parent / source), branch, path


def _lines(file: Path) -> Iterator[tuple[str, str]]:
    """The lines of a list, each behind its place; without the mark that editors of Windows put before the first."""
    for number, line in enumerate(disk.read_text(file, _MOST_LIST).removeprefix("\ufeff").splitlines(), 1):
        where = f"{file}:{number}"
        if len(line) > _LONGEST_LINE:
            raise InputError(f"{where}: longer than {_LONGEST_LINE} characters")
        yield where, line


def _checked(entry: tuple[str, str, str], where: str) -> tuple[str, str, str]:
    """An entry that can be one: names that a system takes, and a sub-path that stays below its source."""
    source, _, path = entry
    if not source:
        raise InputError(f"{where}: a source without a name", hint="`.` is the list's folder")
    if any("\0" in part or not _is_unicode(part) for part in entry):
        raise InputError(f"{where}: not a name that a file or a branch can have: {' '.join(filter(None, entry))!a}")
    if ".." in re.split(r"[/\\]", path):
        raise InputError(f"{where}: the path {path} leads out of its source", hint="name a folder below it")
    return entry


def _is_unicode(text: str) -> bool:
    return not re.search("[\ud800-\udfff]", text)


def _plain_entry(line: str, where: str) -> tuple[str, str, str] | None:
    try:
        words = shlex.split(line, comments=True)
    except ValueError as error:
        hint = "quote names that hold a quotation mark"
        raise InputError(f"{where}: {str(error).lower()}", hint=hint) from None
    if len(words) > 3:
        raise InputError(f"{where}: more than a source, a branch and a path", hint="quote names that hold blanks")
    source, branch, path = (*words, "", "", "")[:3]
    return (source, branch, path) if words else None


def _json_entry(line: str, where: str) -> tuple[str, str, str] | None:
    if not line.strip():
        return None
    try:
        entry = json.loads(line)
    except ValueError as error:
        raise InputError(f"{where}: not JSON: {error}") from None
    except RecursionError:
        raise InputError(f"{where}: not JSON: nested too deep") from None
    if not isinstance(entry, dict) or "source" not in entry or not _LIST_KEYS.issuperset(entry):
        raise InputError(f"{where}: not an object with source, and perhaps branch and path")
    source, branch, path = (_string(entry.get(key), f"{where}: {key}") for key in ("source", "branch", "path"))
    return source, branch, path


def _string(value: object, where: str) -> str:
    if value is None:
        return ""
    if not isinstance(value, str):
        raise InputError(f"{where}: not a string")
    return value
