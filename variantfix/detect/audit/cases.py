"""What is to be walked in a lock: who, by which standard, on which platform."""

from __future__ import annotations

from functools import cache, partial
from typing import TYPE_CHECKING

from variantfix.detect.audit.cells import Subject
from variantfix.detect.audit.leaks import Standard, standard
from variantfix.errors import InputError
from variantfix.namedtuple import NamedTuple
from variantfix.pytorch import catalog
from variantfix.uv.lock import Selection
from variantfix.uv.lock.selection import named
from variantfix.uv.lock.walk import supports
from variantfix.uv.platforms import Host, hosts
from variantfix.uv.pseudo import encode
from variantfix.uv.pythons import python_range

if TYPE_CHECKING:
    from collections.abc import Iterator

    from variantfix.detect.context import Context
    from variantfix.detect.variants import Variant
    from variantfix.uv.lock import Lock, Package
    from variantfix.uv.project import Project, Scope

_NEWEST = 14
"""The newest Python that a closure is walked for where `requires-python` has no bound."""


class Case(NamedTuple):
    """A closure that is asked for: whose, judged by what, selected how, and where.

    The main ones, of the projects and their variants for the lowest Python, are shown; the others only if they leak.
    """

    subject: Subject
    wanted: Standard | None
    selection: Selection
    platform: Host
    is_main: bool


def find_cases(ctx: Context, lock: Lock) -> list[Case]:
    """All closures that are asked for in the lock of a workspace. Raises `InputError` where it admits no Python."""
    lowest, newest = _pythons(lock)
    places = {python: [p for p in hosts(python) if supports(lock, p)] for python in (lowest, newest)}
    return [
        Case(subject, wanted, selection, platform, python == lowest and not subject.other)
        for subject, wanted in _subjects(ctx, lock)
        for selection in (_selection(ctx, subject),)
        for python in ((lowest,) if subject.other else places)
        for platform in places[python]
    ]


def _pythons(lock: Lock) -> tuple[str, str]:
    """The lowest and the newest Python that a lock admits, as full versions."""
    admitted = python_range(lock.requires_python).lowest
    if not admitted:
        raise InputError(f"uv.lock admits no Python 3: requires-python is {lock.requires_python!r}")
    usual = [version for version in admitted if int(version.split(".")[1]) <= _NEWEST]
    return admitted[0], (usual or admitted[:1])[-1]


def _subjects(ctx: Context, lock: Lock) -> Iterator[tuple[Subject, Standard | None]]:
    """All that is to be walked, each with what it is judged by; the bare projects first."""
    for project in ctx.workspace.projects:
        variants = ctx.variants_of(project)
        matters = cache(partial(_matters, lock, project))
        if variants and not project.is_virtual:
            yield Subject(project.name, "", "", ()), None
        for whole in () if variants or project.is_virtual else ctx.routed_of(project):
            yield from _whole(ctx, lock, project, whole)
        for variant in variants:
            wanted, tag = standard(ctx, variant), variant.accelerator.tag
            beside = wanted._replace(is_beside=True)
            yield Subject(project.name, variant.spelling, tag, (variant.scope,)), wanted
            for scope in ctx.combinable(variant):
                if matters(scope):
                    both = (variant.scope, scope)
                    yield Subject(project.name, variant.spelling, tag, both, scope), beside
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


def _selection(ctx: Context, subject: Subject) -> Selection:
    root = ctx.workspace.root.name
    return Selection(
        packages=() if subject.project == root else (subject.project,),
        extras=tuple(scope.name for scope in subject.scopes if scope.kind == "extra"),
        groups=tuple(scope.name for scope in subject.scopes if scope.kind == "group"),
    )
