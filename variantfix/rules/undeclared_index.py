"""A source names an index that no `[[tool.uv.index]]` declares.

Index names are case-sensitive. The indexes of the project and of its workspace's root count; those of another member,
of a parent folder's or of a user's configuration do not. Sources of packages that nothing requires are never read.

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

where the name tells the accelerator. Where an index is declared already whose name differs only in case or
punctuation, or that is the accelerator's under another name, the source is made to name that one.

## When to ignore it

Never: uv refuses such a project.

Threads: astral-sh/uv#7899, #18956
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from variantfix.edits.indexes import add_index
from variantfix.pytorch import accelerator, catalog
from variantfix.rules.rule import Finding, Fix, Rule, Severity
from variantfix.toml import Put, toml_string
from variantfix.uv.project import normalise

if TYPE_CHECKING:
    from collections.abc import Iterator

    from variantfix.detect.context import Context
    from variantfix.pytorch.accelerator import Accelerator
    from variantfix.uv.project import Index, Project, Source


def check(ctx: Context) -> Iterator[Finding]:
    for project in ctx.workspace.projects:
        for source in project.all_sources():
            # A member that uses a source of the root can name its own indexes too.
            lacking = [user for user in _users(ctx, source) if ctx.workspace.index_of(user, source) is None]
            if lacking:
                yield RULE.finding(
                    f"uv refuses the source of {source.package}: its index {source.target!r} is not declared",
                    source.at,
                    packages=(source.package,),
                    fix=_fix(project, source, ctx.workspace.indexes(lacking[0])),
                    advice="declare it in [[tool.uv.index]]: its name tells no index of PyTorch's",
                )


def _users(ctx: Context, source: Source) -> list[Project]:
    """The projects that look for an index because of a source: uv looks at none without a requirement."""
    users = ctx.workspace.users(source) if source.kind == "index" else ()
    return [user for user in users if any(r.name == source.package for r in user.requirements())]


def _fix(project: Project, source: Source, declared: tuple[Index, ...]) -> Fix | None:
    told = accelerator.from_name(source.target)
    alike = sorted(i.name for i in declared if normalise(i.name) == normalise(source.target))
    twins = [i.name for i in declared if told and _is_index_of(i, told)]
    if name := next(filter(None, [*alike, *twins]), ""):
        edit = Put(source.at.file, (*source.at.path, "index"), toml_string(name))
        return Fix(f"name {name!r} instead", (edit,))
    if told and told.is_pytorchs and catalog.is_hosted("torch", told.tag):
        return Fix(f"declare it as {told.index_url}", (add_index(project, source.target, told.index_url),))
    return None


def _is_index_of(index: Index, told: Accelerator) -> bool:
    """Whether an index is an accelerator's; one that is named for another may be about to get that one's URL."""
    by_name, by_url = accelerator.from_name(index.name), accelerator.from_url(index.url)
    return index.explicit and by_url == told and by_name in (None, told)


RULE = Rule("undeclared-index", Severity.ERROR, __doc__, check, remedy="safe")
