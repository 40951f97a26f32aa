"""What goes with a text into its plan: a lock, settings that are wrong, packages of which nothing is known."""

from __future__ import annotations

import pytest

from tests.cases import Case, cases
from tests.projects import project
from variantfix import ConfigError, Settings, check_text
from variantfix.repair.pipeline import plan_texts

LEAKING = [case for case in cases() if "leaking-lock]" in case.findings and len(case.before) == 1]


@pytest.mark.parametrize("case", LEAKING, ids=lambda case: case.name)
def test_a_lock_tells_what_the_text_does_not(case: Case) -> None:
    (text,) = case.before.values()
    lock = (case.folder / "uv.lock").read_text(encoding="utf-8")
    with_it, without = (
        {finding.rule for finding in check_text(text, settings=case.settings, lock=each)} for each in (lock, None)
    )
    assert "leaking-lock" in with_it - without


@pytest.mark.parametrize(
    ("text", "unknown"),
    [
        pytest.param(project("quux", "numpy"), 1, id="with variants"),
        pytest.param("[project]\nname = 'a'\nversion = '1'\ndependencies = ['quux']\n", 0, id="without"),
    ],
)
def test_packages_of_which_nothing_is_known_are_counted_beside_variants(text: str, unknown: int) -> None:
    assert plan_texts({"pyproject.toml": text}, Settings()).unknown == unknown


def test_a_tag_of_no_index_is_refused_with_the_nearest() -> None:
    text = project() + "\n[tool.variantfix]\nvariants = { cpu = 'cu999' }\n"
    with pytest.raises(ConfigError, match="no index of PyTorch has that tag") as caught:
        check_text(text)
    assert caught.value.hint.startswith("did you mean 'cu1")
