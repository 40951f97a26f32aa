"""Where everything stands in a document: headers, statements, values and comments, by offset and by line."""

from __future__ import annotations

import re
from bisect import bisect_right
from functools import cached_property
from typing import TYPE_CHECKING

from variantfix.toml.region import START, Region
from variantfix.toml.scanner import TOKEN, blocks_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from variantfix.toml.edits import KeyPath
    from variantfix.toml.scanner import Block, Statement, Value

    Span = tuple[int, int]
    """An offset, and the one behind it."""


class Layout:
    """Where each key path of a document stands."""

    def __init__(self, text: str, blocks: tuple[Block, ...]) -> None:
        self.text = text
        self.blocks = blocks
        self._read: dict[int, dict[KeyPath, Span]] = {}

    @property
    def statements(self) -> Iterator[Statement]:
        """All statements, in the document's order."""
        return (statement for block in self.blocks for statement in block.statements)

    def region(self, path: KeyPath) -> Region:
        """Where the key with its value, the element or the header at a path or its nearest existing prefix stands."""
        for length in range(len(path), 0, -1):
            span = self._span(path[:length])
            if span is not None:
                return Region(*self.position(span[0]), *self.position(span[1]))
        return START

    def _span(self, path: KeyPath) -> Span | None:
        """From where to where stands what a path spells or implies; of values only the one that holds it is read."""
        if path in self._outer:
            return self._outer[path]
        statement = self.statement(path)
        return self._inner(statement).get(path) if statement else None

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
        for match in TOKEN.finditer(self.text):
            if match[0][0] == "#":
                yield self.line_at(match.start()), match[0].rstrip()

    def statement(self, path: KeyPath) -> Statement | None:
        """The statement that defines a path or holds it in its value."""
        found = (self._by_path.get(path[:length]) for length in range(len(path), 0, -1))
        return next(filter(None, found), None)

    def has(self, path: KeyPath) -> bool:
        """Whether a key, element or table is at a path, be it implied by what is below it."""
        return self._span(path) is not None

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
    def _spelt(self) -> dict[KeyPath, int]:
        """The offsets of what is spelt out."""
        spelt: dict[KeyPath, int] = {}
        for block in self.blocks:
            spelt.setdefault(block.path, block.start)
            for statement in block.statements:
                spelt.setdefault(statement.path, statement.key)
                spelt |= {path: start for path, (start, _) in _entries(statement.path, statement.value)}
        return spelt

    @cached_property
    def _outer(self) -> dict[KeyPath, Span]:
        """Where headers and statements stand, and what they imply."""
        spans: dict[KeyPath, Span] = {}
        for block in self.blocks:
            spans.setdefault(block.path, (block.start, block.close + 1 + block.is_array))
            for statement in block.statements:
                spans.setdefault(statement.path, (statement.key, statement.value.end))
        return _with_prefixes(spans)

    def _inner(self, statement: Statement) -> dict[KeyPath, Span]:
        """Where the entries of a statement's value stand, and what they imply."""
        if statement.key not in self._read:
            self._read[statement.key] = _with_prefixes(dict(_entries(statement.path, statement.value)))
        return self._read[statement.key]


def _with_prefixes(spans: dict[KeyPath, Span]) -> dict[KeyPath, Span]:
    """What is spelt out, and the prefixes that are only implied by it, where the first of it stands."""
    implied: dict[KeyPath, Span] = {}
    for path, span in sorted(spans.items(), key=lambda item: item[1][0]):
        for length in range(1, len(path)):
            implied.setdefault(path[:length], span)
    return implied | spans


def _entries(path: KeyPath, value: Value) -> Iterator[tuple[KeyPath, Span]]:
    for entry in value.entries:
        yield path + entry.keys, (entry.start, entry.end)
        yield from _entries(path + entry.keys, entry.value)


def scan(text: str) -> Layout:
    """The layout of a document that a TOML parser accepts. Raises ValueError where it cannot be followed."""
    return Layout(text, blocks_of(text))
