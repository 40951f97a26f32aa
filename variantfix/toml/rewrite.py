"""Edits on a document's text: every byte that no edit names stays what it is."""

from __future__ import annotations

from itertools import count
from typing import TYPE_CHECKING

from variantfix.toml.edits import BOM, Append, Put, Remove, cannot, same, value_of
from variantfix.toml.layout import Layout, scan
from variantfix.toml.place import (
    add_statement,
    add_table,
    append_table,
    attached,
    block_spans,
    new_array_of_tables,
)
from variantfix.toml.scanner import Block, Statement, Value, scan_value
from variantfix.toml.style import dress, forget, indent_at, newline_of, statement_equals, style_at
from variantfix.toml.values import (
    append_element,
    comment_behind,
    descend,
    dotted,
    on_lines,
    outgrows,
    put_key,
    remove_entry,
    replace_value,
    set_comment,
    splice,
    wrap_table,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from variantfix.toml.edits import Edit, KeyPath


def apply(text: str, edits: Sequence[Edit], *, wrap: bool = True) -> str:
    """The document with the edits done in order; each path is one of the state that the edits before it left.

    With `wrap` an array on one line that gets too long by a new element has a line for each.
    Raises ValueError for an edit that cannot be carried out, or a value that is not TOML.
    """
    try:
        for edit in edits:
            text = _after(text, edit, wrap=wrap)
    finally:
        forget()
    return text


def _after(text: str, edit: Edit, *, wrap: bool) -> str:
    layout = scan(text)
    after = _done(layout, edit)
    if wrap and isinstance(edit, Append) and outgrows(layout, edit.at, len(after) - len(text)):
        after = _wrapped(scan(after), edit.at)
    if not isinstance(edit, Remove) and (comment := comment_behind(layout, edit.like)):
        after = _with_comment(scan(after), edit, comment)
    if text.strip(BOM) and not text.endswith("\n"):  # a missing final line ending stays missing
        after = after.removesuffix("\n").removesuffix("\r")
    return after


def _done(layout: Layout, edit: Edit) -> str:
    if not edit.at:
        raise cannot(edit.at, "an edit needs a path")
    match edit:
        case Put(at=at, toml=toml):
            value_of(toml)
            return _put(layout, at, toml)
        case Append(at=at, toml=toml):
            value_of(toml)
            return _append(layout, at, toml, edit.above)
        case Remove(at=at):
            return _remove(layout, at, moved=edit.moved)


def _wrapped(layout: Layout, at: KeyPath) -> str:
    statement = layout.statement(at)
    return on_lines(layout, at, statement.value) if statement else layout.text


def _with_comment(layout: Layout, edit: Put | Append, comment: str) -> str:
    """The comment of what moved, behind the element that an edit wrote."""
    last = next(n for n in count(0) if not layout.has((*edit.at, n + 1)))
    return set_comment(layout, edit.at if isinstance(edit, Put) else (*edit.at, last), comment)


def _put(layout: Layout, at: KeyPath, toml: str) -> str:
    statement = layout.statement(at)
    if statement is not None:
        return _put_inside(layout, statement, at, toml)
    if layout.under(at):
        _check_not_element(at)
        return _put(scan(_cut(layout, at)), at, toml)
    if parts := layout.spelling(at):
        return _respell(layout, at, parts, toml)
    _check_path(layout, at)
    items = scan_value(toml).entries
    if items and all(item.value.kind == "table" for item in items) and _siblings_are_arrays_of_tables(layout, at[:-1]):
        text = layout.text
        for item in items:
            text = _append(scan(text), at, toml[item.start : item.end])
        return text
    return add_statement(layout, at, toml)


def _siblings_are_arrays_of_tables(layout: Layout, parent: KeyPath) -> bool:
    """Whether a table is spelt by nothing but the `[[…]]` of what is in it; a header for it would stand out."""
    blocks = layout.under(parent)
    inside = {id(statement) for block in blocks for statement in block.statements}
    return (
        bool(blocks)
        and all(len(block.path) > len(parent) + 1 and isinstance(block.path[len(parent) + 1], int) for block in blocks)
        and all(id(statement) in inside for statement in layout.spelling(parent))
    )


def _put_inside(layout: Layout, statement: Statement, at: KeyPath, toml: str) -> str:
    if at == statement.path:
        return _replace(layout, statement, at, statement.value, toml)
    holder, rest, entries = descend(statement.value, at[len(statement.path) :])
    if len(entries) == 1 and entries[0].keys == rest:
        return _replace(layout, statement, at, entries[0].value, toml)
    if entries:
        return _put(scan(_cut(layout, at)), at, toml)
    return put_key(layout, at, holder, rest, toml)


def _replace(layout: Layout, statement: Statement, at: KeyPath, value: Value, toml: str) -> str:
    if same(value_of(layout.text[value.start : value.end]), value_of(toml)):
        return layout.text
    return replace_value(layout, statement, at, value, toml)


def _check_path(layout: Layout, at: KeyPath) -> None:
    """Raise ValueError where a path does not fit the arrays of tables on its way."""
    for length in range(1, len(at)):
        below = {type(block.path[length]) for block in layout.under(at[:length]) if len(block.path) > length}
        indexed = isinstance(at[length], int) or int in below
        if indexed and not layout.under(at[: length + 1]):
            raise cannot(at, f"{at[length]} is not there")
    if isinstance(at[0], int):
        raise cannot(at, "a path begins with a key")


def _check_not_element(at: KeyPath) -> None:
    if isinstance(at[-1], int):
        raise cannot(at, "a table of an array of tables cannot become something else")


def _append(layout: Layout, at: KeyPath, toml: str, above: str = "") -> str:
    statement = layout.statement(at)
    if statement is not None:
        return _append_inside(layout, statement, at, toml)
    if below := layout.under(at):
        if tables := [b for b in below if b.is_array and b.path[:-1] == at]:
            if scan_value(toml).kind != "table":
                return _put(scan(_cut(layout, at)), at, f"[{', '.join((*_inlined(layout, at, below), toml))}]")
            return append_table(layout, at, tables, toml, above)
        _check_not_element(at)
        return _append(scan(_header_to_array(layout, at)), at, toml)
    if parts := layout.spelling(at):
        old = _inline(layout, [(s.path[len(at) :], s.value) for s in parts])
        return _respell(layout, at, parts, f"[{old}, {toml}]")
    _check_path(layout, at)
    if scan_value(toml).kind == "table":
        return new_array_of_tables(layout, at, toml, above)
    return add_statement(layout, at, f"[{toml}]")


def _append_inside(layout: Layout, statement: Statement, at: KeyPath, toml: str) -> str:
    value = statement.value
    if at != statement.path:
        holder, rest, entries = descend(value, at[len(statement.path) :])
        if not entries:
            return put_key(layout, at, holder, rest, f"[{toml}]")
        if entries[0].keys != rest:
            old = _inline(layout, [(e.keys[len(rest) :], e.value) for e in entries])
            return _put(scan(_cut(layout, at)), at, f"[{old}, {toml}]")
        value = entries[0].value
    if value.kind == "array":
        return append_element(layout, at, value, toml)
    if value.kind == "table":
        return wrap_table(layout, statement, at, value, toml)
    raise cannot(at, "neither an array nor a table")


def _inlined(layout: Layout, at: KeyPath, blocks: Sequence[Block]) -> Iterator[str]:
    """The tables of an array of tables as inline ones. Raises ValueError where they have sub-tables or comments."""
    for block in blocks:
        lines = range(layout.line_at(block.start), layout.line_at(block.core - 1) + 1)
        if any(line in lines for line, _ in layout.comments()):
            raise cannot(at, "only a table can be added to an array of tables with comments")
        if block.path[:-1] != at:
            raise cannot(at, "only a table can be added to an array of tables")
        yield _inline(layout, [(s.path[len(block.path) :], s.value) for s in block.statements])


def _inline(layout: Layout, pairs: Iterable[tuple[KeyPath, Value]]) -> str:
    """The inline table of some keys and values."""
    return f"{{ {', '.join(f'{dotted(keys)} = {layout.text[v.start : v.end]}' for keys, v in pairs)} }}"


def _respell(layout: Layout, at: KeyPath, parts: Sequence[Statement], toml: str) -> str:
    """A table that dotted keys spell becomes one statement; the comments on its lines go above it."""
    text, newline = layout.text, newline_of(layout.text)
    block = next(block for block in layout.blocks if parts[0] in block.statements)
    indent = indent_at(text, parts[0].key)
    spans = [range(layout.line_at(s.key), layout.line_at(s.value.end) + 1) for s in parts]
    comments = [comment for line, comment in layout.comments() if any(line in span for span in spans)]
    value = dress(toml, style_at(layout, at), indent)
    statement = dotted(at[len(block.path) :]) + statement_equals(layout, block) + value
    new = "".join(f"{indent}{line}{newline}" for line in (*comments, statement))
    first, *others = parts
    return splice(text, [(first.start, first.end, new), *((s.start, s.end, "") for s in others)])


def _header_to_array(layout: Layout, at: KeyPath) -> str:
    """The document with a table's header made that of an array of tables."""
    first = layout.under(at)[0]
    if first.path == at:
        return splice(layout.text, [(first.key, first.key, "["), (first.close, first.close, "]")])
    if any(block.path == at for block in layout.under(at)):
        raise cannot(at, "a sub-table stands above its table")
    # Dotted keys that spell the table, too, become its own.
    inside = {id(statement) for block in layout.under(at) for statement in block.statements}
    alone = [statement for statement in layout.spelling(at) if id(statement) not in inside]
    text, place = layout.text, attached(layout, first)
    own = [f"{dotted(s.path[len(at) :])} = {text[s.value.start : s.end].rstrip()}" for s in alone]
    head = "".join(f"{line}{newline_of(text)}" for line in (f"[[{dotted(at)}]]", *own))
    return splice(text, [*((s.start, s.end, "") for s in alone), (place, place, head)])


def _remove(layout: Layout, at: KeyPath, *, moved: bool) -> str:
    text = _cut(layout, at, moved=moved)
    after, parent = scan(text), at[:-1]
    if not parent or after.has(parent):
        return text
    if isinstance(at[-1], int):
        return _put(after, parent, "[]")
    return _put(after, parent, "{}") if after.statement(parent) else add_table(after, parent, [])


def _cut(layout: Layout, at: KeyPath, *, moved: bool = False) -> str:
    """The document without what a path names; a comment behind a lone key stays, on a line of its own."""
    statement = layout.statement(at)
    if statement is not None and statement.path != at:
        return _cut_inside(layout, statement, at, moved=moved)
    blocks = layout.under(at)
    inside = {id(s) for block in blocks for s in block.statements}
    alone = [s for s in layout.spelling(at) if id(s) not in inside]
    if not blocks and not alone:
        raise cannot(at, "it is not there")
    tables = [(start, end, "") for start, end in block_spans(layout.text, blocks)]
    return splice(layout.text, [*tables, *((s.start, s.end, _behind(layout.text, s)) for s in alone)])


def _behind(text: str, statement: Statement) -> str:
    """The comment behind a statement as a line of its own; nothing where there is none."""
    comment = text[statement.value.end : statement.end].lstrip(" \t")
    return text[statement.start : statement.key] + comment if comment.startswith("#") else ""


def _cut_inside(layout: Layout, statement: Statement, at: KeyPath, *, moved: bool) -> str:
    holder, _, entries = descend(statement.value, at[len(statement.path) :])
    if not entries:
        raise cannot(at, "it is not there")
    text = remove_entry(layout.text, holder, entries[-1], moved=moved)
    return text if len(entries) == 1 else _cut(scan(text), at)
