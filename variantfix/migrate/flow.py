"""Keeping lanes busy with tasks: a bounded number in flight, time-outs, and workers that die."""

from __future__ import annotations

import time
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, CancelledError, Future, wait
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from variantfix.errors import InputError
from variantfix.migrate.unit import UnitOutcome

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from variantfix.migrate.lanes import Lane, Lanes

Answer = tuple[UnitOutcome, ...] | str
"""The outcomes of a task, or why there are none."""

_GRACE = 5.0
"""Seconds beyond the time-out, in which a worker can stop a program that hangs and say so itself."""

_LONGEST_WAIT = 3600.0


@dataclass(frozen=True, slots=True)
class Task:
    """A call for a worker: the function, the items that it takes, and its other arguments."""

    function: Callable[..., tuple[UnitOutcome, ...]]
    items: tuple[Any, ...]
    rest: tuple[Any, ...] = ()

    def singles(self) -> Iterator[Task]:
        """The same for one item at a time."""
        return (Task(self.function, (item,), self.rest) for item in self.items)


@dataclass(frozen=True, slots=True)
class _Running:
    task: Task
    place: int
    until: float


def work_through(next_task: Callable[[], Task | None], lanes: Lanes, timeout: float) -> Iterator[tuple[Task, Answer]]:
    """Do tasks until `next_task` gives none and none is in flight; yields each with its answer, as they come.

    A task that takes longer than `timeout` seconds and a little is stopped with its worker. `next_task` is asked again
    after every answer. Raises `InputError` where the workers as a whole have gone.
    """
    crew: list[Lane] = []
    running: dict[Future[tuple[UnitOutcome, ...]], _Running] = {}
    while True:
        _fill(next_task, lanes, crew, running, timeout)
        if not running:
            return
        left = min(job.until for job in running.values()) - time.monotonic()
        done, _ = wait(running, min(max(0.0, left), _LONGEST_WAIT), FIRST_COMPLETED)
        for future in done or _overdue(running):
            job = running.pop(future)
            lane = crew[job.place]
            if not future.done():
                lane.kill()
                crew[job.place] = lanes.open()
                yield job.task, f"took longer than {timeout:g} s"
                continue
            answer = _answer(future, lane)
            if isinstance(future.exception(), BrokenExecutor):
                lane.kill()
                crew[job.place] = lanes.open()
            yield job.task, answer


def _fill(
    next_task: Callable[[], Task | None],
    lanes: Lanes,
    crew: list[Lane],
    running: dict[Future[tuple[UnitOutcome, ...]], _Running],
    timeout: float,
) -> None:
    """Give every lane that has room a task; lanes are opened when there is work for them."""
    for place in range(lanes.count):
        busy = sum(job.place == place for job in running.values())
        while place >= len(crew) or busy < crew[place].room:
            task = next_task()
            if task is None:
                return
            if place >= len(crew):
                crew.append(lanes.open())
            lane = crew[place]
            until = float("inf") if lane.is_shared else time.monotonic() + timeout + _GRACE
            future = lane.executor.submit(task.function, task.items, *task.rest)
            running[future] = _Running(task, place, until)
            busy += 1


def _overdue(running: dict[Future[tuple[UnitOutcome, ...]], _Running]) -> list[Future[tuple[UnitOutcome, ...]]]:
    now = time.monotonic()
    return [future for future, job in running.items() if job.until <= now]


def _answer(future: Future[tuple[UnitOutcome, ...]], lane: Lane) -> Answer:
    try:
        return future.result()
    except BrokenExecutor:
        return lane.fate()
    except CancelledError:
        raise InputError("the workers have gone", hint="the same command goes on where this one stopped") from None
    except Exception as error:
        return f"its worker failed: {type(error).__name__}: {error}"
