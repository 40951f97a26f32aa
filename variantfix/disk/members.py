"""The members of a uv workspace: folders that patterns name, in time that the tree bounds, not the patterns.

Source of the rules: uv's documentation of `tool.uv.workspace.members` and `exclude`.
"""

from __future__ import annotations

import os
from fnmatch import fnmatchcase
from pathlib import Path
from typing import TYPE_CHECKING

from variantfix.disk.read import NAME, is_file
from variantfix.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator

MOST_FOLDERS = 20_000
"""Folders that the patterns of a workspace may lead through."""
_LONGEST_NAME = 255
_ANY_DEPTH = "**"


def members(root: Path, patterns: Collection[str], excluded: Collection[str]) -> Iterator[Path]:
    """The pyproject.toml files of a uv workspace's members, by patterns of folders, in a settled order.

    Raises `InputError` where the patterns lead through more than `MOST_FOLDERS` folders.
    """
    folder = root.parent
    seen = {folder.resolve()}
    for found in sorted(set(_expand(root, patterns))):
        if found.name.startswith(".") or _is_excluded(found.relative_to(folder), excluded):
            continue
        if is_file(found / NAME) and found.resolve() not in seen:
            seen.add(found.resolve())
            yield found / NAME


def _is_excluded(relative: Path, patterns: Iterable[str]) -> bool:
    return any(relative.match(pattern) for pattern in patterns if pattern.strip("/."))


def _expand(root: Path, patterns: Iterable[str]) -> Iterator[Path]:
    """The folders below the root's that patterns name; uv says what is wrong with a pattern that cannot be one."""
    left = MOST_FOLDERS
    for pattern in dict.fromkeys(patterns):
        parts = _parts(pattern)
        if not parts:
            continue
        todo = [(str(root.parent), _closed({0}, parts))]
        while todo:
            left -= 1
            if left < 0:
                raise InputError(f"{root}: the workspace's patterns lead through more than {MOST_FOLDERS} folders")
            folder, states = todo.pop()
            if len(parts) in states:
                yield Path(folder)
            todo.extend(_step(folder, states, parts))


def _parts(pattern: str) -> tuple[str, ...]:
    """The parts of a pattern; none for one that leads nowhere. `**` twice is `**`."""
    parts = [part for part in pattern.split("/") if part not in ("", ".")]
    if pattern.startswith("/") or "\0" in pattern or any(len(part) > _LONGEST_NAME for part in parts):
        return ()
    return tuple(part for place, part in enumerate(parts) if part != _ANY_DEPTH or parts[place - 1 : place] != [part])


def _closed(states: set[int], parts: tuple[str, ...]) -> frozenset[int]:
    """Places in a pattern, and those that they are already at, since `**` may stand for nothing."""
    for place in sorted(states):
        while place < len(parts) and parts[place] == _ANY_DEPTH:
            place += 1
            states.add(place)
    return frozenset(states)


def _step(folder: str, states: frozenset[int], parts: tuple[str, ...]) -> Iterator[tuple[str, frozenset[int]]]:
    """The folders one step further, each once, with the places in the pattern that they are at."""
    wanted = [place for place in states if place < len(parts)]
    literal = {parts[place] for place in wanted if not _is_pattern(parts[place])}
    names = {name: os.path.islink(f"{folder}/{name}") for name in literal if os.path.isdir(f"{folder}/{name}")}
    if any(_is_pattern(parts[place]) for place in wanted):
        names |= _folders(folder)
    for name, is_link in names.items():
        reached = {place + 1 for place in wanted if name == parts[place] or _matches(name, parts[place])}
        # What `**` stands for holds no link: two that lead to each other have no end.
        reached |= {place for place in wanted if parts[place] == _ANY_DEPTH and not is_link and name != ".."}
        if reached:
            yield f"{folder}/{name}", _closed(reached, parts)


def _is_pattern(part: str) -> bool:
    return any(sign in part for sign in "*?[")


def _matches(name: str, part: str) -> bool:
    return part != _ANY_DEPTH and name != ".." and _is_pattern(part) and fnmatchcase(name, part)


def _folders(folder: str) -> dict[str, bool]:
    """The folders in a folder, each with whether it is a link; none where it cannot be read."""
    try:
        with os.scandir(folder) as scan:
            return {entry.name: entry.is_symlink() for entry in scan if entry.is_dir()}
    except OSError:
        return {}
