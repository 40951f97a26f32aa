"""What a check asks once: what a text holds, what its lock does, and whether that is the lock of the files."""

from __future__ import annotations

import importlib
import sys
from collections import Counter
from typing import TYPE_CHECKING, Any

import pytest

from tests.cases import FOLDER
from variantfix import memo, toml
from variantfix.__main__ import main
from variantfix.detect.audit import judge
from variantfix.repair import pipeline
from variantfix.uv import lock
from variantfix.uv import parse as uv_parse
from variantfix.uv.lock import freshness

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Asked = Counter[str]

WORKSPACE = FOLDER / "missing-conflict" / "one-member-of-a-workspace" / "before"
LOCKED = FOLDER / "leaking-lock" / "explained-by-the-file"


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> Asked:
    """How often each of these is asked, wherever it was imported to."""
    pipeline._data.cache_clear()
    monkeypatch.setattr(memo._MEMO, "read", 0)  # nothing is forgotten in between
    for late in ("repair.plan", "repair.placed", "repair.ignores", "uv.lock.read"):
        importlib.import_module(f"variantfix.{late}")
    counts: Asked = Counter()
    counted: tuple[Callable[..., Any], ...] = (
        toml.loads,
        toml.scan,
        uv_parse.parse,
        judge.judge,
        lock.load_lock,
        freshness.staleness,
    )
    for function in counted:
        _count(function, counts, monkeypatch)
    return counts


def _count(function: Callable[..., Any], counts: Asked, monkeypatch: pytest.MonkeyPatch) -> None:
    def count(*args: Any, **options: Any) -> Any:
        counts[function.__name__] += 1
        return function(*args, **options)

    for name, module in list(sys.modules.items()):
        if name.startswith("variantfix") and getattr(module, function.__name__, None) is function:
            monkeypatch.setattr(module, function.__name__, count)


def test_a_workspace_is_read_once(asked: Asked) -> None:
    assert main(["check", "-v", str(WORKSPACE)]) == 1
    # Parsed as it is, and as a repair leaves it.
    assert asked == {"loads": 2, "parse": 2, "scan": 1}


def test_a_repair_reads_no_more_than_its_proof(asked: Asked) -> None:
    assert main(["apply", "--dry-run", str(WORKSPACE)]) == 1
    # The proof is a reader of its own: it reads the file that is rewritten, as it was and as it is.
    assert (asked["loads"], asked["parse"]) == (2 + 2, 2)


def test_a_member_alone_is_read_once_with_what_is_around(asked: Asked) -> None:
    assert main(["check", "-v", str(WORKSPACE / "net")]) == 1
    assert asked == {"loads": 2, "parse": 2, "scan": 1}


def test_a_lock_is_judged_once(asked: Asked, tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text((LOCKED / "before.toml").read_text())
    (tmp_path / "uv.lock").write_text((LOCKED / "uv.lock").read_text())
    assert main(["check", "-v", str(tmp_path)]) == 1
    # The repair makes the lock stale, which is asked before anything is judged.
    assert asked == {"loads": 1, "parse": 2, "scan": 1, "load_lock": 1, "judge": 1, "staleness": 2}


def test_what_is_clean_is_asked_once(asked: Asked, tmp_path: Path) -> None:
    clean = FOLDER / "leaking-lock" / "isolated"
    (tmp_path / "pyproject.toml").write_text((clean / "before.toml").read_text())
    (tmp_path / "uv.lock").write_text((clean / "uv.lock").read_text())
    assert main(["check", str(tmp_path)]) == 0
    assert asked == {"loads": 1, "parse": 1, "load_lock": 1, "judge": 1, "staleness": 1}
