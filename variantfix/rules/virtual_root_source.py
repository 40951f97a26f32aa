"""A root without `[project]` binds a source to one of its own groups.

The sources of a virtual workspace root hold for its members. For the root's own dependency groups uv reads only
sources that are bound to nothing: one with `group =` never applies there.

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

from variantfix.rules.rule import Finding, Rule, Severity
from variantfix.uv.project import Scope, normalise

if TYPE_CHECKING:
    from collections.abc import Iterator

    from variantfix.detect.context import Context


def check(ctx: Context) -> Iterator[Finding]:
    root = ctx.workspace.root
    if not root.is_virtual:
        return
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


RULE = Rule("virtual-root-source", Severity.ERROR, __doc__, check)
