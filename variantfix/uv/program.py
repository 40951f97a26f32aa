"""The only module that runs uv: finds it, asks its version, has it lock a folder."""

from __future__ import annotations

import os
import re
import shutil
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from variantfix.errors import ConfigError, UnansweredError, VerifyError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

OLDEST = (0, 5, 2)
"""`tool.uv.conflicts` came with this version."""

TIMEOUT = 600.0
_TIMEOUT_VARIABLE = "VARIANTFIX_UV_TIMEOUT"
_GRACE = 5.0
"""Seconds that an ended uv has to put its own things away."""

# They would point uv at another project, or forbid it to lock.
_DROPPED = ("UV_PROJECT", "UV_WORKING_DIR", "UV_WORKING_DIRECTORY", "UV_FROZEN", "UV_LOCKED", "VIRTUAL_ENV")


@dataclass(frozen=True, slots=True)
class Uv:
    """A uv program and its version."""

    program: str
    version: str

    def __str__(self) -> str:
        return f"uv {self.version}"


def find_uv() -> Uv:
    """The user's own uv on PATH, else that of the installed `uv` package.

    Raises `UnansweredError` where there is none, where it does not run, or where it is too old for conflicts.
    """
    program = shutil.which("uv") or _packaged()
    code, out, err = _run([program, "--version"], timeout=30.0)
    match = re.match(r"uv (\d+(?:\.\d+)*\S*)", out)
    if code or not match:
        said = (err or out).strip() or f"exit code {code}"
        raise UnansweredError(f"{program} is no uv that runs", hint="reinstall uv", words=said)
    found = Uv(program, match[1])
    if tuple(int(part) for part in re.findall(r"\d+", found.version)[:3]) < OLDEST:
        oldest = ".".join(map(str, OLDEST))
        raise UnansweredError(
            f"{found} at {program} is too old: conflicts need at least {oldest}", hint="uv self update"
        )
    return found


def _packaged() -> str:
    try:
        import uv

        return uv.find_uv_bin()
    except (ImportError, FileNotFoundError):
        hint = "install uv, or the extra that brings it: variantfix[verify]"
        raise UnansweredError("there is no uv on PATH", hint=hint) from None


def lock(uv: Uv, folder: Path, *, no_build: bool, upgrade: Iterable[str] = ()) -> None:
    """Have uv lock the project in a folder, and look at some packages anew although their lock would do.

    Raises `VerifyError`, with uv's own words, where it refuses, and `UnansweredError` where it cannot judge the
    project, for want of a network, a Python or time.
    """
    command = [uv.program, "lock", *(["--no-build"] if no_build else [])]
    command += [word for package in upgrade for word in ("--upgrade-package", package)]
    seconds = _timeout()
    from variantfix.process import TooLongError
    from variantfix.uv.refusal import trouble

    try:
        code, _, err = _run(command, timeout=seconds, cwd=folder, environment=_environment())
    except TooLongError as error:
        hint = f"{_TIMEOUT_VARIABLE} sets the seconds"
        words = _words(error.said, folder)
        raise UnansweredError(f"{uv} did not finish within {seconds:g} s", hint=hint, words=words) from None
    if code == 0:
        return
    words = _words(err, folder)
    if found := trouble(words):
        raise UnansweredError(f"{uv} {found.what}", hint=found.hint, words=words)
    raise VerifyError(f"{uv} refuses to lock it", words=words)


def export(uv: Uv, folder: Path, flags: Iterable[str]) -> str:
    """What uv exports from the lock in a folder, as requirements with hashes, for some flags that select.

    Nothing is written. Raises `VerifyError`, with uv's own words, where it refuses.
    """
    command = [uv.program, "export", "-q", "--frozen", "--no-header", "--no-emit-workspace", *flags]
    code, out, err = _run(command, timeout=_timeout(), cwd=folder, environment=_environment())
    if code:
        raise VerifyError(f"{uv} refuses to export it", words=_words(err, folder))
    return out


def _timeout() -> float:
    text = os.environ.get(_TIMEOUT_VARIABLE, "")
    try:
        return float(text) if text else TIMEOUT
    except ValueError:
        raise ConfigError(f"{_TIMEOUT_VARIABLE} is not a number of seconds: {text!r}") from None


def _environment() -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if name not in _DROPPED}
    # What uv says is read: it must not be broken to the width of a terminal.
    return {**kept, "NO_COLOR": "1", "UV_NO_PROGRESS": "1", "COLUMNS": "10000"}


def _run(
    command: list[str], *, timeout: float, cwd: Path | None = None, environment: Mapping[str, str] | None = None
) -> tuple[int, str, str]:
    """Run uv to its end; however this is left, the program has ended too."""
    # Imported where uv is run: most runs ask no uv.
    from variantfix import process

    try:
        return process.run(
            command,
            cwd=str(cwd) if cwd else None,
            env=environment,
            deadline=time.monotonic() + timeout,
            grace=_GRACE,
        )
    except process.StartError as error:
        raise UnansweredError(str(error), hint="reinstall uv") from None


def _words(said: str, folder: Path) -> str:
    """What uv said, without the scratch copy's place, and the Python that it found."""
    said = "\n".join(line for line in said.splitlines() if not line.startswith("Using "))
    places = {str(folder), str(folder.resolve())}
    for place in sorted(places, key=len, reverse=True):
        said = said.replace(f"file://{place}", "<project>").replace(place, "<project>")
    return said.strip()
