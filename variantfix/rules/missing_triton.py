"""A ROCm or XPU variant does not name the triton package that its torch needs.

torch for ROCm and for XPU requires a triton of its own, which only the PyTorch indexes have. An explicit index serves
nothing but what a source names, and a source needs a written requirement.

## Why it matters

    Because there is no version of pytorch-triton-rocm==3.5.1 and torch==2.9.1+rocm6.4 depends on
    pytorch-triton-rocm==3.5.1 …

## Example

```toml
[project.optional-dependencies]
rocm = ["torch>=2.9"]

[tool.uv.sources]
torch = [
    { index = "pytorch-rocm64", extra = "rocm", marker = "sys_platform == 'linux'" },
]
```

becomes

```toml
[project.optional-dependencies]
rocm = ["torch>=2.9", "pytorch-triton-rocm; sys_platform == 'linux'"]

[tool.uv.sources]
torch = [
    { index = "pytorch-rocm64", extra = "rocm", marker = "sys_platform == 'linux'" },
]
pytorch-triton-rocm = [
    { index = "pytorch-rocm64", extra = "rocm" },
]
```

The name is `pytorch-triton-rocm` and `pytorch-triton-xpu` up to torch 2.9, `triton-rocm` and `triton-xpu` from 2.10.

Where the variant admits newer releases alone, the older name is replaced by the newer one, in the list and among the
sources. Where it admits both, the older name holds torch back at 2.9 without a word: a warning, which `--unsafe` mends
in the same way. On an index that is not PyTorch's own it is not known whether it has triton: then this only reports.

torch for ROCm 7.14 requires `rocm[device-all,libraries]` as well: some gigabytes, built from a source distribution that
looks at the GPU. That is reported, and left to you.

## When to ignore it

Where the index is not explicit, and `implicit-index` is ignored as well.

Threads: astral-sh/uv#10712, #9409, #19241, pytorch/pytorch#148680
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from variantfix.detect.routing import is_confined
from variantfix.edits.requirements import name_in
from variantfix.edits.sources import remove_sources, route
from variantfix.pytorch import accelerator, catalog
from variantfix.pytorch.accelerator import without_local
from variantfix.rules.rule import Finding, Fix, Rule, Safety, Severity
from variantfix.toml import Edit, Put, toml_string

if TYPE_CHECKING:
    from collections.abc import Iterator

    from variantfix.detect.context import Context
    from variantfix.detect.variants import Variant
    from variantfix.pytorch.certainty import Certainty
    from variantfix.uv.project import Requirement


def check(ctx: Context) -> Iterator[Finding]:
    for variant in (v for project in ctx.workspace.projects for v in ctx.routed_of(project)):
        needed = _needed(ctx, variant)
        if not needed or not _has_layout(ctx, variant) or _is_overridden(ctx, variant):
            continue
        if lacking := _lacking(ctx, variant):
            yield _incomplete(variant, lacking)
            continue
        named = _named(ctx, variant)
        if needed[-1] in {r.name for r in named}:
            continue  # if it is unrouted, that is unrouted-package's to say
        if not named:
            yield _absent(ctx, variant, needed[-1])
        else:
            yield _other(ctx, variant, needed, named)


def _is_overridden(ctx: Context, variant: Variant) -> bool:
    """Whether an override, for which no scoped source holds, takes torch from elsewhere."""
    return bool(ctx.overrides_of("torch")) and all(source.is_scoped for source in ctx.sources(variant, "torch"))


def _lacking(ctx: Context, variant: Variant) -> tuple[str, ...]:
    """The packages beside triton that every torch it admits requires from its own index, and that it does not name."""
    tag, named = variant.accelerator.tag, ctx.closure(variant.scope)
    beside = catalog.beside_torch(tag, catalog.versions("torch", tag)[-1])
    missing = tuple(name for name in beside if name not in named)
    return missing if any("triton" not in name for name in missing) else ()


def _incomplete(variant: Variant, lacking: tuple[str, ...]) -> Finding:
    """The finding on a variant whose torch needs more than triton: to name that alone would mend nothing."""
    names = " and ".join(lacking)
    return RULE.finding(
        f"{variant} does not name {names}, which its torch requires from its own index: uv cannot lock it",
        variant.at,
        variants=[variant],
        packages=("torch", *lacking),
        advice="name rocm[device-all,libraries] and what that requires (rocm-sdk-…) beside triton-rocm, each with the "
        "source of torch; or take an index before ROCm 7.14",
        known=catalog.hosted("torch", variant.accelerator.tag).certainty,
    )


def _absent(ctx: Context, variant: Variant, triton: str) -> Finding:
    text = f"{triton}; {variant.accelerator.marker}" if _is_marked(ctx, variant) else triton
    section = next(section for section in ctx.lists(variant) if section.named("torch"))
    edits = (name_in(section, text), *route(ctx, triton, [variant]))
    # Who installs a published project by its base dependencies cannot have it from PyPI.
    is_published = section.scope.kind == "base" and ctx.project(variant).is_packaged
    fix = Fix(f"name {triton} in {variant}, and route it", edits, Safety.UNSAFE if is_published else Safety.SAFE)
    return RULE.finding(
        f"{variant} does not name {triton}, which only its index has: {_effect(ctx, variant)}",
        variant.at,
        variants=[variant],
        packages=("torch", triton),
        fix=fix if _is_pytorchs(ctx, variant) else None,
        advice=f"name {triton} in {variant}, and give it the source of torch, if that index has it",
        known=_how_known(ctx, variant),
    )


def _effect(ctx: Context, variant: Variant) -> str:
    indexes = (ctx.workspace.index_of(ctx.project(variant), source) for source in ctx.sources(variant, "torch"))
    if all(index and index.explicit for index in indexes):
        return "uv cannot lock its torch"
    return "uv locks its torch only as long as that index is not explicit"


def _other(ctx: Context, variant: Variant, needed: tuple[str, ...], named: tuple[Requirement, ...]) -> Finding:
    """The finding on a variant that names the triton of another generation of torch."""
    old, new = named[0].name, needed[-1]
    edits = _renamed(ctx, variant, named, new) if _is_pytorchs(ctx, variant) else ()
    if old in needed:
        return RULE.finding(
            f"{variant} names {old}, which holds its torch back at 2.9: newer ones need {new}",
            named[0].at,
            variants=[variant],
            fix=Fix(f"name {new} instead", edits, Safety.UNSAFE) if edits else None,
            advice=f"name {new} instead" if not edits else "bound torch below 2.10, so that it is seen",
            severity=Severity.WARNING,
            known=_how_known(ctx, variant),
        )
    return RULE.finding(
        f"{variant} names {old}, and its torch needs {new}: uv cannot lock it",
        named[0].at,
        variants=[variant],
        packages=("torch", old, new),
        fix=Fix(f"name {new} instead", edits) if edits else None,
        advice=f"name {new} instead of {old}, in the list and among the sources",
        known=_how_known(ctx, variant),
    )


def _renamed(ctx: Context, variant: Variant, named: tuple[Requirement, ...], new: str) -> tuple[Edit, ...]:
    """The edits that put the newer package in the place of the older one; none where its version is bounded."""
    own = ctx.requirements(variant)
    if any(r not in own or r.specifier or r.url for r in named):
        return ()
    edits: list[Edit] = []
    for requirement in named:
        text = re.sub(r"^\s*[\w.-]+", new, requirement.text)
        edits.append(Put(requirement.at.file, requirement.at.path, toml_string(text)))
    gone = remove_sources(ctx.workspace, ctx.project(variant), ctx.sources(variant, named[0].name))
    return (*edits, *gone, *route(ctx, new, [variant]))


def _named(ctx: Context, variant: Variant) -> tuple[Requirement, ...]:
    """The requirements on such packages in the lists that the variant takes in, itself or by reference."""
    reached = ctx.closure(*(section.scope for section in ctx.lists(variant)))
    ours = (name for name in reached if "triton" in name and name in catalog.family())
    return tuple(r for name in ours if not catalog.family()[name].on_pypi for r in reached[name].written)


def _is_marked(ctx: Context, variant: Variant) -> bool:
    """Whether the variant's torch leaves other systems to PyPI, or will once missing-marker is mended."""
    will_be = is_confined(ctx, variant) and ctx.settings.wants("missing-marker")
    return will_be or all(source.marker for source in ctx.sources(variant, "torch"))


def _has_layout(ctx: Context, variant: Variant) -> bool:
    """Whether its torch comes from an index laid out as PyTorch's: what others carry is not known."""
    urls = ctx.urls(variant, "torch")
    return bool(urls) and all(map(accelerator.is_pytorch_layout, urls))


def _is_pytorchs(ctx: Context, variant: Variant) -> bool:
    """Whether it comes from PyTorch's own host: whether a mirror has triton is not known."""
    return all(map(accelerator.is_from_pytorch, ctx.urls(variant, "torch")))


def _needed(ctx: Context, variant: Variant) -> tuple[str, ...]:
    """The triton packages that the torch releases need which the variant admits on its index, oldest first."""
    if variant.accelerator.kind not in ("rocm", "xpu") or not ctx.named(variant, "torch"):
        return ()
    tag = variant.accelerator.tag
    found = (catalog.triton_for(tag, version) for version in catalog.admitted("torch", tag, _bounds(ctx, variant)))
    return tuple(dict.fromkeys(filter(None, found)))


def _bounds(ctx: Context, variant: Variant) -> str:
    """What everything in the variant's lists says of torch's version."""
    reach = ctx.closure(*(section.scope for section in ctx.lists(variant))).get("torch")
    return without_local(reach.bounds) if reach else ""  # a project can be called torch itself


def _how_known(ctx: Context, variant: Variant) -> Certainty:
    """How sure it is that the variant's index has a torch that it admits, and that so needs a triton."""
    return catalog.hosted("torch", variant.accelerator.tag, _bounds(ctx, variant)).certainty


RULE = Rule("missing-triton", Severity.ERROR, __doc__, check, remedy="safe")
