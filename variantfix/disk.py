"""Reading and writing projects: the only module that touches the file system for them."""

from __future__ import annotations

import os
import stat
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from variantfix.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

STDIN = "-"
NAME = "pyproject.toml"
LOCK = "uv.lock"
_PLAIN_MODE = 0o644


def read_text(path: Path) -> str:
    """The text of a file as it is: line endings and a byte order mark are kept.

    Raises `InputError` where it cannot be read, or is not UTF-8.
    """
    try:
        return _decode(path.read_bytes(), str(path))
    except OSError as error:
        raise InputError(f"{path}: {_reason(error)}") from None


def read_lock(root: str) -> str | None:
    """The text of the uv.lock beside a root's file; None where there is none that can be read."""
    path = Path(root).with_name(LOCK)
    try:
        return None if root == STDIN else path.read_bytes().decode()
    except (OSError, UnicodeDecodeError):
        return None


def has_uv_toml(root: str) -> bool:
    """Whether a uv.toml lies beside a root's file."""
    return root != STDIN and Path(root).with_name("uv.toml").is_file()


def read_stdin() -> str:
    """The text on standard input; raises `InputError` where it is not UTF-8."""
    return _decode(sys.stdin.buffer.read(), STDIN)


def find(path: Path) -> Path:
    """The pyproject.toml that a path means: itself, or the one in the folder.

    Raises `InputError` where there is none.
    """
    if path.is_dir():
        found = path / NAME
        if not found.is_file():
            raise InputError(f"{path}: there is no {NAME} in this folder", hint="name a file or another folder")
        return found
    if not path.exists():
        raise InputError(f"{path}: no such file or folder")
    return path


def members(root: Path, data: Mapping[str, Any]) -> Iterator[Path]:
    """The pyproject.toml files of a uv workspace's members, in a settled order; none without a workspace.

    Source of the rules: uv's documentation of `tool.uv.workspace.members` and `exclude`.
    """
    workspace = data.get("tool", {}).get("uv", {}).get("workspace", {})
    patterns = workspace.get("members", []) if isinstance(workspace, dict) else []
    excluded = workspace.get("exclude", []) if isinstance(workspace, dict) else []
    folder = root.parent
    seen = {folder.resolve()}
    for found in sorted({f for pattern in patterns for f in _glob(folder, str(pattern))}):
        relative = found.relative_to(folder)
        if any(relative.match(str(pattern)) for pattern in excluded) or found.name.startswith("."):
            continue
        if (found / NAME).is_file() and found.resolve() not in seen:
            seen.add(found.resolve())
            yield found / NAME


def _glob(folder: Path, pattern: str) -> Iterator[Path]:
    try:
        yield from folder.glob(pattern)
    except (ValueError, NotImplementedError):
        return  # uv will say what is wrong with the pattern


def write_texts(texts: Mapping[Path, str]) -> None:
    """Replace files' texts, each in one step: a killed run leaves the old file or the new one.

    A symbolic link is followed to the file that it names; permissions stay.
    Raises `InputError` where one of them cannot be written; unless the disk fails between them, none is then.
    """
    for path in texts:
        if not os.access(path, os.W_OK):
            raise InputError(f"{path}: cannot be written: the file is read-only", hint="nothing was changed")
    for path, text in texts.items():
        _write(path, text)


def write_new(path: Path, text: str) -> None:
    """Write a file of ours, new or in place of an older one, in one step. Raises `InputError` where it cannot be."""
    _write(path, text, fresh=True)


def _write(path: Path, text: str, *, fresh: bool = False) -> None:
    import tempfile  # only a write needs it, and most runs write nothing

    target = Path(os.path.realpath(path))
    try:
        mode = _PLAIN_MODE if fresh and not target.exists() else stat.S_IMODE(target.stat().st_mode)
        handle, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")
        try:
            _fill(handle, text, mode, name)
            Path(name).replace(target)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise
    except OSError as error:
        raise InputError(f"{path}: cannot be written: {_reason(error)}", hint="the file is as it was") from None


def _fill(handle: int, text: str, mode: int, name: str) -> None:
    with os.fdopen(handle, "wb") as file:
        file.write(text.encode())
        file.flush()
        os.fsync(file.fileno())
    Path(name).chmod(mode)


def _decode(data: bytes, name: str) -> str:
    try:
        return data.decode()
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        raise InputError(f"{name}:{line}: the file is not UTF-8", hint="TOML has to be") from None


def _reason(error: OSError) -> str:
    return (error.strerror or str(error)).lower()
