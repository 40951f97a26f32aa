"""What variantfix knows of PyTorch's builds and of the packages that require them.

The facts are JSON in `data/`: `indexes.json` (accelerators, family packages), `releases.json` (torch by
minor version) and `dependents.json` (packages from PyPI). Every entry names its sources, and the file's
`sources` table spells them out. A file is read when a function first needs it.

Names and extras are normalised (PEP 503, PEP 685). A tag is the last part of a PyTorch index's URL
(`cu128`), a month is `YYYY-MM`. Versions and specifiers that packaging can't parse raise its own errors.
"""

from __future__ import annotations

import re
from functools import cache
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from variantfix.pytorch.facts import Build, Dependent, Edge, FamilyPackage, Release

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from packaging.specifiers import SpecifierSet

PYPI_SIMPLE = "https://" + ".".join(("py" + "pi", "org")) + "/simple"
PYTORCH_INDEX = "https://download.pytorch.org/whl/{tag}"

# Built for the tags of a torch release.
_FOLLOWERS = ("torch", "torchvision", "torchaudio", "torchcodec", "torchtext")
_VERSION = 1
_FLOOR = re.compile(r"\s*(?:>=\s*(\d+(?:\.\d+)*)\s*)?")
_RELEASE = re.compile(r"(\d+\.\d+\.\d+)(?:\.post\d+)?")


@cache
def _read(name: str) -> dict[str, Any]:
    import json
    from pathlib import Path

    content: dict[str, Any] = json.loads(Path(__file__).with_name("data").joinpath(name).read_text("utf-8"))
    if content["version"] != _VERSION:
        raise AssertionError(f"{name} has version {content['version']}, not {_VERSION}")
    return content


def _frozen(value: Any) -> Any:
    if isinstance(value, list):
        return tuple(value)
    if isinstance(value, dict):
        return MappingProxyType({key: _frozen(item) for key, item in value.items()})
    return value


def _fields(row: dict[str, Any]) -> dict[str, Any]:
    values = {key: _frozen(value) for key, value in row.items()}
    return values | {key: _edges(row[key]) for key in ("requires", "older") if key in row}


def _edges(texts: Iterable[str]) -> tuple[Edge, ...]:
    return tuple(map(_edge, texts))


@cache
def _edge(text: str) -> Edge:
    name, _, extras = text.rstrip("]").partition("[")
    return Edge(name, tuple(extras.split(",")) if extras else ())


@cache
def family() -> Mapping[str, FamilyPackage]:
    """Return the family packages by name, torch first.

    A package is of the family when uv itself sends it to a PyTorch index (the list behind
    `--torch-backend`). What those indexes merely mirror and users take from PyPI (vllm, torchmetrics,
    torchdata, executorch, torchtitan) is not: such packages are dependents.
    """
    rows = _read("indexes.json")["family"]
    return MappingProxyType({name: FamilyPackage(name=name, **_fields(row)) for name, row in rows.items()})


@cache
def builds() -> Mapping[str, Build]:
    """Return the accelerators by tag: cpu, then CUDA, ROCm, XPU, each ascending."""
    rows = _read("indexes.json")["accelerators"]
    return MappingProxyType({tag: Build(tag=tag, **_fields(row)) for tag, row in rows.items()})


@cache
def releases() -> tuple[Release, ...]:
    """Return torch by minor version, ascending, from 1.13 on."""
    rows = _read("releases.json")["releases"]
    return tuple(Release(minor=minor, **_fields(row)) for minor, row in rows.items())


@cache
def dependents() -> Mapping[str, Dependent]:
    """Return the packages that bring a family package, by name; none of them is of the family.

    What a family package itself requires (torchvision: torch) stands in `FamilyPackage.requires`.
    """
    rows = _read("dependents.json")["packages"]
    return MappingProxyType({name: _dependent(name, row) for name, row in rows.items()})


def _dependent(name: str, row: dict[str, Any]) -> Dependent:
    extras = {extra: _edges(texts) for extra, texts in row.get("extras", {}).items()}
    return Dependent(name=name, **(_fields(row) | {"extras": MappingProxyType(extras)}))


@cache
def undeclared() -> Mapping[str, str]:
    """Return the packages that need torch though their newest version does not say so, with the reason."""
    rows = _read("dependents.json")["undeclared"]
    return MappingProxyType({name: row["why"] for name, row in rows.items()})


def first_release(tag: str) -> str | None:
    """Return the month in which torch was first released for a tag; None if unknown or before torch 1.13."""
    build = builds().get(tag)
    months = {release.minor: release.released for release in releases()}
    return months.get(build.first) if build and build.first else None


@cache
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


def _belongs(package: str, wanted: str, listed: str) -> bool:
    if package == "xformers":
        return wanted == listed
    return wanted.split(".")[:2] == listed.split(".")[:2]


def _listed(release: Release, package: str) -> tuple[str, ...]:
    patches = release.companions.get(package, {})
    paired = (version for versions in patches.values() for version in versions)
    return release.patches if package == "torch" else tuple(dict.fromkeys(paired))


@cache
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


@cache
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
        return package in ("torch", "torchvision") and _is_ahead(tag)
    if build.kind not in member.kinds or build.last is None:
        return False
    known = _known(member, build)
    return known is None or _admits(specifier, tag, known, member)


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
    from packaging.specifiers import SpecifierSet

    wanted = SpecifierSet(specifier)
    candidates = [patch for version in known for patch in _patches(version)]
    if known and member.last is None and known[-1] == versions(member.name, "pypi")[-1]:
        candidates.extend(_ahead(wanted, known[-1]))
    spelled = (text for version in candidates for text in (version, f"{version}+{tag}"))
    return any(wanted.contains(text, prereleases=True) for text in spelled)


def admitted(package: str, tag: str, specifier: str) -> tuple[str, ...]:
    """Return the versions known on a tag's index that a specifier admits, ascending."""
    known = versions(package, tag)
    found = _from_floor(specifier, known)
    if found is not None:
        return found
    from packaging.specifiers import SpecifierSet

    return tuple(map(str, SpecifierSet(specifier).filter(known)))


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


def _ahead(wanted: SpecifierSet, newest: str) -> Iterator[str]:
    from packaging.version import Version

    for clause in wanted:
        named = Version(newest if clause.operator == "===" else clause.version.removesuffix(".*"))
        if named >= Version(newest):  # the version named, and the one after it for `>`
            yield from (named.public, f"{named.base_version}.1")


def _is_ahead(tag: str) -> bool:
    number = _number(tag)
    return bool(number) and number > max(_number(known) for known in builds() if known[:2] == tag[:2])


def _number(tag: str) -> tuple[int, ...]:
    digits = tag.removeprefix("cu").removeprefix("rocm").split(".")
    return tuple(map(int, digits)) if tag[:2] in ("cu", "ro") and all(map(str.isdecimal, digits)) else ()


def triton_for(tag: str, torch_version: str) -> str | None:
    """Return the triton package that a torch build for ROCm or XPU requires; None for CPU and CUDA.

    `torch_version` is a version or the first two parts of one.
    """
    from packaging.version import Version

    build, version = builds().get(tag), Version(torch_version)
    return _triton(build.kind, f"{version.major}.{version.minor}") if build else None


def _triton(kind: str, minor: str) -> str | None:
    steps = _read("indexes.json")["triton"].get(kind, ())
    names = [name for since, name in steps if _minor(since) <= _minor(minor)]
    return names[-1] if names else None


def _minor(text: str) -> tuple[int, ...]:
    return tuple(map(int, text.split(".")))


@cache
def _cuda_libraries() -> frozenset[str]:
    return frozenset(_read("indexes.json")["cuda_libraries"]["names"])


def is_cuda_library(name: str) -> bool:
    """Return whether a package is one of the CUDA libraries that torch builds for CUDA require.

    So are nvidia-cublas-cu12, nvidia-cublas and cuda-bindings; nvidia-ml-py and cuda-python are not. Other
    packages can require these libraries too (xgboost: nvidia-nccl-cu12), so the path to one tells whose it
    is.
    """
    stem, _, suffix = name.rpartition("-")
    has_suffix = name.startswith("nvidia-") and suffix[:2] == "cu" and suffix[2:].isdecimal()
    return (stem if has_suffix else name) in _cuda_libraries()


def cuda_major_of(name: str) -> str:
    """Return the CUDA major that a package's name is bound to, as far as it is a library of CUDA; else nothing.

    So is 12 that of nvidia-cublas-cu12, cudf-cu12 and cupy-cuda12x; CUDA 13's own libraries have no suffix.
    """
    found = re.fullmatch(r".+-cu(?:da)?(1\d)x?", name)
    if found:
        return found[1]
    return "13" if name.startswith("nvidia-") and is_cuda_library(name) else ""


@cache
def uv_keys() -> Mapping[str, tuple[str, ...]]:
    """Return the keys that uv knows in `[tool.uv]`, each with the versions of uv that were asked.

    A key with `uv-0.13.9` alone is younger than uv 0.5.8.
    """
    rows = _read("uv.json")["keys"]
    return MappingProxyType({key: tuple(row["sources"]) for key, row in rows.items()})
