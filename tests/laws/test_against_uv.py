"""Random projects after `apply`, asked of the real uv: each locks, and each variant of it is isolated."""

from __future__ import annotations

import os
from collections import Counter
from random import Random
from typing import TYPE_CHECKING

import pytest

from tests.laws.alone import has_no_solution
from tests.laws.projects import UNTOLD, Draft, draft
from tests.test_cases import context, selections
from tests.world import closure
from variantfix.detect.variants import undecided
from variantfix.pytorch import catalog
from variantfix.repair.pipeline import repair_texts
from variantfix.rules.rule import Severity
from variantfix.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.conftest import Judge
    from tests.world.judge import Selection, Verdict
    from variantfix.detect.context import Context
    from variantfix.repair.pipeline import Repair

PROJECTS = int(os.environ.get("VARIANTFIX_LAW_PROJECTS", "60"))
FIRST = 20_000
"""The first seed: every run asks about the same projects, and more of them begin with these."""

JUDGED, LEFT, UNSATISFIABLE = "isolated", "errors remain", "bounds that nothing meets"
UNKNOWN = "an index that the world does not know"


@pytest.mark.uv
def test_what_apply_leaves_is_isolated(judge: Judge) -> None:
    said = {seed: asked(draft(Random(seed)), judge, unsafe=bool(seed % 2)) for seed in range(FIRST, FIRST + PROJECTS)}
    verdicts = Counter(said.values())
    wrong = [
        f"seed {seed}: {words}" for seed, words in said.items() if words not in (JUDGED, LEFT, UNSATISFIABLE, UNKNOWN)
    ]
    assert not wrong, "\n\n".join(wrong)
    assert verdicts[JUDGED] > PROJECTS * 0.6, verdicts


def asked(project: Draft, judge: Judge, *, unsafe: bool) -> str:
    """What became of a project: one of the words above, else what is wrong with it."""
    repair = repair_texts(project.texts, Settings(unsafe=unsafe))
    if any(finding.severity is Severity.ERROR for finding in repair.plan.remaining):
        return LEFT
    if any(UNTOLD in text for text in repair.after.values()):
        return UNKNOWN
    ctx = context(repair.after)
    verdict = judge(repair.after, selections(ctx))
    if not verdict.locked:
        if any(has_no_solution(context(repair.before), ctx, variant, judge) for variant in ctx.variants):
            return UNSATISFIABLE
        return f"uv refuses it: {verdict.error}\n{shown(repair)}"
    if refused := {asked: words for asked, words in verdict.refused.items() if not _excludes(asked, words)}:
        return f"uv refuses a selection: {refused}\n{shown(repair)}"
    found = sorted(leaks(verdict, ctx))
    return "\n".join([*found, shown(repair)]) if found else JUDGED


def _excludes(asked: Selection, words: str) -> bool:
    """Whether uv only says that a variant and something else exclude one another, by what they refer to."""
    return len(asked.extras + asked.groups) > 1 and "are incompatible with the conflicts" in words


def leaks(verdict: Verdict, ctx: Context) -> Iterator[str]:
    """What each variant's closure holds of another accelerator; extras of one name in two members are two."""
    root = ctx.workspace.root.name
    tags = {(ctx.project(v).name, v.spelling): v.accelerator.tag for v in ctx.variants}
    vague = {section.spelling for section in undecided(ctx.workspace, ctx.variants)}
    for selection, platforms in verdict.closures.items():
        names = (*selection.extras, *selection.groups)
        if vague & set(names):
            continue  # such an extra may be a variant of its own, and is left alone
        package = selection.package or root
        for tag in {tags[package, name] for name in names if (package, name) in tags}:
            for platform, installed in platforms.items():
                if platform not in catalog.builds()[tag].platforms:
                    continue  # a gap: what a marker leaves there to PyPI is PyPI's
                for leak in closure.leaks(installed, tag, platform):
                    yield f"{package}[{'+'.join(names)}] on {platform}: {leak}"


def shown(repair: Repair) -> str:
    return "\n".join(f"=== {file}\n{text}" for file, text in repair.after.items())
