"""Data sets of file texts: JSON lines or Parquet, read and written row by row."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, BinaryIO

from variantfix import disk
from variantfix.errors import ConfigError, InputError, reason

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

TEXT_COLUMNS = ("text", "content")
"""The column that holds a file's text: the first of these that is there."""
_LABELS = ("repo", "repository", "path", "file", "id")
_BATCH = 256
_EXTRA = "pip install 'variantfix[parquet]'"


def rows(file: Path) -> Iterator[tuple[str, str]]:
    """A label and the text of each row, in order; the label is made of the columns that tell where it is from.

    Raises `InputError` where the data set cannot be read or has no column of texts.
    """
    for number, row in enumerate(_read(file), 1):
        column = text_column(row, file, number)
        label = "/".join(str(row[name]) for name in _LABELS if row.get(name))
        yield " ".join(label.split()), row[column] or ""


def text_column(row: Mapping[str, Any], file: Path, number: int) -> str:
    """The name of a row's column of text; raises `InputError` where it has none."""
    for name in TEXT_COLUMNS:
        if name in row and isinstance(row[name], str | None):
            return name
    raise InputError(f"{file}: row {number} has no text in a column {' or '.join(TEXT_COLUMNS)}")


def copy(file: Path, target: Path, repaired: Iterable[tuple[int, str]]) -> None:
    """Write a data set again, with the repaired texts in place of the old ones, given by row number, ascending.

    The target's suffix must be that of the file. Raises `InputError` or `ConfigError`.
    """
    if file.suffix != target.suffix:
        raise ConfigError(f"{target}: not the kind of {file}", hint=f"give it the suffix {file.suffix}")
    with disk.replacing(target) as out:
        if file.suffix == ".parquet":
            _copy_parquet(file, out, repaired)
        else:
            _copy_lines(file, out, repaired)


def _read(file: Path) -> Iterator[dict[str, Any]]:
    try:
        if file.suffix == ".parquet":
            for batch in _parquet(file).iter_batches(batch_size=_BATCH):
                yield from batch.to_pylist()
        else:
            for number, line in _lines(file):
                yield _row(line, file, number)
    except OSError as error:
        raise InputError(f"{file}: {reason(error)}") from None


def _lines(file: Path) -> Iterator[tuple[int, str]]:
    with file.open(encoding="utf-8", newline="\n") as stream:
        yield from ((number, line) for number, line in enumerate(stream, 1) if line.strip())


def _row(line: str, file: Path, number: int) -> dict[str, Any]:
    try:
        row = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise InputError(f"{file}:{number}: not JSON: {error}") from None
    if not isinstance(row, dict):
        raise InputError(f"{file}:{number}: not a JSON object")
    return row


def _copy_lines(file: Path, out: BinaryIO, repaired: Iterable[tuple[int, str]]) -> None:
    new = iter(repaired)
    place, text = next(new, (0, ""))
    for row_number, (number, line) in enumerate(_lines(file), 1):
        if row_number == place:
            row = _row(line, file, number)
            line = json.dumps({**row, text_column(row, file, number): text}, ensure_ascii=False) + "\n"
            place, text = next(new, (0, ""))
        out.write(line.encode())


def _copy_parquet(file: Path, out: BinaryIO, repaired: Iterable[tuple[int, str]]) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    source = _parquet(file)
    new = iter(repaired)
    place, text = next(new, (0, ""))
    number = 0
    with pq.ParquetWriter(out, source.schema_arrow) as writer:
        for batch in source.iter_batches(batch_size=_BATCH):
            table = batch.to_pylist()
            for row in table:
                number += 1
                if number == place:
                    row[text_column(row, file, number)] = text
                    place, text = next(new, (0, ""))
            writer.write_batch(pa.RecordBatch.from_pylist(table, schema=source.schema_arrow))


def _parquet(file: Path) -> Any:
    try:
        import pyarrow as pa
        import pyarrow.parquet as pq
    except ImportError:
        raise ConfigError("reading Parquet needs the extra `parquet`", hint=_EXTRA) from None
    try:
        return pq.ParquetFile(file)
    except pa.ArrowInvalid as error:
        raise InputError(f"{file}: not Parquet: {error}") from None
