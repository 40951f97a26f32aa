"""Read the text of a uv.lock."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any, NamedTuple, get_args

from variantfix.errors import InputError
from variantfix.uv.lock.markers import Condition, compile_markers
from variantfix.uv.lock.model import (
    Artifact,
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
_KINDS: tuple[SourceKind, ...] = get_args(SourceKind)
_Table = dict[str, Any]


def read_lock(text: str) -> Lock:
    """Read a uv.lock. Raises as `load_lock` and `lock_of` do."""
    return lock_of(load_lock(text))


def load_lock(text: str) -> dict[str, Any]:
    """The data of a uv.lock. Raises InputError, in one line, for text that is no TOML."""
    try:
        return _loads(text)
    except (ValueError, RecursionError) as error:
        raise InputError(f"uv.lock is not valid TOML: {error}", hint="run `uv lock`") from error


def lock_of(document: Mapping[str, Any]) -> Lock:
    """Read the data of a uv.lock, format version 1 of any revision.

    Raises InputError, in one line, for another version, and for data that lacks what uv writes or that names a
    package it does not hold.
    """
    _check_version(document)
    try:
        return _lock(document)
    except (KeyError, TypeError, AttributeError, ValueError, RecursionError) as error:
        what = f"{type(error).__name__}: {error}"
        raise InputError(f"uv.lock is not as uv writes it ({what})", hint="run `uv lock`") from error


def _loads(text: str) -> _Table:
    """Parse with the reader of the `fast` extra where it is installed: most of the time goes into this."""
    try:
        import rtoml
    except ImportError:
        parsed: _Table = tomllib.loads(text)
    else:
        parsed = rtoml.loads(text)
    return parsed


def _check_version(document: Mapping[str, Any]) -> None:
    version = document.get("version")
    if version is None:
        raise InputError("uv.lock has no `version`, so it is no lock of uv", hint="run `uv lock`")
    if version != _VERSION:
        message = f"uv.lock has format version {version}, and only version {_VERSION} can be read"
        raise InputError(message, hint="update variantfix")


class _Context(NamedTuple):
    """What every row needs to be read: the compiled markers, and the rows by name."""

    conditions: Mapping[str, Condition]
    rows: Mapping[str, tuple[tuple[int, str | None, Source], ...]]


def _lock(document: Mapping[str, Any]) -> Lock:
    # `distribution` is what uv called `package` before 0.4.
    tables: list[_Table] = document.get("package") or document.get("distribution") or []
    manifest: _Table = document.get("manifest", {})
    markers, conditions = compile_markers(_marker_texts(document, tables, manifest))
    context = _Context(conditions, _rows(tables))
    packages = tuple(_package(table, context) for table in tables)
    project = _project(packages)
    groups: _Table = manifest.get("dependency-groups", {})
    return Lock(
        revision=document.get("revision", 0),
        requires_python=_requires_python(document),
        conflicts=tuple(tuple(map(_conflict_item, entries)) for entries in document.get("conflicts", ())),
        project=project,
        members=tuple(manifest.get("members", ())) or ((project,) if project else ()),
        requirements=_requirements(manifest.get("requirements", ()), conditions),
        groups={name: _requirements(entries, conditions) for name, entries in groups.items()},
        forks=tuple(conditions[text] for text in document.get("resolution-markers", ())),
        supported=tuple(conditions[text] for text in document.get("supported-markers", ())),
        required=tuple(conditions[text] for text in document.get("required-markers", ())),
        packages=packages,
        markers=markers,
    )


def _requires_python(document: Mapping[str, Any]) -> str:
    text: str = document.get("requires-python", "")
    python_range(text)  # raises a ValueError here rather than in a walk
    return text


def _marker_texts(document: Mapping[str, Any], tables: list[_Table], manifest: _Table) -> Iterator[str]:
    for key in ("resolution-markers", "supported-markers", "required-markers"):
        yield from document.get(key, ())
    for table in tables:
        yield from table.get("resolution-markers", ())
        for entry in _entries(table):
            yield entry.get("marker", "")
    for entries in (manifest.get("requirements", ()), *manifest.get("dependency-groups", {}).values()):
        for entry in entries:
            yield entry.get("marker", "")


def _entries(table: _Table) -> Iterator[_Table]:
    """Give every dependency entry of a row: base, extras, groups."""
    yield from table.get("dependencies", ())
    for entries in table.get("optional-dependencies", {}).values():
        yield from entries
    for entries in _groups(table).values():
        yield from entries


def _groups(table: _Table) -> _Table:
    """Return a row's groups; before uv 0.4.27 `dev-dependencies` held nothing but uv's own group `dev`."""
    return {**table.get("dev-dependencies", {}), **table.get("dependency-groups", {})}


def _rows(tables: list[_Table]) -> dict[str, tuple[tuple[int, str | None, Source], ...]]:
    rows: dict[str, tuple[tuple[int, str | None, Source], ...]] = {}
    for number, table in enumerate(tables):
        row = (number, table.get("version"), _source(table["source"]))
        rows[table["name"]] = (*rows.get(table["name"], ()), row)
    return rows


def _package(table: _Table, context: _Context) -> Package:
    metadata: _Table = table.get("metadata", {})
    extras: _Table = table.get("optional-dependencies", {})
    declared: _Table = dict.fromkeys(metadata.get("provides-extras", ()), ())
    sdist = table.get("sdist")
    return Package(
        name=table["name"],
        version=table.get("version"),
        source=_source(table["source"]),
        dependencies=_dependencies(table.get("dependencies", ()), context),
        extras=_named_dependencies({**declared, **extras}, context),
        groups=_named_dependencies({**_declared_groups(metadata), **_groups(table)}, context),
        forks=tuple(context.conditions[text] for text in table.get("resolution-markers", ())),
        wheels=tuple(map(_artifact, table.get("wheels", ()))),
        sdist=None if sdist is None else _artifact(sdist),
    )


def _declared_groups(metadata: _Table) -> _Table:
    return dict.fromkeys({**metadata.get("requires-dev", {}), **metadata.get("dependency-groups", {})}, ())


def _named_dependencies(table: _Table, context: _Context) -> dict[str, tuple[Dependency, ...]]:
    return {name: _dependencies(entries, context) for name, entries in table.items()}


def _dependencies(entries: list[_Table], context: _Context) -> tuple[Dependency, ...]:
    return tuple(
        Dependency(
            package=_row(entry, context),
            extras=tuple(entry.get("extra", ())),
            marker=context.conditions[entry.get("marker", "")],
        )
        for entry in entries
    )


def _row(entry: _Table, context: _Context) -> int:
    """Return the one row that an entry means; uv leaves out version and source where the name says enough."""
    rows = context.rows.get(entry["name"], ())
    if "version" in entry:
        rows = tuple(row for row in rows if row[1] == entry["version"])
    if "source" in entry:
        source = _source(entry["source"])
        rows = tuple(row for row in rows if row[2] == source)
    if len(rows) != 1:
        wanted = " ".join((entry["name"], entry.get("version", ""))).strip()
        message = f"uv.lock has {len(rows)} packages for the dependency {wanted}, where one is needed"
        raise InputError(message, hint="run `uv lock`")
    return rows[0][0]


def _source(table: _Table) -> Source:
    for kind in _KINDS:
        if kind in table:
            return Source(kind, table[kind])
    raise InputError(f"uv.lock has a source of an unknown kind: {table}", hint="update variantfix")


def _artifact(table: _Table) -> Artifact:
    place = table.get("filename") or table.get("url") or table.get("path") or ""
    return Artifact(place.partition("#")[0].rpartition("/")[2].replace("%2B", "+"), table.get("size"))


def _conflict_item(table: _Table) -> ConflictItem:
    if "extra" in table:
        return ConflictItem("extra", table["package"], table["extra"])
    if "group" in table:
        return ConflictItem("group", table["package"], table["group"])
    return ConflictItem("project", table["package"], "")


def _requirements(entries: list[_Table], conditions: Mapping[str, Condition]) -> tuple[Requirement, ...]:
    return tuple(
        Requirement(
            name=entry["name"],
            specifier=entry.get("specifier", ""),
            extras=tuple(entry.get("extras", ())),
            marker=conditions[entry.get("marker", "")],
        )
        for entry in entries
    )


def _project(packages: tuple[Package, ...]) -> str | None:
    local = ("editable", "virtual", "directory")
    at_root = (row.name for row in packages if row.source.kind in local and row.source.location == ".")
    return next(at_root, None)
