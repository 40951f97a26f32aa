"""A source's marker leaves a system of its accelerator to the default index.

Where the markers of a requirement's sources do not cover a platform, uv takes the rest from PyPI without a word.
`platform_machine == 'x86_64'` loses Windows, whose word for it is `AMD64`; `sys_platform == 'x86_64'` is never true.

## Why it matters

On Windows `uv sync --extra cu128` installs PyPI's torch, which is a CPU build there.

## Example

```toml
torch = [{ index = "pytorch-cu128", extra = "cu128", marker = "platform_machine == 'x86_64'" }]
```

Write `marker = "sys_platform == 'linux' or sys_platform == 'win32'"`, or exclude what is not meant
(`platform_machine != 'aarch64'`).

## When to ignore it

Where the other systems are meant to have PyPI's build. A marker that names the systems itself
(`sys_platform == 'linux'`) is taken to mean it, and is not reported.

Threads: astral-sh/uv#14289, invoke-ai/InvokeAI#9095
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from variantfix.detect.routing import must_route
from variantfix.rules.rule import Finding, Rule, Severity
from variantfix.uv.markers import systems

if TYPE_CHECKING:
    from collections.abc import Iterator

    from variantfix.detect.context import Context
    from variantfix.detect.variants import Variant
    from variantfix.uv.project import Source

_NAMES_SYSTEM = re.compile(r"\b(?:sys_platform|platform_system|os_name)\b")
_MACHINES = ("x86_64", "amd64", "aarch64", "arm64")
_TITLES = {"linux": "Linux", "win32": "Windows", "darwin": "macOS"}


def check(ctx: Context) -> Iterator[Finding]:
    for variant in ctx.variants:
        for package in dict.fromkeys(r.name for r in ctx.section(variant).requirements):
            sources = ctx.sources(variant, package)
            if sources and must_route(variant, package) and all(_is_about_platforms(s.marker) for s in sources):
                yield from _check(ctx, variant, package, sources)


def _is_about_platforms(marker: str) -> bool:
    """Whether a marker can be judged by platforms alone; extras are extra-in-marker's."""
    return not re.search(r"\bextra\b", marker)


def _check(ctx: Context, variant: Variant, package: str, sources: tuple[Source, ...]) -> Iterator[Finding]:
    asked = {s for r in ctx.section(variant).named(package) for s in ctx.requirement_systems(r)}
    covered = {system for source in sources for system in systems(source.marker)}
    lost = asked & set(variant.accelerator.systems) - covered
    if not lost or not any(_is_mistake(source.marker) for source in sources):
        return
    names = " and ".join(_TITLES[system] for system in sorted(lost))
    yield RULE.finding(
        f"the markers of {package} in {variant} leave {names} to the default index",
        sources[0].at,
        variants=(str(variant),),
        advice=f"write marker = {variant.accelerator.marker!r}" if variant.accelerator.marker else "drop the marker",
    )


def _is_mistake(marker: str) -> bool:
    """Whether a marker names no system, or a machine where a system should stand."""
    if not marker:
        return False
    compared = re.findall(r"(?:sys_platform|platform_system|os_name)\s*==\s*['\"]([^'\"]*)", marker)
    return not _NAMES_SYSTEM.search(marker) or any(word.lower() in _MACHINES for word in compared)


RULE = Rule("wrong-marker", Severity.ERROR, __doc__, check)
