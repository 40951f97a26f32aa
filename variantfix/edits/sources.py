"""The edits that give packages their sources."""

from __future__ import annotations

from typing import TYPE_CHECKING

from variantfix.detect.routing import is_confined, must_route
from variantfix.edits.indexes import variant_index
from variantfix.pytorch import catalog
from variantfix.toml import Append, Edit, Put, Remove, toml_string
from variantfix.uv.markers import LINUX, MACOS, WINDOWS, atoms, conjunction, platforms, systems

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from variantfix.detect.context import Context
    from variantfix.detect.variants import Variant
    from variantfix.pytorch.accelerator import Accelerator
    from variantfix.uv.project import Project, Scope, Source
    from variantfix.uv.workspace import Workspace


def route(ctx: Context, package: str, variants: Sequence[Variant]) -> tuple[Edit, ...]:
    """The edits that give a package one source for each of some variants of one project.

    A variant whose torch is routed already keeps that shape: the package follows torch's entries.
    """
    edits: list[Edit] = []
    entries: list[str] = []
    for variant in variants:
        index, declare = variant_index(ctx, variant)
        edits += declare
        entries += _entries(ctx, package, variant, index)
    return (*edits, *add_sources(ctx, ctx.project(variants[0]), package, entries))


def _entries(ctx: Context, package: str, variant: Variant, index: str) -> Iterator[str]:
    followed = [s for s in ctx.sources(variant, "torch") if s.kind == "index"] if package != "torch" else []
    if not catalog.family()[package].on_pypi:
        # Nothing else has it: where it is not wanted, its requirement has to say so.
        yield entry(index, variant.scope, variant.spelling)
        return
    marker = variant.accelerator.marker if is_confined(ctx, variant) else ""
    if not followed:
        yield entry(index, variant.scope, variant.spelling, _within(package, variant.accelerator, marker))
    for source in followed:
        own = source.marker or (marker if source.target == index else "")
        told = ctx.accelerator_of(ctx.project(variant), source) or variant.accelerator
        if told == variant.accelerator or must_route(variant._replace(accelerator=told), package):
            yield entry(source.target, variant.scope, variant.spelling, _within(package, told, own))


def remove_sources(workspace: Workspace, project: Project, sources: Sequence[Source]) -> tuple[Edit, ...]:
    """The edits that remove some sources of one package, the last one first; all that there are with their key."""
    if sources and len(sources) == len(workspace.sources(project, sources[0].package)):
        return (Remove(sources[0].at.file, sources[0].at.path[:4]),)
    return tuple(Remove(source.at.file, source.at.path) for source in reversed(sources))


def _are_plain(project: Project) -> bool:
    """Whether every package has one source, for everything, as a table of its own."""
    sources = list(project.all_sources())
    return bool(sources) and not any(source.is_scoped or len(source.at.path) > 4 for source in sources)


_OF_PLATFORMS = ("sys_platform", "platform_system", "os_name", "platform_machine")
_SYSTEMS = {"linux": LINUX, "win": WINDOWS, "macos": MACOS}


def _within(package: str, accelerator: Accelerator, marker: str) -> str:
    """A marker of torch's platforms, as far as the index has the package for them too."""
    hosted = {_SYSTEMS[name.partition("-")[0]] for name in catalog.platforms(package, accelerator.tag)}
    if not marker or not hosted or systems(marker) & set(accelerator.systems) <= hosted:
        return marker
    own = " or ".join(f"sys_platform == '{system}'" for system in accelerator.systems if system in hosted)
    is_implied = platforms(own) <= platforms(marker) and all(atom.key in _OF_PLATFORMS for atom in atoms(marker))
    return own if is_implied else conjunction(own, marker)


def entry(index: str, scope: Scope, spelling: str, marker: str = "") -> str:
    """One source entry, as an inline table."""
    bound: dict[str, str] = {} if scope.kind == "base" else {scope.kind: spelling}
    fields = {"index": index, **bound, "marker": marker}
    return "{ " + ", ".join(f"{key} = {toml_string(value)}" for key, value in fields.items() if value) + " }"


def add_sources(ctx: Context, project: Project, package: str, entries: Sequence[str]) -> Iterator[Edit]:
    """The edits that add entries to a package's sources, whichever way the file spells its name.

    A virtual root's sources hold for its members' extras, and a member's own list would replace them.
    """
    root = ctx.workspace.root
    inherited = root.sources.get(package, ()) if root.is_virtual else ()
    if found := project.sources.get(package) or inherited:
        at = found[0].at
        yield from (Append(at.file, at.path[:4], each) for each in entries)
    elif len(entries) == 1 and _are_plain(project):
        yield Put(project.file, ("tool", "uv", "sources", package), entries[0])
    else:
        lines = "".join(f"    {each},\n" for each in entries)
        yield Put(project.file, ("tool", "uv", "sources", package), f"[\n{lines}]")
