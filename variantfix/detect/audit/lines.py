"""Leaks and gaps in words, each once for all platforms that have it."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from variantfix.detect.audit.cells import Cell

_NONE: Mapping[str, str] = {}
_SHOWN = 3
"""How many packages a line names."""

_UNITS = ((10**9, "GB"), (10**6, "MB"), (10**3, "kB"))


def leak_lines(judged: Iterable[Cell], indexes: Mapping[str, str] = _NONE) -> Iterator[str]:
    """Two lines a leak: what leaks where and why, and the path that brings it with what the closure's leaks cost.

    `indexes` are URLs by the short names that stand for them.
    """
    names = {url: name for name, url in indexes.items()}
    found: dict[tuple[str, str, str, tuple[str, ...]], dict[str, None]] = {}
    cells: dict[tuple[str, str, str, tuple[str, ...]], list[Cell]] = {}
    for cell in judged:
        for leak in cell.leaks:
            key = (str(cell.subject), leak.reason, leak.index, leak.path[:-1])
            found.setdefault(key, {})[f"{leak.package} {leak.version}".strip()] = None
            cells.setdefault(key, []).append(cell)
    for key, packages in found.items():
        subject, reason, index, path = key
        place = f" from {names.get(index, index)}" if index else ""
        yield f"leak: {subject} on {_platforms(cells[key])}: {_some(packages)}{place}: {reason}"
        last = next(iter(packages)).partition(" ")[0] if len(packages) == 1 else "them"
        yield f"      by {' -> '.join((*path, last))}{_cost(cells[key])}"


def _some(packages: Iterable[str]) -> str:
    names = list(packages)
    more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    return ", ".join(names[:_SHOWN]) + more


def _cost(cells: list[Cell]) -> str:
    cell = max(cells, key=lambda cell: cell.leak_size)
    if not cell.leak_size and not cell.leak_unsized:
        return ""
    return f"; the leaks of this closure: {size(cell.leak_size, cell.leak_unsized)} to download"


def gap_lines(judged: Iterable[Cell]) -> Iterator[str]:
    """One line for each variant and reason, with the packages that have no build of their own there."""
    found: dict[tuple[str, str, str], dict[str, None]] = {}
    for (subject, platform), cells in _by_platform(judged).items():
        for gap in dict.fromkeys(gap for cell in cells for gap in cell.gaps):
            found.setdefault((subject, platform, gap.reason), {})[f"{gap.package} {gap.version}"] = None
    merged: dict[tuple[str, str, str], list[str]] = {}
    for (subject, platform, reason), packages in found.items():
        merged.setdefault((subject, _some(packages), reason), []).append(platform)
    for (subject, packages_, reason), places in merged.items():
        yield f"gap: {subject} on {', '.join(places)}: {packages_}: {reason}"


def _by_platform(judged: Iterable[Cell]) -> dict[tuple[str, str], list[Cell]]:
    found: dict[tuple[str, str], list[Cell]] = {}
    for cell in judged:
        if cell.gaps and not cell.subject.other:
            found.setdefault((str(cell.subject), cell.platform.name), []).append(cell)
    return found


def _platforms(cells: list[Cell]) -> str:
    """The platforms of some cells; the Python stands with those that only a newer one leaks on."""
    lowest = cells[0].platform.python
    first = dict.fromkeys(cell.platform.name for cell in cells if cell.platform.python == lowest)
    newer = dict.fromkeys(
        f"{cell.platform.name} under Python {cell.platform.python}" for cell in cells if cell.platform.name not in first
    )
    return ", ".join((*first, *newer))


def size(count: int, unsized: int) -> str:
    """Bytes for people, in powers of a thousand; `>=` where some files have no size in the lock."""
    if not count and unsized:
        return "unknown"
    number = next((f"{count / factor:.1f} {unit}" for factor, unit in _UNITS if count >= factor), f"{count} B")
    return f">= {number}" if unsized else number
