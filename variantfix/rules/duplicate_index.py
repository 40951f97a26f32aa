"""Two indexes of one file have the same name.

A source names its index, so that the name has to be that of one. Such pairs come from merges and from copied tables.

## Why it matters

uv reads nothing of such a file:

    error: Failed to parse: pyproject.toml
      cause: TOML parse error at line 20, column 1: duplicate index name `pytorch-cu128`

## Example

```toml
[[tool.uv.index]]
name = "pytorch-cu128"
url = "https://download.pytorch.org/whl/cu128"
explicit = true

[[tool.uv.index]]
name = "pytorch-cu128"
url = "https://download.pytorch.org/whl/cu128"
explicit = true
```

One of two that have the same URL is removed: the one that is not explicit, else the second. Where the URLs differ, give
one of them another name, and name it in the sources that mean it.

## When to ignore it

Never: uv refuses such a project.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from variantfix.rules.rule import Finding, Fix, Rule, Severity
from variantfix.toml import Remove

if TYPE_CHECKING:
    from collections.abc import Iterator

    from variantfix.detect.context import Context
    from variantfix.uv.project import Index


def check(ctx: Context) -> Iterator[Finding]:
    for project in ctx.workspace.projects:
        first: dict[str, Index] = {}
        for index in project.indexes:
            if index.name in first:
                yield _finding(first[index.name], index)
            elif index.name:
                first[index.name] = index


def _finding(first: Index, second: Index) -> Finding:
    equal = first.url.rstrip("/") == second.url.rstrip("/") and first.default == second.default
    spare = first if second.explicit and not first.explicit else second
    return RULE.finding(
        f"there are two indexes named {first.name!r}: uv does not read the file",
        second.at,
        fix=Fix(f"remove the {'first' if spare is first else 'second'}", (Remove(spare.at.file, spare.at.path),))
        if equal
        else None,
        advice="" if equal else f"their URLs differ ({first.url}, {second.url}): give one of them another name",
    )


RULE = Rule("duplicate-index", Severity.ERROR, __doc__, check, remedy="safe")
