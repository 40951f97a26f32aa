"""A matrix as a table: a row for each variant and platform."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from variantfix.credentials import mask
from variantfix.detect.audit.lines import gap_lines, leak_lines, size
from variantfix.namedtuple import NamedTuple
from variantfix.pytorch import accelerator, catalog

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from variantfix.detect.audit.cells import Cell

_LONGEST = 16
"""Characters of an index's short name, so that a table fits."""
HEAD = ("variant", "platform", "torch", "index", "packages", "download", "leaks")


class Table(NamedTuple):
    """The rows, each with its variant first, and the URLs behind the indexes' short names."""

    rows: list[tuple[str, ...]]
    indexes: Mapping[str, str]


def tabulate(judged: Iterable[Cell]) -> Table:
    """The rows of a matrix: its variants on each platform. What is combined is in it only by its leaks."""
    cells = list(_lowest([cell for cell in judged if not cell.subject.other]))
    projects = {cell.subject.project for cell in cells}
    names = _index_names(build.index for cell in cells for build in cell.torch)
    rows = [
        (f"{cell.subject.project}: {cell.subject}" if len(projects) > 1 else str(cell.subject), *_row(cell, names))
        for cell in cells
    ]
    return Table(rows, {name: url for url, name in names.items()})


def _index_names(urls: Iterable[str]) -> Mapping[str, str]:
    """A short name for each index: its accelerator's tag, `pypi`, else its host."""
    names: dict[str, str] = {}
    for url in dict.fromkeys(filter(None, urls)):
        told = accelerator.from_url(url)
        host = "pypi" if url.partition("#")[0] == catalog.PYPI_SIMPLE else urlsplit(url).hostname
        wanted = _short(told.tag if told else host or url)
        taken = set(names.values())
        numbered = (f"{wanted}-{number}" for number in range(2, len(names) + 3))
        names[url] = wanted if wanted not in taken else next(name for name in numbered if name not in taken)
    return names


def _short(name: str) -> str:
    return name if len(name) <= _LONGEST else f"{name[: _LONGEST - 2]}.."


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


def table_html(cells: Sequence[Cell]) -> str:
    """The table as HTML, with what leaks in bold, and leaks and gaps below it."""
    from html import escape

    table = tabulate(cells)
    rows = [_html_row("th", HEAD), *(_html_row("td", row, bold=row[-1] != "-") for row in table.rows)]
    notes = (
        *(f"index {name}: {url}" for name, url in table.indexes.items()),
        *leak_lines(cells, table.indexes),
        *gap_lines(cells),
    )
    listed = "\n".join(escape(mask(note)) for note in notes)
    return f"<table>{''.join(rows)}</table><pre>{listed}</pre>"


def _html_row(tag: str, cells: Iterable[str], *, bold: bool = False) -> str:
    from html import escape

    style = ' style="font-weight: bold"' if bold else ""
    return f"<tr{style}>{''.join(f'<{tag}>{escape(cell)}</{tag}>' for cell in cells)}</tr>"
