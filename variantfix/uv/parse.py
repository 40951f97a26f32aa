"""Reading the data of pyproject files into a `Workspace`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from variantfix.errors import InputError
from variantfix.uv.includes import check_includes
from variantfix.uv.markers import is_marker
from variantfix.uv.project import (
    ConflictSet,
    Index,
    Kind,
    Members,
    Place,
    Project,
    Requirement,
    Scope,
    Section,
    Source,
    UvSettings,
    normalise,
)
from variantfix.uv.requirements import requirement
from variantfix.uv.tables import MOST_APART, Table, check_count, root, show_place, string, table, wrong
from variantfix.uv.workspace import Workspace

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from variantfix.toml import KeyPath


def parse(files: Mapping[str, Mapping[str, Any]], earlier: Workspace | None = None) -> Workspace:
    """Read the data of a root (first) and its members into a `Workspace`.

    Of an `earlier` one what was read from the very same data is taken over: a file, a list of requirements.
    Raises `InputError` for what uv or PEP 508 refuses: no `[project]`, a broken requirement, a source that is
    neither a table nor a list of tables, lists that refer to one another too often. The message names file and key.
    """
    projects = tuple(
        _project(file, data, is_root=place == 0, earlier=earlier) for place, (file, data) in enumerate(files.items())
    )
    by_name = {project.name: project.file for project in projects if project.name}
    tables = {file: root(file, data).table("tool").table("uv") for file, data in files.items()}
    found = Workspace(projects, tuple(c for p in projects for c in _conflicts(tables[p.file], p, by_name)), files)
    check_includes(found)
    return found


def _project(file: str, data: Mapping[str, Any], *, is_root: bool, earlier: Workspace | None) -> Project:
    if earlier and earlier.data.get(file) is data:
        return earlier.project(file)
    whole = root(file, data)
    project, tool = whole.table("project"), whole.table("tool")
    uv = tool.table("uv")
    if "project" not in data and not (
        is_root and ({"workspace", "sources"} & set(uv.data) or "dependency-groups" in data)
    ):
        raise InputError(f"{file}: there is no [project] table", hint="add it, or name another file")
    sources: dict[str, tuple[Source, ...]] = {}
    for key, value in uv.table("sources").data.items():
        sources[normalise(key)] = sources.get(normalise(key), ()) + tuple(_sources(file, key, value))
    build = whole.table("build-system")
    return Project(
        file,
        normalise(project.string("name")),
        {section.scope: section for section in _sections(whole, project, uv, earlier)},
        sources,
        tuple(_indexes(uv)),
        _settings(uv),
        is_virtual="project" not in data,
        requires_python=project.string("requires-python"),
        dynamic=project.strings("dynamic"),
        build_requires=build.strings("requires") if "build-system" in data else None,
        dependency_groups=tuple(map(normalise, whole.table("dependency-groups").data)),
    )


def _settings(uv: Table) -> UvSettings:
    groups = uv.data.get("default-groups")
    return UvSettings(
        keys=tuple(uv.data),
        overrides=tuple(_requirements(uv, "override-dependencies")),
        constraints=tuple(_requirements(uv, "constraint-dependencies")),
        excluded_packages=tuple(map(normalise, uv.strings("exclude-dependencies"))),
        environments=_environments(uv, "environments"),
        required_environments=_environments(uv, "required-environments"),
        default_groups="all" if groups == "all" else None if groups is None else uv.strings("default-groups"),
        required_version=uv.string("required-version"),
        index_url=uv.string("index-url"),
        extra_index_urls=uv.strings("extra-index-url"),
        find_links=uv.strings("find-links"),
        torch_backend=uv.string("torch-backend") if "torch-backend" in uv.data else None,
        managed=uv.flag("managed") is not False,
        package=uv.flag("package"),
        exclude_newer=uv.string("exclude-newer") if "exclude-newer" in uv.data else None,
        exclude_newer_packages=_dates(uv.table("exclude-newer-package")),
        workspace=_members(uv),
    )


def members(file: str, data: Mapping[str, Any]) -> Members | None:
    """The patterns of a workspace's members in the data of a file; None where it is no workspace.

    Raises `InputError` for what uv refuses.
    """
    return _members(root(file, data).table("tool").table("uv"))


def _members(uv: Table) -> Members | None:
    if "workspace" not in uv.data:
        return None
    workspace = uv.table("workspace")
    return Members(*(_patterns(workspace, key) for key in ("members", "exclude")))


def _patterns(workspace: Table, key: str) -> tuple[str, ...]:
    patterns = workspace.strings(key)
    for number, pattern in enumerate(patterns):
        if not pattern.strip("/. "):
            raise wrong(workspace.place(key, number), pattern, "a pattern of folders")
    return patterns


def _requirements(uv: Table, key: str) -> Iterator[Requirement]:
    """The requirements of a list; those that are bound to one package, as tables, leave the others alone."""
    for value, at in uv.items(key, "a list of requirements"):
        if not isinstance(value, dict):
            yield requirement(string(value, at), at)


def _environments(uv: Table, key: str) -> tuple[str, ...]:
    """The markers of an environment list, which can be one string."""
    single = isinstance(uv.data.get(key), str)
    entries = [(uv.data[key], uv.place(key))] if single else uv.items(key, "a list of markers")
    for marker, at in entries:
        if not isinstance(marker, str) or not is_marker(string(marker, at)):
            raise wrong(at, marker, "a marker")
    return tuple(marker for marker, _ in entries)


def _dates(packages: Table) -> Mapping[str, str | bool]:
    for name, date in packages.data.items():
        if date is not False and not isinstance(date, str):
            raise wrong(packages.place(name), date, "a date or false")
    return packages.data


def _sections(whole: Table, project: Table, uv: Table, earlier: Workspace | None) -> Iterator[Section]:
    file = whole.at.file
    if earlier and "dev-dependencies" in (*uv.data, *earlier.project(file).uv.keys):
        earlier = None  # two tables make one list of it

    def read(kind: Kind, name: str, path: KeyPath, items: object) -> Section:
        scope = Scope(file, kind, normalise(name))
        known = earlier.section(scope) if earlier else None
        if earlier and known and known.at.path == path and _at(earlier.data[file], path) is items:
            return known
        return _section(scope, name, path, items)

    yield read("base", "", project.place("dependencies").path, project.data.get("dependencies", _NOTHING))
    extras = project.table("optional-dependencies")
    check_count(extras.data, extras.at, MOST_APART)
    for name, items in extras.data.items():
        yield read("extra", name, extras.place(name).path, items)
    groups = whole.table("dependency-groups")
    check_count(groups.data, groups.at, MOST_APART)
    for name, items in groups.data.items():
        yield read("group", name, groups.place(name).path, items)
    if "dev-dependencies" in uv.data:
        # uv's own older table: with a group of that name it is one with it.
        old = _section(
            Scope(file, "group", "dev"), "dev", uv.place("dev-dependencies").path, uv.data["dev-dependencies"]
        )
        dev = groups.data.get("dev")
        new = old if dev is None else _section(old.scope, "dev", groups.place("dev").path, dev)
        both = dict.fromkeys((*new.requirements, *old.requirements))
        yield new._replace(requirements=tuple(both))


_NOTHING: list[object] = []


def _at(data: Mapping[str, Any], path: KeyPath) -> object:
    found: Any = data
    for key in path:
        found = found.get(key, _NOTHING) if isinstance(found, dict) else _NOTHING
    return found


def _section(scope: Scope, spelling: str, path: KeyPath, items: object) -> Section:
    at = Place(scope.file, path)
    if not isinstance(items, list):
        raise InputError(f"{show_place(at)} is not a list of requirements")
    check_count(items, at)
    requirements, includes = [], []
    for number, item in enumerate(items):
        place = Place(scope.file, (*path, number))
        if isinstance(item, str):
            requirements.append(requirement(item, place))
        elif scope.kind == "group" and isinstance(item, dict):
            if "include-group" in item:
                includes.append(normalise(Table(place, item).string("include-group")))
        else:
            raise InputError(f"{show_place(place)} is not a requirement: {item!r}")
    return Section(scope, spelling, at, tuple(requirements), tuple(includes))


def _sources(file: str, key: str, value: object) -> Iterator[Source]:
    at = Place(file, ("tool", "uv", "sources", key))
    single = isinstance(value, dict)
    if not single and not isinstance(value, list):
        raise wrong(at, value, "a table or a list of tables")
    entries: list[object] = [value] if single else value  # type: ignore[assignment]
    check_count(entries, at, MOST_APART)
    for number, each in enumerate(entries):
        entry = table(each, at if single else Place(file, (*at.path, number)))
        kind = next((k for k in ("index", "git", "url", "path", "workspace") if k in entry.data), "other")
        fields = {k: entry.string(k) for k in ("extra", "group", "marker")}
        if fields["marker"] and not is_marker(fields["marker"]):
            raise wrong(entry.place("marker"), fields["marker"], "a marker")
        target = entry.string(kind) if kind not in ("workspace", "other") else ""
        yield Source(normalise(key), kind, target, **fields, at=entry.at)  # type: ignore[arg-type]


def _indexes(uv: Table) -> Iterator[Index]:
    for value, at in uv.items("index", "a list of tables", MOST_APART):
        entry = table(value, at)
        newer = entry.data.get("exclude-newer")
        if newer is not None and newer is not False and not isinstance(newer, str):
            raise wrong(entry.place("exclude-newer"), newer, "a date or false")
        yield Index(
            entry.string("name"),
            entry.string("url"),
            explicit=entry.flag("explicit") is True,
            default=entry.flag("default") is True,
            at=at,
            exclude_newer=newer,
        )


def _conflicts(uv: Table, project: Project, files: Mapping[str, str]) -> Iterator[ConflictSet]:
    for items, at in uv.items("conflicts", "a list of lists", MOST_APART):
        if not isinstance(items, list) or not all(isinstance(item, dict) for item in items):
            raise wrong(at, items, "a list of tables")
        check_count(items, at, MOST_APART)
        members = (Table(Place(at.file, (*at.path, number)), item) for number, item in enumerate(items))
        yield ConflictSet(tuple(_conflict_member(item, project, files) for item in members), at)


def _conflict_member(item: Table, project: Project, files: Mapping[str, str]) -> Scope:
    package = normalise(item.string("package"))
    file = files.get(package, package) if package else project.file
    for kind in ("extra", "group"):
        if kind in item.data:
            return Scope(file, kind, normalise(item.string(kind)))
    return Scope(file, "base")
