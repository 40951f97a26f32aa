"""Which wheels an index of the world carries for a package. Pure: the catalogue's tables, and the couplings.

An index is `PYPI`, the tag of an accelerator (`cu128`), or `NIGHTLY` and a tag.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from packaging.version import Version

from tests.world.stubs import STOCK, Pins
from tests.world.wheel import ANY, PLATFORM_TAGS, Wheel
from variantfix.pytorch import catalog, tables
from variantfix.pytorch.facts import Row

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from variantfix.pytorch.facts import Dependent, Edge, Release

PYPI = "pypi"
NIGHTLY = "nightly/"

_CUDA_LIBRARIES = ("nvidia-cublas", "nvidia-cudnn", "nvidia-nccl")
_ON_LINUX = "platform_system == 'Linux'"
_ON_LINUX_X86 = f"{_ON_LINUX} and platform_machine == 'x86_64'"
_LINUX = ("linux-x86_64", "linux-aarch64")
_TORCH_NEEDS = ("filelock", "fsspec", "jinja2", "networkx", "sympy", "typing-extensions")

# The plain packages that the PyTorch indexes list too: old, and for Linux alone.
_MIRRORED = (
    *_TORCH_NEEDS,
    "certifi",
    "charset-normalizer",
    "idna",
    "markupsafe",
    "numpy",
    "pillow",
    "requests",
)
_MIRRORED_VERSION = "0.5.0"

# On linux-aarch64 the wheels bear a local version from these versions on.
_AARCH64_LOCAL_FROM = {"torch": "2.6", "torchvision": "0.25", "torchaudio": "2.10"}

# Packages whose wheels bear no local version, and the platforms they are for.
_BARE = {
    "triton": _LINUX,
    "triton-rocm": ("linux-x86_64",),
    "pytorch-triton-rocm": ("linux-x86_64",),
    "triton-xpu": ("linux-x86_64", "win-amd64"),
    "pytorch-triton-xpu": ("linux-x86_64", "win-amd64"),
    "xformers": ("linux-x86_64", "win-amd64"),
}

_NOTHING = Row("0", "", (), None)

# Versions of family packages whose pairs with torch nobody declares.
_TORCHAO = tuple(f"0.{minor}.0" for minor in range(5, 16))


def kind_of(tag: str) -> str:
    """The kind of accelerator that a tag names: `cpu`, `cuda`, `rocm` or `xpu`."""
    word = tag.rstrip("0123456789.")
    return "cuda" if word == "cu" else word


@cache
def on_index(index: str, name: str, pins: Pins = ()) -> tuple[Wheel, ...]:
    """Every wheel of a normalised package name on an index; none where the index lacks the package.

    `pins` are versions that the stubs have beyond their stock, see `stubs.pins`.
    """
    found = _on_nightly(index, name) if index.startswith(NIGHTLY) else _wheels(index, name, pins)
    # A companion of two torch releases comes twice; the older release's Requires-Python holds.
    return tuple({wheel.filename: wheel for wheel in reversed(tuple(found))}.values())[::-1]


def _wheels(index: str, name: str, pins: Pins) -> Iterable[Wheel]:
    wanted = tuple(version for pinned, version in pins if pinned == name)
    if name in catalog.family():
        return _family(index, name, wanted) if _is_hosted(index, name) else ()
    if catalog.is_cuda_library(name):
        hosts = index == PYPI or kind_of(index) == "cuda"
        return (Wheel(name, v, system) for v in (*STOCK, *wanted) for system in _LINUX) if hosts else ()
    if index == PYPI:
        return _ordinary(name, STOCK, wanted)
    return (Wheel(name, _MIRRORED_VERSION, "linux-x86_64"),) if name in _MIRRORED else ()


def _is_hosted(index: str, name: str) -> bool:
    package = catalog.family()[name]
    return package.on_pypi if index == PYPI else kind_of(index) in package.kinds


def _family(index: str, name: str, wanted: tuple[str, ...]) -> Iterator[Wheel]:
    if name == "torch":
        yield from _torch(index)
        return
    for release, patch in _patches():
        for version in release.companions.get(name, {}).get(patch, ()):
            if _has_build(index, name, version):
                needs = _companion_needs(name, _full(version), patch)
                yield from _builds(index, name, _full(version), _platforms(index, release), needs, _python(release))
    needs = tuple(map(_show, catalog.family()[name].requires))
    for version in _unpaired(name, wanted):
        yield from _builds(index, name, version, tuple(PLATFORM_TAGS), needs)


def _has_build(index: str, name: str, version: str) -> bool:
    """Whether a version is on an index at all: the catalogue lists some packages' accelerators by version."""
    tags = catalog.family()[name].tags
    return index == PYPI or not tags or index in tags.get(version, ())


def _unpaired(name: str, wanted: tuple[str, ...]) -> tuple[str, ...]:
    """Versions that go with any torch; the packages that are released with torch have none."""
    if name == "torchao":
        return *_TORCHAO, *wanted
    return () if any(name in release.companions for release in catalog.releases()) else (*STOCK, *wanted)


def _torch(index: str) -> Iterator[Wheel]:
    for release, patch in _patches():
        needs = _torch_needs(release.pypi if index == PYPI else index, release, patch)
        yield from _builds(index, "torch", patch, _platforms(index, release), needs, _python(release))
    trap = catalog.builds()[index].trap if index in catalog.builds() else ()
    for version in trap:
        yield from (Wheel("torch", version, platform, _TORCH_NEEDS) for platform in _LINUX)


def _torch_needs(tag: str, release: Release, patch: str) -> tuple[str, ...]:
    """What torch built for an accelerator requires: its libraries and its triton, on Linux."""
    kind = kind_of(tag)
    # PyPI's builds for Linux on ARM were without CUDA first.
    where = _ON_LINUX_X86 if release.pypi_aarch64 == "cpu" or kind != "cuda" else _ON_LINUX
    needs = [*_TORCH_NEEDS]
    if kind == "cuda":
        needs += [f"{library}-{tag[:4]} ; {where}" for library in _CUDA_LIBRARIES]
    triton = "triton" if kind == "cuda" else catalog.triton_for(tag, release.minor)
    if triton:
        exact = [f"=={_full(version)}" for version in release.companions.get(triton, {}).get(patch, ())]
        needs.append(f"{triton}{''.join(exact[:1])} ; {where}")
    # Its own triton stands first there; PyPI's torch is for CUDA or the CPU.
    needs += [f"{name} ; {where}" for name in catalog.beside_torch(tag, release.minor) if name != triton]
    return tuple(needs)


def _companion_needs(name: str, version: str, torch: str) -> tuple[str, ...]:
    """What a version of a companion declares; most are bound to the very torch they were built with."""
    number = Version(version)
    exact = (f"torch=={torch}",)
    if name == "torchvision":
        return "numpy", "pillow", *(("torch>=2.14.0",) if number >= Version("0.29.1") else exact)
    if name == "torchaudio":
        return exact if number < Version("2.11") else ()
    if name == "xformers":
        return "numpy", *(("torch>=2.10",) if number >= Version("0.0.34") else exact)
    if name == "torchtext":
        return "numpy", "requests", "tqdm", *exact
    return ()


def _builds(
    index: str, name: str, version: str, platforms: Iterable[str], needs: tuple[str, ...], python: str = ""
) -> Iterator[Wheel]:
    for platform in platforms:
        if platform in _BARE.get(name, PLATFORM_TAGS):
            local = _local_version(index, name, version, platform)
            yield Wheel(name, f"{version}{local}", platform, needs, python=python)


def _local_version(index: str, name: str, version: str, platform: str) -> str:
    is_told = catalog.family()[name].accelerator_specific and name not in _BARE
    if index == PYPI or not is_told or platform == "macos-arm64" or "+" in version:
        return ""
    if platform == "linux-aarch64" and Version(version) < Version(_AARCH64_LOCAL_FROM.get(name, "0")):
        return ""
    return f"+{index}"


def _platforms(index: str, release: Release) -> tuple[str, ...]:
    platforms = tuple(PLATFORM_TAGS) if index == PYPI else release.tags.get(index, ())
    return tuple(platform for platform in platforms if platform in PLATFORM_TAGS)


def _python(release: Release) -> str:
    oldest = min(release.pythons, key=Version)
    return f">={oldest}"


def _patches() -> Iterator[tuple[Release, str]]:
    return ((release, patch) for release in catalog.releases() for patch in release.patches)


def _full(version: str) -> str:
    """A series such as `0.14` as its first release; other versions as they are."""
    return f"{version}.0" if version.count(".") == 1 else version


def _on_nightly(index: str, name: str) -> Iterator[Wheel]:
    """One nightly build of the torch to come, for the tags of the newest release."""
    tag = index.removeprefix(NIGHTLY)
    newest = catalog.releases()[-1]
    major, minor = newest.minor.split(".")
    night = f"{major}.{int(minor) + 1}.0.dev20261101"
    platforms = _platforms(tag, newest)
    if name == "torch":
        needs = tuple(need for need in _torch_needs(tag, newest, "") if "triton" not in need)
        yield from _builds(tag, name, night, platforms, needs)
    if name == "torchvision":
        yield from _builds(tag, name, "0.30.0.dev20261101", platforms, ("numpy", "pillow", f"torch=={night}"))


def _ordinary(name: str, stock: Iterable[str], wanted: Iterable[str]) -> Iterator[Wheel]:
    """The stub versions, which are like the newest one that is known, and those that a project pins."""
    dependent = catalog.dependents().get(name)
    for version in (*stock, *wanted):
        row = _row(dependent, version if version in wanted else "") if dependent else _NOTHING
        yield Wheel(name, version, ANY, _needs(row), tuple(sorted(row.extras or {})))


def _row(dependent: Dependent, version: str) -> Row:
    """What a version requires: the row at or below it, the newest for none and where it is older than all rows."""
    newest = Row(dependent.seen or "0", "", dependent.requires, dependent.extras)
    single = (Row(since, "", requires, dependent.extras) for since, requires in dependent.at.items())
    rows = sorted((newest, *single, *tables.history(dependent.name)), key=lambda row: Version(row.since))
    below = [row for row in rows if version and Version(row.since) <= Version(version)]
    return below[-1] if below else newest


def _needs(row: Row) -> tuple[str, ...]:
    """The edges of a version of a torch-dependent package, those of its extras behind their markers."""
    under = (_show(edge, f"extra == '{extra}'") for extra, edges in (row.extras or {}).items() for edge in edges)
    return *map(_show, row.requires), *under


def _show(edge: Edge, extra: str = "") -> str:
    marker = " and ".join(filter(None, (f"({edge.marker})" if edge.marker and extra else edge.marker, extra)))
    asked = f"{edge.name}[{','.join(edge.extras)}]" if edge.extras else edge.name
    return f"{asked} ; {marker}" if marker else asked
