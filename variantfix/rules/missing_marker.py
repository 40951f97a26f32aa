"""A CUDA, ROCm or XPU source without a marker leaves no build for other systems.

The PyTorch indexes have CUDA and XPU builds for Linux and Windows, ROCm builds for Linux. A source without a marker
sends macOS there too, where nothing fits; with the marker of the accelerator's systems, the others take PyPI's build.
Where the base dependencies ask for the package as well, or an extra that comes before the variant by name and that no
conflict set leaves out, uv heeds no such marker, a new one or one that is there, until they are divided by it, too.

## Why it matters

`uv sync --extra cu128` on a Mac: ``Distribution `torch==2.9.1+cu128` … can't be installed because it doesn't have a
source distribution or wheel for the current platform``. uv's hint to add `required-environments` makes the lock
itself fail.

## Example

```toml
torch = [{ index = "pytorch-cu128", extra = "cu128" }]
```

becomes

```toml
torch = [{ index = "pytorch-cu128", extra = "cu128", marker = "sys_platform == 'linux' or sys_platform == 'win32'" }]
```

A package that PyPI does not have (`pytorch-triton-rocm`) gets the marker on its requirement instead, whether its source
has one or not. Systems that `tool.uv.environments` leaves out do not count.

## When to ignore it

Where a variant is meant to fail on other systems.

Threads: astral-sh/uv#8746, #13575, #8358
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from variantfix.detect.asked import identity, requirements
from variantfix.detect.division import decisive
from variantfix.detect.forks import chosen, implicit, resolved
from variantfix.detect.memory import remembered
from variantfix.detect.routing import is_confined
from variantfix.detect.variants import sync
from variantfix.detect.wheels import has_build
from variantfix.edits.requirements import divide
from variantfix.namedtuple import NamedTuple
from variantfix.pytorch import accelerator, catalog
from variantfix.rules.rule import Finding, Fix, Rule, Safety, Severity
from variantfix.toml import Edit, Put, toml_string
from variantfix.uv.markers import platforms, systems
from variantfix.uv.platforms import BUILT_FOR, TITLES

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from variantfix.detect.context import Context
    from variantfix.detect.division import Decisive
    from variantfix.detect.variants import Variant
    from variantfix.pytorch.accelerator import Accelerator
    from variantfix.uv.project import Project, Requirement, Scope, Source


_BASE = "the base dependencies"


def check(ctx: Context) -> Iterator[Finding]:
    for project in ctx.workspace.projects:
        found: dict[tuple[Scope | None, Accelerator, bool], list[Source]] = {}
        for source in project.all_sources():
            told = ctx.accelerator_of(project, source)
            by_name = accelerator.from_name(source.target)
            if told is None or not told.is_exact or (by_name and not by_name.agrees(told)):
                continue  # mismatched-index: which of the two is meant has to be settled first
            is_lacking = not source.marker or _is_only_there(source) or _is_idle(ctx, source, told)
            if is_lacking and _left_out(ctx, source, told):
                found.setdefault((source.scope(), told, bool(source.marker)), []).append(source)
        lacks = [_lack(ctx, scope, told, sources) for (scope, told, _), sources in found.items()]
        for kind in dict.fromkeys(lack.kind for lack in lacks):
            yield _finding([lack for lack in lacks if lack.kind == kind])


def _is_only_there(source: Source) -> bool:
    """Whether PyPI lacks the package: a marker on the source then leaves other systems with nothing at all."""
    return source.package in catalog.family() and not catalog.family()[source.package].on_pypi


def _is_idle(ctx: Context, source: Source, told: Accelerator) -> bool:
    """Whether the source has a marker that leaves systems out, and uv takes its index for them all the same."""
    left_out = _left_out(ctx, source, told)
    aims = bool(source.marker) and not _is_only_there(source) and not systems(source.marker) & left_out
    return aims and any(_undivided(ctx, source, told))


@remembered
def _left_out(ctx: Context, source: Source, told: Accelerator) -> frozenset[str]:
    """The systems on which a source is asked for a package and has no build of it."""
    if source.package not in catalog.family():
        return frozenset()
    return frozenset().union(*map(ctx.requirement_systems, _requirements(ctx, source))).difference(told.systems)


def _requirements(ctx: Context, source: Source) -> tuple[Requirement, ...]:
    """The requirements to which a source applies; a root's sources hold for members that have none of their own."""
    return tuple(
        requirement
        for project in ctx.workspace.users(source)
        for scope, section in project.sections.items()
        if source.applies_to(scope)
        for requirement in section.named(source.package)
        if not requirement.url
    )


class _Lack(NamedTuple):
    """The sources of one scope and accelerator that lack a marker, and what can be done."""

    scope: Scope | None
    told: Accelerator
    sources: tuple[Source, ...]
    variants: tuple[Variant, ...]
    systems: str
    is_idle: bool
    where: str = ""
    fix: Fix | None = None
    advice: str = ""

    @property
    def kind(self) -> tuple[object, ...]:
        """What has to be alike in those that are said at once."""
        safety = self.fix.safety if self.fix else None
        marker = self.sources[0].marker
        return self.scope is None, self.systems, marker if self.is_idle else bool(marker), safety, self.advice

    @property
    def asks(self) -> str:
        """What decides how uv divides the package, with its verb."""
        return f"{self.where} {'ask' if self.where == _BASE else 'asks'}"


def _lack(ctx: Context, scope: Scope | None, told: Accelerator, sources: list[Source]) -> _Lack:
    variants = [v for v in ctx.variants if scope and any(s in ctx.sources(v, s.package) for s in sources)]
    named = " and ".join(TITLES[s] for s in sorted({s for each in sources for s in _left_out(ctx, each, told)}))
    lack = _Lack(scope, told, tuple(sources), tuple(variants), named, _is_idle(ctx, sources[0], told))
    lack = lack._replace(where=_where(ctx, sources[0]))
    fix, advice = _remedy(ctx, lack)
    return lack._replace(fix=fix, advice=advice)


def _finding(lacks: Sequence[_Lack]) -> Finding:
    first = lacks[0]
    packages = tuple(dict.fromkeys(source.package for each in lacks for source in each.sources))
    names = tuple(dict.fromkeys(str(v) for each in lacks for v in each.variants))
    command = f"`{sync(first.scope, names[0] if names else first.scope.name)}`" if first.scope else "`uv sync`"
    also = f" (so for {', '.join(names[1:])})" if names[1:] else ""
    tags = ", ".join(dict.fromkeys(each.told.tag for each in lacks))
    has = "the source has" if len(packages) == 1 and len(lacks) == 1 else "the sources have"
    what = (
        f"{command} cannot install {', '.join(packages)} on {first.systems}{also}: {has} no marker, and {tags} no build"
    )
    have = "have" if "," in tags else "has"
    if first.is_idle:
        what = (
            f"{command} cannot install {', '.join(packages)} on {first.systems}{also}: {tags} {have} no build, and uv "
            f"heeds no marker while {first.asks} for it on all systems at once"
        )
    elif first.sources[0].marker:
        what = (
            f"{command} finds no {', '.join(packages)} on {first.systems}{also}: the requirement has to leave them out"
        )
    fix = first.fix
    if fix and len(lacks) > 1:
        edits = dict.fromkeys(edit for each in lacks if each.fix for edit in each.fix.edits)
        titles = dict.fromkeys(each.fix.title for each in lacks if each.fix)
        fix = Fix("; ".join(titles), tuple(edits), fix.safety)
    return RULE.finding(what, first.sources[0].at, variants=names, fix=fix, advice=first.advice)


def _remedy(ctx: Context, lack: _Lack) -> tuple[Fix | None, str]:
    """The fix, or what to do where there is none."""
    told, sources = lack.told, lack.sources
    if _is_pinned(ctx, sources) or not all(is_confined(ctx, v) for v in lack.variants):
        return None, "a local version is pinned, which PyPI does not have for other systems; see local-version-pin"
    edits = tuple(e for source in sources for e in _edits(ctx, source, told))
    if not edits and not lack.is_idle:
        return None, "let the requirements leave them out with a marker"
    if any(_is_searched(ctx, source) for source in sources):
        return None, "make its index explicit first: uv searches it for the other systems as well, marker or not"
    if undivided := tuple(dict.fromkeys(r for source in sources for r in _undivided(ctx, source, told))):
        return _division(ctx, lack, undivided, edits)
    safety = Safety.UNSAFE if any(edit.at[0] != "tool" for edit in edits) else Safety.SAFE
    title = "add the marker" if safety is Safety.SAFE else "leave them out of the requirement with the marker"
    return Fix(f"{title} {told.marker!r}", edits, safety), ""


def _division(
    ctx: Context, lack: _Lack, undivided: Sequence[Requirement], edits: tuple[Edit, ...]
) -> tuple[Fix | None, str]:
    """The fix that divides what keeps the platforms together, with the edits that set the marker of the sources."""
    told, lost = lack.told, _losing(ctx, lack.told, lack.sources) if lack.is_idle else ""
    if lost:
        then = f", and widen the marker to them: {lost} {'have' if ' and ' in lost else 'has'} its build today"
    else:
        then = ", so that the marker holds" if lack.is_idle else ", and add the marker"
    # By the very marker of the source: two that differ on systems nobody speaks of do not divide for uv.
    is_kept = lack.is_idle and not lost
    marker = lack.sources[0].marker if is_kept else told.marker
    divided = tuple(e for r in undivided for e in divide(ctx, r, marker))
    names = " and ".join(dict.fromkeys(r.name for r in undivided))
    title = f"divide {names} in {lack.where} by the platforms of {told.tag}{then}"
    fix = Fix(title, (*divided, *(() if is_kept else edits)), Safety.UNSAFE) if divided else None
    return fix, f"a marker alone changes nothing while {lack.asks} for {names} on all systems at once"


def _losing(ctx: Context, told: Accelerator, sources: Sequence[Source]) -> str:
    """The platforms that would lose a build if uv heeded the markers of some sources."""
    kept = frozenset(p for source in sources for p in platforms(source.marker, None))
    url = identity(ctx, ctx.workspace.project(sources[0].at.file), sources[0])
    left_out = ctx.platforms & platforms(told.marker) - kept
    lost = (p for p in BUILT_FOR if p in left_out and has_build(sources[0].package, p, url))
    return " and ".join(f"{TITLES[system]} on {machine}" for system, machine in lost)


def _is_pinned(ctx: Context, sources: Sequence[Source]) -> bool:
    """Whether something pins a local version of a package, which only its index has."""
    packages = {source.package for source in sources}
    asked = [r for source in sources for r in _requirements(ctx, source)]
    settings = (*ctx.overrides, *ctx.workspace.root.uv.constraints)
    return any("+" in r.specifier for r in (*asked, *settings) if r.name in packages)


def _is_searched(ctx: Context, source: Source) -> bool:
    """Whether the index of a source serves its package without a source too."""
    return implicit(ctx, source.package) == identity(ctx, ctx.workspace.project(source.at.file), source)


def _undivided(ctx: Context, source: Source, told: Accelerator) -> Iterator[Requirement]:
    """The requirements for which uv takes one index on all systems, so that a marker on the source is idle."""
    apart = frozenset(p for p in ctx.platforms if p[0] in _left_out(ctx, source, told))
    served = ctx.platforms & platforms(source.marker or told.marker, None) - apart
    for project, first in _decisive(ctx, source):
        section = project.sections[first.scope]
        if not all(first.together(ctx.platforms, platform).isdisjoint(served) for platform in apart):
            asked = requirements(ctx, project, section, source.package)
            yield from (r for r, is_override in asked if not (r.url or is_override))


def _decisive(ctx: Context, source: Source) -> Iterator[tuple[Project, Decisive]]:
    """The lists, other than the source's own, that decide whether uv heeds its marker."""
    if not source.is_scoped or _is_only_there(source):
        return  # the source of the base itself divides it
    users = ctx.workspace.users(source)
    own = {scope for project in users for scope in project.sections if source.is_bound_to(scope)}
    here = frozenset(resolved(ctx, chosen(ctx, own), source.package))
    for project in users:
        first = decisive(ctx, project, here, source.package)
        # A variant that nothing parts from this one, and what refers to one, are other rules'.
        if first and first.scope not in own and ctx.by_scope.keys().isdisjoint(ctx.activated(first.scope)):
            yield project, first


def _where(ctx: Context, source: Source) -> str:
    """The list that decides, in words: the base dependencies where none else does."""
    scope = next((first.scope for _, first in _decisive(ctx, source)), None)
    return _BASE if scope is None or scope.kind == "base" else str(scope)


def _edits(ctx: Context, source: Source, told: Accelerator) -> Iterator[Edit]:
    if not _is_only_there(source):
        yield Put(source.at.file, (*source.at.path, "marker"), toml_string(told.marker))
        return
    # PyPI does not have it at all: the requirement has to leave the other systems out.
    for r in _requirements(ctx, source):
        if not r.marker:
            yield Put(r.at.file, r.at.path, toml_string(f"{r.text.strip()}; {told.marker}"))


RULE = Rule("missing-marker", Severity.WARNING, __doc__, check, remedy="safe")
