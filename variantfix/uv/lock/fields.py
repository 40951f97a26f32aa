"""Fields of a lock's tables, each checked for its type where it is read."""

from __future__ import annotations

import reprlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

Table = dict[str, Any]

_STRING, _TABLE = {str}, {dict}


class FieldError(ValueError):
    """A field that uv writes otherwise."""

    def __init__(self, key: str, value: object) -> None:
        super().__init__(f"{key} is {reprlib.repr(value)}" if value is not None else f"{key} is missing")


def text(table: Mapping[str, Any], key: str, default: str | None = None) -> str:
    """A string. Raises FieldError for another type, and where it is missing without a default."""
    value = table.get(key, default)
    if type(value) is not str:
        raise FieldError(key, value)
    return value


def number(table: Mapping[str, Any], key: str) -> int | None:
    """A number of at most 64 bits, or None where there is none. Raises FieldError for anything else."""
    value = table.get(key)
    if value is not None and (type(value) is not int or not 0 <= value < 1 << 64):
        raise FieldError(key, value)
    return value


def texts(table: Mapping[str, Any], key: str) -> tuple[str, ...]:
    """A list of strings; empty where there is none. Raises FieldError for another type."""
    if key not in table:
        return ()
    values = table[key]
    if type(values) not in (list, tuple) or not {*map(type, values)} <= _STRING:
        raise FieldError(key, values)
    return tuple(values)


def table_of(table: Mapping[str, Any], key: str) -> Table:
    """A table; empty where there is none. Raises FieldError for another type."""
    value = table.get(key, {})
    if type(value) is not dict:
        raise FieldError(key, value)
    return value


def required_table(table: Mapping[str, Any], key: str) -> Table:
    """A table. Raises FieldError for another type, and where it is missing."""
    if key not in table:
        raise FieldError(key, None)
    return table_of(table, key)


def tables(table: Mapping[str, Any], key: str) -> list[Table]:
    """A list of tables; empty where there is none. Raises FieldError for another type."""
    return checked_tables(key, table.get(key, []))


def checked_tables(key: str, values: object) -> list[Table]:
    """A value as the list of tables that it should be. Raises FieldError for another type."""
    if type(values) is not list or not {*map(type, values)} <= _TABLE:
        raise FieldError(key, values)
    return values
