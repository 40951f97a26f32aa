"""Running a program that may hang, talk secrets, or outlive us: the only place that starts one."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING

from variantfix.errors import InputError, reason

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

TICK = 0.25
"""Seconds after which a worker that waits for a program looks whether it is still wanted."""


class ProgramError(InputError):
    """A program that failed or took too long."""


class StartError(ProgramError):
    """A program that cannot be started."""


class TooLongError(ProgramError):
    """A program that was ended at its deadline; `said` is what it had written to stderr by then."""

    said = ""


def run(
    args: Sequence[str],
    *,
    cwd: str | None,
    env: Mapping[str, str] | None,
    deadline: float,
    stdin: str = "",
    grace: float = 0.0,
) -> tuple[int, str, str]:
    """Run a program in a session of its own, without a terminal to ask on; returns its code, stdout and stderr.

    What it leaves running behind it, as `&` does, is ended with it. At the deadline (of `time.monotonic`), or when the
    process that started this worker has gone, the program and all that it started are ended, after `grace` seconds to
    put their things away. Bytes that are not UTF-8 come as surrogates. Raises `StartError` or `TooLongError`.
    """
    try:
        process = subprocess.Popen(  # noqa: S603
            args,
            cwd=cwd,
            env=env,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            encoding="utf-8",
            errors="surrogateescape",
            start_new_session=True,
        )
    except (OSError, ValueError) as error:
        said = reason(error) if isinstance(error, OSError) else str(error)
        raise StartError(f"{args[0]} cannot be run: {said}") from None
    try:
        out, err = _wait(process, deadline, stdin)
    finally:
        _end(process, grace)
    return process.returncode, out, err


def _wait(process: subprocess.Popen[str], deadline: float, stdin: str) -> tuple[str, str]:
    was_over = False
    while True:
        left = deadline - time.monotonic()
        try:
            return process.communicate(stdin, timeout=max(0.0, min(TICK, left)))
        except subprocess.TimeoutExpired as expired:
            if was_over:  # and for a whole tick all that it had said could be read: others hold its streams
                return _text(expired.stdout), _text(expired.stderr)
            was_over = process.poll() is not None
            if left <= 0:
                raise _too_long(expired) from None
            if orphaned():
                _end(process, 0.0)
                os._exit(1)


def _too_long(expired: subprocess.TimeoutExpired) -> TooLongError:
    error = TooLongError("took too long")
    error.said = _text(expired.stderr)
    return error


def _text(said: bytes | str | None) -> str:
    return said.decode("utf-8", "surrogateescape") if isinstance(said, bytes) else said or ""


def orphaned() -> bool:
    """Whether the process that started this worker has gone."""
    if "multiprocessing.process" not in sys.modules:
        return False  # nobody started us as a worker
    from multiprocessing import parent_process

    parent = parent_process()
    return parent is not None and not parent.is_alive()


def _end(process: subprocess.Popen[str], grace: float) -> None:
    """End a program and its children, as far as they are still there."""
    if grace and process.poll() is None:
        process.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(grace)
    if sys.platform == "win32":
        process.kill()
    else:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    for stream in (process.stdin, process.stdout, process.stderr):
        if stream is not None:
            stream.close()
