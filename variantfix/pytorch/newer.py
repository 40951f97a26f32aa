"""What is newer than the catalogue: versions that specifiers name, and tags."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from variantfix.pytorch.tables import builds
from variantfix.uv.pythons import compare
from variantfix.uv.specifiers import clauses

if TYPE_CHECKING:
    from collections.abc import Iterator

_BASE = re.compile(r"[a-z]")


def ahead(specifier: str, newest: str) -> Iterator[str]:
    """Versions at and after those that a specifier names, of those that are not below the newest known."""
    if (plain := clauses(specifier)) is not None:
        named_all = (value.removesuffix(".*") for _, value in plain)
        later = (text for text in named_all if compare(text, ">=", newest))
        # The version named, and the one after it for `>`.
        yield from (each for text in later for each in (text, f"{_BASE.split(text)[0]}.1"))
        return
    from packaging.specifiers import SpecifierSet
    from packaging.version import Version

    for clause in SpecifierSet(specifier):
        named = Version(newest if clause.operator == "===" else clause.version.removesuffix(".*"))
        if named >= Version(newest):
            yield from (named.public, f"{named.base_version}.1")


def is_ahead(tag: str) -> bool:
    """Whether a tag is above all that the catalogue has of its kind."""
    number = _number(tag)
    return bool(number) and number > max(_number(known) for known in builds() if known[:2] == tag[:2])


def _number(tag: str) -> tuple[int, ...]:
    digits = tag.removeprefix("cu").removeprefix("rocm").split(".")
    return tuple(map(int, digits)) if tag[:2] in ("cu", "ro") and all(map(str.isdecimal, digits)) else ()
