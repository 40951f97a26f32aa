"""The end of every change: its edits done and proved, then the repair that the rules would do, as one repair."""

from __future__ import annotations

from typing import TYPE_CHECKING

from variantfix.errors import ForeignError
from variantfix.namedtuple import NamedTuple
from variantfix.repair.pipeline import check_texts, edited, load_all, repair_texts
from variantfix.repair.placed import placed
from variantfix.repair.plan import context
from variantfix.rules.rule import Severity
from variantfix.uv.foreign import foreign

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from variantfix.detect.beside import Evidence
    from variantfix.detect.context import Context
    from variantfix.repair.pipeline import Repair
    from variantfix.rules.rule import Finding, Plan
    from variantfix.settings import Settings
    from variantfix.toml import Edit
    from variantfix.uv.project import Project, Scope


class Meant(NamedTuple):
    """A workspace as the rules see it, and the project of it that a change is for."""

    ctx: Context
    project: Project


def look(texts: Mapping[str, str], settings: Settings, evidence: Evidence, *, only: str = "") -> Meant:
    """The workspace of some texts, root first, and the project that is meant: that of the file `only`, else the root.

    Raises `ForeignError` for a project that another tool manages, `InputError` as parsing does.
    """
    data, settings = load_all(texts, settings)
    root = next(iter(data))
    if reason := foreign(data[root]):
        raise ForeignError(f"{root}: not for uv: {reason}")
    ctx = context(data, settings, evidence)
    return Meant(ctx, ctx.workspace.project(only or root))


def finish(
    texts: Mapping[str, str],
    edits: Sequence[Edit],
    settings: Settings,
    evidence: Evidence,
    notes: Sequence[str] = (),
    *,
    since: Mapping[str, str],
    whole: bool = False,
    told: Mapping[str, str] | None = None,
    new: frozenset[Scope] = frozenset(),
    only: str = "",
    wrap: bool = True,
) -> Repair:
    """The edits done, and what comes of them repaired, so that routing and isolation come from the rules alone.

    `since` are the texts before the change. Unless the `whole` project is to be repaired, the rules that found
    something in those are left out: what the change is not about stays. Findings that only the change brought up are
    its own affair, and told by `notes`; of those that it leaves, errors alone are. `told` are the accelerators of
    what is `new`, `only` is the one file that is meant, `wrap` as in `edited`. Raises `ProofError` as `edited` does.
    """
    after = edited(texts, edits, wrap=wrap)
    found = check_texts(since, settings, evidence, only=only).plan
    known = found.found
    if known and not whole:
        own = load_all(since, settings)[1].ignore or ()
        settings = settings._replace(ignore=(*own, *sorted({finding.rule for finding in known})))
        notes = (*notes, *_left(known))
    if not whole:
        settings = settings._replace(unsafe=False)  # what such a fix is for was there before
    repair = repair_texts(after, settings.telling(told or {}), evidence, new, only=only, wrap=wrap)
    plan = _since(repair.plan, found)._replace(found=known if whole else (), edits=(*edits, *repair.plan.edits))
    return repair._replace(plan=placed(plan, since), before=dict(since), notes=tuple(notes))


def _since(plan: Plan, before: Plan) -> Plan:
    """What a plan repairs of what was found before a change, and the errors that it leaves."""
    known = {(finding.rule, finding.message) for finding in before.found}
    return plan._replace(
        repaired=tuple(f for f in plan.repaired if (f.rule, f.message) in known),
        remaining=tuple(f for f in plan.remaining if f.severity is Severity.ERROR),
        unknown=before.unknown,
        stale=before.stale,
    )


def _left(known: Iterable[Finding]) -> Iterator[str]:
    """A note on the errors of before that a change leaves alone."""
    if wrong := sorted({finding.rule for finding in known if finding.severity is Severity.ERROR}):
        yield f"what {', '.join(wrong)} found before is left: `variantfix apply` is for that"
