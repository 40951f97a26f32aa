"""Packages beside torch's family that were built for one accelerator and one torch, and how that is told."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from variantfix.pytorch import accelerator

if TYPE_CHECKING:
    from collections.abc import Iterator

    from variantfix.detect.context import Context
    from variantfix.detect.reach import Reach
    from variantfix.pytorch.accelerator import Accelerator
    from variantfix.uv.project import Project, Scope

_BUILD = re.compile(r"\+(?:pt|torch)?(?P<torch>[\d.]*?)(?P<tag>cu\d{2,3}|cpu|xpu|rocm[\d.]+)")
_TORCH = re.compile(r"(?:\+pt|torch-?)(?P<torch>\d\.?\d+)")


def built_for(ctx: Context, project: Project, scope: Scope, reach: Reach) -> Accelerator | None:
    """The accelerator that a package was built for, by its wheel's local version or by its index; None if untold."""
    for place in _places(ctx, project, scope, reach):
        wheel = place.rpartition("/")[2] if place.endswith(".whl") else place
        if found := _BUILD.search(wheel):
            return accelerator.from_local_version(f"+{found['tag']}") or accelerator.from_scope_name(found["tag"])
        if told := accelerator.from_url(place):
            return told
    return None


def torch_of(ctx: Context, project: Project, scope: Scope, reach: Reach) -> tuple[str, str]:
    """The minor version of torch that a package was built for, and that which the scope pins; empty if untold."""
    for place in _places(ctx, project, scope, reach):
        if found := _TORCH.search(place):
            return _minor(found["torch"]), _pinned(ctx, project, scope)
    return "", ""


def _pinned(ctx: Context, project: Project, scope: Scope) -> str:
    """The minor version of torch that a scope pins; empty if untold."""
    section = ctx.workspace.section(scope)
    listed = (*(section.named("torch") if section else ()), *project.base.named("torch"))
    pins = {pin[1] for r in listed if (pin := re.match(r"\s*==\s*(\d+\.\d+)", r.specifier))}
    return pins.pop() if len(pins) == 1 else ""


def _minor(version: str) -> str:
    """Torch's minor version as wheels spell it: `22` and `2.2` for 2.2, `260` for 2.6, `210` and `2100` for 2.10."""
    if "." in version:
        return version
    digits = version[1:3] if version[1] == "1" else version[1]
    return f"{version[0]}.{digits}"


def cuda_major(told: Accelerator) -> str:
    """The major version of an accelerator's CUDA; empty for others, and where it is not told."""
    digits = re.fullmatch(r"cu(\d\d)\d?", told.tag)
    return digits[1] if digits else ""


def _places(ctx: Context, project: Project, scope: Scope, reach: Reach) -> Iterator[str]:
    """The URLs that a package of a closure comes from, in lower case: its own, its sources', its indexes'."""
    yield from (_plain(r.url) for r in reach.written if r.url)
    for source in ctx.workspace.sources(project, reach.package):
        if source.applies_to(scope):
            index = ctx.workspace.index_of(project, source)
            yield _plain(index.url if index else "" if source.kind == "index" else source.target)


def _plain(url: str) -> str:
    return url.lower().replace("%2b", "+")
