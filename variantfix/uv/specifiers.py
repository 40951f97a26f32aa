"""Specifiers of versions, asked without packaging where they are plain: its import costs more than a whole check.

Source: PEP 440. What is not plain (epochs, local versions, bounds at post-releases, arbitrary equality) packaging
answers.
"""

from __future__ import annotations

import re

from variantfix.memo import kept
from variantfix.uv.pythons import compare, version

_CLAUSE = re.compile(r"\s*([~=!<>]=|[<>])\s*(\d+(?:\.\d+)*(?:(?:a|b|rc)\d+)?(?:\.\*)?)\s*")
_SIMPLE = re.compile(r"\s*(?:([=!<>]=|[<>])\s*([0-9]+(?:\.[0-9]+)*)|(~=)\s*([0-9]+(?:\.[0-9]+)+))\s*")
_PLAIN = re.compile(r"\d+(?:\.\d+)*(?:(?:a|b|rc)\d+)?(?:\.post\d+)?")


@kept
def contains(specifier: str, text: str) -> bool:
    """Whether a specifier admits a version, be it a pre-release or not; an empty one admits all.

    Raises ValueError for what is no specifier.
    """
    found = clauses(specifier)
    public = text.partition("+")[0]  # a local version is passed over where the specifier has none
    if found is None or not _PLAIN.fullmatch(public) or version(public) is None:
        return _asked(specifier, text)
    held = [compare(public, operator, value) for operator, value in found]
    return _asked(specifier, text) if None in held else all(held)


@kept
def clauses(specifier: str) -> tuple[tuple[str, str], ...] | None:
    """The clauses of a plain specifier, each as operator and version; None for one that is not plain."""
    matches = [_CLAUSE.fullmatch(clause) for clause in specifier.split(",") if clause.strip()]
    found = tuple((match[1], match[2]) for match in matches if match)
    return found if len(found) == len(matches) else None


@kept
def canonical(specifier: str) -> frozenset[tuple[str, str]]:
    """The clauses of a specifier as operator and version, in one spelling. Raises ValueError for what is none."""
    found = [_SIMPLE.fullmatch(clause) for clause in specifier.split(",") if clause.strip()]
    if all(found):
        return frozenset((m[3], _version(m[4])) if m[3] else (m[1], _shortest(m[2])) for m in found if m)
    from packaging.specifiers import SpecifierSet
    from packaging.utils import canonicalize_version

    return frozenset(
        (each.operator, canonicalize_version(each.version, strip_trailing_zero=each.operator != "~="))
        for each in SpecifierSet(specifier)
    )


def _version(release: str) -> str:
    return ".".join(str(int(part)) for part in release.split("."))


def _shortest(release: str) -> str:
    return re.sub(r"(?:\.0)+$", "", _version(release))


def _asked(specifier: str, text: str) -> bool:
    from packaging.specifiers import SpecifierSet

    return SpecifierSet(specifier).contains(text, prereleases=True)
