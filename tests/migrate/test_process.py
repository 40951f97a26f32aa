"""Programs that fail, hang or leave children behind; and the command that is run once."""

from __future__ import annotations

import os
import sys
import time
from typing import TYPE_CHECKING

import pytest

from variantfix.errors import InputError
from variantfix.migrate.git import Clone
from variantfix.migrate.hooks import run_command
from variantfix.migrate.unit import Options, UnitOutcome
from variantfix.process import ProgramError, run

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.skipif(not hasattr(os, "killpg"), reason="needs POSIX process groups")


def soon(seconds: float = 30) -> float:
    return time.monotonic() + seconds


def test_it_gives_what_a_program_says() -> None:
    code = "import sys; print(sys.stdin.read() * 2); print('no', file=sys.stderr); sys.exit(3)"
    assert run([sys.executable, "-c", code], cwd=".", env=os.environ, deadline=soon(), stdin="é") == (3, "éé\n", "no\n")


def test_a_program_that_is_not_there() -> None:
    with pytest.raises(ProgramError, match="no-such-program cannot be run: no such file or directory"):
        run(["no-such-program"], cwd=".", env=os.environ, deadline=soon())


def test_a_program_that_hangs_is_ended_with_its_children(tmp_path: Path) -> None:
    script = f"(sleep 1.2; touch {tmp_path}/late) & sleep 60"
    with pytest.raises(ProgramError, match="took too long"):
        run(["sh", "-c", script], cwd=".", env=os.environ, deadline=soon(0.3))
    time.sleep(1.5)
    assert list(tmp_path.iterdir()) == []


def test_what_a_program_leaves_behind_keeps_nobody_waiting(tmp_path: Path) -> None:
    """As a helper of ssh or of credentials does that holds the streams of who began it."""
    begun = time.monotonic()
    script = f"(sleep 3; touch {tmp_path}/late) & echo é; echo no >&2; exit 4"
    assert run(["sh", "-c", script], cwd=".", env=os.environ, deadline=soon()) == (4, "é\n", "no\n")
    assert time.monotonic() - begun < 2.5
    time.sleep(3)
    assert list(tmp_path.iterdir()) == []


@pytest.fixture
def clone(tmp_path: Path) -> Clone:
    (tmp_path / "clone").mkdir()
    return Clone(str(tmp_path / "clone"), "https://me:secret@example.com/a", soon())


def command(text: str, tmp_path: Path) -> Options:
    (tmp_path / "claims").mkdir(exist_ok=True)
    return Options(command=text, branch="topic", title="A title", claims=str(tmp_path / "claims"))


OUTCOME = UnitOutcome("https://***@example.com/a", "changed", commit="abc")


def test_the_command_is_told_its_repository_and_runs_in_it_once(clone: Clone, tmp_path: Path) -> None:
    text = f"pwd >> {tmp_path}/log; env | grep ^VARIANTFIX_ | sort >> {tmp_path}/log"
    for _ in range(2):
        run_command(OUTCOME, clone, command(text, tmp_path))
    assert (tmp_path / "log").read_text().splitlines() == [
        clone.folder,
        "VARIANTFIX_BRANCH=topic",
        "VARIANTFIX_COMMIT=abc",
        "VARIANTFIX_TITLE=A title",
        "VARIANTFIX_UNIT=https://***@example.com/a",
        "VARIANTFIX_URL=https://me:secret@example.com/a",
    ]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("exit 4", "the command failed: code 4"),
        ("echo one; echo two; exit 1", "the command failed: two"),
        ("echo at https://me:secret@example.com/x >&2; exit 1", "the command failed: at https://***@example.com/x"),
    ],
)
def test_a_command_that_fails_says_why_every_time(text: str, message: str, clone: Clone, tmp_path: Path) -> None:
    for _ in range(2):
        with pytest.raises(ProgramError) as caught:
            run_command(OUTCOME, clone, command(text, tmp_path))
        assert str(caught.value) == message


def test_a_command_that_was_begun_is_not_run_again(clone: Clone, tmp_path: Path) -> None:
    options = command(f"touch {tmp_path}/log", tmp_path)
    run_command(OUTCOME, clone, options)
    (claim,) = (tmp_path / "claims").iterdir()
    claim.write_text("")
    (tmp_path / "log").unlink()
    with pytest.raises(InputError, match="was begun by a run that was killed"):
        run_command(OUTCOME, clone, options)
    assert not (tmp_path / "log").exists()
