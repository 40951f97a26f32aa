"""The unified diff of a repair, as text and for notebooks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from variantfix.credentials import mask
from variantfix.terminal import one_line, plain

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping


def diff_lines(before: Mapping[str, str], after: Mapping[str, str]) -> Iterator[str]:
    """The lines, each with its end, of the unified diff of the files that differ, as `git apply` takes it."""
    from difflib import unified_diff

    for file, text in before.items():
        name = file.lstrip("/")  # what is not below the current folder applies from the root
        old, new = quoted(f"a/{name}"), quoted(f"b/{name}")
        for line in unified_diff(split_lines(text), split_lines(after[file]), old, new):
            yield line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n"


def quoted(name: str) -> str:
    """A file's name as git writes it in a diff: in quotes, with escapes, where it holds what would mislead."""
    safe = one_line(name)
    return name if safe == name else '"' + safe.replace('"', '\\"') + '"'


def split_lines(text: str) -> list[str]:
    """The lines of a text, each with its end."""
    # Only "\n" ends a line for git and patch; str.splitlines knows more ends.
    return [line + "\n" for line in text.split("\n")[:-1]] + ([last] if (last := text.rpartition("\n")[2]) else [])


_STYLES = {"---": "font-weight: bold", "+++": "font-weight: bold", "@@": "color: teal", "+": "color: green"}
_STYLES["-"] = "color: firebrick"


def diff_html(before: Mapping[str, str], after: Mapping[str, str]) -> str:
    """The same as HTML, with credentials masked; one line of text where nothing differs."""
    from html import escape

    lines = []
    for line in diff_lines(before, after):
        style = next((style for start, style in _STYLES.items() if line.startswith(start)), "")
        shown = escape(plain(mask(line)).rstrip())
        lines.append(f'<span style="{style}">{shown}</span>' if style else shown)
    return "<pre>{}</pre>".format("\n".join(lines)) if lines else "<p>nothing is changed</p>"
