"""Every case under tests/cases: what check finds, what apply writes, and what the real uv says of both."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.cases import Case, cases, check
from variantfix import Settings
from variantfix.detect.context import Context
from variantfix.repair import pipeline
from variantfix.rules.every import NAMES
from variantfix.rules.rule import Safety
from variantfix.uv.parse import parse

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from tests.conftest import Judge
    from tests.world.judge import Selection, Verdict
    from variantfix.repair.pipeline import Repair

CASES = cases()
each_case = pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)


def repair(case: Case, texts: Mapping[str, str]) -> Repair:
    return pipeline.repair_texts(texts, case.settings, case.evidence)


@each_case
def test_check_says(case: Case, tmp_path: Path) -> None:
    assert check(case, tmp_path) == (int(bool(case.findings)), case.findings)


@each_case
def test_check_and_a_dry_run_tell_the_same(case: Case) -> None:
    checked = pipeline.check_texts(case.before, case.settings, case.evidence).plan
    planned = repair(case, case.before).plan
    told = (*planned.found, *planned.raised)
    assert (len(checked.found), set(checked.found)) == (len(told), set(told))
    assert set(checked.found) >= {*planned.repaired, *planned.remaining}
    assert checked.edits == ()


@each_case
def test_apply_writes(case: Case) -> None:
    assert dict(repair(case, case.before).after) == case.after


@each_case
def test_a_second_apply_changes_nothing(case: Case) -> None:
    again = repair(case, case.after)
    assert again.changed == ()
    assert not [f for f in again.plan.found if f.fix and f.fix.safety is Safety.SAFE]


def test_every_rule_has_cases() -> None:
    shown = {name: {c.name for c in CASES if c.name.startswith(f"{name}/")} for name in NAMES}
    silent = {c.name for c in CASES if not c.findings}
    assert not [name for name, found in shown.items() if not found - silent], "rules without a case that shows them"
    few = [name for name, found in shown.items() if len(found & silent) < 3]
    assert not few, "rules with fewer than three near misses"


ASKED = [
    pytest.param(case, version, state, id=f"{case.name}-{state}-uv-{version}")
    for case in CASES
    for version in case.uv.get("versions", ["newest"])
    for state in ("before", "after")
    if state in case.uv
]


@pytest.mark.uv
@pytest.mark.parametrize(("case", "version", "state"), ASKED)
def test_uv_says(case: Case, version: str, state: str, judge: Judge, request: pytest.FixtureRequest) -> None:
    uv: Path = request.getfixturevalue({"newest": "uv_newest", "0.5.5": "uv_0_5_5"}[version])
    ctx = context(case.after)
    texts = case.before if state == "before" else case.after
    verdict = judge({**texts, **case.beside}, selections(ctx), uv=uv)
    assert_says(verdict, case.uv[state], ctx)


def context(texts: Mapping[str, str]) -> Context:
    data = {file: pipeline.load(text, file) for file, text in texts.items() if file.endswith("pyproject.toml")}
    settings = Settings(
        accelerators=next(iter(data.values())).get("tool", {}).get("variantfix", {}).get("variants", {})
    )
    return Context(parse(data), settings)


def selections(ctx: Context) -> tuple[Selection, ...]:
    """Every variant, alone and beside each extra and group that it can be combined with."""
    from tests.world.judge import Selection

    found = []
    for variant in ctx.variants:
        package = "" if variant.scope.file == ctx.workspace.root.file else ctx.project(variant).name
        for other in (None, *ctx.combinable(variant)):
            scopes = [scope for scope in (variant.scope, other) if scope]
            extras = tuple(ctx.workspace.section(s).spelling for s in scopes if s.kind == "extra")  # type: ignore[union-attr]
            groups = tuple(ctx.workspace.section(s).spelling for s in scopes if s.kind == "group")  # type: ignore[union-attr]
            found.append(Selection(extras, groups, package))
    return tuple(dict.fromkeys(found))


def assert_says(verdict: Verdict, expected: str, ctx: Context) -> None:
    from tests.world.judge import BARE

    kind, _, words = expected.partition(": ")
    if kind == "refused":
        assert not verdict.locked
        assert words in " ".join(verdict.error.split())
        return
    assert verdict.locked, verdict.error
    if kind == "isolated":
        assert not verdict.refused
        assert sorted(leaks(verdict, ctx)) == []
    elif kind == "leaks":
        assert [leak for leak in leaks(verdict, ctx) if words in leak], sorted(leaks(verdict, ctx))
    elif kind == "bare":
        name, _, version = words.partition(" ")
        assert (name, version) in verdict.closures[BARE]["linux-x86_64"]
    elif kind == "locked":
        assert not verdict.refused
    elif kind == "warns":
        assert any(words in warning for warning in verdict.warnings), verdict.warnings
    else:
        raise AssertionError(f"a case expects {expected!r}")


def leaks(verdict: Verdict, ctx: Context) -> Iterable[str]:
    from tests.world import closure

    root = ctx.workspace.root
    tags = {
        ("" if ctx.project(v) is root else ctx.project(v).name, v.spelling): v.accelerator.tag for v in ctx.variants
    }
    for selection, platforms in verdict.closures.items():
        names = [(selection.package, name) for name in (*selection.extras, *selection.groups)]
        tag = next((tags[name] for name in names if name in tags), None)
        if tag is None:
            continue
        for platform, installed in platforms.items():
            for leak in closure.leaks(installed, tag, platform):
                yield f"{'+'.join((*selection.extras, *selection.groups))} on {platform}: {leak}"
