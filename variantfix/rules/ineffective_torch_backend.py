"""`torch-backend` in `[tool.uv]` does nothing for a project.

The setting chooses the PyTorch index for `uv pip` and `uv tool`. `uv lock`, `uv sync` and `uv run` accept it and do
not look at it, nor at `UV_TORCH_BACKEND`.

## Why it matters

With `torch-backend = "cpu"` and no source, `uv sync` installs PyPI's torch with all of CUDA. Nothing is said.

## Example

```toml
[project]
dependencies = ["torch>=2.9"]

[tool.uv]
torch-backend = "cpu"
```

Give torch a source instead:

```toml
[tool.uv.sources]
torch = { index = "pytorch-cpu" }

[[tool.uv.index]]
name = "pytorch-cpu"
url = "https://download.pytorch.org/whl/cpu"
explicit = true
```

## When to ignore it

Where only `uv pip` is used; `[tool.uv.pip]` is the table that says so, and it is not reported.

Threads: astral-sh/uv#17116, #21535, #12994, #18157, #18478, #20493
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from variantfix.pytorch import catalog
from variantfix.pytorch.certainty import surest
from variantfix.rules.rule import Finding, Rule, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from variantfix.detect.context import Context
    from variantfix.pytorch.certainty import Certainty
    from variantfix.uv.project import Project


def check(ctx: Context) -> Iterator[Finding]:
    for project in ctx.workspace.projects:
        backend = project.uv.torch_backend
        if backend is not None and project.uv.managed and (known := _needing_torch(ctx, project)):
            yield RULE.finding(
                f"torch-backend = {backend!r} is for uv pip alone: uv lock and uv sync do not look at it",
                project.place("tool", "uv", "torch-backend"),
                advice="route torch with [tool.uv.sources]; what is meant for uv pip belongs into [tool.uv.pip]",
                known=surest(known),
            )


def _needing_torch(ctx: Context, project: Project) -> list[Certainty]:
    """How sure it is of each family package that the project brings it."""
    reached = ctx.walks.closure(tuple(project.sections))
    return [each.certainty for name, each in reached.items() if name in catalog.family()]


RULE = Rule("ineffective-torch-backend", Severity.WARNING, __doc__, check)
