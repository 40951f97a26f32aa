"""The edits that declare indexes: a variant's own, and twins of the default index for what variants share."""

from __future__ import annotations

from typing import TYPE_CHECKING

from variantfix.pytorch import accelerator, catalog
from variantfix.toml import Append, Edit, toml_string

if TYPE_CHECKING:
    from collections.abc import Iterable

    from variantfix.detect.context import Context
    from variantfix.detect.variants import Variant
    from variantfix.pytorch.accelerator import Accelerator
    from variantfix.uv.project import Index, Project


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
    name = name_for(variant.accelerator, declared)
    return name, (add_index(project, name, variant.accelerator.index_url),)


def name_for(wanted: Accelerator, declared: Iterable[Index]) -> str:
    """The name of a new index for an accelerator, beside those that are declared."""
    return free_name(f"pytorch-{wanted.tag.replace('.', '')}", (index.name for index in declared))


def free_name(wanted: str, taken: Iterable[str]) -> str:
    """An index name that is not taken: the wanted one, else with the first number that makes it new."""
    names, name, number = set(taken), wanted, 2
    while name in names:
        name, number = f"{wanted}-{number}", number + 1
    return name


def add_index(project: Project, name: str, url: str, above: str = "") -> Append:
    """The edit that declares an explicit index, with a comment above it."""
    return Append(project.file, ("tool", "uv", "index"), index_entry(name, url), above=above)


def add_twin(project: Project, name: str, url: str) -> Append:
    """The edit that declares a twin of the default index, and says what its fragment is for."""
    scope = url.rpartition("#")[2]
    return add_index(
        project, name, url, f"The default index, for {scope} alone: to uv, another fragment makes another index."
    )


def split_index(ctx: Context, variant: Variant) -> tuple[str, str]:
    """The name of the variant's twin of the default index, and its URL if that is to be declared, else nothing."""
    declared = ctx.workspace.indexes(ctx.project(variant))
    names = {index.url: index.name for index in reversed(declared) if index.name}
    url = ctx.default_index.url
    # Variants of one accelerator that can be active together must not ask for two identities of a package.
    enemies = ctx.enemies(variant.scope)
    beside = [v for v in ctx.variants if v.accelerator == variant.accelerator and v.scope not in enemies]
    alike = sorted(beside, key=lambda v: (not _is_told_by_name(v), v.scope.name))
    for twin in alike:
        if name := names.get(f"{url}#{twin.scope.name}"):
            return name, ""
    wanted = alike[0].scope.name
    return free_name(f"pypi-{wanted}", (i.name for i in declared)), f"{url}#{wanted}"


def _is_told_by_name(variant: Variant) -> bool:
    return accelerator.from_scope_name(variant.scope.name) == variant.accelerator
