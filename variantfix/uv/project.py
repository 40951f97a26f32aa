"""What a project declares: requirements, sources, indexes, conflicts. Plain data, parsed once, never changed.

Every value carries the file it speaks of, so that a uv workspace (root and members) is one unit.
"""

from __future__ import annotations

import re
from types import MappingProxyType
from typing import TYPE_CHECKING, Literal

from variantfix.memo import kept
from variantfix.namedtuple import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from variantfix.toml import KeyPath

Kind = Literal["base", "extra", "group"]
SourceKind = Literal["index", "git", "url", "path", "workspace", "other"]


class Place(NamedTuple):
    """Where something stands: a file and a key path in it."""

    file: str
    path: KeyPath


class Scope(NamedTuple):
    """One list of requirements of one project: its base dependencies, an extra or a dependency group.

    `name` is normalised (PEP 685); it is empty for the base dependencies.
    """

    file: str
    kind: Kind
    name: str = ""

    def __str__(self) -> str:
        return f"{self.kind} {self.name}".strip()


class Requirement(NamedTuple):
    """A requirement as written; `name` and `extras` are normalised."""

    name: str
    extras: tuple[str, ...]
    specifier: str
    marker: str
    url: str
    text: str
    at: Place

    @property
    def spelling(self) -> str:
        """The package's name as the file spells it."""
        return re.split(r"[^\w.-]", self.text.strip(), maxsplit=1)[0]


class Section(NamedTuple):
    """The requirements of one scope, and the scopes of the same project that it switches on by reference."""

    scope: Scope
    spelling: str
    at: Place
    requirements: tuple[Requirement, ...]
    includes: tuple[str, ...] = ()

    def named(self, package: str) -> tuple[Requirement, ...]:
        """Its own requirements on one package."""
        return tuple(r for r in self.requirements if r.name == package)


class Source(NamedTuple):
    """One entry of `tool.uv.sources`; `target` is the index name, or what the other kinds point at."""

    package: str
    kind: SourceKind
    target: str
    extra: str
    group: str
    marker: str
    at: Place

    @property
    def is_scoped(self) -> bool:
        """Whether it is bound to one extra or group."""
        return bool(self.extra or self.group)

    def scope(self) -> Scope | None:
        """The extra or group that it is bound to; None for an unscoped source."""
        if self.extra:
            return Scope(self.at.file, "extra", normalise(self.extra))
        return Scope(self.at.file, "group", normalise(self.group)) if self.group else None

    def is_bound_to(self, scope: Scope) -> bool:
        """Whether it is bound to an extra or group; a root's sources are bound to those of its members as well."""
        bound = self.scope()
        return bound is not None and (bound.kind, bound.name) == (scope.kind, scope.name)

    def applies_to(self, scope: Scope) -> bool:
        """Whether it holds for what a list of requirements names: it is bound to nothing, or to that extra or group."""
        return not self.is_scoped or self.is_bound_to(scope)


class Index(NamedTuple):
    """One `[[tool.uv.index]]`."""

    name: str
    url: str
    explicit: bool
    default: bool
    at: Place
    exclude_newer: str | bool | None = None


class ConflictSet(NamedTuple):
    """One set of `tool.uv.conflicts`: scopes, of which no two can be active together."""

    members: tuple[Scope, ...]
    at: Place


class Members(NamedTuple):
    """`tool.uv.workspace`: patterns of the folders that are members, and of those that are not."""

    included: tuple[str, ...] = ()
    excluded: tuple[str, ...] = ()


class UvSettings(NamedTuple):
    """What `[tool.uv]` says beside sources, indexes and conflicts; None for what it does not say.

    `keys` are all of its keys, in the file's order. Overrides and constraints that are bound to one package are left
    out. `exclude_newer_packages` has each name as it is spelt, with its date, or False for none.
    """

    keys: tuple[str, ...] = ()
    overrides: tuple[Requirement, ...] = ()
    constraints: tuple[Requirement, ...] = ()
    excluded_packages: tuple[str, ...] = ()
    environments: tuple[str, ...] = ()
    required_environments: tuple[str, ...] = ()
    default_groups: tuple[str, ...] | Literal["all"] | None = None
    required_version: str = ""
    index_url: str = ""
    extra_index_urls: tuple[str, ...] = ()
    find_links: tuple[str, ...] = ()
    torch_backend: str | None = None
    managed: bool = True
    package: bool | None = None
    exclude_newer: str | None = None
    exclude_newer_packages: Mapping[str, str | bool] = MappingProxyType({})
    workspace: Members | None = None


class Project(NamedTuple):
    """One pyproject.toml.

    `is_virtual` says that it has no `[project]` table: the root of a workspace, or of dependency groups alone.
    `dynamic` are the fields of `[project]` that its build backend tells, `build_requires` what that one needs; None
    where there is no `[build-system]`.
    """

    file: str
    name: str
    sections: Mapping[Scope, Section]
    sources: Mapping[str, tuple[Source, ...]]
    indexes: tuple[Index, ...]
    uv: UvSettings
    is_virtual: bool = False
    requires_python: str = ""
    dynamic: tuple[str, ...] = ()
    build_requires: tuple[str, ...] | None = None
    dependency_groups: tuple[str, ...] = ()

    def __eq__(self, other: object) -> bool:
        return self is other

    def __hash__(self) -> int:
        return hash(self.file)

    def requirements(self) -> Iterator[Requirement]:
        """The requirements of all its lists."""
        return (requirement for section in self.sections.values() for requirement in section.requirements)

    def all_sources(self) -> Iterator[Source]:
        """Its sources, whichever package they are of."""
        return (source for sources in self.sources.values() for source in sources)

    def extras(self) -> Iterator[Section]:
        """Its extras, in the file's order."""
        return (s for s in self.sections.values() if s.scope.kind == "extra")

    def groups(self) -> Iterator[Section]:
        """Its dependency groups, in the file's order."""
        return (s for s in self.sections.values() if s.scope.kind == "group")

    @property
    def is_packaged(self) -> bool:
        """Whether uv builds a package from it, whose requirements others then get."""
        return self.build_requires is not None if self.uv.package is None else self.uv.package

    @property
    def base(self) -> Section:
        """Its base dependencies."""
        return self.sections[Scope(self.file, "base")]

    def scopes(self, extras: tuple[str, ...]) -> tuple[Scope, ...]:
        """What a requirement on this project with some extras switches on."""
        return Scope(self.file, "base"), *(Scope(self.file, "extra", extra) for extra in extras)

    def place(self, *path: str | int) -> Place:
        """A place in its file."""
        return Place(self.file, path)

    def lists(self, section: Section, package: str) -> bool:
        """Whether a list names a package, itself or by `include-group`, which uv unfolds before it looks at sources."""
        todo: list[Section] = [section]
        seen: set[Scope] = set()
        while todo:
            found = todo.pop()
            seen.add(found.scope)
            if found.named(package):
                return True
            included = (self.sections.get(Scope(self.file, "group", name)) for name in found.includes)
            todo += [each for each in included if each and each.scope not in seen]
        return False

    def references(self, section: Section) -> Iterator[Scope]:
        """The extras and groups of the same project that a section switches on."""
        for requirement in section.requirements:
            if self.name and requirement.name == self.name:
                yield from (Scope(self.file, "extra", extra) for extra in requirement.extras)
        yield from (Scope(self.file, "group", group) for group in section.includes)


@kept
def normalise(name: str) -> str:
    """A package, extra or group name, normalised (PEP 503, PEP 685)."""
    return re.sub(r"[-_.]+", "-", name).lower()


def show_path(path: KeyPath) -> str:
    """A key path as a reader writes it: `tool.uv.index[0].url`."""
    out = ""
    for key in path:
        out += f"[{key}]" if isinstance(key, int) else f".{key}" if out else key
    return out
