"""A name says one accelerator, and the index or the pin behind it another.

Names are free: an index called `pytorch-cu128` can point at `/whl/cpu`, an extra called `cu128` can take its torch
from `pytorch-cu126`. uv compares none of them.

## Why it matters

The lock succeeds, and `uv sync --extra cu128` installs a CPU build.

## Example

```toml
[[tool.uv.index]]
name = "pytorch-cu128"
url = "https://download.pytorch.org/whl/cpu"
explicit = true
```

With `--unsafe` the URL follows the name:

```toml
url = "https://download.pytorch.org/whl/cu128"
```

An extra whose own name disagrees with its index, or a local version that does (`torch==2.7.1+cu126` in cu128), is
reported only: which of the two is meant cannot be told.

An index of PyTorch's whose URL tells none (`https://download.pytorch.org/whl` has the builds of all, `/whl/preview/…`
those of one project) disagrees with every name: reported, too.

## When to ignore it

Where an old name was kept on purpose, for the users' scripts.

Threads: astral-sh/uv#11931
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from variantfix.detect.variants import CONFIG, NAME
from variantfix.pytorch import accelerator, catalog
from variantfix.rules.rule import Finding, Fix, Rule, Safety, Severity
from variantfix.toml import Put, toml_string

if TYPE_CHECKING:
    from collections.abc import Iterator

    from variantfix.detect.context import Context
    from variantfix.detect.variants import Variant
    from variantfix.pytorch.accelerator import Accelerator
    from variantfix.uv.project import Index, Project, Source


def check(ctx: Context) -> Iterator[Finding]:
    for project in ctx.workspace.projects:
        for index in project.indexes:
            yield from _index(index)
        yield from _shared(ctx, project)
    for variant in ctx.variants:
        yield from _name(ctx, variant)
        yield from _pins(ctx, variant)


def _disagree(one: Accelerator | None, other: Accelerator | None) -> bool:
    """Whether both are told and differ."""
    return one is not None and other is not None and not one.agrees(other)


def _index(index: Index) -> Iterator[Finding]:
    by_name, by_url = accelerator.from_name(index.name), accelerator.from_url(index.url)
    if by_name and by_url is None and accelerator.is_from_pytorch(index.url):
        yield RULE.finding(
            f"the index {index.name!r} is named for {by_name.tag}, and its URL tells no accelerator: {index.url}",
            index.at,
            advice=f"correct the name or the URL; the builds for {by_name.tag} are at {by_name.index_url}",
        )
    if by_name is None or by_url is None or not _disagree(by_name, by_url):
        return
    url = by_name.tag.join(index.url.rsplit(by_url.tag, 1)) if by_url.tag in index.url else ""
    edit = Put(index.at.file, (*index.at.path, "url"), toml_string(url))
    yield RULE.finding(
        f"the index {index.name!r} is named for {by_name.tag}, and serves the builds for {by_url.tag}: so says its URL",
        index.at,
        fix=Fix(f"set its url to {url}", (edit,), Safety.UNSAFE) if url else None,
        advice="correct the name or the URL",
    )


def _shared(ctx: Context, project: Project) -> Iterator[Finding]:
    """The variants that take torch from one PyTorch index with the builds of all: nothing chooses between them."""
    urls: dict[str, str] = {}
    users: dict[Source, Variant] = {}
    for variant in ctx.variants_of(project):
        pinned = any(accelerator.from_local_version(r.specifier) for r in ctx.section(variant).named("torch"))
        for source in ctx.sources(variant, "torch") if variant.told_by == NAME and not pinned else ():
            index = ctx.workspace.index_of(project, source)
            if index and accelerator.is_from_pytorch(index.url) and accelerator.from_url(index.url) is None:
                users[source], urls[index.name] = variant, index.url
    for name in dict.fromkeys(source.target for source in users):
        variants = {source: v for source, v in users.items() if source.target == name}
        if len({v.accelerator for v in variants.values()}) > 1:
            first, names = next(iter(variants)), tuple(map(str, variants.values()))
            yield RULE.finding(
                f"{', '.join(names)} take torch from {urls[name]}, which has the builds of all: each "
                "installs the same one",
                first.at,
                variants=names,
                advice="give each the index of its own, as "
                + ", ".join(v.accelerator.index_url for v in variants.values()),
            )


def _name(ctx: Context, variant: Variant) -> Iterator[Finding]:
    by_name = accelerator.from_scope_name(variant.scope.name)
    told = variant.accelerators
    if by_name is None or variant.told_by == CONFIG or not all(_disagree(by_name, each) for each in told):
        return
    targets = {source.target for package in catalog.family() for source in ctx.sources(variant, package)}
    if by_name not in map(accelerator.from_name, targets):  # else the index itself is misnamed, and said to be
        yield RULE.finding(
            f"{variant.sync} installs the {variant.accelerator.tag} build: its {variant.told_by} and name disagree",
            variant.at,
            variants=[variant],
            advice="rename the extra, or give it the index that its name tells",
        )


def _pins(ctx: Context, variant: Variant) -> Iterator[Finding]:
    for requirement in ctx.section(variant).requirements:
        pinned = accelerator.from_local_version(requirement.specifier)
        if requirement.name in catalog.family() and all(_disagree(pinned, each) for each in variant.accelerators):
            yield RULE.finding(
                f"{variant} takes {variant.accelerator.tag} from its index, and pins {requirement.text!r}",
                requirement.at,
                variants=[variant],
                advice="drop the local version: the index decides",
            )


RULE = Rule("mismatched-index", Severity.ERROR, __doc__, check, remedy="unsafe")
