"""The flow: text in, findings or repaired text out; and the same over paths."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from variantfix import files as disk
from variantfix import toml
from variantfix.errors import InputError, VariantfixError
from variantfix.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Mapping

    from variantfix.plan import Plan
    from variantfix.rule import Finding

_MAY_MATTER = re.compile(r"torch|triton|xformers|fbgemm|variantfix", re.IGNORECASE)
"""Every family package's name holds one of these; a text without any has no variants."""


@dataclass(frozen=True, slots=True)
class Repair:
    """A plan, and the texts of the files before and after it, by file name."""

    plan: Plan
    before: Mapping[str, str]
    after: Mapping[str, str]

    @property
    def changed(self) -> tuple[str, ...]:
        """The files whose text the plan changes."""
        return tuple(file for file, text in self.after.items() if text != self.before[file])


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one path: its repair, or the error that stopped it."""

    path: str
    repair: Repair | None = None
    error: VariantfixError | None = None
    written: tuple[str, ...] = field(default=())


def check_text(text: str, *, file: str = disk.NAME, settings: Settings | None = None) -> tuple[Finding, ...]:
    """The findings on one pyproject.toml, given as text. No input or output is done.

    Raises `InputError` for a text that is not TOML or not a project, `ConfigError` for bad settings.
    """
    return plan_texts({file: text}, settings or Settings(), only_check=True).found


def apply_text(text: str, *, file: str = disk.NAME, settings: Settings | None = None) -> Repair:
    """One pyproject.toml, given as text, repaired and proved. No input or output is done.

    Raises as `check_text` does, and `ProofError` where the rewritten text is not what the plan says.
    """
    return repair_texts({file: text}, settings or Settings())


def repair_texts(texts: Mapping[str, str], settings: Settings) -> Repair:
    """A project or workspace, given as texts by file name with the root first, repaired and proved.

    Raises as `apply_text` does.
    """
    plan = plan_texts(texts, settings)
    after = dict(texts)
    for file, text in texts.items():
        edits = [edit for edit in plan.edits if edit.file == file]
        if edits:
            after[file] = toml.apply(text, edits)
            toml.prove(text, after[file], edits)
    return Repair(plan, dict(texts), after)


def plan_texts(texts: Mapping[str, str], settings: Settings, *, only_check: bool = False) -> Plan:
    """The plan for a project or workspace, given as texts by file name with the root first.

    With `only_check` its findings alone, without the edits. Raises as `check_text` does.
    """
    from variantfix.plan import Plan, find, make_plan
    from variantfix.rules import NAMES
    from variantfix.settings import read_settings

    data = {file: load(text, file) for file, text in texts.items()}
    root = next(iter(data))
    settings = settings.over(read_settings(root, data[root], NAMES))
    if not any(map(_MAY_MATTER.search, texts.values())):
        from variantfix.parse import parse

        parse(data)
        return Plan((), (), (), (), ())
    return find(data, settings) if only_check else make_plan(data, settings)


def load(text: str, file: str) -> dict[str, Any]:
    """The data of a TOML text; raises `InputError` with line and column where it does not parse."""
    try:
        return toml.loads(text)
    except ValueError as error:
        match = re.search(r"(.*) \(at (?:line (\d+), column (\d+)|end of document)\)", str(error))
        where = f":{match[2]}:{match[3]}" if match and match[2] else ""
        reason = match[1] if match else str(error)
        raise InputError(f"{file}{where}: not TOML: {reason}", hint="mend it first") from None


def process(path: str, settings: Settings, *, write: bool, only_check: bool = False) -> Outcome:
    """Check or repair what one path means: a file, a folder, a workspace's root, or `-`.

    With `write`, changed files are replaced, unless the path is `-`. Errors become part of the outcome.
    """
    try:
        texts = _read(path)
        if only_check:
            plan = plan_texts(texts, settings, only_check=True)
            return Outcome(path, Repair(plan, texts, texts))
        repair = repair_texts(texts, settings)
        written = repair.changed if write and path != disk.STDIN else ()
        for file in written:
            disk.write_text(Path(file), repair.after[file])
    except VariantfixError as error:
        return Outcome(path, error=error)
    return Outcome(path, repair, written=written)


def _read(path: str) -> dict[str, str]:
    if path == disk.STDIN:
        return {disk.STDIN: disk.read_stdin()}
    root = disk.find(Path(path))
    text = disk.read_text(root)
    texts = {str(root): text}
    if "workspace" in text:
        texts |= {str(file): disk.read_text(file) for file in disk.members(root, load(text, str(root)))}
    return texts
