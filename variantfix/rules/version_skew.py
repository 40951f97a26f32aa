"""No torch minor version is open to all variants.

One lock holds one torch for each variant. Where their bounds and their indexes leave them no minor version in common,
code that was tested on one variant runs on another torch under the next.

## Why it matters

`2.7.1+cu118` beside `2.9.1+cpu` in one lock, without a message.

## Example

```toml
[project.optional-dependencies]
cpu = ["torch>=2.9"]
cu118 = ["torch<2.8"]
```

With `--unsafe`, torch gets one bound in every variant: the newest release that all their indexes have.

```toml
cpu = ["torch==2.7.1"]
cu118 = ["torch==2.7.1"]
```

## When to ignore it

Where the variants are meant to differ: many projects keep an old GPU generation alive in this way.

Threads: astral-sh/uv#11931, huggingface/lerobot#3570
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from variantfix.detect.routing import from_pytorch
from variantfix.pytorch import catalog
from variantfix.pytorch.accelerator import without_local
from variantfix.rules.rule import Finding, Fix, Rule, Safety, Severity
from variantfix.toml import Put, toml_string

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from variantfix.detect.context import Context
    from variantfix.detect.variants import Variant


def check(ctx: Context) -> Iterator[Finding]:
    for project in ctx.workspace.projects:
        admitted = {v: _minors(ctx, v) for v in ctx.variants_of(project)}
        known = {variant: minors for variant, minors in admitted.items() if minors}
        if len(known) > 1 and not set.intersection(*map(set, known.values())):
            newest = ", ".join(f"{variant} {minors[-1]}" for variant, minors in known.items())
            variants = tuple(known)
            yield RULE.finding(
                f"no torch minor version is open to all variants (newest: {newest})",
                variants[0].at,
                variants=tuple(map(str, variants)),
                fix=_fix(ctx, variants),
                advice="give them one bound, if they are meant to run the same torch"
                if _common(variants)
                else "their indexes have no release in common: leave one of them out, if all are to run the same torch",
            )


def _minors(ctx: Context, variant: Variant) -> list[str]:
    """The torch minor versions, ascending, that the variant's own bounds leave of its index."""
    return list(dict.fromkeys(v.rsplit(".", 1)[0] for v in _versions(ctx, variant)))


def _versions(ctx: Context, variant: Variant) -> tuple[str, ...]:
    requirements = [r for r in ctx.section(variant).named("torch") if not r.url]
    if not requirements or not from_pytorch(ctx, variant, "torch"):
        return ()
    bounds = without_local(",".join(r.specifier for r in requirements if r.specifier))
    return catalog.admitted("torch", variant.accelerator.tag, bounds)


def _common(variants: Sequence[Variant]) -> set[str]:
    """The torch releases that all their indexes have."""
    return set.intersection(*(set(catalog.versions("torch", v.accelerator.tag)) for v in variants))


def _fix(ctx: Context, variants: Sequence[Variant]) -> Fix | None:
    """One bound for all: only where each variant has a single plain requirement on torch, and bounds no companion."""
    companions = [
        r for v in variants for r in ctx.section(v).requirements if r.name != "torch" and r.name in catalog.family()
    ]
    common = _common(variants)
    python = ctx.project(variants[0]).requires_python
    known = reversed(catalog.versions("torch", variants[0].accelerator.tag))
    newest = next((v for v in known if v in common and _runs_on(v, python)), None)
    required = [r for v in variants for r in ctx.section(v).named("torch")]
    if (
        newest is None
        or len(required) != len(variants)
        or any(r.marker for r in required)
        or any(r.specifier for r in companions)
    ):
        return None
    edits = tuple(Put(r.at.file, r.at.path, toml_string(f"{r.spelling}=={newest}")) for r in required)
    return Fix(f"require torch=={newest} in every variant", edits, Safety.UNSAFE)


def _runs_on(version: str, requires_python: str) -> bool:
    """Whether a torch has builds for the oldest Python that a project admits: uv refuses it without."""
    from packaging.specifiers import InvalidSpecifier, SpecifierSet
    from packaging.version import Version

    pythons = next(r.pythons for r in catalog.releases() if version in r.patches)
    oldest = min(pythons, key=Version)
    older = [f"3.{minor}" for minor in range(Version(oldest).minor)]
    try:
        admitted = SpecifierSet(requires_python)
    except InvalidSpecifier:
        return False
    return not any(admitted.contains(f"{python}.99") for python in older)


RULE = Rule("version-skew", Severity.WARNING, __doc__, check, remedy="unsafe")
