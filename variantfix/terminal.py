"""The way out for text that people read: no control character, no credential, nothing the encoding can't hold."""

from __future__ import annotations

import os
import re
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING, TextIO, cast

from variantfix.credentials import mask

if TYPE_CHECKING:
    from collections.abc import Iterator

ESCAPE = "\x1b"
# C0 but for tab and line ends, C1, what turns the direction of writing, and what no encoding has.
_CONTROL = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]|\r(?!\n)"
)
_PLAIN_WORD = re.compile(r"[A-Za-z0-9_.][A-Za-z0-9_.-]*")
_ENDS = re.compile("[\t\r\n]")


def shell_word(text: str) -> str:
    """A text as one word of a command that people are told to run: quoted, where a shell would do more with it."""
    if _PLAIN_WORD.fullmatch(text):
        return text
    import shlex  # which hardly any run needs

    return shlex.quote(text)


def plain(text: str) -> str:
    """A text with its control characters shown as Python writes them; line ends and tabs stay."""
    return _CONTROL.sub(_shown, text)


def one_line(text: str) -> str:
    """The same for a text that has to stay on one line, as names and messages have."""
    return _ENDS.sub(_shown, plain(text))


def _shown(match: re.Match[str]) -> str:
    return match[0].encode("unicode_escape").decode("ascii")


class Guard:
    """A stream that lets out only what may be seen.

    `escape` stands for the escape character in styled text of ours; nobody else can know it.
    """

    def __init__(self, stream: TextIO) -> None:
        self.stream = stream
        self.escape = f"\ue000{os.urandom(8).hex()}\ue000"

    def write(self, text: str) -> int:
        """Write a text, made safe; returns the number of its characters."""
        encoding = self.stream.encoding or "utf-8"
        safe = plain(mask(text)).encode(encoding, "backslashreplace").decode(encoding)
        self.stream.write(safe.replace(self.escape, ESCAPE))
        return len(text)

    def writelines(self, lines: Iterator[str]) -> None:
        """Write lines, each made safe."""
        for line in lines:
            self.write(line)

    def __getattr__(self, name: str) -> object:
        return getattr(self.stream, name)


def guarded(stream: TextIO) -> TextIO:
    """A stream behind a guard, once."""
    return stream if isinstance(stream, Guard) else cast("TextIO", Guard(stream))


def behind(stream: TextIO) -> TextIO:
    """The stream behind a guard, for a library that draws on a terminal by itself."""
    return stream.stream if isinstance(stream, Guard) else stream


@contextmanager
def guarded_stderr() -> Iterator[None]:
    """Standard error behind a guard, as long as the block lasts."""
    before = sys.stderr
    sys.stderr = guarded(before)
    try:
        yield
    finally:
        sys.stderr = before
