"""Versions of Python, and ranges of them as `requires-python` gives them.

Without packaging, whose import costs more than a whole check. Source: PEP 440.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from variantfix.memo import kept
from variantfix.namedtuple import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable

_VERSION = re.compile(r"v?(\d+(?:\.\d+)*)(?:(a|b|rc)(\d+))?(?:\.post(\d+))?(?:\.dev(\d+))?")
_CLAUSE = re.compile(r"(===|[~=!<>]=|[<>])\s*(\S+)")
_LONGEST = 60
"""Characters of a version; Python reads no number of some thousand digits."""
_MOST_PARTS = 8
_MINORS = range(7, 20)
_LAST_PATCH = 99
_PHASES = {"a": 0, "b": 1, "rc": 2}
_FINAL = 3


class Version(NamedTuple):
    """A version in an order that is PEP 440's: its release filled up with zeros, and what comes before or after it.

    `length` is the number of its parts as written, and takes no part in the order of different versions.
    """

    release: tuple[int, ...]
    stage: tuple[int, int, int, float]
    length: int


@kept
def version(text: str) -> Version | None:
    """Read a version; None for what is none, and for one that no Python ever has (an epoch, a local version)."""
    match = _VERSION.fullmatch(text.strip()) if len(text) <= _LONGEST else None
    parts = tuple(map(int, match[1].split("."))) if match else ()
    if match is None or len(parts) > _MOST_PARTS:
        return None
    phase = _PHASES[match[2]] if match[2] else _FINAL
    if match[5] and not (match[2] or match[4]):
        phase = -1
    post = int(match[4]) if match[4] else -1
    dev = int(match[5]) if match[5] else float("inf")
    return Version((*parts, *[0] * (_MOST_PARTS - len(parts))), (phase, int(match[3] or 0), post, dev), len(parts))


def compare(actual: str, operator: str, value: str) -> bool | None:
    """Whether a version meets one clause of a specifier, `operator value`; None where that makes no sense."""
    is_series = value.endswith(".*")
    told, own = version(value.removesuffix(".*")), version(actual)
    if told is None or own is None:
        return None
    if is_series:
        is_in = own.release[: told.length] == told.release[: told.length]
        return is_in is (operator == "==") if operator in ("==", "!=") else None
    return _compare(own, operator, told)


def _compare(own: Version, operator: str, told: Version) -> bool | None:
    match operator:
        case "==" | "===":
            return own[:2] == told[:2]
        case "!=":
            return own[:2] != told[:2]
        case "<":
            is_before = own.release == told.release and own.stage[0] < _FINAL <= told.stage[0]
            return own[:2] < told[:2] and not is_before
        case "<=":
            return own[:2] <= told[:2]
        case ">":
            is_after = own.release == told.release and told.stage[2] < 0 <= own.stage[2]
            return own[:2] > told[:2] and not is_after
        case ">=":
            return own[:2] >= told[:2]
        case "~=" if told.length > 1:
            return own[:2] >= told[:2] and own.release[: told.length - 1] == told.release[: told.length - 1]
        case _:
            return None


class PythonRange(NamedTuple):
    """The Pythons that all of some clauses (`>=`, `3.10`) admit."""

    clauses: tuple[tuple[str, str], ...]

    def admits(self, python: str) -> bool:
        """Whether a full version (`3.12.4`) is in the range."""
        return all(compare(python, operator, value) for operator, value in self.clauses)

    @property
    def lowest(self) -> tuple[str, ...]:
        """The first full version of each minor that is admitted, from 3.7 on."""
        patches = _patches(value for _, value in self.clauses)
        found = (self._first(minor, patches.get(minor, ())) for minor in _MINORS)
        return tuple(filter(None, found))

    @property
    def minors(self) -> tuple[str, ...]:
        """The minors (`3.12`) of which some version is admitted, from 3.7 on."""
        return tuple(python.rpartition(".")[0] for python in self.lowest)

    def _first(self, minor: int, patches: Iterable[int]) -> str:
        all_of_it = (f"3.{minor}.{patch}" for patch in sorted({0, *patches, _LAST_PATCH}))
        return next((python for python in all_of_it if self.admits(python)), "")


@kept
def python_range(specifier: str) -> PythonRange:
    """Read a `requires-python`; an empty one admits every Python. Raises ValueError for what is no specifier."""
    clauses = []
    for part in filter(None, map(str.strip, specifier.split(","))):
        match = _CLAUSE.fullmatch(part)
        if match is None or compare("3.0", match[1], match[2]) is None:
            raise ValueError(f"{part[:_LONGEST]!r} is no bound of a Python")
        clauses.append((match[1], match[2]))
    return PythonRange(tuple(clauses))


def samples(values: Iterable[str]) -> tuple[str, ...]:
    """Full versions of each Python that is about, so that some comparison with each of the values tells them apart."""
    patches = _patches(values)
    return tuple(f"3.{minor}.{patch}" for minor in range(8, 16) for patch in sorted({0, *patches.get(minor, ())}))


def _patches(values: Iterable[str]) -> dict[int, set[int]]:
    """The patches at, below and above some versions, by minor."""
    found: dict[int, set[int]] = {}
    for value in values:
        if told := version(value.removesuffix(".*")):
            patch = told.release[2]
            if told.release[0] == 3:
                found.setdefault(told.release[1], set()).update((max(patch - 1, 0), patch, patch + 1))
    return found
