"""Lines of key paths, and comments."""

from __future__ import annotations

import subprocess
import sys

import pytest

from variantfix.toml import KeyPath, loads, scan

DOCUMENT = '''\
# top
title = "x # no comment"  # title's comment
text = """
# no comment
[no.header]
"""

[tool.uv.sources]
torch = [
  { index = "a", extra = "cpu" }, # cpu's
  { index = "b" },
]
"a.b".c = 'it # no'

[[tool.uv.index]]
name = "a"
[tool.uv.index.sub]
k = 1

[tool.uv]
package = true

[[tool.uv.index]] # second
name = "b"
'''


@pytest.mark.parametrize(
    ("path", "line"),
    [
        pytest.param((), 1, id="document"),
        pytest.param(("absent",), 1, id="absent"),
        pytest.param(("title",), 2, id="statement"),
        pytest.param(("tool",), 8, id="implied-table"),
        pytest.param(("tool", "uv"), 20, id="header-after-its-sub-table"),
        pytest.param(("tool", "uv", "sources"), 8, id="header"),
        pytest.param(("tool", "uv", "sources", "torch", 1), 11, id="element"),
        pytest.param(("tool", "uv", "sources", "torch", 0, "extra"), 10, id="inline-key"),
        pytest.param(("tool", "uv", "sources", "torch", 7, "extra"), 9, id="absent-element"),
        pytest.param(("tool", "uv", "sources", "a.b", "c"), 13, id="quoted-and-dotted"),
        pytest.param(("tool", "uv", "index"), 15, id="array-of-tables"),
        pytest.param(("tool", "uv", "index", 0, "sub", "k"), 18, id="sub-table-of-a-table"),
        pytest.param(("tool", "uv", "index", 1, "name"), 24, id="second-table"),
    ],
)
def test_line(path: KeyPath, line: int) -> None:
    assert scan(DOCUMENT).region(path).line == line
    assert scan("\ufeff" + DOCUMENT.replace("\n", "\r\n")).region(path).line == line


def test_what_is_implied_ends_with_the_line_that_implies_it() -> None:
    region = scan(DOCUMENT).region(("tool",))
    assert (region.line, region.column, region.end_line) == (8, 1, 8)
    assert region.end_column == len("[tool.uv.sources]") + 1


def test_comments_are_no_strings() -> None:
    expected = [(1, "# top"), (2, "# title's comment"), (10, "# cpu's"), (23, "# second")]
    assert list(scan(DOCUMENT).comments()) == expected
    assert list(scan(DOCUMENT.replace("\n", "\r\n")).comments()) == expected


def test_inline_table_on_several_lines_is_followed() -> None:
    layout = scan("t = {\n  a = 1, # c\n  b = [2],\n}\nz = 1\n")
    assert [layout.region(path).line for path in (("t", "a"), ("t", "b", 0), ("z",))] == [2, 3, 5]


@pytest.mark.parametrize("text", ["a", "a = [1", "a = [{1]", "= 1"])
def test_what_is_not_toml_ends_in_an_error(text: str) -> None:
    with pytest.raises(ValueError, match="offset"):
        scan(text)


def test_what_is_in_an_array_is_read_when_it_is_asked_for() -> None:
    layout = scan("a = [1 2]")
    with pytest.raises(ValueError, match="offset"):
        layout.region(("a", 0))


def test_byte_order_mark_is_passed_over() -> None:
    assert loads("\ufeffa = 1\n") == {"a": 1}


def test_import_is_light() -> None:
    code = "import sys, variantfix.toml; print('tomlkit' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert done.stdout == "False\n"
