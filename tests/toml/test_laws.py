"""Laws that hold for any document and any edits."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hypothesis import HealthCheck, given, reject, settings
from hypothesis import strategies as st

from tests.toml.documents import arrays_with_gaps, documents, edits_on, paths, shown
from variantfix.toml import Append, Remove, apply, apply_to_data, loads, prove, scan

if TYPE_CHECKING:
    from variantfix.toml import Edit
    from variantfix.toml.layout import Layout
    from variantfix.toml.scanner import Value

_MANY = settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))


_REFUSED = (
    "cannot become something else",
    "added to an array of tables",
    "of tables with comments",
    "stands above its table",
)
"""Edits that mean something on data, but would need a table to be spelt in another way."""


@_MANY
@given(st.data())
def test_edits_are_proved(data: st.DataObject) -> None:
    before = data.draw(documents())
    edits = data.draw(edits_on(before))
    try:
        after = apply(before, edits)
    except ValueError as error:
        if str(error).endswith(_REFUSED):
            reject()
        raise
    prove(before, after, edits)
    assert shown(loads(after)) == shown(apply_to_data(loads(before), edits))


@_MANY
@given(
    arrays_with_gaps(),
    arrays_with_gaps(),
    st.integers(0, 2),
    st.sampled_from(["remove", "remove all", "move", "append"]),
)
def test_elements_come_and_go_wherever_commas_and_comments_stand(
    source: str, target: str, number: int, how: str
) -> None:
    before = f"a = {source} # a\nb = {target.replace('#', '##')}\nc = 1\n"
    count = len(loads(before)["a"])
    place = ("a", number % max(count, 1))
    edits: dict[str, list[Edit]] = {
        "append": [Append("f", ("a",), '{ extra = "cpu" }')],
        "remove": [Remove("f", place)],
        "remove all": [Remove("f", ("a", 0))] * count,
        "move": [Append("f", ("b",), '"new"', like=place), Remove("f", place, moved=True)],
    }
    if not count and how != "append":
        reject()
    after = apply(before, edits[how])
    prove(before, after, edits[how])


@_MANY
@given(documents())
def test_no_edit_changes_nothing(text: str) -> None:
    assert apply(text, ()) == text


@_MANY
@given(documents())
def test_every_span_reads_as_its_value(text: str) -> None:
    layout, data = scan(text), loads(text)
    for statement in layout.statements:
        _check_spans(layout, data, statement.path, statement.value)


def _check_spans(layout: Layout, data: dict[str, Any], path: tuple[str | int, ...], value: Value) -> None:
    found: Any = data
    for key in path:
        found = found[key]
    assert shown(loads(f"v = {layout.text[value.start : value.end]}\n")) == shown({"v": found})
    for entry in value.entries:
        _check_spans(layout, data, path + entry.keys, entry.value)


@_MANY
@given(documents())
def test_every_path_stands_somewhere(text: str) -> None:
    layout = scan(text)
    assert [path for path in paths(loads(text)) if not layout.has(path)] == []
