"""Which wheels are to be asked for what goes with torch, and what their answers are together. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from packaging.utils import parse_wheel_filename

from variantfix.namedtuple import NamedTuple
from variantfix.pytorch.refresh import wheels
from variantfix.pytorch.refresh.companions import PAIRED, PYPI, Beside, Own, unpaired, unsettled

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from variantfix.online.simple import File, Metadata

    Pages = Mapping["Place", tuple[File, ...]]

_LINUX = ("linux-x86_64", "linux-aarch64")


class Place(NamedTuple):
    """A package on an index: a tag, or PyPI."""

    name: str
    origin: str

    def __str__(self) -> str:
        return self.origin if self.name == "torch" else f"{self.name} on {self.origin}"


def questions(releases: dict[str, Any], pages: Pages) -> dict[File, tuple[str, str]]:
    """The files whose metadata is wanted, each with its index and platform: companions' of no release, and torch's."""
    asked = {file: (PYPI, "") for name in PAIRED for file in _new(releases, name, pages.get(Place(name, PYPI), ()))}
    return {**asked, **_own(releases, pages)}


def _new(releases: dict[str, Any], name: str, files: tuple[File, ...]) -> list[File]:
    """A file of each version that no release has."""
    found = {wheel.version: file for file in files for wheel in wheels.read([file]) if file.metadata}
    return [found[version] for version in unpaired(releases, name, found)]


def _own(releases: dict[str, Any], pages: Pages) -> dict[File, tuple[str, str]]:
    """Wheels of torch for Linux, one for each minor version, index and platform: the last patch that is listed.

    Of the tags' indexes those whose torch needs a triton of its own.
    """
    found: dict[tuple[str, str, str], File] = {}
    for place, files in pages.items():
        if place.name == "torch" and (place.origin == PYPI or place.origin[:2] in ("ro", "xp")):
            for minor, platform, file in _minors(place.origin, files):
                found[minor, place.origin, platform] = file
    minors = unsettled(releases, (minor for minor, _, _ in found))
    return {file: (index, platform) for (minor, index, platform), file in found.items() if minor in minors}


def _minors(index: str, files: tuple[File, ...]) -> Iterator[tuple[str, str, File]]:
    for file in sorted(files, key=lambda each: parse_wheel_filename(each.filename)[1]):
        for wheel in wheels.read([file]):
            if file.metadata and wheel.platform in _LINUX and wheel.local in ("", index):
                yield wheel.minor, wheel.platform, file


def found(asked: Mapping[File, tuple[str, str]], told: Mapping[File, Metadata], pages: Pages) -> Beside:
    """What the answers and the pages tell of what goes with torch."""
    answers = [(*asked[file], metadata) for file, metadata in told.items()]
    return Beside(
        tuple(metadata for _, platform, metadata in answers if not platform),
        tuple(Own(index, platform, metadata) for index, platform, metadata in answers if platform),
        {place: _days(files) for place, files in pages.items() if place.name != "torch"},
    )


def _days(files: tuple[File, ...]) -> dict[str, str]:
    """The final versions that are listed, each with the day of its first file."""
    days: dict[str, str] = {}
    for file in files:
        version = parse_wheel_filename(file.filename)[1]
        if not version.is_prerelease:
            days[version.public] = min(filter(None, (days.get(version.public), file.uploaded)), default="")
    return days
