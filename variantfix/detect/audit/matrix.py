"""The closures that a lock holds for the variants of a workspace, each judged."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from variantfix.credentials import strip
from variantfix.detect.audit.cells import Build, Cell, Subject
from variantfix.detect.audit.leaks import Leak, Standard, find_gaps, find_leaks, standard
from variantfix.errors import InputError
from variantfix.pytorch import catalog
from variantfix.uv.lock import Selection, SelectionError, walk
from variantfix.uv.lock.selection import named
from variantfix.uv.platforms import hosts
from variantfix.uv.pseudo import encode
from variantfix.uv.pythons import python_range

if TYPE_CHECKING:
    from collections.abc import Iterator

    from variantfix.detect.context import Context
    from variantfix.detect.variants import Variant
    from variantfix.uv.lock import Closure, Lock, Package
    from variantfix.uv.platforms import Host
    from variantfix.uv.project import Project, Scope

_NEWEST = 14
"""The newest Python that a closure is walked for where `requires-python` has no bound."""


@dataclass(frozen=True, slots=True)
class Matrix:
    """Every closure that was walked; `walked` also counts those that are not shown, since nothing leaks there."""

    cells: tuple[Cell, ...]
    walked: int

    @property
    def leaking(self) -> tuple[Cell, ...]:
        """The cells with leaks."""
        return tuple(cell for cell in self.cells if cell.leaks)

    def _repr_html_(self) -> str:
        """How a notebook shows it."""
        from variantfix.detect.audit.table import table_html

        return table_html(self.cells)


def matrix_beside(ctx: Context) -> Matrix | None:
    """The matrix of the lock beside a context's files, made once.

    None where there is no lock that speaks of them, or where it has no closure for a variant.
    """
    return ctx.memory.once("matrix", lambda: _at_hand(ctx, ctx.lock) if ctx.lock else None)


def _at_hand(ctx: Context, lock: Lock) -> Matrix | None:
    try:
        return make_matrix(ctx, lock)
    except InputError:
        return None


def make_matrix(ctx: Context, lock: Lock) -> Matrix:
    """Walk and judge the closures of a workspace's variants in its lock.

    Variants and the bare project are walked for the lowest and the newest Python; what is beside them for the lowest.
    Raises `InputError` where the lock does not know a variant, or admits no Python.
    """
    lowest, newest = _pythons(lock)
    cells: list[Cell] = []
    walked = 0
    # What a variant leaks by itself is not said again of all that can be beside it.
    alone: dict[tuple[tuple[Scope, ...], Host], tuple[Leak, ...]] = {}
    for subject, wanted in _subjects(ctx, lock):
        for python in (lowest,) if subject.other else dict.fromkeys((lowest, newest)):
            for platform in hosts(python):
                if not _supports(lock, platform):
                    continue
                known = alone.get((subject.scopes[:1], platform), ())
                cell = _cell(ctx, lock, subject, wanted, platform, known)
                walked += cell is not None
                if cell and not subject.other:
                    alone[subject.scopes, platform] = cell.leaks
                if cell and (cell.leaks or not (subject.other or python != lowest)):
                    cells.append(cell)
    return Matrix(tuple(cells), walked)


def _pythons(lock: Lock) -> tuple[str, str]:
    """The lowest and the newest Python that a lock admits, as full versions."""
    admitted = python_range(lock.requires_python).lowest
    if not admitted:
        raise InputError(f"uv.lock admits no Python 3: requires-python is {lock.requires_python!r}")
    usual = [version for version in admitted if int(version.split(".")[1]) <= _NEWEST]
    return admitted[0], (usual or admitted[:1])[-1]


def _supports(lock: Lock, platform: Host) -> bool:
    holding = lock.markers.holding(lock.markers.facts(platform.environment))
    return not lock.supported or any(not condition.isdisjoint(holding) for condition in lock.supported)


def _subjects(ctx: Context, lock: Lock) -> Iterator[tuple[Subject, Standard | None]]:
    """All that is to be walked, each with what it is judged by; the bare projects first."""
    for project in ctx.workspace.projects:
        variants = ctx.variants_of(project)
        if variants and not project.is_virtual:
            yield Subject(project.name, "", "", ()), None
        for whole in () if variants or project.is_virtual else ctx.routed_of(project):
            yield from _whole(ctx, lock, project, whole)
        for variant in variants:
            wanted, tag = standard(ctx, variant), variant.accelerator.tag
            yield Subject(project.name, variant.spelling, tag, (variant.scope,)), wanted
            for scope in ctx.combinable(variant):
                if _matters(lock, project, scope):
                    both = (variant.scope, scope)
                    yield Subject(project.name, variant.spelling, tag, both, scope), replace(wanted, is_beside=True)
            for scope in project.sections:
                if _stands_for(ctx, scope) == variant.scope:
                    yield Subject(project.name, variant.spelling, tag, (scope,), scope), wanted


def _whole(ctx: Context, lock: Lock, project: Project, whole: Variant) -> Iterator[tuple[Subject, Standard | None]]:
    """A project that is one variant: bare, and with each extra and group that can bring builds."""
    wanted, tag = standard(ctx, whole), whole.accelerator.tag
    yield Subject(project.name, whole.spelling, tag, ()), wanted
    for scope in project.sections:
        if scope.kind != "base" and _matters(lock, project, scope):
            yield Subject(project.name, whole.spelling, tag, (scope,), scope), wanted


def _stands_for(ctx: Context, scope: Scope) -> Scope | None:
    """The one variant that an extra or group refers to, without being one itself."""
    if scope.kind == "base" or scope in ctx.by_scope:
        return None
    referred = ctx.activated(scope) & set(ctx.by_scope)
    return next(iter(referred)) if len(referred) == 1 else None


def _matters(lock: Lock, project: Project, scope: Scope) -> bool:
    """Whether a scope can change a variant's builds: it brings some, or markers of the lock ask for it."""
    if encode(scope.kind, project.name, scope.name) in named(lock):
        return True
    row = next((row for row in lock.packages if row.name == project.name), None)
    if row is None:
        return bool(lock.groups)
    dependencies = (row.extras if scope.kind == "extra" else row.groups).get(scope.name, ())
    seen: set[tuple[int, str]] = set()
    todo = [(d.package, extra) for d in dependencies for extra in ("", *d.extras)]
    while todo:
        if (node := todo.pop()) in seen:
            continue
        seen.add(node)
        found = lock.packages[node[0]]
        if _has_builds(found):
            return True
        after = found.extras.get(node[1], ()) if node[1] else found.dependencies
        todo += [(d.package, extra) for d in after for extra in ("", *d.extras)]
    return False


def _has_builds(row: Package) -> bool:
    family = catalog.family().get(row.name)
    return bool(family and family.accelerator_specific)


def _cell(
    ctx: Context,
    lock: Lock,
    subject: Subject,
    wanted: Standard | None,
    platform: Host,
    known: tuple[Leak, ...],
) -> Cell | None:
    """One closure, judged; None where uv refuses the combination."""
    selection = _selection(ctx, subject)
    try:
        closure = walk(lock, selection, platform)
    except SelectionError as error:
        if subject.other:
            return None
        raise InputError(f"uv.lock has no closure for {subject}: {error}", hint="lock anew: uv lock") from None
    told = {(leak.package, leak.version, leak.index) for leak in known}
    leaks = tuple(k for k in find_leaks(closure, wanted) if (k.package, k.version, k.index) not in told)
    members = [p for p in closure.packages if p.name in lock.members]
    size, unsized = _costs(lock, closure, leaks) if leaks else (0, 0)
    return Cell(
        subject,
        platform,
        tuple(Build(p.version or "", strip(p.source.location)) for p in closure.packages if p.name == "torch"),
        len(closure.packages) - len(members),
        closure.download_size,
        closure.unsized - sum(p.artifact is None for p in members),
        leaks,
        find_gaps(closure, wanted) if wanted else (),
        size,
        unsized,
    )


def _selection(ctx: Context, subject: Subject) -> Selection:
    root = ctx.workspace.root.name
    return Selection(
        packages=() if subject.project == root else (subject.project,),
        extras=tuple(scope.name for scope in subject.scopes if scope.kind == "extra"),
        groups=tuple(scope.name for scope in subject.scopes if scope.kind == "group"),
    )


def _costs(lock: Lock, closure: Closure, leaks: tuple[Leak, ...]) -> tuple[int, int]:
    """The bytes and the unsized files of a closure that only its leaks bring."""
    rows = {(leak.package, leak.version, leak.index) for leak in leaks}
    without = walk(
        lock,
        closure.selection,
        closure.platform,
        barred=lambda row: (row.name, row.version or "", strip(row.source.location)) in rows,
    )
    return closure.download_size - without.download_size, closure.unsized - without.unsized
