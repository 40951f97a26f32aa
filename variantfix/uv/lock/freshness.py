"""Whether a uv.lock is the lock of the files at hand.

uv writes what it read into the lock: `requires-dist`, `requires-dev` and `provides-extras` of each member, the
conflicts, the Python range. Where these agree with the files, uv would not lock anew.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any

from variantfix.credentials import strip
from variantfix.namedtuple import NamedTuple
from variantfix.uv.markers import atoms, extras, holds
from variantfix.uv.platforms import hosts
from variantfix.uv.pythons import python_range
from variantfix.uv.specifiers import canonical

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from variantfix.uv.platforms import Host
    from variantfix.uv.project import Project, Requirement, Scope, Section
    from variantfix.uv.workspace import Workspace

# What an entry of the lock has in place of a version.
_ELSEWHERE = ("git", "url", "path", "directory", "editable", "virtual")
_FIELDS = {"base": "dependencies", "extra": "optional-dependencies"}


def staleness(document: Mapping[str, Any], workspace: Workspace) -> str:
    """Say in a clause what a lock's data and the files disagree about; empty where the lock is fresh.

    Raises ValueError, LookupError, TypeError or AttributeError for what uv does not write.
    """
    return next(_differences(document, _members(document), _Files(workspace)), "")


class _Files:
    """The files, with the environments that they are looked at in, found when first asked for."""

    def __init__(self, workspace: Workspace) -> None:
        self.workspace = workspace

    @cached_property
    def pythons(self) -> frozenset[str]:
        """The Pythons that all of them admit."""
        asked = [_pythons(p.requires_python) for p in self.workspace.projects if p.requires_python]
        return frozenset.intersection(*asked) if asked else _pythons("")

    @cached_property
    def environments(self) -> list[Host]:
        """Each platform that is supported, with the first and the last Python."""
        minors = [minor for minor in python_range("").minors if minor in self.pythons]
        supported = self.workspace.root.uv.environments
        return [
            host
            for python in dict.fromkeys(minors[:1] + minors[-1:])
            for host in hosts(python)
            if not supported or _holds(supported, host, frozenset())
        ]


def _members(document: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
    """The packages that carry metadata, by name."""
    return {
        row["name"]: row
        for row in document.get("package", ())
        if "metadata" in row or not {"virtual", "editable"}.isdisjoint(row["source"])
    }


def _differences(head: Mapping[str, Any], members: Mapping[str, Mapping[str, Any]], files: _Files) -> Iterator[str]:
    workspace = files.workspace
    if _pythons(str(head.get("requires-python", ""))) != files.pythons:
        yield f"it was made for {'Python ' + head['requires-python'] if 'requires-python' in head else 'any Python'}"
    named = {project.name for project in workspace.projects if project.name}
    locked = set(head.get("manifest", {}).get("members", ())) or set(members)
    for name in sorted(named - locked):
        yield f"it does not know the project {name}"
    yield from _conflict_differences(head, workspace)
    for kind in ("constraint", "override"):
        asked = workspace.root.uv.constraints if kind == "constraint" else workspace.root.uv.overrides
        held = head.get("manifest", {}).get(f"{kind}s", ())
        if {_listed(entry) for entry in held} != {requirement.name for requirement in asked}:
            yield f"its {kind}s are not those of the file"
    for project in workspace.projects:
        if project.name:
            yield from _project_differences(members.get(project.name, {}), project, files)


def _listed(entry: object) -> str:
    return str(entry.get("name", "")) if isinstance(entry, dict) else ""


def _pythons(specifier: str) -> frozenset[str]:
    return frozenset(python_range(specifier).minors)


def _conflict_differences(head: Mapping[str, Any], workspace: Workspace) -> Iterator[str]:
    names = {project.file: project.name for project in workspace.projects}
    declared = {
        frozenset((names.get(m.file, m.file), m.kind if m.name else "package", m.name) for m in conflict.members)
        for conflict in workspace.conflicts
    }
    locked = {frozenset(map(_conflict_item, conflict)) for conflict in head.get("conflicts", ())}
    if declared - locked:
        yield "its conflict sets are not those of the file"
    # uv adds sets of its own for groups that include others, and those of the members.
    root = workspace.root.name
    if any(all(item[:2] == (root, "extra") for item in conflict) for conflict in locked - declared):
        yield "its conflict sets are not those of the file"


def _conflict_item(item: Mapping[str, str]) -> tuple[str, str, str]:
    kind = next((kind for kind in ("extra", "group") if kind in item), "package")
    return item.get("package", ""), kind, item.get(kind, "") if kind != "package" else ""


def _project_differences(row: Mapping[str, Any], project: Project, files: _Files) -> Iterator[str]:
    metadata = row.get("metadata", {})
    dynamic = project.dynamic
    locked = _locked(metadata, project.name)
    for section in project.sections.values():
        if _FIELDS.get(section.scope.kind) not in dynamic:
            held = locked.get((section.scope.kind, section.scope.name), {})
            yield from _section_differences(_Listing(files, project, section), held)
    provided = metadata.get("provides-extras")
    extras = {section.scope.name for section in project.extras()}
    if provided is not None and "optional-dependencies" not in dynamic and set(provided) != extras:
        yield "its extras are not those of the file"


_Held = dict[str, list[dict[str, Any]]]
"""What a lock holds of one list of requirements: its entries by package."""


def _locked(metadata: Mapping[str, Any], own: str) -> dict[tuple[str, str], _Held]:
    """The entries of each list, by its kind and name; without those on the project itself."""
    found: dict[tuple[str, str], _Held] = {}
    for entry in metadata.get("requires-dist", ()):
        for extra in extras(entry.get("marker", "")) or ("",):
            held = found.setdefault(("extra" if extra else "base", extra), {})
            held.setdefault(entry["name"], []).append(entry)
    for group, entries in {**metadata.get("dependency-groups", {}), **metadata.get("requires-dev", {})}.items():
        for entry in entries:
            found.setdefault(("group", group), {}).setdefault(entry["name"], []).append(entry)
    for held in found.values():
        held.pop(own, None)
    return found


class _Listing(NamedTuple):
    """One list of requirements, where it stands."""

    files: _Files
    project: Project
    section: Section

    def written(self, *, follow: bool) -> dict[str, list[Requirement]]:
        """Its requirements by package, without those on the project itself; with those it refers to."""
        found: dict[str, list[Requirement]] = {}
        for section in self._sections(self.section, set(), follow=follow):
            for requirement in section.requirements:
                if requirement.name != self.project.name:
                    found.setdefault(requirement.name, []).append(requirement)
        return found

    def _sections(self, section: Section, seen: set[Scope], *, follow: bool) -> Iterator[Section]:
        seen.add(section.scope)
        yield section
        for scope in self.project.references(section) if follow else ():
            if scope not in seen and scope in self.project.sections:
                yield from self._sections(self.project.sections[scope], seen, follow=follow)


def _section_differences(listing: _Listing, held: _Held) -> Iterator[str]:
    """Compare one list: uv writes what a group includes into it, and newer ones what an extra refers to."""
    own, all_of_it = listing.written(follow=False), listing.written(follow=True)
    for package in sorted((own.keys() - held.keys()) | (held.keys() - all_of_it.keys())):
        has, other = ("the file", "the lock") if package in own else ("the lock", "the file")
        yield f"{has} has {package} in {_title(listing)}, and {other} has not"
    for package in sorted(own.keys() & held.keys()):
        if not _agree(listing, own[package], held[package], exactly=own == all_of_it):
            yield f"the file asks for another {package} in {_title(listing)}"


def _title(listing: _Listing) -> str:
    scope = listing.section.scope
    return str(scope) if scope.name else "the base dependencies"


def _agree(listing: _Listing, ours: list[Requirement], theirs: list[dict[str, Any]], *, exactly: bool) -> bool:
    if any(kind in entry for entry in theirs for kind in _ELSEWHERE):
        return True  # uv leaves out what a git, URL or path source makes idle
    wanted = {(frozenset(r.extras), canonical(r.specifier)) for r in ours}
    found = {(frozenset(e.get("extras", ())), canonical(e.get("specifier", ""))) for e in theirs}
    if not exactly:
        return wanted <= found
    return wanted == found and _same_indexes(listing, theirs) and _same_places(listing, ours, theirs)


def _same_indexes(listing: _Listing, theirs: list[dict[str, Any]]) -> bool:
    files, project, section = listing
    urls = {index.name: strip(index.url) for index in reversed(files.workspace.indexes(project))}
    sources = [
        source
        for source in files.workspace.sources(project, theirs[0]["name"])
        if source.kind == "index" and source.applies_to(section.scope)
    ]
    declared = {urls.get(source.target, "") for source in sources}
    always = {urls.get(source.target, "") for source in sources if not source.marker}
    locked = {strip(str(entry["index"])) for entry in theirs if "index" in entry}
    return always <= locked <= declared


def _same_places(listing: _Listing, ours: list[Requirement], theirs: list[dict[str, Any]]) -> bool:
    """Whether both ask for the package on the same platforms and Pythons."""
    asked, locked = [r.marker for r in ours], [e.get("marker", "") for e in theirs]
    if not any(asked) and all(map(_asks_for_extras_alone, locked)):
        return True
    scope = listing.section.scope
    active = frozenset((scope.name,)) if scope.kind == "extra" else frozenset[str]()
    return all(_holds(asked, host, active) == _holds(locked, host, active) for host in listing.files.environments)


def _asks_for_extras_alone(marker: str) -> bool:
    return all((atom.key, atom.operator) == ("extra", "==") for atom in atoms(marker))


def _holds(markers: Iterable[str], host: Host, active: frozenset[str]) -> bool:
    return any(holds(marker, host.environment, active) for marker in markers)
