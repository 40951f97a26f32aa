"""A PyTorch index without `explicit = true` shadows PyPI.

The PyTorch indexes carry copies of many ordinary packages: numpy, requests, jinja2, setuptools. uv asks the indexes
in order and takes a package from the first that has it, so that an index which is not explicit hands out those
copies, old and for Linux only.

## Why it matters

`requests==1.0` and wheels for one Python in the lock; `uv sync` fails on another system.

## Example

```toml
[[tool.uv.index]]
name = "pytorch-cpu"
url = "https://download.pytorch.org/whl/cpu"
```

becomes

```toml
[[tool.uv.index]]
name = "pytorch-cpu"
url = "https://download.pytorch.org/whl/cpu"
explicit = true
```

A project without variants that has torch from that index by the order alone gets a source for it too.

## When to ignore it

Where the index is a mirror of all of PyPI that happens to have an accelerator in its URL.

Threads: astral-sh/uv#14505, #12620, #16784, #2205
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from variantfix import accelerator, catalog, graph
from variantfix.routing import free_name, toml_string
from variantfix.rule import Finding, Fix, Rule, Severity
from variantfix.toml import Edit, Put
from variantfix.variants import family_packages

if TYPE_CHECKING:
    from collections.abc import Iterator

    from variantfix.context import Context
    from variantfix.project import Index, Project


def check(ctx: Context) -> Iterator[Finding]:
    for project in ctx.workspace.projects:
        implicit = [i for i in project.indexes if accelerator.from_url(i.url) and not i.explicit]
        for index in implicit:
            fix = _fix(ctx, project, index, is_first=index == implicit[0])
            yield RULE.finding(
                f"the index {index.name or index.url!r} is not explicit: it shadows PyPI for ordinary packages",
                index.at,
                fix=fix,
                advice="" if fix else _advice(index),
            )


def _advice(index: Index) -> str:
    if index.default:
        return "it is the default index: remove `default = true` and name it in the sources of torch"
    return "name the packages that are meant to come from it in [tool.uv.sources], then make it explicit"


def _fix(ctx: Context, project: Project, index: Index, *, is_first: bool) -> Fix | None:
    told = accelerator.from_url(index.url)
    assert told is not None
    if index.default or not accelerator.is_pytorch_layout(index.url):
        return None
    at = index.at
    name = index.name or free_name(f"pytorch-{told.tag.replace('.', '')}", (i.name for i in project.indexes))
    edits: list[Edit] = [Put(at.file, (*at.path, "explicit"), "true")]
    if not index.name:
        edits.insert(0, Put(at.file, (*at.path, "name"), toml_string(name)))
    if is_first and not ctx.variants:
        reached = graph.closure(ctx.workspace, project.sections, ctx.requires)
        relying = [
            reached[package]
            for package in family_packages(list(reached))
            if catalog.is_hosted(package, told.tag) and not ctx.workspace.sources(project, package)
        ]
        if not all(reach.is_direct for reach in relying):
            return None  # a package that is only transitive has no requirement to hang a source on
        source = f"{{ index = {toml_string(name)} }}"
        edits += [Put(at.file, ("tool", "uv", "sources", reach.package), source) for reach in relying]
    return Fix("make it explicit", tuple(edits))


RULE = Rule("implicit-index", Severity.ERROR, __doc__, check)
