"""The flow: text in, findings or repaired text out. Pure; `variantfix.projects` does it for paths."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from variantfix import memo, toml
from variantfix.detect.beside import NONE, Evidence, LockFile
from variantfix.errors import ConfigError, ForeignError, InputError, VerifyError
from variantfix.namedtuple import NamedTuple
from variantfix.rules.rule import Plan
from variantfix.settings import Fault, Settings, parse_settings, refusal
from variantfix.uv.foreign import foreign

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Protocol

    from variantfix.detect.audit.matrix import Matrix
    from variantfix.rules.rule import Finding
    from variantfix.toml import Edit
    from variantfix.uv.project import Scope

    class RepairTexts(Protocol):
        """What repairs texts."""

        def __call__(
            self, texts: Mapping[str, str], settings: Settings, evidence: Evidence, *, only: str = ""
        ) -> Repair:
            """Repair texts under settings with the locks at hand, as `repair_texts` does; it may have uv prove it."""


_MAY_MATTER = re.compile(r"torch|triton|xformers|fbgemm|rocm|variantfix", re.IGNORECASE)
"""Every family package's name holds one of these; a text without any has no variants."""


_MOST_WORK = 40 * 2**20
"""Characters of a text times its edits: each edit looks at the whole text."""


class Repair(NamedTuple):
    """A plan, and the texts of the files before and after it, by file name.

    `proof` says by what the outcome was verified; it is empty where that was not asked for. `notes` say what was done
    on demand, beside what findings name.
    """

    plan: Plan
    before: Mapping[str, str]
    after: Mapping[str, str]
    proof: str = ""
    notes: tuple[str, ...] = ()

    @property
    def changed(self) -> tuple[str, ...]:
        """The files whose text the plan changes."""
        return tuple(file for file, text in self.after.items() if text != self.before[file])

    def _repr_html_(self) -> str:
        """How a notebook shows it: its diff."""
        from variantfix.repair.diff import diff_html

        return diff_html(self.before, self.after)


def check_text(
    text: str, *, file: str = "pyproject.toml", settings: Settings | None = None, lock: str | None = None
) -> tuple[Finding, ...]:
    """The findings on one pyproject.toml, given as text, with that of its uv.lock. No input or output is done.

    They come in the order of lines. Raises `InputError` for a text that is not TOML or not a project, `ForeignError`
    for a project of another tool, `ConfigError` for bad settings.

    >>> check_text("project = { name = 'app', version = '1', dependencies = ['numpy'] }")
    ()
    >>> (finding,) = check_text('''
    ... [project]
    ... name = "app"
    ... version = "1"
    ... dependencies = ["torch"]
    ...
    ... [tool.uv]
    ... default-extras = ["gpu"]
    ... ''')
    >>> finding.rule, finding.severity.value, finding.line, finding.column
    ('unknown-uv-key', 'error', 8, 1)
    """
    return check_texts({file: text}, settings or Settings(), at_hand(lock)).plan.found


def apply_text(
    text: str, *, file: str = "pyproject.toml", settings: Settings | None = None, lock: str | None = None
) -> Repair:
    """One pyproject.toml, given as text, with that of its uv.lock, repaired and proved. No input or output is done.

    Raises as `check_text` does, and `ProofError` where the rewritten text is not what the plan says.

    >>> text = '''
    ... [project]
    ... name = "app"
    ... version = "1"
    ... optional-dependencies = { cpu = ["torch"], cu128 = ["torch"] }
    ... '''
    >>> repair = apply_text(text)
    >>> repair.changed
    ('pyproject.toml',)
    >>> repair.after["pyproject.toml"].startswith(text)
    True
    >>> apply_text(repair.after["pyproject.toml"]).changed
    ()
    """
    return repair_texts({file: text}, settings or Settings(), at_hand(lock))


def verify_text(text: str, lock: str, *, file: str = "pyproject.toml", settings: Settings | None = None) -> Matrix:
    """What a uv.lock installs for each variant of a pyproject.toml on each platform, both given as text.

    Raises as `check_text` does, `InputError` for a lock that cannot be read, and `VerifyError` for one that is stale:
    it proves nothing of this text.
    """
    from variantfix.detect.audit.matrix import make_matrix
    from variantfix.repair.plan import context

    ctx = context(*load_all({file: text}, settings or Settings()))
    beside = LockFile(lock)
    if stale := beside.staleness(ctx.workspace):
        raise VerifyError(f"uv.lock is stale: {stale}", hint="uv lock")
    return make_matrix(ctx, beside.lock)


def at_hand(lock: str | None) -> Evidence:
    """What the text of a uv.lock at hand, or None, is as evidence."""
    return NONE if lock is None else Evidence(LockFile(lock))


def repair_texts(
    texts: Mapping[str, str],
    settings: Settings,
    evidence: Evidence = NONE,
    new: frozenset[Scope] = frozenset(),
    *,
    only: str = "",
    wrap: bool = True,
) -> Repair:
    """A project or workspace, given as texts by file name with the root first, repaired and proved.

    What is `new` in it cannot be harmed. `only` is the one file that is to be repaired, by default all are; `wrap` as
    in `edited`. Raises as `apply_text` does.
    """
    plan = plan_texts(texts, settings, evidence, new=new, only=only)
    return Repair(plan, dict(texts), edited(texts, plan.edits, wrap=wrap))


def edited(texts: Mapping[str, str], edits: Sequence[Edit], *, wrap: bool = True) -> dict[str, str]:
    """The texts with the edits done, each rewrite proved.

    Without `wrap` arrays stay on their lines, so that what is taken back leaves the texts as they were. Raises
    `InputError` for an edit that a text has no room for, and for more of them than can be done in time; `ProofError`
    where a rewrite is not what the edits say.
    """
    after = dict(texts)
    for file, text in texts.items():
        own = [edit for edit in edits if edit.file == file]
        if own:
            if len(own) * len(text) > _MOST_WORK:
                raise InputError(
                    f"{file}: {len(own)} edits in {len(text)} characters take too long",
                    hint="--select some rules first",
                )
            try:
                after[file] = toml.apply(text, own, wrap=wrap)
            except ValueError as error:
                raise InputError(f"{file}: {error}", hint="write it as a list of values first") from None
            toml.prove(text, after[file], own)
    return after


def check_texts(texts: Mapping[str, str], settings: Settings, evidence: Evidence = NONE, *, only: str = "") -> Repair:
    """A project or workspace as `repair_texts` takes it, checked: its findings, and the texts as they are.

    The findings are also those that a repair would bring up. Raises as `check_text` does.
    """
    plan = _plan(texts, settings, evidence, frozenset(), only)
    found = (*plan.found, *plan.raised)
    plan = plan._replace(found=found, edits=(), repaired=(), remaining=found)
    return Repair(_placed(plan, texts), texts, texts)


def unchanged(texts: Mapping[str, str]) -> Repair:
    """The repair of texts in which there is nothing to do."""
    return Repair(Plan((), ()), texts, texts)


def plan_texts(
    texts: Mapping[str, str],
    settings: Settings,
    evidence: Evidence = NONE,
    *,
    new: frozenset[Scope] = frozenset(),
    only: str = "",
) -> Plan:
    """The plan for a project or workspace, given as texts by file name with the root first.

    `new` and `only` are as for `repair_texts`. Raises as `check_text` does.
    """
    return _placed(_plan(texts, settings, evidence, new, only), texts)


def _plan(texts: Mapping[str, str], settings: Settings, evidence: Evidence, new: frozenset[Scope], only: str) -> Plan:
    data, settings = load_all(texts, settings)
    root = next(iter(data))
    if evidence.beside is None and (reason := foreign(data[root])):
        raise ForeignError(f"{root}: not for uv: {reason}")
    if not any(map(_MAY_MATTER.search, texts.values())):
        from variantfix.uv.parse import parse

        parse(data)
        return Plan((), ())
    # Imported for those that go on: most files have nothing to do with torch.
    from variantfix.repair.ignores import read_ignores
    from variantfix.repair.plan import make_plan

    return make_plan(data, settings, evidence, read_ignores(texts), new, only)


def _placed(plan: Plan, texts: Mapping[str, str]) -> Plan:
    if not (plan.found or plan.repaired or plan.remaining or plan.ignored):
        return plan
    from variantfix.repair.placed import placed

    return placed(plan, texts)


def load_all(texts: Mapping[str, str], settings: Settings) -> tuple[dict[str, dict[str, Any]], Settings]:
    """The data of each text, and the settings with those of the first one below them.

    Raises `InputError` for a text that is not TOML, `ConfigError` for bad settings.
    """
    memo.reading(sum(map(len, texts.values())))
    data = {file: load(text, file) for file, text in texts.items()}
    root = next(iter(data))
    tool = data[root].get("tool")
    if not isinstance(tool, dict) or "variantfix" not in tool:
        return data, settings  # a tool that is no table is for the parser to refuse
    from variantfix.rules.every import NAMES

    own, faults = parse_settings(root, data[root], NAMES)
    faults += (fault for name, tag in own.accelerators.items() if (fault := _untold(name, tag)))
    if faults:
        layout = toml.scan(texts[root])
        lines = {fault: layout.region(("tool", "variantfix", fault.key)).line for fault in faults}
        faults.sort(key=lines.__getitem__)
        raise refusal(faults, lambda fault: f"{root}:{lines[fault]}: [tool.variantfix]{fault.message}")
    return data, settings.over(own)


def _untold(name: str, tag: str) -> Fault | None:
    """Why a tag that the settings tell for a name is that of no accelerator; None where it is one."""
    from variantfix.detect.variants import told_accelerator

    try:
        told_accelerator(name, tag)
    except ConfigError as error:
        return Fault("variants", f": variants: {error.args[0]}", error.hint)
    return None


@memo.kept
def _data(text: str) -> dict[str, Any]:
    """What a text holds, which nobody changes: a workspace's root is read for its members before it is for itself."""
    return toml.loads(text)


def load(text: str, file: str) -> dict[str, Any]:
    """The data of a TOML text; raises `InputError` with line and column where it does not parse."""
    try:
        return _data(text)
    except ValueError as error:
        match = re.search(r"(.*) \(at (?:line (\d+), column (\d+)|end of document)\)", str(error))
        where = f":{match[2]}:{match[3]}" if match and match[2] else ""
        reason = match[1] if match else str(error)
        raise InputError(f"{file}{where}: not TOML: {reason}", hint="mend it first") from None
