"""A source of a PyTorch package that no requirement of the project names.

uv attaches a source to a requirement that this pyproject writes. A package that only comes with another one, torch
with accelerate, has no such requirement: its source does nothing.

## Why it matters

The lock succeeds without a word, and holds PyPI's torch, on Linux with all of CUDA, where the CPU build was asked for.

## Example

```toml
[project]
dependencies = ["accelerate"]

[tool.uv.sources]
torch = { index = "pytorch-cpu" }
```

With `--unsafe` the lists that bring torch name it:

```toml
[project]
dependencies = ["accelerate", "torch"]
```

The fix is unsafe since the published package then requires torch by itself. A constraint that has a bound
(`constraint-dependencies = ["torch>=2"]`) is routed as well, and is not published.

Beside variants there is only the message: which of them is to name the package cannot be told.

## When to ignore it

Where the package that brings it is never installed on Linux.

Threads: astral-sh/uv#8253, #9446, #11388, #13829
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from variantfix.edits.requirements import name_in
from variantfix.pytorch import catalog
from variantfix.pytorch.certainty import surest
from variantfix.rules.rule import Finding, Fix, Rule, Safety, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from variantfix.detect.context import Context
    from variantfix.detect.reach import Reach
    from variantfix.uv.project import Project, Section, Source


def check(ctx: Context) -> Iterator[Finding]:
    for project in ctx.workspace.projects:
        for package, sources in project.sources.items():
            if not sources or not _is_routing(ctx, project, sources):
                continue
            users = ctx.workspace.users(sources[0])
            if any(_names(ctx, user, package) for user in users):
                continue
            sections = [section for user in users for section in user.sections.values()]
            if bringing := {section: reach for section in sections if (reach := _reach(ctx, section, package))}:
                yield _finding(ctx, sources[0], bringing)


def _is_routing(ctx: Context, project: Project, sources: Sequence[Source]) -> bool:
    """Whether the sources are unscoped, and name an index that serves nothing without them."""
    package = catalog.family().get(sources[0].package)
    indexes = [ctx.workspace.index_of(project, source) for source in sources if not source.is_scoped]
    is_plain = len(indexes) == len(sources) and all(index and index.explicit for index in indexes)
    return is_plain and package is not None and package.accelerator_specific


def _names(ctx: Context, project: Project, package: str) -> bool:
    """Whether a list of the project names the package. uv routes overrides, and constraints that have a bound, too."""
    if any(requirement.name == package for requirement in project.requirements()):
        return True
    if project is not ctx.workspace.root:
        return False
    bounded = [r for r in project.uv.constraints if r.specifier]
    return package in {r.name for r in (*bounded, *project.uv.overrides)}


def _reach(ctx: Context, section: Section, package: str) -> Reach | None:
    """How a section's own list brings the package, if not by naming it or a member of the workspace."""
    found = ctx.walks.closure((section.scope,)).get(package)
    own = {r.name for r in section.requirements}
    return found if found and found.path[0] in own and not ctx.workspace.member(found.path[0]) else None


def _finding(ctx: Context, source: Source, bringing: Mapping[Section, Reach]) -> Finding:
    package = source.package
    base = [section for section in bringing if section.scope.kind == "base"]
    naming = [name_in(section, package) for section in base or bringing]
    lists = ", ".join(_describe(ctx, section) for section in base or bringing)
    through = " -> ".join(next(iter(bringing.values())).path[:-1])
    return RULE.finding(
        f"the source of {package} does nothing: no requirement names {package}, it only comes with {through}",
        source.at,
        variants=ctx.variants,
        packages=(package,),
        fix=None
        if ctx.variants or _needs_triton(ctx, source)
        else Fix(f"name {package} in {lists}", tuple(naming), Safety.UNSAFE),
        advice=_advice(ctx, source),
        known=surest(reach.certainty for reach in bringing.values()),
    )


def _advice(ctx: Context, source: Source) -> str:
    if ctx.variants:
        return f"name {source.package} in the lists of the variants, with a source for each"
    if _needs_triton(ctx, source):
        return "name torch and its triton package, and route both: only the PyTorch index has that one"
    if source.at.file != ctx.workspace.root.file:
        return ""  # uv routes the constraints by the root's sources alone
    return f"give {source.package} a bound in constraint-dependencies: uv routes that too, and it is not published"


def _needs_triton(ctx: Context, source: Source) -> bool:
    """Whether torch from that index needs a triton package that nothing else has, so that uv could not lock it."""
    project = ctx.workspace.project(source.at.file)
    told = ctx.accelerator_of(project, source)
    if source.package != "torch" or told is None or told.kind not in ("rocm", "xpu"):
        return False
    return not any("triton" in package for package in project.sources)


def _describe(ctx: Context, section: Section) -> str:
    of = f" of {ctx.workspace.project(section.scope.file).name}" if len(ctx.workspace.projects) > 1 else ""
    return (section.spelling or "the base dependencies") + of


RULE = Rule("unused-source", Severity.ERROR, __doc__, check, remedy="unsafe")
