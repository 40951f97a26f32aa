"""`default-groups` names a dependency group that does not exist.

Defaults are for the groups of `[dependency-groups]` alone. Extras cannot be defaults, and what stands in
`tool.uv.dev-dependencies` cannot be named either.

## Why it matters

uv refuses the project, its members' files included:

    error: Default group `cpu` (from `tool.uv.default-groups`) is not defined in the project's `dependency-groups` table

Before that check came into `uv lock` (uv 0.5 has it in `uv sync` alone), the lock went through.

## Example

```toml
[project.optional-dependencies]
cpu = ["torch>=2.9"]

[tool.uv]
default-groups = ["cpu"]
```

Make cpu a dependency group, or remove the name and choose the extra with `--extra cpu`.

## When to ignore it

Never: uv refuses such a project.

Threads: astral-sh/uv#11677, #8607
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from variantfix.errors import suggestion
from variantfix.rules.rule import Finding, Rule, Severity
from variantfix.uv.project import Scope, normalise

if TYPE_CHECKING:
    from collections.abc import Iterator

    from variantfix.detect.context import Context
    from variantfix.uv.project import Project


def check(ctx: Context) -> Iterator[Finding]:
    for project in ctx.workspace.projects:
        groups, known = project.uv.default_groups, list(project.dependency_groups)
        for number, name in enumerate(groups if isinstance(groups, tuple) else ()):
            if normalise(name) not in known:
                yield RULE.finding(
                    f"default-groups names {name!r}, and there is no such dependency group: uv refuses the project",
                    project.place("tool", "uv", "default-groups", number),
                    advice=_advice(project, name, known),
                )


def _advice(project: Project, name: str, known: list[str]) -> str:
    if Scope(project.file, "extra", normalise(name)) in project.sections:
        return f"it is an extra, and extras cannot be defaults: make it a group, or choose it with --extra {name}"
    if "dev-dependencies" in project.uv.keys and normalise(name) == "dev":
        return "move tool.uv.dev-dependencies to [dependency-groups] as dev"
    return f"remove it, or add the group; {suggestion(name, known, most=5)}" if known else "remove it, or add the group"


RULE = Rule("unknown-default-group", Severity.ERROR, __doc__, check)
