"""What a terminal is told while uv works, and what nothing else is."""

from __future__ import annotations

import io
import re
import sys
from typing import TYPE_CHECKING

import pytest

from tests.migrate.fleet import BROKEN
from variantfix.__main__ import main
from variantfix.cli.working import working
from variantfix.terminal import guarded_stderr

if TYPE_CHECKING:
    from pathlib import Path


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def terminal_of(monkeypatch: pytest.MonkeyPatch) -> Terminal:
    """A terminal as standard error; pytest gives each phase of a test a stream of its own, so no fixture makes it."""
    made = Terminal()
    monkeypatch.setattr(sys, "stderr", made)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.delenv("NO_COLOR", raising=False)
    return made


def test_a_terminal_is_told_and_keeps_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = terminal_of(monkeypatch)
    with guarded_stderr(), working() as tell:
        tell("https://me:secret@example.com/\x1b[31m: uv locks a scratch copy")
    shown = terminal.getvalue()
    assert r"https://***@example.com/\x1b[31m: uv locks a scratch copy" in re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]", "", shown)
    assert shown.endswith("\x1b[2K"), "the line is taken away"
    assert "secret" not in shown


@pytest.mark.parametrize("quiet", [True, False])
def test_others_are_told_nothing(quiet: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = terminal_of(monkeypatch)
    stream = terminal if quiet else io.StringIO()
    monkeypatch.setattr(sys, "stderr", stream)
    with working(quiet=quiet) as tell:
        tell("uv locks a scratch copy")
    monkeypatch.setenv("TERM", "dumb")
    monkeypatch.setattr(sys, "stderr", terminal)
    with working() as tell:
        tell("uv locks a scratch copy")
    assert stream.getvalue() + terminal.getvalue() == ""


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["apply", "--verify", "x"], "x: repaired in a scratch copy, and locked by uv"),
        (["apply", "--verify", "x", "y"], "y: repaired in a scratch copy, and locked by uv (2 of 2)"),
        (["apply", "--verify", "x", "y", "--jobs", "2"], "uv locks what comes out of 2 projects"),
        (["verify", "--lock", "x"], "x: uv locks a scratch copy"),
        (["verify", "x"], "x: its lock is walked"),
        (["pick", "--verify", "x"], "x: uv locks a scratch copy"),
        (["export", "--lock", "--variant", "cpu", "x"], "x/pyproject.toml: uv locks a scratch copy"),
    ],
    ids=" ".join,
)
def test_what_takes_long_says_so(words: list[str], told: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = terminal_of(monkeypatch)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setitem(sys.modules, "uv", None)  # nothing is locked here
    for name in ("x", "y"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "pyproject.toml").write_text(BROKEN)
    main(words)
    assert told in re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]", "", terminal.getvalue())


def test_a_plain_apply_says_nothing_of_uv(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = terminal_of(monkeypatch)
    (tmp_path / "pyproject.toml").write_text(BROKEN)
    main(["apply", str(tmp_path)])
    assert "scratch" not in terminal.getvalue()
