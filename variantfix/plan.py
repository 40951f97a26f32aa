"""From findings to one ordered set of edits.

Fixes are done in rounds: each round takes what does not meet, does it on plain data, and asks the rules again. What
one fix makes necessary is thus found by the rule that knows it, and a second run has nothing left to do.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from variantfix import rules
from variantfix.context import Context
from variantfix.errors import ProofError
from variantfix.evidence import NONE, Evidence
from variantfix.parse import parse
from variantfix.rule import Safety
from variantfix.toml import Append, Edit, Put, Remove, apply_to_data

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from variantfix.rule import Finding
    from variantfix.settings import Settings
    from variantfix.variants import Variant

_MOST_ROUNDS = 12


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to be done to a workspace, with the variants that were found in it.

    `found` are the findings on the files as they are; `repaired` those that the edits mend, also the ones that only
    another fix brought up; `remaining` those that stay, for want of a fix or of leave to do it.
    """

    variants: tuple[Variant, ...]
    found: tuple[Finding, ...]
    edits: tuple[Edit, ...]
    repaired: tuple[Finding, ...]
    remaining: tuple[Finding, ...]


def make_plan(files: Mapping[str, dict[str, Any]], settings: Settings, evidence: Evidence = NONE) -> Plan:
    """Plan the repair of a workspace, given as the data of its files, root first, and the locks at hand.

    Raises `InputError` or `ConfigError` as parsing does, and `ProofError` where fixes never come to rest.
    """
    edits: list[Edit] = []
    repaired: list[Finding] = []
    before = _findings(files, settings)
    _, findings = before
    for _ in range(_MOST_ROUNDS):
        chosen = _choose(findings, unsafe=bool(settings.unsafe))
        if not chosen:
            return Plan(*before, tuple(edits), tuple(repaired), findings)
        repaired += chosen
        added = list(dict.fromkeys(edit for finding in chosen if finding.fix for edit in finding.fix.edits))
        edits += added
        files = {
            file: apply_to_data(data, [edit for edit in added if edit.file == file]) for file, data in files.items()
        }
        _, findings = _findings(files, settings)
    names = ", ".join(sorted({finding.rule for finding in findings if finding.fix}))
    raise ProofError(f"the fixes of {names} never come to rest", hint="please report it")


def find(files: Mapping[str, dict[str, Any]], settings: Settings, evidence: Evidence = NONE) -> Plan:
    """The findings alone, as a plan without edits. Raises as `make_plan` does."""
    variants, found = _findings(files, settings)
    return Plan(variants, found, (), (), found)


def _findings(
    files: Mapping[str, dict[str, Any]], settings: Settings
) -> tuple[tuple[Variant, ...], tuple[Finding, ...]]:
    ctx = Context(parse(files), settings)
    return ctx.variants, tuple(rules.check(ctx))


def _choose(findings: Iterable[Finding], *, unsafe: bool) -> list[Finding]:
    """The findings whose fixes can be done in one round, in an order that the rules' order has no say in."""
    chosen: list[Finding] = []
    taken: list[Edit] = []
    for finding in sorted(findings, key=lambda f: (f.rule, f.at, f.message)):
        fix = finding.fix
        if fix is None or (fix.safety is Safety.UNSAFE and not unsafe):
            continue
        if any(_meet(edit, other) for edit in fix.edits for other in taken):
            continue
        chosen.append(finding)
        taken += fix.edits
    return chosen


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
