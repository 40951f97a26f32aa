"""Closures, what uv installs for a selection on a platform: how to read them, and what is wrong in them."""

from __future__ import annotations

import re
import subprocess
from functools import cache
from itertools import groupby
from typing import TYPE_CHECKING

from packaging.markers import default_environment
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.world import wheels
from tests.world.wheels import kind_of
from variantfix.pytorch import catalog

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

# Pairs of a normalised name and a version, sorted; two builds of one package are two pairs.
Closure = tuple[tuple[str, str], ...]

# The marker variables of the catalogue's platforms.
PLATFORMS: Mapping[str, Mapping[str, str]] = {
    "linux-x86_64": {
        "sys_platform": "linux",
        "platform_system": "Linux",
        "platform_machine": "x86_64",
        "os_name": "posix",
    },
    "linux-aarch64": {
        "sys_platform": "linux",
        "platform_system": "Linux",
        "platform_machine": "aarch64",
        "os_name": "posix",
    },
    "win-amd64": {
        "sys_platform": "win32",
        "platform_system": "Windows",
        "platform_machine": "AMD64",
        "os_name": "nt",
    },
    "macos-arm64": {
        "sys_platform": "darwin",
        "platform_system": "Darwin",
        "platform_machine": "arm64",
        "os_name": "posix",
    },
}

_CUDA_MAJOR = re.compile(r"-(cu\d\d)$")
_LOCAL = re.compile(r"\+(cpu|xpu|cu\d{2,3}|rocm[\d.]*\d)$")


def exported(text: str, python: str) -> dict[str, Closure]:
    """The closure on each platform from the requirements that `uv export` prints, for an interpreter."""
    lines = [line for line in text.splitlines() if line and not line.startswith(("#", "-", " "))]
    requirements = [Requirement(line) for line in lines]
    version = _python_version(python)
    return {
        platform: _closure(requirements, {**_environment(version), **words}) for platform, words in PLATFORMS.items()
    }


def _closure(requirements: Iterable[Requirement], environment: dict[str, str]) -> Closure:
    return tuple(
        sorted(
            (canonicalize_name(requirement.name), str(requirement.specifier).removeprefix("=="))
            for requirement in requirements
            if requirement.marker is None or requirement.marker.evaluate(environment)
        )
    )


@cache
def _python_version(python: str) -> str:
    command = [python, "-c", "import platform; print(platform.python_version())"]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()


def _environment(version: str) -> dict[str, str]:
    short = ".".join(version.split(".")[:2])
    return {**default_environment(), "python_full_version": version, "python_version": short, "extra": ""}  # type: ignore[dict-item]


def installed(environment: Path) -> dict[str, Closure]:
    """The closure on this machine's platform, from the dist-info folders of an environment."""
    found = (folder.name.removesuffix(".dist-info").split("-") for folder in environment.rglob("*.dist-info"))
    return {_this_platform(): tuple(sorted((canonicalize_name(name), version) for name, version in found))}


def _this_platform() -> str:
    here = default_environment()
    wanted = (here["sys_platform"], here["platform_machine"])
    return next(
        name for name, words in PLATFORMS.items() if (words["sys_platform"], words["platform_machine"]) == wanted
    )


def leaks(closure: Closure, tag: str, platform: str) -> tuple[str, ...]:
    """What in a closure belongs to another accelerator or to none, one sentence each, sorted.

    `tag` is the closure's accelerator, `platform` one of `PLATFORMS`. A closure names no index, so a version
    that PyPI and the accelerator's index both have (xformers bears no local one) counts as the accelerator's.
    """
    doubled = ((name, [version for _, version in pairs]) for name, pairs in groupby(closure, key=lambda pair: pair[0]))
    several = (f"{name}: {len(builds)} builds, {' and '.join(builds)}" for name, builds in doubled if len(builds) > 1)
    strange = (sentence for name, version in closure for sentence in _strange(name, version, tag, platform))
    return tuple(sorted([*several, *strange]))


def _strange(name: str, version: str, tag: str, platform: str) -> Iterator[str]:
    package = catalog.family().get(name)
    local = _LOCAL.search(version)
    if local and local[1] != tag:
        yield f"{name} {version}: a build for {local[1]}"
    elif catalog.is_cuda_library(name) and not _is_for(name, tag):
        yield f"{name} {version}: a CUDA library, not for {tag}"
    elif package and package.accelerator_specific and not local:
        if not package.on_pypi and kind_of(tag) not in package.kinds:
            yield f"{name} {version}: nothing for {tag}"
        elif platform.startswith("linux") and not _is_own(name, version, tag, platform):
            yield f"{name} {version}: not a build for {tag}"


def _is_for(library: str, tag: str) -> bool:
    """Whether a CUDA library is for the tag's CUDA; those without a suffix are for any."""
    major = _CUDA_MAJOR.search(library)
    return kind_of(tag) == "cuda" and (major is None or tag.startswith(major[1]))


def _is_own(name: str, version: str, tag: str, platform: str) -> bool:
    """Whether a version is on the tag's index, if that index has the package for the platform at all."""
    builds = _builds(tag, name, platform)
    return not builds or version in builds


def gaps(closure: Closure, tag: str, platform: str) -> tuple[str, ...]:
    """The family packages without a wheel for a platform, or with PyPI's alone, one sentence each, sorted."""
    return tuple(sorted(sentence for name, version in closure for sentence in _gap(name, version, tag, platform)))


def _gap(name: str, version: str, tag: str, platform: str) -> Iterator[str]:
    package = catalog.family().get(name)
    if package is None:
        return
    builds = _builds(tag, name, platform)
    if version in builds:
        return
    if version.endswith(f"+{tag}") or (not package.on_pypi and kind_of(tag) in package.kinds):
        yield f"{name} {version}: no wheel for {platform}"
    elif platform == "win-amd64" and kind_of(tag) != "cpu" and builds and "+" not in version:
        yield f"{name} {version}: PyPI's build, without {tag}"


@cache
def _builds(tag: str, name: str, platform: str) -> frozenset[str]:
    """The versions of a package for a platform on a tag's index, nightly builds included."""
    found = (*wheels.on_index(tag, name), *wheels.on_index(f"{wheels.NIGHTLY}{tag}", name))
    return frozenset(wheel.version for wheel in found if wheel.platform == platform)
