"""Lines of the files beside a project that people keep in step with it by hand: README, Dockerfile, workflows."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_SUFFIXES = (
    ".md",
    ".rst",
    ".txt",
    ".sh",
    ".yml",
    ".yaml",
    ".toml",
    ".cfg",
    ".ini",
    ".dockerfile",
    ".mk",
    ".bat",
    ".ps1",
)
_NAMES = ("Dockerfile", "Containerfile", "Makefile", "justfile", "Justfile")
_LEFT_OUT = ("node_modules", "venv", "build", "dist", "site-packages", "__pycache__")
_DEPTH = 4
_LARGEST = 1_000_000


def lines_beside(folder: Path, wanted: Callable[[str], bool]) -> Iterator[tuple[str, str]]:
    """The lines that are wanted, each with its place as `file:line`, of the files below a folder in their order.

    Hidden folders but `.github` are passed over, and so is what cannot be read, which nobody asked for.
    """
    for path in sorted(_files(folder)):
        try:
            text = path.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError):
            continue
        for number, line in enumerate(text.splitlines(), 1):
            if wanted(line):
                yield f"{path}:{number}", line.strip()


def _files(folder: Path) -> Iterator[Path]:
    for where, folders, names in os.walk(folder):
        depth = len(Path(where).relative_to(folder).parts)
        folders[:] = (
            [f for f in folders if f == ".github" or not (f[0] == "." or f in _LEFT_OUT)] if depth < _DEPTH else []
        )
        for name in names:
            path = Path(where) / name
            told = name.startswith(_NAMES) or name.endswith(_SUFFIXES)
            if told and name != "pyproject.toml" and path.is_file() and path.stat().st_size < _LARGEST:
                yield path
