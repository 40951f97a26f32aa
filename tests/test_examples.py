"""Every example does what its README says: before becomes after, and the real uv isolates what is after."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.test_cases import context, leaks, selections
from variantfix.projects import process
from variantfix.settings import Settings

if TYPE_CHECKING:
    from tests.conftest import Judge

EXAMPLES = Path(__file__).parent.parent / "examples"
STORIES = sorted(folder.parent.name for folder in EXAMPLES.glob("*/before"))


def texts(folder: Path) -> dict[str, str]:
    files = sorted(folder.rglob("pyproject.toml"), key=lambda path: (len(path.parts), path))
    return {path.relative_to(folder).as_posix(): path.read_text(encoding="utf-8") for path in files}


@pytest.mark.parametrize("story", STORIES)
def test_before_becomes_after(story: str) -> None:
    before = EXAMPLES / story / "before"
    outcome = process(str(before), Settings())
    assert outcome.repair is not None, outcome.error
    after = {Path(file).relative_to(before).as_posix(): text for file, text in outcome.repair.after.items()}
    assert after == texts(EXAMPLES / story / "after")
    assert outcome.repair.plan.remaining == ()


@pytest.mark.parametrize("story", STORIES)
def test_the_readme_shows_the_command(story: str) -> None:
    readme = (EXAMPLES / story / "README.md").read_text(encoding="utf-8")
    assert f"    variantfix apply --dry-run examples/{story}/before\n" in readme


@pytest.mark.uv
@pytest.mark.parametrize("story", STORIES)
def test_uv_isolates_what_is_after(story: str, judge: Judge) -> None:
    after = texts(EXAMPLES / story / "after")
    ctx = context(after)
    verdict = judge(after, selections(ctx))
    assert verdict.locked, verdict.error
    assert len(verdict.closures) > len(ctx.variants)
    assert sorted(leaks(verdict, ctx)) == []
