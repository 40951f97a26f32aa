"""Reading one table of a file key by key: each value as the type that it must have, or one line that says where not."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from variantfix.errors import InputError
from variantfix.namedtuple import NamedTuple
from variantfix.uv.project import Place, show_path

if TYPE_CHECKING:
    from collections.abc import Mapping, Sized


LONGEST = 4096
"""Characters of a string that is read. Python reads no number of more digits, and nobody writes one."""
MOST = 5000
"""Entries of a list or table that is read."""
MOST_APART = 1000
"""Entries of one where each means something to every other one, which takes time."""


class Table(NamedTuple):
    """A table at a path of a file. A key that is absent reads as what is empty."""

    at: Place
    data: Mapping[str, Any]

    def place(self, *keys: str | int) -> Place:
        """A place in the table."""
        return Place(self.at.file, (*self.at.path, *keys))

    def table(self, key: str) -> Table:
        """The table at a key. Raises `InputError` for what is none."""
        return table(self.data.get(key, {}), self.place(key))

    def string(self, key: str) -> str:
        """The string at a key. Raises `InputError` for what is none."""
        return string(self.data.get(key, ""), self.place(key))

    def flag(self, key: str) -> bool | None:
        """The truth value at a key, None where it is absent. Raises `InputError` for what is none."""
        value = self.data.get(key)
        if value is not None and not isinstance(value, bool):
            raise wrong(self.place(key), value, "true or false")
        return value

    def items(self, key: str, what: str = "a list", most: int = MOST) -> list[tuple[Any, Place]]:
        """The elements of the array at a key, each with its place. Raises `InputError` for what is none."""
        values = self.data.get(key, [])
        if not isinstance(values, list):
            raise wrong(self.place(key), values, what)
        check_count(values, self.place(key), most)
        return [(value, self.place(key, number)) for number, value in enumerate(values)]

    def strings(self, key: str) -> tuple[str, ...]:
        """The strings of the array at a key. Raises `InputError` for what is none."""
        return tuple(string(value, place) for value, place in self.items(key, "a list of strings"))


def table(value: object, at: Place) -> Table:
    """A value that must be a table. Raises `InputError` for what is none."""
    if not isinstance(value, dict):
        raise wrong(at, value, "a table")
    check_count(value, at)
    return Table(at, value)


def string(value: object, at: Place) -> str:
    """A value that must be a string. Raises `InputError` for what is none."""
    if not isinstance(value, str):
        raise wrong(at, value, "a string")
    if len(value) > LONGEST:
        raise InputError(f"{show_place(at)} is longer than {LONGEST} characters")
    return value


def check_count(values: Sized, at: Place, most: int = MOST) -> None:
    """Raise `InputError` for a list or table that has more entries than anyone's."""
    if len(values) > most:
        raise InputError(f"{show_place(at)} has more than {most} entries")


def wrong(at: Place, value: object, wanted: str) -> InputError:
    """The error that says that a value is not what it must be."""
    return InputError(f"{show_place(at)} is not {wanted}: {_short(value)}")


def show_place(at: Place) -> str:
    """A place as messages name it: `pyproject.toml: tool.uv.index[0]`."""
    return f"{at.file}: {show_path(at.path)}"


def root(file: str, data: Mapping[str, Any]) -> Table:
    """The whole file."""
    return Table(Place(file, ()), data)


def _short(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}..."
