"""The runner of mutants: what is planted is what the tests meet, in a process that comes to its end."""

from __future__ import annotations

import inspect
import sys
from typing import TYPE_CHECKING

import pytest

from variantfix.repair import ignores
from variantfix.rules.rule import Finding, Severity
from variantfix.uv.project import Place

if TYPE_CHECKING:
    from collections.abc import Callable

if sys.platform == "win32":
    pytest.skip("mutants are planted in forks", allow_module_level=True)

from tests.mutants.planted import plant, survives

SOURCE = inspect.getsource(ignores)
TEXTS = {"pyproject.toml": "[project]  # variantfix: ignore[old-lock]\n"}
(IGNORE,) = ignores.read_ignores(TEXTS)
OTHER = Finding("leaking-lock", Severity.ERROR, "", Place("pyproject.toml", ("project",)))


def survives_in(source: str, ask: Callable[[], bool]) -> bool:
    def work() -> bool:
        plant(ignores.__name__, source)
        return ask()

    return survives(work, 60)


@pytest.mark.parametrize(
    ("code", "mutated", "ask"),
    [
        pytest.param("if _MARK in text", "if False", lambda: ignores.read_ignores(TEXTS) == (IGNORE,), id="a function"),
        pytest.param("self.rule == finding.rule", "True", lambda: not IGNORE.covers(OTHER), id="a method"),
    ],
)
def test_what_is_planted_is_met(code: str, mutated: str, ask: Callable[[], bool]) -> None:
    assert code in SOURCE
    assert survives_in(SOURCE, ask)
    assert not survives_in(SOURCE.replace(code, mutated), ask)
    assert ask()


def test_what_fails_or_never_ends_does_not_survive() -> None:
    assert not survives(lambda: bool(1 // 0), 60)
    assert not survives(lambda: all(iter(lambda: True, False)), 0.1)
