"""A CUDA, ROCm or XPU source without a marker leaves no build for other systems.

The PyTorch indexes have CUDA and XPU builds for Linux and Windows, ROCm builds for Linux. A source without a marker
sends macOS there too, where nothing fits; with the marker of the accelerator's systems, the others take PyPI's build.

## Why it matters

`uv sync --extra cu128` on a Mac: ``Distribution `torch==2.9.1+cu128` … can't be installed because it doesn't have a
source distribution or wheel for the current platform``. uv's hint to add `required-environments` makes the lock
itself fail.

## Example

```toml
torch = [{ index = "pytorch-cu128", extra = "cu128" }]
```

becomes

```toml
torch = [{ index = "pytorch-cu128", extra = "cu128", marker = "sys_platform == 'linux' or sys_platform == 'win32'" }]
```

A package that PyPI does not have (`pytorch-triton-rocm`) gets the marker on its requirement instead. Systems that
`tool.uv.environments` leaves out do not count.

## When to ignore it

Where a variant is meant to fail on other systems.

Threads: astral-sh/uv#8746, #13575, #8358
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from variantfix import catalog
from variantfix.routing import is_confined, toml_string
from variantfix.rule import Finding, Fix, Rule, Severity
from variantfix.toml import Put
from variantfix.variants import source_accelerator

if TYPE_CHECKING:
    from collections.abc import Iterator

    from variantfix.accelerator import Accelerator
    from variantfix.context import Context
    from variantfix.project import Project, Requirement, Source


def check(ctx: Context) -> Iterator[Finding]:
    for project in ctx.workspace.projects:
        for source in (s for entries in project.sources.values() for s in entries):
            told = source_accelerator(ctx.workspace, project, source)
            if told is None or source.marker or source.package not in catalog.family():
                continue
            requirements = _requirements(project, source)
            left_out = {s for r in requirements for s in ctx.requirement_systems(r)} - set(told.systems)
            if left_out:
                yield _finding(ctx, source, told, requirements, left_out)


def _requirements(project: Project, source: Source) -> tuple[Requirement, ...]:
    """The requirements to which a source applies."""
    scope = source.scope()
    sections = project.sections.values() if scope is None else filter(None, [project.sections.get(scope)])
    return tuple(r for section in sections for r in section.named(source.package) if not r.url)


def _can_leave(ctx: Context, source: Source, requirements: tuple[Requirement, ...]) -> bool:
    scope = source.scope()
    if scope is not None and scope in ctx.by_scope:
        return is_confined(ctx, ctx.by_scope[scope])
    return not any("+" in r.specifier for r in requirements)


def _finding(
    ctx: Context,
    source: Source,
    told: Accelerator,
    requirements: tuple[Requirement, ...],
    left_out: set[str],
) -> Finding:
    names = {"darwin": "macOS", "win32": "Windows", "linux": "Linux"}
    systems = " and ".join(names[s] for s in sorted(left_out))
    fix, advice = None, ""
    if not _can_leave(ctx, source, requirements):
        advice = "a local version is pinned, which PyPI does not have for other systems; see local-version-pin"
    elif catalog.family()[source.package].on_pypi:
        marker = Put(source.at.file, (*source.at.path, "marker"), toml_string(told.marker))
        fix = Fix(f"add the marker {told.marker!r}", (marker,))
    else:
        edits = tuple(_mark(r, told.marker) for r in requirements if not r.marker)
        fix = Fix(f"add the marker {told.marker!r} to the requirement", edits) if edits else None
        advice = "" if fix else f"PyPI does not have it: let its requirement's marker leave {systems} out"
    message = f"{source.package} from {source.target!r} has no marker: {told.tag} has no build for {systems}"
    variants = (source.extra or source.group,) if source.is_scoped else ()
    return RULE.finding(message, source.at, variants=variants, fix=fix, advice=advice)


def _mark(requirement: Requirement, marker: str) -> Put:
    return Put(requirement.at.file, requirement.at.path, toml_string(f"{requirement.text.strip()}; {marker}"))


RULE = Rule("missing-marker", Severity.WARNING, __doc__, check)
