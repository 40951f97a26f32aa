"""Which torch exists, as a table and as data."""

from __future__ import annotations

from typing import TYPE_CHECKING, TextIO

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from variantfix.pytorch.query import Elsewhere, Found

_HEAD = ("torch", "accelerator", "platforms", "Pythons", "known")


def write_builds(
    found: Sequence[Found], traps: Mapping[str, tuple[str, ...]], others: Sequence[Elsewhere], stream: TextIO
) -> None:
    """Write a row for each minor version and accelerator; a platform in brackets is known less surely than the row."""
    rows = [_HEAD, *map(_row, found)] if found else []
    widths = [max(len(row[column]) for row in rows) for column in range(len(_HEAD))] if rows else []
    for row in rows:
        print("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip(), file=stream)
    for tag, versions in traps.items():
        print(f"{tag}: its index has old builds alone ({', '.join(versions)}), which an open bound gets", file=stream)
    for each in others:
        where = f", {' '.join(each.platforms)}" if each.platforms else ""
        note = f": {each.note}" if each.note else ""
        print(f"elsewhere: {each.place} ({each.of}{where}){note}", file=stream)


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
