"""From what was named to units of work."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tests.migrate.fleet import CLEAN
from tests.migrate.test_folders import write
from variantfix.errors import InputError
from variantfix.migrate.sources import read_names, units
from variantfix.migrate.unit import Unit

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_a_folder_means_every_project_below_it(here: Path) -> None:
    write(here, {"all/a/pyproject.toml": CLEAN, "all/b/pyproject.toml": CLEAN})
    top = str(here / "all")
    assert list(units(["all"])) == [Unit("all/a", "folder", top, "a"), Unit("all/b", "folder", top, "b")]


def test_a_file_means_its_folder(here: Path) -> None:
    write(here, {"a/pyproject.toml": CLEAN})
    assert list(units(["a/pyproject.toml"])) == [Unit("a/pyproject.toml", "folder", str(here / "a"))]


def test_what_does_not_exist_is_a_unit_that_will_fail(here: Path) -> None:
    assert list(units(["gone"])) == [Unit("gone", "folder", str(here / "gone"))]


@pytest.mark.parametrize(
    ("url", "name"),
    [
        ("https://example.com/a/b.git", "https://example.com/a/b.git"),
        ("https://me:secret@example.com/a/b", "https://***@example.com/a/b"),
        ("ssh://git@example.com/a/b", "ssh://***@example.com/a/b"),
        ("git@example.com:a/b.git", "git@example.com:a/b.git"),
    ],
)
def test_a_url_keeps_its_credentials_to_itself(url: str, name: str) -> None:
    assert list(units([url])) == [Unit(name, "git", url)]


def test_a_bare_repository_is_cloned_like_a_url(here: Path) -> None:
    write(here, {"a b.git/HEAD": "", "a b.git/objects/x": "", "a b.git/refs/x": ""})
    assert list(units(["a b.git"])) == [Unit("a b.git", "git", (here / "a%20b.git").as_uri().replace("%25", "%"))]


def test_a_list_has_a_branch_and_a_path_and_comments(here: Path) -> None:
    write(
        here, {"lists/x.txt": "# all\n\nhttps://e.com/a\nhttps://e.com/b v1  # why\nhttps://e.com/c 'main' sub/dir/\n"}
    )
    assert list(units(["@lists/x.txt"])) == [
        Unit("https://e.com/a", "git", "https://e.com/a"),
        Unit("https://e.com/b@v1", "git", "https://e.com/b", "", "v1"),
        Unit("https://e.com/c@main#sub/dir", "git", "https://e.com/c", "sub/dir", "main"),
    ]


def test_a_list_of_json_lines(here: Path) -> None:
    entries = [{"source": "https://e.com/a"}, {"source": "https://e.com/b", "branch": "v1", "path": "sub"}]
    write(here, {"x.jsonl": "\n\n".join(map(json.dumps, entries))})
    assert list(units(["@x.jsonl"])) == [
        Unit("https://e.com/a", "git", "https://e.com/a"),
        Unit("https://e.com/b@v1#sub", "git", "https://e.com/b", "sub", "v1"),
    ]


def test_a_folder_in_a_list_is_relative_to_the_list(here: Path) -> None:
    write(here, {"lists/x.txt": "a\n../b\n", "lists/a/pyproject.toml": CLEAN, "b/pyproject.toml": CLEAN})
    assert [(unit.name, unit.location) for unit in units(["@lists/x.txt"])] == [
        ("lists/a", str(here / "lists" / "a")),
        ("lists/../b", str(here / "b")),
    ]


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("x.txt", "a b c d\n", "x.txt:1: more than a source, a branch and a path (quote names that hold blanks)"),
        ("x.txt", "ok\n'a\n", "x.txt:2: no closing quotation (quote names that hold a quotation mark)"),
        ("x.txt", "ok\n" + "a" * 10_001, "x.txt:2: longer than 10000 characters"),
        ("x.txt", "a\0b\n", r"x.txt:1: not a name that a file or a branch can have: 'a\x00b'"),
        ("x.txt", "r.git main ../..\n", "x.txt:1: the path ../.. leads out of its source (name a folder below it)"),
        ("x.txt", "r.git main 'a\\..\\..'\n", "x.txt:1: the path a\\..\\.. leads out of its source"),
        ("x.txt", "''\n", "x.txt:1: a source without a name (`.` is the list's folder)"),
        ("x.jsonl", '{"source": "a", "path": "x/../../y"}', "x.jsonl:1: the path x/../../y leads out of its source"),
        ("x.jsonl", '{"source": "a", "branch": "\\ud800"}', "x.jsonl:1: not a name that a file or a branch can have"),
        ("x.jsonl", '{"source": "a", "path": "\\u0000"}', "x.jsonl:1: not a name that a file or a branch can have"),
        ("x.jsonl", '{"source": ["a"]}', "x.jsonl:1: source: not a string"),
        ("x.jsonl", '{"source": "a", "branch": 7}', "x.jsonl:1: branch: not a string"),
        ("x.jsonl", '{"source": null}', "x.jsonl:1: a source without a name"),
        ("x.jsonl", "[" * 9_000, "x.jsonl:1: not JSON: nested too deep"),
        ("x.txt", "folder main\n", "x.txt:1: a branch was named for a folder: folder (name the repository: file:///…)"),
        (
            "x.jsonl",
            "{\n",
            "x.jsonl:1: not JSON: Expecting property name enclosed in double quotes: line 1 column 2 (char 1)",
        ),
        ("x.jsonl", '{"url": "a"}\n', "x.jsonl:1: not an object with source, and perhaps branch and path"),
        ("x.jsonl", "[]\n", "x.jsonl:1: not an object with source, and perhaps branch and path"),
    ],
)
def test_a_broken_list_is_refused_with_its_line(name: str, text: str, message: str, here: Path) -> None:
    write(here, {name: text})
    with pytest.raises(InputError) as caught:
        list(units([f"@{name}"]))
    assert str(caught.value).startswith(message.partition(": Expecting")[0])


def test_a_list_may_begin_with_the_mark_of_an_editor(here: Path) -> None:
    (here / "x.txt").write_bytes(b"\xef\xbb\xbfhttps://e.com/a\r\nhttps://e.com/b\r\n")
    (here / "x.jsonl").write_bytes(b'\xef\xbb\xbf{"source": "https://e.com/a"}\r\n')
    assert [unit.location for unit in units(["@x.txt", "@x.jsonl"])] == [
        "https://e.com/a",
        "https://e.com/b",
        "https://e.com/a",
    ]
    assert read_names("@x.txt") == {"https://e.com/a", "https://e.com/b"}


def test_a_name_that_is_empty_is_not_the_current_folder(here: Path) -> None:
    write(here, {"pyproject.toml": CLEAN})
    with pytest.raises(InputError, match="a source without a name"):
        list(units([""]))


def test_limit_and_only_take_some(here: Path) -> None:
    write(here, {f"{name}/pyproject.toml": CLEAN for name in "abcd"})
    write(here, {"accepted.txt": "b\nd\n"})
    named = [unit.name for unit in units(["."], only=read_names("@accepted.txt"))]
    assert named == ["b", "d"]
    assert [unit.name for unit in units(["."], limit=3)] == ["a", "b", "c"]
    assert [unit.name for unit in units(["."], limit=1, only=frozenset("bd"))] == ["b"]
    assert read_names("b") == {"b"}


def test_a_data_set_has_a_unit_a_row(here: Path) -> None:
    rows = [{"repo": "a/b", "path": "pyproject.toml", "content": CLEAN}, {"id": 7, "content": None}]
    write(here, {"x.jsonl": "".join(json.dumps(row) + "\n" for row in rows)})
    assert list(units(["x.jsonl"], as_texts=True)) == [
        Unit("x.jsonl#1:a/b/pyproject.toml", "text", "x.jsonl", "1", text=CLEAN),
        Unit("x.jsonl#2:7", "text", "x.jsonl", "2"),
    ]
