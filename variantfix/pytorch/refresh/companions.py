"""What goes with torch, made anew: companions, tritons, PyPI's own builds, xformers' accelerators. Pure."""

from __future__ import annotations

import copy
import re
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

from variantfix.namedtuple import NamedTuple
from variantfix.pytorch.refresh.builds import Tables, versions_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from variantfix.online.simple import Metadata

    Table = dict[str, Any]

PYPI = "pypi"
LISTED = "listed"
_SOURCE = "pages and metadata on the indexes, as variantfix.pytorch.refresh read them"
# They pin the torch that they were built with, or bound it from below.
PAIRED = ("torchvision", "torchaudio", "xformers")
# Of these a lower bound means any torch from there on: they keep to torch's stable ABI.
_STABLE = ("xformers",)
# It says nowhere which torch it is for, and comes out with one.
_DATED = "torchcodec"
_FIELDS = {"linux-x86_64": "pypi", "linux-aarch64": "pypi_aarch64"}
_MACHINES = {"linux-x86_64": "x86_64", "linux-aarch64": "aarch64"}
_RUNTIME = re.compile(r"cuda-toolkit|nvidia-cuda-runtime(-cu\d+)?")
_CUDA = re.compile(r"(nvidia|cuda)-.+")


class Own(NamedTuple):
    """The metadata of a wheel of torch: from which index (a tag, or PyPI), and for which platform."""

    origin: str
    platform: str
    metadata: Metadata


class Beside(NamedTuple):
    """What was found: metadata of companions' new versions, of torch itself, and what indexes list.

    `listed` has the days of versions by package and index; the day is empty where it is not told.
    """

    paired: tuple[Metadata, ...] = ()
    own: tuple[Own, ...] = ()
    listed: Mapping[tuple[str, str], Mapping[str, str]] = MappingProxyType({})


def unpaired(releases: Table, name: str, versions: Iterable[str]) -> list[str]:
    """The versions of a companion that no release has, in order; they are to be asked for their torch."""
    known = set(_known(releases["releases"], name))
    return [version for version in versions_of(versions) if version not in known]


def unsettled(releases: Table, minors: Iterable[str]) -> list[str]:
    """Of the minor versions that an index lists, those whose torch is to be asked: new, in doubt, or the newest."""
    rows: Table = releases["releases"]
    newer = [minor for minor in versions_of(minors) if Version(minor) >= Version(next(iter(rows)))]
    return [minor for minor in newer if minor not in rows or "uncertain" in rows[minor] or minor == newer[-1]]


def refreshed(tables: Tables, found: Beside) -> Tables:
    """The tables with what was found; what nothing tells of stays."""
    new = Tables(copy.deepcopy(tables.indexes), copy.deepcopy(tables.releases))
    rows, family = new.releases["releases"], new.indexes["family"]
    for metadata in found.paired:
        _pair(rows, metadata)
    for own in found.own:
        _settle(rows, own)
    _date(rows, found.listed.get((_DATED, PYPI), {}))
    for name, row in family.items():
        _list(row, {index: versions for (package, index), versions in found.listed.items() if package == name})
    for row in rows.values():
        if row.get("uncertain") == []:
            del row["uncertain"]
    if any(LISTED in row["sources"] for row in family.values()):
        new.indexes["sources"].setdefault(LISTED, _SOURCE)
    return new


def _pair(rows: Table, metadata: Metadata) -> None:
    """Enter a companion beside the patches of torch that it is for; one that may be for several says nothing."""
    name = canonicalize_name(metadata.name)
    for patch in _paired_with(rows, name, metadata):
        _enter(rows, name, patch, metadata.version)


def _paired_with(rows: Table, name: str, metadata: Metadata) -> Iterator[str]:
    for requirement in _unconditional(metadata):
        if requirement.name != "torch":
            continue
        clauses = list(requirement.specifier)
        if len(clauses) == 1 and (clauses[0].operator == "==" or (clauses[0].operator == ">=" and name in _STABLE)):
            yield from (p for row in rows.values() for p in row["patches"] if requirement.specifier.contains(p))


def _enter(rows: Table, name: str, patch: str, *versions: str, alone: bool = False) -> None:
    row = rows[_minor(patch)]
    beside = row["companions"].setdefault(name, {})
    beside[patch] = list(versions) if alone else versions_of([*beside.get(patch, ()), *versions])
    row["companions"][name] = dict(sorted(beside.items(), key=lambda each: Version(each[0])))
    _is_settled(row, name)


def _is_settled(row: Table, field: str) -> None:
    if field in row.get("uncertain", ()):
        row["uncertain"] = [each for each in row["uncertain"] if each != field]


def _settle(rows: Table, own: Own) -> None:
    """Enter what torch says of itself: the CUDA of PyPI's build, and the triton that it pins."""
    patch = Version(own.metadata.version).public
    row = rows.get(_minor(patch))
    if row is None or patch not in row["patches"]:
        return
    needed = list(_needed(own))
    tag, field = _cuda(needed), _FIELDS[own.platform]
    if own.origin == PYPI and tag in (*row["tags"], "cpu"):
        row[field] = tag
        _is_settled(row, field)
    for requirement in needed:
        pins = [Version(each.version).public for each in requirement.specifier if each.operator == "=="]
        if "triton" in requirement.name and pins:
            _enter(rows, requirement.name, patch, *pins, alone=True)


def _cuda(needed: Iterable[Requirement]) -> str:
    """The tag of the CUDA that a torch pins; `cpu` where it needs nothing of CUDA's, empty where that is not told."""
    libraries = [each for each in needed if _CUDA.fullmatch(each.name)]
    for each in libraries:
        pins = [Version(clause.version) for clause in each.specifier if clause.operator == "=="]
        if _RUNTIME.fullmatch(each.name) and pins:
            return f"cu{pins[0].major}{pins[0].minor}"
    return "" if libraries else "cpu"


def _needed(own: Own) -> Iterator[Requirement]:
    """What a wheel requires on its platform, by normalised names."""
    there = {"sys_platform": "linux", "platform_system": "Linux", "platform_machine": _MACHINES[own.platform]}
    for text in own.metadata.requires:
        try:
            requirement = Requirement(text)
        except InvalidRequirement:
            continue
        if requirement.marker is None or requirement.marker.evaluate({**there, "extra": ""}):
            requirement.name = canonicalize_name(requirement.name)
            yield requirement


def _unconditional(metadata: Metadata) -> Iterator[Requirement]:
    for text in metadata.requires:
        try:
            requirement = Requirement(re.sub(r"\s*\(([^)]*)\)", r" \1", text))  # metadata before 2.1 has brackets
        except InvalidRequirement:
            continue
        if requirement.marker is None:
            yield requirement


def _date(rows: Table, days: Mapping[str, str]) -> None:
    """Enter the new series of a package beside the release before it, in doubt: the day alone speaks for it."""
    known = _known(rows, _DATED)
    for version, day in sorted(days.items(), key=lambda each: Version(each[0])):
        series = _minor(version)
        before = [row for row in rows.values() if row["released"] <= day[:7]]
        if series not in known and before and day and (not known or Version(series) > Version(known[-1])):
            for patch in before[-1]["patches"]:
                _enter(rows, _DATED, patch, series)
            before[-1]["uncertain"] = sorted({*before[-1].get("uncertain", ()), _DATED})
            known = [*known, series]


def _list(row: Table, listed: Mapping[str, Mapping[str, str]]) -> None:
    """Enter what indexes list of a family package: its newest version, and each one's tags where they differ."""
    newest = versions_of(version for versions in listed.values() for version in versions)[-1:]
    is_newer = bool(newest and "seen" in row and Version(newest[0]) > Version(row["seen"]))
    tags: Table = {version: list(own) for version, own in row.get("tags", {}).items()}
    for index, versions in listed.items() if "tags" in row else ():
        for version in versions if index != PYPI else ():
            if index not in tags.setdefault(version, []):
                tags[version].append(index)
    has_more = tags != row.get("tags", {})
    if has_more:
        row["tags"] = {version: tags[version] for version in versions_of(tags)}
    if is_newer:
        row["seen"] = newest[0]
    if (has_more or is_newer) and LISTED not in row["sources"]:
        row["sources"] = [*row["sources"], LISTED]


def _known(rows: Table, name: str) -> list[str]:
    return versions_of(v for row in rows.values() for vs in row["companions"].get(name, {}).values() for v in vs)


def _minor(version: str) -> str:
    return ".".join(version.split(".")[:2])
