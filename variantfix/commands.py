"""The commands: each takes plain values, writes data to stdout and talk to stderr, and returns the exit code."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from variantfix.files import STDIN
from variantfix.pipeline import Outcome, process
from variantfix.report import text
from variantfix.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Sequence

QUIET, NORMAL, VERBOSE = -1, 0, 1


def check(paths: Sequence[str], settings: Settings | None = None, *, verbosity: int = NORMAL) -> int:
    """Show the findings on some paths; nothing is changed."""
    outcomes = [process(path, settings or Settings(), write=False, only_check=True) for path in paths or ["."]]
    for outcome in outcomes:
        if outcome.error:
            text.write_error(outcome, sys.stderr)
        elif outcome.repair and verbosity > QUIET:
            if verbosity >= VERBOSE:
                text.write_variants(outcome.repair, sys.stderr)
            text.write_findings(outcome.repair, outcome.repair.plan.found, sys.stdout)
    _summarise(outcomes, verbosity, "repaired")
    return _exit_code(outcomes)


def apply(paths: Sequence[str], settings: Settings, *, dry_run: bool = False, verbosity: int = NORMAL) -> int:
    """Repair some paths; a dry run shows the diff and writes nothing."""
    outcomes = [process(path, settings, write=not dry_run) for path in paths or ["."]]
    for outcome in outcomes:
        if outcome.error:
            text.write_error(outcome, sys.stderr)
        else:
            _show_repair(outcome, dry_run=dry_run, verbosity=verbosity)
    _summarise(outcomes, verbosity, "would be repaired" if dry_run else "repaired")
    would_change = dry_run and any(outcome.repair and outcome.repair.changed for outcome in outcomes)
    return max(_exit_code(outcomes), int(would_change))


def _show_repair(outcome: Outcome, *, dry_run: bool, verbosity: int) -> None:
    repair = outcome.repair
    assert repair is not None
    # The diff and the text of standard input are data; what is said about them must not mix with it.
    piped = dry_run or outcome.path == STDIN
    if verbosity > QUIET:
        if verbosity >= VERBOSE:
            text.write_variants(repair, sys.stderr)
        talk = sys.stderr if piped else sys.stdout
        text.write_findings(repair, repair.plan.repaired, talk, done=not dry_run)
        text.write_findings(repair, repair.plan.remaining, talk)
    if dry_run:
        text.write_diff(repair.before, repair.after, sys.stdout)
    elif outcome.path == STDIN:
        sys.stdout.flush()
        sys.stdout.buffer.write(repair.after[STDIN].encode())


def _summarise(outcomes: Sequence[Outcome], verbosity: int, verb: str) -> None:
    if verbosity > QUIET:
        print(text.summary(outcomes, verb=verb), file=sys.stderr)


def _exit_code(outcomes: Sequence[Outcome]) -> int:
    codes = [outcome.error.exit_code for outcome in outcomes if outcome.error]
    remaining = any(outcome.repair and outcome.repair.plan.remaining for outcome in outcomes)
    return max([*codes, int(remaining)])
