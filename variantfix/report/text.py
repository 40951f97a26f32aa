"""The text format: one line a finding, its fix below it, a unified diff, a summary."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from variantfix.disk import STDIN
from variantfix.errors import ForeignError, NothingError, VerifyError
from variantfix.projects import Failed, done, failed
from variantfix.report.paint import painter, say
from variantfix.rules.rule import Safety, Severity
from variantfix.terminal import one_line

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Sequence

    from variantfix.detect.variants import Variant
    from variantfix.projects import Outcome
    from variantfix.repair.pipeline import Repair
    from variantfix.report.paint import Paint
    from variantfix.rules.rule import Finding


_RAISED = " (brought up by another repair)"


def write_findings(
    repair: Repair, findings: Iterable[Finding], stream: TextIO, *, fixed: Collection[Finding] = ()
) -> None:
    """Write findings as `path:line: severity: [rule] message`, each with its fix, or with what to do, on a line below.

    They come in the order of files and lines; those that only another repair brings up say so. The fixes of those that
    are `fixed` were carried out.
    """
    paint = painter(stream)
    order = {file: number for number, file in enumerate(repair.before)}
    for finding in sorted(findings, key=lambda f: (order[f.at.file], f.region, f.rule, f.message)):
        colour = "bold red" if finding.severity is Severity.ERROR else "bold yellow"
        where = paint(f"{one_line(finding.file)}:{finding.line}:", "bold")
        said = one_line(finding.message) + _RAISED * (finding in repair.plan.raised)
        say(f"{where} {paint(f'{finding.severity.value}:', colour)} [{finding.rule}] {said}", stream)
        for remedy in _remedy(finding, paint, is_done=finding in fixed):
            say(f"    {remedy}", stream)


def write_variants(repair: Repair, stream: TextIO) -> None:
    """Write the variants that were found, and what told each."""
    paint = painter(stream)
    for variant in repair.plan.variants:
        name = paint(f"{variant.scope.kind} {variant.spelling}", "bold")
        say(f"{variant.at.file}: {name} is {_accelerators(variant)}, by {variant.told_by}", stream)
    if not repair.plan.variants:
        say(f"{next(iter(repair.before))}: no variants", stream)


def _accelerators(variant: Variant) -> str:
    vendor = f" of {variant.accelerator.vendor}" if variant.accelerator.vendor else ""
    parts = (f"{part.accelerator.tag} where {part.marker or 'nothing else holds'}" for part in variant.parts)
    return "; ".join(parts) or f"{variant.accelerator.tag}{vendor}"


def _remedy(finding: Finding, paint: Paint, *, is_done: bool) -> Iterator[str]:
    if finding.fix is None:
        if finding.advice:
            yield f"{paint('to do:', 'yellow')} {one_line(finding.advice)}"
        return
    unsafe = finding.fix.safety is Safety.UNSAFE
    label = "fixed:" if is_done else "fix with --unsafe:" if unsafe else "fix:"
    yield f"{paint(label, 'green')} {one_line(finding.fix.title)}"
    if unsafe and not is_done and finding.advice:
        yield f"{paint('or:', 'yellow')} {one_line(finding.advice)}"


def write_error(outcome: Failed, stream: TextIO, *, alone: bool = True) -> None:
    """Write the error that stopped one path, on one line.

    That it is not uv's, or has nothing to do for what is asked, is none where others are.
    """
    if isinstance(outcome.error, ForeignError | NothingError) and not alone:
        say(str(outcome.error), stream)
        return
    error, words = outcome.error, getattr(outcome.error, "words", "")
    where = f"{outcome.path}: " if isinstance(error, VerifyError) and words and outcome.path not in (".", STDIN) else ""
    said = str(error) if str(error).startswith(where) else f"{where}{error}"
    say(f"{painter(stream)('error:', 'bold red')} {said}", stream)
    for line in words.splitlines():
        say(f"    {line}", stream)


def summary(outcomes: Iterable[Outcome], *, verb: str) -> str:
    """One line with counts over all outcomes; `verb` says what became of the repaired findings."""
    listed = tuple(outcomes)
    repairs = [outcome.repair for outcome in done(listed)]
    repaired = sum(len(repair.plan.repaired) for repair in repairs)
    remaining = sum(len(repair.plan.remaining) for repair in repairs)
    ignored = sum(len(repair.plan.ignored) for repair in repairs)
    parts = [f"{_count(repaired, 'finding')} {verb}"] if repaired else []
    if remaining:
        parts.append(f"{_count(remaining, 'finding')}{' left' if repaired else ''}")
    if ignored:
        parts.append(f"{ignored} ignored")
    if files := sum(len(repair.before) for repair in repairs):
        changed = sum(len(repair.changed) for repair in repairs)
        parts = [f"{', '.join(parts) or 'nothing to fix'} in {_count(files, 'file')}"]
        if changed and not repaired:  # by a change that was asked for
            parts = [f"{_count(changed, 'file')} {verb.replace('repaired', 'changed')}", *(parts if remaining else ())]
    return "; ".join((*parts, *_stopped(failed(listed))))


def _stopped(outcomes: Sequence[Failed]) -> Iterator[str]:
    """How many paths are not for uv, have nothing to do for what is asked, or failed."""
    foreign, idle = (
        sum(isinstance(outcome.error, kind) for outcome in outcomes) for kind in (ForeignError, NothingError)
    )
    if foreign:
        yield f"{foreign} not for uv"
    if idle:
        yield f"{idle} with nothing to do"
    if count := len(outcomes) - foreign - idle:
        yield f"{_count(count, 'path')} failed"


def unknown(outcomes: Iterable[Outcome]) -> Iterator[str]:
    """What a run could not know: packages that may bring torch, and what their indexes did not tell."""
    listed = done(outcomes)
    asked = [line for outcome in listed for line in outcome.untold]
    if asked:
        yield f"not told by the indexes: {'; '.join(asked[:3])}{' …' if len(asked) > 3 else ''}"
    elif count := sum(outcome.repair.plan.unknown for outcome in listed):
        packages, they = ("package is", "it brings") if count == 1 else ("packages are", "they bring")
        yield f"{count} {packages} not known here: a uv.lock beside the file, or --online, tells whether {they} torch"


def next_steps(outcomes: Sequence[Outcome], *, applied: bool, locks: bool) -> Iterator[str]:
    """What to do next, a line each; `applied` says that files were repaired, `locks` that one lies beside them."""
    repairs = [outcome.repair for outcome in done(outcomes)]
    changed = [repair for repair in repairs if repair.changed] if applied else []
    if changed:
        stale = ", since uv.lock is stale now" if locks else ""
        yield f"next{_place(changed)}: `uv lock`{stale}; then `{_sync(changed)}`"
    left = [finding for repair in repairs for finding in repair.plan.remaining]
    told = left if applied else [*left, *(finding for repair in repairs for finding in repair.plan.repaired)]
    fixes = [finding.fix.safety for finding in told if finding.fix]
    safe, unsafe = (sum(fix is safety for fix in fixes) for safety in (Safety.SAFE, Safety.UNSAFE))
    steps = [f"`variantfix apply{_paths(outcomes)}` repairs {safe}"] if safe and not applied else []
    if unsafe:
        steps.append(f"--unsafe repairs {unsafe}{' more' if safe else ''}")
    if told:
        rules = list(dict.fromkeys(finding.rule for finding in told))
        steps.append(f"`variantfix explain {rules[0] if len(rules) == 1 else 'RULE'}` tells more")
        yield f"next: {', '.join(steps)}"


def _paths(outcomes: Sequence[Outcome]) -> str:
    """The paths where something is found, as a shell takes them; none for the folder at hand, no more than fit."""
    paths = [o.path for o in done(outcomes) if o.repair.plan.repaired or o.repair.plan.remaining]
    if paths == ["."]:
        return ""
    return f" {one_line(shlex.join(paths))}" if len(paths) < 4 else " …"


def _place(repairs: Sequence[Repair]) -> str:
    """Where the files are that were repaired, if not here."""
    folders = {str(Path(next(iter(repair.before))).parent) for repair in repairs}
    return "" if folders == {"."} else f", in {folders.pop()}" if len(folders) == 1 else ", in each"


def _sync(repairs: Iterable[Repair]) -> str:
    """The command that installs the first variant there is."""
    variants = (variant for repair in repairs for variant in repair.plan.variants)
    first = next((v for v in variants if v.scope.kind != "base"), None)
    from variantfix.detect.variants import sync

    return sync(first.scope, first.spelling) if first else "uv sync"


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"
