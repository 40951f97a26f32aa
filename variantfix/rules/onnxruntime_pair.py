"""A variant installs onnxruntime twice, under two names.

onnxruntime and onnxruntime-gpu (or -directml, -openvino, -rocm) are builds of one module, and install the same files.
uv knows them as two packages: nothing keeps the one out where the other is, conflicts included.

## Why it matters

With `onnxruntime` in the base dependencies and `onnxruntime-gpu` in the cu128 extra, `uv sync --extra cu128` installs
both. The one that is unpacked last wins, often the CPU build, and no provider for CUDA is found at run time.

## Example

```toml
[project]
dependencies = ["onnxruntime"]

[project.optional-dependencies]
cpu = ["torch>=2.9"]
cu128 = ["torch>=2.9", "onnxruntime-gpu"]
```

Name one build in each variant, and none in the base dependencies:

```toml
cpu = ["torch>=2.9", "onnxruntime"]
cu128 = ["torch>=2.9", "onnxruntime-gpu"]
```

Where another package brings onnxruntime, take onnxruntime-gpu in all variants (it runs on CPUs too), and leave the
other one out with `exclude-dependencies = ["onnxruntime"]` in `[tool.uv]`.

## When to ignore it

Where the two are built from one release, and the order in which they are unpacked does not matter to you.

Threads: yakhyo/uniface#107, microsoft/onnxruntime-extensions#404, SYSTRAN/faster-whisper#1262, astral-sh/uv#8976
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from variantfix.rules.rule import Finding, Rule, Severity
from variantfix.uv.markers import PLATFORMS, platforms

if TYPE_CHECKING:
    from collections.abc import Iterator

    from variantfix.detect.context import Context
    from variantfix.detect.reach import Reach
    from variantfix.detect.variants import Variant
    from variantfix.uv.markers import Platform

_BUILDS = ("onnxruntime", "onnxruntime-gpu", "onnxruntime-directml", "onnxruntime-openvino", "onnxruntime-rocm")


def check(ctx: Context) -> Iterator[Finding]:
    dropped = set(_dropped(ctx))
    for variant in ctx.variants:
        closure = ctx.closure(variant.scope)
        found = [closure[name] for name in _BUILDS if name in closure and name not in dropped]
        together = [one for one in found if any(_meet(one, other) for other in found if other is not one)]
        if together:
            yield _finding(ctx, variant, together)


def _dropped(ctx: Context) -> Iterator[str]:
    """What the project's settings leave out of every resolution."""
    root = ctx.workspace.root
    yield from root.uv.excluded_packages
    yield from (override.name for override in root.uv.overrides if not platforms(override.marker))


def _meet(one: Reach, other: Reach) -> bool:
    return bool(_platforms(one) & _platforms(other))


def _platforms(reach: Reach) -> frozenset[Platform]:
    """Where a package is asked for; everywhere if another package asks for it."""
    if not reach.written:
        return PLATFORMS
    return frozenset().union(*(platforms(r.marker) for r in reach.written))


def _finding(ctx: Context, variant: Variant, together: list[Reach]) -> Finding:
    names = [reach.package for reach in together]
    own = [r for reach in together for r in ctx.section(variant).named(reach.package)]
    return RULE.finding(
        f"{variant.sync} installs {' and '.join(names)}, which write the same files: the last one wins",
        own[0].at if own else variant.at,
        variants=[variant],
        advice="name one of them in each variant and none in what they share, or take the same one everywhere "
        "and leave the other out with exclude-dependencies in [tool.uv]",
    )


RULE = Rule("onnxruntime-pair", Severity.WARNING, __doc__, check)
