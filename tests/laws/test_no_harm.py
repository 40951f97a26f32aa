"""The second promise, asked of the real uv: what a repair does beside its aim, and whether it does anything.

For every selection on every platform, what uv installed before, it installs after, but for what a finding named; and
a finding counts as repaired only where uv then installs otherwise. Projects are those of tests/cases and of the
examples, and those of the folder that VARIANTFIX_CORPUS names.
"""

from __future__ import annotations

import os
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING

import pytest

from tests.cases import Case, cases
from tests.laws.projects import draft, draft_mixed, draft_whole
from tests.test_cases import context
from tests.test_examples import EXAMPLES, STORIES, texts
from tests.world import harm
from tests.world.judge import BARE
from variantfix.errors import VariantfixError
from variantfix.projects import read
from variantfix.repair.pipeline import repair_texts
from variantfix.rules.rule import Severity
from variantfix.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from tests.conftest import Judge
    from variantfix.rules.rule import Finding, Plan

pytestmark = pytest.mark.uv

PROJECTS = int(os.environ.get("VARIANTFIX_LAW_PROJECTS", "24"))
FIRST = 30_000
"""The first seed: every run asks about the same projects, and more of them begin with these."""

CORPUS = os.environ.get("VARIANTFIX_CORPUS", "")

HARMFUL: Mapping[str, str] = {
    "extra-in-marker/base-requirement": "cu128 has no torch 2.8 for ARM, where PyPI's was installed before",
}
"""Cases whose repair breaks the law, and why; each is a fault that is known, and leaves this table with it."""

VOID: Mapping[str, str] = {
    "base-torch/rival-with-a-wheel-of-its-own": "the world has no wheels but those of PyPI and PyTorch",
    "shared-dependent/markers-asked-for": "a required version says something to people, and old uv passes over it",
}
"""Cases whose repair has an effect that this judge cannot see, and why."""

CHANGED = [case for case in cases() if case.after != case.before]


def _marked(case: Case) -> object:
    reason = HARMFUL.get(case.name)
    marks = [pytest.mark.xfail(reason=reason, strict=True)] if reason else []
    return pytest.param(case, id=case.name, marks=marks)


@pytest.mark.parametrize("case", [_marked(case) for case in CHANGED])
def test_the_repair_of_a_case_harms_nothing(case: Case, judge: Judge, request: pytest.FixtureRequest) -> None:
    plan = repair_texts(case.before, case.settings, case.evidence).plan
    void = True
    for version in dict.fromkeys((*case.uv.get("versions", ()), "newest", "0.5.5")):
        if version == "0.5.5" and not void:
            break  # what old uv does is asked where the newest installs the same
        uv = request.getfixturevalue({"newest": "uv_newest", "0.5.5": "uv_0_5_5"}[version])
        before, after = (asked({**files, **case.beside}, judge, uv=uv) for files in (case.before, case.after))
        assert harm.harms(before, after, plan.repaired) == []
        void = void and harm.is_void(before, after) and (after.locked or not has_errors(plan.remaining))
    assert void == (case.name in VOID)


@pytest.mark.parametrize("story", STORIES)
def test_the_repair_of_an_example_harms_nothing(story: str, judge: Judge) -> None:
    files = texts(EXAMPLES / story / "before")
    repair = repair_texts(files, Settings())
    assert found(files, repair.after, repair.plan, judge) == []


def test_the_repair_of_a_real_project_harms_nothing(judge: Judge) -> None:
    if not CORPUS:
        pytest.skip("not run: VARIANTFIX_CORPUS names no folder of projects")
    harmed = {}
    for file in sorted(Path(CORPUS).rglob("pyproject.toml")):
        try:
            files = {Path(name).relative_to(file.parent).as_posix(): text for name, text in read(str(file)).items()}
            repair = repair_texts(files, Settings())
        except (VariantfixError, ValueError):
            continue  # what is none, and members that other roots have
        if repair.changed and (words := found(files, repair.after, repair.plan, judge)):
            harmed[str(file)] = words
    assert not harmed, "\n".join(f"{file}: {words}" for file, each in harmed.items() for words in each)


def has_errors(remaining: Iterable[Finding]) -> bool:
    """Whether a finding that is left says why uv still refuses the project."""
    return any(finding.severity is Severity.ERROR for finding in remaining)


@pytest.mark.parametrize("shape", ["variants", "mixed", "whole"])
def test_the_repair_of_a_drawn_project_harms_nothing(shape: str, judge: Judge) -> None:
    draw = {"variants": draft, "mixed": draft_mixed, "whole": draft_whole}[shape]
    harmed = {}
    locked = 0
    for seed in range(FIRST, FIRST + PROJECTS):
        files = draw(Random(seed)).texts
        repair = repair_texts(files, Settings())
        if repair.changed:
            before, after = asked(files, judge), asked(repair.after, judge)
            locked += before.locked
            if words := harm.harms(before, after, repair.plan.repaired):
                harmed[seed] = "\n".join((*words, *files.values()))
    assert not harmed, "\n\n".join(f"seed {seed}: {words}" for seed, words in harmed.items())
    assert locked


def found(before: Mapping[str, str], after: Mapping[str, str], plan: Plan, judge: Judge) -> list[str]:
    """What a repair harmed, and whether it was void; what only old uv shows is not."""
    sides = asked(before, judge), asked(after, judge)
    is_seen = any(finding.rule != "shared-dependent" for finding in plan.repaired)
    is_void = is_seen and all(side.locked for side in sides) and harm.is_void(*sides)
    return [*harm.harms(*sides, plan.repaired), *(["void: uv installs the same"] if is_void else [])]


def asked(files: Mapping[str, str], judge: Judge, *, uv: Path | None = None) -> harm.Side:
    """A project locked by uv; the walk over the lock has to agree with uv about the bare project."""
    verdict = judge(files, uv=uv)
    side = harm.Side(context(files), verdict)
    if side.locked and BARE in verdict.closures and not side.ctx.workspace.root.is_virtual:
        walked = harm.bare(side)
        assert {platform: walked[platform] for platform in verdict.closures[BARE]} == dict(verdict.closures[BARE])
    return side
