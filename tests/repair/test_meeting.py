"""Edits that meet are done in different rounds: the outcome of two depends on which is done first."""

from __future__ import annotations

import pytest

from variantfix.repair.plan import meet
from variantfix.toml import Append, Edit, KeyPath, Put, Remove


def put(*at: str | int, file: str = "a.toml") -> Put:
    return Put(file, at, "1")


def append(*at: str | int) -> Append:
    return Append("a.toml", at, "1")


def remove(*at: str | int) -> Remove:
    return Remove("a.toml", at)


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        pytest.param(put("a"), put("a"), False, id="the same"),
        pytest.param(put("a"), Put("a.toml", ("a",), "2"), True, id="two values"),
        pytest.param(put("a"), Put("b.toml", ("a",), "2"), False, id="two files"),
        pytest.param(put("a", "b"), put("a", "c"), False, id="two keys of a table"),
        pytest.param(put("a"), put("a", "c"), True, id="a table and a key in it"),
        pytest.param(append("a"), append("a", 0, "b"), False, id="two elements more"),
        pytest.param(put("a"), append("a", "b"), True, id="a table and an array in it"),
        pytest.param(put("a", 0, "b"), append("a"), True, id="an element and one more"),
        pytest.param(put("b"), append("a"), False, id="a key and another array"),
        pytest.param(remove("a", 0), put("a", 1, "b"), True, id="an element and one behind it"),
        pytest.param(remove("a", 0), append("a"), True, id="an element and one more behind it"),
        pytest.param(remove("a", 0), remove("a", 1), True, id="two elements"),
        pytest.param(remove("a", "b", 0), put("a", "c"), False, id="an element and a key beside the array"),
        pytest.param(remove("a", "b", 0), remove("a", "c", 0), False, id="elements of two arrays"),
        pytest.param(remove("a", "b"), put("c"), False, id="two tables"),
    ],
)
def test_whether_two_meet(one: Edit, other: Edit, expected: bool) -> None:
    assert meet(one, other) is expected
    assert meet(other, one) is expected


@pytest.mark.parametrize("at", [("a",), ("a", "b"), ("a", "b", 0)])
def test_what_is_below_is_met(at: KeyPath) -> None:
    assert meet(Put("a.toml", at, "1"), Put("a.toml", (*at, "c"), "2"))
