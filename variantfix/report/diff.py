"""The unified diff of a repair."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from variantfix.credentials import mask
from variantfix.repair.diff import diff_lines
from variantfix.report.paint import painter

if TYPE_CHECKING:
    from collections.abc import Mapping

    from variantfix.report.paint import Paint


def write_diff(before: Mapping[str, str], after: Mapping[str, str], stream: TextIO, talk: TextIO) -> None:
    """Write the unified diff of the files that differ, as `git apply` and `patch -p1` take it.

    Credentials are masked also here: such a diff is to be read, and does not apply, which is said on `talk`.
    """
    paint = painter(stream)
    is_masked = False
    texts = ({_from_here(file): text for file, text in each.items()} for each in (before, after))
    for line in diff_lines(*texts):
        shown = mask(line)
        is_masked |= shown != line
        stream.write(_paint_diff(shown, paint))
    if is_masked:
        print("note: credentials are masked in this diff, so that it does not apply", file=talk)


def _from_here(file: str) -> str:
    """A file's name seen from the current folder, where it lies below it: so patches apply there."""
    path = Path(file)
    return path.relative_to(Path.cwd()).as_posix() if path.is_absolute() and path.is_relative_to(Path.cwd()) else file


_DIFF_STYLES = {"---": "bold", "+++": "bold", "@@": "cyan", "+": "green", "-": "red"}


def _paint_diff(line: str, paint: Paint) -> str:
    style = next((style for start, style in _DIFF_STYLES.items() if line.startswith(start)), "")
    if not style:
        return line
    body = line.partition("\n")[0].rstrip("\r")
    return paint(body, style) + line[len(body) :]
