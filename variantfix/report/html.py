"""The review page: one HTML file with everything in it, to read all diffs of a migration and mark them."""

from __future__ import annotations

import json
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from variantfix.disk import replacing

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

_SLOT = "<!-- units -->"
_PARTS = {"/* style */": "review.css", "/* script */": "review.js"}


def write_page(units: Iterable[Mapping[str, Any]], target: Path) -> None:
    """Write the page for the records of `variantfix.migrate.views`, one after the other.

    Raises `InputError` where the file cannot be written.
    """
    here = files("variantfix.report")
    page = here.joinpath("review.html").read_text("utf-8")
    for slot, name in _PARTS.items():
        page = page.replace(slot, here.joinpath(name).read_text("utf-8"))
    before, _, after = page.partition(_SLOT)
    with replacing(target) as stream:
        stream.write(before.encode())
        for number, unit in enumerate(units):
            stream.write((("," if number else "") + "\n" + _embedded(unit)).encode())
        stream.write(after.encode())


def _embedded(value: Mapping[str, Any]) -> str:
    """JSON that can stand in a script element: no text in it can end the element or begin a comment."""
    return json.dumps(value, separators=(",", ":")).replace("<", "\\u003c").replace(">", "\\u003e")
