"""Where work is done: lanes, each an executor of the standard library's kind with room for some calls at a time.

Local lanes have one process each, so that a worker that dies or hangs is known, and takes nothing else along.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
import threading
import time
from concurrent.futures import Executor, ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from variantfix.errors import ConfigError, InputError
from variantfix.process import TICK

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_GRACE = 0.5
_LEARNS_WITHIN = 2.0


@dataclass(frozen=True, slots=True)
class Lane:
    """An executor, and how many calls it is given at a time.

    `kill` stops at once what it is doing, `fate` says how its worker ended. `is_shared` means that a call may wait
    its turn behind others, so that nobody here knows how long it has been running.
    """

    executor: Executor
    room: int
    kill: Callable[[], None]
    fate: Callable[[], str]
    is_shared: bool = False


@dataclass(frozen=True, slots=True)
class Lanes:
    """All lanes of a run. `open` makes one more of the same kind, in place of one that broke."""

    count: int
    open: Callable[[], Lane]


@contextmanager
def local_lanes(jobs: int) -> Iterator[Lanes]:
    """Processes on this machine, one a lane; all of them are gone afterwards."""
    opened: list[Lane] = []

    def open_lane() -> Lane:
        context = multiprocessing.get_context("spawn")
        pool = ProcessPoolExecutor(1, mp_context=context, initializer=_begin_worker)
        lane = Lane(pool, 1, lambda: _kill(pool), lambda: _fate(pool))
        opened.append(lane)
        return lane

    try:
        yield Lanes(jobs, open_lane)
    finally:
        for lane in opened:
            lane.kill()


@contextmanager
def dask_lanes(address: str) -> Iterator[Lanes]:
    """The workers of a dask.distributed cluster, all of them one lane.

    Raises `ConfigError` without the extra, `InputError` where no scheduler answers at the address.
    """
    try:
        from distributed import Client
    except ImportError:
        raise ConfigError("--dask needs the extra `migrate`", hint="pip install 'variantfix[migrate]'") from None
    try:
        client: Any = Client(address, timeout=5, set_as_default=False)  # type: ignore[no-untyped-call]
    except (OSError, ValueError) as error:
        raise InputError(f"--dask {address}: no scheduler answers: {error}") from None
    try:
        threads = max(1, sum(client.nthreads().values()))
        executor = client.get_executor(pure=False)
        yield Lanes(1, lambda: Lane(executor, 2 * threads + 2, lambda: None, lambda: "", is_shared=True))
    finally:
        client.close()


def _begin_worker() -> None:
    """Leave Ctrl-C to the process that started us, end cleanly when told to, and go when it has gone."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    threading.Thread(target=_watch, daemon=True).start()


def _watch() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
    # A program that the worker runs is ended by its own loop, see `process.run`; give it the time.
    time.sleep(3 * TICK)
    os._exit(1)


def _kill(pool: ProcessPoolExecutor) -> None:
    """End a pool's worker, first in a way that lets it end the program that it runs."""
    workers = list((pool._processes or {}).values())
    for worker in workers:
        worker.terminate()
    for worker in workers:
        worker.join(_GRACE)
        worker.kill()
    pool.shutdown(wait=False, cancel_futures=True)


def _fate(pool: ProcessPoolExecutor) -> str:
    """How a broken pool's worker ended. The pool's own thread may be just about to learn it."""
    end = time.monotonic() + _LEARNS_WITHIN
    while time.monotonic() < end:
        for worker in (pool._processes or {}).values():
            if code := worker.exitcode:
                return f"its worker died: {signal.Signals(-code).name if code < 0 else f'exit code {code}'}"
        time.sleep(0.01)
    return "its worker died"
