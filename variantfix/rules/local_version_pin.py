"""A variant pins a local version, `torch==2.9.1+cpu`.

The index already decides the build: on the cpu index `torch==2.9.1` is `2.9.1+cpu`. macOS wheels carry no local
version, and PyPI knows none at all.

## Why it matters

`uv sync` on a Mac: ``Distribution `torch==2.9.1+cpu` … can't be installed``; and `pip install app[cpu]` from a
published wheel finds no such version.

## Example

```toml
cpu = ["torch==2.9.1+cpu"]
```

becomes, with `--unsafe`,

```toml
cpu = ["torch==2.9.1"]
```

The fix is unsafe since the published package requires less by it.

## When to ignore it

In an application for Linux that is never published.

Threads: astral-sh/uv#9209, #5945, #11931, #10326
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from variantfix import accelerator, catalog
from variantfix.routing import toml_string, without_local
from variantfix.rule import Finding, Fix, Rule, Safety, Severity
from variantfix.toml import Put

if TYPE_CHECKING:
    from collections.abc import Iterator

    from variantfix.context import Context


def check(ctx: Context) -> Iterator[Finding]:
    for variant in ctx.variants:
        pinned = [
            r
            for r in ctx.section(variant).requirements
            if r.name in catalog.family() and accelerator.from_local_version(r.specifier)
        ]
        if not pinned:
            continue
        edits = tuple(
            Put(r.at.file, r.at.path, toml_string(without_local(r.text)))
            for r in pinned
            if ctx.sources(variant, r.name)
        )
        names = ", ".join(r.text for r in pinned)
        yield RULE.finding(
            f"{variant} pins a local version ({names}): not installable on macOS, nor by pip from PyPI",
            pinned[0].at,
            variants=(str(variant),),
            fix=Fix("drop the local version: the index decides", edits, Safety.UNSAFE) if edits else None,
            advice="route the package, then drop the local version",
        )


RULE = Rule("local-version-pin", Severity.WARNING, __doc__, check)
