"""The scanner: a document's headers, statements and values, each with its span.

It reads what a TOML parser has already accepted, so it checks little.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Literal

from variantfix.namedtuple import NamedTuple
from variantfix.toml.edits import BOM, KeyPath, value_of

if TYPE_CHECKING:
    from collections.abc import Iterator

_STRING = r'"""(?s:\\.|[^\\])*?"""(?!")' + r"|'''(?s:.)*?'''(?!')" + r'|"(?:\\.|[^"\\\n])*"' + r"|'[^'\n]*'"
TOKEN = re.compile(_STRING + r"|#[^\r\n]*")
# Nothing follows what is repeated, so that no failure can make it try again.
_FLAT = re.compile(r"(?:[^\[\]{}\"'#]+|" + _STRING + r"|#[^\n]*)*")
_SCALAR = re.compile(_STRING + r"|\d{4}-\d\d-\d\d[Tt ]\d\d:[^\s,\]}#]*|[^\s,\]}#]+")
_SPACE = re.compile(r"(?:[ \t\r\n]|#[^\n]*)*")
_KEY_PART = re.compile(r'[ \t]*("(?:\\.|[^"\\\n])*"|' + r"'[^'\n]*'|[^\s.=\]\"'#]+)[ \t]*(\.?)")
_EQUALS = re.compile(r"[ \t]*=[ \t]*")


class Value:
    """The span of one value; an array or an inline table has entries, which are read when they are first asked for."""

    __slots__ = ("_entries", "_text", "end", "kind", "start")

    def __init__(self, text: str, start: int, end: int, kind: Literal["scalar", "array", "table"]) -> None:
        self.start = start
        self.end = end
        self.kind = kind
        self._text = text
        self._entries: tuple[Entry, ...] | None = () if kind == "scalar" else None

    @property
    def entries(self) -> tuple[Entry, ...]:
        """What is in it. Raises ValueError where that cannot be followed."""
        if self._entries is None:
            self._entries = tuple(_entries(self._text, self))
        return self._entries

    def walk(self) -> Iterator[Value]:
        """Itself and every value inside it."""
        yield self
        for entry in self.entries:
            yield from entry.value.walk()


class Entry(NamedTuple):
    """An element of an array (its one key is the index), or a key with its value in an inline table.

    `start` is the offset of the key or element, `comma` that of the comma after it, or -1.
    """

    start: int
    keys: KeyPath
    value: Value
    comma: int

    @property
    def end(self) -> int:
        """The offset after its value."""
        return self.value.end


class Statement(NamedTuple):
    """A key and its value on lines of their own, from `start` to `end`; `key` is the offset of the key."""

    start: int
    key: int
    path: KeyPath
    value: Value
    end: int


class Block(NamedTuple):
    """A header and the statements under it; the first block of a document has no header.

    `start` is the offset of the header's line, `key` that after its opening bracket, `close` that of its
    closing one, `body` that of the line after it.
    """

    path: KeyPath
    start: int
    key: int
    close: int
    body: int
    statements: tuple[Statement, ...]
    is_array: bool = False

    @property
    def core(self) -> int:
        """The offset after its last statement, or after its header."""
        return self.statements[-1].end if self.statements else self.body


def blocks_of(text: str) -> tuple[Block, ...]:
    """The blocks of a document that a TOML parser accepts. Raises ValueError where it cannot be followed."""
    begin = len(BOM) if text.startswith(BOM) else 0
    statements, position = _statements(text, begin, ())
    blocks = [Block((), begin, begin, begin, begin, statements)]
    counts: dict[KeyPath, int] = {}
    while position < len(text):
        start, is_array = line_start(text, position), text.startswith("[[", position)
        key = position + 1 + is_array
        keys, after = _key(text, key)
        close = text.index("]", after)
        path = _header_path(keys, counts, is_array=is_array)
        body = line_end(text, close)
        statements, position = _statements(text, body, path)
        blocks.append(Block(path, start, key, close, body, statements, is_array))
    return tuple(blocks)


def _header_path(keys: tuple[str, ...], counts: dict[KeyPath, int], *, is_array: bool) -> KeyPath:
    """The absolute path of a header, with the indices of the arrays of tables on its way."""
    path: KeyPath = ()
    for number, key in enumerate(keys, 1):
        path += (key,)
        if is_array and number == len(keys):
            counts[path] = counts.get(path, 0) + 1
        if path in counts:
            path += (counts[path] - 1,)
    return path


def _statements(text: str, position: int, path: KeyPath) -> tuple[tuple[Statement, ...], int]:
    """The statements up to the next header, and its offset or the text's length."""
    found: list[Statement] = []
    while True:
        key = _skip(text, position)
        if key >= len(text) or text[key] == "[":
            return tuple(found), key
        keys, after = _key(text, key)
        value = _value(text, _equals(text, after))
        position = line_end(text, value.end)
        found.append(Statement(line_start(text, key), key, path + keys, value, position))


def scan_value(text: str) -> Value:
    """The spans of one value given as TOML text."""
    return _value(text, _skip(text, 0))


def statement_value(text: str) -> Value:
    """The spans of the value of one statement, given as it is spelt."""
    _, after = _key(text, _skip(text, 0))
    return _value(text, _equals(text, after))


def _value(text: str, start: int) -> Value:
    if text.startswith("[", start):
        return Value(text, start, _close(text, start), "array")
    if text.startswith("{", start):
        return Value(text, start, _close(text, start), "table")
    return Value(text, start, _match(_SCALAR, text, start).end(), "scalar")


def _close(text: str, start: int) -> int:
    """The offset behind the bracket that closes the one at an offset."""
    depth, position = 1, start + 1
    while depth:
        position = _match(_FLAT, text, position).end()
        if position == len(text) or text[position] not in "[]{}":
            raise ValueError(f"no end to what begins at offset {start}")
        depth += 1 if text[position] in "[{" else -1
        position += 1
    return position


def _entries(text: str, holder: Value) -> Iterator[Entry]:
    position, number = _skip(text, holder.start + 1), 0
    while position < holder.end - 1:
        keys: KeyPath = (number,)
        at = position
        if holder.kind == "table":
            keys, at = _key(text, position)
            at = _skip(text, _equals(text, at))
        value = _value(text, at)
        after = _skip(text, value.end)
        comma = after if text.startswith(",", after) else -1
        yield Entry(position, keys, value, comma)
        position, number = _skip(text, after + 1) if comma >= 0 else after, number + 1
        if comma < 0 and position != holder.end - 1:
            raise ValueError(f"no end to what begins at offset {holder.start}")


def _key(text: str, position: int) -> tuple[tuple[str, ...], int]:
    """A key, dotted or not, and the offset after it."""
    keys: list[str] = []
    while True:
        match = _match(_KEY_PART, text, position)
        part, dot = match.groups()
        keys.append(str(value_of(part)) if part[0] in "\"'" else part)
        position = match.end() if dot else match.end(1)
        if not dot:
            return tuple(keys), position


def key_parts(text: str, position: int) -> Iterator[tuple[int, int]]:
    """The spans of the parts of a key, dotted or not, that begins at an offset."""
    while True:
        match = _match(_KEY_PART, text, position)
        yield match.span(1)
        position = match.end()
        if not match[2]:
            return


def _equals(text: str, position: int) -> int:
    return _match(_EQUALS, text, position).end()


def _match(pattern: re.Pattern[str], text: str, position: int) -> re.Match[str]:
    match = pattern.match(text, position)
    if match is None:
        raise ValueError(f"cannot follow the text at offset {position}")
    return match


def _skip(text: str, position: int) -> int:
    """The offset after white space, line ends and comments."""
    return _match(_SPACE, text, position).end()


def line_start(text: str, position: int) -> int:
    """The offset at which the line of an offset begins, after a byte order mark."""
    start = text.rfind("\n", 0, position) + 1
    return len(BOM) if start == 0 and text.startswith(BOM) else start


def line_end(text: str, position: int) -> int:
    """The offset after the line of an offset and its line ending."""
    end = text.find("\n", position)
    return len(text) if end < 0 else end + 1
