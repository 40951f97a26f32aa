"""The syntax of environment markers: what uv takes, read and written.

packaging is not asked: it refuses what uv takes, costs more to import than a whole check, and has no bound on nesting.
Source: PEP 508.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from variantfix.memo import kept
from variantfix.namedtuple import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

MOST_NESTING = 100
"""Brackets inside brackets; what a person or uv writes has two or three."""

VERSIONS = frozenset(("python_version", "python_full_version", "implementation_version"))
LISTS = frozenset(("extras", "dependency_groups"))
STRINGS = frozenset(
    (
        "extra",
        "implementation_name",
        "os_name",
        "platform_machine",
        "platform_python_implementation",
        "platform_release",
        "platform_system",
        "platform_version",
        "sys_platform",
    )
)
_OLDER = {
    "os.name": "os_name",
    "sys.platform": "sys_platform",
    "platform.version": "platform_version",
    "platform.machine": "platform_machine",
    "platform.python_implementation": "platform_python_implementation",
    "python_implementation": "platform_python_implementation",
}
_KEYS = VERSIONS | LISTS | STRINGS
# The operator that says the same with its sides exchanged.
_EXCHANGED = {"<": ">", ">": "<", "<=": ">=", ">=": "<=", "in": "contains", "not in": "not contains"}
_TOKEN = re.compile(
    r"""[ \t]*(?:(?P<bracket>[()])|'(?P<value>[^']*)'|"(?P<quoted>[^"]*)"|(?P<operator>===|[=!~<>]=|[<>])"""
    r"""|(?P<word>[A-Za-z_][A-Za-z0-9_.]*))"""
)


class Atom(NamedTuple):
    """One comparison, `key operator value`; `'x' in key` is `contains`. Of two values the key is empty."""

    key: str
    operator: str
    value: str

    def __str__(self) -> str:
        return self.spelt("'")

    def spelt(self, quote: str) -> str:
        """The comparison as text, in quotes of one kind as far as its value allows."""
        quote = ({"'", '"'} - {quote}).pop() if quote in self.value else quote
        quoted = f"{quote}{self.value}{quote}"
        if self.operator.endswith("contains"):
            return f"{quoted} {self.operator.replace('contains', 'in')} {self.key}"
        return f"{self.key or quoted} {self.operator} {quoted}"


class Join(NamedTuple):
    """Comparisons and other joins that all have to hold (`and`), or of which one has to (`or`)."""

    word: str
    parts: tuple[Node, ...]


Node = Atom | Join
"""A marker that was read; the empty `and` always holds."""

ALWAYS = Join("and", ())


class MarkerError(ValueError):
    """A text that is no marker, with the reason."""


class Token(NamedTuple):
    """A word of a marker, with the offsets of it in the text."""

    kind: str
    word: str
    start: int
    end: int


@kept
def parse(text: str) -> Node:
    """Read a marker; an empty one is an empty `and`. Raises `MarkerError`, with the reason, for a text that is none."""
    found = list(tokens(text))
    if not found:
        return ALWAYS
    node, at = _join([(token.kind, token.word) for token in found], 0, "or", 0)
    if at < len(found):
        raise MarkerError(f"{found[at].word!r} is not expected")
    return node


def tokens(text: str) -> Iterator[Token]:
    """The words of a marker. Raises `MarkerError` for what no marker has."""
    at, end = 0, len(text.rstrip())
    while at < end:
        match = _TOKEN.match(text, at)
        if match is None or match.lastgroup is None:
            raise MarkerError(f"{text[at : at + 20].strip()!r} is not expected")
        kind = "value" if match.lastgroup == "quoted" else match.lastgroup
        yield Token(kind, match[match.lastgroup], *match.span(match.lastgroup))
        at = match.end()


_Tokens = list[tuple[str, str]]


def _join(found: _Tokens, at: int, word: str, depth: int) -> tuple[Node, int]:
    """What `or` joins, and within it what `and` does: that one binds more tightly."""
    parts = []
    while True:
        part, at = _join(found, at, "and", depth) if word == "or" else _single(found, at, depth)
        parts.append(part)
        if found[at : at + 1] != [("word", word)]:
            return (parts[0] if len(parts) == 1 else Join(word, tuple(parts))), at
        at += 1


def _single(found: _Tokens, at: int, depth: int) -> tuple[Node, int]:
    if found[at : at + 1] == [("bracket", "(")]:
        if depth == MOST_NESTING:
            raise MarkerError(f"brackets are nested more than {MOST_NESTING} deep")
        node, at = _join(found, at + 1, "or", depth + 1)
        if found[at : at + 1] != [("bracket", ")")]:
            raise MarkerError("a bracket is not closed")
        return node, at + 1
    if found[at + 1 : at + 3] == [("word", "not"), ("word", "in")]:
        return _atom([*found[at : at + 1], ("word", "not in"), *found[at + 3 : at + 4]]), at + 4
    return _atom(found[at : at + 3]), at + 3


def _atom(found: _Tokens) -> Atom:
    if len(found) < 3:
        raise MarkerError("it ends too early")
    (left, key), (kind, operator), (right, value) = found
    if kind != "operator" and operator not in ("in", "not in"):
        raise MarkerError(f"{operator!r} is no comparison")
    if (left, right) == ("value", "value"):
        return Atom("", operator, "")
    if (left, right) == ("value", "word"):
        return Atom(_key(value), _EXCHANGED.get(operator, operator), key)
    if (left, right) == ("word", "value"):
        return Atom(_key(key), operator, value)
    raise MarkerError(f"{key!r} cannot be compared with {value!r}")


def _key(word: str) -> str:
    key = _OLDER.get(word, word)
    if key not in _KEYS:
        raise MarkerError(f"{word!r} is nothing that a marker can ask for")
    return key


def walk(node: Node) -> Iterator[Atom]:
    """The comparisons of a marker, in its order."""
    todo = [node]
    while todo:
        each = todo.pop()
        if isinstance(each, Atom):
            yield each
        else:
            todo += reversed(each.parts)


def keep(node: Node, wanted: Callable[[Atom], bool]) -> Node | None:
    """The marker without the comparisons that are not wanted; None where nothing of it is left."""
    if isinstance(node, Atom):
        return node if wanted(node) else None
    parts = tuple(part for each in node.parts if (part := keep(each, wanted)))
    if not parts:
        return None
    return parts[0] if len(parts) == 1 else Join(node.word, parts)


def write(node: Node, quote: str = "'") -> str:
    """The marker as text, in as few brackets as it takes."""
    if isinstance(node, Atom):
        return node.spelt(quote)
    texts = (
        f"({write(part, quote)})" if isinstance(part, Join) and part.word == "or" != node.word else write(part, quote)
        for part in node.parts
    )
    return f" {node.word} ".join(texts)
