"""A root without `[project]` has sources that uv does not read.

The sources of a virtual workspace root hold for its members. For the root's own dependency groups uv reads only
sources that are bound to nothing: one with `group =` never applies there. In a file that has neither a project nor
groups nor a workspace, as beside a setup.py, sources do nothing at all.

## Why it matters

The lock succeeds, and `uv sync --group cpu` installs PyPI's torch.

## Example

```toml
[dependency-groups]
cpu = ["torch>=2.7"]

[tool.uv.workspace]
members = ["packages/*"]

[tool.uv.sources]
torch = [{ index = "pytorch-cpu", group = "cpu" }]
```

Give the root a `[project]` table with a name and a version, and `package = false` in `[tool.uv]`; or move the groups
to a member.

## When to ignore it

Never.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from variantfix.pytorch import catalog
from variantfix.rules.rule import Finding, Rule, Severity
from variantfix.uv.project import Scope, normalise
from variantfix.uv.requirements import requirement

if TYPE_CHECKING:
    from collections.abc import Iterator

    from variantfix.detect.context import Context
    from variantfix.uv.project import Project


def check(ctx: Context) -> Iterator[Finding]:
    root = ctx.workspace.root
    if not root.is_virtual:
        return
    if not root.dependency_groups and root.uv.workspace is None:
        yield from _idle(root)
    for package, sources in root.sources.items():
        for source in sources:
            section = root.sections.get(Scope(root.file, "group", normalise(source.group))) if source.group else None
            if section and section.named(package):
                yield RULE.finding(
                    f"the source of {package} is bound to the group {section.spelling} of a root without [project], "
                    "where uv does not read it",
                    source.at,
                    variants=(section.spelling,),
                    advice="give the root a [project] table, or move the group to a member",
                )


def _idle(root: Project) -> Iterator[Finding]:
    """The sources of a file that is neither a project nor a workspace; what builds it can have sources, too."""
    built = {requirement(text, root.place("build-system", "requires")).name for text in root.build_requires or ()}
    idle = {name: sources for name, sources in root.sources.items() if sources and name not in built}
    if any(name in catalog.family() for name in idle):
        yield RULE.finding(
            f"the sources of {', '.join(idle)} do nothing: the file has no [project], no groups and no workspace",
            next(iter(idle.values()))[0].at,
            advice="move the requirements from setup.py or requirements.txt to [project], or remove the sources",
        )


RULE = Rule("virtual-root-source", Severity.ERROR, __doc__, check)
