"""What leaks in the closures of a lock."""

from __future__ import annotations

from typing import TYPE_CHECKING

from variantfix.detect.audit.cases import find_cases
from variantfix.detect.audit.clean import clean_cases
from variantfix.detect.audit.leaks import find_leaks
from variantfix.errors import InputError
from variantfix.namedtuple import NamedTuple
from variantfix.uv.lock import SelectionError, walk

if TYPE_CHECKING:
    from collections.abc import Sequence

    from variantfix.detect.audit.cases import Case
    from variantfix.detect.audit.leaks import Leak
    from variantfix.detect.context import Context
    from variantfix.uv.lock import Closure, Lock
    from variantfix.uv.platforms import Host
    from variantfix.uv.project import Scope


class Judged(NamedTuple):
    """A case with its leaks; its closure is None where nobody needs more of it than that it has none."""

    case: Case
    closure: Closure | None
    leaks: tuple[Leak, ...]


def leaking_beside(ctx: Context) -> tuple[Judged, ...]:
    """What leaks in the lock beside a context's files, found once.

    Nothing where there is no lock that speaks of them, or where it has no closure for a variant.
    """
    return ctx.memory.once("leaking", lambda: _leaking(ctx, ctx.lock) if ctx.lock else ())


def _leaking(ctx: Context, lock: Lock) -> tuple[Judged, ...]:
    try:
        return tuple(each for each in judge(lock, find_cases(ctx, lock)) if each.leaks)
    except InputError:
        return ()


def judge(lock: Lock, cases: Sequence[Case], *, whole: bool = False) -> list[Judged]:
    """Each case with its leaks, but for what uv refuses; of the main ones the `whole` closure, if it leaks or not.

    Raises `InputError` where uv refuses a variant.
    """
    found: list[Judged] = []
    # What a variant leaks by itself is not said again of all that can be beside it.
    alone: dict[tuple[str, tuple[Scope, ...], Host], tuple[Leak, ...]] = {}
    for case, is_clean in zip(cases, clean_cases(lock, cases), strict=True):
        project, scopes, platform = case.subject.project, case.subject.scopes, case.platform
        if is_clean and not (whole and case.is_main):
            judged = Judged(case, None, ())
        elif closure := _closure(lock, case):
            judged = Judged(case, closure, _leaks(case, closure, alone.get((project, scopes[:1], platform), ())))
        else:
            continue
        if not case.subject.other:
            alone[project, scopes, platform] = judged.leaks
        found.append(judged)
    return found


def _closure(lock: Lock, case: Case) -> Closure | None:
    """The closure of a case; None where uv refuses the combination."""
    try:
        return walk(lock, case.selection, case.platform)
    except SelectionError as error:
        if case.subject.other:
            return None
        raise InputError(f"uv.lock has no closure for {case.subject}: {error}", hint="lock anew: uv lock") from None


def _leaks(case: Case, closure: Closure, known: tuple[Leak, ...]) -> tuple[Leak, ...]:
    told = {(leak.package, leak.version, leak.index) for leak in known}
    return tuple(k for k in find_leaks(closure, case.wanted) if (k.package, k.version, k.index) not in told)
