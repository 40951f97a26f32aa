"""Where everything stands in a document: headers, statements, values and comments, by offset and by line.

The scanner reads what a TOML parser has already accepted, so it checks little.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from functools import cached_property
from typing import TYPE_CHECKING, Literal, NamedTuple

from variantfix.toml.edits import BOM, KeyPath, value_of
from variantfix.toml.region import START, Region

if TYPE_CHECKING:
    from collections.abc import Iterator

_STRING = r'"""(?s:\\.|[^\\])*?"""(?!")' + r"|'''(?s:.)*?'''(?!')" + r'|"(?:\\.|[^"\\\n])*"' + r"|'[^'\n]*'"
_TOKEN = re.compile(_STRING + r"|#[^\r\n]*")
_SCALAR = re.compile(_STRING + r"|\d{4}-\d\d-\d\d[Tt ]\d\d:[^\s,\]}#]*|[^\s,\]}#]+")
_SPACE = re.compile(r"(?:[ \t\r\n]|#[^\n]*)*")
_KEY_PART = re.compile(r'[ \t]*("(?:\\.|[^"\\\n])*"|' + r"'[^'\n]*'|[^\s.=\]\"'#]+)[ \t]*(\.?)")
_EQUALS = re.compile(r"[ \t]*=[ \t]*")


class Value(NamedTuple):
    """The span of one value; an array or an inline table has entries."""

    start: int
    end: int
    kind: Literal["scalar", "array", "table"]
    entries: tuple[Entry, ...] = ()

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


class Layout:
    """Where each key path of a document stands."""

    def __init__(self, text: str, blocks: tuple[Block, ...]) -> None:
        self.text = text
        self.blocks = blocks

    @property
    def statements(self) -> Iterator[Statement]:
        """All statements, in the document's order."""
        return (statement for block in self.blocks for statement in block.statements)

    def region(self, path: KeyPath) -> Region:
        """Where the key with its value, the element or the header at a path or its nearest existing prefix stands."""
        for length in range(len(path), 0, -1):
            offset = self._offsets.get(path[:length])
            if offset is not None:
                end = self._ends.get(offset, line_end(self.text, offset))
                return Region(*self.position(offset), *self.position(end))
        return START

    def position(self, offset: int) -> tuple[int, int]:
        """The line and the column of an offset, both from 1, the column in code points."""
        line = self.line_at(offset)
        return line, offset - self._line_starts[line - 1] + 1

    def paths_at(self, line: int) -> tuple[KeyPath, ...]:
        """The paths of the headers, keys and elements that begin on a line, or of the statement that ends on it."""
        return self._begins.get(line) or self._closes.get(line, ())

    def line_at(self, offset: int) -> int:
        """The line, from 1, that an offset is on."""
        return bisect_right(self._line_starts, offset)

    def comments(self) -> Iterator[tuple[int, str]]:
        """Each comment with its line; the text begins with `#`."""
        for match in _TOKEN.finditer(self.text):
            if match[0][0] == "#":
                yield self.line_at(match.start()), match[0].rstrip()

    def statement(self, path: KeyPath) -> Statement | None:
        """The statement that defines a path or holds it in its value."""
        found = (self._by_path.get(path[:length]) for length in range(len(path), 0, -1))
        return next(filter(None, found), None)

    def has(self, path: KeyPath) -> bool:
        """Whether a key, element or table is at a path, be it implied by what is below it."""
        return path in self._offsets

    def under(self, path: KeyPath) -> tuple[Block, ...]:
        """The blocks whose header is a path or below it."""
        return tuple(b for b in self.blocks[1:] if b.path[: len(path)] == path)

    def spelling(self, path: KeyPath) -> tuple[Statement, ...]:
        """The statements whose key is a path or below it."""
        return tuple(s for s in self.statements if s.path[: len(path)] == path)

    @cached_property
    def _line_starts(self) -> list[int]:
        return [0, *(match.end() for match in re.finditer("\n", self.text))]

    @cached_property
    def _by_path(self) -> dict[KeyPath, Statement]:
        return {statement.path: statement for statement in self.statements}

    @cached_property
    def _begins(self) -> dict[int, tuple[KeyPath, ...]]:
        """The paths of what begins on each line."""
        found: dict[int, list[KeyPath]] = {}
        for path, offset in self._spelt.items():
            if path:
                found.setdefault(self.line_at(offset), []).append(path)
        return {line: tuple(paths) for line, paths in found.items()}

    @cached_property
    def _closes(self) -> dict[int, tuple[KeyPath, ...]]:
        """The path of the statement that ends on each line."""
        return {self.line_at(statement.value.end): (statement.path,) for statement in self.statements}

    @cached_property
    def _ends(self) -> dict[int, int]:
        """The offset behind each key with its value, element and header, by the offset at which it begins."""
        ends = {block.start: block.close + 1 + block.is_array for block in self.blocks[1:]}
        for statement in self.statements:
            ends[statement.key] = statement.value.end
            ends |= {entry.start: entry.end for value in statement.value.walk() for entry in value.entries}
        return ends

    @cached_property
    def _spelt(self) -> dict[KeyPath, int]:
        """The offsets of what is spelt out."""
        spelt: dict[KeyPath, int] = {}
        for block in self.blocks:
            spelt.setdefault(block.path, block.start)
            for statement in block.statements:
                spelt.setdefault(statement.path, statement.key)
                spelt.update(_entry_offsets(statement.path, statement.value))
        return spelt

    @cached_property
    def _offsets(self) -> dict[KeyPath, int]:
        """The offsets of what is spelt out, and of the prefixes that are only implied by it."""
        implied: dict[KeyPath, int] = {}
        for path, offset in sorted(self._spelt.items(), key=lambda item: item[1]):
            for length in range(1, len(path)):
                implied.setdefault(path[:length], offset)
        return implied | self._spelt


def _entry_offsets(path: KeyPath, value: Value) -> Iterator[tuple[KeyPath, int]]:
    for entry in value.entries:
        yield path + entry.keys, entry.start
        yield from _entry_offsets(path + entry.keys, entry.value)


def scan(text: str) -> Layout:
    """The layout of a document that a TOML parser accepts. Raises ValueError where it cannot be followed."""
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
    return Layout(text, tuple(blocks))


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


def _value(text: str, start: int) -> Value:
    if text.startswith("[", start):
        return _collection(text, start, "array", "]")
    if text.startswith("{", start):
        return _collection(text, start, "table", "}")
    return Value(start, _match(_SCALAR, text, start).end(), "scalar")


def _collection(text: str, start: int, kind: Literal["array", "table"], close: str) -> Value:
    entries: list[Entry] = []
    position = _skip(text, start + 1)
    while not text.startswith(close, position):
        keys: KeyPath = (len(entries),)
        at = position
        if kind == "table":
            keys, at = _key(text, position)
            at = _skip(text, _equals(text, at))
        value = _value(text, at)
        after = _skip(text, value.end)
        comma = after if text.startswith(",", after) else -1
        entries.append(Entry(position, keys, value, comma))
        position = _skip(text, after + 1) if comma >= 0 else after
        if comma < 0 and not text.startswith(close, position):
            raise ValueError(f"no end to what begins at offset {start}")
    return Value(start, position + 1, kind, tuple(entries))


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
