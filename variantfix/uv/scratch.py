"""A scratch copy of a project, with what uv needs to lock it and nothing else of the user's."""

from __future__ import annotations

import os
import shutil
import tempfile
from contextlib import ExitStack, contextmanager
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from variantfix import disk, toml
from variantfix.disk import NAME
from variantfix.errors import VerifyError, reason

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_MOST_NAMED = 1000
"""Files that a pattern of licence files may name."""
_BESIDE_ROOT = ("uv.toml", "uv.lock", ".python-version")


@contextmanager
def scratch_copy(texts: Mapping[str, str]) -> Iterator[Path]:
    """A copy of a workspace, given as texts by path with the root first; yields the copied root's folder.

    It has the texts, `uv.toml`, `uv.lock` and `.python-version` beside the root, the README and licence files that
    the metadata names, the projects and archives that path sources name. It is gone when the block ends. What came by
    standard input has nothing beside it. Raises `VerifyError` where it cannot be written.
    """
    with ExitStack() as stack:
        try:
            folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="variantfix-"))
            scratch = Path(folder).resolve()
            alone = scratch / disk.STDIN / NAME  # no such folder, and so nothing beside it
            places = {alone if file == disk.STDIN else Path(file).resolve(): text for file, text in texts.items()}
            root = _fill(scratch, places)
        except OSError as error:
            raise VerifyError(f"no scratch copy can be made: {reason(error)}") from None
        yield root


def _fill(scratch: Path, texts: dict[Path, str]) -> Path:
    """Copy into a folder, at the same places to one another as in the project; return the root's."""
    root = next(iter(texts)).parent
    texts = texts | _path_projects(texts)
    files = [file for name in _BESIDE_ROOT if (file := root / name).is_file()]
    files += [file for project, text in texts.items() for file in _named_files(project, _data(text))]
    folders = [place for project, text in texts.items() for place in _path_sources(project, _data(text))]
    linked = [place for project, text in texts.items() for place in _linked(project, _data(text))]
    above = Path(os.path.commonpath([root, *(f.parent for f in texts), *folders, *(p.parent for p in linked)]))
    for place in folders:
        if place.is_dir():
            (scratch / place.relative_to(above)).mkdir(parents=True, exist_ok=True)
    for file, text in texts.items():
        target = scratch / file.relative_to(above)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(_with_version(text).encode())
    for file in files:
        if file.is_relative_to(above):
            target = scratch / file.relative_to(above)
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(file, target)
    for place in linked:
        target = scratch / place.relative_to(above)
        if not target.exists():
            target.parent.mkdir(parents=True, exist_ok=True)
            target.symlink_to(place)
    return scratch / root.relative_to(above)


def _path_projects(texts: Mapping[Path, str]) -> dict[Path, str]:
    """The pyproject files of the folders that path sources name, and of those that these name."""
    found: dict[Path, str] = {}
    todo = list(texts.items())
    while todo:
        project, text = todo.pop()
        for place in _path_sources(project, _data(text)):
            file = place / NAME
            if disk.is_file(file) and file not in texts and file not in found:
                found[file] = disk.read_text(file)
                todo.append((file, found[file]))
    return found


def _path_sources(project: Path, data: Mapping[str, Any]) -> Iterator[Path]:
    """The places that relative path sources name, where something is."""
    for value in _uv(data).get("sources", {}).values():
        for entry in value if isinstance(value, list) else [value]:
            path = entry.get("path") if isinstance(entry, dict) else None
            if isinstance(path, str) and not Path(path).is_absolute():
                place = (project.parent / path).resolve()
                if place.exists():
                    yield place


def _linked(project: Path, data: Mapping[str, Any]) -> Iterator[Path]:
    """Archives that path sources name, and folders of wheels that serve as an index: uv only reads them."""
    yield from (place for place in _path_sources(project, data) if place.is_file())
    indexes = _uv(data).get("index", [])
    urls = [entry.get("url") for entry in indexes if isinstance(entry, dict)]
    for url in [*urls, *_uv(data).get("find-links", [])]:
        if isinstance(url, str) and "://" not in url and not Path(url).is_absolute():
            place = (project.parent / url).resolve()
            if place.is_dir():
                yield place


def _named_files(project: Path, data: Mapping[str, Any]) -> Iterator[Path]:
    """The README and the licence files that the metadata names, where they lie inside the project."""
    table = data.get("project", {})
    single = [table.get("readme"), table.get("license")]
    names = [value.get("file") if isinstance(value, dict) else value for value in single[:1]]
    names += [value.get("file") for value in single[1:] if isinstance(value, dict)]
    patterns = table.get("license-files", [])
    folder = project.parent
    for name in [*names, *(patterns if isinstance(patterns, list) else [])]:
        if isinstance(name, str) and name and not Path(name).is_absolute() and ".." not in Path(name).parts:
            yield from (file for file in sorted(_matching(folder, name)) if file.is_file())


def _matching(folder: Path, pattern: str) -> Iterator[Path]:
    """The files that a pattern names; none for one that would lead through the same folders again and again."""
    if pattern.count("**") > 1 or "\0" in pattern:
        return
    try:
        yield from islice(folder.glob(pattern), _MOST_NAMED)
    except (ValueError, NotImplementedError):
        return  # uv will say what is wrong with the pattern


def _with_version(text: str) -> str:
    """The text with a version in place of a dynamic one, which a build backend would look for in the sources."""
    dynamic = _data(text).get("project", {}).get("dynamic", [])
    if "version" not in dynamic:
        return text
    at = ("project", "dynamic", dynamic.index("version"))
    edits: list[toml.Edit] = [toml.Remove("", at), toml.Put("", ("project", "version"), '"0"')]
    return toml.apply(text, edits)


def _data(text: str) -> Mapping[str, Any]:
    """The data of a project's text; none where it is not TOML, which uv will say of a project that a path names."""
    try:
        return toml.loads(text)
    except ValueError:
        return {}


def _uv(data: Mapping[str, Any]) -> Mapping[str, Any]:
    uv = data.get("tool", {}).get("uv", {})
    return uv if isinstance(uv, dict) else {}
