"""What a run found, as programs are told of it: every format is made of one record a finding, failure and file."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from variantfix.errors import ProofError
from variantfix.namedtuple import NamedTuple
from variantfix.projects import done, failed
from variantfix.repair.diff import split_lines
from variantfix.toml import apply
from variantfix.toml.region import Region

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from variantfix.projects import Outcome
    from variantfix.repair.pipeline import Repair
    from variantfix.rules.rule import Finding, Fix
    from variantfix.toml import Edit, KeyPath

Status = Literal["open", "repaired", "ignored"]


class Replacement(NamedTuple):
    """Text that takes the place of a region."""

    file: str
    region: Region
    text: str


class FixRecord(NamedTuple):
    """A fix: its title, whether it is `safe` or `unsafe`, its edits, and what they replace in the file as it is.

    There are no replacements where the fix stands on another one that has to be done first.
    """

    title: str
    safety: str
    edits: tuple[Edit, ...]
    replacements: tuple[Replacement, ...]


class Record(NamedTuple):
    """A finding as programs read it. `status` is `open`, `repaired` (or would be, in a dry run), or `ignored`."""

    rule: str
    severity: str
    status: Status
    message: str
    advice: str
    file: str
    region: Region
    path: KeyPath
    variants: tuple[str, ...]
    fix: FixRecord | None


class Failure(NamedTuple):
    """A path that could not be read, or not be repaired."""

    path: str
    message: str
    exit_code: int


class FileRecord(NamedTuple):
    """A file that was looked at: whether the repair changes it, and whether it was written."""

    file: str
    changed: bool
    written: bool


class Report(NamedTuple):
    """What became of some paths."""

    findings: Sequence[Record]
    failures: Sequence[Failure]
    files: Sequence[FileRecord]


def report(outcomes: Sequence[Outcome]) -> Report:
    """The report on some outcomes, in their order."""
    return Report(
        [record for outcome in done(outcomes) for record in records(outcome.repair)],
        [Failure(outcome.path, str(outcome.error), outcome.error.exit_code) for outcome in failed(outcomes)],
        [
            FileRecord(file, file in outcome.repair.changed, file in outcome.written)
            for outcome in done(outcomes)
            for file in outcome.repair.before
        ],
    )


def records(repair: Repair) -> tuple[Record, ...]:
    """The records of a repair's findings, in the order of file and line."""
    plan, texts = repair.plan, repair.before
    found = [
        *(_record(finding, "repaired", texts) for finding in plan.repaired),
        *(_record(finding, "open", texts) for finding in plan.remaining),
        *(_record(finding, "ignored", texts) for finding in plan.ignored),
    ]
    order = {file: number for number, file in enumerate(repair.before)}
    return tuple(sorted(found, key=lambda r: (order[r.file], r.region, r.rule, r.message)))


def _record(finding: Finding, status: Status, texts: Mapping[str, str]) -> Record:
    return Record(
        finding.rule,
        finding.severity.value,
        status,
        finding.message,
        finding.advice,
        finding.at.file,
        finding.region,
        finding.at.path,
        finding.variants,
        _fix(finding.fix, texts) if finding.fix else None,
    )


def _fix(fix: Fix, texts: Mapping[str, str]) -> FixRecord:
    replaced = (r for file, text in texts.items() for r in _replacements(file, text, fix.edits))
    return FixRecord(fix.title, fix.safety.value, fix.edits, tuple(replaced))


def _replacements(file: str, text: str, edits: Iterable[Edit]) -> Iterator[Replacement]:
    own = [edit for edit in edits if edit.file == file]
    if not own:
        return
    try:
        after = apply(text, own)
    except (ProofError, ValueError, LookupError):
        return  # what it edits is made by another fix
    yield from (Replacement(file, where, new) for where, new in replaced_lines(text, after))


def replaced_lines(before: str, after: str) -> Iterator[tuple[Region, str]]:
    """The runs of whole lines that differ between two texts: where each stood, and what takes its place."""
    from difflib import SequenceMatcher

    old, new = split_lines(before), split_lines(after)
    for kind, i, j, k, m in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if kind != "equal":
            yield Region(i + 1, 1, j + 1, 1), "".join(new[k:m])
