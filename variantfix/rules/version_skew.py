"""All variants ask for the same torch, and no minor version is on all their indexes.

One lock holds one torch for each variant. An old index ends where a new one has not begun: code that was tested on one
variant runs on another torch under the next, though all say the same in their requirements.

## Why it matters

`2.7.1+cu118` beside `2.15.0+cu130` in one lock, without a message.

## Example

```toml
[project.optional-dependencies]
cu118 = ["torch>=2.4"]
cu130 = ["torch>=2.4"]
```

The last torch for CUDA 11.8 was 2.7, the first for CUDA 13.0 was 2.9. Leave one of the two out, or write the bounds per
variant, so that everyone sees what they get:

```toml
cu118 = ["torch>=2.4,<2.8"]
cu130 = ["torch>=2.9"]
```

Where the variants have bounds of their own, or are for GPUs of different makers, the difference is taken to be meant,
and nothing is reported.

## When to ignore it

Where the variants are meant to differ: many projects keep an old GPU generation alive in this way.

Threads: astral-sh/uv#11931, huggingface/lerobot#3570
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from variantfix.detect.routing import from_pytorch
from variantfix.pytorch import catalog
from variantfix.pytorch.accelerator import without_local
from variantfix.pytorch.certainty import surest, weakest
from variantfix.rules.rule import Finding, Rule, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from variantfix.detect.context import Context
    from variantfix.detect.variants import Variant
    from variantfix.pytorch.certainty import Certainty


def check(ctx: Context) -> Iterator[Finding]:
    for project in ctx.workspace.projects:
        bounds = {v: found for v in ctx.variants_of(project) if (found := _bounds(ctx, v)) is not None}
        if len(set(bounds.values())) != 1:
            continue  # each has its own: the difference is meant
        known = {v: minors for v, found in bounds.items() if (minors := _minors(v, found))}
        if _is_of_one_kind(known) and not set.intersection(*map(set, known.values())):
            newest = ", ".join(f"{minors[-1]} for {variant}" for variant, minors in known.items())
            yield RULE.finding(
                f"the variants ask for one torch, and their indexes have none in common: uv locks up to {newest}",
                next(iter(known)).at,
                variants=known,
                advice="leave one of them out, or give each its own bounds, so that the difference is seen",
                known=_how_known(known),
            )


def _how_known(known: Mapping[Variant, list[str]]) -> Certainty:
    """How sure it is that each has its newest, and that each minor version is missing somewhere."""
    every = dict.fromkeys(minor for minors in known.values() for minor in minors)
    newest = (_has(variant, minors[-1]) for variant, minors in known.items())
    missing = (surest(_has(v, minor) for v, minors in known.items() if minor not in minors) for minor in every)
    return weakest(*newest, *missing)


def _has(variant: Variant, minor: str) -> Certainty:
    """How it is known whether a variant's index has a minor version of torch."""
    return catalog.hosted("torch", variant.accelerator.tag, f"=={minor}.*").certainty


def _is_of_one_kind(known: Mapping[Variant, list[str]]) -> bool:
    """Whether there are two GPU generations of one maker; other hardware has other releases, as everyone knows."""
    kinds = {v.accelerator.kind for v in known} - {"cpu"}
    return len(known) > 1 and len(kinds) == 1


def _bounds(ctx: Context, variant: Variant) -> str | None:
    """What the variant's own requirements say of torch's version; None where its index is not PyTorch's."""
    requirements = [r for r in ctx.section(variant).named("torch") if not r.url]
    if not requirements or not from_pytorch(ctx, variant, "torch"):
        return None
    return without_local(",".join(sorted({r.specifier for r in requirements if r.specifier})))


def _minors(variant: Variant, bounds: str) -> list[str]:
    """The torch minor versions, ascending, that some bounds leave of the variant's index."""
    versions = catalog.admitted("torch", variant.accelerator.tag, bounds)
    return list(dict.fromkeys(version.rsplit(".", 1)[0] for version in versions))


RULE = Rule("version-skew", Severity.WARNING, __doc__, check)
