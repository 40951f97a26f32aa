"""The edits that name a package in a list, and how it should be named there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from variantfix.detect.routing import is_met
from variantfix.pytorch.accelerator import without_local
from variantfix.toml import Append, toml_string

if TYPE_CHECKING:
    from variantfix.detect.context import Context
    from variantfix.detect.variants import Variant
    from variantfix.uv.project import Project, Requirement, Section


def name_in(section: Section, text: str, moved: Requirement | None = None) -> Append:
    """The edit that adds a requirement to a section's list; the comment of one that is moved there comes along."""
    like = moved.at.path if moved else ()
    return Append(section.scope.file, section.at.path, toml_string(text), like=like)


def requirement_text(ctx: Context, variant: Variant, package: str) -> str:
    """How a variant should name a package: as its siblings do where they agree, else as the base, else bare.

    Local versions are dropped, and so is a bound that no build on the variant's index satisfies.
    """
    project = ctx.project(variant)
    siblings = [ctx.section(v) for v in ctx.variants_of(project) if v != variant]
    for sections in (siblings, [project.base], _others(ctx, project)):
        found = {_portable(r): r for section in sections for r in section.named(package) if not r.url}
        if len(found) == 1:
            ((text, requirement),) = found.items()
            if is_met(variant, requirement):
                return text
    return package


def _others(ctx: Context, project: Project) -> list[Section]:
    return [s for scope, s in project.sections.items() if scope.kind != "base" and scope not in ctx.by_scope]


def _portable(requirement: Requirement) -> str:
    return without_local(requirement.text).strip()
