"""An unscoped source stands beside scoped ones, or serves variants of several accelerators.

An unscoped source holds for every requirement on its package. Beside a source that is bound to an extra, and on a
platform where the markers of requirements and sources leave both, uv refuses the file; alone, under several variants,
it gives all of them the same build. Two sources that are bound to one extra overlap in the same way.

## Why it matters

uv says `Requirements contain conflicting indexes for package`, or of two sources of one extra that stand side by side
`each source must include a platform marker` or `Source markers must be disjoint`; or it locks the CPU build of
torchvision beside CUDA's torch.

## Example

```toml
[tool.uv.sources]
torch = [
    { index = "pytorch-cpu", extra = "cpu" },
    { index = "pytorch-cu128", extra = "cu128", marker = "sys_platform != 'darwin'" },
]
torchvision = { index = "pytorch-cpu" }
```

becomes

```toml
torchvision = [
    { index = "pytorch-cpu", extra = "cpu" },
    { index = "pytorch-cu128", extra = "cu128", marker = "sys_platform != 'darwin'" },
]
```

The source is bound to the one variant that has its accelerator. Where none or several have, or where requirements
outside the variants come from it too, only the message comes; so it does for two sources of one extra, unless they say
the same.

## When to ignore it

Where the package has the same files on every index.

Threads: astral-sh/uv#14289, #7745, remsky/Kokoro-FastAPI#421
"""

from __future__ import annotations

from itertools import combinations
from typing import TYPE_CHECKING

from variantfix.detect.asked import identity, parts
from variantfix.detect.forks import origins
from variantfix.detect.routing import how_known, must_route
from variantfix.pytorch import catalog
from variantfix.pytorch.certainty import surest, weakest
from variantfix.rules.rule import Finding, Fix, Rule, Severity
from variantfix.toml import Put, Remove, toml_string
from variantfix.uv.markers import asked, names_python, overlaps, platforms

if TYPE_CHECKING:
    from collections.abc import Iterator

    from variantfix.detect.context import Context
    from variantfix.detect.variants import Variant
    from variantfix.pytorch.accelerator import Accelerator
    from variantfix.pytorch.certainty import Certainty
    from variantfix.uv.project import Source


def check(ctx: Context) -> Iterator[Finding]:
    for project in ctx.workspace.projects:
        for package, sources in project.sources.items():
            if package in catalog.family():
                yield from _check_unscoped(ctx, package, sources)
                yield from _check_doubled(sources)


def _check_unscoped(ctx: Context, package: str, sources: tuple[Source, ...]) -> Iterator[Finding]:
    served = [v for v in ctx.variants if ctx.workspace.sources(ctx.project(v), package) == sources]
    is_scoped = any(ctx.sources(v, package) for v in served)
    routed = [v for v in served if must_route(v, package) and package in ctx.combined(v)]
    # A marker that asks for an extra is another rule's to mend first.
    for source in (s for s in sources if s.kind == "index" and not s.is_scoped and not asked(s.marker)):
        told = ctx.accelerator_of(ctx.workspace.project(source.at.file), source)
        if beside := [v for v in served if _collides(ctx, v, source)]:
            names = ", ".join(map(str, beside))
            yield _finding(ctx, source, told, routed, f"holds beside the source of {names}, and uv refuses the two")
        elif told and not is_scoped and (others := [v for v in routed if v.accelerator != told]):
            known = surest(weakest(ctx.combined(v)[package].certainty, how_known(v, package)) for v in others)
            yield _finding(ctx, source, told, routed, f"gives every variant the {told.tag} build", known)


def _collides(ctx: Context, variant: Variant, source: Source) -> bool:
    """Whether the source and one of the variant's serve the same requirement, or the base's, on one platform.

    Requirements and sources both have markers: they decide it together. Those that divide the Pythons are taken to do
    it rightly.
    """
    project, package = ctx.project(variant), source.package
    if names_python(source.marker) and all(names_python(s.marker) for s in ctx.sources(variant, package)):
        return False
    if not ctx.sources(variant, package):
        return False
    ours, lists = identity(ctx, project, source), (project.base.scope, variant.scope)
    there = platforms(source.marker) & ctx.platforms
    found = (origins(ctx, lists, package, platform) for platform in there)
    return any(ours in each and len(each) > 1 for each in found)


def _check_doubled(sources: tuple[Source, ...]) -> Iterator[Finding]:
    for (place, source), (other_place, other) in combinations(enumerate(sources), 2):
        if not source.is_scoped or source.scope() != other.scope() or not _overlap(source, other):
            continue
        same = (source.kind, source.target) == (other.kind, other.target)
        if same and other_place > place + 1:
            continue  # uv compares the markers of neighbours alone, and one index is no conflict
        fix = Fix("remove the second", (Remove(other.at.file, other.at.path),))
        is_idle = same and source.marker == other.marker
        yield RULE.finding(
            f"two sources of {source.package} are bound to {source.scope()} on the same systems: uv refuses them",
            other.at,
            variants=(source.extra or source.group,),
            packages=(source.package,),
            fix=fix if is_idle else None,
            advice="" if is_idle else "give each a marker, so that on every system one of them holds, or remove one",
        )


def _overlap(source: Source, other: Source) -> bool:
    """Whether two sources hold on the same platform with the same Python."""
    return overlaps(source.marker, other.marker)


def _finding(
    ctx: Context,
    source: Source,
    told: Accelerator | None,
    variants: list[Variant],
    what: str,
    known: Certainty = "seen",
) -> Finding:
    fix = _fix(ctx, [v for v in variants if v.accelerator == told], source)
    return RULE.finding(
        f"the source {source.target!r} of {source.package} is bound to no variant: it {what}",
        source.at,
        variants=variants,
        packages=(source.package,),
        fix=fix,
        advice="" if fix else _advice(ctx, source),
        known=known,
    )


def _advice(ctx: Context, source: Source) -> str:
    if _serves_others(ctx, source):
        return "requirements outside the variants come from it: divide these and the sources by markers, or move them"
    return "bind it to the variant that is meant with `extra =` or `group =`, or remove it"


def _fix(ctx: Context, owners: list[Variant], source: Source) -> Fix | None:
    """Bind the source to its one owner, or drop it where the owner has a source of its own already."""
    if len({(v.scope.kind, v.scope.name) for v in owners}) != 1 or _serves_others(ctx, source):
        return None
    owner = owners[0]
    if owner.scope.file != source.at.file and not ctx.workspace.root.is_virtual:
        return None  # uv looks for the extra in the file of the source, but for a virtual root
    if not ctx.sources(owner, source.package):
        edit = Put(source.at.file, (*source.at.path, owner.scope.kind), toml_string(owner.spelling))
        return Fix(f"bind it to {owner}", (edit,))
    if isinstance(source.at.path[-1], int):
        return Fix(f"remove it: {owner} has a source of its own", (Remove(source.at.file, source.at.path),))
    return None


def _serves_others(ctx: Context, source: Source) -> bool:
    """Whether something that is no variant gets its package from the source: it would come from elsewhere after."""
    for project in ctx.workspace.users(source):
        ours = identity(ctx, project, source)
        others = (s for scope, s in project.sections.items() if scope not in ctx.by_scope)
        if any(part.origin == ours for each in others for part in parts(ctx, project, each, source.package)):
            return True
    return False


RULE = Rule("unscoped-source", Severity.ERROR, __doc__, check, remedy="safe")
