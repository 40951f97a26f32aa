"""What the proof lets pass, and what not."""

from __future__ import annotations

from typing import Any

import pytest
import tomlkit
from tomlkit.exceptions import TOMLKitError

from variantfix.errors import ProofError
from variantfix.toml import Append, Edit, Put, Remove, apply_to_data, prove

BEFORE = "[t]\na = [\n  1, # one\n  2,\n]\n# own\nb = nan\n"


@pytest.mark.parametrize(
    ("after", "edits"),
    [
        pytest.param(BEFORE, [], id="nothing"),
        pytest.param(BEFORE + "c = 3\n", [Put("f", ("t", "c"), "3")], id="new-key"),
        pytest.param("[t]\na = [\n  2,\n]\n# own\nb = nan\n", [Remove("f", ("t", "a", 0))], id="element-and-comment"),
    ],
)
def test_proved(after: str, edits: list[Edit]) -> None:
    prove(BEFORE, after, edits)


@pytest.mark.parametrize(
    ("after", "edits", "reason"),
    [
        pytest.param("[t\n", [], "is not TOML", id="not-toml"),
        pytest.param(BEFORE, [Put("f", ("t", "c"), "3")], "does not say", id="edit-not-done"),
        pytest.param(BEFORE.replace("2", "2.0"), [], "does not say", id="another-type"),
        pytest.param(BEFORE.replace("  2", "    2"), [], "line 4,", id="indentation-lost"),
        pytest.param(BEFORE.replace("\n", "\r\n"), [], "line 1,", id="line-ends-lost"),
        pytest.param(BEFORE.replace("# own\n", ""), [], "line 6,", id="comment-line-lost"),
        pytest.param("[t]\nb = nan\na = [\n  1, # one\n  2,\n]\n# own\n", [], "line 7,", id="order-lost"),
        pytest.param(
            "[t]\na = 1\n# own\nb = nan\n", [Put("f", ("t", "a"), "1")], "comment is lost: '# one'", id="inner-comment"
        ),
    ],
)
def test_refused(after: str, edits: list[Edit], reason: str) -> None:
    with pytest.raises(ProofError, match=reason):
        prove(BEFORE, after, edits)


@pytest.mark.parametrize("blind_before", [False, True])
def test_a_second_reader_has_to_agree(blind_before: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    after = BEFORE + "c = 3\n"
    read = tomlkit.parse

    def parse(text: str) -> tomlkit.TOMLDocument:
        return read("x = 1\n" if text == after or blind_before else text)

    monkeypatch.setattr(tomlkit, "parse", parse)
    if blind_before:  # what it could not read before says nothing
        prove(BEFORE, after, [Put("f", ("t", "c"), "3")])
    else:
        with pytest.raises(ProofError, match=r"^tomlkit does not read the rewritten text as tomllib does$"):
            prove(BEFORE, after, [Put("f", ("t", "c"), "3")])


@pytest.mark.parametrize("error", [TOMLKitError, RecursionError])
def test_a_second_reader_that_fails_late_could_not_read_before(
    error: type[Exception], monkeypatch: pytest.MonkeyPatch
) -> None:
    class Late:
        def unwrap(self) -> None:
            raise error

    monkeypatch.setattr("tomlkit.parse", lambda text: Late())
    prove("a = [1]\n", "a = [1, 2]\n", [Append("f", ("a",), "2")])


def test_a_comment_that_was_to_move_is_not_lost() -> None:
    before = 'a = [\n  "x",  # why\n]\nb = [\n  "y",\n]\n'
    edits: list[Edit] = [Append("f", ("b",), '"x"', like=("a", 0)), Remove("f", ("a", 0), moved=True)]
    after = 'a = [\n]\nb = [\n  "y",\n  "x",  # why\n]\n'
    prove(before, after, edits)
    with pytest.raises(ProofError, match="a comment is lost"):
        prove(before, after.replace("  # why", ""), edits)


@pytest.mark.parametrize(
    ("edit", "after"),
    [
        pytest.param(Put("f", ("x", "y"), "1"), {"a": [1], "t": {"k": 1}, "x": {"y": 1}}, id="put-makes-parents"),
        pytest.param(Put("f", ("a", 0), "2"), {"a": [2], "t": {"k": 1}}, id="put-element"),
        pytest.param(Append("f", ("a",), "2"), {"a": [1, 2], "t": {"k": 1}}, id="append"),
        pytest.param(Append("f", ("t",), "{}"), {"a": [1], "t": [{"k": 1}, {}]}, id="append-wraps-a-table"),
        pytest.param(Append("f", ("n",), "2"), {"a": [1], "t": {"k": 1}, "n": [2]}, id="append-to-nothing"),
        pytest.param(Remove("f", ("a", 0)), {"a": [], "t": {"k": 1}}, id="remove-element"),
        pytest.param(Remove("f", ("t",)), {"a": [1]}, id="remove-key"),
    ],
)
def test_edits_on_data(edit: Edit, after: dict[str, Any]) -> None:
    data: dict[str, Any] = {"a": [1], "t": {"k": 1}}
    assert apply_to_data(data, [edit]) == after
    assert data == {"a": [1], "t": {"k": 1}}


@pytest.mark.parametrize(
    "edit",
    [
        Put("f", ("a", "k"), "1"),
        Put("f", ("a", 1), "1"),
        Append("f", ("a", 0), "1"),
        Remove("f", ("b",)),
        Remove("f", ()),
    ],
)
def test_edits_that_data_does_not_allow(edit: Edit) -> None:
    with pytest.raises(ValueError, match="cannot edit"):
        apply_to_data({"a": [1]}, [edit])
