"""The matrix of `verify`: variants and platforms, what each closure holds, and what leaks."""

from __future__ import annotations

from typing import TYPE_CHECKING, TextIO

from variantfix.detect.audit.lines import gap_lines, leak_lines
from variantfix.detect.audit.table import HEAD, tabulate
from variantfix.report.paint import painter, say

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from variantfix.verify.loop import Verdict

_WIDTH = 80
"""Where a table would be wider, each variant stands on a line of its own."""


def write_matrix(verdict: Verdict, stream: TextIO) -> None:
    """Write the table, then the leaks, then the gaps; what is combined is in the table only by its leaks."""
    paint = painter(stream)
    table = tabulate(verdict.matrix.cells)
    for line, style in _lines(table.rows):
        print(paint(line, style) if style else line, file=stream)
    for name, url in table.indexes.items():
        say(f"index {name}: {url}", stream)
    for line in leak_lines(verdict.matrix.cells, table.indexes):
        say(paint(line, "bold red") if line.startswith("leak:") else line, stream)
    for line in gap_lines(verdict.matrix.cells):
        say(paint(line, "yellow"), stream)


def write_markdown(verdict: Verdict, stream: TextIO) -> None:
    """Write the same in Markdown, as the summary of a job shows it."""
    table = tabulate(verdict.matrix.cells)
    state = "leaks" if verdict.matrix.leaking else "isolated" if verdict.variants else "no variants"
    state = "uv.lock is stale" if verdict.stale else state
    print(f"### {verdict.path}: {state}\n", file=stream)
    if not verdict.variants:
        return
    print(_markdown_row(HEAD), _markdown_row("---" for _ in HEAD), sep="\n", file=stream)
    for row in table.rows:
        print(_markdown_row(row), file=stream)
    notes = [f"index {name}: {url}" for name, url in table.indexes.items()]
    notes += [*leak_lines(verdict.matrix.cells, table.indexes), *gap_lines(verdict.matrix.cells)]
    print("", *(f"- `{note.strip()}`" for note in notes), sep="\n", file=stream)


def _markdown_row(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |"


def _lines(rows: list[tuple[str, ...]]) -> Iterator[tuple[str, str]]:
    """The lines of the table, each with its style; a variant is named once.

    Where a line would be too wide, each variant stands on a line of its own, then each build of a platform.
    """
    widths = _widths(rows)
    if is_narrow := _width(widths) <= _WIDTH:
        parted = [(row, row[-1]) for row in rows]
    else:
        stacked = _width([0, *widths[1:]]) > _WIDTH
        parted = [(line, row[-1]) for row in rows for line in (_stacked(row) if stacked else (row,))]
        widths = [0, *_widths([line for line, _ in parted])[1:]]
    yield _aligned(HEAD if is_narrow else ("", *HEAD[1:]), widths), "bold"
    shown = ""
    for (name, *cells), leaks in parted:
        if name != shown and not is_narrow:
            yield name, "bold"
        label = name if is_narrow and name != shown else ""
        yield _aligned((label, *cells), widths), "red" if leaks != "-" else ""
        shown = name


def _widths(rows: Iterable[tuple[str, ...]]) -> list[int]:
    return [max(map(len, column)) for column in zip(HEAD, *rows, strict=True)]


def _width(widths: list[int]) -> int:
    return sum(widths) + 2 * (len(widths) - 1)


def _stacked(row: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    """A row with its builds one below the other."""
    name, platform, torch, index, *others = row
    for number, (build, place) in enumerate(zip(torch.split(", "), index.split(", "), strict=True)):
        yield (name, "", build, place, *("" for _ in others)) if number else (name, platform, build, place, *others)


def _aligned(cells: Iterable[str], widths: list[int]) -> str:
    return "  ".join(text.ljust(width) for text, width in zip(cells, widths, strict=True)).rstrip()


def summary(verdict: Verdict) -> str:
    """What was walked, in which lock, and how much of it leaks; of a stale lock that it proves nothing."""
    if not verdict.variants:
        return f"{verdict.path}: no variants, so there is nothing to verify"
    leaking = len(verdict.matrix.leaking)
    state = f"{leaking} of {verdict.matrix.walked} closures leak" if leaking else "isolated"
    if verdict.stale:
        return (
            f"{verdict.path}: nothing is proved: {verdict.lock} is stale, since {verdict.stale}\n"
            "next: `uv lock`, or `variantfix verify --lock`, which walks a fresh one"
        )
    made = "lock made by " if verdict.lock.startswith("uv ") else ""
    return f"{verdict.path}: {state}; {verdict.matrix.walked} closures walked in {made}{verdict.lock}"
