"""`[tool.uv]` has a key that uv does not know.

uv reads its settings from `[tool.uv]` in one piece. One unknown key, often an invented `default-extras`, and the whole
table is dropped with a warning that scrolls by: the default index, `required-version`, everything but sources,
conflicts and the indexes that sources name. The members of a workspace are not asked: their settings are never read.

## Why it matters

    warning: Failed to parse `pyproject.toml` during settings discovery

and `uv lock` goes on, and exits with 0.

## Example

```toml
[tool.uv]
default-extras = ["cpu"]
```

Remove the key. There are no default extras in uv; dependency groups have `default-groups`.

## When to ignore it

Where the key is younger than this list (uv 0.13.9), and everyone has a uv that knows it.

Threads: astral-sh/uv#5934, #16380, #8607
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from variantfix.errors import suggestion
from variantfix.pytorch import catalog
from variantfix.rules.rule import Finding, Rule, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from variantfix.detect.context import Context

_INVENTED = {"default-extras": "there are no default extras; dependency groups have default-groups"}


def check(ctx: Context) -> Iterator[Finding]:
    root = ctx.workspace.root  # uv reads no settings from the members' files
    for key in root.uv.keys:
        if key not in catalog.uv_keys():
            yield RULE.finding(
                f"uv does not know {key!r} in [tool.uv], and drops all settings of the table for it",
                root.place("tool", "uv", key),
                advice=f"remove it: {_INVENTED.get(key) or suggestion(key, catalog.uv_keys(), most=3)}",
            )


RULE = Rule("unknown-uv-key", Severity.ERROR, __doc__, check)
