"""Extras and groups that sources and conflict sets know under a name that is no longer theirs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from variantfix.pytorch import accelerator

if TYPE_CHECKING:
    from collections.abc import Mapping

    from variantfix.detect.context import Context
    from variantfix.uv.project import Project, Scope, Section, Source


def renamed(ctx: Context, project: Project, source: Source) -> Section | None:
    """The extra or group that a source must mean whose own one does not exist; None where that is not evident.

    It is the only one that names the package without a source for it, and its name tells the accelerator of the index,
    which that of the absent one does not.
    """
    scope, told = source.scope(), ctx.accelerator_of(project, source)
    if scope is None or scope in project.sections or told is None or accelerator.from_name(scope.name) == told:
        return None
    bound = {each.scope() for each in ctx.workspace.sources(project, source.package)}
    found = [
        section
        for section in project.sections.values()
        if section.scope.kind == scope.kind and section.scope not in bound and section.named(source.package)
        if accelerator.from_scope_name(section.scope.name) == told
    ]
    return found[0] if len(found) == 1 else None


def former_names(ctx: Context, section: Section) -> frozenset[Scope]:
    """The names under which sources still know an extra or group."""
    project = ctx.workspace.project(section.scope.file)
    known = ctx.memory.once(("renamed", project.file), lambda: _by_meaning(ctx, project))
    return known.get(section.scope, frozenset())


def _by_meaning(ctx: Context, project: Project) -> Mapping[Scope, frozenset[Scope]]:
    """The names that sources know by mistake, by what they must mean."""
    found: dict[Scope, frozenset[Scope]] = {}
    for source in project.all_sources():
        if (scope := source.scope()) and (meant := renamed(ctx, project, source)):
            found[meant.scope] = found.get(meant.scope, frozenset()) | {scope}
    return found
