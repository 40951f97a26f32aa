"""The journal decides what is left to do, whatever became of the run that wrote it."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from variantfix.errors import ConfigError, InputError
from variantfix.migrate.journal import Row, open_journal, read_journal
from variantfix.migrate.unit import Unit, UnitOutcome, pack

if TYPE_CHECKING:
    from pathlib import Path

FACTS = {"sources": '["x"]', "dry_run": "false"}
A, B, C = (Unit(name, "folder", "/x", name) for name in "abc")


def test_every_unit_is_begun_once(tmp_path: Path) -> None:
    with open_journal(tmp_path, FACTS) as journal:
        assert journal.register([A, B]) == 2
        assert journal.register([A, B, C]) == 3
        assert journal.begin([A, B]) == (A, B)
        assert journal.begin([A, B, C]) == (C,)


def test_what_was_running_when_the_run_was_killed_is_pending_again(tmp_path: Path) -> None:
    with open_journal(tmp_path, FACTS) as journal:
        journal.register([A, B])
        journal.begin([A, B])
        journal.record([UnitOutcome("a", "clean")])
    with open_journal(tmp_path, FACTS) as journal:
        assert journal.begin([A, B]) == (B,)
        assert list(journal.rows()) == [
            Row("a", "done", "clean", "", 0, 0, 0.0, 1),
            Row("b", "running", "", "", 0, 0, None, 2),
        ]


def test_a_plan_waits_until_it_is_written(tmp_path: Path) -> None:
    planned = UnitOutcome("a", "changed", repaired=2, diff=pack("diff"), plan=pack({"files": []}), seconds=1.5)
    with open_journal(tmp_path, FACTS) as journal:
        journal.register([A])
        journal.begin([A])
        journal.record([planned])
    with open_journal(tmp_path, FACTS) as journal:
        assert journal.begin([A]) == ()
        assert journal.planned(["a", "b"]) == (planned,)
        assert list(journal.outcomes()) == []
        assert journal.counts() == {"planned": 1}
        journal.record([UnitOutcome("a", "changed", repaired=2, diff=pack("diff"))])
        assert journal.planned(["a", "b"]) == ()
        assert journal.counts() == {"changed": 1}


def test_outcomes_come_in_the_order_in_which_units_were_named(tmp_path: Path) -> None:
    outcomes = [UnitOutcome("a", "failed", "why"), UnitOutcome("b", "clean"), UnitOutcome("c", "refused", remaining=3)]
    with open_journal(tmp_path, FACTS) as journal:
        journal.register([A, B, C])
        journal.begin([A, B, C])
        journal.record(reversed(outcomes))
        assert list(journal.outcomes()) == outcomes
        assert journal.remaining() == 3


def test_retry_takes_those_with_a_result_again(tmp_path: Path) -> None:
    with open_journal(tmp_path, FACTS) as journal:
        journal.register([A, B])
        journal.begin([A, B])
        journal.record([UnitOutcome("a", "failed", "why"), UnitOutcome("b", "clean")])
        assert journal.retry(["failed"]) == ("a",)
        assert journal.begin([A, B]) == (A,)


def test_texts_come_by_row(tmp_path: Path) -> None:
    units = [Unit(f"x#{number}", "text", "x", str(number)) for number in (1, 2, 10)]
    with open_journal(tmp_path, FACTS) as journal:
        journal.register(units)
        journal.begin(units)
        journal.record(
            [UnitOutcome("x#10", "changed", text=pack("ten")), UnitOutcome("x#2", "changed", text=pack("two"))]
        )
        journal.record([UnitOutcome("x#1", "clean")])
        assert list(journal.texts()) == [(2, "two"), (10, "ten")]


def test_a_journal_is_of_one_migration(tmp_path: Path) -> None:
    with open_journal(tmp_path, FACTS) as journal:
        journal.register([A])
    with (
        pytest.raises(ConfigError, match="the journal is of another migration: dry_run differ"),
        open_journal(tmp_path, {**FACTS, "dry_run": "true"}),
    ):
        pass
    with open_journal(tmp_path, {**FACTS, "dry_run": "true"}, fresh=True) as journal:
        assert journal.counts() == {}


def test_only_one_run_at_a_time_writes_a_journal(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("variantfix.migrate.journal.PATIENCE", 0.1)
    with open_journal(tmp_path, FACTS) as journal:
        journal.register([A])
        with pytest.raises(ConfigError, match="another run is using this journal"), open_journal(tmp_path, FACTS):
            pass
        with read_journal(tmp_path) as reading:
            assert reading.counts() == {"pending": 1}
            assert reading.meta("sources") == '["x"]'
            assert reading.meta("gone") == ""


@pytest.mark.skipif(os.name != "posix", reason="bounds of POSIX")
def test_a_lock_that_cannot_be_written_is_not_another_run(tmp_path: Path) -> None:
    line = f'ulimit -f 0; "$0" -m variantfix migrate . --state {tmp_path}/s'
    done = subprocess.run(["sh", "-c", line, sys.executable], capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 2
    assert "the journal cannot be used: " in done.stderr
    assert "another run" not in done.stderr


def test_no_journal_is_a_clear_error(tmp_path: Path) -> None:
    with (
        pytest.raises(InputError, match=r"there is no journal \(name the folder with --state\)"),
        read_journal(tmp_path),
    ):
        pass


def test_a_broken_journal_is_a_clear_error(tmp_path: Path) -> None:
    (tmp_path / "journal.sqlite").write_text("not a database, but long enough to be taken for one\n" * 20)
    with (
        pytest.raises(InputError, match="the journal cannot be used: file is not a database"),
        open_journal(tmp_path, FACTS),
    ):
        pass
    with (
        pytest.raises(InputError, match="the journal cannot be read: file is not a database"),
        read_journal(tmp_path) as journal,
    ):
        journal.counts()


def test_a_folder_that_cannot_be_made_is_a_clear_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError, match="not a folder that variantfix made"), open_journal(tmp_path / "file", FACTS):
        pass


def test_it_is_in_wal_mode(tmp_path: Path) -> None:
    with open_journal(tmp_path, FACTS):
        db = sqlite3.connect(tmp_path / "journal.sqlite")
        assert db.execute("pragma journal_mode").fetchone() == ("wal",)
        db.close()
