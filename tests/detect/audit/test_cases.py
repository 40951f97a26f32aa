"""The cases of all rules: the audit of what uv locks agrees with what each case says of uv."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from tests.cases import Case, cases
from variantfix.detect.audit.matrix import make_matrix
from variantfix.repair import pipeline
from variantfix.repair.plan import context
from variantfix.uv.lock import read_lock

if TYPE_CHECKING:
    from pathlib import Path

    from tests.conftest import Judge

pytestmark = pytest.mark.uv


def asked(*kinds: str) -> list[object]:
    return [
        pytest.param(case, version, state, id=f"{case.name}-{state}-uv-{version}")
        for case in cases()
        for version in case.uv.get("versions", ["newest"])
        for state in ("before", "after")
        if case.uv.get(state, "").partition(":")[0] in kinds
        # What a list itself names is no leak to the audit, whatever it does beside torch.
        if not case.name.startswith("stray-cuda/")
    ]


@pytest.mark.parametrize(("case", "version", "state"), asked("isolated", "leaks"))
def test_the_audit_agrees(case: Case, version: str, state: str, judge: Judge, request: pytest.FixtureRequest) -> None:
    uv: Path = request.getfixturevalue({"newest": "uv_newest", "0.5.5": "uv_0_5_5"}[version])
    texts = case.before if state == "before" else case.after
    verdict = judge(texts, uv=uv)
    # Where a name and an index disagree, only the repaired file tells the accelerator that is meant.
    told = case.after if case.name.startswith("mismatched-index/") else texts
    projects = {file: text for file, text in told.items() if file.endswith("pyproject.toml")}
    matrix = make_matrix(context(*pipeline.load_all(projects, case.settings)), read_lock(verdict.lock_text))
    found = {f"{cell.subject} {leak.package}" for cell in matrix.leaking for leak in cell.leaks}
    if case.uv[state] == "isolated":
        assert found == set()
        return
    package = re.split(r"[\s:]+", case.uv[state])[-1]
    # A source that leaves a platform to PyPI makes torch a gap there; what it brings along leaks.
    named = [leak for leak in found if leak.endswith(f" {package}")]
    assert named or [leak for leak in found if " nvidia-" in leak], found
