"""Rounds of fixes come to rest, or are refused; what no single fix can be blamed for holds all of them back."""

from __future__ import annotations

import pytest

from tests.projects import TAIL, project
from variantfix import apply_text
from variantfix.errors import ProofError
from variantfix.repair import plan
from variantfix.repair.harm import Harm
from variantfix.rules import every
from variantfix.rules.rule import Finding, Fix, Severity
from variantfix.toml import Append
from variantfix.uv.platforms import LINUX_X86
from variantfix.uv.project import Place, Scope

AT = Place("pyproject.toml", ("project",))
KEYWORD = Append("pyproject.toml", ("project", "keywords"), '"more"')


def test_fixes_that_never_come_to_rest_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    endless = Finding("old-lock", Severity.ERROR, "more", AT, fix=Fix("add one more", (KEYWORD,)))
    told = Finding("base-torch", Severity.ERROR, "nothing to do", AT)
    monkeypatch.setattr(every, "check", lambda _: [endless, told])
    with pytest.raises(ProofError, match=r"^the fixes of old-lock never come to rest") as caught:
        apply_text(project())
    assert caught.value.hint == "please report it"


def test_where_no_single_fix_does_the_harm_none_is_done(monkeypatch: pytest.MonkeyPatch) -> None:
    text = project("torchvision", tail=TAIL.partition("]]")[2])
    assert len(apply_text(text).plan.repaired) > 1
    harm = Harm((Scope("pyproject.toml", "base"),), "torch would be gone", LINUX_X86)
    monkeypatch.setattr(plan, "find_harm", lambda _before, _after, repaired: (harm,) * bool(repaired))
    found = apply_text(text).plan
    assert (found.edits, found.repaired) == ((), ())
    reason = "not done, since it would do harm: torch would be gone (the bare project on linux-x86_64)"
    assert {(f.fix, f.advice.partition("; ")[0]) for f in found.found} == {(None, reason)}
    assert found.remaining == found.found
