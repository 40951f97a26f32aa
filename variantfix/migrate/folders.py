"""The projects below a folder: every pyproject.toml that is the user's own, workspaces as one."""

from __future__ import annotations

import os
import re
import warnings
from pathlib import Path
from typing import TYPE_CHECKING

from variantfix import disk, toml
from variantfix.errors import ConfigError, InputError
from variantfix.uv.parse import members

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pathspec import GitIgnoreSpec

    Ignores = tuple[tuple[str, GitIgnoreSpec], ...]
    """Folders with a .gitignore and what it says, outermost first."""

_NEVER = {".git", ".hg", ".svn", "__pycache__", "node_modules", "site-packages"}
_MOST_PATTERNS = 10_000
_LONGEST_PATTERN = 500
_MOST_STARS = 3
_NO_PATTERN = (ValueError, re.error)
_ENVIRONMENT_MARKS = ("pyvenv.cfg", "conda-meta")


def projects(top: Path) -> Iterator[str]:
    """The folders of projects in and below `top`, relative to it, in a settled order.

    Left out: what .gitignore files name, virtual environments, symbolic links to folders, and members of a workspace
    whose root is among the projects. A folder that cannot be read is passed over.
    """
    members: set[Path] = set()
    for folder, names in _walk(str(top), _ignores_above(top)):
        if disk.NAME in names:
            path = Path(folder)
            if path not in members:
                yield path.relative_to(top).as_posix()
                members.update(_members(path))


def _walk(top: str, above: Ignores) -> Iterator[tuple[str, set[str]]]:
    """Folders that are not left out, each with the names in it, those in a folder right behind it."""
    todo = [(top, above)]
    while todo:
        folder, ignores = todo.pop()
        try:
            with os.scandir(folder) as scan:
                entries = sorted(scan, key=lambda entry: entry.name)
        except OSError:
            continue
        names = {entry.name for entry in entries}
        if names.intersection(_ENVIRONMENT_MARKS):
            continue
        ignores = _with_own(folder, names, ignores)
        if not _is_ignored(f"{folder}/{disk.NAME}", ignores):
            yield folder, names
        below = (e for e in reversed(entries) if e.name not in _NEVER and e.is_dir(follow_symlinks=False))
        todo.extend((entry.path, ignores) for entry in below if not _is_ignored(f"{entry.path}/", ignores))


def _with_own(folder: str, names: set[str], ignores: Ignores) -> Ignores:
    """The .gitignore files that hold in a folder; a repository begins anew."""
    kept = () if ".git" in names else ignores
    return (*kept, (folder, _read(folder))) if ".gitignore" in names else kept


def _read(folder: str) -> GitIgnoreSpec:
    try:
        from pathspec import GitIgnoreSpec
    except ImportError:
        hint = "pip install 'variantfix[migrate]'"
        raise ConfigError("reading .gitignore files needs the extra `migrate`", hint=hint) from None
    lines = [line for line in disk.read_lines(f"{folder}/.gitignore")[:_MOST_PATTERNS] if _is_tame(line)]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)  # of `re`, about what somebody else wrote
        try:
            return GitIgnoreSpec.from_lines(lines)
        except _NO_PATTERN:
            return GitIgnoreSpec.from_lines(line for line in lines if _is_pattern(line))


def _is_pattern(line: str) -> bool:
    """Whether a line can be read; git passes over another one, too."""
    from pathspec import GitIgnoreSpec

    try:
        GitIgnoreSpec.from_lines([line])
    except _NO_PATTERN:
        return False
    return True


def _is_tame(pattern: str) -> bool:
    """Whether a pattern can be matched in good time; another one is not heeded."""
    parts = pattern.split("/")
    stars = [len(re.findall(r"\*+", part)) for part in parts]
    return len(pattern) <= _LONGEST_PATTERN and max(stars) <= _MOST_STARS and sum(stars) <= 2 * _MOST_STARS


def _is_ignored(path: str, ignores: Ignores) -> bool:
    """Whether the innermost .gitignore that has a say leaves a path out."""
    for folder, spec in reversed(ignores):
        said = spec.check_file(path[len(folder) + 1 :]).include
        if said is not None:
            return said
    return False


def _ignores_above(top: Path) -> Ignores:
    """The .gitignore files of the folders above, up to the repository that holds `top`."""
    if (top / ".git").exists():
        return ()
    above: list[Path] = []
    for folder in top.parents:
        above.append(folder)
        if (folder / ".git").exists():
            return tuple((str(f), _read(str(f))) for f in reversed(above) if (f / ".gitignore").is_file())
    return ()


def _members(folder: Path) -> Iterator[Path]:
    try:
        text = disk.read_text(folder / disk.NAME)
        if "workspace" in text:
            found = members(str(folder / disk.NAME), toml.loads(text))
            for member in disk.members(folder / disk.NAME, *(found or ((), ()))):
                yield member.parent.resolve()
    except (InputError, ValueError):
        return  # the unit itself will say what is wrong


def is_bare_repository(folder: Path) -> bool:
    """Whether a folder is a git repository without a work tree."""
    return disk.is_file(folder / "HEAD") and all(disk.is_folder(folder / name) for name in ("objects", "refs"))
