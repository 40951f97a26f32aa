"""The uv.lock at hand installs a build that a variant should not have.

The lock is read and walked as uv does it: for every variant, on Linux, Windows and macOS, and beside every extra and
group that can be on together with it. What is found is what `uv sync` installs today.

## Why it matters

A repaired file helps nobody who syncs from the old lock:

    $ uv sync --extra cpu
     + torch==2.6.0+cpu
     + torch==2.6.0+cu124

uv before 0.5.8 wrote such locks for files that newer ones lock rightly, and uv keeps a lock that still fits its file.

## What the fix does

Where another rule explains the leak, its fix is this one's too. Lock anew after it: `uv lock`. Where none does, the
file is right and the lock is old. uv keeps a lock that still fits its file: `uv lock --upgrade-package torch`, with a
newer uv, makes it anew. `variantfix verify` shows the whole matrix, and `variantfix verify --lock` that of the lock
that uv would make now.

Only a lock that agrees with the file is judged; a stale one is replaced by the next `uv lock` anyway.

## Example

```text
torch 2.6.0+cu124 is installed for cpu on linux-x86_64: a build for cu124 (app[cpu] -> accelerate -> torch)
```

## When to ignore it

Where the build that leaks is meant, and never imported.

Threads: astral-sh/uv#9734, #10783, #10843, #14237
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from variantfix.pytorch import catalog
from variantfix.rules.rule import Finding, Fix, Rule, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from variantfix.detect.audit.leaks import Leak
    from variantfix.detect.audit.matrix import Subject
    from variantfix.detect.context import Context


def check(ctx: Context) -> Iterator[Finding]:
    if ctx.evidence is None or ctx.evidence.beside is None:
        return
    # Imported late: only projects with a lock pay for reading it.
    from variantfix.detect.audit.matrix import matrix_at_hand

    found: dict[tuple[Subject, Leak], list[str]] = {}
    matrix = matrix_at_hand(ctx)
    for cell in matrix.leaking if matrix else ():
        # CUDA's libraries come with the build that leaks, and go with it.
        family = [leak for leak in cell.leaks if leak.package in catalog.family()]
        for leak in family or cell.leaks:
            found.setdefault((cell.subject, leak), []).append(cell.platform.name)
    explained = tuple(_explanations(ctx)) if found else ()
    for (subject, leak), platforms in found.items():
        # Of two builds at once, the way of either tells what brings both.
        ways = [other.path for of, other in found if of == subject and other.package == leak.package]
        names = {step.partition("[")[0] for way in ways for step in way}
        causes = [f for f in explained if _concerns(f, subject) and _named(f, names)]
        cause = max(causes, key=lambda f: _named(f, names), default=None)
        yield _finding(ctx, subject, leak, ", ".join(dict.fromkeys(platforms)), cause)


def _finding(ctx: Context, subject: Subject, leak: Leak, platforms: str, cause: Finding | None) -> Finding:
    fix = cause.fix if cause and cause.fix and _makes_stale(cause.fix) else None
    advice = f"lock anew with a newer uv: uv lock --upgrade-package {leak.package}"
    if cause and not cause.fix:
        advice = f"see {cause.rule}: {cause.advice}"
    project = ctx.workspace.member(subject.project) or ctx.workspace.root
    at = next((v.at for v in ctx.variants if v.scope in subject.scopes), project.base.at)
    return RULE.finding(
        f"{leak.package} {leak.version} is installed for {subject} on {platforms}: {leak.reason} "
        f"({' -> '.join(leak.path)})",
        at,
        variants=(subject.name,) if subject.name else (),
        fix=fix,
        advice=advice,
    )


def _makes_stale(fix: Fix) -> bool:
    """Whether a fix has uv lock anew: it keeps a lock that fits, and a required version is no part of it."""
    return any(edit.at != ("tool", "uv", "required-version") for edit in fix.edits)


def _explanations(ctx: Context) -> Iterator[Finding]:
    """What the other rules find: nearly every leak is written in the file."""
    from variantfix.rules import RULES

    for rule in RULES:
        is_of_file = rule.name not in (RULE.name, "old-lock") and rule.severity is Severity.ERROR
        if is_of_file and ctx.settings.wants(rule.name):
            yield from rule.check(ctx)


def _concerns(finding: Finding, subject: Subject) -> bool:
    return not finding.variants or subject.name in finding.variants


def _named(finding: Finding, packages: set[str]) -> int:
    """How many of some packages a finding is about."""
    words = set(re.findall(r"[a-z0-9]+(?:[-_.][a-z0-9]+)*", finding.message.lower()))
    return len(words & packages)


RULE = Rule("leaking-lock", Severity.ERROR, __doc__, check)
