"""A comment ignores a rule that finds nothing there.

`# variantfix: ignore[rule] reason` takes the findings of a rule out, on its line, or in the table whose header it
stands beside; on a line of its own it speaks of the next one. Once there is nothing to take out, the comment hides
what may come later.

## Why it matters

An ignore that outlives its reason hides the next real failure.

## Example

```toml
cpu = ["torch==2.9.1"] # variantfix: ignore[local-version-pin] we only run on Linux
```

Remove the comment: nothing is pinned any more.

## When to ignore it

`--ignore unused-ignore`, while a project is in motion.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from variantfix.rules.rule import Finding, Rule, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from variantfix.detect.context import Context


def check(_ctx: Context) -> Iterator[Finding]:
    """Nothing: what the other rules found, the plan alone knows (`variantfix.repair.ignores`)."""
    yield from ()


RULE = Rule("unused-ignore", Severity.WARNING, __doc__, check)
