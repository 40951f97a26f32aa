"""From findings to one ordered set of edits.

Fixes are done in rounds: each round takes what does not meet, does it on plain data, and asks the rules again. What
one fix makes necessary is thus found by the rule that knows it, and a second run has nothing left to do.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from variantfix import rules
from variantfix.detect.beside import NONE, Evidence
from variantfix.detect.context import Context
from variantfix.errors import ProofError
from variantfix.repair.ignores import Ignore, unused_ignores
from variantfix.rules.rule import Plan, Safety
from variantfix.toml import Append, Edit, Put, Remove, apply_to_data
from variantfix.uv.parse import parse

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from variantfix.detect.variants import Variant
    from variantfix.rules.rule import Finding, Fix
    from variantfix.settings import Settings

_MOST_ROUNDS = 12


def make_plan(
    files: Mapping[str, dict[str, Any]],
    settings: Settings,
    evidence: Evidence = NONE,
    ignores: tuple[Ignore, ...] = (),
) -> Plan:
    """Plan the repair of a workspace: the data of its files, root first, the locks at hand, and what to ignore.

    Raises `InputError` or `ConfigError` as parsing does, and `ProofError` where fixes never come to rest.
    """
    edits: list[Edit] = []
    repaired: list[Finding] = []
    state = before = _look(files, settings, evidence, ignores)
    used = set(before.used)
    for _ in range(_MOST_ROUNDS):
        chosen = _choose(state.findings, settings)
        if not chosen:
            unused = unused_ignores(ignores, used, settings)
            found, remaining = before.findings + unused, state.findings + unused
            return Plan(before.variants, found, tuple(edits), tuple(repaired), remaining, before.ignored)
        repaired += chosen
        added = list(dict.fromkeys(edit for finding in chosen if finding.fix for edit in finding.fix.edits))
        edits += added
        files = {
            file: apply_to_data(data, [edit for edit in added if edit.file == file]) for file, data in files.items()
        }
        state = _look(files, settings, evidence, ignores)
        used |= state.used
    names = ", ".join(sorted({finding.rule for finding in state.findings if finding.fix}))
    raise ProofError(f"the fixes of {names} never come to rest", hint="please report it")


def find(
    files: Mapping[str, dict[str, Any]],
    settings: Settings,
    evidence: Evidence = NONE,
    ignores: tuple[Ignore, ...] = (),
) -> Plan:
    """The findings alone, as a plan without edits. Raises as `make_plan` does."""
    state = _look(files, settings, evidence, ignores)
    found = state.findings + unused_ignores(ignores, state.used, settings)
    return Plan(state.variants, found, remaining=found, ignored=state.ignored)


def context(files: Mapping[str, dict[str, Any]], settings: Settings, evidence: Evidence = NONE) -> Context:
    """What the rules ask of a workspace. Raises `InputError` or `ConfigError` as parsing does."""
    workspace = parse(files)
    return Context(workspace, settings, evidence.requires(workspace), evidence)


@dataclass(frozen=True, slots=True)
class _Look:
    """What the rules say of one state of the files."""

    variants: tuple[Variant, ...]
    findings: tuple[Finding, ...]
    ignored: tuple[Finding, ...]
    used: frozenset[Ignore]


def _look(
    files: Mapping[str, dict[str, Any]], settings: Settings, evidence: Evidence, ignores: tuple[Ignore, ...]
) -> _Look:
    ctx = context(files, settings, evidence)
    meant = (finding for finding in rules.check(ctx) if settings.file in ("", finding.at.file))
    by_finding = {finding: [i for i in ignores if i.covers(finding)] for finding in meant}
    return _Look(
        ctx.variants,
        tuple(finding for finding, covering in by_finding.items() if not covering),
        tuple(finding for finding, covering in by_finding.items() if covering),
        frozenset(ignore for covering in by_finding.values() for ignore in covering),
    )


def _choose(findings: Iterable[Finding], settings: Settings) -> list[Finding]:
    """The findings whose fixes can be done in one round, in an order that the rules' order has no say in."""
    allowed = {finding: finding.fix for finding in findings if finding.fix and _is_allowed(finding.fix, settings)}
    now = {finding: fix for finding, fix in allowed.items() if not fix.last} or allowed
    chosen: list[Finding] = []
    taken: list[Edit] = []
    for finding, fix in sorted(now.items(), key=lambda item: (item[0].rule, item[0].at, item[0].message)):
        if not any(_meet(edit, other) for edit in fix.edits for other in taken):
            chosen.append(finding)
            taken += fix.edits
    return chosen


def _is_allowed(fix: Fix, settings: Settings) -> bool:
    """Whether a fix may be done: it is safe or leave was given, and it stays in the file that is meant."""
    permitted = fix.safety is Safety.SAFE or bool(settings.unsafe)
    return permitted and all(settings.file in ("", edit.file) for edit in fix.edits)


def _meet(edit: Edit, other: Edit) -> bool:
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
