"""The flow: text in, findings or repaired text out; and the same over paths."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from variantfix import disk, toml
from variantfix.detect.beside import NONE, Evidence, LockFile
from variantfix.errors import InputError, VariantfixError
from variantfix.rules.rule import Plan
from variantfix.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from variantfix.rules.rule import Finding

    Prove = Callable[[Mapping[str, str], Settings, Evidence], "Repair"]
    """Repairs texts under settings with the locks at hand, as `repair_texts` does, and has uv prove it."""

_MAY_MATTER = re.compile(r"torch|triton|xformers|fbgemm|variantfix", re.IGNORECASE)
"""Every family package's name holds one of these; a text without any has no variants."""


@dataclass(frozen=True, slots=True)
class Repair:
    """A plan, and the texts of the files before and after it, by file name.

    `proof` says by what the outcome was verified; it is empty where that was not asked for.
    """

    plan: Plan
    before: Mapping[str, str]
    after: Mapping[str, str]
    proof: str = ""

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


def check_text(
    text: str, *, file: str = disk.NAME, settings: Settings | None = None, lock: str | None = None
) -> tuple[Finding, ...]:
    """The findings on one pyproject.toml, given as text, with that of its uv.lock. No input or output is done.

    Raises `InputError` for a text that is not TOML or not a project, `ConfigError` for bad settings.
    """
    return plan_texts({file: text}, settings or Settings(), _locked(lock), only_check=True).found


def apply_text(
    text: str, *, file: str = disk.NAME, settings: Settings | None = None, lock: str | None = None
) -> Repair:
    """One pyproject.toml, given as text, with that of its uv.lock, repaired and proved. No input or output is done.

    Raises as `check_text` does, and `ProofError` where the rewritten text is not what the plan says.
    """
    return repair_texts({file: text}, settings or Settings(), _locked(lock))


def _locked(lock: str | None) -> Evidence:
    return NONE if lock is None else Evidence(LockFile(lock))


def evidence_beside(root: str) -> Evidence:
    """What lies beside a root's file: its uv.lock, and whether there is a uv.toml."""
    return replace(_locked(disk.read_lock(root)), uv_toml=disk.has_uv_toml(root))


def repair_texts(texts: Mapping[str, str], settings: Settings, evidence: Evidence = NONE) -> Repair:
    """A project or workspace, given as texts by file name with the root first, repaired and proved.

    Raises as `apply_text` does.
    """
    plan = plan_texts(texts, settings, evidence)
    after = dict(texts)
    for file, text in texts.items():
        edits = [edit for edit in plan.edits if edit.file == file]
        if edits:
            after[file] = toml.apply(text, edits)
            toml.prove(text, after[file], edits)
    return Repair(plan, dict(texts), after)


def plan_texts(
    texts: Mapping[str, str], settings: Settings, evidence: Evidence = NONE, *, only_check: bool = False
) -> Plan:
    """The plan for a project or workspace, given as texts by file name with the root first.

    With `only_check` its findings alone, without the edits. Raises as `check_text` does.
    """
    data, settings = load_all(texts, settings)
    if not any(map(_MAY_MATTER.search, texts.values())):
        from variantfix.uv.parse import parse

        parse(data)
        return Plan((), ())
    from variantfix.repair.ignores import read_ignores
    from variantfix.repair.plan import find, make_plan

    ignores = read_ignores(texts)
    return (find if only_check else make_plan)(data, settings, evidence, ignores)


def load_all(texts: Mapping[str, str], settings: Settings) -> tuple[dict[str, dict[str, Any]], Settings]:
    """The data of each text, and the settings with those of the first one below them.

    Raises `InputError` for a text that is not TOML, `ConfigError` for bad settings.
    """
    data = {file: load(text, file) for file, text in texts.items()}
    root = next(iter(data))
    tool = data[root].get("tool")
    if not isinstance(tool, dict) or "variantfix" not in tool:
        return data, settings  # a tool that is no table is for the parser to refuse
    from variantfix.rules import NAMES
    from variantfix.settings import read_settings

    return data, settings.over(read_settings(root, data[root], NAMES))


def load(text: str, file: str) -> dict[str, Any]:
    """The data of a TOML text; raises `InputError` with line and column where it does not parse."""
    try:
        return toml.loads(text)
    except ValueError as error:
        match = re.search(r"(.*) \(at (?:line (\d+), column (\d+)|end of document)\)", str(error))
        where = f":{match[2]}:{match[3]}" if match and match[2] else ""
        reason = match[1] if match else str(error)
        raise InputError(f"{file}{where}: not TOML: {reason}", hint="mend it first") from None


def process(
    path: str, settings: Settings, *, write: bool, only_check: bool = False, repair_by: Prove = repair_texts
) -> Outcome:
    """Check or repair what one path means: a file, a folder, a workspace's root, or `-`.

    With `write`, changed files are replaced, unless the path is `-`. Errors become part of the outcome.
    """
    try:
        texts = read(path)
        if around := _workspace_around(path, texts):
            settings, texts = replace(settings, file=next(iter(texts))), around
        evidence = evidence_beside(next(iter(texts)))
        if only_check:
            plan = plan_texts(texts, settings, evidence, only_check=True)
            return Outcome(path, _of(Repair(plan, texts, texts), settings.file))
        repair = _of(repair_by(texts, settings, evidence), settings.file)
        written = repair.changed if write and path != disk.STDIN else ()
        disk.write_texts({Path(file): repair.after[file] for file in written})
    except VariantfixError as error:
        return Outcome(path, error=error)
    return Outcome(path, repair, written=written)


def _workspace_around(path: str, texts: Mapping[str, str]) -> dict[str, str]:
    """The texts of the workspace that a lone project is a member of, the project's under its own name; else none.

    A member takes indexes and conflicts from its root, so that it cannot be judged alone.
    """
    if path == disk.STDIN or len(texts) > 1:
        return {}
    ((file, text),) = texts.items()
    root = workspace_above(Path(file))
    if root is None:
        return {}
    own = Path(file).resolve()
    around = {name: each for name, each in read(str(root)).items() if Path(name).resolve() != own}
    return {str(root): around.pop(str(root)), file: text, **around}


def workspace_above(file: Path) -> Path | None:
    """The root of the workspace above a project that counts it among its members; None where there is none.

    Raises `InputError` where a file on the way cannot be read.
    """
    own = file.resolve()
    for folder in own.parent.parents:
        root = folder / disk.NAME
        text = disk.read_text(root) if root.is_file() else ""
        members = disk.members(root, load(text, str(root))) if "workspace" in text else ()
        if own in (member.resolve() for member in members):
            return root
    return None


def _of(repair: Repair, file: str) -> Repair:
    """A repair of one file of several, where only that one was meant."""
    if not file:
        return repair
    return replace(repair, before={file: repair.before[file]}, after={file: repair.after[file]})


def lock_note(texts: Mapping[str, str]) -> str:
    """Say what becomes of the uv.lock beside some texts, whose data is sound; empty where there is none."""
    from variantfix.uv.parse import parse

    root = next(iter(texts))
    text = disk.read_lock(root)
    if text is None:
        return ""
    place = Path(root).with_name(disk.LOCK)
    stale = LockFile(text).staleness(parse({file: load(each, file) for file, each in texts.items()}))
    return f"{place}: stale, {stale}: what it holds proves nothing" if stale else f"{place}: fresh, and read"


def read(path: str) -> dict[str, str]:
    """The texts that a path means, by file name, root first. Raises `InputError` for one that cannot be read."""
    if path == disk.STDIN:
        return {disk.STDIN: disk.read_stdin()}
    root = disk.find(Path(path))
    text = disk.read_text(root)
    texts = {str(root): text}
    if "workspace" in text:
        texts |= {str(file): disk.read_text(file) for file in disk.members(root, load(text, str(root)))}
    return texts
