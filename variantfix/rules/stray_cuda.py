"""A variant gets libraries or extensions that were built for another accelerator.

Packages that are no builds of torch can be bound to one all the same: `nvidia-cudnn-cu12` is a library of CUDA 12,
`torch-scatter` 2.1.2+pt22cu121 an extension for torch 2.2 and CUDA 12.1, and what stands on an index for CUDA 12.8 was
compiled with it. uv sees none of that.

## Why it matters

In a CPU or ROCm variant such a library is a gigabyte for nothing. Two CUDA majors in one environment write the same
files, of which the last one wins, and an extension for another CUDA or another torch fails when it is imported.

## Example

```toml
[project]
dependencies = ["nvidia-cudnn-cu12>=9.10"]

[project.optional-dependencies]
cpu = ["torch"]
cu128 = ["torch"]
```

`uv sync --extra cpu` installs cuDNN. Name the library in the variants that want it:

```toml
cu128 = ["torch", "nvidia-cudnn-cu12>=9.10"]
```

Extensions (PyG's, flash-attn, those of the GPU indexes of Astral and others) need a build for the variant's CUDA: a
source per variant, each with the URL or the index of its own.

## When to ignore it

Where the library is used by something else than torch: cuDNN by onnxruntime, NCCL by xgboost.

Threads: pyg-team/pytorch_geometric#10178, marin-community/marin#7344
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from variantfix.detect.extensions import built_for, cuda_major, torch_of
from variantfix.detect.variants import sync
from variantfix.namedtuple import NamedTuple
from variantfix.pytorch import catalog
from variantfix.rules.rule import Finding, Rule, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from variantfix.detect.context import Context
    from variantfix.detect.reach import Reach
    from variantfix.pytorch.accelerator import Accelerator
    from variantfix.uv.project import Place, Project, Scope


_ADVICE = "name it in the variants that it was built for, and give the others a build of their own where they need one"


class _Subject(NamedTuple):
    """A closure that is bound to an accelerator, with the tags and the CUDA of that; no `name` for a whole project."""

    name: str
    project: Project
    scope: Scope
    accelerators: tuple[Accelerator, ...]
    closure: Mapping[str, Reach]
    tags: str
    majors: frozenset[str]


def check(ctx: Context) -> Iterator[Finding]:
    found: dict[tuple[str, Place], list[_Subject]] = {}
    for subject in _subjects(ctx):
        for reach in subject.closure.values():
            if reach.written and reach.package not in catalog.family() and (reason := _reason(ctx, subject, reach)):
                for requirement in reach.written:
                    found.setdefault((reason, requirement.at), []).append(subject)
    for (reason, at), subjects in found.items():
        variants = tuple(subject.name for subject in subjects if subject.name)
        command = f"`{sync(subjects[0].scope, variants[0])}`" if variants else "`uv sync`"
        also = f" (so for {', '.join(variants[1:])})" if variants[1:] else ""
        yield RULE.finding(
            f"{command} installs {reason}{also}",
            at,
            variants=variants,
            advice=_ADVICE if variants else "take the build that was made for the same torch and CUDA",
        )


def _subjects(ctx: Context) -> Iterator[_Subject]:
    for variant in ctx.variants:
        yield _subject(str(variant), ctx.project(variant), variant.scope, variant.accelerators, ctx.own(variant))
    for project in ctx.workspace.projects:
        sources = ctx.unscoped_sources(project, "torch")
        told = tuple(filter(None, (ctx.accelerator_of(project, source) for source in sources)))
        scope = project.base.scope
        if told and not any(v.scope.file == project.file for v in ctx.variants):
            yield _subject("", project, scope, told, ctx.closure(scope))


def _subject(
    name: str, project: Project, scope: Scope, told: tuple[Accelerator, ...], closure: Mapping[str, Reach]
) -> _Subject:
    tags = ", ".join(dict.fromkeys(each.tag for each in told))
    majors = frozenset(major for each in told if (major := cuda_major(each)))
    return _Subject(name, project, scope, told, closure, tags, majors)


def _reason(ctx: Context, subject: _Subject, reach: Reach) -> str:
    """What is wrong with a package in a closure, as a clause; empty if nothing."""
    package, tags, majors = reach.package, subject.tags, subject.majors
    if major := catalog.cuda_major_of(package):
        if not any(a.kind == "cuda" for a in subject.accelerators):
            return f"{package}, a library of CUDA, beside torch for {tags}"
        return (
            f"{package}, a library of CUDA {major}, beside torch for {tags}" if majors and major not in majors else ""
        )
    told = built_for(ctx, subject.project, subject.scope, reach)
    if told and not any(_can_stand_together(told, each) for each in subject.accelerators):
        return f"a build of {package} for {told.tag}, beside torch for {tags}"
    wanted, pinned = torch_of(ctx, subject.project, subject.scope, reach)
    if wanted and pinned and wanted != pinned:
        return f"a build of {package} for torch {wanted}, beside torch {pinned}"
    return ""


def _can_stand_together(one: Accelerator, other: Accelerator) -> bool:
    """Within one major of CUDA builds run with one another's libraries."""
    if one.kind == other.kind == "cuda":
        return not (cuda_major(one) and cuda_major(other)) or cuda_major(one) == cuda_major(other)
    return one.kind == other.kind


RULE = Rule("stray-cuda", Severity.WARNING, __doc__, check)
