"""The matrix of `verify`: variants and platforms, what each closure holds, and what leaks."""

from __future__ import annotations

from typing import TYPE_CHECKING, TextIO

from variantfix.detect.audit.lines import gap_lines, leak_lines, size
from variantfix.report.paint import painter

if TYPE_CHECKING:
    from collections.abc import Iterator

    from variantfix.detect.audit.matrix import Cell
    from variantfix.verify.prove import Verdict

_HEAD = ("variant", "platform", "torch", "index", "packages", "download", "leaks")


def write_matrix(verdict: Verdict, stream: TextIO) -> None:
    """Write the table, then the leaks, then the gaps; what is combined is in the table only by its leaks."""
    paint = painter(stream)
    table = [_HEAD, *_rows(verdict)]
    widths = [max(map(len, column)) for column in zip(*table, strict=True)]
    for number, row in enumerate(table):
        line = "  ".join(text.ljust(width) for text, width in zip(row, widths, strict=True)).rstrip()
        style = "bold" if number == 0 else "red" if row[-1] != "-" else ""
        print(paint(line, style) if style else line, file=stream)
    for line in leak_lines(verdict.matrix):
        print(paint(line, "bold red") if line.startswith("leak:") else line, file=stream)
    for line in gap_lines(verdict.matrix):
        print(paint(line, "yellow"), file=stream)


def _rows(verdict: Verdict) -> Iterator[tuple[str, ...]]:
    cells = [cell for cell in verdict.matrix.cells if not cell.subject.other]
    projects = {cell.subject.project for cell in cells}
    shown = ""
    for cell in _lowest(cells):
        name = f"{cell.subject.project}: {cell.subject}" if len(projects) > 1 else str(cell.subject)
        yield (name if name != shown else "", *_row(cell))
        shown = name


def _lowest(cells: list[Cell]) -> Iterator[Cell]:
    """The cells of the first Python: those of another stand in the lines below, and only if they leak."""
    for cell in cells:
        if cell.platform.python == cells[0].platform.python:
            yield cell


def _row(cell: Cell) -> tuple[str, ...]:
    torch = ", ".join(build.version for build in cell.torch)
    index = ", ".join(build.index for build in cell.torch)
    leaks = f"{len(cell.leaks)}, {size(cell.leak_size, cell.leak_unsized)}" if cell.leaks else "-"
    download = size(cell.size, cell.unsized)
    return cell.platform.name, torch or "-", index or "-", str(cell.packages), download, leaks


def summary(verdict: Verdict) -> str:
    """One line: what was walked, in which lock, and how much of it leaks."""
    if not verdict.variants:
        return f"{verdict.path}: no variants, so there is nothing to verify"
    leaking = len(verdict.matrix.leaking)
    state = f"{leaking} of {verdict.matrix.walked} closures leak" if leaking else "isolated"
    made = "lock made by " if verdict.lock.startswith("uv ") else ""
    return f"{verdict.path}: {state}; {verdict.matrix.walked} closures walked in {made}{verdict.lock}"
