"""Edits inside one value: an array or an inline table, and what stands in it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from variantfix.toml.edits import cannot
from variantfix.toml.layout import Layout, scan
from variantfix.toml.scanner import Entry, Statement, Value, line_end, line_start
from variantfix.toml.style import (
    Style,
    begins_line,
    closes_alone,
    dress,
    has_lines,
    indent_at,
    newline_of,
    style_at,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

    from variantfix.toml.edits import KeyPath

WIDTH = 100
"""Columns that a value may take before it is put on several lines, where the choice is ours."""

Splice = tuple[int, int, str]
"""Two offsets and the text that takes the place of what is between them."""


def splice(text: str, splices: Iterable[Splice]) -> str:
    """The text with some spans replaced; they must not overlap."""
    for start, end, new in sorted(splices, reverse=True):
        text = text[:start] + new + text[end:]
    return text


def bare(key: str) -> str:
    """A key as a document spells it."""
    if re.fullmatch(r"[A-Za-z0-9_-]+", key):
        return key
    escaped = re.sub(r'[\\"\x00-\x1f\x7f]', lambda m: f"\\u{ord(m[0]):04x}", key)
    return f'"{escaped}"'


def dotted(keys: KeyPath) -> str:
    """A dotted key, the indices of arrays of tables left out."""
    return ".".join(bare(key) for key in keys if isinstance(key, str))


def descend(value: Value, rest: KeyPath) -> tuple[Value, KeyPath, tuple[Entry, ...]]:
    """Follow keys into a value as far as it goes.

    Returns the innermost container reached, the keys left from there, and the entries in it that spell or
    begin with these keys: none where they are absent, several where dotted keys share the beginning.
    """
    for entry in value.entries:
        deeper = rest[len(entry.keys) :]
        if deeper and entry.keys == rest[: len(entry.keys)]:
            return descend(entry.value, deeper)
    return value, rest, tuple(e for e in value.entries if e.keys[: len(rest)] == rest)


def append_element(layout: Layout, at: KeyPath, array: Value, toml: str) -> str:
    """The document with one element more in an array."""
    text = layout.text
    if not array.entries:
        return _append_first(text, array, toml, style_at(layout, at))
    last = array.entries[-1]
    style = style_at(layout, at, last.value, array)
    lines = has_lines(text, last.value) if last.value.kind == "array" and last.value.entries else None
    comma = "" if last.comma >= 0 else ","
    if closes_alone(text, array):
        indent = _element_indent(text, array, style)
        new = indent + dress(toml, style, indent, lines=lines) + ("," if not comma else "") + style.newline
        place = _after_last_line(text, array)
        return splice(text, [(last.end, last.end, comma), (place, place, new)])
    if begins_line(text, last.start):
        indent = indent_at(text, last.start)
        separator = f",{style.newline}{indent}"
    else:
        indent, separator = indent_at(text, array.start), style.comma
    return splice(text, [(last.end, last.end, separator + dress(toml, style, indent, lines=lines))])


def on_lines(layout: Layout, at: KeyPath, array: Value) -> str:
    """The document with a line for each element of an array that holds no comment."""
    style = style_at(layout, at, array)
    lines = dress(layout.text[array.start : array.end], style, indent_at(layout.text, array.start), lines=True)
    return splice(layout.text, [(array.start, array.end, lines)])


def outgrows(layout: Layout, at: KeyPath, added: int) -> bool:
    """Whether a key's array on one line, which is no longer than lines should be, gets so by some characters more."""
    statement = layout.statement(at)
    if statement is None or statement.path != at or statement.value.kind != "array":
        return False
    start, end = statement.value.start, statement.value.end
    column = end - line_start(layout.text, start)
    return line_end(layout.text, start) >= end and column <= WIDTH < column + added


def _append_first(text: str, array: Value, toml: str, style: Style) -> str:
    indent = indent_at(text, array.start)
    if "\n" in text[array.start : array.end]:
        deeper = indent_at(text, array.end - 1) + style.unit
        place = line_start(text, array.end - 1)
        new = deeper + dress(toml, style, deeper) + ("," if style.trailing else "") + style.newline
        return splice(text, [(place, place, new)])
    new = dress(f"[{toml}]", style, indent, lines=False)
    if "\n" in new or array.start - line_start(text, array.start) + len(new) > WIDTH:
        new = dress(f"[{toml}]", style, indent, lines=True)
    return splice(text, [(array.start, array.end, new)])


def _element_indent(text: str, array: Value, style: Style) -> str:
    for entry in reversed(array.entries):
        if begins_line(text, entry.start):
            return indent_at(text, entry.start)
    return indent_at(text, array.end - 1) + style.unit


def _after_last_line(text: str, array: Value) -> int:
    """The offset before the line of the closing bracket and before blank lines above it."""
    place = line_start(text, array.end - 1)
    while not text[line_start(text, place - 1) : place].strip():
        place = line_start(text, place - 1)
    return place


def wrap_table(layout: Layout, statement: Statement, at: KeyPath, table: Value, toml: str) -> str:
    """The document with an inline table made an array of itself and a new one."""
    text, style = layout.text, style_at(layout, at, table)
    indent = indent_at(text, table.start)
    old, new = text[table.start : table.end], dress(toml, style, indent)
    one_line = f"[{style.array_pad}{old}{style.comma}{new}{style.array_pad}]"
    column = table.start - line_start(text, table.start)
    nested = table is not statement.value
    if nested or not (_neighbours_have_lines(layout, statement) or column + len(one_line) > WIDTH):
        return splice(text, [(table.start, table.end, one_line)])
    deeper, comma = indent + style.unit, "," if style.trailing else ""
    several = style.newline.join(["[", f"{deeper}{old},", f"{deeper}{new}{comma}", f"{indent}]"])
    return splice(text, [(table.start, table.end, several)])


def _neighbours_have_lines(layout: Layout, statement: Statement) -> bool:
    parent = statement.path[:-1]
    values = (s.value for s in layout.statements if s.path[:-1] == parent)
    return any(v.kind == "array" and v.entries and has_lines(layout.text, v) for v in values)


def put_key(layout: Layout, at: KeyPath, table: Value, rest: KeyPath, toml: str) -> str:
    """The document with a new key, `rest`, in an inline table; missing parents become inline tables."""
    if table.kind != "table" or not all(isinstance(key, str) for key in rest):
        raise cannot(at, "the path is not there and cannot be made")
    text, style = layout.text, style_at(layout, at, table)
    length = max((_shared(entry.keys, rest) for entry in table.entries), default=0)
    keys = rest[: length + 1]
    for key in reversed(rest[length + 1 :]):
        toml = f"{{ {bare(str(key))} = {toml} }}"
    new = dotted(keys) + style.equals + dress(toml, style, indent_at(text, table.start))
    if not table.entries:
        return splice(text, [(table.start, table.end, f"{{{style.pad}{new}{style.pad}}}")])
    near = [entry for entry in table.entries if entry.keys[:length] == keys[:-1]][-1]
    separator = style.comma
    if begins_line(text, near.start):
        separator = "," + style.newline + indent_at(text, near.start)
    return splice(text, [(near.end, near.end, separator + new)])


def _shared(keys: KeyPath, rest: KeyPath) -> int:
    """How many keys two dotted keys have in common at their beginning."""
    length = 0
    while length < min(len(keys), len(rest)) and keys[length] == rest[length]:
        length += 1
    return length


def replace_value(layout: Layout, statement: Statement, at: KeyPath, value: Value, toml: str) -> str:
    """The document with a value replaced; comments inside the old one are set above its statement."""
    text, style = layout.text, style_at(layout, at)
    first, last = layout.line_at(value.start), layout.line_at(value.end)
    indent, newline = indent_at(text, statement.key), newline_of(text)
    kept = "".join(f"{indent}{comment}{newline}" for line, comment in layout.comments() if first <= line < last)
    new = dress(toml, style, indent_at(text, value.start))
    return splice(text, [(value.start, value.end, new), (statement.start, statement.start, kept)])


def comment_behind(layout: Layout, at: KeyPath) -> str:
    """The comment behind an array's element that has its lines to itself; empty where there is none."""
    statement, array, entry = _element(layout, at)
    if statement is None or entry is None or not _stands_alone(layout.text, array, entry):
        return ""
    end = _entry_end(entry)
    return layout.text[end : line_end(layout.text, end)].strip()


def set_comment(layout: Layout, at: KeyPath, comment: str) -> str:
    """The document with a comment behind an array's element, or above it where one is there.

    An array on one line gets a line for each element; in one whose lines are shared it goes above the statement.
    """
    text, (statement, array, entry) = layout.text, _element(layout, at)
    if statement is None or entry is None:
        return text
    if not _stands_alone(text, array, entry):
        if "\n" in text[array.start : array.end]:
            place = statement.start
            new = f"{indent_at(text, statement.key)}{comment}{newline_of(text)}"
            return splice(text, [(place, place, new)])
        return set_comment(scan(on_lines(layout, at, array)), at, comment)
    end = _entry_end(entry)
    if text[end : line_end(text, end)].strip():
        place = line_start(text, entry.start)
        return splice(text, [(place, place, f"{indent_at(text, entry.start)}{comment}{newline_of(text)}")])
    return splice(text, [(end, end, f"  {comment}")])


def _element(layout: Layout, at: KeyPath) -> tuple[Statement | None, Value, Entry | None]:
    """The statement, the array and the entry of the element at a path."""
    statement = layout.statement(at)
    if statement is None or statement.path == at or not isinstance(at[-1], int):
        return None, Value("", 0, 0, "array"), None
    array, rest, entries = descend(statement.value, at[len(statement.path) :])
    return statement, array, next((entry for entry in entries if entry.keys == rest), None)


def remove_entry(text: str, holder: Value, entry: Entry, *, moved: bool = False) -> str:
    """The document without one element of an array, or one key of an inline table.

    A comment behind an element that has its lines to itself stays, on a line of its own, unless it was `moved`.
    """
    number = holder.entries.index(entry)
    following = holder.entries[number + 1] if number + 1 < len(holder.entries) else None
    previous = holder.entries[number - 1] if number else None
    end = _entry_end(entry)
    if _stands_alone(text, holder, entry):
        start, behind = line_start(text, entry.start), text[end : line_end(text, end)]
        kept = text[start : entry.start] + behind.lstrip(" \t") if behind.strip() and not moved else ""
        splices = [(start, line_end(text, end), kept)]
        if previous and not following and entry.comma < 0:
            splices.append((previous.comma, previous.comma + 1, ""))
        return splice(text, splices)
    if following and "\n" not in text[entry.end : following.start]:
        return splice(text, [(entry.start, following.start, "")])
    if previous and not following and not text[previous.end : entry.start].strip(", \t\r\n"):
        return splice(text, [(previous.end, entry.end, "")])
    around = text[holder.start + 1 : entry.start] + text[entry.end : holder.end - 1]
    if not previous and not around.strip(", \t\r\n"):
        return splice(text, [(holder.start + 1, holder.end - 1, "")])
    return _cut_out(text, entry, None if following else previous)


def _entry_end(entry: Entry) -> int:
    """The offset after an entry and its comma."""
    return max(entry.end, entry.comma + 1)


def _cut_out(text: str, entry: Entry, previous: Entry | None) -> str:
    """Without the entry and one comma: its own, else that of the previous entry."""
    blank = 0 if begins_line(text, entry.start) else len(text[: entry.start]) - len(text[: entry.start].rstrip(" \t"))
    splices = [(entry.start - blank, entry.end, "")]
    comma = entry.comma if entry.comma >= 0 or previous is None else previous.comma
    return splice(text, [*splices, (comma, comma + 1, "")] if comma >= 0 else splices)


def _stands_alone(text: str, holder: Value, entry: Entry) -> bool:
    """Whether its lines hold nothing but the entry, its comma and a comment."""
    end = _entry_end(entry)
    after = text[end : line_end(text, end)].strip()
    return (
        begins_line(text, entry.start)
        and holder.end > line_end(text, end)
        and after[:1] in ("", "#")
        and not text[entry.end : end].strip(" \t,")
    )
