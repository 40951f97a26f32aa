"""Reading what lies there, whatever lies there: regular files alone, and never more than a bound."""

from __future__ import annotations

import os
import stat
import sys
from pathlib import Path

from variantfix.errors import InputError, reason

STDIN = "-"
NAME = "pyproject.toml"
LOCK = "uv.lock"
UV_TOML = "uv.toml"

MOST_TEXT = 4 * 2**20
"""Bytes of a pyproject.toml: a longer one is none, and parsing it would take minutes."""
MOST_LOCK = 64 * 2**20
MOST_LINES = 2**20
"""Bytes of a list of ignored files; what is behind them is not heeded."""

# Opening must not wait for whoever writes a pipe, make a terminal ours, or wake a device.
_FLAGS = (
    os.O_RDONLY
    | getattr(os, "O_CLOEXEC", 0)
    | getattr(os, "O_NONBLOCK", 0)
    | getattr(os, "O_NOCTTY", 0)
    | getattr(os, "O_BINARY", 0)
)


def read_bytes(path: str | Path, most: int) -> bytes:
    """What a regular file holds. Raises `InputError` for anything else and for more than `most` bytes, `OSError`."""
    _check(path, os.stat(path), most)
    handle = os.open(path, _FLAGS)
    with open(handle, "rb") as file:
        _check(path, os.fstat(handle), most)  # it may be another by now
        data = file.read(most + 1)
    if len(data) > most:
        raise _too_long(path, most)
    return data


def _check(path: str | Path, found: os.stat_result, most: int) -> None:
    if stat.S_ISDIR(found.st_mode):
        raise IsADirectoryError(21, "is a folder", str(path))
    if not stat.S_ISREG(found.st_mode):
        is_named = stat.S_ISFIFO(found.st_mode) and os.path.basename(path) not in (LOCK, UV_TOML)
        raise InputError(f"{path}: not a regular file", hint="a pipe can be read as `-`" if is_named else "")
    if found.st_size > most:
        raise _too_long(path, most)


def _too_long(path: str | Path, most: int) -> InputError:
    return InputError(f"{path}: longer than {most} bytes")


def read_text(path: Path, most: int = MOST_TEXT) -> str:
    """The text of a file as it is: line endings and a byte order mark are kept.

    Raises `InputError` where it cannot be read, is longer than `most` bytes, or is not UTF-8.
    """
    try:
        return _decode(read_bytes(path, most), str(path))
    except OSError as error:
        raise InputError(f"{path}: {reason(error)}") from None


def read_lock(root: str) -> str | None:
    """The text of the uv.lock beside a root's file; None where there is none that can be read.

    Raises `InputError` for one that is no regular file or too long.
    """
    if root == STDIN:
        return None
    try:
        return read_bytes(Path(root).with_name(LOCK), MOST_LOCK).decode()
    except (OSError, UnicodeDecodeError):
        return None


def read_lines(path: str) -> list[str]:
    """The lines of a list that is not vital, such as a .gitignore: none where it cannot be read."""
    try:
        return read_bytes(path, MOST_LINES).decode("utf-8-sig", "replace").splitlines()
    except (OSError, InputError):
        return []


def has_uv_toml(root: str) -> bool:
    """Whether a uv.toml lies beside a root's file."""
    return root != STDIN and is_file(Path(root).with_name(UV_TOML))


def is_file(path: Path) -> bool:
    """Whether a regular file is there that we may know of."""
    try:
        return path.is_file()
    except (OSError, ValueError):
        return False


def is_folder(path: Path) -> bool:
    """Whether a folder is there that we may know of."""
    try:
        return path.is_dir()
    except (OSError, ValueError):
        return False


def read_stdin() -> str:
    """The text on standard input; raises `InputError` where it is closed, too long, or not UTF-8."""
    if sys.stdin is None:
        raise InputError(f"{STDIN}: standard input is closed")
    data = sys.stdin.buffer.read(MOST_TEXT + 1)
    if len(data) > MOST_TEXT:
        raise _too_long(STDIN, MOST_TEXT)
    return _decode(data, STDIN)


def find(path: Path) -> Path:
    """The pyproject.toml that a path means: itself, or the one in the folder.

    Raises `InputError` where there is none.
    """
    try:
        mode = path.stat().st_mode
    except FileNotFoundError:
        raise InputError(f"{path}: no such file or folder") from None
    except (OSError, ValueError) as error:
        raise InputError(f"{path}: {reason(error) if isinstance(error, OSError) else error}") from None
    if not stat.S_ISDIR(mode):
        return path
    found = path / NAME
    try:
        found.stat()
    except FileNotFoundError:
        raise InputError(f"{path}: there is no {NAME} in this folder", hint="name a file or another folder") from None
    except OSError as error:
        raise InputError(f"{found}: {reason(error)}") from None
    return found


def _decode(data: bytes, name: str) -> str:
    try:
        return data.decode()
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        raise InputError(f"{name}:{line}: the file is not UTF-8", hint="save it as UTF-8") from None
