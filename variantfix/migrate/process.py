"""Running a program that may hang, talk secrets, or outlive us."""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING

from variantfix.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

TICK = 0.25
"""Seconds after which a worker that waits for a program looks whether it is still wanted."""


class ProgramError(InputError):
    """A program that failed or took too long."""


def run(
    args: Sequence[str], *, cwd: str, env: Mapping[str, str], deadline: float, stdin: str = ""
) -> tuple[int, str, str]:
    """Run a program in a session of its own, without a terminal to ask on; returns its code, stdout and stderr.

    At the deadline (of `time.monotonic`), or when the process that started this worker has gone, the program and all
    that it started are ended. Raises `ProgramError` where it cannot be started or takes too long.
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
    except OSError as error:
        raise ProgramError(f"{args[0]} cannot be run: {(error.strerror or str(error)).lower()}") from None
    try:
        out, err = _wait(process, deadline, stdin)
    finally:
        _end(process)
    return process.returncode, out, err


def _wait(process: subprocess.Popen[str], deadline: float, stdin: str) -> tuple[str, str]:
    while True:
        left = deadline - time.monotonic()
        try:
            return process.communicate(stdin, timeout=max(0.0, min(TICK, left)))
        except subprocess.TimeoutExpired:
            if left <= 0:
                raise ProgramError("took too long") from None
            if orphaned():
                _end(process)
                os._exit(1)


def orphaned() -> bool:
    """Whether the process that started this worker has gone."""
    parent = multiprocessing.parent_process()
    return parent is not None and not parent.is_alive()


def _end(process: subprocess.Popen[str]) -> None:
    """End a program and its children, as far as they are still there."""
    if sys.platform == "win32":
        process.kill()
    else:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    for stream in (process.stdin, process.stdout, process.stderr):
        if stream is not None:
            stream.close()
