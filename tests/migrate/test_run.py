"""One unit that kills its worker is found among those that shared a batch with it, and only it fails."""

from __future__ import annotations

import os
import signal
from typing import TYPE_CHECKING

import pytest

from tests.migrate.fleet import BROKEN, CLEAN
from tests.migrate.test_folders import write
from variantfix.migrate.journal import open_journal
from variantfix.migrate.lanes import local_lanes
from variantfix.migrate.plans import Planned, write_plans
from variantfix.migrate.run import register, run
from variantfix.migrate.sources import units
from variantfix.migrate.unit import Options, Unit, UnitOutcome
from variantfix.migrate.work import migrate_batch

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


def deadly_batch(batch: tuple[Unit, ...], options: Options) -> tuple[UnitOutcome, ...]:
    """Do a batch, unless the text of one says that the worker is to die."""
    if any(unit.text == "die" for unit in batch):
        os.kill(os.getpid(), signal.SIGKILL)
    return migrate_batch(batch, options)


def deadly_writes(outcomes: tuple[Planned, ...]) -> tuple[UnitOutcome, ...]:
    """Write plans, unless one is of the unit that kills."""
    if any(outcome.name == "b" for outcome in outcomes):
        os.kill(os.getpid(), signal.SIGKILL)
    return write_plans(outcomes)


def results(state: Path, todo: Callable[[], list[Unit]], batch: int) -> tuple[dict[str, tuple[str, str]], list[str]]:
    """What became of some units, and the names of those that were shown, sorted."""
    shown: list[str] = []
    with open_journal(state, {}) as journal, local_lanes(2) as lanes:
        assert register(journal, todo()) == len(todo())
        run(journal, todo(), Options(), lanes, batch=batch, show=lambda outcome: shown.append(outcome.name))
        return {o.name: (o.result, o.error) for o in journal.outcomes()}, sorted(shown)


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="needs POSIX signals")
def test_a_text_that_kills_its_worker(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("variantfix.migrate.run.migrate_batch", deadly_batch)
    texts = {f"{number:02}": "die" if number == 5 else CLEAN for number in range(20)}
    found, shown = results(tmp_path, lambda: [Unit(n, "text", "x", n, text=t) for n, t in texts.items()], 8)
    assert found == {
        n: ("failed", "its worker died: SIGKILL") if t == "die" else ("clean", "") for n, t in texts.items()
    }
    assert shown == list(texts)


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="needs POSIX signals")
def test_a_folder_whose_writing_kills_its_worker(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("variantfix.migrate.run.write_plans", deadly_writes)
    write(tmp_path / "all", {f"{name}/pyproject.toml": BROKEN for name in "abc"})
    monkeypatch.chdir(tmp_path / "all")
    found, shown = results(tmp_path / "state", lambda: list(units(["."])), 8)
    assert found == {"a": ("changed", ""), "b": ("failed", "its worker died: SIGKILL"), "c": ("changed", "")}
    assert shown == ["a", "b", "c"]
    assert [(tmp_path / "all" / name / "pyproject.toml").read_text() == BROKEN for name in "abc"] == [
        False,
        True,
        False,
    ]
