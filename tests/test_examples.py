"""Every example does what its README says: before becomes after, and the real uv isolates what is after."""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.test_cases import context, leaks, selections
from variantfix.__main__ import main
from variantfix.projects import Done, process
from variantfix.settings import Settings

if TYPE_CHECKING:
    from tests.conftest import Judge

EXAMPLES = Path(__file__).parent.parent / "examples"
ALL = sorted(folder.parent.name for folder in EXAMPLES.glob("*/before"))
CHANGES = ("add-variants", "default-variant", "follow-a-tag")
STORIES = [story for story in ALL if story not in CHANGES]


def texts(folder: Path) -> dict[str, str]:
    files = sorted(folder.rglob("pyproject.toml"), key=lambda path: (len(path.parts), path))
    return {path.relative_to(folder).as_posix(): path.read_text(encoding="utf-8") for path in files}


@pytest.mark.parametrize("story", STORIES)
def test_before_becomes_after(story: str) -> None:
    before = EXAMPLES / story / "before"
    outcome = process(str(before), Settings())
    assert isinstance(outcome, Done), outcome
    after = {Path(file).relative_to(before).as_posix(): text for file, text in outcome.repair.after.items()}
    assert after == texts(EXAMPLES / story / "after")
    assert outcome.repair.plan.remaining == ()


@pytest.mark.parametrize("story", STORIES)
def test_the_readme_shows_the_command(story: str) -> None:
    readme = (EXAMPLES / story / "README.md").read_text(encoding="utf-8")
    assert f"    variantfix apply --dry-run examples/{story}/before\n" in readme


@pytest.mark.parametrize("story", CHANGES)
def test_what_is_asked_for_becomes_after(story: str, tmp_path: Path) -> None:
    command = re.search(
        rf"^    variantfix (.+) --dry-run examples/{story}/before$",
        (EXAMPLES / story / "README.md").read_text(encoding="utf-8"),
        re.MULTILINE,
    )
    assert command is not None
    shutil.copytree(EXAMPLES / story / "before", tmp_path, dirs_exist_ok=True)
    assert main([*command[1].split(), "-q", str(tmp_path)]) == 0
    assert texts(tmp_path) == texts(EXAMPLES / story / "after")


def test_the_variant_for_a_machine(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    readme = (EXAMPLES / "this-machine" / "README.md").read_text(encoding="utf-8")
    shown = re.findall(r"\$ VARIANTFIX_MACHINE=(\S+) variantfix (.+)\n +(.+)", readme)
    assert len(shown) == 2
    monkeypatch.setattr("sys.platform", "linux")
    monkeypatch.chdir(EXAMPLES.parent)
    for machine, command, flags in shown:
        monkeypatch.setenv("VARIANTFIX_MACHINE", machine)
        assert main(command.split()) == 0
        assert capsys.readouterr().out == f"{flags}\n"


@pytest.mark.uv
def test_a_requirements_file_for_pip(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    folder = EXAMPLES / "requirements-for-pip"
    command = "export --variant cpu --verify examples/requirements-for-pip"
    assert f"    variantfix {command}\n" in (folder / "README.md").read_text(encoding="utf-8")
    monkeypatch.chdir(EXAMPLES.parent)
    assert main(command.split()) == 0
    assert capsys.readouterr().out == (folder / "requirements-cpu.txt").read_text(encoding="utf-8")


@pytest.mark.uv
@pytest.mark.parametrize("story", ALL)
def test_uv_isolates_what_is_after(story: str, judge: Judge) -> None:
    after = texts(EXAMPLES / story / "after")
    ctx = context(after)
    verdict = judge(after, selections(ctx))
    assert verdict.locked, verdict.error
    assert len(verdict.closures) > len(ctx.variants)
    assert sorted(leaks(verdict, ctx)) == []
