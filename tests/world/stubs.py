"""The versions of ordinary packages: a small stock, and what a project asks for beyond it."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from packaging.utils import canonicalize_name
from packaging.version import InvalidVersion, Version

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from packaging.requirements import Requirement
    from packaging.specifiers import SpecifierSet

# Pairs of a package and a version, sorted.
Pins = tuple[tuple[str, str], ...]

STOCK = ("0.9.0", "1.26.4", "2.5.0")


def pins(requirements: Iterable[Requirement]) -> Pins:
    """The versions that the stock lacks for these requirements of one project.

    A package whose requirements the stock meets all at once gets none. Otherwise it gets, for every version
    that a specifier names, this version and its neighbours, as far as they meet one of the requirements.
    """
    asked: dict[str, set[SpecifierSet]] = defaultdict(set)
    for requirement in requirements:
        asked[canonicalize_name(requirement.name)].add(requirement.specifier)
    return tuple(sorted((name, version) for name, sets in asked.items() for version in _beyond_stock(sets)))


def _beyond_stock(sets: set[SpecifierSet]) -> Iterator[str]:
    if any(all(_meets(version, asked) for asked in sets) for version in STOCK):
        return
    named = {specifier.version.removesuffix(".*") for asked in sets for specifier in asked}
    candidates = {near for version in named for near in _neighbours(version)}
    yield from (version for version in candidates if any(_meets(version, asked) for asked in sets))


def _meets(version: str, asked: SpecifierSet) -> bool:
    return asked.contains(version, prereleases=True)


def _neighbours(text: str) -> Iterator[str]:
    """A version, the next micro and minor ones, and one that is lower."""
    try:
        version = Version(text)
    except InvalidVersion:  # an arbitrary equality, `===`
        return
    major, minor, micro = (*version.release, 0, 0)[:3]
    yield str(version)
    yield f"{major}.{minor}.{micro + 1}"
    yield f"{major}.{minor + 1}.0"
    if micro:
        yield f"{major}.{minor}.{micro - 1}"
    elif minor:
        yield f"{major}.{minor - 1}.0"
    elif major:
        yield f"{major - 1}.99.0"
