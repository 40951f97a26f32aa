"""Many paths on several cores: the same outcomes, in the same order, whatever becomes of a process."""

from __future__ import annotations

import os
from multiprocessing import parent_process
from typing import TYPE_CHECKING

import pytest

from tests.cases import cases
from variantfix.__main__ import main
from variantfix.cli import many
from variantfix.errors import InputError
from variantfix.projects import Failed, Outcome, process
from variantfix.repair.pipeline import check_texts
from variantfix.settings import Settings

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def paths(tmp_path: Path) -> list[str]:
    """Projects of every kind: with findings, without, broken, and none at all."""
    found = []
    for number, case in enumerate(cases()[:24]):
        for file, text in case.before.items():
            place = tmp_path / f"{number:02}" / file
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(text.encode())
        found.append(str(tmp_path / f"{number:02}" / "pyproject.toml"))
    broken = tmp_path / "broken.toml"
    broken.write_text("[project\n")
    return [*found[:8], str(broken), *found[8:], str(tmp_path / "nowhere")]


def look(path: str) -> Outcome:
    return process(path, Settings(), repair_by=check_texts)


def look_or_die(path: str) -> Outcome:
    if path.endswith("broken.toml") and parent_process():
        os._exit(9)
    return look(path)


def shown(outcomes: list[Outcome]) -> list[tuple[str, object]]:
    return [(o.path, str(o.error) if isinstance(o, Failed) else o.repair.plan.found) for o in outcomes]


def test_processes_give_the_same_in_order(paths: list[str]) -> None:
    assert shown(many.each(look, paths, 2)) == shown(list(map(look, paths)))


def test_what_a_dead_process_leaves_is_done(paths: list[str]) -> None:
    assert shown(many.each(look_or_die, paths, 2)) == shown(list(map(look, paths)))


@pytest.mark.parametrize("jobs", [None, 1])
def test_few_paths_stay_in_this_process(paths: list[str], jobs: int | None) -> None:
    asked = []

    def work(path: str) -> Outcome:
        asked.append(os.getpid())
        return Failed(path, InputError("asked"))

    assert [outcome.path for outcome in many.each(work, paths[:5], jobs)] == paths[:5]
    assert set(asked) == {os.getpid()}


def test_standard_input_stays_in_this_process() -> None:
    asked = []

    def work(path: str) -> Outcome:
        asked.append(os.getpid())
        return Failed(path, InputError("asked"))

    many.each(work, ["-", "a", "b"], 2)
    assert set(asked) == {os.getpid()}


def test_count_and_size_decide(paths: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "cpu_count", lambda: 4)
    big = tmp_path / "big.toml"
    big.write_text("#" * 8192 * 60)
    worth = many._worth
    assert [worth(paths[:3]), worth(paths), worth(paths * 6), worth([*paths[:8], str(big)]), worth(paths * 90)] == [
        1,
        0,
        2,
        1,
        4,
    ]


def test_the_command_says_the_same(paths: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    said = []
    for jobs in ("1", "2"):
        code = main(["check", "--jobs", jobs, *paths])
        said.append((code, capsys.readouterr()))
    assert said[0] == said[1]
    assert said[0][0] == 2
