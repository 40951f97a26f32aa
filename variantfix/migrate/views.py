"""What is made from a journal: reports, patches, the page, JSON lines. The same journal gives the same bytes."""

from __future__ import annotations

import hashlib
import json
import re
from typing import TYPE_CHECKING, Any, TextIO

from variantfix import disk
from variantfix.credentials import mask, mask_all
from variantfix.errors import InputError, reason
from variantfix.migrate.told import holds, line, remedy
from variantfix.migrate.unit import unpack
from variantfix.repair.diff import split_lines
from variantfix.report.findings_json import read_finding
from variantfix.report.records import Failure, FileRecord, Report

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

    from variantfix.migrate.unit import UnitOutcome

_VERSION = 2
_HUNK = re.compile(r"@@ -\d+(?:,(\d+))? \+\d+(?:,(\d+))? @@")
_NAME = re.compile(r'((?:---|\+\+\+) "?[ab]/)(?=.)')


def record(outcome: UnitOutcome) -> dict[str, Any]:
    """An outcome as plain data, without what differs from run to run, and without credentials."""
    plain: dict[str, Any] = mask_all(_record(outcome))  # type: ignore[assignment]
    return plain


def _record(outcome: UnitOutcome) -> dict[str, Any]:
    return {
        "unit": outcome.name,
        "result": outcome.result,
        "error": outcome.error,
        "repaired": outcome.repaired,
        "remaining": outcome.remaining,
        "commit": outcome.commit,
        "verdict": outcome.verdict,
        "findings": json.loads(outcome.findings),
        "diff": _diff(outcome),
    }


def page_record(outcome: UnitOutcome) -> dict[str, Any]:
    """The same for the review page, which shows of a fix its title alone."""
    plain = record(outcome)
    return {**plain, "findings": [_short(finding) for finding in plain["findings"]]}


def _short(finding: Mapping[str, Any]) -> dict[str, Any]:
    kept = ("rule", "severity", "status", "message", "file", "line")
    return {**{key: finding[key] for key in kept}, "remedy": remedy(finding)}


def write_jsonl(outcomes: Iterable[UnitOutcome], stream: TextIO) -> None:
    """Write one JSON object a line and unit; the first key is the version of the format."""
    for outcome in map(record, outcomes):
        print(json.dumps({"version": _VERSION, **outcome}), file=stream)


def write_list(outcomes: Iterable[UnitOutcome], stream: TextIO, *, verb: str) -> None:
    """Write a line for each unit of which there is something to say."""
    for outcome in outcomes:
        if outcome.result not in ("clean", "foreign"):
            print(f"{outcome.result:8}", line(outcome, verb=verb), file=stream)


def report(outcomes: Iterable[UnitOutcome], *, writes: bool) -> Report:
    """The report on all units, their files named from above them; `writes` says whether repairs were written."""
    findings, failures, files = [], [], []
    for outcome in outcomes:
        folder = _folder(outcome.name)
        findings += [read_finding(finding, folder) for finding in json.loads(outcome.findings)]
        files += [
            FileRecord(folder + file, each, each and writes and holds(outcome))
            for file, each in json.loads(outcome.files)
        ]
        if outcome.error and outcome.result != "foreign":
            code = 1 if outcome.result == "refused" else 2
            failures.append(Failure(outcome.name, " ".join(outcome.error.split()), code))
    return Report(findings, failures, files)


def write_diff(outcomes: Iterable[UnitOutcome], stream: TextIO) -> None:
    """Write the unified diff of all units, their files named from above them; without credentials."""
    for outcome in outcomes:
        stream.writelines(mask(each) for each in _placed(_diff(outcome), _folder(outcome.name)))


def _folder(unit: str) -> str:
    """What leads to the files of a unit: its folder, or the name that stands for one; empty for the one at hand."""
    name = unit.replace("\\", "/")
    if name.rpartition("/")[2] == disk.NAME:
        return name.removesuffix(disk.NAME)
    return "" if name == "." else f"{name.rstrip('/')}/"


def _placed(diff: str, folder: str) -> Iterator[str]:
    """The lines of a diff with its files named from above a folder, without what git wraps it in."""
    old = new = 0
    for each in split_lines(diff):
        if old > 0 or new > 0 or each.startswith("\\"):
            old -= each[0] in " -\n"
            new -= each[0] in " +\n"
            yield each
        elif hunk := _HUNK.match(each):
            old, new = (int(count or 1) for count in hunk.groups())
            yield each
        elif _NAME.match(each):
            yield _NAME.sub(lambda start: start[1] + folder.lstrip("/"), each)


def write_patches(outcomes: Iterable[UnitOutcome], folder: Path) -> int:
    """Write the commit of each repository as a file that `git am` takes; returns how many hold credentials.

    A patch has to have the file's own lines, also where these have credentials.
    Raises `InputError` where the folder cannot be written.
    """
    count = 0
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(f"{folder}: the patches cannot be written there: {reason(error)}") from None
    for outcome in outcomes:
        if outcome.commit:
            patch = str(unpack(outcome.diff))
            with disk.replacing(folder / _patch_name(outcome.name)) as file:
                file.write(patch.encode("utf-8", "surrogateescape"))
            count += mask(patch) != patch
    return count


def _patch_name(unit: str) -> str:
    """A file name that tells the repository, with some of the name's digest to tell it from others."""
    words = re.findall(r"[A-Za-z0-9_.]+", unit.removesuffix(".git"))
    digest = hashlib.sha256(unit.encode()).hexdigest()[:8]
    return f"{'-'.join(words[-2:]).strip('.')[-80:]}-{digest}.patch"


def _diff(outcome: UnitOutcome) -> str:
    """The diff alone, without the mail that a patch wraps it in."""
    if not outcome.diff:
        return ""
    text = str(unpack(outcome.diff))
    start = text.find("diff --git ") if outcome.commit else 0
    return text[start:].encode("utf-8", "replace").decode()
