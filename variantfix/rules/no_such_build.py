"""No build on the variant's index satisfies what the variant requires.

Each PyTorch index carries the torch releases of some years: cu124 has 2.4 to 2.6, cu118 ends at 2.7.

## Why it matters

The lock of the whole project fails, for everyone:

    Because only torch<=2.6.0+cu124 is available and app[cu124] depends on torch>=2.8 …

## Example

```toml
[project.optional-dependencies]
cu124 = ["torch>=2.8"]
```

Some indexes exist before their torch does, and list old files: cu134 has 2.0.0, which an open bound locks.

Change the bound to what the index has, or move the variant to an index that has the release. The message names both.

What nobody has seen yet, such as the tags of the newest torch, makes a warning.

## When to ignore it

Where a mirror behind that URL carries builds of your own.

Threads: astral-sh/uv#11931, #12357, #9597
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from variantfix.detect.routing import from_pytorch
from variantfix.detect.whole import needing as served_by
from variantfix.pytorch import catalog
from variantfix.pytorch.accelerator import without_local
from variantfix.rules.rule import Finding, Rule, Severity
from variantfix.uv.markers import platforms

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from variantfix.detect.context import Context
    from variantfix.detect.variants import Variant
    from variantfix.pytorch.accelerator import Accelerator
    from variantfix.pytorch.facts import Answer
    from variantfix.uv.markers import Platform
    from variantfix.uv.project import Requirement


def check(ctx: Context) -> Iterator[Finding]:
    for variant in (v for project in ctx.workspace.projects for v in ctx.routed_of(project)):
        for package in ctx.family_named(variant):
            if from_pytorch(ctx, variant, package):
                for bound, served in _bound(ctx, variant, package):
                    if _is_known(package, bound.accelerator.tag):
                        yield from _check(bound, ctx.named(variant, package), served)


def _check(variant: Variant, requirements: Iterable[Requirement], served: frozenset[Platform]) -> Iterator[Finding]:
    for requirement in requirements:
        if not requirement.url and platforms(requirement.marker) & served:
            yield from _missing(variant, requirement)


def _bound(ctx: Context, variant: Variant, package: str) -> Iterator[tuple[Variant, frozenset[Platform]]]:
    """The variant with what its index serves; a whole project with each accelerator that it has sources for."""
    sources = ctx.sources(variant, package)
    if variant.scope.kind != "base":
        served = [platforms(source.marker) for source in sources] or [platforms("")]
        yield variant, frozenset().union(*served)
        return
    for source in sources:
        told = ctx.accelerator_of(ctx.project(variant), source)
        if told is not None:
            yield variant._replace(accelerator=told), platforms(source.marker) & served_by(told)


def _missing(variant: Variant, requirement: Requirement) -> Iterator[Finding]:
    wanted, specifier = variant.accelerator, without_local(requirement.specifier)
    answer = catalog.hosted(requirement.name, wanted.tag, specifier)
    if answer.hosted or not (specifier or answer.trap):
        return
    yield RULE.finding(
        _said(variant, requirement, answer),
        requirement.at,
        variants=[variant],
        packages=(requirement.name,),
        advice=_advice(requirement, wanted, specifier),
        known=answer.certainty,
    )


def _said(variant: Variant, requirement: Requirement, answer: Answer) -> str:
    package, tag = requirement.name, variant.accelerator.tag
    if answer.trap:
        return (
            f"the {tag} index has old builds alone: {requirement.text!r} of {variant} gets {package} {answer.trap[-1]}"
        )
    known = catalog.versions(package, tag) or catalog.builds()[tag].trap
    spanned = " to ".join(dict.fromkeys((known[0], known[-1])))
    return f"no {package} on the {tag} index satisfies {requirement.text!r} of {variant}: it has {spanned}"


def _is_known(package: str, tag: str) -> bool:
    build = catalog.builds().get(tag)
    return bool(catalog.versions(package, tag)) or (package == "torch" and build is not None and bool(build.trap))


def _advice(requirement: Requirement, wanted: Accelerator, specifier: str) -> str:
    """What to do: the newest tags of the same kind that have it, as far as there are any."""
    tags = [
        tag
        for tag, build in catalog.builds().items()
        if build.kind == wanted.kind and catalog.is_hosted(requirement.name, tag, specifier)
    ]
    return f"change the bound, or take an index that has it: {', '.join(tags[-4:])}" if tags else "change the bound"


RULE = Rule("no-such-build", Severity.ERROR, __doc__, check)
