"""Tags in names and URLs, exchanged for others in the spelling that is there: `cuda-12.4`, `rocm64`."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_STEMS = {"cu": "cu(?:da)?", "rocm": "rocm(?:-rel)?"}


def exchanger(tags: Mapping[str, str]) -> Callable[[str], str]:
    """A function that exchanges all of some tags at once in a text, in each spelling."""
    if not tags:
        return lambda text: text
    patterns = {old: _pattern(old) for old in tags}
    pattern = re.compile("|".join(f"(?P<t{n}>{each})" for n, each in enumerate(patterns.values())), re.IGNORECASE)
    olds = tuple(tags)

    def exchange(match: re.Match[str]) -> str:
        old = olds[next(n for n in range(len(olds)) if match[f"t{n}"] is not None)]
        return _respelt(match[0], old, tags[old])

    return lambda text: pattern.sub(exchange, text)


def mentions(text: str, tag: str) -> bool:
    """Whether a text names a tag, in any spelling."""
    return re.search(_pattern(tag), text, re.IGNORECASE) is not None


def _parts(tag: str) -> tuple[str, list[str]]:
    """The stem of a tag, and the numbers of its version: cu, 12, 4."""
    stem = re.match("[a-z]+", tag)
    assert stem is not None
    digits = tag[stem.end() :]
    return stem[0], [digits[:-1], digits[-1]] if stem[0] == "cu" else digits.split(".") if digits else []


def _pattern(tag: str) -> str:
    stem, numbers = _parts(tag)
    before, after = r"(?<![a-z0-9])", r"(?![a-z0-9]|\.\d)"
    if not numbers:
        return f"{before}{stem}{after}"
    return f"{before}{_STEMS[stem]}[-_]?{'[._-]?'.join(numbers)}{after}"


def _respelt(found: str, old: str, new: str) -> str:
    """The new tag as the old one is spelt: with its stem, and what stands between its numbers."""
    _, numbers = _parts(old)
    _, versions = _parts(new)
    if not numbers or not versions:
        return new
    shape = re.fullmatch(r"(\D*?)" + r"(\D*)".join(map(re.escape, numbers)), found)
    assert shape is not None
    between = shape[2] if len(numbers) > 1 else "."
    return shape[1] + between.join(versions)
