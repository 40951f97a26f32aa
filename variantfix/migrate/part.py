"""One project or workspace of a unit: read within bounds, repaired, and put into plain data."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from variantfix import disk, toml
from variantfix.detect.beside import NONE, Evidence
from variantfix.errors import (
    ForeignError,
    InputError,
    NothingError,
    ProofError,
    UnansweredError,
    VariantfixError,
    VerifyError,
)
from variantfix.projects import evidence_beside
from variantfix.repair.pipeline import check_texts, repair_texts, unchanged
from variantfix.report.findings_json import finding
from variantfix.report.records import records
from variantfix.uv.parse import members

if TYPE_CHECKING:
    from collections.abc import Mapping

    from variantfix.change.requests import Request
    from variantfix.migrate.unit import Options
    from variantfix.repair.pipeline import Repair, RepairTexts
    from variantfix.settings import Settings


@dataclass(frozen=True, slots=True)
class Part:
    """What became of one project or workspace; texts by file name, findings as `variantfix schema` says.

    `refused` says that the error is a no to a project that could be read, `foreign` that it is not uv's. `verdict` is
    what uv said of the repair.
    """

    before: Mapping[str, str] = field(default_factory=dict)
    after: Mapping[str, str] = field(default_factory=dict)
    repaired: int = 0
    remaining: int = 0
    findings: tuple[Mapping[str, Any], ...] = ()
    notes: tuple[str, ...] = ()
    verdict: str = ""
    error: str = ""
    refused: bool = False
    foreign: bool = False

    @property
    def changed(self) -> dict[str, str]:
        """The new texts of the files that change."""
        return {file: text for file, text in self.after.items() if text != self.before[file]}


def repair_text(text: str, options: Options) -> Part:
    """Check or repair one text."""
    if len(text) > disk.MOST_TEXT:
        return Part(error=f"longer than {disk.MOST_TEXT} characters")
    return _repair({disk.NAME: text}, NONE, options, "", no_build=True)


def repair_project(
    root: Path,
    *,
    base: Path,
    boundary: Path,
    options: Options,
    links: frozenset[str] = frozenset(),
    no_build: bool = False,
) -> Part:
    """Check or repair the project or workspace in a folder; nothing is written.

    Names in the outcome are relative to `base`. A file that is not below `boundary`, whatever links lead to it, or
    that is one of `links`, is an error. `no_build` keeps the verification from building the project.
    """
    try:
        texts = _read(root, base, boundary, links)
        evidence = evidence_beside(next(iter(texts)))
    except InputError as error:
        return Part(error=str(error).removeprefix(f"{base}: ").replace(f"{base}{os.sep}", ""))
    return _repair(texts, evidence, options, f"{base}{os.sep}", no_build=no_build)


def _read(root: Path, base: Path, boundary: Path, links: frozenset[str]) -> dict[str, str]:
    """The texts of a project or workspace by path, root first. Raises `InputError`."""
    top = disk.find(root)
    text = _read_one(top, base, boundary, links)
    texts = {str(top): text}
    if "workspace" in text:
        try:
            found = members(str(top), toml.loads(text))
        except (ValueError, InputError):
            return texts  # the pipeline says where it is wrong
        texts |= {str(file): _read_one(file, base, boundary, links) for file in disk.members(top, *(found or ((), ())))}
    return texts


def _read_one(file: Path, base: Path, boundary: Path, links: frozenset[str]) -> str:
    if Path(os.path.relpath(file, base)).as_posix() in links:
        raise InputError(f"{file}: a symbolic link, and none is followed")
    try:
        real = file.resolve(strict=True)
    except (OSError, RuntimeError):
        raise InputError(f"{file}: a symbolic link that leads nowhere") from None
    if not real.is_relative_to(boundary.resolve()):
        raise InputError(f"{file}: leads out of what is to be migrated")
    try:
        return disk.read_text(real)
    except InputError as error:
        raise InputError(str(error).replace(str(real), str(file), 1)) from None


def _repair(texts: Mapping[str, str], evidence: Evidence, options: Options, base: str, *, no_build: bool) -> Part:
    """The outcome of the pipeline, with `base` taken off the names of files, also in what is said of them."""
    before = _relative(texts, base)
    try:
        repair = _run(texts, evidence, options, no_build=no_build)
    except ForeignError as error:
        return Part(before, before, error=str(error).replace(base, ""), foreign=True)
    except VariantfixError as error:
        words = f"\n{error.words}" if isinstance(error, VerifyError) and error.words else ""
        # A file that is TOML was understood and turned down; one that is not could not even be read.
        refused = not isinstance(error, (ProofError, UnansweredError)) and all(map(_is_toml, texts.values()))
        return Part(before, before, error=f"{error}{words}".replace(base, ""), refused=refused)
    plan = repair.plan
    findings = tuple(_without(base, finding(record)) for record in records(repair))
    after = _relative(repair.after, base)
    notes = tuple(note.replace(base, "") for note in repair.notes) if base else repair.notes
    return Part(before, after, len(plan.repaired), len(plan.remaining), findings, notes, repair.proof)


def _run(texts: Mapping[str, str], evidence: Evidence, options: Options, *, no_build: bool) -> Repair:
    if options.check_only:
        return check_texts(texts, options.settings, evidence)
    repair_by = _changed(options.change) if options.change else repair_texts
    if options.verify:
        from variantfix.verify.loop import repair_verified

        return repair_verified(texts, options.settings, evidence, no_build=no_build, repair_by=repair_by)
    return repair_by(texts, options.settings, evidence)


def _changed(change: Request) -> RepairTexts:
    """What carries a change out; a project in which it has nothing to do stays as it is."""
    from variantfix.change.requests import repair_by

    carry_out = repair_by(change)

    def repair(texts: Mapping[str, str], settings: Settings, evidence: Evidence, *, only: str = "") -> Repair:
        try:
            return carry_out(texts, settings, evidence, only=only)
        except NothingError:
            return unchanged(texts)

    return repair


def _relative(texts: Mapping[str, str], base: str) -> dict[str, str]:
    return {file.removeprefix(base): text for file, text in texts.items()}


def _is_toml(text: str) -> bool:
    try:
        toml.loads(text)
    except ValueError:
        return False
    return True


def _without(base: str, value: Any) -> Any:
    """Plain data with `base` taken out of every text in it."""
    match value:
        case str() if base:
            return value.replace(base, "")
        case dict():
            return {key: _without(base, item) for key, item in value.items()}
        case list():
            return [_without(base, item) for item in value]
    return value
