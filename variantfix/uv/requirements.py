"""Reading one requirement, as PEP 508 has it and uv takes it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from variantfix.errors import InputError
from variantfix.uv.markers import is_marker, why_no_marker
from variantfix.uv.project import Requirement, normalise
from variantfix.uv.tables import show_place, string

if TYPE_CHECKING:
    from variantfix.uv.project import Place

_VERSION = r"\d+(?:\.\d+)*(?:(?:a|b|rc)\d+)?(?:\.post\d+)?(?:\.dev\d+)?"
# Blanks are taken behind each token and nowhere else: two neighbours that both take them need cubic time to fail.
_CLAUSE = (
    rf"(?:[<>]=?\s*{_VERSION}|~=\s*\d+(?:\.\d+)+|"
    rf"[!=]=\s*(?:{_VERSION}(?:\+[a-z0-9]+(?:\.[a-z0-9]+)*)?|\d+(?:\.\d+)*\.\*))\s*"
)
_NAME = r"\s*([A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?)\s*(?:\[([A-Za-z0-9_,\s-]*)\]\s*)?"
# What ends a clause is looked at, so that the clause stands here once: to compile it takes as long as to read a file.
_PLAIN = re.compile(rf"{_NAME}(?:((?:{_CLAUSE}(?:,\s*(?=[<>=!~])|(?=;|\Z)))+)|@\s*([^\s;]+)\s*)?(?:;(.*))?")


def requirement(text: str, at: Place) -> Requirement:
    """Read one PEP 508 requirement.

    A marker right behind a URL, which uv takes and PEP 508 does not, is taken.
    Raises `InputError`, with the place, where PEP 508 refuses it, or where it is longer than anyone's.
    """
    string(text, at)
    # packaging is asked only about the odd requirement, and never about markers: most are a name and plain versions.
    match = _PLAIN.fullmatch(text)
    if match is None:
        return _odd_requirement(text, at)
    if match[5] and (reason := why_no_marker(match[5])):
        raise InputError(f"{show_place(at)}: {_short(text)} is not a requirement: of its marker, {reason}")
    extras = tuple(normalise(e.strip()) for e in (match[2] or "").split(",") if e.strip())
    marker = (match[5] or "").strip()
    return Requirement(normalise(match[1]), extras, (match[3] or "").strip(), marker, match[4] or "", text, at)


def _odd_requirement(text: str, at: Place) -> Requirement:
    from packaging.requirements import InvalidRequirement
    from packaging.requirements import Requirement as Parsed

    # A URL can have a semicolon itself.
    head, _, marker = text.rpartition(";")
    if not is_marker(marker) or not head:
        head, marker = text, ""
    try:
        parsed = Parsed(head)
    except (InvalidRequirement, RecursionError) as error:
        reason = (str(error).splitlines() or ["it is nested too deep"])[0]
        raise InputError(f"{show_place(at)}: {_short(text)} is not a requirement: {reason}") from None
    extras = tuple(sorted(map(normalise, parsed.extras)))
    marker = str(parsed.marker) if parsed.marker else marker.strip()
    return Requirement(normalise(parsed.name), extras, str(parsed.specifier), marker, parsed.url or "", text, at)


def _short(text: str) -> str:
    """A text as Python writes it, without its middle where it is long."""
    return repr(text if len(text) <= 200 else f"{text[:90]} ... {text[-90:]}")
