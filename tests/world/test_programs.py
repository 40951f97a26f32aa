"""How the uv programs are found and kept."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.world import programs

if TYPE_CHECKING:
    from pathlib import Path


def test_a_kept_program_is_used_again(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    kept = tmp_path / "uv-0.5.5" / "uv"
    kept.parent.mkdir()
    kept.touch()
    monkeypatch.setenv("VARIANTFIX_TEST_CACHE", str(tmp_path))
    monkeypatch.setattr(programs, "_SCRIPT", "bin/uv")

    assert programs.release("0.5.5") == kept


def test_a_uv_that_pip_cannot_install_is_an_error_that_says_so(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("VARIANTFIX_TEST_CACHE", str(tmp_path))
    monkeypatch.setenv("PIP_NO_INDEX", "1")

    with pytest.raises(programs.MissingUvError, match=r"(?s)cannot install uv==0\.0\.0 .* No matching distribution"):
        programs.release("0.0.0")
    assert [path.name for path in tmp_path.iterdir()] == ["uv-0.0.0"]
