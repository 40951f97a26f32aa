"""What a worker does with one unit. Everything it needs comes with the unit; what it returns is small."""

from __future__ import annotations

import json
import tempfile
import time
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from variantfix import disk
from variantfix.credentials import mask, mask_all
from variantfix.errors import VariantfixError
from variantfix.migrate import folders, git
from variantfix.migrate.hooks import run_command
from variantfix.migrate.part import Part, repair_project, repair_text
from variantfix.migrate.plans import digest, make_plan
from variantfix.migrate.unit import Options, Result, Unit, UnitOutcome, pack
from variantfix.repair.diff import diff_lines
from variantfix.terminal import one_line

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence


def migrate_batch(units: Iterable[Unit], options: Options) -> tuple[UnitOutcome, ...]:
    """`migrate_unit` over some units."""
    return tuple(migrate_unit(unit, options) for unit in units)


def migrate_unit(unit: Unit, options: Options) -> UnitOutcome:
    """Check or repair one unit; whatever goes wrong becomes part of the outcome.

    Of a folder nothing is written: its outcome holds a plan for `write_plan`. Doing a unit again has the same outcome.
    """
    start = time.monotonic()
    try:
        match unit.kind:
            case "text":
                outcome = _migrate_text(unit, options)
            case "folder":
                outcome = _migrate_folder(unit, options)
            case "git":
                outcome = _migrate_repository(unit, options)
    except VariantfixError as error:
        outcome = UnitOutcome(unit.name, "failed", str(error))
    except Exception as error:
        outcome = UnitOutcome(unit.name, "failed", mask(f"a bug of variantfix: {type(error).__name__}: {error}"))
    return replace(outcome, seconds=round(time.monotonic() - start, 4))


def _migrate_text(unit: Unit, options: Options) -> UnitOutcome:
    part = repair_text(unit.text, options)
    text = pack(part.after[disk.NAME]) if part.changed else b""
    return replace(_outcome(unit, [part], options), text=text)


def _migrate_folder(unit: Unit, options: Options) -> UnitOutcome:
    root = Path(unit.location, unit.path)
    part = repair_project(root, base=root, boundary=Path(unit.location), options=options)
    if not part.changed or not options.changes:
        return _outcome(unit, [part], options)
    return replace(_outcome(unit, [part], options), plan=make_plan(part.before, part.changed))


def _migrate_repository(unit: Unit, options: Options) -> UnitOutcome:
    with tempfile.TemporaryDirectory(
        prefix="variantfix-", dir=options.scratch or None, ignore_cleanup_errors=True
    ) as scratch:
        clone = git.clone(unit.location, unit.ref, f"{Path(scratch).resolve()}/clone", timeout=options.timeout)
        if clone is None:
            return UnitOutcome(unit.name, "clean")
        links = git.check_out(clone, options.branch)
        parts = list(_parts(Path(clone.folder), unit.path, frozenset(links), options))
        outcome = _outcome(unit, parts, options)
        if outcome.result != "changed" or not options.changes:
            return outcome
        changed = {file: text for part in parts for file, text in part.changed.items()}
        before = {file: text for part in parts for file, text in part.before.items()}
        for file, text in changed.items():
            disk.replace_below(Path(clone.folder), Path(file), digest(before[file]), text)
        commit, patch = git.commit(clone, changed, _message(parts, options), options.author)
        return _publish(replace(outcome, commit=commit, diff=pack(patch)), clone, options)


def _publish(outcome: UnitOutcome, clone: git.Clone, options: Options) -> UnitOutcome:
    """Push, and run the command, where that was asked for."""
    try:
        if options.push:
            git.push(clone, options.branch, outcome.commit)
        if options.command:
            run_command(outcome, clone, options)
    except VariantfixError as error:
        return replace(outcome, result="failed", error=str(error))
    return outcome


def _parts(clone: Path, path: str, links: frozenset[str], options: Options) -> Iterator[Part]:
    """Every project in a clone, or in one folder of it."""
    top = clone / path
    if path and not top.is_dir():
        yield Part(error=f"{path}: there is no {disk.NAME} in this folder")
    for project in folders.projects(top):
        # What a clone builds would run its code here.
        yield repair_project(top / project, base=clone, boundary=clone, options=options, links=links, no_build=True)


def _outcome(unit: Unit, parts: Sequence[Part], options: Options) -> UnitOutcome:
    before = {file: text for part in parts for file, text in part.before.items()}
    changed = {file: text for part in parts for file, text in part.changed.items()}
    diff = "".join(diff_lines({file: before[file] for file in changed}, changed))
    return UnitOutcome(
        unit.name,
        _result(parts, options),
        "; ".join(part.error for part in parts if part.error),
        sum(part.repaired for part in parts),
        sum(part.remaining for part in parts),
        json.dumps(mask_all([finding for part in parts for finding in part.findings])),
        json.dumps([(mask(file), file in changed) for file in before]),
        "; ".join(part.verdict for part in parts if part.verdict),
        pack(diff) if diff else b"",
    )


def _result(parts: Sequence[Part], options: Options) -> Result:
    if any(part.changed for part in parts):
        return "changed"
    if any(part.error and not (part.refused or part.foreign) for part in parts):
        return "failed"
    if any(part.refused for part in parts):
        return "refused"
    if any(part.remaining for part in parts):
        return "found" if options.check_only else "refused"
    return "foreign" if parts and all(part.foreign for part in parts) else "clean"


def _message(parts: Iterable[Part], options: Options) -> str:
    """The commit's message: the title, and a line for each finding that was repaired, or for what a change did."""
    if options.change:
        notes = dict.fromkeys(one_line(mask(f"- {note}")) for part in parts for note in part.notes)
        return "\n".join([options.title, "", *notes, ""])
    done = dict.fromkeys(
        one_line(mask(f"- {finding['file']}: [{finding['rule']}] {finding['fix']['title']}"))
        for part in parts
        for finding in part.findings
        if finding["status"] == "repaired"
    )
    return "\n".join([options.title, "", "variantfix repaired:", "", *done, ""])
