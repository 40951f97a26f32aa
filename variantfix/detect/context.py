"""What every rule may ask: the workspace, its variants, their closures. Computed once, when first asked."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from variantfix.detect import reach
from variantfix.detect.memory import Memory, remembered
from variantfix.detect.variants import (
    Variant,
    family_packages,
    find_variants,
    is_counterpart,
    source_accelerator,
    undecided,
)
from variantfix.detect.walks import Walks
from variantfix.detect.whole import find_whole
from variantfix.errors import InputError
from variantfix.pytorch import catalog
from variantfix.uv.markers import PLATFORMS, platforms, systems
from variantfix.uv.project import Index, Project, Requirement, Scope, Section, Source, normalise

if TYPE_CHECKING:
    from collections.abc import Mapping

    from variantfix.detect.beside import Evidence
    from variantfix.detect.reach import Reach, Requires
    from variantfix.pytorch.accelerator import Accelerator
    from variantfix.pytorch.certainty import Certainty
    from variantfix.settings import Settings
    from variantfix.uv.lock import Lock
    from variantfix.uv.markers import Platform
    from variantfix.uv.workspace import Workspace


_MOST_VARIANTS = 200


class Context:
    """One workspace under one set of settings.

    Of an `earlier` one, of the same project under the same evidence, what lists of requirements bring is taken over as
    long as no list has changed since.
    """

    def __init__(
        self,
        workspace: Workspace,
        settings: Settings,
        requires: Requires = reach.catalogue_requires,
        evidence: Evidence | None = None,
        earlier: Context | None = None,
    ) -> None:
        self.workspace = workspace
        self.settings = settings
        self.walks: Walks = Walks(workspace, requires, earlier.walks if earlier else None)
        self.evidence = evidence
        self.memory = Memory()

    @property
    def requires(self) -> Requires:
        """Who requires whom."""
        return self.walks.requires

    @cached_property
    def variants(self) -> tuple[Variant, ...]:
        """The variants, in the files' order. Raises `InputError` for more of them than anyone has."""
        found = find_variants(self.workspace, self.settings.accelerators)
        if len(found) > _MOST_VARIANTS:
            raise InputError(f"{self.workspace.root.file}: more than {_MOST_VARIANTS} extras and groups are variants")
        return found

    @cached_property
    def lock(self) -> Lock | None:
        """The uv.lock beside the files; None without one or without what it could break, and for one of other files."""
        return self.evidence.beside.lock if self.evidence and self.evidence.beside and self.staleness == "" else None

    @cached_property
    def staleness(self) -> str | None:
        """What that uv.lock and the files disagree about, empty where it is theirs; None where nobody needs to know."""
        beside = self.evidence.beside if self.evidence else None
        return beside.staleness(self.workspace) if beside and self.routed else None

    @cached_property
    def unknown(self) -> tuple[Reach, ...]:
        """The packages in reach of which nothing tells whether they bring torch."""
        return self.evidence.unknown(self.workspace, self.walks) if self.evidence else ()

    @cached_property
    def by_scope(self) -> Mapping[Scope, Variant]:
        """The variants by the scope that they are."""
        return {variant.scope: variant for variant in self.variants}

    @cached_property
    def counterparts(self) -> frozenset[Scope]:
        """The extras and groups that take PyPI's build on purpose."""
        return frozenset(s.scope for s in self.workspace.sections() if is_counterpart(self.workspace, self.variants, s))

    @cached_property
    def undecided(self) -> Mapping[Scope, Section]:
        """The extras and groups that speak of an accelerator without telling which."""
        return {section.scope: section for section in undecided(self.workspace, self.variants)}

    def project(self, variant: Variant) -> Project:
        """The project that has the variant."""
        return self.workspace.project(variant.scope.file)

    def base(self, variant: Variant) -> Scope:
        """The base dependencies of the variant's project."""
        return self.project(variant).base.scope

    def section(self, variant: Variant) -> Section:
        """The variant's own list."""
        found = self.workspace.section(variant.scope)
        assert found is not None
        return found

    @remembered
    def variants_of(self, project: Project) -> tuple[Variant, ...]:
        """The variants of one project."""
        return tuple(v for v in self.variants if v.scope.file == project.file)

    @cached_property
    def routed(self) -> tuple[Variant, ...]:
        """The variants of all projects, or the projects that are one by themselves."""
        return tuple(variant for project in self.workspace.projects for variant in self.routed_of(project))

    @remembered
    def routed_of(self, project: Project) -> tuple[Variant, ...]:
        """The variants of one project; where the workspace has none, the whole project if it is one by itself."""
        whole = None if self.variants else find_whole(self.workspace, project)
        return (whole,) if whole else self.variants_of(project)

    def lists(self, variant: Variant) -> tuple[Section, ...]:
        """The lists whose requirements the variant's sources are for: its own, or all of a whole project."""
        project = self.project(variant)
        return tuple(project.sections.values()) if variant.scope.kind == "base" else (self.section(variant),)

    def requirements(self, variant: Variant) -> tuple[Requirement, ...]:
        """The requirements that stand in them."""
        return tuple(requirement for section in self.lists(variant) for requirement in section.requirements)

    def named(self, variant: Variant, package: str) -> tuple[Requirement, ...]:
        """Those on one package."""
        return tuple(requirement for section in self.lists(variant) for requirement in section.named(package))

    def family_named(self, *variants: Variant) -> tuple[str, ...]:
        """The family packages that the lists of some variants name, torch first."""
        return family_packages(requirement.name for variant in variants for requirement in self.requirements(variant))

    @remembered
    def closure(self, *scopes: Scope) -> Mapping[str, Reach]:
        """What some scopes bring together with the base dependencies of their project."""
        base = Scope(scopes[0].file, "base")
        return self.walks.closure((base, *(s for s in scopes if s != base)))

    @remembered
    def own(self, variant: Variant) -> Mapping[str, Reach]:
        """What the variant brings together with the base dependencies, on the systems of its accelerator."""
        return self._reach(variant)

    @remembered
    def combined(self, variant: Variant) -> Mapping[str, Reach]:
        """What can be in an environment beside the variant: its closure, and what it can be combined with."""
        return self._reach(variant, *self.combinable(variant))

    def _reach(self, variant: Variant, *beside: Scope) -> Mapping[str, Reach]:
        on = self.systems.intersection(variant.accelerator.systems)
        scopes = (Scope(variant.scope.file, "base"), *(section.scope for section in self.lists(variant)), *beside)
        return self.walks.closure(tuple(dict.fromkeys(scopes)), lambda marker: not on.isdisjoint(systems(marker)))

    @remembered
    def combinable(self, variant: Variant) -> tuple[Scope, ...]:
        """The extras and groups of the variant's project that can be active together with it."""
        project = self.project(variant)
        forbidden = {v.scope for v in self.variants if v.scope != variant.scope}
        forbidden.update(*(self.enemies(scope) for scope in self.activated(variant.scope)))
        return tuple(
            scope
            for scope in project.sections
            if scope.kind != "base" and scope != variant.scope and not self.activated(scope) & forbidden
        )

    @remembered
    def activated(self, scope: Scope) -> frozenset[Scope]:
        """A scope and all that it switches on by reference, in its own project and in other members."""
        found: set[Scope] = set()
        todo = [scope]
        while todo:
            if (next_scope := todo.pop()) in found:
                continue
            found.add(next_scope)
            section = self.workspace.section(next_scope)
            if section is None:
                continue
            todo += self.workspace.references(next_scope)
            for requirement in section.requirements:
                if member := self.workspace.member(requirement.name):
                    todo += member.scopes(requirement.extras)[1:]
        return frozenset(found)

    @remembered
    def enemies(self, scope: Scope) -> frozenset[Scope]:
        """The scopes that a conflict set forbids beside a scope."""
        return frozenset(
            member
            for conflict in self.workspace.conflicts
            if scope in conflict.members
            for member in conflict.members
            if member != scope
        )

    @remembered
    def default_groups(self, project: Project) -> tuple[Scope, ...]:
        """The groups of a project that uv adds to every selection, as the file names them."""
        groups = project.uv.default_groups
        if groups == "all":
            return tuple(section.scope for section in project.groups())
        listed = ("dev",) if groups is None else groups
        named = (Scope(project.file, "group", normalise(name)) for name in listed)
        return tuple(scope for scope in named if scope in project.sections)

    def sources(self, variant: Variant, package: str) -> tuple[Source, ...]:
        """The sources of a package that are for the variant, in the file's order: scoped to it, or for the whole."""
        if variant.scope.kind == "base":
            return self.unscoped_sources(self.project(variant), package)
        return self._scoped(self.project(variant), package).get((variant.scope.kind, variant.scope.name), ())

    @remembered
    def _scoped(self, project: Project, package: str) -> Mapping[tuple[str, str], tuple[Source, ...]]:
        """The sources of a package by the kind and name of what they are bound to."""
        found: dict[tuple[str, str], list[Source]] = {}
        for source in self.workspace.sources(project, package):
            if scope := source.scope():
                found.setdefault((scope.kind, scope.name), []).append(source)
        return {key: tuple(sources) for key, sources in found.items()}

    def urls(self, variant: Variant, package: str) -> tuple[str, ...]:
        """The URLs of the indexes that the variant's sources of a package name; empty for one that is not declared."""
        project = self.project(variant)
        found = (self.workspace.index_of(project, source) for source in self.sources(variant, package))
        return tuple(index.url if index else "" for index in found)

    def accelerator_of(self, project: Project, source: Source) -> Accelerator | None:
        """The accelerator of the index that a source names, as a project that uses it knows it."""
        return source_accelerator(self.workspace, project, source)

    def unscoped_sources(self, project: Project, package: str) -> tuple[Source, ...]:
        """The sources of a package that hold for every requirement on it."""
        return tuple(s for s in self.workspace.sources(project, package) if not s.is_scoped)

    @cached_property
    def systems(self) -> frozenset[str]:
        """The `sys_platform` values that `tool.uv.environments` admits."""
        return frozenset(system for system, _ in self.platforms)

    @cached_property
    def platforms(self) -> frozenset[Platform]:
        """The platforms that `tool.uv.environments` admits."""
        markers = self.workspace.root.uv.environments
        return frozenset().union(*map(platforms, markers)) if markers else PLATFORMS

    @property
    def overrides(self) -> tuple[Requirement, ...]:
        """The requirements that take the place of every other one on their packages."""
        return self.workspace.root.uv.overrides

    def overrides_of(self, package: str) -> tuple[Requirement, ...]:
        """Those on one package."""
        return tuple(override for override in self.overrides if override.name == package)

    @cached_property
    def default_index(self) -> Index:
        """The index that packages without a source come from: the project's own default, else PyPI's."""
        root = self.workspace.root
        for index in root.indexes:
            if index.default:
                return index
        url = root.uv.index_url or self.settings.default_index or catalog.PYPI_SIMPLE
        return Index("", url, explicit=False, default=True, at=root.place("tool", "uv"))

    def requirement_systems(self, requirement: Requirement) -> frozenset[str]:
        """The systems on which a requirement asks for its package."""
        return systems(requirement.marker) & self.systems

    def is_torch_dependent(self, package: str, extras: tuple[str, ...] = (), specifiers: tuple[str, ...] = ()) -> bool:
        """Whether a package, asked for with some extras, brings a family package without being one.

        `specifiers` are those that bound it (`Reach.specifiers`): other versions do not count.
        """
        return self.torch_dependence(package, extras, specifiers) is not None

    def torch_dependence(
        self, package: str, extras: tuple[str, ...] = (), specifiers: tuple[str, ...] = ()
    ) -> Certainty | None:
        """How sure that is; None where it is not so."""
        if package in catalog.family():
            return None
        return self.walks.how_brought(package, extras, specifiers)
