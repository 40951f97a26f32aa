"""The review page: one HTML file with everything in it, to read all diffs of a migration and mark them."""

from __future__ import annotations

import json
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from variantfix.disk import replacing

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

_SLOTS = ("<!-- about -->", "<!-- units -->", "<!-- rules -->")
_PARTS = {"/* style */": "review.css", "/* diff */": "review_diff.js", "/* script */": "review.js"}


def write_page(units: Iterable[Mapping[str, Any]], target: Path, about: Mapping[str, Any]) -> None:
    """Write the page for the records of `variantfix.migrate.views`, one after the other.

    `about` says how they came to be: `mood` ("dry run", "check" or nothing), `version`, `begun` and `command`; and what
    results mean: `meanings`, `words`. The pages of the rules that units name are in it.

    Raises `InputError` where the file cannot be written.
    """
    here = files("variantfix.report")
    page = here.joinpath("review.html").read_text("utf-8")
    for slot, name in _PARTS.items():
        page = page.replace(slot, here.joinpath(name).read_text("utf-8"))
    head, middle, late, tail = _parted(page)
    rules: set[str] = set()
    with replacing(target) as stream:
        stream.write((head + _embedded(about) + middle).encode())
        for number, unit in enumerate(units):
            rules.update(finding["rule"] for finding in unit["findings"])
            stream.write((("," if number else "") + "\n" + _embedded(unit)).encode())
        stream.write((late + _embedded(_rules(rules)) + tail).encode())


def _parted(page: str) -> list[str]:
    """The page, parted where data goes."""
    parts = []
    for slot in _SLOTS:
        part, _, page = page.partition(slot)
        parts.append(part)
    return [*parts, page]


def _rules(names: set[str]) -> dict[str, dict[str, str]]:
    """What the page knows of some rules."""
    from variantfix.report.explain import page
    from variantfix.rules.every import RULES

    return {
        rule.name: {"severity": rule.severity.value, "remedy": rule.remedy, "page": page(rule)}
        for rule in RULES
        if rule.name in names
    }


def _embedded(value: Mapping[str, Any]) -> str:
    """JSON that can stand in a script element: no text in it can end the element or begin a comment."""
    return json.dumps(value, separators=(",", ":")).replace("<", "\\u003c").replace(">", "\\u003e")
