"""Renaming keys and rewriting strings in place: not one byte beside them is touched, and no comment is lost."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from variantfix.errors import ProofError
from variantfix.toml.edits import KeyPath, loads, same, toml_string, value_of
from variantfix.toml.layout import scan
from variantfix.toml.scanner import key_parts

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from variantfix.toml.layout import Layout
    from variantfix.toml.scanner import Value

    Respell = Callable[[KeyPath, str], str]
    """What a key, or the string at a path, becomes; a key's path ends in itself."""

_Splice = tuple[int, int, str]


def respell(text: str, key: Respell, string: Respell) -> str:
    """A document with its keys and strings as two functions spell them, proved on its data.

    Raises `ProofError` where the data of what comes out is not that of the document, spelt anew.
    """
    layout = scan(text)
    splices = sorted(set(_splices(layout, key, string)))
    parts, position = [], 0
    for start, end, new in splices:
        parts += [text[position:start], new]
        position = end
    after = "".join([*parts, text[position:]])
    if not same(loads(after), _spelt((), loads(text), key, string)):
        raise ProofError("names were not rewritten as they should be", hint="please report it")
    return after


def _splices(layout: Layout, key: Respell, string: Respell) -> Iterator[_Splice]:
    for block in layout.blocks:
        yield from _keys(layout.text, block.key, (), block.path, key) if block.path else ()
        for statement in block.statements:
            yield from _keys(layout.text, statement.key, block.path, statement.path, key)
            yield from _values(layout.text, statement.path, statement.value, key, string)


def _keys(text: str, at: int, parent: KeyPath, path: KeyPath, key: Respell) -> Iterator[_Splice]:
    """The changes of the parts of one key, whose path may hold indices of arrays of tables."""
    own = [n for n in range(len(parent), len(path)) if isinstance(path[n], str)]
    for number, (start, end) in zip(own, key_parts(text, at), strict=False):
        name = str(path[number])
        new = key(path[: number + 1], name)
        if new != name:
            raw = text[start:end]
            bare = raw[0] not in "\"'" and _is_bare(new)
            yield start, end, new if bare else _quoted(raw, name, new) if raw[0] in "\"'" else toml_string(new)


def _is_bare(name: str) -> bool:
    return bool(name) and all(c.isascii() and (c.isalnum() or c in "-_") for c in name)


def _values(text: str, path: KeyPath, value: Value, key: Respell, string: Respell) -> Iterator[_Splice]:
    for entry in value.entries:
        if value.kind == "table":
            yield from _keys(text, entry.start, path, path + entry.keys, key)
        yield from _values(text, path + entry.keys, entry.value, key, string)
    raw = text[value.start : value.end]
    if value.kind == "scalar" and raw[0] in "\"'":
        old = value_of(raw)
        new = string(path, old)
        if new != old:
            yield value.start, value.end, _quoted(raw, old, new)


def _quoted(raw: str, old: str, new: str) -> str:
    """A string in the quotes that the old one has, as far as neither needs an escape."""
    quotes = raw[:3] if raw[:3] in ('"""', "'''") else raw[0]
    plain = raw == f"{quotes}{old}{quotes}" and not set(new) & {"\\", quotes[0]}
    return f"{quotes}{new}{quotes}" if plain else toml_string(new)


def _spelt(path: KeyPath, value: Any, key: Respell, string: Respell) -> Any:
    match value:
        case dict():
            return {key((*path, k), k): _spelt((*path, k), each, key, string) for k, each in value.items()}
        case list():
            return [_spelt((*path, number), each, key, string) for number, each in enumerate(value)]
        case str():
            return string(path, value)
        case _:
            return value
