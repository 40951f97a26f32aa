"""Which family packages a variant must route, to which index, and the edits that do it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from variantfix.pytorch import accelerator, catalog
from variantfix.toml import Append, Edit, Put

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from variantfix.detect.context import Context
    from variantfix.detect.variants import Variant
    from variantfix.uv.project import Project, Requirement, Scope, Section


def must_route(variant: Variant, package: str, specifier: str = "") -> bool:
    """Whether the variant's index has a build of the package that PyPI cannot stand in for."""
    entry = catalog.family().get(package)
    if entry is None:
        return False
    if not entry.on_pypi:
        return variant.accelerator.kind in entry.kinds
    return catalog.is_hosted(package, variant.accelerator.tag, without_local(specifier))


def without_local(specifier: str) -> str:
    """A specifier or requirement without local versions: `==2.6.0+cu124` is `==2.6.0`."""
    return re.sub(r"(\d)\+[\w.]+", r"\1", specifier)


def toml_string(text: str) -> str:
    """A string as TOML writes it: in double quotes, or in single ones where that spares escapes."""
    if '"' in text and not set(text) & {"'", "\\"}:
        return f"'{text}'"
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def entry(index: str, scope: Scope, spelling: str, marker: str = "") -> str:
    """One source entry, as an inline table."""
    fields = {"index": index, scope.kind: spelling, "marker": marker}
    return "{ " + ", ".join(f"{key} = {toml_string(value)}" for key, value in fields.items() if value) + " }"


def index_entry(name: str, url: str) -> str:
    """One explicit index, as an inline table."""
    return f"{{ name = {toml_string(name)}, url = {toml_string(url)}, explicit = true }}"


def variant_index(ctx: Context, variant: Variant) -> tuple[str, tuple[Edit, ...]]:
    """The name of the variant's index, and the edits that declare it where nothing does yet."""
    project = ctx.project(variant)
    for package in ("torch", *sorted(catalog.family())):
        for source in ctx.sources(variant, package):
            if source.kind == "index":
                return source.target, ()
    declared = ctx.workspace.indexes(project)
    for index in declared:
        told = accelerator.from_url(index.url) if accelerator.is_pytorchs(index.name, index.url) else None
        # An index that is named for another accelerator may be about to get that one's URL.
        fits = told == variant.accelerator and accelerator.from_name(index.name) in (None, told)
        if index.name and not index.default and fits:
            return index.name, ()
    name = free_name(f"pytorch-{variant.accelerator.tag.replace('.', '')}", (i.name for i in declared))
    return name, (add_index(project, name, variant.accelerator.index_url),)


def free_name(wanted: str, taken: Iterable[str]) -> str:
    """An index name that is not taken: the wanted one, else with the first number that makes it new."""
    names, name, number = set(taken), wanted, 2
    while name in names:
        name, number = f"{wanted}-{number}", number + 1
    return name


def add_index(project: Project, name: str, url: str) -> Append:
    """The edit that declares an explicit index."""
    return Append(project.file, ("tool", "uv", "index"), index_entry(name, url))


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


def is_confined(ctx: Context, variant: Variant) -> bool:
    """Whether the variant can leave other systems to PyPI: a pinned local version cannot be had there."""
    own = set(variant.accelerator.systems)
    return not any(
        "+" in r.specifier and r.name in catalog.family() and ctx.requirement_systems(r) - own
        for r in ctx.section(variant).requirements
    )


def _entries(ctx: Context, package: str, variant: Variant, index: str) -> Iterator[str]:
    followed = [s for s in ctx.sources(variant, "torch") if s.kind == "index"] if package != "torch" else []
    if not catalog.family()[package].on_pypi:
        # Nothing else has it: where it is not wanted, its requirement has to say so.
        yield entry(index, variant.scope, variant.spelling)
        return
    marker = variant.accelerator.marker if is_confined(ctx, variant) else ""
    if not followed:
        yield entry(index, variant.scope, variant.spelling, marker)
    for source in followed:
        own = marker if source.target == index else ""
        yield entry(source.target, variant.scope, variant.spelling, source.marker or own)


def add_sources(ctx: Context, project: Project, package: str, entries: Sequence[str]) -> Iterator[Edit]:
    """The edits that add entries to a package's sources, whichever way the file spells its name.

    A virtual root's sources hold for its members' extras, and a member's own list would replace them.
    """
    root = ctx.workspace.root
    inherited = root.sources.get(package, ()) if "project" not in root.data else ()
    if found := project.sources.get(package) or inherited:
        at = found[0].at
        yield from (Append(at.file, at.path[:4], each) for each in entries)
    else:
        lines = "".join(f"    {each},\n" for each in entries)
        yield Put(project.file, ("tool", "uv", "sources", package), f"[\n{lines}]")


def name_in(section: Section, text: str) -> Append:
    """The edit that adds a requirement to a section's list."""
    return Append(section.scope.file, section.at.path, toml_string(text))


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
            if _is_met(variant, requirement):
                return text
    return package


def _others(ctx: Context, project: Project) -> list[Section]:
    return [s for scope, s in project.sections.items() if scope.kind != "base" and scope not in ctx.by_scope]


def _portable(requirement: Requirement) -> str:
    return without_local(requirement.text).strip()


def _is_met(variant: Variant, requirement: Requirement) -> bool:
    """Whether the variant's index can satisfy a requirement, as far as it carries the package at all."""
    package = requirement.name
    return must_route(variant, package, requirement.specifier) or not must_route(variant, package)
