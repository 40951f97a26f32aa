"""Bounds of torch and its companions, taken along to another torch."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from variantfix.errors import ConfigError
from variantfix.pytorch import catalog

if TYPE_CHECKING:
    from variantfix.pytorch.facts import Release

_CLAUSE = re.compile(r"(~=|===?|>=|<=|<|>)(\s*)(\d+(?:\.\d+)*)(\.\*)?")


def release_of(torch: str) -> tuple[Release, str]:
    """The release of a torch version, and its patch: the newest one where only the minor is told.

    Raises `ConfigError` for a torch that is not known.
    """
    minor = ".".join(torch.split(".")[:2])
    known = [release for release in catalog.releases() if release.minor == minor]
    if not known or torch not in (minor, *known[0].patches):
        newest = ", ".join(release.minor for release in catalog.releases()[-4:])
        raise ConfigError(f"--torch {torch}: no such torch is known", hint=f"the newest are {newest}")
    return known[0], torch if torch != minor else known[0].patches[-1]


def rebound(specifier: str, package: str, torch: str, *, only_where_needed: bool = False) -> str:
    """A bound of torch or a companion that admits what goes with another torch, each clause in its own shape.

    Where it is asked `only_where_needed`, a bound that admits it stays. Packages that no release lists stay too.
    """
    release, patch = release_of(torch)
    version = patch if package == "torch" else (release.companions.get(package, {}).get(patch) or ("",))[-1]
    if not version or (only_where_needed and _admits(specifier, version)):
        return specifier
    return _CLAUSE.sub(lambda found: _moved(found, version), specifier)


def _admits(specifier: str, version: str) -> bool:
    from packaging.specifiers import SpecifierSet

    clauses = ",".join(match[0] for match in _CLAUSE.finditer(specifier))
    return SpecifierSet(clauses).contains(version)


def _moved(clause: re.Match[str], version: str) -> str:
    operator, space, old, star = clause.groups()
    numbers = version.split(".")
    width = old.count(".") + 1
    if operator in ("<", "<="):  # the next minor, as far as the clause has numbers
        numbers = [numbers[0], str(int(numbers[1]) + (operator == "<")), *("0" for _ in numbers[2:])]
    elif operator == ">=" and width <= 2:
        numbers = numbers[:2]
    elif operator in (">=", "~=") and len(numbers) > 2:
        numbers = [*numbers[:2], "0"]
    shown = numbers if operator in ("==", "===") and not star else numbers[:width]
    return f"{operator}{space}{'.'.join(shown)}{star or ''}"
