"""The lock has PyPI's torch for Linux without its CUDA libraries.

uv before 0.10.10 took the requirements of one build of a package for those of all its builds, on whatever index. In
such a lock PyPI's torch, a CUDA build on Linux, can have the requirements of the CPU build: none of CUDA.

## Why it matters

`uv sync` succeeds, and then:

    ImportError: libcudnn.so.9: cannot open shared object file: No such file or directory

A newer uv keeps the row as it is, for it still fits the file: only an upgrade of torch reads its requirements anew.

## What to do

    uv lock --upgrade-package torch

with uv 0.10.10 or later. There is no fix for the file, which is right.

## Example

```toml
[[package]]
name = "torch"
version = "2.9.1"
dependencies = [
    { name = "filelock" },
    { name = "sympy" },
]
wheels = [
    { url = ".../torch-2.9.1-cp312-cp312-manylinux_2_28_x86_64.whl" },
]
```

## When to ignore it

Where the default index is a mirror whose torch is a CPU build.

Threads: astral-sh/uv#14237, #14540, #17732, #18373
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from variantfix.credentials import strip
from variantfix.pytorch import accelerator, catalog
from variantfix.rules.rule import Finding, Rule, Severity
from variantfix.uv.markers import VERSIONS
from variantfix.uv.platforms import LINUX_X86, Host

if TYPE_CHECKING:
    from collections.abc import Iterator

    from variantfix.detect.context import Context
    from variantfix.uv.lock import Lock, Package

_FIRST = (1, 13)
"""Before torch 1.13 PyPI's wheels had the CUDA libraries inside."""


def check(ctx: Context) -> Iterator[Finding]:
    lock = ctx.lock
    explicit = {strip(index.url) for project in ctx.workspace.projects for index in project.indexes if index.explicit}
    for row in lock.packages if lock else ():
        is_installed = row.name == "torch" and _is_default(row, explicit) and lock and _is_for_linux(lock, row)
        if is_installed and lock and _lacks_libraries(lock, row):
            yield RULE.finding(
                f"uv.lock has torch {row.version} for Linux without its CUDA libraries: uv before 0.10.10 wrote it",
                ctx.variants[0].at,
                advice="uv lock --upgrade-package torch, with uv 0.10.10 or later",
            )


def _is_default(row: Package, explicit: set[str]) -> bool:
    place = row.source.location
    return row.source.kind == "registry" and strip(place) not in explicit and accelerator.from_url(place) is None


def _is_for_linux(lock: Lock, row: Package) -> bool:
    """Whether some fork of the row is Linux's: uv lists all wheels also of a row that only macOS installs."""
    facts = lock.markers.facts(Host(LINUX_X86, "3.12.0").environment)
    holding = lock.markers.holding(facts | lock.markers.about(VERSIONS | {"extra"}))
    return not row.forks or any(not fork.isdisjoint(holding) for fork in row.forks)


def _lacks_libraries(lock: Lock, row: Package) -> bool:
    if "+" in (row.version or "") or not any("linux" in w.filename and "x86_64" in w.filename for w in row.wheels):
        return False
    if tuple(int(part) for part in (row.version or "0").split(".")[:2] if part.isdecimal()) < _FIRST:
        return False
    names = (lock.packages[dependency.package].name for dependency in row.dependencies)
    return not any(catalog.is_cuda_library(name) or name.startswith(("nvidia-", "cuda-")) for name in names)


RULE = Rule("old-lock", Severity.ERROR, __doc__, check)
