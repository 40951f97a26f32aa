"""Read the text of a uv.lock."""

from __future__ import annotations

import re
import sys
from typing import TYPE_CHECKING, Any, get_args

from variantfix.errors import InputError
from variantfix.namedtuple import NamedTuple
from variantfix.toml.edits import check_keys
from variantfix.uv.lock.fields import (
    FieldError,
    Table,
    checked_tables,
    number,
    required_table,
    table_of,
    tables,
    text,
    texts,
)
from variantfix.uv.lock.files import files_of
from variantfix.uv.lock.layout import read_layout
from variantfix.uv.lock.markers import Condition, compile_markers
from variantfix.uv.lock.model import (
    ConflictItem,
    Dependency,
    Lock,
    Package,
    Requirement,
    Source,
    SourceKind,
)
from variantfix.uv.pythons import python_range

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_VERSION = 1
_LONGEST_VERSION = 200
_USUAL = re.compile(r"[0-9]+(?:\.[0-9]+)*(?:(?:a|b|rc|\.post|\.dev)[0-9]+)?(?:\+[a-z0-9]+(?:\.[a-z0-9]+)*)?")
_KINDS: tuple[SourceKind, ...] = get_args(SourceKind)


def read_lock(lock: str) -> Lock:
    """Read a uv.lock. Raises as `load_lock` and `lock_of` do."""
    return lock_of(load_lock(lock))


def load_lock(lock: str) -> dict[str, Any]:
    """The data of a uv.lock, its files perhaps `Unread`. Raises InputError, in one line, for text that is no TOML."""
    try:
        return read_layout(lock) or _loads(lock)
    except (ValueError, RecursionError) as error:
        raise InputError(f"uv.lock is not valid TOML: {str(error)[:200]}", hint="run `uv lock`") from error


def lock_of(document: Mapping[str, Any]) -> Lock:
    """Read the data of a uv.lock, format version 1 of any revision.

    Raises InputError, in one line, for another version, and for data that lacks what uv writes or that names a
    package it does not hold.
    """
    _check_version(document)
    try:
        return _lock(document)
    except (ValueError, TypeError) as error:
        raise InputError(f"uv.lock is not as uv writes it: {str(error)[:200]}", hint="run `uv lock`") from error


def _loads(lock: str) -> Table:
    """Parse another layout than uv's: with the reader of the `fast` extra where it is installed."""
    check_keys(lock)
    try:
        import rtoml
    except ImportError:
        parsed: Table = tomllib.loads(lock)
    else:
        parsed = rtoml.loads(lock)
    return parsed


def _check_version(document: Mapping[str, Any]) -> None:
    version = document.get("version")
    if version is None:
        raise InputError("uv.lock has no `version`, so it is no lock of uv", hint="run `uv lock`")
    if version != _VERSION:
        message = f"uv.lock has format version {str(version)[:20]}, and only version {_VERSION} can be read"
        raise InputError(message, hint="update variantfix")


class _Context(NamedTuple):
    """What every row needs to be read: the compiled markers, and the rows by what an entry tells of them."""

    conditions: Mapping[str, Condition]
    rows: Mapping[_Told, list[int]]


_Told = tuple[str, str, Source | None]
"""A name, a version and a source, as far as they are told."""


def _lock(document: Mapping[str, Any]) -> Lock:
    # `distribution` is what uv called `package` before 0.4.
    rows = tables(document, "package") or tables(document, "distribution")
    manifest = table_of(document, "manifest")
    markers, conditions = compile_markers(_marker_texts(document, rows, manifest))
    context = _Context(conditions, _rows(rows))
    packages = tuple(_package(row, context) for row in rows)
    project = _project(packages)
    groups = _lists(manifest, "dependency-groups")
    return Lock(
        revision=number(document, "revision") or 0,
        requires_python=_requires_python(document),
        conflicts=tuple(map(_conflict, document.get("conflicts", ()))),
        project=project,
        members=texts(manifest, "members") or ((project,) if project else ()),
        requirements=_requirements(tables(manifest, "requirements"), conditions),
        groups={name: _requirements(entries, conditions) for name, entries in groups.items()},
        forks=_conditions(document, "resolution-markers", conditions),
        supported=_conditions(document, "supported-markers", conditions),
        required=_conditions(document, "required-markers", conditions),
        packages=packages,
        markers=markers,
    )


def _requires_python(document: Mapping[str, Any]) -> str:
    asked = text(document, "requires-python", "")
    python_range(asked)  # raises a ValueError here rather than in a walk
    return asked


def _conditions(table: Mapping[str, Any], key: str, conditions: Mapping[str, Condition]) -> tuple[Condition, ...]:
    return tuple(map(conditions.__getitem__, texts(table, key)))


def _marker_texts(document: Mapping[str, Any], rows: list[Table], manifest: Table) -> Iterator[str]:
    for key in ("resolution-markers", "supported-markers", "required-markers"):
        yield from texts(document, key)
    for row in rows:
        yield from texts(row, "resolution-markers")
        for entries in (
            tables(row, "dependencies"),
            *_lists(row, "optional-dependencies").values(),
            *_groups(row).values(),
        ):
            yield from (text(entry, "marker", "") for entry in entries)
    for entries in (tables(manifest, "requirements"), *_lists(manifest, "dependency-groups").values()):
        yield from (text(entry, "marker", "") for entry in entries)


def _lists(table: Mapping[str, Any], key: str) -> dict[str, list[Table]]:
    """Lists of tables by name, as those of extras and groups."""
    return (
        {name: checked_tables(name, entries) for name, entries in table_of(table, key).items()} if key in table else {}
    )


def _groups(row: Table) -> dict[str, list[Table]]:
    """Return a row's groups; before uv 0.4.27 `dev-dependencies` held nothing but uv's own group `dev`."""
    return _lists(row, "dev-dependencies") | _lists(row, "dependency-groups")


def _rows(rows: list[Table]) -> dict[_Told, list[int]]:
    found: dict[_Told, list[int]] = {}
    for place, row in enumerate(rows):
        name, version, source = text(row, "name"), _version(row) or "", _source(required_table(row, "source"))
        for told in {(name, "", None), (name, version, None), (name, "", source), (name, version, source)}:
            found.setdefault(told, []).append(place)
    return found


def _package(row: Table, context: _Context) -> Package:
    extras, groups = _declared(table_of(row, "metadata")) if "metadata" in row else ({}, {})
    return Package(
        name=text(row, "name"),
        version=row.get("version"),
        source=_source(required_table(row, "source")),
        dependencies=_dependencies(tables(row, "dependencies"), context),
        extras=_named_dependencies(extras | _lists(row, "optional-dependencies"), context),
        groups=_named_dependencies(groups | _groups(row), context),
        forks=_conditions(row, "resolution-markers", context.conditions),
        files=files_of(row),
    )


def _declared(metadata: Table) -> tuple[dict[str, list[Table]], dict[str, list[Table]]]:
    """The extras and groups that a package declares, which need not require anything."""
    extras: dict[str, list[Table]] = {name: [] for name in texts(metadata, "provides-extras")}
    groups: dict[str, list[Table]] = {
        name: [] for key in ("requires-dev", "dependency-groups") for name in table_of(metadata, key)
    }
    return extras, groups


def _version(row: Table) -> str | None:
    if "version" not in row:
        return None
    version = text(row, "version")
    if len(version) > _LONGEST_VERSION:
        raise FieldError("version", version)
    if not _USUAL.fullmatch(version):
        from packaging.version import Version  # late: uv writes few others

        Version(version)  # raises a ValueError here rather than where versions are compared
    return version


def _named_dependencies(lists: dict[str, list[Table]], context: _Context) -> dict[str, tuple[Dependency, ...]]:
    return {name: _dependencies(entries, context) for name, entries in lists.items()}


def _dependencies(entries: list[Table], context: _Context) -> tuple[Dependency, ...]:
    return tuple(
        Dependency(
            package=_row(entry, context),
            extras=texts(entry, "extra"),
            marker=context.conditions[text(entry, "marker", "")],
        )
        for entry in entries
    )


def _row(entry: Table, context: _Context) -> int:
    """Return the one row that an entry means; uv leaves out version and source where the name says enough."""
    name, version = text(entry, "name"), text(entry, "version", "")
    source = _source(table_of(entry, "source")) if "source" in entry else None
    found = context.rows.get((name, version, source), ())
    if len(found) != 1:
        wanted = f"{name} {version}".strip()[:80]
        message = f"uv.lock has {len(found)} packages for the dependency {wanted}, where one is needed"
        raise InputError(message, hint="run `uv lock`")
    return found[0]


def _source(table: Table) -> Source:
    for kind in _KINDS:
        if kind in table:
            return Source(kind, text(table, kind))
    raise InputError(f"uv.lock has a source of an unknown kind: {str(table)[:80]}", hint="update variantfix")


def _conflict(entries: object) -> tuple[ConflictItem, ...]:
    return tuple(map(_conflict_item, checked_tables("conflicts", entries)))


def _conflict_item(table: Table) -> ConflictItem:
    package = text(table, "package")
    if "extra" in table:
        return ConflictItem("extra", package, text(table, "extra"))
    if "group" in table:
        return ConflictItem("group", package, text(table, "group"))
    return ConflictItem("project", package, "")


def _requirements(entries: list[Table], conditions: Mapping[str, Condition]) -> tuple[Requirement, ...]:
    return tuple(
        Requirement(
            name=text(entry, "name"),
            specifier=text(entry, "specifier", ""),
            extras=texts(entry, "extras"),
            marker=conditions[text(entry, "marker", "")],
        )
        for entry in entries
    )


def _project(packages: tuple[Package, ...]) -> str | None:
    local = ("editable", "virtual", "directory")
    at_root = (row.name for row in packages if row.source.kind in local and row.source.location == ".")
    return next(at_root, None)
