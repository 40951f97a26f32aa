"""Variants share a package that needs torch, and nothing keeps their torch builds apart.

uv before 0.5.8 wrote no conflict markers into the lock. There a package that needs torch, and that two variants
share (accelerate under both cpu and cu124), depends on both builds, and both are installed.

## Why it matters

`uv sync --extra cpu` installs `torch==2.5.1+cpu` and `torch==2.5.1+cu124`, with all of CUDA. Tools that read the
lock without its conflict markers see the same with every uv.

## What the fix does

It depends on `isolation` in `[tool.variantfix]`, or `--isolation`:

- `markers` relies on uv's conflict markers, and writes `required-version = ">=0.5.8"` into `[tool.uv]`. uv knows that
  key from 0.5.14 on; an older one warns of an unknown field, and locks all the same. Only `sources` is right with it.
- `sources` gives every such package one source per variant, each to an index named `pypi-<variant>` whose URL is the
  default index with a fragment. uv fetches `…/simple#cpu` and `…/simple#cu124` alike and locks them apart. A package
  that arrives only through another one is named in every variant first, since sources need a written requirement.
- `auto`, the default, says nothing where the file speaks of a newer uv already (`required-version`, `uv_build`, syntax
  that older ones refuse, or anything younger than uv 0.5.8, as torch 2.6 and cu126 are) or the lock proves isolation.
  Where sources cannot split a package (one that the base dependencies bring, or another extra, or that has a git, path
  or URL source) or packages can come from several indexes, it only reports. Else it takes `sources`.

## Example

```toml
[project.optional-dependencies]
cpu = ["torch>=2.5.1", "accelerate==0.26.1"]
cu124 = ["torch>=2.5.1", "accelerate==0.26.1"]
```

gets

```toml
[tool.uv.sources]
accelerate = [
    { index = "pypi-cpu", extra = "cpu" },
    { index = "pypi-cu124", extra = "cu124" },
]
```

## When to ignore it

Where everyone who locks the project has a recent uv, and `required-version` is not wanted. Where the default index
needs credentials from variables named after it (`UV_INDEX_<NAME>_USERNAME`), prefer `markers`.

Threads: astral-sh/uv#9734, #9306, #9498, #9289, #9370
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from variantfix.detect import isolation
from variantfix.detect.sharing import Shared, private_index, shared_dependents
from variantfix.edits.indexes import add_twin, split_index
from variantfix.edits.requirements import name_in, requirement_text
from variantfix.edits.sources import add_sources, entry
from variantfix.pytorch.certainty import weakest
from variantfix.rules.rule import Finding, Fix, Rule, Severity
from variantfix.toml import Edit, Put, toml_string

if TYPE_CHECKING:
    from collections.abc import Iterator

    from variantfix.detect.context import Context
    from variantfix.detect.isolation import Isolation


def check(ctx: Context) -> Iterator[Finding]:
    shared = shared_dependents(ctx)
    if not shared:
        return
    decided = isolation.decide(ctx, shared)
    if decided.way in (isolation.MARKERS, isolation.REPORT):
        yield _by_markers(ctx, shared, decided)
    elif decided.way == isolation.SOURCES:
        yield from (_by_sources(ctx, each, decided) for each in shared)


def _by_markers(ctx: Context, shared: tuple[Shared, ...], decided: Isolation) -> Finding:
    root, wanted = ctx.workspace.root, decided.way == isolation.MARKERS
    names = list(dict.fromkeys(each.package for each in shared))
    listed = ", ".join(names[:4]) + (f" and {len(names) - 4} more" if len(names) > 4 else "")
    floor = f">={'.'.join(map(str, isolation.FLOOR))}"
    edit = Put(root.file, ("tool", "uv", "required-version"), toml_string(floor))
    other = "" if any(each.obstacle for each in shared) else "; --isolation sources splits them instead"
    return RULE.finding(
        f"{_harm(shared[0])}: they share {listed}",
        shared[0].at,
        variants=shared[0].names,
        packages=tuple(each.package for each in shared),
        fix=Fix(f"require uv {floor} ({decided.reason}{other})", (edit,), last=True) if wanted else None,
        advice="" if wanted else f"{decided.reason}; --isolation markers requires a uv that does without",
        severity=Severity.WARNING,  # nobody has to have such a uv
        known=weakest(*(each.certainty for each in shared)),
    )


def _by_sources(ctx: Context, shared: Shared, decided: Isolation) -> Finding:
    through = "" if len(shared.path) == 1 else f" (through {' -> '.join(shared.path[:-1])})"
    return RULE.finding(
        f"{_harm(shared)}: they share {shared.package}{through}",
        shared.at,
        variants=shared.names,
        packages=shared.path,
        fix=None if shared.obstacle else _split(ctx, shared, decided),
        advice=f"sources cannot split it, since {shared.obstacle}: use markers" if shared.obstacle else "",
        known=shared.certainty,
    )


def _harm(shared: Shared) -> str:
    rest = ", ".join(shared.names[1:])
    return f"{shared.variants[0].sync} with uv before 0.5.8 installs the torch of {rest} too"


def _split(ctx: Context, shared: Shared, decided: Isolation) -> Fix:
    project = ctx.workspace.project(shared.variants[0].scope.file)
    edits: list[Edit] = [
        name_in(ctx.section(v), requirement_text(ctx, v, shared.package))
        for v in shared.variants
        if not ctx.section(v).named(shared.package)
    ]
    declared = dict.fromkeys(split_index(ctx, v) for v in shared.variants)
    edits += (add_twin(project, name, url) for name, url in declared if url)
    entries = [entry(split_index(ctx, v)[0], v.scope, v.spelling) for v in shared.variants]
    edits += add_sources(ctx, project, shared.package, entries)
    title = f"give it one source per variant ({decided.reason}; --isolation markers is one line instead)"
    if private := private_index(ctx):
        title += f"; credentials of the index {private!r} are needed under the new names too"
    return Fix(title, tuple(edits), last=True)


RULE = Rule("shared-dependent", Severity.ERROR, __doc__, check, remedy="safe")
