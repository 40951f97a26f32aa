"""What a migration shows while it runs: a live bar on a terminal, plain lines in a pipe."""

from __future__ import annotations

import sys
import time
from collections import Counter
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING

from variantfix.credentials import mask
from variantfix.migrate.told import WORDS, line
from variantfix.migrate.unit import RESULTS
from variantfix.report.paint import painter
from variantfix.terminal import behind, plain

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from rich.text import Text

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


@contextmanager
def progress(total: int, *, quiet: bool, verb: str) -> Iterator[Show]:
    """A function to call with every outcome; `total` is how many are to come, `verb` what becomes of findings."""
    if quiet:
        yield lambda _outcome: None
    elif sys.stderr.isatty():
        with _bar(total, verb) as show:
            yield show
    else:
        yield partial(_print, verb=verb)


def counted(counts: Mapping[str, int]) -> str:
    """Counts as a reader likes them: `3 changed, 1 failed`; zeros are left out."""
    known = (*RESULTS, *(name for name in counts if name not in RESULTS))
    return ", ".join(f"{counts[name]} {WORDS.get(name, name)}" for name in known if counts.get(name)) or "no projects"


def _print(outcome: UnitOutcome, verb: str) -> None:
    if outcome.result not in ("clean", "foreign"):
        paint = painter(sys.stderr)
        said = line(outcome, verb=verb)
        print(paint(f"{outcome.result:8}", _STYLES[outcome.result]), said, file=sys.stderr)


@contextmanager
def _bar(total: int, verb: str) -> Iterator[Show]:
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    console = Console(file=behind(sys.stderr))
    columns = (BarColumn(), MofNCompleteColumn(), TextColumn("{task.fields[counts]}"), TimeRemainingColumn())
    counts: Counter[str] = Counter()
    start = time.monotonic()
    with Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task("", total=total, counts="")

        def show(outcome: UnitOutcome) -> None:
            counts[outcome.result] += 1
            rate = counts.total() / max(0.001, time.monotonic() - start)
            bar.update(task, advance=1, counts=f"{counted(counts)}  {rate:.1f}/s")
            if outcome.result not in ("clean", "foreign"):
                bar.print(_styled(outcome, verb))

        yield show


def _styled(outcome: UnitOutcome, verb: str) -> Text:
    from rich.text import Text

    said = plain(mask(line(outcome, verb=verb)))
    return Text.assemble((f"{outcome.result:8}", _STYLES[outcome.result]), " ", said)
