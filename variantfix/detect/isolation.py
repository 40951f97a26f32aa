"""Whether the variants of a workspace are kept apart in the lock, and by which of the two ways they should be.

uv before 0.5.8 wrote no conflict markers into the lock, so that a package which two variants share brought both
torch builds (uv issue 9734). The decision rests on the project's own files alone.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from variantfix.detect.sharing import has_other_indexes
from variantfix.namedtuple import NamedTuple
from variantfix.pytorch import accelerator, catalog

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from variantfix.detect.context import Context
    from variantfix.detect.sharing import Shared
    from variantfix.uv.project import Requirement
    from variantfix.uv.workspace import Workspace

FLOOR = (0, 5, 8)
FLOOR_MONTH = "2024-12"
"""uv 0.5.8 came out on 2024-12-11; what was released in a later month is younger than it."""

NOTHING, MARKERS, SOURCES, REPORT = "nothing", "markers", "sources", "report"


class Isolation(NamedTuple):
    """How shared torch-dependent packages are to be isolated, and the reason, as a clause."""

    way: str
    reason: str


def decide(ctx: Context, shared: Sequence[Shared]) -> Isolation:
    """How the shared packages of a workspace are to be isolated under its settings."""
    wanted = ctx.settings.isolation or "auto"
    present = _keeps_old_uv_away(ctx.workspace) or _proved_by_lock(ctx)
    if present and wanted != SOURCES:
        return Isolation(NOTHING, present)
    if wanted != "auto":
        return Isolation(wanted, f"isolation = {wanted!r} was asked for")
    if younger := next(_younger(ctx), ""):
        return Isolation(NOTHING, younger)
    if all(each.package in ctx.closure(ctx.base(each.variants[0])) for each in shared):
        return Isolation(NOTHING, "the base dependencies bring it all, which base-torch says")
    for each in shared:
        if each.obstacle:
            return Isolation(REPORT, f"sources cannot split what is shared: {each.obstacle}")
    if has_other_indexes(ctx):
        return Isolation(REPORT, "packages can come from several indexes, which sources cannot tell apart")
    return Isolation(SOURCES, "nothing in the file keeps uv before 0.5.8 away")


def _proved_by_lock(ctx: Context) -> str:
    """What the uv.lock beside the files proves, as a clause; empty if nothing.

    A lock with conflict markers was written by uv 0.5.8 or later, also where edits have made it stale since; it must
    not install two builds at once where it is fresh.
    """
    beside = ctx.evidence.beside if ctx.evidence else None
    if beside is None or not beside.keeps_variants_apart:
        return ""
    from variantfix.detect.audit.judge import leaking_beside  # only projects with a lock pay for reading it

    if any(each.closure and each.closure.has_several("torch") for each in leaking_beside(ctx)):
        return ""
    return "uv.lock has conflict markers, and keeps the variants apart"


def _keeps_old_uv_away(workspace: Workspace) -> str:
    """What in the files makes uv before 0.5.8 refuse them, as a clause; empty if nothing does."""
    required = workspace.root.uv.required_version
    if _floor(required) >= FLOOR:
        return f"required-version is {required!r}"
    for project in workspace.projects:
        for requirement in project.build_requires or ():
            match = re.fullmatch(r"\s*uv[-_]build\b([^;]*)(;.*)?", requirement)
            if match and _floor(match[1]) >= FLOOR:
                return f"build-system.requires names {requirement!r}"
    return next(_new_syntax(workspace), "")


def _floor(specifier: str) -> tuple[int, ...]:
    """The highest lower bound in a specifier; () where there is none."""
    bounds = re.findall(r"(?:>=?|~=|===?)\s*(\d+(?:\.\d+)*)", specifier)
    return max((tuple(map(int, bound.split("."))) for bound in bounds), default=())


def _new_syntax(workspace: Workspace) -> Iterator[str]:
    own = (c for c in workspace.conflicts if c.at.file == workspace.root.file)
    if any(member.kind == "base" for conflict in own for member in conflict.members):
        yield "conflicts name a whole package, which uv before 0.8.7 refuses"
    if workspace.root.uv.default_groups == "all":
        yield "default-groups is 'all', which uv before 0.6.8 refuses"


def _younger(ctx: Context) -> Iterator[str]:
    """What the files name that was released after uv 0.5.8, each as a clause."""
    named = [accelerator.from_url(i.url) for project in ctx.workspace.projects for i in project.indexes]
    for found in (*(v.accelerator for v in ctx.variants), *filter(None, named)):
        if (catalog.first_release(found.tag) or "") > FLOOR_MONTH:
            yield f"the {found.tag} index is younger than uv 0.5.8"
    for key in ctx.workspace.root.uv.keys:
        if "uv-0.5.8" not in catalog.uv_keys().get(key, ("uv-0.5.8",)):
            yield f"[tool.uv] has {key!r}, which is younger than uv 0.5.8"
    for project in ctx.workspace.projects:
        for requirement in project.requirements():
            if requirement.name in catalog.family() and _is_younger(requirement):
                yield f"{requirement.text!r} is younger than uv 0.5.8"


def _is_younger(requirement: Requirement) -> bool:
    bounds = re.findall(r"(?:>=?|~=|===?)\s*(\d+(?:\.\d+)*)", requirement.specifier)
    return any((catalog.released(requirement.name, bound) or "") > FLOOR_MONTH for bound in bounds)
