"""Keys and strings spelt anew: their quotes stay, and all that stands beside them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from variantfix.errors import ProofError
from variantfix.toml import respell

if TYPE_CHECKING:
    from variantfix.toml import KeyPath


def renamed(text: str, old: str = "cpu", new: str = "xpu") -> str:
    def spelt(_: KeyPath, name: str) -> str:
        return new if name == old else name

    return respell(text, spelt, spelt)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param("cpu = 1 # cpu\n", "xpu = 1 # cpu\n", id="bare key, and no comment"),
        pytest.param("a.cpu . b = 1\n", "a.xpu . b = 1\n", id="part of a dotted key"),
        pytest.param("'cpu' = 1\n", "'xpu' = 1\n", id="quoted key"),
        pytest.param("[a.cpu]\nb = 1\n", "[a.xpu]\nb = 1\n", id="header"),
        pytest.param("[[a.cpu]]\n[[a.cpu]]\n[a.cpu.cpu]\n", "[[a.xpu]]\n[[a.xpu]]\n[a.xpu.xpu]\n", id="tables"),
        pytest.param(
            "a = ['cpu', \"cpu\",\n  [ 'gpu', 'cpu' ]]\n", "a = ['xpu', \"xpu\",\n  [ 'gpu', 'xpu' ]]\n", id="array"
        ),
        pytest.param("a = { cpu = 'cpu', b = { cpu = 1 } }\n", "a = { xpu = 'xpu', b = { xpu = 1 } }\n", id="inline"),
        pytest.param('a = """cpu"""\nb = 1979-05-27\n', 'a = """xpu"""\nb = 1979-05-27\n', id="several quotes"),
        pytest.param('a = "\\u0063pu"\n', 'a = "xpu"\n', id="escapes"),
        pytest.param("a = 'cpus'\ncpus = true\n", "a = 'cpus'\ncpus = true\n", id="other names"),
    ],
)
def test_names(before: str, after: str) -> None:
    assert renamed(before) == after


@pytest.mark.parametrize(
    ("before", "new", "after"),
    [
        pytest.param("cpu = 1\n", "c.u", '"c.u" = 1\n', id="a key that cannot stay bare"),
        pytest.param("cpu = 1\n", "", '"" = 1\n', id="an empty key"),
        pytest.param("'cpu' = 1\n", "it's", '"it\'s" = 1\n', id="a quote in quotes"),
        pytest.param('a = "cpu"\n', 'a"b', "a = 'a\"b'\n", id="a quote in a string"),
        pytest.param("a = 'cpu'\n", "a\\b", 'a = "a\\\\b"\n', id="a backslash"),
    ],
)
def test_a_name_that_needs_other_quotes(before: str, new: str, after: str) -> None:
    assert renamed(before, new=new) == after


def test_each_is_told_its_path() -> None:
    keys: list[KeyPath] = []
    strings: list[KeyPath] = []

    def key(path: KeyPath, name: str) -> str:
        keys.append(path)
        return name

    def string(path: KeyPath, text: str) -> str:
        strings.append(path)
        return text

    respell("[[a]]\nb = ['x', { c = 'y' }]\n", key, string)
    assert {("a",), ("a", 0, "b"), ("a", 0, "b", 1, "c")} == set(keys)
    assert {("a", 0, "b", 0), ("a", 0, "b", 1, "c")} == set(strings)


def test_names_that_become_one_are_refused() -> None:
    with pytest.raises((ProofError, ValueError)):
        renamed("cpu = 1\nxpu = 2\n")


def test_a_function_that_changes_its_mind_is_found_out() -> None:
    answers = iter(["one", "two", "three"])
    with pytest.raises(ProofError, match="not rewritten as they should be"):
        respell("a = 'x'\n", lambda _, name: name, lambda *_: next(answers))
