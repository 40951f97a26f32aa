"""A project, or a uv workspace of several, as one unit: what its root says holds for the members, too."""

from __future__ import annotations

from functools import cached_property
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from variantfix.uv.project import ConflictSet, Index, Project, Scope, Section, Source

_UNREAD: Mapping[str, Mapping[str, Any]] = MappingProxyType({})


class Workspace:
    """A project, or a uv workspace: the root first, then its members.

    `sources` and `indexes` of the root hold for the members too, unless a member says otherwise. `data` is what it was
    read from, by file name.
    """

    def __init__(
        self,
        projects: tuple[Project, ...],
        conflicts: tuple[ConflictSet, ...] = (),
        data: Mapping[str, Mapping[str, Any]] = _UNREAD,
    ) -> None:
        self.projects = projects
        self.conflicts = conflicts
        self.data = data
        self._references: dict[Scope, tuple[Scope, ...]] = {}

    @property
    def root(self) -> Project:
        """The root, whose conflicts and settings hold for all."""
        return self.projects[0]

    @cached_property
    def _by_file(self) -> dict[str, Project]:
        return {project.file: project for project in self.projects}

    @cached_property
    def members(self) -> Mapping[str, Project]:
        """Its projects, by the names that requirements know them by."""
        return {project.name: project for project in self.projects if project.name}

    def project(self, file: str) -> Project:
        """The project of a file."""
        return self._by_file[file]

    def member(self, name: str) -> Project | None:
        """The project of a package name, if it is one of the workspace's."""
        return self.members.get(name)

    def sections(self) -> Iterator[Section]:
        """The lists of all projects, in the files' order."""
        return (section for project in self.projects for section in project.sections.values())

    def scopes(self) -> tuple[Scope, ...]:
        """What these lists are the lists of."""
        return tuple(section.scope for section in self.sections())

    def section(self, scope: Scope) -> Section | None:
        """The section of a scope, if the file has it."""
        project = self._by_file.get(scope.file)
        return project.sections.get(scope) if project else None

    def references(self, scope: Scope) -> tuple[Scope, ...]:
        """The extras and groups of the same project that a scope switches on."""
        if scope not in self._references:
            section = self.section(scope)
            self._references[scope] = tuple(self.project(scope.file).references(section)) if section else ()
        return self._references[scope]

    def is_bound_as(self, other: Workspace) -> bool:
        """Whether it has the projects of another one, and the constraints."""
        names = [(project.file, project.name) for project in self.projects]
        bounds = self.root.uv.constraints
        return names == [(p.file, p.name) for p in other.projects] and bounds == other.root.uv.constraints

    def asks_as(self, other: Workspace) -> bool:
        """Whether its lists of requirements are those of another one, untouched since."""
        return all(
            len(one.sections) == len(two.sections)
            and all(a is b for a, b in zip(one.sections.values(), two.sections.values(), strict=True))
            for one, two in zip(self.projects, other.projects, strict=True)
        )

    def sources(self, project: Project, package: str) -> tuple[Source, ...]:
        """The sources that hold for a package in a project: its own, else the root's."""
        own = project.sources.get(package)
        return own if own is not None else self.root.sources.get(package, ())

    def indexes(self, project: Project) -> tuple[Index, ...]:
        """The indexes that a project's sources can name: its own, then the root's."""
        return project.indexes if project is self.root else project.indexes + self.root.indexes

    def index_of(self, project: Project, source: Source) -> Index | None:
        """The index that a source names, as a project that uses it knows it; None where it names none that there is."""
        if source.kind != "index":
            return None
        return next((index for index in self.indexes(project) if index.name == source.target), None)

    def users(self, source: Source) -> tuple[Project, ...]:
        """The projects that a source is for: a root's is for the members that have none of their own, too."""
        return tuple(project for project in self.projects if source in self.sources(project, source.package))
