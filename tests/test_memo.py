"""What is kept from one text to the next has a bound."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from typing import TYPE_CHECKING

import pytest

import variantfix
from variantfix import memo
from variantfix.repair.pipeline import check_text

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import ModuleType

PROJECT = """\
[project]
name = "NAME"
version = "1"
dependencies = ["torch>=2.6", "lib-NUMBER>=1.NUMBER; platform_release != 'NUMBER'"]

[project.optional-dependencies]
cpu = ["torch"]
gpu-NUMBER = ["torch"]
"""
FINITE = {
    "variantfix.pytorch.tables._edge": "the texts of edges in the tables",
    "variantfix.pytorch.tables.read": "the names of the tables",
    "variantfix.toml.style._shown": "emptied by the one who asks",
}


@pytest.fixture
def fresh(monkeypatch: pytest.MonkeyPatch) -> None:
    """A memo that nobody else has filled."""
    monkeypatch.setattr(memo._MEMO, "read", memo.MUCH + 1)
    memo.reading(0)


def entries() -> int:
    """How many answers are kept at all."""
    return sum(function.cache_info().currsize for function in memo._MEMO.kept)


@pytest.mark.usefixtures("fresh")
def test_answers_are_kept_until_much_was_read() -> None:
    asked: list[str] = []

    @memo.kept
    def answer(text: str) -> str:
        asked.append(text)
        return text.upper()

    try:
        memo.reading(memo.MUCH)
        assert (answer("a"), answer("a"), asked) == ("A", "A", ["a"])
        memo.reading(1)  # not yet more than much when it is said
        assert (answer("a"), asked) == ("A", ["a"])
        memo.reading(1)
        assert (answer("a"), asked) == ("A", ["a", "a"])
    finally:
        memo._MEMO.kept.remove(answer)


@pytest.mark.usefixtures("fresh")
def test_many_texts_leave_no_more_behind_than_some(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memo, "MUCH", 20_000)
    most = []
    for number in range(300):
        check_text(PROJECT.replace("NAME", f"app-{number}").replace("NUMBER", str(number)))
        most.append(entries())
    assert max(most[150:]) <= max(most[:150]) * 1.2
    assert min(most[150:]) < max(most) / 2


@pytest.mark.usefixtures("fresh")
def test_a_long_text_is_forgotten_with_the_next() -> None:
    names = ",".join(f'"lib-{number}-{"x" * 300}"' for number in range(4000))
    check_text(f'[project]\nname = "a"\nversion = "1"\ndependencies = ["torch",{names}]\n')
    assert entries() > 4000
    check_text('[project]\nname = "a"\nversion = "1"\n')
    assert entries() < 100


def modules() -> Iterator[ModuleType]:
    """The modules of the package that need nothing but itself."""
    for found in pkgutil.walk_packages(variantfix.__path__, "variantfix."):
        try:
            yield importlib.import_module(found.name)
        except ImportError:
            continue


def test_every_cache_of_what_texts_say_has_a_bound() -> None:
    endless = {
        f"{module.__name__}.{name}"
        for module in modules()
        for name, function in vars(module).items()
        if hasattr(function, "cache_info") and function.__module__ == module.__name__
        if function.cache_info().maxsize is None and inspect.signature(function).parameters
        if function not in memo._MEMO.kept
    }
    assert endless == set(FINITE)
