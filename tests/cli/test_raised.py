"""What a repair brings up is told by `check` and by a dry run, and marked."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.cases import FOLDER
from variantfix.__main__ import main

if TYPE_CHECKING:
    import pytest

CASE = str(FOLDER / "alias-variant" / "extra-refers-to-a-variant" / "before.toml")


def findings(text: str) -> set[str]:
    return {line.partition(" ")[2] for line in text.splitlines() if ": [" in line}


def test_check_and_a_dry_run_say_the_same(capsys: pytest.CaptureFixture[str]) -> None:
    main(["check", CASE])
    checked = findings(capsys.readouterr().out)
    main(["apply", "--dry-run", CASE])
    planned = findings(capsys.readouterr().err)
    assert checked == planned
    marked = {line for line in checked if line.endswith(" (brought up by another repair)")}
    assert [line.split()[1] for line in marked] == ["[missing-conflict]"]
    assert [line.split()[1] for line in checked - marked] == ["[alias-variant]"]
