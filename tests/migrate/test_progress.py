"""What a migration shows while it runs."""

from __future__ import annotations

import io
import json
import re
import sys
from typing import Any

import pytest

from variantfix.migrate.progress import counted, progress
from variantfix.migrate.told import line
from variantfix.migrate.unit import UnitOutcome
from variantfix.terminal import guarded_stderr


def finding(rule: str, safety: str = "", status: str = "open") -> dict[str, Any]:
    return {
        "rule": rule,
        "status": status,
        "advice": "do it",
        "fix": {"title": "x", "safety": safety} if safety else None,
    }


OUTCOMES = (
    UnitOutcome("a", "clean"),
    UnitOutcome("b", "changed", repaired=2, remaining=1, findings=json.dumps([finding("base-torch", "unsafe")])),
    UnitOutcome("c [x]", "failed", "it\n  is broken"),
)


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_nothing_is_shown_to_the_quiet(capsys: pytest.CaptureFixture[str]) -> None:
    with progress(3, quiet=True, verb="repaired") as show:
        for outcome in OUTCOMES:
            show(outcome)
    assert capsys.readouterr() == ("", "")


def test_a_pipe_gets_a_line_for_all_that_is_not_clean(capsys: pytest.CaptureFixture[str]) -> None:
    with progress(3, quiet=False, verb="would be repaired") as show:
        for outcome in OUTCOMES:
            show(outcome)
    assert capsys.readouterr() == (
        "",
        "changed  b: 2 would be repaired, 1 left (with --unsafe: base-torch)\nfailed   c [x]: it is broken\n",
    )


def test_a_terminal_gets_a_bar_with_counts_and_a_rate(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "120")
    with guarded_stderr(), progress(3, quiet=False, verb="repaired") as show:
        for outcome in OUTCOMES:
            show(outcome)
    assert "\\x1b" not in terminal.getvalue(), "the guard leaves the bar's own escapes alone"
    shown = re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]", "", terminal.getvalue())
    assert "3/3" in shown
    assert re.search(r"1 changed, 1 clean, 1 failed  \d+\.\d/s", shown)
    assert "changed  b: 2 repaired, 1 left (with --unsafe: base-torch)" in shown
    assert "failed   c [x]: it is broken" in shown


@pytest.mark.parametrize(
    ("counts", "expected"),
    [
        ({}, "no projects"),
        ({"clean": 0}, "no projects"),
        ({"failed": 2, "changed": 1, "pending": 3}, "1 changed, 2 failed, 3 pending"),
    ],
)
def test_counted(counts: dict[str, int], expected: str) -> None:
    assert counted(counts) == expected


def test_of_uvs_words_the_last_cause_is_told() -> None:
    said = "uv 1 refuses to lock it\nerror: No solution found\n  cause: it\n  cause: Because torch>=99"
    assert line(UnitOutcome("a", "refused", said)) == "a: uv 1 refuses to lock it: Because torch>=99"
    old = "uv 0 refuses to lock it\n  \N{MULTIPLICATION SIGN} No solution found:\n  ╰─▶ Because torch>=99\n      and"
    assert line(UnitOutcome("a", "refused", old)) == "a: uv 0 refuses to lock it: Because torch>=99"


def test_a_clean_unit_is_its_name() -> None:
    assert line(OUTCOMES[0]) == "a"
