"""The matrix of `verify`: variants and platforms, what each closure holds, and what leaks."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, TextIO
from urllib.parse import urlsplit

from variantfix.detect.audit.lines import gap_lines, leak_lines, size
from variantfix.pytorch import accelerator, catalog
from variantfix.report.paint import painter

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from variantfix.detect.audit.matrix import Cell
    from variantfix.verify.prove import Verdict

_HEAD = ("variant", "platform", "torch", "index", "packages", "download", "leaks")
_WIDTH = 80
"""Where a table would be wider, each variant stands on a line of its own."""


class _Table(NamedTuple):
    """The rows of the matrix, each with its variant first, and the URLs behind the indexes' short names."""

    rows: list[tuple[str, ...]]
    indexes: Mapping[str, str]


def write_matrix(verdict: Verdict, stream: TextIO) -> None:
    """Write the table, then the leaks, then the gaps; what is combined is in the table only by its leaks."""
    paint = painter(stream)
    table = _table(verdict)
    for line, style in _lines(table.rows):
        print(paint(line, style) if style else line, file=stream)
    for name, url in table.indexes.items():
        print(f"index {name}: {url}", file=stream)
    for line in leak_lines(verdict.matrix):
        print(paint(line, "bold red") if line.startswith("leak:") else line, file=stream)
    for line in gap_lines(verdict.matrix):
        print(paint(line, "yellow"), file=stream)


def write_markdown(verdict: Verdict, stream: TextIO) -> None:
    """Write the same in Markdown, as the summary of a job shows it."""
    table = _table(verdict)
    state = "leaks" if verdict.matrix.leaking else "isolated" if verdict.variants else "no variants"
    print(f"### {verdict.path}: {state}\n", file=stream)
    if not verdict.variants:
        return
    print(_markdown_row(_HEAD), _markdown_row("---" for _ in _HEAD), sep="\n", file=stream)
    for row in table.rows:
        print(_markdown_row(row), file=stream)
    notes = [*(f"index {name}: {url}" for name, url in table.indexes.items()), *leak_lines(verdict.matrix)]
    print("", *(f"- `{note.strip()}`" for note in (*notes, *gap_lines(verdict.matrix))), sep="\n", file=stream)


def _markdown_row(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |"


def _lines(rows: list[tuple[str, ...]]) -> Iterator[tuple[str, str]]:
    """The lines of the table, each with its style; a variant is named once."""
    columns = list(zip(_HEAD, *rows, strict=True))
    widths = [max(map(len, column)) for column in columns]
    is_narrow = sum(widths) + 2 * (len(widths) - 1) <= _WIDTH
    widths = widths if is_narrow else [0, *widths[1:]]
    yield _aligned(_HEAD if is_narrow else ("", *_HEAD[1:]), widths), "bold"
    shown = ""
    for name, *cells in rows:
        if name != shown and not is_narrow:
            yield name, "bold"
        label = name if is_narrow and name != shown else ""
        yield _aligned((label, *cells), widths), "red" if cells[-1] != "-" else ""
        shown = name


def _aligned(cells: Iterable[str], widths: list[int]) -> str:
    return "  ".join(text.ljust(width) for text, width in zip(cells, widths, strict=True)).rstrip()


def _table(verdict: Verdict) -> _Table:
    cells = list(_lowest([cell for cell in verdict.matrix.cells if not cell.subject.other]))
    projects = {cell.subject.project for cell in cells}
    names = _index_names(build.index for cell in cells for build in cell.torch)
    rows = [
        (f"{cell.subject.project}: {cell.subject}" if len(projects) > 1 else str(cell.subject), *_row(cell, names))
        for cell in cells
    ]
    return _Table(rows, {name: url for url, name in names.items()})


def _index_names(urls: Iterable[str]) -> Mapping[str, str]:
    """A short name for each index: its accelerator's tag, `pypi`, else its host."""
    names: dict[str, str] = {}
    for url in dict.fromkeys(filter(None, urls)):
        told = accelerator.from_url(url)
        host = "pypi" if url.partition("#")[0] == catalog.PYPI_SIMPLE else urlsplit(url).hostname
        wanted = told.tag if told else host or url
        taken = set(names.values())
        numbered = (f"{wanted}-{number}" for number in range(2, len(names) + 3))
        names[url] = wanted if wanted not in taken else next(name for name in numbered if name not in taken)
    return names


def _lowest(cells: list[Cell]) -> Iterator[Cell]:
    """The cells of the first Python: those of another stand in the lines below, and only if they leak."""
    for cell in cells:
        if cell.platform.python == cells[0].platform.python:
            yield cell


def _row(cell: Cell, names: Mapping[str, str]) -> tuple[str, ...]:
    torch = ", ".join(build.version for build in cell.torch)
    index = ", ".join(names.get(build.index, build.index) for build in cell.torch)
    leaks = f"{len(cell.leaks)}, {size(cell.leak_size, cell.leak_unsized)}" if cell.leaks else "-"
    download = size(cell.size, cell.unsized)
    return cell.platform.name, torch or "-", index or "-", str(cell.packages), download, leaks


def summary(verdict: Verdict) -> str:
    """One line: what was walked, in which lock, and how much of it leaks."""
    if not verdict.variants:
        return f"{verdict.path}: no variants, so there is nothing to verify"
    leaking = len(verdict.matrix.leaking)
    state = f"{leaking} of {verdict.matrix.walked} closures leak" if leaking else "isolated"
    if verdict.stale:
        state = f"{state} by a lock that is not theirs"
    made = "lock made by " if verdict.lock.startswith("uv ") else ""
    return f"{verdict.path}: {state}; {verdict.matrix.walked} closures walked in {made}{verdict.lock}"
