"""Under which marker a package comes: what brings it, on every way, with the markers of all requirements on it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from variantfix.uv.markers import PLATFORMS, conjunction, names_python, platforms

if TYPE_CHECKING:
    from collections.abc import Mapping

    from variantfix.detect.reach import Reach


def arrival(reached: Mapping[str, Reach], package: str) -> str:
    """The marker under which a closure has a package; empty where it always has it."""
    return _either(_ways(reached, package, frozenset()))


def _ways(reached: Mapping[str, Reach], package: str, behind: frozenset[str]) -> list[str]:
    """The markers of the ways on which a package comes; a way that leads in a circle is none."""
    found: list[str] = []
    for by, marker, _ in reached[package].bringers:
        if not by:
            found.append(marker)
        elif by in reached and by not in behind and (ways := _ways(reached, by, behind | {package})):
            found.append(_both(_either(ways), marker))
    return found


def _both(marker: str, other: str) -> str:
    if not marker or marker == other:
        return other
    return conjunction(marker, other) if other else marker


def _either(markers: list[str]) -> str:
    """The marker that holds where one of some does; those that another one covers are left out."""
    distinct = sorted(set(markers), key=lambda m: (-len(platforms(m)), len(m), m))
    kept: list[str] = []
    for marker in distinct:
        if not marker:
            return ""
        if not any(_covers(other, marker) for other in kept):
            kept.append(marker)
    if not any(map(names_python, kept)) and frozenset().union(*map(platforms, kept)) == PLATFORMS:
        return ""
    if len(kept) == 1:
        return kept[0]
    return " or ".join(f"({marker})" if " or " in marker or " and " in marker else marker for marker in kept)


def _covers(marker: str, other: str) -> bool:
    return not names_python(marker) and platforms(other) <= platforms(marker)
