"""Writing aside and replacing, in one step for each file, and without following a link that nobody looked at."""

from __future__ import annotations

import errno
import os
import stat
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from variantfix.disk.aside import NO_WAIT, Aside, Folder, finish, move, opened, set_aside, sweep
from variantfix.disk.read import MOST_TEXT
from variantfix.errors import ChangedError, InputError, reason
from variantfix.namedtuple import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_PLAIN_MODE = 0o644


class _Prepared(NamedTuple):
    """A text that waits beside the file it is to replace. Without `aside` the file is written through."""

    path: str
    folder: Folder
    name: str
    before: bytes
    after: bytes
    aside: Aside | None


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
                    raise _read_only(path)
                real = Path(os.path.realpath(path))
                folder = stack.enter_context(opened(real.parent))
                made.append(_prepare(stack, str(path), folder, real.name, before.encode(), after.encode()))
        _put_all(made)


def replace_below(root: Path, place: Path, digest: str, after: str) -> None:
    """Replace the text of one file below a folder, unless it is there; no part of `place`, seen from it, may be a link.

    `digest` is the SHA-256 of the text as it was read. Raises as `write_texts`.
    """
    import hashlib

    with ExitStack() as stack, _explained(str(place)):
        folder = stack.enter_context(opened(root))
        for part in place.parent.parts:
            folder = stack.enter_context(opened(folder, part))
        now = _read(folder, place.name)
        if not os.access(folder.place(place.name), os.W_OK, dir_fd=folder.handle):
            raise _read_only(place)
        if now == after.encode():
            sweep(folder)
            return
        if hashlib.sha256(now).hexdigest() != digest:
            raise _changed(str(place))
        _put_all([_prepare(stack, str(place), folder, place.name, now, after.encode())])


@contextmanager
def replacing(path: Path) -> Iterator[BinaryIO]:
    """A stream for a file of ours, new or in place of an older one, which is replaced when the block ends well.

    A link in its place is not followed, but to a device or a pipe. Raises `InputError` where it cannot be written.
    """
    # In this order, since closing a stream writes what is left, which can fail.
    with _explained(str(path), hint=""), ExitStack() as stack:
        if _is_stream(path):
            yield stack.enter_context(open(_stream(path), "wb"))
            return
        folder = stack.enter_context(opened(path.parent))
        sweep(folder)
        aside = stack.enter_context(set_aside(folder))
        yield aside.file
        finish(aside.file, _mode(path))
        move(folder, aside, path.name)


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


def _stream(path: Path) -> int:
    """A device or a pipe, opened: not waiting for whoever would read a pipe."""
    try:
        handle = os.open(path, os.O_WRONLY | NO_WAIT)
    except OSError as error:
        if error.errno == errno.ENXIO:
            raise InputError(f"{path}: nobody reads this pipe", hint="begin to read it first") from None
        raise
    os.set_blocking(handle, True)
    return handle


def _mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode) if path.exists() else _PLAIN_MODE


@contextmanager
def _explained(path: str, hint: str = "the file is as it was") -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise InputError(f"{path}: cannot be written: {reason(error)}", hint=hint) from None


def _read_only(path: Path) -> InputError:
    return InputError(f"{path}: cannot be written: the file is read-only", hint="nothing was changed")


def _prepare(stack: ExitStack, path: str, folder: Folder, name: str, before: bytes, after: bytes) -> _Prepared:
    sweep(folder)
    with open(folder.open(name, os.O_RDONLY | NO_WAIT), "rb") as file:
        found = os.fstat(file.fileno())
        if not stat.S_ISREG(found.st_mode):
            raise InputError(f"{path}: cannot be written: not a regular file", hint="nothing was changed")
        if file.read(MOST_TEXT + 1) != before:
            raise _changed(path)
    aside = stack.enter_context(set_aside(folder))
    aside.file.write(after)
    keeps_owner = finish(aside.file, stat.S_IMODE(found.st_mode), found)
    # Replacing the file would part its names, or give it to another owner.
    is_free = keeps_owner and found.st_nlink == 1
    return _Prepared(path, folder, name, before, after, aside if is_free else None)


def _read(folder: Folder, name: str) -> bytes:
    with open(folder.open(name, os.O_RDONLY | NO_WAIT), "rb") as file:
        return file.read(MOST_TEXT + 1)


def _put_all(made: list[_Prepared]) -> None:
    """Put prepared texts in place, if all the files are still as they were read."""
    for each in made:
        if _read(each.folder, each.name) != each.before:
            raise _changed(each.path)
    for each in made:
        with _explained(each.path):
            if each.aside:
                move(each.folder, each.aside, each.name)
            else:
                _write_through(each)


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
