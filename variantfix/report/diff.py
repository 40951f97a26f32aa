"""The unified diff of a repair."""

from __future__ import annotations

from typing import TYPE_CHECKING, TextIO

from variantfix.credentials import mask
from variantfix.report.paint import painter
from variantfix.terminal import one_line

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from variantfix.report.paint import Paint


def write_diff(before: Mapping[str, str], after: Mapping[str, str], stream: TextIO, talk: TextIO) -> None:
    """Write the unified diff of the files that differ, as `git apply` and `patch -p1` take it.

    Credentials are masked also here: such a diff is to be read, and does not apply, which is said on `talk`.
    """
    paint = painter(stream)
    is_masked = False
    for line in diff_lines(before, after):
        shown = mask(line)
        is_masked |= shown != line
        stream.write(_paint_diff(shown, paint))
    if is_masked:
        print("note: credentials are masked in this diff, so that it does not apply", file=talk)


def diff_lines(before: Mapping[str, str], after: Mapping[str, str]) -> Iterator[str]:
    """The lines of that diff, each with its end."""
    from difflib import unified_diff

    for file, text in before.items():
        old, new = quoted(f"a/{file}"), quoted(f"b/{file}")
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


_DIFF_STYLES = {"---": "bold", "+++": "bold", "@@": "cyan", "+": "green", "-": "red"}


def _paint_diff(line: str, paint: Paint) -> str:
    style = next((style for start, style in _DIFF_STYLES.items() if line.startswith(start)), "")
    if not style:
        return line
    body = line.partition("\n")[0].rstrip("\r")
    return paint(body, style) + line[len(body) :]
