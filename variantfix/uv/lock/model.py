"""What a uv.lock holds, as immutable data.

Field by field this follows uv's lock format, version 1, revisions 0 to 5. Names of packages, extras and
groups are normalised, as uv writes them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from variantfix.namedtuple import NamedTuple
from variantfix.uv.pseudo import encode

if TYPE_CHECKING:
    from collections.abc import Mapping

    from variantfix.uv.lock.files import Artifact, Files
    from variantfix.uv.lock.markers import Condition, Markers

SourceKind = Literal["registry", "git", "url", "path", "directory", "editable", "virtual"]


class Source(NamedTuple):
    """Where a package comes from: the kind, and the index URL, repository URL, URL or path."""

    kind: SourceKind
    location: str


class Dependency(NamedTuple):
    """One edge: `package` is the index of the required row in `Lock.packages`."""

    package: int
    extras: tuple[str, ...]
    marker: Condition


class Requirement(NamedTuple):
    """A requirement of the workspace root itself, which names a package but no row of it."""

    name: str
    specifier: str
    extras: tuple[str, ...]
    marker: Condition


class ConflictItem(NamedTuple):
    """One member of a conflict set: an extra or a group of a package, or the package itself (no name)."""

    kind: Literal["extra", "group", "project"]
    package: str
    name: str

    @property
    def encoded(self) -> str:
        """The pseudo-extra by which markers of the lock name this item, for example `extra-3-app-cpu`."""
        return encode(self.kind, self.package, self.name)

    def __str__(self) -> str:
        """Return the item as uv's messages have it."""
        match self.kind:
            case "extra":
                return f"{self.package}[{self.name}]"
            case "group":
                return f"{self.package}:{self.name}"
            case "project":
                return self.package


class Package(NamedTuple):
    """One `[[package]]` row. Rows may share name and version, and differ in source.

    `version` is None where it is dynamic. `extras` and `groups` have every name that the row declares, also
    those without dependencies. `forks` are its `resolution-markers`; none means all forks.
    """

    name: str
    version: str | None
    source: Source
    dependencies: tuple[Dependency, ...]
    extras: Mapping[str, tuple[Dependency, ...]]
    groups: Mapping[str, tuple[Dependency, ...]]
    forks: tuple[Condition, ...]
    files: Files

    def __eq__(self, other: object) -> bool:
        """Whether it is the same; to compare all that it holds takes long."""
        return self is other

    def __hash__(self) -> int:
        return id(self)

    @property
    def wheels(self) -> tuple[Artifact, ...]:
        """Its wheels."""
        return self.files.wheels

    @property
    def sdist(self) -> Artifact | None:
        """Its source distribution, if it has one."""
        return self.files.sdist


class Lock(NamedTuple):
    """A whole uv.lock.

    `project` is the package at the workspace's root, None where the root has no `[project]` table; `members`
    are all packages of the workspace, the project among them. `requirements` and `groups` belong to a root
    without a project, or to a script. `forks`, `supported` and `required` are its `resolution-markers`,
    `supported-markers` and `required-markers`. `markers` answers every `Condition` in here.
    """

    revision: int
    requires_python: str
    conflicts: tuple[tuple[ConflictItem, ...], ...]
    project: str | None
    members: tuple[str, ...]
    requirements: tuple[Requirement, ...]
    groups: Mapping[str, tuple[Requirement, ...]]
    forks: tuple[Condition, ...]
    supported: tuple[Condition, ...]
    required: tuple[Condition, ...]
    packages: tuple[Package, ...]
    markers: Markers

    def __eq__(self, other: object) -> bool:
        """Whether it is the same; to compare all that it holds takes long."""
        return self is other

    def __hash__(self) -> int:
        return id(self)
