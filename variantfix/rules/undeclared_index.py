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
    from collections.abc import Iterator, Mapping

    from variantfix.detect.context import Context
    from variantfix.pytorch.accelerator import Accelerator
    from variantfix.uv.project import Index, Project, Source


def check(ctx: Context) -> Iterator[Finding]:
    for project in ctx.workspace.projects:
        for source in (s for entries in project.sources.values() for s in entries):
            users = [p for p in ctx.workspace.projects if source.kind == "index" and _uses(ctx, p, source)]
            # A member that uses a source of the root can name its own indexes too.
            declared = [{index.name: index for index in ctx.workspace.indexes(user)} for user in users]
            lacking = next((names for names in declared if source.target not in names), None)
            if lacking is not None:
                yield RULE.finding(
                    f"uv refuses the source of {source.package}: its index {source.target!r} is not declared",
                    source.at,
                    packages=(source.package,),
                    fix=_fix(project, source, lacking),
                    advice="declare it in [[tool.uv.index]]: its name tells no index of PyTorch's",
                )


def _uses(ctx: Context, project: Project, source: Source) -> bool:
    """Whether a project has a requirement on the source's package: uv looks at no other source."""
    is_theirs = source in ctx.workspace.sources(project, source.package)
    return is_theirs and any(section.named(source.package) for section in project.sections.values())


def _fix(project: Project, source: Source, declared: Mapping[str, Index]) -> Fix | None:
    told = accelerator.from_name(source.target)
    alike = [name for name in sorted(declared) if normalise(name) == normalise(source.target)]
    twins = [i.name for i in declared.values() if told and _is_index_of(i, told)]
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
