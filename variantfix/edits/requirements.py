"""The edits that name a package in a list, and how it should be named there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from variantfix.detect.routing import is_met
from variantfix.pytorch.accelerator import without_local
from variantfix.toml import Append, Edit, Put, toml_string
from variantfix.uv.markers import atoms, complement, conjunction, platforms, systems
from variantfix.uv.platforms import MACOS, SYSTEMS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from variantfix.detect.context import Context
    from variantfix.detect.variants import Variant
    from variantfix.uv.project import Project, Requirement, Section


_NOWHERE = "sys_platform == 'never'"


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


def divide(ctx: Context, requirement: Requirement, marker: str) -> Iterator[Edit]:
    """The edits that write a requirement once where a marker holds and once where it does not."""
    text, at = requirement.text.partition(";")[0].strip(), requirement.at
    first, *others = [m for m in _halves(requirement.marker, marker) if platforms(m) & ctx.platforms] or [""]
    if others:
        yield Put(at.file, at.path, toml_string(f"{text}; {first}"))
        yield from (Append(at.file, at.path[:-1], toml_string(f"{text}; {other}")) for other in others)


def _halves(asked: str, marker: str) -> tuple[str, str]:
    """The marker of a requirement, parted by another one."""
    if not asked or any(atom.key != "sys_platform" or atom.operator != "==" for atom in atoms(marker)):
        return conjunction(asked, marker), conjunction(asked, complement(marker))
    if any(atom.key not in ("sys_platform", "platform_system") for atom in atoms(asked)):
        return conjunction(asked, marker), conjunction(asked, complement(marker))
    there, own = systems(asked), systems(marker)
    return _on(there & own), _on(there - own)


def _on(wanted: frozenset[str]) -> str:
    """The marker of some systems; systems that nobody speaks of go with macOS."""
    if MACOS in wanted:
        return " and ".join(f"sys_platform != '{system}'" for system in SYSTEMS if system not in wanted)
    return " or ".join(f"sys_platform == '{system}'" for system in SYSTEMS if system in wanted) or _NOWHERE
