"""What is worked out about names, markers, versions and URLs, kept for the next text that has them, but not for ever.

A process can see thousands of texts (`migrate`, a service that uses the library), each with strings of its own. After
some megabytes of text it begins anew: what it keeps is bounded by what it has read since.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable
    from functools import _lru_cache_wrapper

    T = TypeVar("T")

MUCH = 1 << 20
"""Characters of text after which nothing of what they said is kept."""


class _Memo:
    """The functions whose answers are kept, and how much text they were asked about since they were last forgotten."""

    def __init__(self) -> None:
        self.kept: list[_lru_cache_wrapper[object]] = []
        self.read = 0


_MEMO = _Memo()


def kept(function: Callable[..., T]) -> _lru_cache_wrapper[T]:
    """A function of strings that keeps its answers; as a decorator."""
    cached = cache(function)
    _MEMO.kept.append(cached)
    return cached


def reading(characters: int) -> None:
    """Say that a text of some length is about to be asked about. What was kept goes, if it came of much."""
    if _MEMO.read > MUCH:
        for function in _MEMO.kept:
            function.cache_clear()
        _MEMO.read = 0
    _MEMO.read += characters
