"""The closures that a lock holds for the variants of a workspace, each judged."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from variantfix.credentials import strip
from variantfix.detect.audit.cases import find_cases
from variantfix.detect.audit.cells import Build, Cell
from variantfix.detect.audit.clean import clean_cases
from variantfix.detect.audit.leaks import Leak, find_gaps, find_leaks
from variantfix.errors import InputError
from variantfix.uv.lock import SelectionError, walk

if TYPE_CHECKING:
    from variantfix.detect.audit.cases import Case
    from variantfix.detect.context import Context
    from variantfix.uv.lock import Closure, Lock
    from variantfix.uv.platforms import Host
    from variantfix.uv.project import Scope


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
    """What leaks in the lock beside a context's files, made once.

    None where there is no lock that speaks of them, or where it has no closure for a variant.
    """
    return ctx.memory.once("matrix", lambda: _at_hand(ctx, ctx.lock) if ctx.lock else None)


def _at_hand(ctx: Context, lock: Lock) -> Matrix | None:
    try:
        return make_matrix(ctx, lock, leaking=True)
    except InputError:
        return None


def make_matrix(ctx: Context, lock: Lock, *, leaking: bool = False) -> Matrix:
    """Walk and judge the closures of a workspace's variants in its lock; `leaking` leaves out those without leaks.

    Variants and the bare project are walked for the lowest and the newest Python; what is beside them for the lowest.
    Raises `InputError` where the lock does not know a variant, or admits no Python.
    """
    cases = find_cases(ctx, lock)
    cells: list[Cell] = []
    walked = 0
    # What a variant leaks by itself is not said again of all that can be beside it.
    alone: dict[tuple[tuple[Scope, ...], Host], tuple[Leak, ...]] = {}
    for case, is_clean in zip(cases, clean_cases(lock, cases), strict=True):
        subject, platform = case.subject, case.platform
        is_shown = case.is_main and not leaking
        cell = None
        if not is_clean or is_shown:
            cell = _cell(lock, case, alone.get((subject.scopes[:1], platform), ()))
        walked += is_clean or cell is not None
        if not subject.other:
            alone[subject.scopes, platform] = cell.leaks if cell else ()
        if cell and (cell.leaks or is_shown):
            cells.append(cell)
    return Matrix(tuple(cells), walked)


def _cell(lock: Lock, case: Case, known: tuple[Leak, ...]) -> Cell | None:
    """One closure, judged; None where uv refuses the combination."""
    try:
        closure = walk(lock, case.selection, case.platform)
    except SelectionError as error:
        if case.subject.other:
            return None
        raise InputError(f"uv.lock has no closure for {case.subject}: {error}", hint="lock anew: uv lock") from None
    told = {(leak.package, leak.version, leak.index) for leak in known}
    leaks = tuple(k for k in find_leaks(closure, case.wanted) if (k.package, k.version, k.index) not in told)
    members = [p for p in closure.packages if p.name in lock.members]
    size, unsized = _costs(lock, closure, leaks) if leaks else (0, 0)
    return Cell(
        case.subject,
        case.platform,
        tuple(Build(p.version or "", strip(p.source.location)) for p in closure.packages if p.name == "torch"),
        len(closure.packages) - len(members),
        closure.download_size,
        closure.unsized - sum(p.artifact is None for p in members),
        leaks,
        find_gaps(closure, case.wanted) if case.wanted else (),
        size,
        unsized,
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
