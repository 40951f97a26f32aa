"""A marker leaves a system of the accelerator to the default index, or is never true.

Where the markers of a requirement's sources do not cover a platform, uv takes the rest from PyPI without a word.
`platform_machine == 'x86_64'` loses Windows, whose word for it is `AMD64`. `sys_platform == 'Linux'` is never true, nor
is `platform_system == 'linux'`: each field has its own spelling. The markers of the requirements count like those of
the sources: what a variant does not ask for there, the base dependencies may bring.

## Why it matters

On the platform that is left out `uv sync --extra cu128` installs PyPI's torch: a CPU build on Windows, and on Linux
one for another CUDA.

## Example

```toml
torch = [{ index = "pytorch-cu128", extra = "cu128", marker = "sys_platform == 'Linux'" }]
```

A value that the field never has is replaced by the one that is meant, in a source as a safe fix, in a requirement only
with `--unsafe`, since it changes what the package requires:

```toml
torch = [{ index = "pytorch-cu128", extra = "cu128", marker = "sys_platform == 'linux'" }]
```

For a machine that loses a system, write `marker = "sys_platform == 'linux' or sys_platform == 'win32'"`, or exclude
what is not meant (`platform_machine != 'aarch64'`).

## When to ignore it

Where the other systems are meant to have PyPI's build. A marker that names the systems itself
(`sys_platform == 'linux'`) is taken to mean it, and is not reported.

Threads: astral-sh/uv#14289, invoke-ai/InvokeAI#9095
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from variantfix.detect import reach
from variantfix.detect.routing import how_known, must_route
from variantfix.pytorch import catalog
from variantfix.pytorch.certainty import surest, weakest
from variantfix.rules.rule import Finding, Fix, Rule, Safety, Severity
from variantfix.toml import Put, toml_string
from variantfix.uv.marker_values import misspelt, respelt, respelt_requirement
from variantfix.uv.markers import SYSTEM_KEYS, asked, atoms, platforms, systems
from variantfix.uv.platforms import TITLES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from variantfix.detect.context import Context
    from variantfix.detect.variants import Variant
    from variantfix.pytorch.certainty import Certainty
    from variantfix.uv.project import Requirement, Source

_MACHINES = ("x86_64", "amd64", "aarch64", "arm64")


def check(ctx: Context) -> Iterator[Finding]:
    yield from _misspelt(ctx)
    for variant in ctx.variants:
        for package in dict.fromkeys(r.name for r in ctx.section(variant).requirements):
            sources = ctx.sources(variant, package)
            markers = [*(s.marker for s in sources), *(r.marker for r in ctx.section(variant).named(package))]
            if sources and must_route(variant, package) and all(map(_is_about_platforms, markers)):
                yield from _check(ctx, variant, package, sources)


def _misspelt(ctx: Context) -> Iterator[Finding]:
    for project in ctx.workspace.projects:
        for source in (s for package in catalog.family() for s in project.sources.get(package, ())):
            if wrong := misspelt(source.marker):
                edit = Put(source.at.file, (*source.at.path, "marker"), toml_string(respelt(source.marker)))
                yield RULE.finding(
                    f"uv does not take {source.package} from {source.target!r} where that is meant: {wrong[0]}",
                    source.at,
                    variants=tuple(filter(None, (source.extra or source.group,))),
                    packages=(source.package,),
                    fix=Fix(f"write {wrong[0].meant!r}", (edit,)),
                )
        for requirement in project.requirements():
            if requirement.name in catalog.family() and (wrong := misspelt(requirement.marker)):
                text = toml_string(respelt_requirement(requirement.text, requirement.marker))
                edit = Put(requirement.at.file, requirement.at.path, text)
                yield RULE.finding(
                    f"{requirement.text!r} asks for a platform that does not exist: {wrong[0]}",
                    requirement.at,
                    fix=Fix(f"write {wrong[0].meant!r}", (edit,), Safety.UNSAFE),
                    advice="write what the field has",
                )


def _is_about_platforms(marker: str) -> bool:
    """Whether a marker can be judged by platforms alone; extras are extra-in-marker's, and misspelt ones are said."""
    return not asked(marker) and not misspelt(marker)


def _check(ctx: Context, variant: Variant, package: str, sources: tuple[Source, ...]) -> Iterator[Finding]:
    requirements = ctx.section(variant).named(package)
    pairs = [(r, s) for r in requirements for s in sources]
    covered = {system for r, s in pairs for system, _ in platforms(r.marker) & platforms(s.marker)}
    own = {system for r in requirements for system in ctx.requirement_systems(r)}
    lost = (ctx.systems & set(variant.accelerator.systems)) - covered
    asked_for = {each: _how_asked(ctx, variant, package, each) for each in lost}
    lost = frozenset(each for each, known in asked_for.items() if known)
    markers = [r.marker for r in requirements if not own >= lost] + [s.marker for s in sources]
    if not lost or not any(map(_is_mistake, markers)):
        return
    names = " and ".join(TITLES[system] for system in sorted(lost))
    where = sources[0].at if own >= lost else requirements[0].at
    yield RULE.finding(
        f"on {names} {variant.sync} installs PyPI's {package}: the markers leave it out",
        where,
        variants=[variant],
        packages=(package,),
        advice=_advice(variant, by_requirement=not own >= lost),
        known=weakest(surest(filter(None, asked_for.values())), how_known(variant, package)),
    )


def _advice(variant: Variant, *, by_requirement: bool) -> str:
    if by_requirement:
        return "on Windows platform_machine is 'AMD64' or 'ARM64': name these in the requirements' markers, too"
    marker = variant.accelerator.marker
    return f"write marker = {marker!r}" if marker else "drop the marker"


def _how_asked(ctx: Context, variant: Variant, package: str, system: str) -> Certainty | None:
    """How sure it is that the variant's requirements on a package, or something else, bring it on a system; or None."""
    own = set(ctx.section(variant).named(package))
    if any(system in ctx.requirement_systems(requirement) for requirement in own):
        return "seen"

    def admits(requirement: Requirement) -> bool:
        return requirement not in own and system in systems(requirement.marker)

    scopes = (ctx.base(variant), variant.scope)
    found = reach.closure(ctx.workspace, scopes, ctx.requires, admits).get(package)
    return found.certainty if found else None


def _is_mistake(marker: str) -> bool:
    """Whether a marker names no system, or a machine where a system should stand."""
    if not marker:
        return False
    compared = [atom for atom in atoms(marker) if atom.key in SYSTEM_KEYS]
    return not compared or any(a.operator == "==" and a.value.lower() in _MACHINES for a in compared)


RULE = Rule("wrong-marker", Severity.ERROR, __doc__, check, remedy="safe")
