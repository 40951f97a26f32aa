"""What a migration shows while it runs: a live bar on a terminal, plain lines in a pipe."""

from __future__ import annotations

import sys
import time
from collections import Counter
from contextlib import contextmanager
from typing import TYPE_CHECKING

from variantfix.migrate.unit import RESULTS
from variantfix.report.paint import painter

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from variantfix.migrate.unit import UnitOutcome

    Show = Callable[[UnitOutcome], None]

_STYLES = {
    "changed": "green",
    "clean": "dim",
    "foreign": "dim",
    "found": "yellow",
    "refused": "yellow",
    "failed": "bold red",
}
_WORDS = {"foreign": "not for uv"}


@contextmanager
def progress(total: int, *, quiet: bool) -> Iterator[Show]:
    """A function to call with every outcome; `total` is how many are to come."""
    if quiet:
        yield lambda _outcome: None
    elif sys.stderr.isatty():
        with _bar(total) as show:
            yield show
    else:
        yield _print


def counted(counts: Mapping[str, int]) -> str:
    """Counts as a reader likes them: `3 changed, 1 failed`; zeros are left out."""
    known = (*RESULTS, *(name for name in counts if name not in RESULTS))
    return ", ".join(f"{counts[name]} {_WORDS.get(name, name)}" for name in known if counts.get(name)) or "no projects"


def line(outcome: UnitOutcome) -> str:
    """An outcome on one line."""
    parts = [f"{outcome.repaired} repaired"] if outcome.repaired else []
    parts += [f"{outcome.remaining} remaining"] if outcome.remaining else []
    parts += [" ".join(outcome.error.split())] if outcome.error else []
    return f"{outcome.name}: {', '.join(parts)}" if parts else outcome.name


def _print(outcome: UnitOutcome) -> None:
    if outcome.result not in ("clean", "foreign"):
        paint = painter(sys.stderr)
        print(paint(f"{outcome.result:8}", _STYLES[outcome.result]), line(outcome), file=sys.stderr)


@contextmanager
def _bar(total: int) -> Iterator[Show]:
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
    from rich.text import Text

    console = Console(stderr=True)
    columns = (BarColumn(), MofNCompleteColumn(), TextColumn("{task.fields[counts]}"), TimeRemainingColumn())
    counts: Counter[str] = Counter()
    start = time.monotonic()
    with Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task("", total=total, counts="")

        def show(outcome: UnitOutcome) -> None:
            counts[outcome.result] += 1
            rate = counts.total() / max(0.001, time.monotonic() - start)
            bar.update(task, advance=1, counts=f"{counted(counts)}  {rate:.1f}/s")
            if outcome.result == "failed":
                bar.print(Text(f"failed   {line(outcome)}", style=_STYLES["failed"]))

        yield show
