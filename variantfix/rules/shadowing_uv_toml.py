"""A `uv.toml` beside the file takes the place of its settings.

Where a `uv.toml` lies in the same folder, uv reads its settings from there alone. The default index, further indexes,
`required-version` and the like in `[tool.uv]` are ignored; sources, conflicts and the indexes that sources name stay.

## Why it matters

    warning: Found both a `uv.toml` file and a `[tool.uv]` section in an adjacent `pyproject.toml`. The following
    fields from `[tool.uv]` will be ignored in favor of the `uv.toml` file: …

and ordinary packages come from PyPI, not from the default index that the project declares.

## Example

A project declares

```toml
[[tool.uv.index]]
name = "corp"
url = "https://packages.example.com/simple"
default = true
```

and a `uv.toml` beside it says `link-mode = "copy"`. Move what `uv.toml` says into `[tool.uv]`, or all settings into
`uv.toml`.

## When to ignore it

Where `uv.toml` repeats what the project says.

Threads: astral-sh/uv#6772
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from variantfix.pytorch import catalog
from variantfix.rules.rule import Finding, Rule, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from variantfix.detect.context import Context
    from variantfix.uv.project import Project

# What uv reads from the project itself, whatever lies beside it.
_PROJECTS_OWN = frozenset(
    {
        "build-backend",
        "build-constraint-dependencies",
        "conflicts",
        "constraint-dependencies",
        "default-groups",
        "dependency-groups",
        "dev-dependencies",
        "environments",
        "exclude-dependencies",
        "managed",
        "override-dependencies",
        "package",
        "required-environments",
        "sources",
        "workspace",
    }
)


def check(ctx: Context) -> Iterator[Finding]:
    root = ctx.workspace.root
    if ctx.evidence is None or not ctx.evidence.uv_toml:
        return
    ignored = [key for key in root.uv.keys if key in catalog.uv_keys() and _is_ignored(root, key)]
    if ignored:
        yield RULE.finding(
            f"the uv.toml beside the file makes uv ignore {', '.join(ignored)} of [tool.uv]",
            root.place("tool", "uv", ignored[0]),
            advice="keep all settings in one of the two",
        )


def _is_ignored(root: Project, key: str) -> bool:
    if key == "index":
        return not all(index.explicit for index in root.indexes)
    return key not in _PROJECTS_OWN


RULE = Rule("shadowing-uv-toml", Severity.ERROR, __doc__, check)
