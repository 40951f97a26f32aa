"""`exclude-newer` is older than every build that a requirement admits on its PyTorch index.

`exclude-newer` leaves out what was uploaded after a date. It holds for the PyTorch indexes too: they tell upload times
since April 2026, in a way that uv 0.8.4 reads and 0.5.5 does not. A time there is that of the file's last writing,
which can be months after the release. Before, and on most mirrors still, no time was told, and every build was hidden.

## Why it matters

    error: No solution found when resolving dependencies
      cause: Because there are no versions of torch and your project depends on torch, …

    hint: `torch` was filtered by `exclude-newer` to only include packages uploaded before 2024-06-01T00:00:00Z. …

## Example

```toml
[project.optional-dependencies]
cpu = ["torch>=2.7"]

[tool.uv]
exclude-newer = "2024-06-01T00:00:00Z"
```

With `--unsafe`, the packages that come from a PyTorch index are exempted:

```toml
[tool.uv]
exclude-newer = "2024-06-01T00:00:00Z"
exclude-newer-package = { torch = false }
```

The fix is unsafe since it lifts a bound that was set on purpose. It needs uv 0.9.26: uv 0.9.22 does not parse the
`false`, and drops all of `[tool.uv]` for it, the date included. `exclude-newer = false` on the index does the same from
uv 0.11.5 on, with a warning that it is experimental; older ones pass over it.

A span such as `7 days` and mirrors are not judged.

## When to ignore it

Never: uv refuses such a project.

Threads: astral-sh/uv#16846, #18839, pytorch/test-infra#8000, #8139
"""

from __future__ import annotations

import re
from datetime import date, timedelta
from typing import TYPE_CHECKING

from variantfix.pytorch import accelerator, catalog
from variantfix.pytorch.accelerator import without_local
from variantfix.pytorch.certainty import surest
from variantfix.rules.rule import Finding, Fix, Rule, Safety, Severity
from variantfix.toml import Edit, Put
from variantfix.uv.project import normalise

if TYPE_CHECKING:
    from collections.abc import Iterator

    from variantfix.detect.context import Context
    from variantfix.pytorch.certainty import Certainty
    from variantfix.uv.project import Index, Project, Requirement

_NEVER = "9999-12-01"
_PATH = ("tool", "uv", "exclude-newer-package")


def check(ctx: Context) -> Iterator[Finding]:
    root = ctx.workspace.root
    if root.uv.exclude_newer is None:
        return
    hidden: dict[str, str] = {}
    known: list[Certainty] = []
    for project in ctx.workspace.projects:
        for requirement, index in _served(ctx, project):
            oldest = _oldest(requirement, index)
            if oldest and _is_before(_bound(ctx, requirement.name, index), oldest):
                hidden[requirement.name] = min(oldest, hidden.get(requirement.name, oldest))
                known.append(_how_known(requirement, index))
    if hidden:
        names = sorted(hidden, key=lambda name: (name != "torch", name))
        oldest = ", ".join(f"{name} ({hidden[name]})" for name in names)
        yield RULE.finding(
            f"exclude-newer is older than the first admitted build of {oldest}: uv finds no version",
            root.place("tool", "uv", "exclude-newer"),
            fix=Fix(f"exempt {', '.join(names)} (uv 0.9.26 or later)", tuple(_edits(root, names)), Safety.UNSAFE),
            advice="take a later date, or lower the bounds of the packages",
            known=surest(known),
        )


def _served(ctx: Context, project: Project) -> Iterator[tuple[Requirement, Index]]:
    """The requirements of a project that a PyTorch index serves, each with that index."""
    for section in project.sections.values():
        for requirement in (r for r in section.requirements if not r.url):
            for source in ctx.workspace.sources(project, requirement.name):
                index = ctx.workspace.index_of(project, source) if source.applies_to(section.scope) else None
                if index and "://download.pytorch.org/" in index.url:
                    yield requirement, index


def _oldest(requirement: Requirement, index: Index) -> str:
    """The day or month of the first release that a requirement admits on an index; empty where that is not known."""
    told = accelerator.from_url(index.url)
    if told is None or "/nightly/" in index.url:
        return ""
    versions = catalog.admitted(requirement.name, told.tag, without_local(requirement.specifier))
    dates = [catalog.released_on(requirement.name, version) for version in versions]
    return min(filter(None, dates), default="") if all(dates) else ""


def _is_before(bound: str, released: str) -> bool:
    """Whether a date leaves out what was released on a day, or in a month."""
    if len(released) < len(bound):
        return bound[: len(released)] < released
    # A date ends where whoever locks is, up to a day later than where it was released.
    return date.fromisoformat(bound) + timedelta(days=1) < date.fromisoformat(released)


def _how_known(requirement: Requirement, index: Index) -> Certainty:
    """How sure it is that the index has what a requirement admits."""
    told = accelerator.from_url(index.url)
    tag = told.tag if told else ""
    return catalog.hosted(requirement.name, tag, without_local(requirement.specifier)).certainty


def _bound(ctx: Context, package: str, index: Index) -> str:
    """The date that holds for a package on an index; later than any where it is none."""
    root = ctx.workspace.root
    packages = {normalise(name): until for name, until in root.uv.exclude_newer_packages.items()}
    told = [packages.get(package), index.exclude_newer]
    until = next((until for until in told if until is not None), root.uv.exclude_newer)
    match = re.match(r"\d{4}-\d{2}-\d{2}", str(until))
    return match[0] if match and False not in told else _NEVER


def _edits(root: Project, names: list[str]) -> Iterator[Edit]:
    if not root.uv.exclude_newer_packages:
        entries = ", ".join(f"{name} = false" for name in names)
        yield Put(root.file, _PATH, f"{{ {entries} }}")
        return
    spelled = {normalise(name): name for name in root.uv.exclude_newer_packages}
    for name in names:
        yield Put(root.file, (*_PATH, spelled.get(name, name)), "false")


RULE = Rule("exclude-newer-hides-torch", Severity.ERROR, __doc__, check, remedy="unsafe")
