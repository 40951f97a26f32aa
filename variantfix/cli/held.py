"""What a run says, held back until its files are written: a bug in saying it writes nothing, and it is true."""

from __future__ import annotations

import io
import sys
from pathlib import Path
from typing import TYPE_CHECKING, TextIO, cast

from variantfix.errors import OutputError, reason
from variantfix.namedtuple import NamedTuple
from variantfix.terminal import guarded

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from variantfix.cli.output import Output

_UNGUARDED = ("json", "sarif", "page")
"""Formats that mask their values themselves, as a mask over JSON knows no end of one; and our own pages."""


class _Holding:
    """A stream that keeps what is written, in order with what is written to others."""

    def __init__(self, stream: TextIO, chunks: list[tuple[TextIO, str | bytes]]) -> None:
        self._stream = stream
        self._chunks = chunks

    def write(self, text: str) -> int:
        self._chunks.append((self._stream, text))
        return len(text)

    def writelines(self, lines: Iterable[str]) -> None:
        for line in lines:
            self.write(line)

    def write_bytes(self, data: bytes) -> None:
        self._chunks.append((self._stream, data))

    def __getattr__(self, name: str) -> object:
        return getattr(self._stream, name)


class Held(NamedTuple):
    """Data for standard output or a file, and talk for standard error, until `emit`."""

    data: TextIO
    talk: TextIO
    chunks: list[tuple[TextIO, str | bytes]]
    file: str
    content: io.StringIO

    def add_bytes(self, data: bytes) -> None:
        """Hold bytes that go to standard output as they are."""
        self.chunks.append((cast("TextIO", sys.stdout or _Closed()), data))

    def emit(self, written: Sequence[str] = ()) -> None:
        """Let all of it out; `written` names the files that were changed before.

        Raises `OutputError` where standard output takes no more, and `InputError` where the file cannot be written.
        """
        done = f"repaired all the same: {', '.join(written)}" if written else "no project was changed"
        try:
            for stream, chunk in self.chunks:
                _put(stream, chunk)
        except BrokenPipeError:
            raise
        except OSError as error:
            raise OutputError(f"the output cannot be written: {reason(error)}", hint=done) from None
        if self.file:
            from variantfix.disk import write_new

            write_new(Path(self.file), self.content.getvalue())


def held(output: Output) -> Held:
    """Nothing said yet, in a format and to a place."""
    content = io.StringIO()
    chunks: list[tuple[TextIO, str | bytes]] = []
    plain: TextIO = content if output.file else sys.stdout or _Closed()
    stream = plain if output.format in _UNGUARDED else guarded(plain)
    data = stream if output.file else cast("TextIO", _Holding(stream, chunks))
    talk = cast("TextIO", _Holding(guarded(sys.stderr or _Closed()), chunks))
    return Held(data, talk, chunks, output.file, content)


class _Closed(io.StringIO):
    """What stands for a standard stream that was closed before we began."""

    def write(self, text: str) -> int:
        if text:
            raise OSError(9, "the stream is closed")
        return 0


def _put(stream: TextIO, chunk: str | bytes) -> None:
    if isinstance(chunk, bytes):
        if isinstance(stream, _Closed):
            stream.write("bytes")
        stream.flush()
        stream.buffer.write(chunk)
    else:
        encoding = stream.encoding or "utf-8"
        stream.write(chunk.encode(encoding, "backslashreplace").decode(encoding))
    stream.flush()
