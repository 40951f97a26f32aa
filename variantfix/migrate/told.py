"""What is said of a unit on one line, and why findings stay."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from variantfix.migrate.unit import UnitOutcome

_CAUSE = re.compile(r"\s*(?:cause: |╰─▶ )(.*)")

MEANING = {
    "changed": "repaired, or would be without --dry-run",
    "clean": "nothing is found",
    "foreign": "another tool's project, which is no failure",
    "found": "something is found, and only a check was asked for",
    "refused": "read, and left as it is: what is found there needs --unsafe or a hand, or uv said no",
    "failed": "an error stopped it; --retry failed takes it again",
}
"""What each result of a unit means."""
WORDS = {"foreign": "not for uv"}
"""What people call a result whose name is short."""


def line(outcome: UnitOutcome, *, verb: str = "repaired") -> str:
    """An outcome on one line; `verb` says what became of the repaired findings, where nothing failed."""
    parts = [f"{outcome.repaired} {verb if holds(outcome) else 'not repaired'}"] if outcome.repaired else []
    parts += [f"{outcome.remaining} {_left(outcome)}"] if outcome.remaining else []
    parts += [why(outcome.error)] if outcome.error else []
    return f"{outcome.name}: {', '.join(parts)}" if parts else outcome.name


def holds(outcome: UnitOutcome) -> bool:
    """Whether what was repaired is in a file or a commit: not where the writing itself failed."""
    return outcome.result != "failed" or bool(outcome.commit)


def why(error: str) -> str:
    """An error on one line: of uv's words its last cause alone, the page has them all."""
    first, *words = error.splitlines()
    causes = [found[1] for word in words if (found := _CAUSE.match(word))]
    return f"{first}: {causes[-1]}" if causes else " ".join(error.split())


def _left(outcome: UnitOutcome) -> str:
    """Which rules' findings stay, by what they wait for."""
    waiting: dict[str, dict[str, None]] = {}
    for finding in json.loads(outcome.findings):
        if finding["status"] == "open":
            waiting.setdefault(_waits_for(finding), {})[finding["rule"]] = None
    if outcome.result == "found":
        return f"found ({_listed(rule for rules in waiting.values() for rule in rules)})"
    return f"left ({'; '.join(f'{what}: {_listed(rules)}' for what, rules in waiting.items())})"


def _listed(rules: Iterable[str]) -> str:
    return ", ".join(dict.fromkeys(rules))


def _waits_for(finding: Mapping[str, Any]) -> str:
    if finding["fix"] is None:
        return "by hand"
    return "with --unsafe" if finding["fix"]["safety"] == "unsafe" else "held back"


def remedy(finding: Mapping[str, Any]) -> str:
    """What mends a finding, or what to do about it."""
    if finding["fix"] is None:
        return str(finding["advice"] or "")
    needs_leave = finding["status"] == "open" and finding["fix"]["safety"] == "unsafe"
    return f"with --unsafe: {finding['fix']['title']}" if needs_leave else str(finding["fix"]["title"])
