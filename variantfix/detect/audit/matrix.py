"""The closures that a lock holds for the variants of a workspace, each judged."""

from __future__ import annotations

from typing import TYPE_CHECKING

from variantfix.credentials import strip
from variantfix.detect.audit.cases import find_cases
from variantfix.detect.audit.cells import Build, Cell
from variantfix.detect.audit.judge import judge
from variantfix.detect.audit.leaks import Leak, find_gaps
from variantfix.namedtuple import NamedTuple
from variantfix.uv.lock import walk

if TYPE_CHECKING:
    from variantfix.detect.audit.cases import Case
    from variantfix.detect.context import Context
    from variantfix.uv.lock import Closure, Lock


class Matrix(NamedTuple):
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


def make_matrix(ctx: Context, lock: Lock) -> Matrix:
    """Walk and judge the closures of a workspace's variants in its lock.

    Variants and the bare project are walked for the lowest and the newest Python; what is beside them for the lowest.
    Raises `InputError` where the lock does not know a variant, or admits no Python.
    """
    judged = judge(lock, find_cases(ctx, lock), whole=True)
    shown = (each for each in judged if each.leaks or each.case.is_main)
    return Matrix(tuple(_cell(lock, case, closure, leaks) for case, closure, leaks in shown if closure), len(judged))


def _cell(lock: Lock, case: Case, closure: Closure, leaks: tuple[Leak, ...]) -> Cell:
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
