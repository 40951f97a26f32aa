"""Finding the variants: extras and dependency groups that are bound to one accelerator."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from variantfix.errors import ConfigError
from variantfix.pytorch import accelerator, catalog
from variantfix.uv.project import Place, Project, Requirement, Scope, Section, Source, Workspace, normalise

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from variantfix.pytorch.accelerator import Accelerator

CONFIG, SOURCE, LOCAL_VERSION, NAME = "configuration", "source", "local version", "name"


@dataclass(frozen=True, slots=True)
class Variant:
    """An extra or group bound to an accelerator, and the evidence that decided.

    `evidence` is one of `configuration`, `source`, `local version`, `name`, strongest first.
    """

    scope: Scope
    accelerator: Accelerator
    evidence: str
    spelling: str
    at: Place

    def __str__(self) -> str:
        return self.spelling


def find_variants(workspace: Workspace, named: Mapping[str, str]) -> tuple[Variant, ...]:
    """The variants of all projects of a workspace, in the files' order.

    `named` maps extra or group names to accelerator tags: what the configuration and the flags say.
    Raises `ConfigError` where it names a tag that is none, or an extra or group that does not exist.
    """
    told = {normalise(name): _told(name, tag) for name, tag in named.items()}
    found = tuple(
        variant
        for project in workspace.projects
        for section in project.sections.values()
        if section.scope.kind != "base" and (variant := _variant(workspace, project, section, told))
    )
    known = {section.scope.name for project in workspace.projects for section in project.sections.values()}
    for name in named:
        if normalise(name) not in known:
            raise ConfigError(
                f"{workspace.root.file}: there is no extra or dependency group {name!r}",
                hint="named by [tool.variantfix.variants] or --accelerator",
            )
    return found


def undecided(workspace: Workspace, variants: tuple[Variant, ...]) -> Iterator[Section]:
    """Extras and groups that name a family package under a name that tells no accelerator: `gpu`, `cuda`."""
    known = {variant.scope for variant in variants}
    for project in workspace.projects:
        for section in project.sections.values():
            if section.scope in known or not accelerator.is_vague(section.scope.name):
                continue
            if any(r.name in catalog.family() and not r.url for r in section.requirements):
                yield section


def family_packages(names: Iterator[str] | list[str]) -> tuple[str, ...]:
    """The family packages among names: torch, torchvision, torchaudio first, then by name."""
    leading = {"torch": 0, "torchvision": 1, "torchaudio": 2}
    return tuple(sorted({n for n in names if n in catalog.family()}, key=lambda n: (leading.get(n, 3), n)))


def source_accelerator(workspace: Workspace, project: Project, source: Source) -> Accelerator | None:
    """The accelerator of the index that a source names: by the index's URL, else by its name."""
    if source.kind != "index":
        return None
    for index in workspace.indexes(project):
        if index.name == source.target:
            return accelerator.from_url(index.url)
    return accelerator.from_name(source.target)


def _told(name: str, tag: str) -> Accelerator:
    found = accelerator.from_tag(tag)
    if found is None:
        raise ConfigError(f"{name} = {tag!r} is no accelerator", hint="cpu, xpu, cu128, rocm6.4 and the like")
    return found


def _variant(
    workspace: Workspace, project: Project, section: Section, told: Mapping[str, Accelerator]
) -> Variant | None:
    families = [r for r in section.requirements if r.name in catalog.family() and not r.url]
    decided = (
        (CONFIG, told.get(section.scope.name)),
        (SOURCE, _by_source(workspace, project, section.scope)),
        (LOCAL_VERSION, _by_local_version(families)),
        (NAME, accelerator.from_scope_name(section.scope.name) if families else None),
    )
    for evidence, found in decided:
        if found is not None:
            return Variant(section.scope, found, evidence, section.spelling, section.at)
    return None


def _by_source(workspace: Workspace, project: Project, scope: Scope) -> Accelerator | None:
    """What the scoped sources say; an extra that takes macOS from the CPU index is still its GPU's."""
    names = family_packages([*project.sources, *workspace.root.sources])
    for package in names:
        found = [
            told
            for source in workspace.sources(project, package)
            if (source_scope := source.scope())
            and (source_scope.kind, source_scope.name) == (scope.kind, scope.name)
            and (told := source_accelerator(workspace, project, source))
        ]
        if found:
            return min(found, key=lambda a: a.kind == "cpu")
    return None


def _by_local_version(requirements: list[Requirement]) -> Accelerator | None:
    found = {told for r in requirements if (told := accelerator.from_local_version(r.specifier))}
    return found.pop() if len(found) == 1 else None
