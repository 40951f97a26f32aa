"""Documents at the edges: deep nesting, tables that are spelt in several ways at once."""

from __future__ import annotations

import pytest

from variantfix.toml import Append, apply, loads, prove
from variantfix.toml.edits import check_keys


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(f"x = {'[' * 10_000}{']' * 10_000}\n", id="brackets"),
        pytest.param(f"x = {'[' * 101}{']' * 101}\n", id="a few more brackets than a hundred"),
        pytest.param(f"{'.'.join('a' * 1500)} = 1\n", id="a dotted key"),
        pytest.param(f"[{'.'.join('a' * 400)}]\ntorch = 1\n", id="a header"),
    ],
)
def test_deep_nesting_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="nested more than 100 deep"):
        loads(text)


_LONG = "a" + ".a" * 300


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(f"a{'.a' * 500_000} = 1\n", id="a megabyte"),
        pytest.param(f"[{_LONG}]", id="a header"),
        pytest.param('"x,y"' + '."x,y"' * 300 + " = 1", id="quoted parts"),
        pytest.param("a" + " \t. a" * 300 + " = 1", id="blanks beside the dots"),
        pytest.param(f"x = {{ {_LONG} = 1 }}", id="in an inline table"),
        pytest.param(f'x = [{{ x = """\n""", {_LONG} = 1 }}]', id="behind a string of several lines"),
        pytest.param(f'x = """"a"\\""""\n{_LONG} = 1', id="behind quotes in one"),
        pytest.param(f"x = ''''a'''''\n{_LONG} = 1", id="behind apostrophes in one"),
        pytest.param(f'x = "a\\"" # "\n{_LONG} = 1', id="behind a quote in a comment"),
        pytest.param(f'"a\u2028b"{_LONG[1:]} = 1', id="with what some take for a line end"),
    ],
)
def test_a_key_of_many_parts_is_refused_before_it_is_parsed(text: str) -> None:
    with pytest.raises(ValueError, match="nested more than 100 deep"):
        check_keys(text)
    with pytest.raises(ValueError, match="nested more than 100 deep"):
        loads(text)


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(f'x = """\n{_LONG}\n"""', id="a string of several lines"),
        pytest.param(f"x = '{_LONG}' # {_LONG}", id="a string and a comment"),
        pytest.param(f"x = [{'1.5, ' * 500}]", id="numbers"),
        pytest.param(f'x = """\n{"some words. " * 500}\n"""', id="words"),
        pytest.param('\\"""\n' * 200_000 + "." * 300, id="quotes that open nothing"),
        pytest.param('"' + "\\" * 1_000_000 + "." * 300, id="backslashes"),
    ],
)
def test_what_is_no_key_may_have_dots(text: str) -> None:
    check_keys(text)


def test_usual_nesting_is_read() -> None:
    assert loads(f"x = {'[' * 90}{']' * 90}\n")


@pytest.mark.parametrize(
    ("before", "expected"),
    [
        pytest.param("a.p = 1\n[a.a]\n", "[[a]]\np = 1\n[a.a]\n\n[[a]]\nx = 1\n", id="dotted keys and a header"),
        pytest.param(
            "a.p = 1 # c\nb = 2\n[a.a]\ny = 1\n",
            "b = 2\n[[a]]\np = 1 # c\n[a.a]\ny = 1\n[[a]]\nx = 1\n",
            id="with a comment",
        ),
    ],
)
def test_a_table_spelt_twice_becomes_the_first_of_an_array(before: str, expected: str) -> None:
    edits = [Append("", ("a",), "{ x = 1 }")]
    after = apply(before, edits)
    prove(before, after, edits)
    assert after == expected


def test_a_value_beside_tables_makes_them_inline() -> None:
    before = '[dependency-groups]\n[[dependency-groups.gpu]]\ninclude-group = "dev"\n'
    edits = [Append("", ("dependency-groups", "gpu"), '"torch"')]
    after = apply(before, edits)
    prove(before, after, edits)
    assert loads(after) == {"dependency-groups": {"gpu": [{"include-group": "dev"}, "torch"]}}


@pytest.mark.parametrize("inner", ["# why\n", "[a.gpu.x]\n"])
def test_tables_with_comments_or_tables_of_their_own_stay_tables(inner: str) -> None:
    before = f'[a]\n[[a.gpu]]\n{inner}include-group = "dev"\n'
    with pytest.raises(ValueError, match="only a table can be added to an array of tables"):
        apply(before, [Append("", ("a", "gpu"), '"torch"')])
