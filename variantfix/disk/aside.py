"""Folders that are held open, and files of ours in them that are to take another's place.

A text is first whole on the disk under a name that nobody can foresee, in the folder where it is to be. Folders are
held open meanwhile, so that none of them can be another one in between.
"""

from __future__ import annotations

import contextlib
import os
import stat
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from variantfix.namedtuple import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

_PREFIX = ".variantfix-"
_DIGITS = 16
_HOLDS_FOLDERS = os.open in os.supports_dir_fd and hasattr(os, "O_DIRECTORY")
_NO_LINK = getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_BINARY", 0)
NO_WAIT = getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_NOCTTY", 0)


class Folder(NamedTuple):
    """A folder that is held open, where the system can."""

    path: str
    handle: int | None

    def place(self, name: str) -> str:
        """How a file in it is named in a call that is given the handle."""
        return name if self.handle is not None else os.path.join(self.path, name)

    def open(self, name: str, flags: int, mode: int = 0o600) -> int:
        """Open a file in it, and never through a link."""
        return os.open(self.place(name), flags | _NO_LINK, mode, dir_fd=self.handle)

    def names(self) -> list[str]:
        """The names in it."""
        return os.listdir(self.path if self.handle is None else self.handle)

    def unlink(self, name: str) -> None:
        """Delete a file in it, if it is there."""
        with contextlib.suppress(FileNotFoundError):
            os.unlink(self.place(name), dir_fd=self.handle)

    def move(self, name: str, target: str) -> None:
        """Put a file in the place of another."""
        os.replace(self.place(name), self.place(target), src_dir_fd=self.handle, dst_dir_fd=self.handle)


class Aside(NamedTuple):
    """A file of ours that is to take another's place. As long as it is open it is locked, and no sweep takes it."""

    name: str
    file: BinaryIO


@contextmanager
def opened(above: Path | Folder, name: str = "") -> Iterator[Folder]:
    """A folder, or one in it that is no link, held open as long as the block lasts. Raises `OSError` for a link."""
    path = os.path.join(above.path, name) if isinstance(above, Folder) else str(above)
    if not _HOLDS_FOLDERS:
        if name and Path(path).is_symlink():
            raise OSError(40, "a symbolic link on the way")
        yield Folder(path, None)
        return
    flags = os.O_RDONLY | os.O_DIRECTORY
    handle = above.open(name, flags) if isinstance(above, Folder) else os.open(path, flags)
    try:
        yield Folder(path, handle)
    finally:
        os.close(handle)


@contextmanager
def set_aside(folder: Folder) -> Iterator[Aside]:
    """A new file in a folder, under a name that nobody can foresee; it is gone when the block ends, unless moved."""
    while True:
        name = f"{_PREFIX}{os.urandom(_DIGITS // 2).hex()}"
        handle = folder.open(name, os.O_WRONLY | os.O_CREAT | os.O_EXCL)
        if _lock(handle):
            break
        os.close(handle)  # a sweep was quicker
    file = open(handle, "wb")  # noqa: SIM115
    try:
        yield Aside(name, file)
    finally:
        folder.unlink(name)
        # What was written is on the disk since `finish`; what could not be fails here once more, and was told before.
        with contextlib.suppress(OSError):
            file.close()


def _lock(handle: int, *, wait: bool = True) -> bool:
    """Lock a file as long as it is open; returns whether that could be done, and the file is still there."""
    try:
        import fcntl
    except ImportError:  # pragma: no cover  # Windows keeps what is open from being deleted
        return True
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
    except OSError:
        return wait  # a file system without locks has no sweep either
    return os.fstat(handle).st_nlink > 0


def sweep(folder: Folder) -> None:
    """Delete what killed runs left in a folder: files by our names that nobody holds."""
    for name in folder.names():
        if not name.startswith(_PREFIX) or len(name) != len(_PREFIX) + _DIGITS:
            continue
        with contextlib.suppress(OSError), open(folder.open(name, os.O_RDONLY | NO_WAIT), "rb") as file:
            found = os.fstat(file.fileno())
            is_ours = stat.S_ISREG(found.st_mode) and found.st_nlink == 1
            if is_ours and _lock(file.fileno(), wait=False):
                folder.unlink(name)


def finish(file: BinaryIO, mode: int, owner: os.stat_result | None = None) -> bool:
    """Bring a file to the disk, with a mode and an owner; returns whether it could be given the owner."""
    file.flush()
    handle, keeps = file.fileno(), True
    if hasattr(os, "fchown"):
        own = os.fstat(handle)
        try:
            if owner and (own.st_uid, own.st_gid) != (owner.st_uid, owner.st_gid):
                os.fchown(handle, owner.st_uid, owner.st_gid)
        except PermissionError:
            keeps = False
        os.fchmod(handle, mode)
    os.fsync(handle)
    return keeps


def move(folder: Folder, aside: Aside, name: str) -> None:
    """Put a file of ours in the place of another in its folder."""
    if not _HOLDS_FOLDERS:
        aside.file.close()  # Windows moves nothing that is open
    folder.move(aside.name, name)
