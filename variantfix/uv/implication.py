"""What version specifiers say of each other."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from packaging.specifiers import Specifier, SpecifierSet

_LOWER, _UPPER = (">=", ">", "~="), ("<", "<=")


def implies(specifier: str, other: str) -> bool:
    """Whether all that one specifier admits is admitted by another, as far as their clauses tell one by one.

    Both are as packaging takes them, or its `InvalidSpecifier` is raised.
    """
    if other in ("", specifier):
        return True
    from packaging.specifiers import SpecifierSet

    own = SpecifierSet(specifier)
    return all(_is_implied(own, list(own), clause) for clause in SpecifierSet(other))


def _is_implied(own: SpecifierSet, clauses: list[Specifier], wanted: Specifier) -> bool:
    if wanted in clauses:
        return True
    if wanted.operator == "!=" and not wanted.version.endswith(".*"):
        return not own.contains(wanted.version, prereleases=True)
    return any(_bounds(clause, wanted) for clause in clauses)


def _bounds(clause: Specifier, wanted: Specifier) -> bool:
    """Whether one clause alone is enough for another."""
    from packaging.version import Version

    if clause.operator in ("==", "===") and not clause.version.endswith(".*"):
        return wanted.contains(clause.version, prereleases=True)
    if wanted.operator in (">=", ">"):
        # A series begins at its first version.
        starts = clause.operator in _LOWER or clause.operator == "=="
        return starts and wanted.contains(clause.version.removesuffix(".*"), prereleases=True)
    if wanted.operator not in _UPPER or clause.operator not in _UPPER:
        return False
    if clause.operator == "<":
        return Version(clause.version) <= Version(wanted.version)
    return wanted.contains(clause.version, prereleases=True)
