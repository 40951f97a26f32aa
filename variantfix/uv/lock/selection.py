"""What a closure is asked for: packages, extras and groups, looked up in a lock."""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING

from variantfix.errors import InputError
from variantfix.namedtuple import NamedTuple
from variantfix.uv.project import normalise
from variantfix.uv.pseudo import encode

if TYPE_CHECKING:
    from collections.abc import Iterable, Set

    from variantfix.uv.lock.model import Lock, Package


class SelectionError(InputError):
    """The lock is sound, but uv would refuse this selection, or this platform, for it."""


class Selection(NamedTuple):
    """What is asked of uv: `--package`s or `--all-packages`, `--extra`s, `--group`s.

    No package means what uv takes at the workspace's root: its project, or every member where it has none.
    `default_groups` are the project's own default groups (uv's default is `("dev",)`); a default group
    that nothing declares is left out silently. `()` means `--no-default-groups`.
    """

    packages: tuple[str, ...] = ()
    all_packages: bool = False
    extras: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    default_groups: tuple[str, ...] = ()


class Chosen(NamedTuple):
    """A selection looked up.

    Rows with their index, extras, groups with their row, and groups of a root that has no project.
    """

    roots: tuple[tuple[int, Package], ...]
    extras: frozenset[str]
    groups: tuple[tuple[Package, str], ...]
    root_groups: tuple[str, ...]


def choose(lock: Lock, selection: Selection) -> Chosen:
    """Look a selection up. Raises SelectionError for a package, extra or group that is not there."""
    roots = tuple(_root(lock, name) for name in _root_names(lock, selection))
    wanted = tuple(dict.fromkeys(map(normalise, (*selection.groups, *selection.default_groups))))
    groups = tuple((row, name) for _, row in roots for name in wanted if name in row.groups)
    if selection.packages:
        # A group asked for that no chosen package declares is the workspace root's; default groups are not.
        own = {*(name for _, name in groups), *map(normalise, selection.default_groups)}
        wanted = tuple(name for name in wanted if name not in own)
        groups += _project_groups(lock, wanted)
    root_groups = tuple(name for name in wanted if name in lock.groups)
    _check_names("extra", selection.extras, chain.from_iterable(row.extras for _, row in roots))
    _check_names("group", selection.groups, (*root_groups, *(name for _, name in groups)))
    return Chosen(roots, frozenset(map(normalise, selection.extras)), groups, root_groups)


def _project_groups(lock: Lock, names: tuple[str, ...]) -> tuple[tuple[Package, str], ...]:
    if lock.project is None:
        return ()
    _, project = _root(lock, lock.project)
    return tuple((project, name) for name in names if name in project.groups)


def _root_names(lock: Lock, selection: Selection) -> tuple[str, ...]:
    if selection.packages:
        return tuple(map(normalise, selection.packages))
    return (lock.project,) if lock.project and not selection.all_packages else lock.members


def _root(lock: Lock, name: str) -> tuple[int, Package]:
    rows = [(index, row) for index, row in enumerate(lock.packages) if row.name == name]
    if len(rows) != 1:
        raise SelectionError(f"the lock has {len(rows)} packages named {name!r}, where one is needed")
    return rows[0]


def _check_names(kind: str, wanted: Iterable[str], declared: Iterable[str]) -> None:
    known = frozenset(map(normalise, declared))
    for name in wanted:
        if normalise(name) not in known:
            raise SelectionError(f"nothing selected has the {kind} {name!r}")


def switched_on(lock: Lock, chosen: Chosen) -> frozenset[str]:
    """Return the pseudo-extras that the selection itself switches on."""
    extras = (encode("extra", row.name, name) for _, row in chosen.roots for name in chosen.extras & row.extras.keys())
    groups = (encode("group", row.name, name) for row, name in chosen.groups)
    projects = (encode("project", row.name, "") for _, row in chosen.roots)
    return frozenset((*extras, *groups, *projects)) & named(lock)


def named(lock: Lock) -> frozenset[str]:
    """Return the pseudo-extras that the lock names at all; others decide nothing."""
    declared = (item.encoded for item in chain.from_iterable(lock.conflicts))
    return frozenset((*declared, *lock.markers.names))


def check_conflicts(lock: Lock, active: Set[str]) -> None:
    """Raise SelectionError when two items of one conflict set are on."""
    for conflict in lock.conflicts:
        on = [item for item in conflict if item.encoded in active]
        if len(on) > 1:
            raise SelectionError(f"{on[0]} and {on[1]} are both on, which the lock declares a conflict")
