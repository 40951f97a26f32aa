"""A PyTorch index without `explicit = true` shadows PyPI.

The PyTorch indexes carry copies of many ordinary packages: numpy, requests, jinja2, setuptools. uv asks the indexes
in order and takes a package from the first that has it, so that an index which is not explicit hands out those
copies, old and for Linux only.

## Why it matters

`requests==1.0` and wheels for one Python in the lock; `uv sync` fails on another system. Or nothing locks:

    Because only jinja2==3.1.4 is available and your project depends on jinja2>=3.1.6 …
    hint: `jinja2` was found on https://download.pytorch.org/whl/cpu, but not at the requested version

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

A project without variants that has torch from that index by the order alone gets a source for it too. Where something
beside the variants has it from there, or torch the triton that only this index has, the message says what is to be
routed first. An index in
`extra-index-url` or `index-url` cannot be explicit, and is reported only. The indexes of a workspace's members are
asked for nothing but their sources, so the root's alone count.

## When to ignore it

Where the index is a mirror that has all of PyPI too.

Threads: astral-sh/uv#14505, #12620, #16784, #2205
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from variantfix.detect.asked import plain
from variantfix.detect.forks import chosen, index_in
from variantfix.detect.memory import remembered
from variantfix.detect.outlook import by_order
from variantfix.detect.routing import must_route
from variantfix.detect.variants import family_packages
from variantfix.edits.indexes import name_for
from variantfix.pytorch import accelerator, catalog
from variantfix.pytorch.accelerator import without_local
from variantfix.rules.rule import Finding, Fix, Rule, Severity
from variantfix.toml import Edit, Put, toml_string
from variantfix.uv.platforms import BUILT_FOR
from variantfix.uv.project import Index

if TYPE_CHECKING:
    from collections.abc import Iterator

    from variantfix.detect.context import Context
    from variantfix.detect.reach import Reach
    from variantfix.pytorch.accelerator import Accelerator
    from variantfix.uv.project import Project, Scope


def check(ctx: Context) -> Iterator[Finding]:
    root = ctx.workspace.root
    implicit = [
        i for i in (*root.indexes, *_by_url_alone(root)) if not i.explicit and accelerator.is_pytorchs(i.name, i.url)
    ]
    for index in implicit:
        fix = _fix(ctx, root, index, is_first=index == implicit[0])
        yield RULE.finding(
            f"the index {index.name or index.url!r} is not explicit: uv takes ordinary packages from it, too",
            index.at,
            fix=fix,
            advice="" if fix and not (ctx.variants and _served(ctx, index)) else _advice(ctx, index),
        )


def _by_url_alone(project: Project) -> Iterator[Index]:
    """The indexes of the older settings, which have no name and cannot be explicit."""
    for number, url in enumerate(project.uv.extra_index_urls):
        at = project.place("tool", "uv", "extra-index-url", number)
        yield Index("", url, explicit=False, default=False, at=at)
    if url := project.uv.index_url:
        yield Index("", url, explicit=False, default=True, at=project.place("tool", "uv", "index-url"))


def _advice(ctx: Context, index: Index) -> str:
    if index.at.path[2] != "index":
        return "declare it in [[tool.uv.index]] with a name and `explicit = true`, and name it in the sources of torch"
    if index.default:
        return "it is the default index: remove `default = true` and name it in the sources of torch"
    told = accelerator.from_url(index.url)
    if told and (triton := _lacking_triton(ctx, index, told)):
        return f"torch from it needs {triton}, which it alone has: name that beside torch, route both, then make it so"
    if served := sorted({package for packages in _served(ctx, index).values() for package in packages}):
        return f"it alone serves {', '.join(served)}: give that a source where it is required, then make it explicit"
    return "name the packages that are meant to come from it in [tool.uv.sources], then make it explicit"


def _fix(ctx: Context, project: Project, index: Index, *, is_first: bool) -> Fix | None:
    at = index.at
    told = accelerator.from_url(index.url)
    if told is None or at.path[2] != "index" or index.default or not accelerator.is_pytorch_layout(index.url):
        return None
    name = index.name or name_for(told, project.indexes)
    edits: list[Edit] = [Put(at.file, (*at.path, "explicit"), "true")]
    if not index.name:
        edits.insert(0, Put(at.file, (*at.path, "name"), toml_string(name)))
    if _lacking_triton(ctx, index, told):
        return None
    relying = _relying(ctx, told) if is_first and not ctx.variants else []
    if not all(reach.is_direct for reach in relying):
        return None  # a package that is only transitive has no requirement to hang a source on
    source = f"{{ index = {toml_string(name)} }}"
    edits += [Put(at.file, ("tool", "uv", "sources", reach.package), source) for reach in relying]
    return Fix(f"make it explicit{_and_name(relying)}", tuple(edits))


def _and_name(relying: list[Reach]) -> str:
    names = ", ".join(reach.package for reach in relying)
    return f", and the source of {names}" if names else ""


def _served(ctx: Context, index: Index) -> dict[Scope, frozenset[str]]:
    """What the index alone serves, by the order of indexes: what each list has from it, and no variant's repair routes.

    It may be made explicit all the same where uv does not lock the project as it is: nothing is moved then. What a
    variant requires, itself or through something else, gets a source of its own from the rules for that.
    """
    return ctx.memory.once(("served", index), lambda: dict(_each_served(ctx, index)))


def _each_served(ctx: Context, index: Index) -> Iterator[tuple[Scope, frozenset[str]]]:
    for project in ctx.workspace.projects:
        for scope in project.sections:
            variant = ctx.by_scope.get(scope)
            packages = by_order(ctx, scope, index)
            left = {p for p in packages if not variant or not must_route(variant, p)}
            if left:
                yield scope, frozenset(left)


@remembered
def _lacking_triton(ctx: Context, index: Index, told: Accelerator) -> str:
    """The triton that torch from the index needs where nothing names it, for nothing else has it; empty for none."""
    for project in ctx.workspace.projects:
        for scope in project.sections:
            reach = ctx.closure(scope).get("torch")
            if reach is None or not _is_from(ctx, scope, index):
                continue
            bounds = without_local(reach.bounds)
            newest = catalog.admitted("torch", told.tag, bounds)[-1:]
            needed = next((catalog.triton_for(told.tag, version) for version in newest), None)
            if needed and needed not in ctx.closure(scope):
                return needed
    return ""


def _is_from(ctx: Context, scope: Scope, index: Index) -> bool:
    """Whether a scope has torch from an index, on whichever platform."""
    fork, url = chosen(ctx, [scope]), plain(index.url)
    return any(index_in(ctx, fork, "torch", platform) == url for platform in BUILT_FOR)


def _relying(ctx: Context, told: Accelerator) -> list[Reach]:
    """The family packages that come from an accelerator's index by the order of the indexes alone."""
    scopes = ctx.workspace.scopes()
    reached = ctx.walks.closure(scopes)
    return [
        reached[package]
        for package in family_packages(list(reached))
        if catalog.is_hosted(package, told.tag) and not _is_routed(ctx, reached[package])
    ]


def _is_routed(ctx: Context, reach: Reach) -> bool:
    files = {requirement.at.file for requirement in reach.written}
    return bool(files) and all(ctx.workspace.sources(ctx.workspace.project(file), reach.package) for file in files)


RULE = Rule("implicit-index", Severity.ERROR, __doc__, check, remedy="safe")
