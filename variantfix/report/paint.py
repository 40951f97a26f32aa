"""Colour and lines that fit where a person looks, plain text where a program reads."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING, TextIO

from variantfix.terminal import ESCAPE, plain

if TYPE_CHECKING:
    from collections.abc import Callable

    Paint = Callable[[str, str], str]
    """(text, style) -> the text, in that style if the stream shows colour."""


def painter(stream: TextIO) -> Paint:
    """A function that styles text for a stream; it leaves text alone off a terminal, or under NO_COLOR."""
    if not wants_colour(stream):
        return lambda text, _style: text
    # rich is imported only where colour is shown: it costs more than a whole check.
    from rich.color import ColorSystem
    from rich.style import Style

    # A guard lets no escape character out but by this word, see `variantfix.terminal`.
    escape = str(getattr(stream, "escape", ESCAPE))

    def paint(text: str, style: str) -> str:
        return Style.parse(style).render(plain(text), color_system=ColorSystem.STANDARD).replace(ESCAPE, escape)

    return paint


def say(line: str, stream: TextIO) -> None:
    """Write a line; a terminal gets it broken between words at its width, with further lines indented."""
    print(*_fitted(line, stream), sep="\n", file=stream)


def _fitted(line: str, stream: TextIO) -> list[str]:
    if not stream.isatty():
        return [line]
    from shutil import get_terminal_size

    unseen = re.compile(re.escape(str(getattr(stream, "escape", ESCAPE))) + r"\[[\d;]*m")
    width = get_terminal_size().columns
    margin = line[: len(line) - len(line.lstrip(" "))]
    lines, room = [margin], width - len(margin)
    for number, word in enumerate(line[len(margin) :].split(" ")):
        long = len(unseen.sub("", word)) + (number > 0)
        if number and long > room:
            lines.append(f"{margin}    ")
            number, long, room = 0, long - 1, width - len(margin) - 4
        lines[-1] += f" {word}" if number else word
        room -= long
    return lines


def wants_colour(stream: TextIO) -> bool:
    """Whether a stream is to be coloured: NO_COLOR, then FORCE_COLOR, then whether it is a terminal."""
    if os.environ.get("NO_COLOR"):
        return False
    return bool(os.environ.get("FORCE_COLOR")) or (stream.isatty() and os.environ.get("TERM") != "dumb")
