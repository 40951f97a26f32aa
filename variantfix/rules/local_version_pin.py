"""A variant pins a local version, `torch==2.9.1+cpu`.

The index already decides the build: on the cpu index `torch==2.9.1` is `2.9.1+cpu`. macOS wheels carry no local
version, and PyPI knows none at all.

## Why it matters

`uv sync` on a Mac: ``Distribution `torch==2.9.1+cpu` … can't be installed``; and `pip install app[cpu]` from a
published wheel finds no such version. Where the source has a marker, the lock of the whole project fails: PyPI, which
serves the other systems, has no `+cu128`.

## Example

```toml
cpu = ["torch==2.9.1+cpu"]
```

becomes, with `--unsafe`,

```toml
cpu = ["torch==2.9.1"]
```

The fix is unsafe since the published package requires less by it. Nightlies (`.dev`) and other vendors' builds are on
their own index alone, and are reported only.

## When to ignore it

Where nobody installs it on macOS. A project that says so itself, by `environments` or by markers on the pins, is not
reported.

Threads: astral-sh/uv#9209, #5945, #11931, #10326
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from variantfix.pytorch import accelerator, catalog
from variantfix.pytorch.accelerator import without_local
from variantfix.rules.rule import Finding, Fix, Rule, Safety, Severity
from variantfix.toml import Put, toml_string
from variantfix.uv.markers import MACOS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from variantfix.detect.context import Context
    from variantfix.detect.variants import Variant
    from variantfix.uv.project import Requirement


def check(ctx: Context) -> Iterator[Finding]:
    for project in ctx.workspace.projects:
        pinned = {
            r: v
            for v in ctx.variants_of(project)
            for r in ctx.section(v).requirements
            if r.name in catalog.family() and accelerator.from_local_version(r.specifier)
        }
        if not any(MACOS in ctx.requirement_systems(r) for r in pinned):
            continue
        apart = {v for r, v in pinned.items() if _is_index_alone(r)}
        edits = tuple(
            Put(r.at.file, r.at.path, toml_string(without_local(r.text)))
            for r, v in pinned.items()
            if ctx.sources(v, r.name) and v not in apart
        )
        variants = tuple(dict.fromkeys(map(str, pinned.values())))
        first = next(iter(pinned))
        yield RULE.finding(
            f"{', '.join(variants)} {'pin local versions' if len(variants) > 1 else 'pins a local version'} "
            f"({first.text!r}): macOS cannot install that, nor can pip from PyPI",
            first.at,
            variants=variants,
            fix=Fix("drop the local version: the index decides", edits, Safety.UNSAFE) if edits else None,
            advice="" if edits else _advice(apart),
        )


def _is_index_alone(requirement: Requirement) -> bool:
    """Whether one index alone has the version, whatever its local part: a nightly, or a vendor's own build."""
    told = accelerator.from_local_version(requirement.specifier)
    return ".dev" in requirement.specifier or told is None or not told.is_pytorchs


def _advice(apart: set[Variant]) -> str:
    if apart:
        return (
            "PyPI has no such version with or without the local part: let markers on the requirements leave macOS out"
        )
    return "route the package, then drop the local version"


RULE = Rule("local-version-pin", Severity.WARNING, __doc__, check, remedy="unsafe")
