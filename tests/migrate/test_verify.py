"""`migrate --verify`: the real uv is asked before anything is written, in the offline world."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tests.projects import ALONE, FOUNDING
from tests.verify.conftest import shop, uv_cache  # noqa: F401  # fixtures

if TYPE_CHECKING:
    from tests.verify.conftest import Shop

pytestmark = pytest.mark.uv

NO_SUCH_VERSION = FOUNDING.replace("torch>=2.5.1", "torch>=99")


def test_what_uv_says_is_in_the_report(shop: Shop) -> None:  # noqa: F811
    top = shop.write(FOUNDING, alone=ALONE)
    code, out, err = shop.run("migrate", top, "--verify", "--format", "jsonl", "--state", shop.folder / "s")
    assert (code, err.splitlines()[-1].partition(";")[0]) == (0, "1 changed, 1 clean")
    changed, clean = map(json.loads, out.splitlines())
    assert changed["verdict"] == "uv 0.13.9 locks it, and none of 24 closures leaks"
    assert clean["result"] == "clean"
    assert sorted(path.name for path in top.iterdir()) == ["alone", "pyproject.toml"]


def test_what_uv_refuses_is_not_written(shop: Shop) -> None:  # noqa: F811
    top = shop.write(NO_SUCH_VERSION)
    before = (top / "pyproject.toml").read_text()
    code, out, err = shop.run("migrate", top, "--verify", "--format", "jsonl", "--state", shop.folder / "s")
    refused, count, meaning = err.splitlines()[-3:]
    assert (code, count.partition(";")[0]) == (1, "1 refused")
    assert refused.startswith("refused  <here>: uv 0.13.9 refuses to lock it")
    assert ": Because " in refused, "uv says why"
    assert meaning.startswith("refused: read, and left as it is: ")
    (record,) = map(json.loads, out.splitlines())
    assert "No solution found" in record["error"]
    assert (top / "pyproject.toml").read_text() == before
