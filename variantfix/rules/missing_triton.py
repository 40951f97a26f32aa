"""A ROCm or XPU variant does not name its triton package.

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

## When to ignore it

Where the index is not explicit, and `implicit-index` is ignored as well.

Threads: astral-sh/uv#10712, #9409, #19241, pytorch/pytorch#148680
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from variantfix.detect.routing import is_confined
from variantfix.detect.variants import family_packages
from variantfix.edits.requirements import name_in
from variantfix.edits.sources import route
from variantfix.pytorch import accelerator, catalog
from variantfix.pytorch.accelerator import without_local
from variantfix.rules.rule import Finding, Fix, Rule, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from variantfix.detect.context import Context
    from variantfix.detect.variants import Variant


def check(ctx: Context) -> Iterator[Finding]:
    for variant in ctx.variants:
        triton = _triton(ctx, variant)
        if triton is None or not _is_pytorch(ctx, variant):
            continue
        if _is_named(ctx, variant):
            continue  # named and unrouted is unrouted-package's; another one's name holds torch back, and uv copes
        section = ctx.section(variant)
        text = f"{triton}; {variant.accelerator.marker}" if _is_marked(ctx, variant) else triton
        yield RULE.finding(
            f"{variant} does not name {triton}, which only its index has: torch cannot be locked",
            variant.at,
            variants=(str(variant),),
            fix=Fix(
                f"name {triton} in {variant}, and route it",
                (name_in(section, text), *route(ctx, triton, [variant])),
            ),
        )


def _is_named(ctx: Context, variant: Variant) -> bool:
    """Whether a list that the variant takes in, itself or by reference, names such a package."""
    reached = ctx.closure(variant.scope)
    named = [package for package in family_packages(list(reached)) if reached[package].is_direct]
    return any("triton" in package and not catalog.family()[package].on_pypi for package in named)


def _is_marked(ctx: Context, variant: Variant) -> bool:
    """Whether the variant's torch leaves other systems to PyPI, or will once missing-marker is mended."""
    will_be = is_confined(ctx, variant) and ctx.settings.wants("missing-marker")
    return will_be or all(source.marker for source in ctx.sources(variant, "torch"))


def _is_pytorch(ctx: Context, variant: Variant) -> bool:
    """Whether its torch comes from an index laid out as PyTorch's: what others carry is not known."""
    urls = {index.name: index.url for index in ctx.workspace.indexes(ctx.project(variant))}
    sources = ctx.sources(variant, "torch")
    return bool(sources) and all(accelerator.is_pytorch_layout(urls.get(s.target, "")) for s in sources)


def _triton(ctx: Context, variant: Variant) -> str | None:
    """The triton package of the newest torch that the variant admits on its index."""
    if variant.accelerator.kind not in ("rocm", "xpu"):
        return None
    reach = ctx.closure(variant.scope).get("torch")
    if reach is None or not ctx.section(variant).named("torch"):
        return None
    bounds = [r.specifier for r in reach.written]
    found = catalog.admitted("torch", variant.accelerator.tag, without_local(",".join(filter(None, bounds))))
    return catalog.triton_for(variant.accelerator.tag, found[-1]) if found else None


RULE = Rule("missing-triton", Severity.ERROR, __doc__, check, remedy="safe")
