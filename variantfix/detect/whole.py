"""The whole project as one variant: its unscoped sources give torch one accelerator, on each platform, everywhere."""

from __future__ import annotations

from typing import TYPE_CHECKING

from variantfix.detect.variants import SOURCE, Part, Variant, source_accelerator
from variantfix.uv.markers import LINUX, MACOS, PLATFORMS, platforms

if TYPE_CHECKING:
    from variantfix.pytorch.accelerator import Accelerator
    from variantfix.uv.markers import Platform
    from variantfix.uv.project import Project, Source
    from variantfix.uv.workspace import Workspace

WHOLE = "the project"
"""What messages call it."""


def find_whole(workspace: Workspace, project: Project) -> Variant | None:
    """The variant that a project without variants is, by the sources of torch; None where PyPI's builds do as well.

    Its scope is that of the base dependencies, and its lists are all of the project's.
    """
    sources = workspace.sources(project, "torch")
    named = any(section.named("torch") for section in project.sections.values())
    told = [(source, source_accelerator(workspace, project, source)) for source in sources]
    parts = [Part(each, source.marker) for source, each in told if each and each.is_exact and not source.is_scoped]
    if not named or len(parts) != len(sources) or "torch" in {r.name for r in workspace.root.uv.overrides}:
        return None
    served = [part for part in parts if _served(part)]
    if not served:
        return None
    main = min(served, key=lambda part: (part.accelerator.kind == "cpu", (LINUX, "x86_64") not in _served(part)))
    several = tuple(parts) if len({part.accelerator for part in parts}) > 1 else ()
    return Variant(project.base.scope, main.accelerator, SOURCE, WHOLE, sources[0].at, several)


def _served(part: Part) -> frozenset[Platform]:
    return platforms(part.marker) & needing(part.accelerator)


def needing(wanted: Accelerator) -> frozenset[Platform]:
    """The platforms on which PyPI's builds are not those of an accelerator: they are for CPUs but on Linux."""
    systems = (LINUX,) if wanted.kind == "cpu" else wanted.systems
    return frozenset(platform for platform in PLATFORMS if platform[0] in systems and platform[0] != MACOS)


def needed_from(
    workspace: Workspace, project: Project, source: Source
) -> tuple[Accelerator, frozenset[Platform]] | None:
    """The accelerator of a source of torch, and the platforms on which what goes with torch needs that index too."""
    told = source_accelerator(workspace, project, source)
    return (told, platforms(source.marker) & needing(told)) if told else None
