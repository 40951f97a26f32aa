"""One migration: from the journal's pending units to its outcomes."""

from __future__ import annotations

from collections import deque
from dataclasses import replace
from itertools import groupby, islice
from typing import TYPE_CHECKING, Any

from variantfix.migrate.flow import Task, work_through
from variantfix.migrate.plans import Planned, write_plans
from variantfix.migrate.unit import UnitOutcome
from variantfix.migrate.work import migrate_batch

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from variantfix.migrate.journal import Journal
    from variantfix.migrate.lanes import Lanes
    from variantfix.migrate.unit import Options, Unit

_LARGEST_BATCH = 32
_REGISTERED_AT_A_TIME = 1000


def register(journal: Journal, units: Iterable[Unit]) -> int:
    """Note all units in the journal; returns how many of them there are."""
    count = 0
    for chunk in _chunks(units, _REGISTERED_AT_A_TIME):
        journal.register(chunk)
        count += len(chunk)
    return count


def run(
    journal: Journal,
    units: Iterable[Unit],
    options: Options,
    lanes: Lanes,
    *,
    batch: int,
    show: Callable[[UnitOutcome], None],
) -> None:
    """Do what the journal says is left of some units, and note the outcomes as they come in.

    `units` are those that were registered, in the same order; `batch` is how many small ones go to a worker together;
    `show` is called with every final outcome. Raises `InputError` where the workers as a whole have gone.
    """
    fresh = _tasks(journal, units, options, batch)
    backlog: deque[Task] = deque()

    def next_task() -> Task | None:
        return backlog.popleft() if backlog else next(fresh, None)

    for task, answer in work_through(next_task, lanes, options.timeout):
        if isinstance(answer, str):
            # One of them did it: each is tried alone, and only the guilty one fails.
            if len(task.items) > 1:
                backlog.extend(task.singles())
                continue
            answer = (_failed(task.items[0], answer),)
        journal.record(answer)
        units_by_name = {item.name: item for item in task.items}
        planned = tuple(Planned(units_by_name[outcome.name], outcome) for outcome in answer if outcome.plan)
        if planned:
            backlog.append(Task(write_plans, planned))
        for outcome in answer:
            if not outcome.plan:
                show(outcome)


def _failed(item: Unit | Planned, reason: str) -> UnitOutcome:
    if isinstance(item, Planned):
        return replace(item.outcome, result="failed", error=reason, plan=b"")
    return UnitOutcome(item.name, "failed", reason)


def _tasks(journal: Journal, units: Iterable[Unit], options: Options, batch: int) -> Iterator[Task]:
    """The plans that an earlier run left, and the pending units: a repository alone, small ones several together."""
    for kind, group in groupby(units, key=lambda unit: unit.kind):
        size = 1 if kind == "git" else min(batch, _LARGEST_BATCH)
        for chunk in _chunks(group, size):
            left = {outcome.name: outcome for outcome in journal.planned(unit.name for unit in chunk)}
            if left:
                yield Task(write_plans, tuple(Planned(unit, left[unit.name]) for unit in chunk if unit.name in left))
            if begun := journal.begin(chunk):
                yield Task(migrate_batch, begun, (options,))


def _chunks(items: Iterable[Any], size: int) -> Iterator[tuple[Any, ...]]:
    iterator = iter(items)
    while chunk := tuple(islice(iterator, size)):
        yield chunk
