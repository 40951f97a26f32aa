"""One variant of a project by itself: whether the bounds that its author wrote can be met at all."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.laws.style import Style, render

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.conftest import Judge
    from variantfix.detect.context import Context
    from variantfix.detect.variants import Variant


def has_no_solution(before: Context, after: Context, variant: Variant, judge: Judge) -> bool:
    """Whether uv finds no solution for what stood in the variant, with its indexes and without any scope.

    The requirements are those from before the repair, so that the repair's own are never the excuse.
    """
    project = after.project(variant)
    sources = {
        package: [{"index": s.target} | ({"marker": s.marker} if s.marker else {}) for s in found]
        for package in {*project.sources, *after.workspace.root.sources}
        if (found := after.sources(variant, package))
    }
    indexes = {
        index.name: {"name": index.name, "url": index.url} | {"default" if index.default else "explicit": True}
        for index in after.workspace.indexes(project)
    }
    data = {
        "project": {
            "name": "alone",
            "version": "0.1.0",
            "requires-python": project.requires_python,
            "dependencies": list(_requirements(before, variant)),
        },
        "tool": {"uv": _kept(before) | {"sources": sources, "index": [*indexes.values()]}},
    }
    verdict = judge({"pyproject.toml": render(data, Style())})
    return not verdict.locked and "No solution found" in verdict.error


def _kept(ctx: Context) -> dict[str, Any]:
    """The settings that decide what there is to resolve."""
    uv = ctx.workspace.root.uv
    kept = {
        "override-dependencies": [r.text for r in uv.overrides],
        "constraint-dependencies": [r.text for r in uv.constraints],
        "environments": list(uv.environments),
    }
    return {key: value for key, value in kept.items() if value}


def _requirements(ctx: Context, variant: Variant) -> Iterator[str]:
    """What can stand beside the variant: uv resolves all lists of all members that no conflict keeps apart."""
    names = {project.name for project in ctx.workspace.projects}
    rivals = {v.scope for v in ctx.variants if v.accelerator != variant.accelerator} | ctx.enemies(variant.scope)
    for project in ctx.workspace.projects:
        for scope, section in project.sections.items():
            if not ctx.activated(scope) & rivals:
                yield from (r.text for r in section.requirements if r.name not in names)
