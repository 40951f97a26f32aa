"""A variant names a PyTorch package that has no source for it.

uv attaches a source to a requirement. A family package (torch, torchvision, torchaudio …) that a variant names, and
that has no entry in `tool.uv.sources` for that extra or group, comes from PyPI, without a word.

## Why it matters

The versions fit, because `2.9.1+cpu` satisfies `torch==2.9.1`, and so the lock succeeds. At run time PyPI's CUDA
torchvision meets a CPU torch: `operator torchvision::nms does not exist`, undefined symbols.

## Example

```toml
[project.optional-dependencies]
cpu = ["torch>=2.7", "torchvision"]

[tool.uv.sources]
torch = [{ index = "pytorch-cpu", extra = "cpu" }]
```

becomes

```toml
[tool.uv.sources]
torch = [{ index = "pytorch-cpu", extra = "cpu" }]
torchvision = [
    { index = "pytorch-cpu", extra = "cpu" },
]
```

Only packages that the variant's index really carries are routed: xformers has no CPU build, triton is the same on
PyPI. The new entry has the platforms of the variant's torch.

## When to ignore it

Where PyPI's build is meant: on Linux it is a CUDA build, and a variant of that CUDA version can do with it.

Threads: astral-sh/uv#9498, #9306, #7202, pytorch/vision#8985
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from variantfix.detect.renames import former_names
from variantfix.detect.routing import command_for, how_known, is_removed, must_route, served, why_not_routed
from variantfix.detect.variants import and_others
from variantfix.edits.sources import route
from variantfix.pytorch import catalog
from variantfix.pytorch.certainty import surest
from variantfix.rules.rule import Finding, Fix, Rule, Severity
from variantfix.uv.markers import platforms

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from variantfix.detect.context import Context
    from variantfix.detect.variants import Variant
    from variantfix.uv.project import Requirement


def check(ctx: Context) -> Iterator[Finding]:
    for project in ctx.workspace.projects:
        variants = ctx.routed_of(project)
        for package in ctx.family_named(*variants):
            unrouted = [v for v in variants if is_unrouted(ctx, v, package)]
            if not unrouted:
                continue
            obstacle = why_not_routed(ctx, unrouted, package)
            at = ctx.named(unrouted[0], package)[0].at
            yield RULE.finding(
                f"{_effect(ctx, unrouted[0], package)}: it has no source there{and_others(unrouted)}",
                at,
                variants=unrouted,
                packages=(package,),
                fix=None if obstacle else _fix(ctx, package, unrouted),
                advice=obstacle,
                known=surest(how_known(v, package, (r.specifier for r in _needed(ctx, v, package))) for v in unrouted),
            )


def _fix(ctx: Context, package: str, variants: Sequence[Variant]) -> Fix:
    return Fix(f"route {package} for {', '.join(map(str, variants))}", route(ctx, package, variants))


def _effect(ctx: Context, variant: Variant, package: str) -> str:
    command = command_for(ctx, variant, package)
    if not catalog.family()[package].on_pypi:
        return f"{command} fails, since the default index has no {package}"
    beside = f" beside the {variant.accelerator.tag} build of torch" if ctx.sources(variant, "torch") else ""
    return f"{command} installs PyPI's {package}{beside}"


def is_unrouted(ctx: Context, variant: Variant, package: str) -> bool:
    """Whether the variant's own requirements on a package go to the default index, and should not."""
    if is_removed(ctx, package):
        return False
    needed = any(must_route(variant, package, r.specifier) for r in _needed(ctx, variant, package))
    return needed and not ctx.sources(variant, package) and not _has_other(ctx, variant, package)


def _needed(ctx: Context, variant: Variant, package: str) -> list[Requirement]:
    """The variant's requirements on a package, for systems that its index is for."""
    return [r for r in ctx.named(variant, package) if not r.url and served(ctx, variant) & platforms(r.marker)]


def _has_other(ctx: Context, variant: Variant, package: str) -> bool:
    """Whether a source that is not bound to the variant is meant for it: an unscoped one, or one of the wrong kind."""
    project = ctx.project(variant)
    if variant.scope.kind == "base":
        return bool(ctx.workspace.sources(project, package)) or bool(ctx.overrides_of(package))
    scopes = [source.scope() for source in ctx.workspace.sources(project, package)]
    if project.is_virtual:
        return None in scopes
    # The wrong kind (extra for group) is unlisted-source's to mend.
    absent = {scope.name for scope in scopes if scope and scope.file == project.file and scope not in project.sections}
    former = former_names(ctx, ctx.section(variant))
    return None in scopes or variant.scope.name in absent or bool(former.intersection(scopes))


RULE = Rule("unrouted-package", Severity.ERROR, __doc__, check, remedy="safe")
