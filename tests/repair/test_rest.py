"""Rounds of fixes come to rest, or are refused."""

from __future__ import annotations

import pytest

from tests.projects import project
from variantfix import apply_text
from variantfix.errors import ProofError
from variantfix.rules import every
from variantfix.rules.rule import Finding, Fix, Severity
from variantfix.toml import Append
from variantfix.uv.project import Place

AT = Place("pyproject.toml", ("project",))
KEYWORD = Append("pyproject.toml", ("project", "keywords"), '"more"')


def test_fixes_that_never_come_to_rest_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    endless = Finding("old-lock", Severity.ERROR, "more", AT, fix=Fix("add one more", (KEYWORD,)))
    told = Finding("base-torch", Severity.ERROR, "nothing to do", AT)
    monkeypatch.setattr(every, "check", lambda _: [endless, told])
    with pytest.raises(ProofError, match=r"^the fixes of old-lock never come to rest") as caught:
        apply_text(project())
    assert caught.value.hint == "please report it"
