"""What the findings of several rules say together: no rule knows of another, so that they are joined here, as data.

Nearly every leak of a lock is written in the files: the finding that speaks of its variant and of most packages on its
way tells what to do about it. A source that a repair is about to bind to a variant is of use from then on.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from variantfix.rules import leaking_lock, old_lock, unscoped_source, unused_source
from variantfix.rules.rule import Severity

if TYPE_CHECKING:
    from collections.abc import Sequence

    from variantfix.rules.rule import Finding, Fix

_OF_LOCKS = (leaking_lock.RULE.name, old_lock.RULE.name)


def join(findings: Sequence[Finding]) -> tuple[Finding, ...]:
    """The findings of all rules: each leak with the fix or the advice of the one that explains it, if one does.

    Unused sources that are bound to a variant soon are left out.
    """
    bound = {(f.at.file, f.packages) for f in findings if f.rule == unscoped_source.RULE.name and f.fix}
    left = [f for f in findings if f.rule != unused_source.RULE.name or (f.at.file, f.packages) not in bound]
    causes = [f for f in left if f.rule not in _OF_LOCKS and f.severity is Severity.ERROR]
    return tuple(_explain(f, causes) if f.rule == leaking_lock.RULE.name else f for f in left)


def _explain(leak: Finding, causes: Sequence[Finding]) -> Finding:
    cause = max(causes, key=lambda cause: _in_common(leak, cause), default=None)
    if cause is None or not _in_common(leak, cause):
        return leak
    if cause.fix is None:
        return leak._replace(advice=f"see {cause.rule}: {cause.advice}")
    return leak._replace(fix=cause.fix) if _makes_stale(cause.fix) else leak


def _in_common(leak: Finding, cause: Finding) -> int:
    """How many packages on the way of a leak a finding is about, if it is about the leak's variant."""
    is_of_it = not cause.variants or set(leak.variants) & set(cause.variants)
    return len(set(leak.packages) & set(cause.packages)) if is_of_it else 0


def _makes_stale(fix: Fix) -> bool:
    """Whether a fix has uv lock anew: it keeps a lock that fits, and a required version is no part of it."""
    return any(edit.at != ("tool", "uv", "required-version") for edit in fix.edits)
