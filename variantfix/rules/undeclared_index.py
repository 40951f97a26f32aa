"""A source names an index that no `[[tool.uv.index]]` declares.

Index names are case-sensitive, and an index of a user's or a parent folder's configuration does not count.

## Why it matters

uv refuses the project: ``Package `torch` references an undeclared index: `pytorch-cu128` ``.

## Example

```toml
[tool.uv.sources]
torch = [{ index = "pytorch-cu128", extra = "cu128" }]
```

gets

```toml
[[tool.uv.index]]
name = "pytorch-cu128"
url = "https://download.pytorch.org/whl/cu128"
explicit = true
```

where the name tells the accelerator. A name that differs from a declared one only in case or punctuation is
corrected in the source.

## When to ignore it

Never: uv refuses such a project.

Threads: astral-sh/uv#7899, #18956
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from variantfix import accelerator
from variantfix.project import normalise
from variantfix.routing import add_index, toml_string
from variantfix.rule import Finding, Fix, Rule, Severity
from variantfix.toml import Put

if TYPE_CHECKING:
    from collections.abc import Iterator

    from variantfix.context import Context
    from variantfix.project import Project, Source


def check(ctx: Context) -> Iterator[Finding]:
    for project in ctx.workspace.projects:
        declared = {index.name for index in ctx.workspace.indexes(project)}
        for source in (s for entries in project.sources.values() for s in entries):
            if source.kind == "index" and source.target not in declared:
                yield RULE.finding(
                    f"the source of {source.package} names the index {source.target!r}, which is not declared",
                    source.at,
                    fix=_fix(project, source, declared),
                    advice="declare it in [[tool.uv.index]]: its name tells no accelerator",
                )


def _fix(project: Project, source: Source, declared: set[str]) -> Fix | None:
    for name in sorted(declared):
        if normalise(name) == normalise(source.target):
            edit = Put(source.at.file, (*source.at.path, "index"), toml_string(name))
            return Fix(f"spell it {name!r}", (edit,))
    if told := accelerator.from_name(source.target):
        return Fix(f"declare it as {told.index_url}", (add_index(project, source.target, told.index_url),))
    return None


RULE = Rule("undeclared-index", Severity.ERROR, __doc__, check)
