"""The diff of a repair: what git takes, and what a notebook shows."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

import pytest

from variantfix.repair.diff import diff_html, diff_lines, split_lines

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize("name", ["a.toml", "with space/a.toml", 'a"b.toml', "a\tb.toml", "back\\slash.toml"])
@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param("a = 1\nb = 2\n", "a = 1\nb = 3\n", id="a line"),
        pytest.param("a = 1\nb = 2", "a = 1\nb = 3", id="no end of line in either"),
        pytest.param("a = 1\nb = 2", "a = 1\nb = 3\n", id="an end of line more"),
        pytest.param(
            "a = 1 # \x0c \u2028 c\r\nb = 2\r\n", "a = 1 # \x0c \u2028 c\r\nb = 3\r\n", id="other ends of lines"
        ),
    ],
)
def test_git_applies_it(name: str, before: str, after: str, tmp_path: Path) -> None:
    place = tmp_path / name
    place.parent.mkdir(exist_ok=True)
    place.write_bytes(before.encode())
    diff = "".join(diff_lines({name: before}, {name: after}))
    subprocess.run(["git", "apply", "-"], input=diff.encode(), cwd=tmp_path, check=True)
    assert place.read_bytes() == after.encode()


def test_every_line_has_its_end_and_the_files_their_sides() -> None:
    texts = {"/srv/a.toml": "a = 1", "same.toml": "b = 1\n"}
    assert list(diff_lines(texts, {**texts, "/srv/a.toml": "a = 2\n"})) == [
        "--- a/srv/a.toml\n",
        "+++ b/srv/a.toml\n",
        "@@ -1 +1 @@\n",
        "-a = 1\n\\ No newline at end of file\n",
        "+a = 2\n",
    ]


@pytest.mark.parametrize("text", ["", "a", "a\n", "a\n\nb", "a\x0bb\x85c\n", "\n"])
def test_lines_make_the_text(text: str) -> None:
    lines = split_lines(text)
    assert "".join(lines) == text
    assert [line.count("\n") for line in lines] == [1] * text.count("\n") + [0] * bool(text and text[-1] != "\n")


def test_a_notebook_shows_its_kinds_of_lines_without_credentials() -> None:
    url = 'url = "https://u:secret@h/{}"\n'
    shown = diff_html({"a.toml": "<b>\n" + url.format(1)}, {"a.toml": "<b>\n" + url.format(2)})
    assert shown.split("\n") == [
        '<pre><span style="font-weight: bold">--- a/a.toml</span>',
        '<span style="font-weight: bold">+++ b/a.toml</span>',
        '<span style="color: teal">@@ -1,2 +1,2 @@</span>',
        " &lt;b&gt;",
        '<span style="color: firebrick">-url = &quot;https://***@h/1&quot;</span>',
        '<span style="color: green">+url = &quot;https://***@h/2&quot;</span></pre>',
    ]
