"""One piece of work over many paths, on several cores where that is worth its start; what it gives is in order."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from variantfix.disk import STDIN

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from variantfix.projects import Outcome

    Work = Callable[[str], Outcome]

_WORTH = 64
"""Files of ordinary size that take as long as processes take to start, for each process."""
_ORDINARY = 8192


def each(work: Work, paths: Sequence[str], jobs: int | None = None) -> list[Outcome]:
    """The outcomes of some paths, in their order; by default on as many cores as their count and size are worth.

    Standard input is read here. What a process that dies leaves undone is done here.
    """
    if STDIN in paths or len(paths) < 2 or jobs == 1:
        return list(map(work, paths))
    processes = min(jobs or _worth(paths), len(paths))
    return list(map(work, paths)) if processes < 2 else _spread(work, paths, processes)


def _worth(paths: Sequence[str]) -> int:
    """How many processes the paths are worth, of no more than there are cores."""
    if len(paths) < _WORTH // 8:
        return 1
    size = sum(1 + _size(path) // _ORDINARY for path in paths)
    return min(os.cpu_count() or 1, size // _WORTH)


def _size(path: str) -> int:
    try:
        return Path(path).stat().st_size
    except (OSError, ValueError):
        return 0


def _spread(work: Work, paths: Sequence[str], processes: int) -> list[Outcome]:
    # Imported here: a check of one file pays nothing for it.
    import multiprocessing
    from concurrent.futures import ProcessPoolExecutor
    from concurrent.futures.process import BrokenProcessPool

    first = work(paths[0])  # what is read once is read before the processes part
    context = multiprocessing.get_context("fork" if sys.platform == "linux" else None)
    chunk = -(-len(paths) // (processes * 4))
    done = [first]
    pool = ProcessPoolExecutor(processes, mp_context=context, initializer=_leave_interrupts)
    try:
        done.extend(pool.map(work, paths[1:], chunksize=chunk))  # what comes before a process dies stays
    except BrokenProcessPool:
        done += map(work, paths[len(done) :])
    finally:
        pool.shutdown(cancel_futures=True)
    return done


def _leave_interrupts() -> None:
    """Leave an interrupt to the process that asked."""
    import signal

    signal.signal(signal.SIGINT, signal.SIG_IGN)
