"""A PyTorch index is explicit, and no source names it.

uv asks an explicit index for the packages of those sources alone that name it. Without one it is never asked.

## Why it matters

The file looks as if torch came from there, and it comes from PyPI: `uv sync` installs PyPI's build, or that of another
index that the author thought had been replaced.

## Example

```toml
[[tool.uv.index]]
name = "pytorch-cu124"
url = "https://download.pytorch.org/whl/cu124"
explicit = true
```

Name it in `[tool.uv.sources]`, or remove it.

## When to ignore it

Where the index is there to be chosen by name on the command line, or by a project that copies the table.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from variantfix.pytorch import accelerator
from variantfix.rules.rule import Finding, Rule, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from variantfix.detect.context import Context
    from variantfix.uv.project import Index


def check(ctx: Context) -> Iterator[Finding]:
    sources = (source for project in ctx.workspace.projects for source in project.all_sources())
    named = {source.target for source in sources if source.kind == "index"}
    for project in ctx.workspace.projects:
        for index in project.indexes:
            if index.explicit and index.name not in named and _is_of_torch(index) and not _is_expected(ctx, index):
                yield RULE.finding(
                    f"no source names the index {index.name!r}, and it is explicit: uv never takes torch from it",
                    index.at,
                    advice="name it in [tool.uv.sources], or remove it",
                )


def _is_of_torch(index: Index) -> bool:
    return bool(index.name) and accelerator.is_pytorchs(index.name, index.url)


def _is_expected(ctx: Context, index: Index) -> bool:
    """Whether a variant of its accelerator is there, whose packages other rules route to it."""
    told = accelerator.from_url(index.url)
    return any(told in variant.accelerators for variant in ctx.variants)


RULE = Rule("unused-index", Severity.WARNING, __doc__, check)
