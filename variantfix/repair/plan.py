"""From findings to one ordered set of edits.

Fixes are done in rounds: each round takes what does not meet, does it on plain data, and asks the rules again. What
one fix makes necessary is thus found by the rule that knows it, and a second run has nothing left to do.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from variantfix.detect.beside import NONE, Evidence
from variantfix.detect.context import Context
from variantfix.errors import InputError, ProofError
from variantfix.namedtuple import NamedTuple
from variantfix.repair.harm import Harm, State, find_harm, look
from variantfix.repair.ignores import Ignore, unused_ignores
from variantfix.repair.joined import join
from variantfix.rules import every
from variantfix.rules.rule import Plan, Safety
from variantfix.toml import Append, Edit, Put, Remove, apply_to_data, once
from variantfix.uv.parse import parse
from variantfix.uv.project import normalise

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from variantfix.detect.variants import Variant
    from variantfix.repair.harm import State
    from variantfix.rules.rule import Finding, Fix
    from variantfix.settings import Settings
    from variantfix.uv.project import Scope

_MOST_ROUNDS = 12
_MOST_WAITING = 50
_MOST_ATTEMPTS = 4
_MOST_HELD = 24
"""Repairs that are held back one by one; where more do harm, none is done."""
_MOST_TRIED = 12
"""Repairs that are left out in turn to find what does a harm."""


def make_plan(
    files: Mapping[str, dict[str, Any]],
    settings: Settings,
    evidence: Evidence = NONE,
    ignores: tuple[Ignore, ...] = (),
    new: frozenset[Scope] = frozenset(),
    only: str = "",
) -> Plan:
    """Plan the repair of a workspace: the data of its files, root first, the locks at hand, and what to ignore.

    A repair that would harm what it does not speak of is held back, and its finding says why. What is `new` had
    nothing before that could be harmed; `only` is the one file that is meant, by default all are.
    Raises `InputError` or `ConfigError` as parsing does, and where more wait for one another than can be done in time;
    `ProofError` where fixes never come to rest.
    """
    desk = _Desk(settings, evidence, ignores, new, only)
    before = desk.look(files)
    attempt, held = _attempts(desk, before)
    unused = unused_ignores(ignores, set(before.used) | attempt.used, settings)
    found = _explained(before.findings, held) + unused
    remaining = _explained(attempt.state.findings, held) + unused
    known = {*before.findings, *found}
    later = {(f.file, _key(f)): f for f in (*attempt.repaired, *remaining) if f not in known}
    # What waits for another repair is told once: where it is in the file, with what becomes of it.
    again = {f: f._replace(at=old.at) for old in found if later and (f := later.get((old.file, _key(old))))}
    found = tuple(dict.fromkeys(again.get(later.get((f.file, _key(f)), f), f) for f in found)) if again else found
    repaired, remaining = (tuple(again.get(f, f) for f in each) for each in (attempt.repaired, remaining))
    known = {*before.findings, *found}
    raised = tuple(f for f in (*repaired, *remaining) if f not in known)
    ctx = before.ctx
    unknown = len(ctx.unknown) if ctx.variants else 0
    ignored = before.ignored
    return Plan(ctx.variants, found, attempt.edits, repaired, remaining, ignored, raised, unknown, ctx.staleness)


_Key = tuple[str, str, tuple[str, ...]]
"""What tells a finding from others in every round: its rule, its message and its variants."""


def _key(finding: Finding) -> _Key:
    return finding.rule, finding.message, finding.variants


class _Attempt(NamedTuple):
    """Where the rounds came to rest."""

    state: _Look
    edits: tuple[Edit, ...]
    repaired: tuple[Finding, ...]
    used: frozenset[Ignore]


class _Desk(NamedTuple):
    """What a plan is made under."""

    settings: Settings
    evidence: Evidence
    ignores: tuple[Ignore, ...]
    new: frozenset[Scope]
    only: str

    def harms(self, start: State, attempt: _Attempt) -> list[Harm]:
        """What an attempt would harm of what is not new."""
        found = find_harm(start, attempt.state.ctx, attempt.repaired)
        return [harm for harm in found if not self.new.intersection(harm.selection)]

    def look(self, files: Mapping[str, dict[str, Any]], earlier: _Look | None = None) -> _Look:
        """What the rules say of the file that is meant, or of all."""
        ctx = context(files, self.settings, self.evidence, earlier.ctx if earlier else None)
        meant = (f for f in join(tuple(every.check(ctx))) if self.only in ("", f.at.file))
        by_finding = {finding: [i for i in self.ignores if i.covers(finding)] for finding in meant}
        return _Look(
            ctx,
            tuple(finding for finding, covering in by_finding.items() if not covering),
            tuple(finding for finding, covering in by_finding.items() if covering),
            frozenset(ignore for covering in by_finding.values() for ignore in covering),
        )

    def allows(self, fix: Fix) -> bool:
        """Whether a fix may be done: it is safe or leave was given, and it stays in the file that is meant."""
        permitted = fix.safety is Safety.SAFE or bool(self.settings.unsafe)
        return permitted and all(self.only in ("", edit.file) for edit in fix.edits)

    def attempt(self, state: _Look, held: Collection[_Key]) -> _Attempt:
        """Repair all but what is held back, round by round. Raises `ProofError` where that never comes to rest."""
        files = cast("Mapping[str, dict[str, Any]]", state.ctx.workspace.data)
        edits: list[Edit] = []
        repaired: list[Finding] = []
        used = set(state.used)
        # Of what stands in one list, such as overrides that go, each repair takes a round.
        waiting = len(state.findings)
        for _ in range(_MOST_ROUNDS + min(waiting, _MOST_WAITING)):
            chosen = _choose({f: f.fix for f in state.findings if _key(f) not in held and f.fix and self.allows(f.fix)})
            if not chosen:
                return _Attempt(state, tuple(edits), tuple(repaired), frozenset(used))
            repaired += chosen
            added = once(edit for finding in chosen if finding.fix for edit in finding.fix.edits)
            edits += added
            files = {
                file: apply_to_data(data, edits_here) if (edits_here := [e for e in added if e.file == file]) else data
                for file, data in files.items()
            }
            state = self.look(files, state)
            used |= state.used
        names = ", ".join(sorted({finding.rule for finding in state.findings if finding.fix}))
        if waiting > _MOST_WAITING:
            raise InputError(f"{next(iter(files))}: too many repairs wait for one another: those of {names}")
        raise ProofError(f"the fixes of {names} never come to rest", hint="please report it")


def _attempts(desk: _Desk, before: _Look) -> tuple[_Attempt, dict[_Key, str]]:
    """The repair, and why some of it is held back, by finding.

    What is held back is tried once more where all else is done, as a second run would: it may do no harm there.
    """
    done = _Attempt(before, (), (), before.used)
    why: dict[_Key, str] = {}
    for _ in range(_MOST_ATTEMPTS):
        held: dict[_Key, str] = {}
        attempt = desk.attempt(done.state, held)
        if attempt.repaired:
            attempt, held = _without_harm(desk, done.state, attempt)
        edits, repaired = (*done.edits, *attempt.edits), (*done.repaired, *attempt.repaired)
        done = _Attempt(attempt.state, edits, repaired, done.used | attempt.used)
        why |= held
        if not held or not attempt.repaired:
            break
    mended = {_key(finding) for finding in done.repaired}
    return done, {key: reason for key, reason in why.items() if key not in mended}


def _without_harm(desk: _Desk, before: _Look, attempt: _Attempt) -> tuple[_Attempt, dict[_Key, str]]:
    """The repair without what harms, and why that was held back, by finding.

    What does the harm is found by leaving out one finding after the other; a harm that its title announces is none.
    """
    held: dict[_Key, str] = {}
    start = look(before.ctx)
    accepted: set[Harm] = set()
    while harms := [h for h in desk.harms(start, attempt) if h not in accepted]:
        culprit = _culprit(desk, before, start, attempt, harms, held)
        if culprit is None:  # no single one does it: none is done
            held |= dict.fromkeys((_key(f) for f in attempt.repaired), f"not done, since it would do harm: {harms[0]}")
            attempt = desk.attempt(before, held)
            if len(held) > _MOST_HELD or not attempt.repaired:
                break
        elif unannounced := next((h for h in culprit.harms if not _is_announced(culprit.fix, h)), None):
            attempt = culprit.without
            held[culprit.key] = f"not done, since it would do harm: {unannounced}"
        else:
            accepted.update(culprit.harms)
    return attempt, held


def _is_announced(fix: Fix, harm: Harm) -> bool:
    """Whether a fix's title makes up for a harm."""
    return fix.announces and not harm.is_forbidden and (harm.is_gone or not fix.takes)


class _Culprit(NamedTuple):
    """A finding whose repair does harm, the harm, and the repair of all others."""

    key: _Key
    fix: Fix
    without: _Attempt
    harms: list[Harm]


def _culprit(
    desk: _Desk,
    before: _Look,
    start: State,
    attempt: _Attempt,
    harms: list[Harm],
    held: Collection[_Key],
) -> _Culprit | None:
    """The finding without which most of the harm is gone; those that speak of what is harmed are tried first."""
    if len(held) >= _MOST_HELD:
        return None
    names = {scope.name for harm in harms for scope in harm.selection}
    fixed = {_key(f): f.fix for f in attempt.repaired if f.fix}
    tried = sorted(fixed, key=lambda key: (names.isdisjoint(map(normalise, key[2])), not fixed[key].announces))
    found: list[_Culprit] = []
    for key in tried[:_MOST_TRIED]:
        without = desk.attempt(before, {*held, key})
        # What comes up only in its absence answers for itself, in the next turn.
        new = {_key(f) for f in without.repaired} - fixed.keys()
        alone = desk.attempt(before, {*held, key, *new}) if new else without
        left = set(desk.harms(start, alone))
        found.append(_Culprit(key, fixed[key], without, [h for h in harms if h not in left]))
        if len(found[-1].harms) == len(harms):
            break
    worst = max(found, key=lambda each: (len(each.harms), each.fix.announces), default=None)
    return worst if worst and worst.harms else None


def _explained(findings: Iterable[Finding], held: Mapping[_Key, str]) -> tuple[Finding, ...]:
    """Findings, those whose repair is held back with the reason in place of the fix."""
    return tuple(
        f._replace(fix=None, advice="; ".join(filter(None, (held[_key(f)], f.advice)))) if _key(f) in held else f
        for f in findings
    )


def context(
    files: Mapping[str, dict[str, Any]],
    settings: Settings,
    evidence: Evidence = NONE,
    earlier: Context | None = None,
) -> Context:
    """What the rules ask of a workspace. Raises `InputError` or `ConfigError` as parsing does.

    Of an `earlier` state of it what is the same is taken over.
    """
    workspace = parse(files, earlier.workspace if earlier else None)
    return Context(workspace, settings, evidence.requires(workspace), evidence, earlier)


class _Look(NamedTuple):
    """What the rules say of one state of the files."""

    ctx: Context
    findings: tuple[Finding, ...]
    ignored: tuple[Finding, ...]
    used: frozenset[Ignore]

    @property
    def variants(self) -> tuple[Variant, ...]:
        """The variants in it."""
        return self.ctx.variants


def _choose(allowed: Mapping[Finding, Fix]) -> list[Finding]:
    """Those of some fixes that can be done in one round, by an order that the rules' order has no say in."""
    now = {finding: fix for finding, fix in allowed.items() if not fix.last} or allowed
    chosen: list[Finding] = []
    taken: list[Edit] = []
    for finding, fix in sorted(now.items(), key=lambda item: (item[0].rule, item[0].at, item[0].message)):
        if not any(meet(edit, other) for edit in fix.edits for other in taken):
            chosen.append(finding)
            taken += fix.edits
    return chosen


def meet(edit: Edit, other: Edit) -> bool:
    """Whether the outcome of two edits depends on which is done first."""
    if edit == other or edit.file != other.file:
        return False
    match edit, other:
        case Append(), Append():
            return False
        case Remove(), _:
            return _is_within(other.at, edit.at[:-1])
        case _, Remove():
            return _is_within(edit.at, other.at[:-1])
        case (Put(), _) | (_, Put()):
            return _is_within(edit.at, other.at) or _is_within(other.at, edit.at)
    raise AssertionError


def _is_within(path: tuple[str | int, ...], parent: tuple[str | int, ...]) -> bool:
    return path[: len(parent)] == parent
