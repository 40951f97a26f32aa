"""An extra or group that only refers to a variant gets none of the variant's sources.

uv binds a source to the list in which the requirement stands, and follows neither self-references
(`gpu = ["app[torch-cu128]"]`) nor `include-group`. The alias asks for torch without any source.

## Why it matters

`uv sync --extra gpu` installs PyPI's torch without a word. An extra of aliases raises no conflict against the other
variants either. The same holds for an extra or group that refers to a variant and adds packages of its own.

A group may ask for the project with an extra (`dev = ["app[cpu]"]`): that is a requirement like any other, for which
uv switches the extra on, with its sources. It is not reported.

## Example

```toml
[project.optional-dependencies]
torch-cu128 = ["torch>=2.7"]
gpu = ["app[torch-cu128]"]

[tool.uv.sources]
torch = [
    { index = "pytorch-cu128", extra = "torch-cu128", marker = "sys_platform != 'darwin'" },
]
```

becomes

```toml
[project.optional-dependencies]
torch-cu128 = ["torch>=2.7"]
gpu = ["app[torch-cu128]", "torch>=2.7"]

[tool.uv.sources]
torch = [
    { index = "pytorch-cu128", extra = "torch-cu128", marker = "sys_platform != 'darwin'" },
    { index = "pytorch-cu128", extra = "gpu", marker = "sys_platform != 'darwin'" },
]
```

and `gpu` joins the conflict set of the variants. The reference stays: other tools follow it.

## When to ignore it

Where the alias is never used with uv.

Threads: astral-sh/uv#19106, #14645, #14701, talmolab/sleap-nn#632, #635
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from variantfix.detect.routing import is_confined
from variantfix.detect.variants import WHEEL, sync
from variantfix.edits.requirements import name_in
from variantfix.edits.sources import add_sources, entry
from variantfix.pytorch import catalog
from variantfix.rules.rule import Finding, Fix, Rule, Severity
from variantfix.uv.project import Scope

if TYPE_CHECKING:
    from collections.abc import Iterator

    from variantfix.detect.context import Context
    from variantfix.detect.variants import Variant
    from variantfix.toml import Edit
    from variantfix.uv.project import Section


def check(ctx: Context) -> Iterator[Finding]:
    for project in ctx.workspace.projects:
        for section in project.sections.values():
            variants = _aliased_variants(ctx, section)
            if len({v.accelerator for v in variants}) != 1:
                continue
            variant = variants[0]
            if _is_routed(ctx, section, variant) or variant.told_by == WHEEL or not variant.is_routed:
                continue  # a wheel's URL stands in the requirement, and goes with every reference
            fix = _fix(ctx, section, variant)
            yield RULE.finding(
                f"`{sync(section.scope, section.spelling)}` installs PyPI's torch: it only refers to {variant}, whose "
                "sources do not follow",
                section.at,
                variants=(section.spelling, str(variant)),
                packages=("torch",),
                fix=fix,
                advice="" if fix else _advice(ctx, variant),
            )


def _aliased_variants(ctx: Context, section: Section) -> tuple[Variant, ...]:
    """The variants that a section, which is none itself, switches on by references that uv leaves without sources."""
    scope = section.scope
    if scope.kind == "base" or scope in ctx.by_scope:
        return ()
    reached = ctx.activated(scope) if scope.kind == "extra" else _included(ctx, section)
    return tuple(v for v in ctx.variants if v.scope in reached and v.scope.file == scope.file)


def _included(ctx: Context, section: Section) -> frozenset[Scope]:
    """The groups that a group includes, directly or not."""
    found: set[Scope] = set()
    todo = [section]
    while todo:
        following = todo.pop()
        scopes = {Scope(following.scope.file, "group", name) for name in following.includes} - found
        found |= scopes
        todo += filter(None, map(ctx.workspace.section, scopes))
    return frozenset(found)


def _routed(ctx: Context, variant: Variant) -> list[str]:
    """The family packages that the variant's own list names, and that it has sources for."""
    return [package for package in ctx.family_named(variant) if ctx.sources(variant, package)]


def _is_routed(ctx: Context, section: Section, variant: Variant) -> bool:
    """Whether a section has the variant's packages and sources as its own, from an index that tells no accelerator."""
    sources = ctx.project(variant).sources
    scoped = {package: {source.scope() for source in sources.get(package, ())} for package in sources}
    routed = _routed(ctx, variant)
    return bool(routed) and all(section.named(p) and section.scope in scoped.get(p, ()) for p in routed)


def _fix(ctx: Context, section: Section, variant: Variant) -> Fix | None:
    project = ctx.project(variant)
    own = ctx.section(variant)
    routed = _routed(ctx, variant)
    if not _is_told(ctx, variant):
        return None  # nothing would tell the accelerator of the section, and so what it conflicts with
    edits: list[Edit] = []
    for package in routed:
        if not section.named(package):
            edits += [name_in(section, r.text.strip()) for r in own.named(package)]
        # PyPI's build stays where the accelerator has none.
        is_shared = catalog.family()[package].on_pypi and is_confined(ctx, variant)
        marker = variant.accelerator.marker if is_shared else ""
        entries = [
            entry(source.target, section.scope, section.spelling, source.marker or marker)
            for source in ctx.sources(variant, package)
            if source.kind == "index"
        ]
        edits += add_sources(ctx, project, package, entries)
    if not edits:
        return None
    return Fix(f"give {section.spelling} its own {', '.join(routed)}, routed as in {variant}", tuple(edits))


def _is_told(ctx: Context, variant: Variant) -> bool:
    """Whether the sources that a section would take from the variant tell their accelerator."""
    sources = (s for package in _routed(ctx, variant) for s in ctx.sources(variant, package))
    return any(ctx.accelerator_of(ctx.project(variant), source) for source in sources)


def _advice(ctx: Context, variant: Variant) -> str:
    if _routed(ctx, variant) and not _is_told(ctx, variant):
        return f"give it the packages, sources and conflicts of {variant}, whose index tells no accelerator"
    return f"route the packages of {variant} first"


RULE = Rule("alias-variant", Severity.ERROR, __doc__, check, remedy="safe")
