"""Where new statements and tables go, and how old ones go away."""

from __future__ import annotations

from itertools import takewhile
from typing import TYPE_CHECKING

from variantfix.toml.edits import BOM, cannot
from variantfix.toml.scanner import Block, Statement, line_end, line_start, scan_value
from variantfix.toml.style import dress, indent_at, keys_and_values, newline_of, statement_equals, style_at
from variantfix.toml.values import dotted

if TYPE_CHECKING:
    from collections.abc import Sequence

    from variantfix.toml.edits import KeyPath
    from variantfix.toml.layout import Layout


def add_statement(layout: Layout, at: KeyPath, toml: str) -> str:
    """The document with a new key, in its table where there is one, else in a new table."""
    parent = at[:-1]
    for block in layout.blocks:
        if block.path == parent:
            return _into_block(layout, block, at, toml)
    for length in range(len(parent), 0, -1):
        below = layout.under(parent[:length])
        inside = {id(statement) for block in below for statement in block.statements}
        dotted_keys = [s for s in layout.spelling(parent[:length]) if id(s) not in inside]
        if dotted_keys and (length == len(parent) or not below):
            return _after_statement(layout, dotted_keys[-1], at, toml)
        if below and length == len(parent):
            line = _statement_line(layout, None, at, at[-1:], toml)
            return _add_lines(layout, attached(layout, below[0]), [f"[{dotted(parent)}]", line])
        if below:
            break
    return add_table(layout, parent, [_statement_line(layout, None, at, at[-1:], toml)])


def _into_block(layout: Layout, block: Block, at: KeyPath, toml: str) -> str:
    if block.statements:
        return _after_statement(layout, block.statements[-1], at, toml)
    line = _statement_line(layout, block, at, at[-1:], toml)
    if block.path:
        return insert_lines(layout.text, _after_comments(layout, block), [line])
    headers = layout.blocks[1:]
    return _add_lines(layout, attached(layout, headers[0]) if headers else len(layout.text), [line])


def _after_statement(layout: Layout, last: Statement, at: KeyPath, toml: str) -> str:
    block = next(block for block in layout.blocks if last in block.statements)
    line = _statement_line(layout, block, at, at[len(block.path) :], toml)
    return insert_lines(layout.text, last.end, [line])


def _statement_line(layout: Layout, block: Block | None, at: KeyPath, keys: KeyPath, toml: str) -> str:
    indent = indent_at(layout.text, block.statements[-1].key) if block and block.statements else ""
    value = dress(toml, style_at(layout, at), indent)
    return f"{indent}{dotted(keys)}{statement_equals(layout, block)}{value}"


def add_table(layout: Layout, path: KeyPath, lines: Sequence[str], *, array: bool = False, above: str = "") -> str:
    """The document with a new table, a comment above it, after the last one that shares most of its path."""
    header = f"[[{dotted(path)}]]" if array else f"[{dotted(path)}]"
    comment = [f"# {above}"] if above else []
    for length in range(len(path), 0, -1):
        if near := layout.under(path[:length]):
            return _add_lines(layout, _after_block(layout, near[-1]), [*comment, header, *lines])
    return _add_lines(layout, len(layout.text), [*comment, header, *lines])


def append_table(layout: Layout, at: KeyPath, tables: Sequence[Block], toml: str, above: str = "") -> str:
    """The document with one more `[[table]]` after the last one and its sub-tables."""
    table = scan_value(toml)
    if table.kind != "table":
        raise cannot(at, "only a table can be added to an array of tables")
    last = layout.under(tables[-1].path)[-1]
    style, equals = style_at(layout, (*tables[-1].path, "")), statement_equals(layout, tables[-1])
    indent = indent_at(layout.text, tables[-1].key - 2)
    deeper = indent_at(layout.text, tables[-1].statements[-1].key) if tables[-1].statements else indent
    lines = [
        f"{deeper}{key}{equals}{dress(toml[value.start : value.end], style, deeper)}"
        for key, value in keys_and_values(toml, table)
    ]
    gap = blank_above(layout, tables[-1]) if _follows(layout, tables) else None
    place = _after_block(layout, last)
    comment = [f"{indent}# {above}"] if above else []
    return _add_lines(layout, place, [*comment, f"{indent}[[{dotted(at)}]]", *lines], gap=gap)


def new_array_of_tables(layout: Layout, at: KeyPath, toml: str, above: str = "") -> str:
    """The document with a first `[[table]]`."""
    style, equals = style_at(layout, (*at, "")), statement_equals(layout, None)
    lines = [
        f"{key}{equals}{dress(toml[value.start : value.end], style, '')}"
        for key, value in keys_and_values(toml, scan_value(toml))
    ]
    return add_table(layout, at, lines, array=True, above=above)


def _follows(layout: Layout, tables: Sequence[Block]) -> bool:
    """Whether the last of these tables stands right after the one before it."""
    before = layout.blocks[layout.blocks.index(tables[-1]) - 1]
    return len(tables) > 1 and before in layout.under(tables[-2].path)


def _after_block(layout: Layout, block: Block) -> int:
    """The offset after a block and the comments that belong to it."""
    return len(layout.text) if block is layout.blocks[-1] else _after_comments(layout, block)


def _after_comments(layout: Layout, block: Block) -> int:
    """The offset after a block's last statement and the comments right below it.

    Comments right above the next header belong to that.
    """
    place = block.core
    while layout.text[place : line_end(layout.text, place)].lstrip().startswith("#"):
        place = line_end(layout.text, place)
    following = next((b for b in layout.blocks if b.start >= place and b is not block), None)
    return block.core if following and following.start == place else place


def attached(layout: Layout, block: Block) -> int:
    """The offset of the comment lines right above a header, or of the header's line."""
    before = layout.blocks[layout.blocks.index(block) - 1]
    start = block.start
    while start > before.core:
        above = line_start(layout.text, start - 1)
        if not layout.text[above:start].lstrip().startswith("#"):
            break
        start = above
    return start


def blank_above(layout: Layout, block: Block) -> int:
    """How many blank lines set off a table from what is above it."""
    return _blank_lines_before(layout.text, attached(layout, block))


def _usual_gap(layout: Layout) -> int:
    """How many blank lines the document sets its tables off with: most often one."""
    gaps = [blank_above(layout, block) for block in layout.blocks[1:] if block.start > layout.blocks[0].start]
    some = [gap for gap in gaps if gap]
    if some:
        return min(max(some, key=some.count), 2)
    return 0 if len(gaps) > 1 else 1


def _add_lines(layout: Layout, place: int, lines: Sequence[str], *, gap: int | None = None) -> str:
    """The document with lines set off by blank lines."""
    text = layout.text
    gap = _usual_gap(layout) if gap is None else gap
    if text[:place].strip(f"{BOM} \t\r\n"):
        lines = [""] * (gap - _blank_lines_before(text, place)) + list(lines)
    rest = text[place:]
    if rest.strip():
        blank = rest[: len(rest) - len(rest.lstrip())].count("\n")
        lines = [*lines, *[""] * (gap - blank)]
    return insert_lines(text, place, lines)


def _blank_lines_before(text: str, place: int) -> int:
    lines = text[:place].removeprefix(BOM).split("\n")[-2::-1]
    return len(list(takewhile(lambda line: not line.strip(), lines)))


def insert_lines(text: str, place: int, lines: Sequence[str]) -> str:
    """The text with lines set in at the beginning of a line, or after the last one."""
    newline = newline_of(text)
    new = "".join(f"{line}{newline}" for line in lines)
    missing = newline if place == len(text) and text.strip(BOM) and not text.endswith("\n") else ""
    return text[:place] + missing + new + text[place:]


def block_spans(text: str, blocks: Sequence[Block]) -> list[tuple[int, int]]:
    """The lines of some blocks up to their last statements, with the blank lines that set them off."""
    spans: list[tuple[int, int]] = []
    for block in blocks:
        start = block.start
        if spans and not text[spans[-1][1] : start].strip():
            start, _ = spans.pop()
        spans.append((start, block.core))
    return [_with_blank_lines(text, start, end) for start, end in spans]


def _with_blank_lines(text: str, start: int, end: int) -> tuple[int, int]:
    """The span with as many blank lines below it as are above it, or with those above at the text's end."""
    blank = _blank_lines_before(text, start)
    for _ in range(blank if text[:start].strip(f"{BOM} \t\r\n") else len(text)):
        if end == len(text) or text[end : line_end(text, end)].strip():
            break
        end = line_end(text, end)
    if end == len(text):
        for _ in range(blank):
            start = line_start(text, start - 1)
    return start, end
