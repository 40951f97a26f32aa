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

from typing import TYPE_CHECKING

from variantfix.pytorch import catalog
from variantfix.rules.rule import Finding, Rule, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from variantfix.detect.audit.cells import Subject
    from variantfix.detect.audit.judge import Judged
    from variantfix.detect.audit.leaks import Leak
    from variantfix.detect.context import Context


def check(ctx: Context) -> Iterator[Finding]:
    found: dict[tuple[Subject, Leak], list[str]] = {}
    for judged in _leaking(ctx):
        # CUDA's libraries come with the build that leaks, and go with it.
        family = [leak for leak in judged.leaks if leak.package in catalog.family()]
        for leak in family or judged.leaks:
            found.setdefault((judged.case.subject, leak), []).append(judged.case.platform.name)
    for (subject, leak), platforms in found.items():
        # Of two builds at once, the way of either tells what brings both.
        ways = [other.path for of, other in found if of == subject and other.package == leak.package]
        names = dict.fromkeys(step.partition("[")[0] for way in (leak.path, *ways) for step in way)
        yield _finding(ctx, subject, leak, ", ".join(dict.fromkeys(platforms)), tuple(names))


def _leaking(ctx: Context) -> tuple[Judged, ...]:
    if ctx.lock is None:
        return ()
    from variantfix.detect.audit.judge import leaking_beside  # only projects with a lock pay for reading it

    return leaking_beside(ctx)


def _finding(ctx: Context, subject: Subject, leak: Leak, platforms: str, packages: tuple[str, ...]) -> Finding:
    project = ctx.workspace.member(subject.project) or ctx.workspace.root
    at = next((v.at for v in ctx.variants if v.scope in subject.scopes), project.base.at)
    return RULE.finding(
        f"{leak.package} {leak.version} is installed for {subject} on {platforms}: {leak.reason} "
        f"({' -> '.join(leak.path)})",
        at,
        variants=(subject.name,) if subject.name else (),
        packages=packages,
        advice=f"lock anew with a newer uv: uv lock --upgrade-package {leak.package}",
    )


RULE = Rule("leaking-lock", Severity.ERROR, __doc__, check)
