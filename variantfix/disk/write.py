"""Writing aside and replacing, in one step for each file, and without following a link that nobody looked at.

A text is first whole on the disk under a name that nobody can foresee, in the folder where it is to be. Folders are
held open meanwhile, so that none of them can be another one in between.
"""

from __future__ import annotations

import contextlib
import os
import stat
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, NamedTuple

from variantfix.disk.read import MOST_TEXT
from variantfix.errors import ChangedError, InputError, reason

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_PLAIN_MODE = 0o644
_PREFIX = ".variantfix-"
_DIGITS = 16
_HOLDS_FOLDERS = os.open in os.supports_dir_fd and hasattr(os, "O_DIRECTORY")
_NO_LINK = getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_BINARY", 0)
_NO_WAIT = getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_NOCTTY", 0)


class _Folder(NamedTuple):
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


class _Aside(NamedTuple):
    """A file of ours that is to take another's place. As long as it is open it is locked, and no sweep takes it."""

    name: str
    file: BinaryIO


class _Prepared(NamedTuple):
    """A text that waits beside the file it is to replace. Without `aside` the file is written through."""

    path: str
    folder: _Folder
    name: str
    before: bytes
    after: bytes
    aside: _Aside | None


def real_place(path: Path, root: Path) -> Path | None:
    """Where a file is, whatever links lead to it, seen from a folder; None where that is outside of the folder."""
    real, top = os.path.realpath(path), os.path.realpath(root)
    inside = os.path.commonpath([real, top]) == top if Path(real).drive == Path(top).drive else False
    return Path(os.path.relpath(real, top)) if inside else None


def write_texts(texts: Mapping[Path, tuple[str, str]]) -> None:
    """Replace files' texts, given as they were read and as they are to be, each in one step.

    A killed run leaves the old file or the new one. A symbolic link is followed to the file that it names; owner and
    mode stay; a file with several names is written through. Raises `ChangedError` where a file is no longer as it was
    read, `InputError` where one cannot be written; unless the disk fails between them, none is then.
    """
    with ExitStack() as stack:
        made: list[_Prepared] = []
        for path, (before, after) in texts.items():
            with _explained(str(path)):
                if not os.access(path, os.W_OK):
                    raise InputError(f"{path}: cannot be written: the file is read-only", hint="nothing was changed")
                real = Path(os.path.realpath(path))
                folder = stack.enter_context(_opened(real.parent))
                made.append(_prepare(stack, str(path), folder, real.name, before.encode(), after.encode()))
        _put_all(made)


def replace_below(root: Path, place: Path, digest: str, after: str) -> None:
    """Replace the text of one file below a folder, unless it is there; no part of `place`, seen from it, may be a link.

    `digest` is the SHA-256 of the text as it was read. Raises as `write_texts`.
    """
    import hashlib

    with ExitStack() as stack, _explained(str(place)):
        folder = stack.enter_context(_opened(root))
        for part in place.parent.parts:
            folder = stack.enter_context(_opened(folder, part))
        now = _read(folder, place.name)
        if now == after.encode():
            _sweep(folder)
            return
        if hashlib.sha256(now).hexdigest() != digest:
            raise _changed(str(place))
        _put_all([_prepare(stack, str(place), folder, place.name, now, after.encode())])


@contextmanager
def replacing(path: Path) -> Iterator[BinaryIO]:
    """A stream for a file of ours, new or in place of an older one, which is replaced when the block ends well.

    A link in its place is not followed, but to a device or a pipe. Raises `InputError` where it cannot be written.
    """
    with ExitStack() as stack, _explained(str(path), hint=""):
        if _is_stream(path):
            yield stack.enter_context(path.open("wb"))
            return
        folder = stack.enter_context(_opened(path.parent))
        _sweep(folder)
        aside = stack.enter_context(_aside(folder))
        yield aside.file
        _finish(aside.file, _mode(path))
        _move(folder, aside, path.name)


def write_new(path: Path, text: str) -> None:
    """Write a file of ours, new or in place of an older one, in one step. Raises as `replacing` does."""
    with replacing(path) as file:
        file.write(text.encode())


def _is_stream(path: Path) -> bool:
    """Whether a path means a device or a pipe. Raises `InputError` for a link to anything else."""
    try:
        mode = path.stat().st_mode
    except FileNotFoundError:
        mode = stat.S_IFREG
    if stat.S_ISCHR(mode) or stat.S_ISFIFO(mode):
        return True
    if path.is_symlink():
        raise InputError(f"{path}: a symbolic link, and none is followed", hint="name the file itself")
    return False


def _mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode) if path.exists() else _PLAIN_MODE


@contextmanager
def _explained(path: str, hint: str = "the file is as it was") -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise InputError(f"{path}: cannot be written: {reason(error)}", hint=hint) from None


@contextmanager
def _opened(above: Path | _Folder, name: str = "") -> Iterator[_Folder]:
    """A folder, or one in it that is no link, held open as long as the block lasts."""
    path = os.path.join(above.path, name) if isinstance(above, _Folder) else str(above)
    if not _HOLDS_FOLDERS:
        if name and Path(path).is_symlink():
            raise OSError(40, "a symbolic link on the way")
        yield _Folder(path, None)
        return
    flags = os.O_RDONLY | os.O_DIRECTORY
    handle = above.open(name, flags) if isinstance(above, _Folder) else os.open(path, flags)
    try:
        yield _Folder(path, handle)
    finally:
        os.close(handle)


def _prepare(stack: ExitStack, path: str, folder: _Folder, name: str, before: bytes, after: bytes) -> _Prepared:
    _sweep(folder)
    with open(folder.open(name, os.O_RDONLY | _NO_WAIT), "rb") as file:
        found = os.fstat(file.fileno())
        if not stat.S_ISREG(found.st_mode):
            raise InputError(f"{path}: cannot be written: not a regular file", hint="nothing was changed")
        if file.read(MOST_TEXT + 1) != before:
            raise _changed(path)
    aside = stack.enter_context(_aside(folder))
    aside.file.write(after)
    keeps_owner = _finish(aside.file, stat.S_IMODE(found.st_mode), found)
    # Replacing the file would part its names, or give it to another owner.
    is_free = keeps_owner and found.st_nlink == 1
    return _Prepared(path, folder, name, before, after, aside if is_free else None)


def _finish(file: BinaryIO, mode: int, owner: os.stat_result | None = None) -> bool:
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


def _read(folder: _Folder, name: str) -> bytes:
    with open(folder.open(name, os.O_RDONLY | _NO_WAIT), "rb") as file:
        return file.read(MOST_TEXT + 1)


def _put_all(made: list[_Prepared]) -> None:
    """Put prepared texts in place, if all the files are still as they were read."""
    for each in made:
        if _read(each.folder, each.name) != each.before:
            raise _changed(each.path)
    for each in made:
        with _explained(each.path):
            if each.aside:
                _move(each.folder, each.aside, each.name)
            else:
                _write_through(each)


def _move(folder: _Folder, aside: _Aside, name: str) -> None:
    if not _HOLDS_FOLDERS:
        aside.file.close()  # Windows moves nothing that is open
    folder.move(aside.name, name)


def _changed(path: str) -> ChangedError:
    return ChangedError(f"{path}: was changed by somebody else after it was read", hint="nothing was written")


def _write_through(each: _Prepared) -> None:
    """Write into the file itself; where that fails it gets its old text back."""
    with open(each.folder.open(each.name, os.O_RDWR), "r+b", buffering=0) as file:
        try:
            _fill(file.fileno(), each.after)
        except OSError:
            _fill(file.fileno(), each.before)
            raise


def _fill(handle: int, data: bytes) -> None:
    os.lseek(handle, 0, os.SEEK_SET)
    done = 0
    while done < len(data):
        done += os.write(handle, data[done:])
    os.ftruncate(handle, len(data))
    os.fsync(handle)


@contextmanager
def _aside(folder: _Folder) -> Iterator[_Aside]:
    """A new file in a folder, under a name that nobody can foresee; it is gone when the block ends, unless moved."""
    while True:
        name = f"{_PREFIX}{os.urandom(_DIGITS // 2).hex()}"
        handle = folder.open(name, os.O_WRONLY | os.O_CREAT | os.O_EXCL)
        if _lock(handle):
            break
        os.close(handle)  # a sweep was quicker
    with open(handle, "wb") as file:
        try:
            yield _Aside(name, file)
        finally:
            folder.unlink(name)


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


def _sweep(folder: _Folder) -> None:
    """Delete what killed runs left in a folder: files by our names that nobody holds."""
    for name in folder.names():
        if not name.startswith(_PREFIX) or len(name) != len(_PREFIX) + _DIGITS:
            continue
        with contextlib.suppress(OSError), open(folder.open(name, os.O_RDONLY | _NO_WAIT), "rb") as file:
            found = os.fstat(file.fileno())
            is_ours = stat.S_ISREG(found.st_mode) and found.st_nlink == 1
            if is_ours and _lock(file.fileno(), wait=False):
                folder.unlink(name)
