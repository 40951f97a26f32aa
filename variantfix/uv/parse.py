"""Reading the data of pyproject files into a `Workspace`."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from variantfix.errors import InputError
from variantfix.uv.markers import is_marker
from variantfix.uv.project import (
    ConflictSet,
    Index,
    Place,
    Project,
    Requirement,
    Scope,
    Section,
    Source,
    Workspace,
    normalise,
    show_path,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from variantfix.toml import KeyPath


def parse(files: Mapping[str, Mapping[str, Any]]) -> Workspace:
    """Read the data of a root (first) and its members into a `Workspace`.

    Raises `InputError` for what uv or PEP 508 refuses: no `[project]`, a broken requirement, a source that is
    neither a table nor a list of tables. The message names the file and the key.
    """
    projects = tuple(_project(file, data, is_root=place == 0) for place, (file, data) in enumerate(files.items()))
    by_name = {project.name: project.file for project in projects if project.name}
    return Workspace(projects, tuple(c for project in projects for c in _conflicts(project, by_name)))


def _project(file: str, data: Mapping[str, Any], *, is_root: bool) -> Project:
    table = _table(file, data, "project")
    uv = _table(file, _table(file, data, "tool"), "uv", "tool")
    if "project" not in data and not (is_root and ("workspace" in uv or "dependency-groups" in data)):
        poetry = "poetry" in data.get("tool", {})
        hint = (
            "Poetry's own tables are not read; move them to [project] first"
            if poetry
            else "add it, or name another file"
        )
        raise InputError(f"{file}: there is no [project] table", hint=hint)
    environments = uv.get("environments", [])
    for marker in environments if isinstance(environments, list) else [environments]:
        if not isinstance(marker, str) or not is_marker(marker):
            raise InputError(f"{file}: tool.uv.environments has {marker!r}, which is not a marker")
    sections = {section.scope: section for section in _sections(file, data, table, uv)}
    sources: dict[str, tuple[Source, ...]] = {}
    for key, value in _table(file, uv, "sources", "tool", "uv").items():
        sources[normalise(key)] = sources.get(normalise(key), ()) + tuple(_sources(file, key, value))
    name = normalise(_string(file, table, "name", "project"))
    return Project(file, data, name, sections, sources, tuple(_indexes(file, uv)), uv)


def _sections(
    file: str, data: Mapping[str, Any], project: Mapping[str, Any], uv: Mapping[str, Any]
) -> Iterator[Section]:
    yield _section(Scope(file, "base"), "", ("project", "dependencies"), project.get("dependencies", []))
    for name, items in _table(file, project, "optional-dependencies", "project").items():
        path = ("project", "optional-dependencies", name)
        yield _section(Scope(file, "extra", normalise(name)), name, path, items)
    groups = _table(file, data, "dependency-groups")
    for name, items in groups.items():
        yield _section(Scope(file, "group", normalise(name)), name, ("dependency-groups", name), items)
    if "dev-dependencies" in uv:
        # uv's own older table: with a group of that name it is one with it.
        path = ("tool", "uv", "dev-dependencies")
        old = _section(Scope(file, "group", "dev"), "dev", path, uv["dev-dependencies"])
        new = _section(old.scope, "dev", ("dependency-groups", "dev"), groups["dev"]) if "dev" in groups else old
        both = dict.fromkeys((*new.requirements, *old.requirements))
        yield replace(new, requirements=tuple(both))


def _section(scope: Scope, spelling: str, path: KeyPath, items: object) -> Section:
    at = Place(scope.file, path)
    if not isinstance(items, list):
        raise InputError(f"{_where(at)} is not a list of requirements")
    requirements, includes = [], []
    for number, item in enumerate(items):
        place = Place(scope.file, (*path, number))
        if isinstance(item, str):
            requirements.append(requirement(item, place))
        elif scope.kind == "group" and isinstance(item, dict):
            if isinstance(group := item.get("include-group"), str):
                includes.append(normalise(group))
        else:
            raise InputError(f"{_where(place)} is not a requirement: {item!r}")
    return Section(scope, spelling, at, tuple(requirements), tuple(includes))


_VERSION = r"\d+(?:\.\d+)*(?:(?:a|b|rc)\d+)?(?:\.post\d+)?(?:\.dev\d+)?"
_CLAUSE = (
    rf"\s*(?:(?:[<>]=?|[!=]=)\s*{_VERSION}|~=\s*\d+(?:\.\d+)+|"
    rf"[!=]=\s*(?:\d+(?:\.\d+)*\.\*|{_VERSION}\+[a-z0-9]+(?:\.[a-z0-9]+)*))\s*"
)
_NAME = r"\s*([A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?)\s*(?:\[([A-Za-z0-9_,\s-]*)\])?"
_PLAIN = re.compile(rf"{_NAME}(?:({_CLAUSE}(?:,{_CLAUSE})*)|\s*@\s*([^\s;]+))?\s*(?:;(.*))?")


def requirement(text: str, at: Place) -> Requirement:
    """Read one PEP 508 requirement.

    A marker right behind a URL, which uv takes and PEP 508 does not, is taken.
    Raises `InputError`, with the place, where PEP 508 refuses it.
    """
    # packaging is asked only about the odd requirement: most are a name and plain versions.
    match = _PLAIN.fullmatch(text)
    marker = (match[5] or "").strip() if match else ""
    if match is None or (match[5] and not is_marker(match[5])):
        return _full_requirement(text, at)
    extras = tuple(normalise(e.strip()) for e in (match[2] or "").split(",") if e.strip())
    return Requirement(normalise(match[1]), extras, (match[3] or "").strip(), marker, match[4] or "", text, at)


def _full_requirement(text: str, at: Place) -> Requirement:
    from packaging.requirements import InvalidRequirement
    from packaging.requirements import Requirement as Parsed

    try:
        parsed = Parsed(text)
    except InvalidRequirement as error:
        reason = str(error).splitlines()[0]
        raise InputError(f"{_where(at)}: {text!r} is not a requirement: {reason}") from None
    extras = tuple(sorted(map(normalise, parsed.extras)))
    marker = str(parsed.marker) if parsed.marker else ""
    return Requirement(normalise(parsed.name), extras, str(parsed.specifier), marker, parsed.url or "", text, at)


def _sources(file: str, key: str, value: object) -> Iterator[Source]:
    at = Place(file, ("tool", "uv", "sources", key))
    single = isinstance(value, dict)
    if not single and not isinstance(value, list):
        raise InputError(f"{_where(at)} is neither a table nor a list of tables")
    entries: list[object] = [value] if single else value  # type: ignore[assignment]
    for number, entry in enumerate(entries):
        place = at if single else Place(file, (*at.path, number))
        if not isinstance(entry, dict):
            raise InputError(f"{_where(place)} is not a table: {entry!r}")
        kind = next((k for k in ("index", "git", "url", "path", "workspace") if k in entry), "other")
        fields = {k: _string(file, entry, k, *place.path) for k in ("extra", "group", "marker")}
        if fields["marker"] and not is_marker(fields["marker"]):
            raise InputError(f"{_where(place)}: {fields['marker']!r} is not a marker")
        target = str(entry.get(kind, ""))
        yield Source(normalise(key), kind, target, **fields, at=place)  # type: ignore[arg-type]


def _indexes(file: str, uv: Mapping[str, Any]) -> Iterator[Index]:
    entries = uv.get("index", [])
    if not isinstance(entries, list):
        raise InputError(f"{file}: tool.uv.index is not a list of tables")
    for number, entry in enumerate(entries):
        at = Place(file, ("tool", "uv", "index", number))
        if not isinstance(entry, dict):
            raise InputError(f"{_where(at)} is not a table: {entry!r}")
        name, url = (_string(file, entry, k, *at.path) for k in ("name", "url"))
        yield Index(name, url, entry.get("explicit") is True, entry.get("default") is True, at)


def _conflicts(project: Project, files: Mapping[str, str]) -> Iterator[ConflictSet]:
    sets = project.uv.get("conflicts", [])
    if not isinstance(sets, list):
        raise InputError(f"{project.file}: tool.uv.conflicts is not a list of lists")
    for number, items in enumerate(sets):
        at = project.place("tool", "uv", "conflicts", number)
        if not isinstance(items, list) or not all(isinstance(item, dict) for item in items):
            raise InputError(f"{_where(at)} is not a list of tables")
        yield ConflictSet(tuple(_conflict_member(project, files, item) for item in items), at)


def _conflict_member(project: Project, files: Mapping[str, str], item: Mapping[str, Any]) -> Scope:
    package = normalise(str(item.get("package", "")))
    file = files.get(package, package) if package else project.file
    for kind in ("extra", "group"):
        if isinstance(name := item.get(kind), str):
            return Scope(file, kind, normalise(name))
    return Scope(file, "base")


def _table(file: str, data: Mapping[str, Any], key: str, *parents: str) -> Mapping[str, Any]:
    value = data.get(key, {})
    if not isinstance(value, dict):
        raise InputError(f"{file}: {'.'.join((*parents, key))} is not a table")
    return value


def _string(file: str, data: Mapping[str, Any], key: str, *parents: str | int) -> str:
    value = data.get(key, "")
    if not isinstance(value, str):
        raise InputError(f"{file}: {'.'.join(map(str, (*parents, key)))} is not a string")
    return value


def _where(at: Place) -> str:
    return f"{at.file}: {show_path(at.path)}"
