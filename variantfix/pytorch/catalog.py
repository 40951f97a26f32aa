"""What variantfix knows of PyTorch's builds and of the packages that require them.

The facts are the tables of `variantfix.pytorch.tables`, which are part of this module's face.

Names and extras are normalised (PEP 503, PEP 685). A tag is the last part of a PyTorch index's URL
(`cu128`), a month is `YYYY-MM`. Versions and specifiers that packaging can't parse raise its own errors.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from variantfix.memo import kept
from variantfix.pytorch.certainty import surest, weakest
from variantfix.pytorch.facts import Answer
from variantfix.pytorch.libraries import cuda_major_of, is_cuda_library
from variantfix.pytorch.newer import ahead, is_ahead
from variantfix.pytorch.tables import (
    builds,
    dependents,
    family,
    other_indexes,
    read,
    releases,
    undeclared,
    uv_keys,
)
from variantfix.uv.specifiers import contains

if TYPE_CHECKING:
    from variantfix.pytorch.certainty import Certainty
    from variantfix.pytorch.facts import Build, FamilyPackage, Release

__all__ = [
    "builds",
    "cuda_major_of",
    "dependents",
    "family",
    "is_cuda_library",
    "other_indexes",
    "releases",
    "undeclared",
    "uv_keys",
]

PYPI_SIMPLE = "https://" + ".".join(("py" + "pi", "org")) + "/simple"
PYTORCH_INDEX = "https://download.pytorch.org/whl/{tag}"

# Built for the tags of a torch release.
_FOLLOWERS = ("torch", "torchvision", "torchaudio", "torchcodec", "torchtext")
_FLOOR = re.compile(r"\s*(?:>=\s*(\d+(?:\.\d+)*)\s*)?")
_RELEASE = re.compile(r"(\d+\.\d+\.\d+)(?:\.post\d+)?")


def first_release(tag: str) -> str | None:
    """Return the month in which torch was first released for a tag; None if unknown or before torch 1.13.

    Of a trap index the month since which it exists.
    """
    build = builds().get(tag)
    if build and build.since:
        return build.since
    months = {release.minor: release.released for release in releases()}
    return months.get(build.first) if build and build.first else None


@kept
def released(package: str, version: str) -> str | None:
    """Return the month of the first torch release that a package's version belongs to; None where unknown.

    A local version is ignored, and a patch that is not listed counts as its minor version (xformers
    excepted). Pre-releases have no month, because they came before their release.
    """
    public = version.partition("+")[0]
    if not _RELEASE.fullmatch(public):
        from packaging.version import Version  # an odd spelling, a pre-release, or no version at all

        wanted = Version(public)
        public = "" if wanted.is_prerelease else wanted.public
    for release in releases() if public else ():
        if any(_belongs(package, public, text) for text in _listed(release, package)):
            return release.released
    return None


def released_on(package: str, version: str) -> str | None:
    """Return the day of torch's release (`YYYY-MM-DD`) where that is known, else what `released` says."""
    days = (release.released_on.get(version) for release in releases() if package == "torch")
    return next(filter(None, days), None) or released(package, version)


def _belongs(package: str, wanted: str, listed: str) -> bool:
    if package == "xformers":
        return wanted == listed
    return wanted.split(".")[:2] == listed.split(".")[:2]


def _listed(release: Release, package: str) -> tuple[str, ...]:
    patches = release.companions.get(package, {})
    paired = (version for versions in patches.values() for version in versions)
    return release.patches if package == "torch" else tuple(dict.fromkeys(paired))


@kept
def versions(package: str, tag: str) -> tuple[str, ...]:
    """Return the versions of a package known on an accelerator's index, or on PyPI (tag `pypi`), ascending.

    Known for torch, torchvision, torchaudio, torchcodec, torchtext and xformers, without local parts; one
    of two parts is a series. A companion is built for the accelerators of the torch release that it first
    goes with.
    """
    member, build = family().get(package), builds().get(tag)
    if member is None or not (tag == "pypi" or (build and build.kind in member.kinds)):
        return ()
    everywhere = member.tags or _follower_tags(package)
    return tuple(version for version, tags in everywhere.items() if tag == "pypi" or tag in tags)


def _follower_tags(package: str) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for release in releases() if package in _FOLLOWERS else ():
        for version in _listed(release, package):
            found.setdefault(version, tuple(release.tags))
    return found


@kept
def is_hosted(package: str, tag: str, specifier: str = "") -> bool:
    """Return whether a tag's index has builds of a package for it, in a version that the specifier admits.

    False for what is the same everywhere (triton), and where torch was never released (cu125). Where the
    versions on an index are not known (torchao, fbgemm-gpu), the kind of accelerator decides. The index may
    be ahead of the catalogue: a specifier beyond the newest version known is taken to be met on the tags of
    that version, and torch and torchvision to be built for a tag above all known ones.
    """
    member, build = family().get(package), builds().get(tag)
    if member is None or not member.accelerator_specific:
        return False
    if build is None:
        return package in ("torch", "torchvision") and is_ahead(tag)
    if build.kind not in member.kinds or build.last is None:
        return False
    known = _known(member, build)
    return known is None or _admits(specifier, tag, known, member)


@kept
def hosted(package: str, tag: str, specifier: str = "") -> Answer:
    """Return what `is_hosted` says, with how that is known: a rule raises an error on what was seen alone.

    A presence is as sure as the surest release that meets the specifier, an absence as the least sure one. Of
    versions newer than the catalogue the newest release speaks.
    """
    found, build, member = is_hosted(package, tag, specifier), builds().get(tag), family().get(package)
    if build is None or member is None:
        return Answer(found, "inferred")
    if build.trap and package == "torch":
        return Answer(found, "inferred", _filtered(specifier, build.trap))
    if build.kind not in member.kinds:
        return Answer(found, "inferred" if {"kinds", build.kind} & set(member.uncertain) else "seen")
    if package not in _FOLLOWERS:
        return Answer(found, "seen" if member.tags and not _is_beyond(package, specifier) else "inferred")
    matching = [release for release in releases() if _filtered(specifier, _listed(release, package))]
    if not found and _is_beyond(package, specifier):
        matching.append(releases()[-1])
    if not (found or matching):
        return Answer(found, "inferred" if "last" in member.uncertain else "seen")
    if found:
        return Answer(found, surest(_with(r, package, tag) for r in matching if tag in r.tags))
    return Answer(found, weakest(*(_with(r, package, tag) for r in matching)))


def _with(release: Release, package: str, tag: str) -> Certainty:
    """How it is known whether a tag's index has what of a package goes with a release."""
    return weakest(release.certainty_of(tag), "inferred" if package in release.uncertain else "seen")


def _is_beyond(package: str, specifier: str) -> bool:
    """Whether a specifier admits versions that are newer than all that the catalogue has."""
    known = versions(package, "pypi")
    named = ahead(specifier, known[-1]) if known and family()[package].last is None else ()
    return any(contains(specifier, text) for text in named if text not in known)


def _filtered(specifier: str, known: tuple[str, ...]) -> tuple[str, ...]:
    found = _from_floor(specifier, known)
    if found is not None:
        return found
    return tuple(v for v in known if any(contains(specifier, patch) for patch in _patches(v)))


def _known(member: FamilyPackage, build: Build) -> tuple[str, ...] | None:
    if any(build.tag in release.tags for release in releases()):
        is_tracked = bool(member.tags) or member.name in _FOLLOWERS
        return versions(member.name, build.tag) if is_tracked else None
    if member.name == "torch" and build.first and build.last:  # before 1.13, when patches were .0 to .2
        first, last = (int(minor.removeprefix("1.")) for minor in (build.first, build.last))
        return tuple(f"1.{minor}.{patch}" for minor in range(first, last + 1) for patch in range(3))
    return None if member.name in ("torchvision", "torchaudio") else ()


def _admits(specifier: str, tag: str, known: tuple[str, ...], member: FamilyPackage) -> bool:
    if _from_floor(specifier, known):
        return True
    candidates = [patch for version in known for patch in _patches(version)]
    if known and member.last is None and known[-1] == versions(member.name, "pypi")[-1]:
        candidates.extend(ahead(specifier, known[-1]))
    spelled = (text for version in candidates for text in (version, f"{version}+{tag}"))
    return any(contains(specifier, text) for text in spelled)


def platforms(package: str, tag: str) -> tuple[str, ...]:
    """Return the platforms for which a tag's index has a package (`linux-x86_64`), of any version.

    Fewer than torch's own for some: torchao for CUDA is there for Linux alone.
    """
    member, build = family().get(package), builds().get(tag)
    if member is None or build is None or build.kind not in member.kinds:
        return ()
    own = member.platforms.get(build.kind)
    return tuple(name for name in build.platforms if own is None or name in own)


def admitted(package: str, tag: str, specifier: str) -> tuple[str, ...]:
    """Return the versions known on a tag's index that a specifier admits, ascending."""
    known = versions(package, tag)
    found = _from_floor(specifier, known)
    if found is not None:
        return found
    return tuple(text for text in known if contains(specifier, text))


def _from_floor(specifier: str, known: tuple[str, ...]) -> tuple[str, ...] | None:
    """The versions that a lone `>=` or nothing admits, as most requirements say; None for other specifiers."""
    floor = _FLOOR.fullmatch(specifier)
    releases = {version: _RELEASE.fullmatch(version) for version in known} if floor else {}
    if not floor or not all(releases.values()):
        return None
    lowest = _minor(floor[1]) if floor[1] else ()
    return tuple(version for version, match in releases.items() if match and _minor(match[1]) >= lowest)


def _patches(version: str) -> tuple[str, ...]:
    is_series = version.count(".") == 1
    return tuple(f"{version}.{patch}" for patch in range(3)) if is_series else (version,)


def triton_for(tag: str, torch_version: str) -> str | None:
    """Return the triton package that a torch build for ROCm or XPU requires; None for CPU and CUDA.

    `torch_version` is a version or the first two parts of one.
    """
    from packaging.version import Version

    build, version = builds().get(tag), Version(torch_version)
    return _triton(build.kind, f"{version.major}.{version.minor}") if build else None


def beside_torch(tag: str, torch_version: str) -> tuple[str, ...]:
    """Return the packages that a torch build requires from its own index alone, triton first.

    For ROCm 7.14 and later that is `rocm` too: torch asks for `rocm[device-all,libraries]` of its own ROCm version.
    """
    triton = triton_for(tag, torch_version)
    return (*([triton] if triton else ()), *read("indexes.json")["beside_triton"].get(tag, ()))


def _triton(kind: str, minor: str) -> str | None:
    steps = read("indexes.json")["triton"].get(kind, ())
    names = [name for since, name in steps if _minor(since) <= _minor(minor)]
    return names[-1] if names else None


def _minor(text: str) -> tuple[int, ...]:
    return tuple(map(int, text.split(".")))
