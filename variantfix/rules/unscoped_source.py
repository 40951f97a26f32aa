"""An unscoped source stands beside scoped ones, or serves variants of several accelerators.

An unscoped source holds for every requirement on its package. Beside a source that is bound to an extra it overlaps
with it, and uv refuses the file; alone, under several variants, it gives all of them the same build.

## Why it matters

uv says `Source markers must be disjoint`, and hints at a marker that turns the entry off; or the cpu variant gets
the CUDA build of torchvision beside its CPU torch, and the lock fails or the import does.

## Example

```toml
[tool.uv.sources]
torch = [
    { index = "pytorch-cpu", extra = "cpu" },
    { index = "pytorch-cu128", extra = "cu128" },
]
torchvision = { index = "pytorch-cu128" }
```

becomes

```toml
torchvision = [
    { index = "pytorch-cu128", extra = "cu128" },
    { index = "pytorch-cpu", extra = "cpu" },
]
```

The source is bound to the one variant that has its accelerator. Where none or several have, only the message comes.

## When to ignore it

Where the package has the same files on every index.

Threads: astral-sh/uv#14289, #7745, remsky/Kokoro-FastAPI#421
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from variantfix import catalog
from variantfix.markers import platforms
from variantfix.routing import must_route, toml_string
from variantfix.rule import Finding, Fix, Rule, Severity
from variantfix.toml import Put, Remove
from variantfix.variants import source_accelerator

if TYPE_CHECKING:
    from collections.abc import Iterator

    from variantfix.accelerator import Accelerator
    from variantfix.context import Context
    from variantfix.project import Source
    from variantfix.variants import Variant


def check(ctx: Context) -> Iterator[Finding]:
    for project in ctx.workspace.projects:
        for package, sources in project.sources.items():
            if package not in catalog.family():
                continue
            routed = [v for v in ctx.variants_of(project) if must_route(v, package) and package in ctx.combined(v)]
            # A marker that asks for an extra is another rule's to mend first.
            unscoped = [s for s in sources if s.kind == "index" and not s.is_scoped and "extra" not in s.marker]
            scoped = [s for s in sources if s.scope() in ctx.by_scope]
            for source in unscoped:
                told = source_accelerator(ctx.workspace, project, source)
                if any(platforms(source.marker) & platforms(other.marker) for other in scoped):
                    yield _finding(ctx, source, told, routed, "overlaps with the sources that are bound to extras")
                elif told and not scoped and {v.accelerator for v in routed} - {told}:
                    yield _finding(ctx, source, told, routed, f"gives every variant the {told.tag} build")


def _finding(ctx: Context, source: Source, told: Accelerator | None, variants: list[Variant], what: str) -> Finding:
    fix = _fix(ctx, [v for v in variants if v.accelerator == told], source)
    return RULE.finding(
        f"the source {source.target!r} of {source.package} is bound to no variant: it {what}",
        source.at,
        variants=tuple(map(str, variants)),
        fix=fix,
        advice="" if fix else "bind it to the variant that is meant with `extra =` or `group =`, or remove it",
    )


def _fix(ctx: Context, owners: list[Variant], source: Source) -> Fix | None:
    """Bind the source to its one owner, or drop it where the owner has a source of its own already."""
    if len(owners) != 1:
        return None
    owner = owners[0]
    if not ctx.sources(owner, source.package):
        edit = Put(source.at.file, (*source.at.path, owner.scope.kind), toml_string(owner.spelling))
        return Fix(f"bind it to {owner}", (edit,))
    if isinstance(source.at.path[-1], int):
        return Fix(f"remove it: {owner} has a source of its own", (Remove(source.at.file, source.at.path),))
    return None


RULE = Rule("unscoped-source", Severity.ERROR, __doc__, check)
