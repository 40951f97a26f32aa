"""Which torch exists, as a table and as data."""

from __future__ import annotations

from typing import TYPE_CHECKING, TextIO

from variantfix.report.paint import say

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from variantfix.pytorch.query import Elsewhere, Found

_HEAD = ("torch", "accelerator", "platforms", "Pythons", "known")


def write_builds(
    found: Sequence[Found], traps: Mapping[str, tuple[str, ...]], others: Sequence[Elsewhere], stream: TextIO
) -> None:
    """Write a row for each minor version and accelerator; a platform in brackets is known less surely than the row.

    A terminal gets the platforms, and what is known of them, on lines of their own.
    """
    rows = [_HEAD, *map(_row, found)] if found else []
    _write_rows([_parted(row) for row in rows] if stream.isatty() else [(row, "") for row in rows], stream)
    for tag, versions in traps.items():
        say(f"{tag}: its index has old builds alone ({', '.join(versions)}), which an open bound gets", stream)
    for each in others:
        where = f", {' '.join(each.platforms)}" if each.platforms else ""
        note = f": {each.note}" if each.note else ""
        say(f"elsewhere: {each.place} ({each.of}{where}){note}", stream)


def _parted(row: tuple[str, ...]) -> tuple[tuple[str, ...], str]:
    """A row without what makes it long, and that: its platforms, with those that PyPI has a build for."""
    torch, tag, platforms, pythons, known = row
    sure, _, pypi = known.partition("; ")
    return (torch, tag, pythons, sure), "; ".join(filter(None, (platforms, pypi)))


def _write_rows(rows: Sequence[tuple[tuple[str, ...], str]], stream: TextIO) -> None:
    widths = [max(map(len, column)) for column in zip(*(cells for cells, _ in rows), strict=True)]
    for cells, below in rows:
        print("  ".join(cell.ljust(width) for cell, width in zip(cells, widths, strict=True)).rstrip(), file=stream)
        if below:
            say(f"    {below}", stream)


def _row(found: Found) -> tuple[str, ...]:
    sure = found.certainty
    platforms = " ".join(name if known == sure else f"({name}: {known})" for name, known in found.platforms.items())
    pypi = f"; PyPI's on {' '.join(found.pypi)}" if found.pypi else ""
    pythons = ", ".join((f"{found.pythons[0]} to {found.pythons[-1]}", *found.free_threaded))
    return found.torch, found.tag, platforms, pythons, f"{sure}{pypi}"


def write_json(
    found: Sequence[Found], traps: Mapping[str, tuple[str, ...]], others: Sequence[Elsewhere], stream: TextIO
) -> None:
    """Write the same as data: `builds`, each platform with its certainty, `traps` and `elsewhere`, and when it came."""
    import json

    content = {
        "version": 1,
        "builds": [
            {
                "torch": each.torch,
                "patches": each.patches,
                "accelerator": each.tag,
                "index": each.url,
                "platforms": each.platforms,
                "pythons": (*each.pythons, *each.free_threaded),
                "pypi": each.pypi,
                "certainty": each.certainty,
                "released": each.released,
                "released_on": each.released_on,
            }
            for each in found
        ],
        "traps": traps,
        "elsewhere": [each._asdict() for each in others],
    }
    print(json.dumps(content, indent=2), file=stream)
