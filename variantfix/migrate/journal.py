"""The journal: one SQLite database that alone decides what is left to do.

A unit is pending, running, planned (its repair is known but not yet written), and done or failed. Every step is one
transaction, so a run that is killed at any instant leaves either the step before or the step after. The database is in
WAL mode without waiting for the disk: killed processes lose nothing, a power cut at most the last steps, which are
then done again with the same outcome.
"""

from __future__ import annotations

import os
import sqlite3
from contextlib import contextmanager
from dataclasses import dataclass, fields
from datetime import datetime, timezone
from pathlib import Path
from typing import TYPE_CHECKING, Any

from variantfix.credentials import mask
from variantfix.errors import ConfigError, InputError
from variantfix.migrate.state import check_file, is_sealed, make_own, seal
from variantfix.migrate.unit import UnitOutcome, unpack
from variantfix.terminal import one_line, plain

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from variantfix.migrate.unit import Unit

_VERSION = "2"
PATIENCE = 5.0
"""Seconds to wait for a run that is just ending."""

_SCHEMA = """
create table if not exists meta (name text primary key, value text not null) without rowid;
create table if not exists units (
    seq integer primary key,
    name text not null unique,
    path text not null,
    stage text not null default 'pending',
    result text,
    error text not null default '',
    repaired integer not null default 0,
    remaining integer not null default 0,
    commit_id text not null default '',
    seconds real,
    tries integer not null default 0
);
create table if not exists details (
    seq integer primary key references units (seq),
    findings text not null,
    files text not null,
    verdict text not null,
    diff blob not null,
    plan blob not null,
    text blob not null
);
"""
_SELECT = """
select name, result, error, repaired, remaining, findings, files, verdict, diff, commit_id, plan, text,
ifnull(seconds, 0) from units join details using (seq)
"""

_UPDATE = """
update units set stage = :stage, result = :result, error = :error, repaired = :repaired, remaining = :remaining,
commit_id = :commit, seconds = :seconds where name = :name returning seq
"""
_FIELDS = tuple(field.name for field in fields(UnitOutcome))
_COUNTS = "select case when stage in ('done', 'failed') then result else stage end, count(*) from units group by 1"
_ROWS = "select name, stage, ifnull(result, ''), error, repaired, remaining, seconds, tries from units order by seq"


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table that `migrate status` prints; `seconds` is None until a unit was done."""

    name: str
    stage: str
    result: str
    error: str
    repaired: int
    remaining: int
    seconds: float | None
    tries: int


@dataclass(frozen=True, slots=True)
class Journal:
    """An open journal. Only one process at a time opens it for writing."""

    _db: sqlite3.Connection
    _lock: sqlite3.Connection | None

    def register(self, units: Iterable[Unit]) -> int:
        """Note units that are not yet known, as pending; returns how many units the journal now holds."""
        with self._db:
            self._db.executemany(
                "insert or ignore into units (name, path) values (?, ?)",
                ((unit.name, one_line(unit.path)) for unit in units),
            )
        return int(self._db.execute("select count(*) from units").fetchone()[0])

    def begin(self, units: Sequence[Unit]) -> tuple[Unit, ...]:
        """Those of some units that are pending; they are running from now on."""
        query = "update units set stage = 'running', tries = tries + 1 where stage = 'pending' and name = ?"
        with self._db:
            return tuple(unit for unit in units if self._db.execute(query, (unit.name,)).rowcount)

    def record(self, outcomes: Iterable[UnitOutcome]) -> None:
        """Note what became of units: done, failed, or planned where something is still to be written."""
        with self._db:
            for outcome in outcomes:
                self._record(outcome)

    def _record(self, outcome: UnitOutcome) -> None:
        stage = "failed" if outcome.result == "failed" else "planned" if outcome.plan else "done"
        values = {name: getattr(outcome, name) for name in _FIELDS} | {"stage": stage}
        values |= {name: plain(mask(values[name])) for name in ("error", "verdict")}
        (values["seq"],) = self._db.execute(_UPDATE, values).fetchone()
        self._db.execute(
            "insert or replace into details values (:seq, :findings, :files, :verdict, :diff, :plan, :text)", values
        )

    def planned(self, names: Iterable[str]) -> tuple[UnitOutcome, ...]:
        """The outcomes of some units whose files are still to be written."""
        query = f"{_SELECT}where stage = 'planned' and name = ?"
        return tuple(UnitOutcome(*row) for name in names for row in self._db.execute(query, (name,)))

    def outcomes(self) -> Iterator[UnitOutcome]:
        """The outcomes of all units that were done or failed, in the order in which they were named."""
        return self._outcomes("where stage in ('done', 'failed') order by seq")

    def _outcomes(self, where: str) -> Iterator[UnitOutcome]:
        return (UnitOutcome(*row) for row in self._db.execute(_SELECT + where))

    def texts(self) -> Iterator[tuple[int, str]]:
        """The repaired texts of a data set by row number, in the order of the rows."""
        query = (
            "select cast(path as integer), text from units join details using (seq) where length(text) > 0 order by seq"
        )
        return ((number, unpack(text)) for number, text in self._db.execute(query))

    def retry(self, results: Iterable[str]) -> tuple[str, ...]:
        """Make units with one of some results pending again; returns their names."""
        query = (
            "update units set stage = 'pending', result = null where result = ? and stage != 'planned' returning name"
        )
        with self._db:
            return tuple(name for result in results for (name,) in self._db.execute(query, (result,)).fetchall())

    def counts(self) -> Mapping[str, int]:
        """How many units are at each stage that is not yet done, and how many have each result."""
        return dict(self._db.execute(_COUNTS).fetchall())

    def remaining(self) -> int:
        """How many findings remain in all units together."""
        return int(self._db.execute("select ifnull(sum(remaining), 0) from units").fetchone()[0])

    def rows(self) -> Iterator[Row]:
        """Every unit, in the order in which they were named."""
        return (Row(*row) for row in self._db.execute(_ROWS))

    def meta(self, name: str) -> str:
        """A fact about the migration, as it was noted when the journal was made."""
        row = self._db.execute("select value from meta where name = ?", (name,)).fetchone()
        return str(row[0]) if row else ""


@contextmanager
def open_journal(folder: Path, facts: Mapping[str, str], *, fresh: bool = False) -> Iterator[Journal]:
    """The journal in a folder, for writing; it is made where there is none.

    `facts` says what the migration is; `fresh` forgets what the journal held. Raises `ConfigError` where the journal is
    another migration's, or is in use, and `InputError` where the folder or what is in it is not ours alone.
    """
    try:
        _check_files(make_own(folder))
        lock = _lock(folder)
        for old in folder.glob("journal.sqlite*") if fresh or _is_unbegun(folder) else ():
            old.unlink()
        db = sqlite3.connect(folder / "journal.sqlite")
    except (OSError, sqlite3.Error) as error:
        raise InputError(f"{folder}: the journal cannot be opened: {error}") from None
    try:
        db.execute("pragma journal_mode = wal")
        db.execute("pragma synchronous = normal")
        db.executescript(_SCHEMA)
        journal = Journal(db, lock)
        _agree(journal, {"version": _VERSION, **facts}, folder)
        with db:
            db.execute("update units set stage = 'pending' where stage = 'running'")
        yield journal
    except sqlite3.DatabaseError as error:
        raise InputError(f"{folder}: the journal cannot be used: {error}") from None
    finally:
        db.close()
        lock.close()


@contextmanager
def read_journal(folder: Path) -> Iterator[Journal]:
    """The journal in a folder, for reading, also while a run writes it.

    Raises `InputError` where there is none of ours.
    """
    file = folder / "journal.sqlite"
    if not file.is_file():
        raise InputError(f"{folder}: there is no journal", hint="name the folder with --state")
    _check_files(make_own(folder))
    db = sqlite3.connect(f"{file.resolve().as_uri()}?mode=ro", uri=True)
    try:
        journal = Journal(db, None)
        _check_seal(journal, folder)
        yield journal
    except sqlite3.DatabaseError as error:
        raise InputError(f"{folder}: the journal cannot be read: {error}") from None
    finally:
        db.close()


def _lock(folder: Path) -> sqlite3.Connection:
    """Hold a lock that goes with the process, however that ends."""
    lock = sqlite3.connect(folder / "lock.sqlite", timeout=PATIENCE, isolation_level=None)
    try:
        lock.execute("begin exclusive")
    except sqlite3.OperationalError as error:
        lock.close()
        if "locked" not in str(error):
            raise InputError(f"{folder}: the journal cannot be used: {error}", hint="name another --state") from None
        hint = "wait for it, or name another --state"
        raise ConfigError(f"{folder}: another run is using this journal", hint=hint) from None
    return lock


def _agree(journal: Journal, facts: Mapping[str, Any], folder: Path) -> None:
    """Note the facts of a new migration; refuse those of another, and a journal that we did not make."""
    with journal._db as db:
        known = dict(db.execute("select name, value from meta").fetchall())
        if not known and not db.execute("select 1 from units limit 1").fetchone():
            identity = os.urandom(16).hex()
            begun = f"{datetime.now(timezone.utc):%Y-%m-%d %H:%M} UTC"
            own = {"identity": identity, "seal": seal(identity), "folder": str(Path.cwd()), "begun": begun}
            db.executemany("insert into meta values (?, ?)", {**facts, **own}.items())
            return
    _check_seal(journal, folder)
    differs = [name for name, value in facts.items() if known.get(name) != value]
    if differs:
        hint = "give the same sources and options, name another --state, or begin --fresh"
        raise ConfigError(f"{folder}: the journal is of another migration: {', '.join(differs)} differ", hint=hint)


def _is_unbegun(folder: Path) -> bool:
    """Whether there is a journal that says nothing: a killed run's, or one that was planted with more in its schema."""
    file = folder / "journal.sqlite"
    if not file.is_file():
        return False
    db = sqlite3.connect(f"{file.resolve().as_uri()}?mode=ro", uri=True)
    try:
        return not db.execute("select 1 from sqlite_master where name = 'meta'").fetchone() or not (
            db.execute("select 1 from meta limit 1").fetchone() or db.execute("select 1 from units limit 1").fetchone()
        )
    except sqlite3.DatabaseError:
        return False  # opening it says what is wrong
    finally:
        db.close()


def _check_files(folder: Path) -> None:
    """Raise `InputError` where one of the database's files is a link, or somebody else's."""
    for name in ("journal", "lock"):
        for end in ("", "-wal", "-shm", "-journal"):
            check_file(folder / f"{name}.sqlite{end}")


def _check_seal(journal: Journal, folder: Path) -> None:
    if not is_sealed(journal.meta("identity"), journal.meta("seal")):
        raise InputError(f"{folder}: the journal was not made by you", hint="name another --state, or begin --fresh")
