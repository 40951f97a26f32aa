"""Where a migration keeps its state: in the user's own folder, made by us and ours alone.

Nothing that lies in a project is taken for state. A journal says by a seal that this user's variantfix made it: the key
to it never leaves the user's folder.
"""

from __future__ import annotations

import hmac
import os
import shutil
import stat
import time
from typing import TYPE_CHECKING

from variantfix.errors import ConfigError, InputError, reason

if TYPE_CHECKING:
    from pathlib import Path

_KEY = "key"
_KEY_BYTES = 32
_PATIENCE = 5.0
_HINT = "name a new folder with --state"


def user_folder() -> Path:
    """The folder of all states, as the platform has it (`XDG_STATE_HOME`, `%LOCALAPPDATA%`, ...).

    Raises `ConfigError` without the extra, `InputError` where it cannot be made or is not ours alone.
    """
    try:
        from platformdirs import user_state_path
    except ImportError:
        raise ConfigError("migrate needs the extra `migrate`", hint="pip install 'variantfix[migrate]'") from None
    folder = user_state_path("variantfix", appauthor=False)
    return make_own(folder)


def make_own(folder: Path) -> Path:
    """The folder, made where there is none, and shut to others where it is still empty.

    Raises `InputError` where it is a link, somebody else's, open to others, or cannot be made.
    """
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        try:
            folder.mkdir(mode=0o700)
        except FileExistsError:
            if _is_own(folder) and not any(folder.iterdir()):
                folder.chmod(0o700)
        if not _is_own(folder) or _is_open(folder):
            raise InputError(f"{folder}: not a folder that variantfix made for you alone", hint=_HINT)
    except OSError as error:
        raise InputError(f"{folder}: the state cannot be kept there: {reason(error)}", hint=_HINT) from None
    return folder


def check_file(file: Path) -> None:
    """Raise `InputError` for a file of ours that is there, and is a link or somebody else's."""
    try:
        found = file.lstat()
    except FileNotFoundError:
        return
    if not stat.S_ISREG(found.st_mode) or _owner(found) != _user():
        raise InputError(f"{file}: not a file that variantfix made for you", hint=_HINT)


def make_empty(folder: Path) -> Path:
    """An empty folder inside of one of ours, in place of whatever is there; what a link leads to stays as it is."""
    if folder.is_symlink() or not folder.is_dir():
        folder.unlink(missing_ok=True)
    else:
        shutil.rmtree(folder)
    folder.mkdir(mode=0o700)
    return folder


def seal(identity: str) -> str:
    """What proves that this user's variantfix made something of an identity."""
    return hmac.digest(_key(), identity.encode(), "sha256").hex()


def is_sealed(identity: str, proof: str) -> bool:
    """Whether a proof is the seal of an identity."""
    return hmac.compare_digest(seal(identity).encode(), proof.encode())


def _key() -> bytes:
    """The user's key, made on first use; two runs that make it at once agree on one."""
    file = user_folder() / _KEY
    try:
        handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with open(handle, "wb") as stream:  # noqa: PTH123  # of a handle
            stream.write(os.urandom(_KEY_BYTES))
    except FileExistsError:
        pass
    except OSError as error:
        raise InputError(f"{file}: the key cannot be made: {reason(error)}") from None
    check_file(file)
    end = time.monotonic() + _PATIENCE
    while len(key := file.read_bytes()) != _KEY_BYTES:
        if time.monotonic() > end:
            raise InputError(f"{file}: not a key", hint="delete it; journals of earlier runs are then refused")
        time.sleep(0.01)
    return key


def _is_own(folder: Path) -> bool:
    found = folder.lstat()
    return stat.S_ISDIR(found.st_mode) and _owner(found) == _user()


def _is_open(folder: Path) -> bool:
    return os.name == "posix" and bool(folder.lstat().st_mode & 0o077)


def _user() -> int:
    return os.geteuid() if hasattr(os, "geteuid") else 0


def _owner(found: os.stat_result) -> int:
    return found.st_uid if hasattr(os, "geteuid") else 0
