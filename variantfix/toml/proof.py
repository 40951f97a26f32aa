"""The proof of a rewrite: it did what its edits say, and nothing else.

It looks at the two texts and the edits alone, not at how the rewrite was done.
"""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING, Any

from variantfix.errors import ProofError
from variantfix.toml.edits import BOM, Append, Edited, Remove, apply_to_data, loads, same, value_at, value_of
from variantfix.toml.layout import Layout, scan
from variantfix.toml.style import newline_of
from variantfix.toml.values import descend

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from variantfix.toml.edits import Edit, KeyPath
    from variantfix.toml.scanner import Entry, Value


def prove(before: str, after: str, edits: Sequence[Edit]) -> None:
    """Raise ProofError, with the reason in one line, unless `after` is `before` with the edits done.

    It parses to the data with the same edits done, also for tomlkit, by which other tools edit such files; every
    line that no edit names is there, in order; and so is every comment that did not stand on a line of what was
    removed for good.
    """
    try:
        data = loads(after)
    except ValueError as error:
        raise ProofError(f"the rewritten text is not TOML: {error}") from error
    old = loads(before)
    if not same(data, apply_to_data(old, edits)):
        raise ProofError("the rewritten text does not say what the edits say")
    _prove_second_reading(before, after, data)
    layout = scan(before)
    meant = tuple(_meant(old, edits))
    _prove_lines(before, after, {line for edit in meant for line in _named(layout, edit, len(edits))})
    _prove_comments(layout, after, {line for edit in meant for line in _removed(layout, edit)})


def _prove_second_reading(before: str, after: str, data: dict[str, Any]) -> None:
    """A second, independent reader sees the same; what tomlkit could not read before is let be."""
    if _tomlkit_reads(after, data) or not _tomlkit_reads(before, loads(before)):
        return
    raise ProofError("tomlkit does not read the rewritten text as tomllib does")


def _tomlkit_reads(text: str, data: dict[str, Any]) -> bool:
    import tomlkit
    from tomlkit.exceptions import TOMLKitError

    try:
        read = tomlkit.parse(text.removeprefix(BOM)).unwrap()
    except (TOMLKitError, RecursionError):  # some versions refuse scattered tables only when these are looked at
        return False
    return same(read, data)


def _prove_lines(before: str, after: str, touched: set[int]) -> None:
    """Every untouched line of the one is in the other, in order."""
    newline = newline_of(before)
    old, left = _lines(before, newline), _lines(after, newline)
    new = iter(enumerate(left, 1))
    loose = touched | _blank_beside(old, touched)
    for number, line in enumerate(old, 1):
        if number in loose:
            continue
        # The line that was the last, and the one that is the last, have no ending of their own that counts.
        if not any(
            other == line or ((len(old) == number or len(left) == place) and other.rstrip() == line.rstrip())
            for place, other in new
        ):
            raise ProofError(f"line {number}, which no edit names, is lost: {line.strip()!r}")


def _blank_beside(lines: Sequence[str], touched: set[int]) -> set[int]:
    """The blank lines next to touched ones: what sets a table off goes with it."""
    blank: set[int] = set()
    for order in (range(1, len(lines) + 1), range(len(lines), 0, -1)):
        loose = False
        for number in order:
            loose = number in touched or (loose and not lines[number - 1].strip())
            if loose:
                blank.add(number)
    return blank


def _lines(text: str, newline: str) -> list[str]:
    """The lines of a text with their endings; the last that is not blank may gain or lose its own."""
    text = text.removeprefix(BOM).rstrip()
    return re.findall(r"[^\n]*\n", text + newline) if text else []


def _prove_comments(layout: Layout, after: str, removed: set[int]) -> None:
    kept = Counter(text for line, text in layout.comments() if line not in removed)
    lost = kept - Counter(text for _, text in scan(after).comments())
    if lost:
        raise ProofError(f"a comment is lost: {next(iter(lost))!r}")


def _meant(data: dict[str, Any], edits: Sequence[Edit]) -> Iterator[Edit]:
    """The edits with the paths that they have in the first text, before earlier ones shifted any index."""
    moves: list[Edit] = []
    edited = Edited(data)
    for edit in edits:
        at = edit.at
        for earlier in reversed(moves):
            at = _moved_back(at, earlier)
        yield edit._replace(at=at)
        if isinstance(edit, Remove) or isinstance(value_at(edited.data, edit.at), dict):
            moves.append(edit)
        edited.do(edit)


def _moved_back(at: KeyPath, earlier: Edit) -> KeyPath:
    """A path as it was before an element was removed, or a lone table became the first of an array."""
    match earlier:
        case Append(at=table) if at[: len(table) + 1] == (*table, 0):
            return (*table, *at[len(table) + 1 :])
        case Remove(at=(*holder, int(gone))) if at[: len(holder)] == tuple(holder) and len(at) > len(holder):
            index = at[len(holder)]
            if isinstance(index, int) and index >= gone:
                return (*holder, index + 1, *at[len(holder) + 1 :])
    return at


def _named(layout: Layout, edit: Edit, reach: int) -> Iterator[int]:
    """The lines of the innermost value or statement that an edit names.

    `reach` is how many elements before a removed one may have become the last, and lost their comma.
    """
    statement = layout.statement(edit.at)
    if statement is None:
        yield from _named_tables(layout, edit)
        return
    value = statement.value
    if edit.at != statement.path:
        holder, rest, entries = descend(value, edit.at[len(statement.path) :])
        if isinstance(edit, Remove) or [entry.keys for entry in entries] != [rest]:
            yield from _named_entries(layout, holder, entries, reach)
            return
        value = entries[0].value
    if isinstance(edit, Append) and value.kind == "array":
        yield from _named_entries(layout, value, (), reach)
    else:
        yield from _span(layout, statement.key if edit.at == statement.path else value.start, value.end)


def _named_entries(layout: Layout, holder: Value, entries: tuple[Entry, ...], reach: int) -> Iterator[int]:
    """The lines of some entries and of the ends of those before them; of the last ones if none is given."""
    for entry in entries:
        yield from _span(layout, entry.start, max(entry.end, entry.comma))
    number = holder.entries.index(entries[0]) if entries else len(holder.entries)
    if entries and len(holder.entries) <= reach:  # empty, its brackets may stand on one line
        yield layout.line_at(holder.start)
    for entry in holder.entries[max(0, number - reach) : number]:
        yield from _span(layout, entry.end, max(entry.end, entry.comma))
    if number + len(entries) >= len(holder.entries):
        yield layout.line_at(holder.end - 1)


def _named_tables(layout: Layout, edit: Edit) -> Iterator[int]:
    """The lines of the statements and headers that spell a table."""
    for statement in layout.spelling(edit.at):
        yield from _span(layout, statement.key, statement.value.end)
    ends = [*(block.start for block in layout.blocks[1:]), len(layout.text) + 1]
    for block in layout.under(edit.at):
        if not isinstance(edit, Append) or (block.is_array and not isinstance(value_of(edit.toml), dict)):
            end = ends[ends.index(block.start) + 1]
            yield from range(layout.line_at(block.start), layout.line_at(end - 1) + 1)
        elif block.path == edit.at:
            yield layout.line_at(block.start)


def _removed(layout: Layout, edit: Edit) -> Iterator[int]:
    """The lines of what an edit takes away: a Remove, or a Put in place of a table that several keys spell.

    What was moved elsewhere is not taken away.
    """
    if isinstance(edit, Append) or (isinstance(edit, Remove) and edit.moved):
        return
    statement = layout.statement(edit.at)
    is_spread = statement is None
    if statement is not None and edit.at != statement.path:
        _, rest, entries = descend(statement.value, edit.at[len(statement.path) :])
        is_spread = any(entry.keys != rest for entry in entries)
    if is_spread or isinstance(edit, Remove):
        yield from _named(layout, edit, 0)


def _span(layout: Layout, start: int, end: int) -> range:
    return range(layout.line_at(start), layout.line_at(end) + 1)
