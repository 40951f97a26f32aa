"""The files of a locked package: its wheels and its source distribution."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from variantfix.namedtuple import NamedTuple
from variantfix.uv.lock.fields import number, table_of, tables, text
from variantfix.uv.lock.layout import Unread

if TYPE_CHECKING:
    from variantfix.uv.lock.fields import Table


class Artifact(NamedTuple):
    """One wheel or source distribution; `size` in bytes where the lock gives it."""

    filename: str
    size: int | None


class Files:
    """The files of a package; what is unread is read when first asked for."""

    def __init__(self, wheels: tuple[Artifact, ...] | Unread = (), sdist: tuple[Artifact, ...] | Unread = ()) -> None:
        self._wheels = wheels
        self._sdist = sdist

    @cached_property
    def wheels(self) -> tuple[Artifact, ...]:
        """Its wheels."""
        return _read(self._wheels)

    @cached_property
    def sdist(self) -> Artifact | None:
        """Its source distribution, if it has one."""
        return next(iter(_read(self._sdist)), None)


def files_of(row: Table) -> Files:
    """The files of a row. Raises FieldError for what uv does not write."""
    wheels, sdist = row.get("wheels"), row.get("sdist")
    if not isinstance(wheels, Unread):
        wheels = tuple(map(_artifact, tables(row, "wheels")))
    if not isinstance(sdist, Unread):
        sdist = (_artifact(table_of(row, "sdist")),) if "sdist" in row else ()
    return Files(wheels, sdist)


def _read(files: tuple[Artifact, ...] | Unread) -> tuple[Artifact, ...]:
    return tuple(map(_artifact, files.tables)) if isinstance(files, Unread) else files


def _artifact(table: Table) -> Artifact:
    place = text(table, "filename", "") or text(table, "url", "") or text(table, "path", "")
    return Artifact(place.partition("#")[0].rpartition("/")[2].replace("%2B", "+"), number(table, "size"))
