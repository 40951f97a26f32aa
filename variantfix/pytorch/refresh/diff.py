"""The difference of two tables, for a person to review: one fact a line."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

    Table = dict[str, Any]


def differences(old: Table, new: Table) -> list[str]:
    """The facts that came (`+`), went (`-`) and changed (`~`), each with its place in the table, in that order."""
    before, after = dict(_facts(old, "")), dict(_facts(new, ""))
    places = dict.fromkeys([*before, *after])
    return [line for place in places for line in _line(place, before.get(place), after.get(place))]


def _facts(table: Table, place: str) -> Iterator[tuple[str, str]]:
    for key, value in table.items():
        if isinstance(value, dict) and value:
            yield from _facts(value, f"{place}{key}: ")
        else:
            yield f"{place}{key}", json.dumps(value, ensure_ascii=False)


def _line(place: str, before: str | None, after: str | None) -> Iterator[str]:
    if before is None:
        yield f"+ {place}: {after}"
    elif after is None:
        yield f"- {place}: {before}"
    elif before != after:
        yield f"~ {place}: {before} -> {after}"
