"""How the neighbours of new text are written, and new text written like them."""

from __future__ import annotations

import re
from collections import Counter
from functools import cache
from typing import TYPE_CHECKING, TypeVar

from variantfix.namedtuple import NamedTuple
from variantfix.toml.layout import Layout, scan
from variantfix.toml.scanner import Block, Value, line_start, scan_value, statement_value

_T = TypeVar("_T")

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from variantfix.toml.edits import KeyPath

    Evidence = Callable[[str, Value], Iterable[_T]]
    """What one value shows in a text."""

_EQUALS_BEFORE = re.compile(r"[ \t]*=[ \t]*$")


class Style(NamedTuple):
    """The spelling of new values.

    `pad` stands inside the braces of an inline table, `array_pad` inside the brackets of an array on one
    line, `unit` is one step of indentation, `trailing` says whether the last line of an array has a comma.
    """

    single_quotes: bool
    pad: str
    array_pad: str
    equals: str
    comma: str
    unit: str
    trailing: bool
    newline: str


def newline_of(text: str) -> str:
    """The line ending that most lines of a text have."""
    return "\r\n" if 2 * text.count("\r\n") > text.count("\n") else "\n"


def indent_at(text: str, offset: int) -> str:
    """The white space that the line of an offset begins with."""
    before = text[line_start(text, offset) : offset]
    return before[: len(before) - len(before.lstrip(" \t"))]


def begins_line(text: str, offset: int) -> bool:
    """Whether only white space stands before an offset on its line."""
    return not text[line_start(text, offset) : offset].strip(" \t")


def style_at(layout: Layout, path: KeyPath, *containers: Value) -> Style:
    """The style round a path: of the containers, else of the table, the tables near by, the document."""
    text = layout.text
    scopes = list(_scopes(layout, path, containers))

    def most(evidence: Evidence[_T], default: _T) -> _T:
        return _most(text, scopes, evidence, default)

    return Style(
        single_quotes=_all_single(text, scopes),
        pad=most(_pads, " "),
        array_pad=most(_array_pads, ""),
        equals=most(_table_equals, " = "),
        comma=most(_commas, ", "),
        unit=most(_units, "    "),
        trailing=most(_trailing, default=True),
        newline=newline_of(text),
    )


def statement_equals(layout: Layout, block: Block | None) -> str:
    """What stands between key and value on the lines of a block, or of the document where it has none.

    Aligned signs are not imitated.
    """
    statements = block.statements if block and block.statements else tuple(layout.statements)
    signs = {_equals_before(layout.text, statement.value.start) for statement in statements}
    return "=" if signs == {"="} else " = "


def dress(toml: str, style: Style, indent: str, *, lines: bool | None = None) -> str:
    """A value given as TOML text, spelt in a style.

    `indent` is that of the line that it begins on. `lines` says whether an array is to have a line for each
    element; None keeps what is given. A value that holds a comment keeps its own spelling.
    """
    if any(scan(f"value = {toml}").comments()):
        return style.newline.join(toml.strip().splitlines())
    return _render(toml, scan_value(toml), style, indent, lines=lines)


def has_lines(text: str, array: Value) -> bool:
    """Whether the first element of an array, or the end of an empty one, is not on its bracket's line."""
    after = array.entries[0].start if array.entries else array.end
    return "\n" in text[array.start : after]


def _render(toml: str, value: Value, style: Style, indent: str, *, lines: bool | None = None) -> str:
    if value.kind == "scalar":
        return _quote(toml[value.start : value.end], style)
    if value.kind == "table":
        return _render_table(toml, value, style, indent)
    if not value.entries:
        return "[]"
    if lines is None:
        lines = has_lines(toml, value)
    if not lines:
        inner = style.comma.join(_render(toml, entry.value, style, indent) for entry in value.entries)
        return f"[{style.array_pad}{inner}{style.array_pad}]"
    deeper = indent + style.unit
    elements = [deeper + _render(toml, entry.value, style, deeper) for entry in value.entries]
    comma = "," if style.trailing else ""
    return style.newline.join(["[", *(f"{e}," for e in elements[:-1]), elements[-1] + comma, f"{indent}]"])


def _render_table(toml: str, table: Value, style: Style, indent: str) -> str:
    if not table.entries:
        return "{}"
    pairs = (key + style.equals + _render(toml, value, style, indent) for key, value in keys_and_values(toml, table))
    return f"{{{style.pad}{style.comma.join(pairs)}{style.pad}}}"


def keys_and_values(text: str, table: Value) -> Iterator[tuple[str, Value]]:
    """The keys of an inline table as they are spelt, with their values."""
    for entry in table.entries:
        yield _EQUALS_BEFORE.sub("", text[entry.start : entry.value.start]), entry.value


def _quote(scalar: str, style: Style) -> str:
    plain = scalar[0] == '"' and not scalar.startswith('"""') and not {"\\", "'"} & set(scalar)
    return f"'{scalar[1:-1]}'" if plain and style.single_quotes else scalar


def _scopes(layout: Layout, path: KeyPath, containers: Iterable[Value]) -> Iterator[Sequence[str | Value]]:
    """What stands near, the nearest first: the containers as values, then statements as they are spelt."""
    yield from ([container] for container in containers)
    for length in range(len(path) - 1, -1, -1):
        near = (statement for statement in layout.statements if statement.path[:length] == path[:length])
        yield [layout.text[statement.start : statement.end] for statement in near]


def _most(text: str, scopes: Sequence[Iterable[str | Value]], evidence: Evidence[_T], default: _T) -> _T:
    """What the nearest scope that shows anything shows most."""
    for scope in scopes:
        seen = _seen(text, scope, evidence)
        if seen:
            return seen.most_common(1)[0][0]
    return default


def _seen(text: str, scope: Iterable[str | Value], evidence: Evidence[_T]) -> Counter[_T]:
    seen: Counter[_T] = Counter()
    for each in scope:
        if isinstance(each, str):
            marks = _shown(each, evidence) if len(each) <= _MOST_KEPT else _marks(each, statement_value(each), evidence)
        else:
            marks = _marks(text, each, evidence)
        for mark, count in marks:
            seen[mark] += count
    return seen


_MOST_KEPT = 2**16
"""Characters of a statement whose evidence is kept."""


@cache
def _shown(statement: str, evidence: Evidence[_T]) -> list[tuple[_T, int]]:
    """What a statement shows, once for all edits of a document: they leave most statements alone."""
    return _marks(statement, _value_in(statement), evidence)


_value_in = cache(statement_value)


def forget() -> None:
    """Forget what the statements of a document show, when it is edited no more."""
    _shown.cache_clear()
    _value_in.cache_clear()


def _marks(text: str, value: Value, evidence: Evidence[_T]) -> list[tuple[_T, int]]:
    return list(Counter(mark for each in value.walk() for mark in evidence(text, each)).items())


def _all_single(text: str, scopes: Sequence[Iterable[str | Value]]) -> bool:
    for scope in scopes:
        seen = _seen(text, scope, _quotes)
        if seen:
            return seen.keys() == {"'"}
    return False


def _quotes(text: str, value: Value) -> Iterator[str]:
    """The quote of a string that could as well have the other one."""
    inner, quote = text[value.start + 1 : value.end - 1], text[value.start]
    if quote in "\"'" and not {"\\", '"', "'"} & set(inner):
        yield quote


def _pads(text: str, value: Value) -> Iterator[str]:
    if value.kind == "table" and value.entries:
        yield " " if text[value.start + 1].isspace() else ""


def _array_pads(text: str, value: Value) -> Iterator[str]:
    if value.kind == "array" and value.entries and "\n" not in text[value.start : value.end]:
        yield " " if text[value.start + 1].isspace() else ""


def _table_equals(text: str, value: Value) -> Iterator[str]:
    if value.kind == "table":
        yield from (_equals_before(text, entry.value.start) for entry in value.entries)


def _equals_before(text: str, offset: int) -> str:
    """The equals sign before a value, with at most one blank on either side."""
    before = text[line_start(text, offset) : offset]
    match = _EQUALS_BEFORE.search(before)
    return re.sub(r"[ \t]+", " ", match[0]) if match else " = "


def _commas(text: str, value: Value) -> Iterator[str]:
    for entry, following in zip(value.entries, value.entries[1:], strict=False):
        between = text[entry.comma + 1 : following.start]
        if "\n" not in between:
            yield ", " if between else ","


def _units(text: str, value: Value) -> Iterator[str]:
    if value.kind == "array" and value.entries and has_lines(text, value):
        outer, inner = indent_at(text, value.start), indent_at(text, value.entries[0].start)
        if len(inner) > len(outer) and inner.startswith(outer):
            yield inner[len(outer) :]


def _trailing(text: str, value: Value) -> Iterator[bool]:
    if value.kind == "array" and value.entries and closes_alone(text, value):
        yield value.entries[-1].comma >= 0


def closes_alone(text: str, value: Value) -> bool:
    """Whether the closing bracket of an array or inline table begins its line."""
    after = value.entries[-1].end if value.entries else value.start
    return "\n" in text[after : value.end] and begins_line(text, value.end - 1)
