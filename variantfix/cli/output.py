"""Where data goes and in which format: for people, programs, code scanning, a workflow's annotations."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, TextIO

from variantfix.namedtuple import NamedTuple
from variantfix.projects import done
from variantfix.report import formats

if TYPE_CHECKING:
    from collections.abc import Sequence

    from variantfix.projects import Outcome

FORMATS = formats.FORMATS


class Output(NamedTuple):
    """What the flags say of the output. `file` takes the data in place of standard output.

    `skip_foreign` says that a file which is not uv's is no failure, though it is named alone.
    """

    format: str = "text"
    file: str = ""
    exit_zero: bool = False
    statistics: bool = False
    skip_foreign: bool = False

    @property
    def is_text(self) -> bool:
        """Whether people read it."""
        return self.format == "text"

    def code(self, code: int) -> int:
        """The exit code, where findings alone are no failure if that was asked for."""
        return 0 if self.exit_zero and code == 1 else code


def write_outcomes(outcomes: Sequence[Outcome], output: Output, stream: TextIO, talk: TextIO) -> None:
    """Write outcomes in one of the formats for programs; `talk` takes what is to be said of them."""
    if output.format != "diff":
        from variantfix.report.records import report

        formats.write_report(report(outcomes), output.format, stream)
        return
    from variantfix.report.diff import write_diff

    for outcome in done(outcomes):
        write_diff(outcome.repair.before, outcome.repair.after, stream, talk)


def annotate(outcomes: Sequence[Outcome], output: Output, stream: TextIO) -> None:
    """In a GitHub workflow, annotate the findings that people are shown as text; data stays free of it."""
    if output.is_text and os.environ.get("GITHUB_ACTIONS") == "true":
        from variantfix.report.records import report

        formats.write_report(report(outcomes), "github", stream)


def write_statistics(outcomes: Sequence[Outcome], stream: TextIO) -> None:
    """Write how many findings each rule has, most first."""
    plans = [outcome.repair.plan for outcome in done(outcomes)]
    formats.write_statistics((f.rule for plan in plans for f in (*plan.repaired, *plan.remaining)), stream)
