"""Workers that die, hang or raise take nothing along but the one unit that made them."""

from __future__ import annotations

import os
import signal
import time
from collections import deque
from typing import TYPE_CHECKING

import pytest

from variantfix.migrate.flow import Answer, Task, work_through
from variantfix.migrate.lanes import local_lanes
from variantfix.migrate.unit import UnitOutcome

if TYPE_CHECKING:
    from collections.abc import Callable


def work(items: tuple[str, ...]) -> tuple[UnitOutcome, ...]:
    """What the items say."""
    for item in items:
        if item == "kill":
            os.kill(os.getpid(), signal.SIGKILL)
        if item == "exit":
            os._exit(7)
        if item == "hang":
            time.sleep(600)
        if item == "raise":
            raise LookupError("not there")
    return tuple(UnitOutcome(item, "clean") for item in items)


def done(*batches: tuple[str, ...], timeout: float = 60, jobs: int = 2) -> dict[tuple[str, ...], Answer]:
    tasks = deque(Task(work, batch) for batch in batches)
    next_task: Callable[[], Task | None] = lambda: tasks.popleft() if tasks else None  # noqa: E731
    with local_lanes(jobs) as lanes:
        return {task.items: answer for task, answer in work_through(next_task, lanes, timeout)}


def clean(*names: str) -> tuple[UnitOutcome, ...]:
    return tuple(UnitOutcome(name, "clean") for name in names)


def test_no_work_starts_no_worker() -> None:
    assert done() == {}


def test_every_task_has_its_answer() -> None:
    assert done(("a", "b"), ("c",)) == {("a", "b"): clean("a", "b"), ("c",): clean("c")}


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="needs POSIX signals")
@pytest.mark.parametrize(
    ("item", "reason"),
    [
        ("kill", "its worker died: SIGKILL"),
        ("exit", "its worker died: exit code 7"),
        ("raise", "its worker failed: LookupError: not there"),
    ],
)
def test_a_worker_that_ends_is_named_and_replaced(item: str, reason: str) -> None:
    answers = done(("a",), (item,), ("b",), ("c",), jobs=1)
    assert answers == {("a",): clean("a"), (item,): reason, ("b",): clean("b"), ("c",): clean("c")}


def test_a_worker_that_hangs_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("variantfix.migrate.flow._GRACE", 0.5)
    begun = time.monotonic()
    assert done(("hang",), ("a",), timeout=1.5) == {("hang",): "took longer than 1.5 s", ("a",): clean("a")}
    assert time.monotonic() - begun < 30


def test_a_batch_is_tried_one_by_one() -> None:
    task = Task(work, ("a", "b"), (1,))
    assert list(task.singles()) == [Task(work, ("a",), (1,)), Task(work, ("b",), (1,))]
