"""Data sets of texts, read and written again."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from variantfix.errors import ConfigError, InputError
from variantfix.migrate.texts import copy, rows

if TYPE_CHECKING:
    from pathlib import Path

ROWS: list[dict[str, Any]] = [
    {"path": f"p{number}", "text": f"text {number}\n", "stars": number} for number in range(1, 601)
]


def save(file: Path, data: list[dict[str, Any]]) -> Path:
    if file.suffix == ".parquet":
        pq.write_table(pa.Table.from_pylist(data), file)
    else:
        file.write_text("".join(json.dumps(row) + "\n" for row in data))
    return file


def load(file: Path) -> list[dict[str, Any]]:
    if file.suffix == ".parquet":
        return list(pq.read_table(file).to_pylist())
    return [json.loads(line) for line in file.read_text().splitlines()]


@pytest.mark.parametrize("suffix", [".jsonl", ".parquet"])
def test_rows_come_in_order(suffix: str, tmp_path: Path) -> None:
    file = save(tmp_path / f"x{suffix}", ROWS)
    assert list(rows(file)) == [(row["path"], row["text"]) for row in ROWS]


@pytest.mark.parametrize("suffix", [".jsonl", ".parquet"])
def test_a_copy_without_repairs_has_the_same_rows(suffix: str, tmp_path: Path) -> None:
    file = save(tmp_path / f"x{suffix}", ROWS)
    copy(file, tmp_path / f"y{suffix}", [])
    assert load(tmp_path / f"y{suffix}") == ROWS
    assert suffix == ".parquet" or (tmp_path / f"y{suffix}").read_bytes() == file.read_bytes()


@pytest.mark.parametrize("suffix", [".jsonl", ".parquet"])
def test_a_copy_has_the_repaired_texts_in_place(suffix: str, tmp_path: Path) -> None:
    file = save(tmp_path / f"x{suffix}", ROWS)
    copy(file, tmp_path / f"y{suffix}", [(2, "two"), (600, "last")])
    expected = [{**row, "text": {2: "two", 600: "last"}.get(row["stars"], row["text"])} for row in ROWS]
    assert load(tmp_path / f"y{suffix}") == expected
    assert sorted(path.name for path in tmp_path.iterdir()) == [f"x{suffix}", f"y{suffix}"]


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("gone.jsonl", None, "no such file or directory"),
        ("x.jsonl", '{"text": "a"}\n{\n', "x.jsonl:2: not JSON"),
        ("x.jsonl", "3\n", "x.jsonl:1: not a JSON object"),
        ("x.jsonl", '{"body": "a"}\n', "x.jsonl: row 1 has no text in a column text or content"),
        ("x.jsonl", '{"text": 3}\n', "x.jsonl: row 1 has no text in a column text or content"),
        ("x.parquet", "PAR", "not Parquet"),
    ],
)
def test_what_cannot_be_read_is_refused(name: str, text: str | None, message: str, tmp_path: Path) -> None:
    if text is not None:
        (tmp_path / name).write_text(text)
    with pytest.raises(InputError) as caught:
        list(rows(tmp_path / name))
    assert message in str(caught.value)


def test_a_copy_is_of_the_same_kind(tmp_path: Path) -> None:
    file = save(tmp_path / "x.jsonl", ROWS)
    with pytest.raises(ConfigError, match=r"not the kind of"):
        copy(file, tmp_path / "y.parquet", [])


def test_a_copy_that_cannot_be_written_is_an_error(tmp_path: Path) -> None:
    file = save(tmp_path / "x.jsonl", ROWS)
    with pytest.raises(InputError, match=r"gone/y\.jsonl: cannot be written: no such file or directory"):
        copy(file, tmp_path / "gone" / "y.jsonl", [])
