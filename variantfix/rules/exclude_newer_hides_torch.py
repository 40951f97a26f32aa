"""`exclude-newer` hides every torch on a PyTorch index.

`exclude-newer` leaves out what was uploaded after a date, and with it every file whose index tells no upload time.
The PyTorch indexes tell none, or only for their newest builds.

## Why it matters

    warning: `torch-2.9.1+cpu-….whl` is missing an upload date, but user provided: 2026-01-01T00:00:00Z
    error: No solution found when resolving dependencies
      cause: Because there are no versions of torch and your project depends on torch, …

uv's hint is to name the package in `exclude-newer-package`. A later date there does not help, only `false` does.

## Example

```toml
[tool.uv]
exclude-newer = "2026-01-01T00:00:00Z"
```

With `--unsafe`, the packages that come from a PyTorch index are exempted:

```toml
[tool.uv]
exclude-newer = "2026-01-01T00:00:00Z"
exclude-newer-package = { torch = false }
```

The fix is unsafe since it lifts a bound that was set on purpose. It needs uv 0.9.26: uv 0.9.22 does not parse the
`false`, and drops all of `[tool.uv]` for it, the date included. `exclude-newer = false` on the index does the same from
uv 0.11.5 on, with a warning that it is experimental; older ones pass over it.

## When to ignore it

Where the window is wide enough for the newest builds, and the lock succeeds.

Threads: astral-sh/uv#16846, #18839, pytorch/pytorch#178980, #186905
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from variantfix.project import normalise
from variantfix.rule import Finding, Fix, Rule, Safety, Severity
from variantfix.toml import Edit, Put

if TYPE_CHECKING:
    from collections.abc import Iterator

    from variantfix.context import Context
    from variantfix.project import Index, Project, Source

_HOST = "://download.pytorch.org/"
_PATH = ("tool", "uv", "exclude-newer-package")


def check(ctx: Context) -> Iterator[Finding]:
    root = ctx.workspace.root
    if "exclude-newer" not in root.uv:
        return
    kept = {normalise(name) for name, until in _exemptions(root).items() if until is False}
    hidden = {
        source.package
        for project in ctx.workspace.projects
        for source in _asked(ctx, project)
        if source.package not in kept and _tells_no_times(ctx, project, source)
    }
    if hidden:
        names = sorted(hidden, key=lambda name: (name != "torch", name))
        yield RULE.finding(
            f"exclude-newer hides {', '.join(names)}: the PyTorch indexes tell no upload times",
            root.place("tool", "uv", "exclude-newer"),
            fix=Fix(f"exempt {', '.join(names)} (uv 0.9.26 or later)", tuple(_edits(root, names)), Safety.UNSAFE),
            advice="set exclude-newer = false on the indexes, from uv 0.11.5 on",
        )


def _exemptions(root: Project) -> dict[str, object]:
    found = root.uv.get("exclude-newer-package", {})
    return found if isinstance(found, dict) else {}


def _asked(ctx: Context, project: Project) -> Iterator[Source]:
    """The sources that hold for some requirement of a project."""
    for package in {r.name for section in project.sections.values() for r in section.requirements if not r.url}:
        for source in ctx.workspace.sources(project, package):
            scope = source.scope()
            lists = [
                section
                for section in project.sections.values()
                if scope is None or (section.scope.kind, section.scope.name) == (scope.kind, scope.name)
            ]
            if source.kind == "index" and any(section.named(package) for section in lists):
                yield source


def _tells_no_times(ctx: Context, project: Project, source: Source) -> bool:
    index = next((i for i in ctx.workspace.indexes(project) if i.name == source.target), None)
    return index is not None and _HOST in index.url and _own_bound(ctx, index) is not False


def _own_bound(ctx: Context, index: Index) -> object:
    """What the index itself says of `exclude-newer`; None where nothing."""
    project = ctx.workspace.project(index.at.file)
    entry = project.uv["index"][index.at.path[-1]]
    return entry.get("exclude-newer")


def _edits(root: Project, names: list[str]) -> Iterator[Edit]:
    if not _exemptions(root):
        entries = ", ".join(f"{name} = false" for name in names)
        yield Put(root.file, _PATH, f"{{ {entries} }}")
        return
    spelled = {normalise(name): name for name in _exemptions(root)}
    for name in names:
        yield Put(root.file, (*_PATH, spelled.get(name, name)), "false")


RULE = Rule("exclude-newer-hides-torch", Severity.ERROR, __doc__, check, remedy="unsafe")
