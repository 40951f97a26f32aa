"""What in a closure belongs to another accelerator, or to none; and where an accelerator has no build."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from variantfix.credentials import strip
from variantfix.detect.routing import must_route
from variantfix.memo import kept
from variantfix.namedtuple import NamedTuple
from variantfix.pytorch import accelerator, catalog
from variantfix.uv.markers import LINUX, MACOS, holds, names_system, systems

if TYPE_CHECKING:
    from collections.abc import Iterator

    from variantfix.detect.context import Context
    from variantfix.detect.variants import Variant
    from variantfix.pytorch.accelerator import Accelerator
    from variantfix.uv.lock import Closure, Installed, Package
    from variantfix.uv.platforms import Host

_LOCKSTEP = ("torch", "torchvision", "torchaudio")


class Leak(NamedTuple):
    """A package that a closure should not have; `reason` is a clause, `path` the requirements that bring it.

    `index` is the URL that it comes from, without credentials.
    """

    package: str
    version: str
    index: str  # type: ignore[assignment]  # hides a tuple's method
    reason: str
    path: tuple[str, ...]


class Gap(NamedTuple):
    """A family package that a platform cannot have as the variant's own build; `reason` is a clause."""

    package: str
    version: str
    reason: str


class Standard(NamedTuple):
    """What a variant's closures are judged by: the variant, and the URLs of its own indexes.

    `scoped` are the markers of its sources, by package; `is_beside` says that another extra or group is on, too.
    """

    variant: Variant
    indexes: frozenset[str]
    scoped: tuple[tuple[str, tuple[str, ...]], ...]
    is_beside: bool = False

    @property
    def accelerator(self) -> Accelerator:
        """The accelerator that all builds should be for."""
        return self.variant.accelerator

    def leaves_out(self, package: str, platform: Host) -> bool:
        """Whether the variant's sources of a package leave this platform to others, and mean it.

        A marker that names its systems means it; one that only names a machine, or that never holds, does not.
        """
        markers = dict(self.scoped).get(package, ())
        are_meant = any(names_system(marker) and systems(marker) for marker in markers)
        return are_meant and not any(holds(marker, platform.environment) for marker in markers)


def standard(ctx: Context, variant: Variant) -> Standard:
    """The standard for one variant of a context."""
    sources = {package: ctx.sources(variant, package) for package in catalog.family()}
    urls = (strip(url) for package in sources for url in ctx.urls(variant, package))
    return Standard(
        variant,
        frozenset(filter(None, urls)),
        tuple((p, tuple(s.marker for s in found)) for p, found in sources.items() if found),
    )


def find_leaks(closure: Closure, wanted: Standard | None) -> tuple[Leak, ...]:
    """The leaks of a closure, by package; without a standard only what is there twice."""
    found = [
        (package, reason)
        for package in closure.packages
        if wanted and (reason := _strange(package, wanted, closure.platform)) and _counts(package)
    ]
    strange = {package.name for package, _ in found}
    found += [(package, "a second build") for package in _doubled(closure, wanted) if package.name not in strange]
    return tuple(
        Leak(p.name, p.version or "", strip(p.source.location), _beside(p, closure, reason), p.path)
        for p, reason in sorted(found, key=_order)
    )


def _doubled(closure: Closure, wanted: Standard | None) -> Iterator[Installed]:
    """The packages that are there more than once, without the variant's own builds."""
    counts = Counter(package.name for package in closure.packages)
    for package in closure.packages:
        if counts[package.name] > 1 and (wanted is None or _told(package) not in wanted.variant.accelerators):
            yield package


def _order(found: tuple[Installed, str]) -> tuple[bool, bool, str, str]:
    """Put torch first, then its family: what they bring costs more, but they are the cause."""
    package = found[0]
    return package.name != "torch", package.name not in catalog.family(), package.name, package.version or ""


def _beside(package: Installed, closure: Closure, reason: str) -> str:
    others = [p for p in closure.packages if p.name == package.name and p is not package]
    return f"{reason}, beside {' and '.join(p.version or '' for p in others)}" if others else reason


def could_leak(row: Package, wanted: Standard, platform: Host) -> bool:
    """Whether a package is a leak of a variant's closure on a platform, where what brings it does not speak for it."""
    return bool(_strange(row, wanted, platform))


def _counts(package: Installed) -> bool:
    """CUDA libraries are torch's where a family package brings them: xgboost has a use for them, too."""
    family = catalog.family()
    return package.name in family or any(step.partition("[")[0] in family for step in package.path[:-1])


def _strange(package: Installed | Package, wanted: Standard, platform: Host) -> str:
    """Why a package is not of the variant, as a clause; empty if it is, or if it has no accelerator."""
    family = catalog.family().get(package.name)
    if family is None:
        return _strange_library(package.name, wanted)
    if not family.accelerator_specific:
        return ""
    if told := _told(package):
        is_stand_in = told.kind == "cpu" and _has_no_build(package, wanted, platform)
        return "" if told in wanted.variant.accelerators or is_stand_in else f"a build for {told.tag}"
    if _is_own(package, wanted) or _has_no_build(package, wanted, platform):
        return ""
    if package.source.kind != "registry" or not _is_wanted(package, wanted):
        return ""
    if not must_route(wanted.variant, package.name) or _is_cpu_on_pypi(package, wanted, platform):
        return ""
    return f"not a build for {wanted.accelerator.tag}"


def _is_wanted(package: Installed | Package, wanted: Standard) -> bool:
    """Whether torch breaks without the variant's build of a package, or the variant itself asks for it.

    xformers or torchao that only an extra beside the variant brings cannot be routed without installing them there.
    """
    return not wanted.is_beside or package.name in _LOCKSTEP


def _strange_library(name: str, wanted: Standard) -> str:
    if not catalog.is_cuda_library(name):
        return ""
    major = name.rpartition("-cu")[2]
    if wanted.accelerator.kind != "cuda":
        return "a CUDA library"
    is_other = major.isdecimal() and not wanted.accelerator.tag.startswith(f"cu{major}")
    return f"a library of CUDA {major}" if is_other else ""


def _told(package: Installed | Package) -> Accelerator | None:
    """The accelerator of a package: its index says it more surely than its local version."""
    if package.source.kind == "registry" and (told := accelerator.from_url(package.source.location)):
        return told
    return accelerator.from_local_version(f"=={package.version}")


def _is_own(package: Installed | Package, wanted: Standard) -> bool:
    return strip(package.source.location) in wanted.indexes


def _has_no_build(package: Installed | Package, wanted: Standard, platform: Host) -> bool:
    """Whether another build may stand in on this platform: there is none, or the sources leave it out."""
    return not _is_offered(wanted.accelerator, platform) or wanted.leaves_out(package.name, platform)


def _is_offered(wanted: Accelerator, platform: Host) -> bool:
    """Whether torch was ever built for an accelerator and a platform, as far as is known."""
    build = catalog.builds().get(wanted.tag)
    if build is None or not build.platforms:
        return platform.system in wanted.systems
    return platform.name.replace("win32", "win") in build.platforms


def _is_cpu_on_pypi(package: Installed | Package, wanted: Standard, platform: Host) -> bool:
    """Whether PyPI's build does for a CPU variant: it has no accelerator but on Linux."""
    if platform.system == MACOS:
        return True
    if wanted.accelerator.kind != "cpu":
        return False
    return platform.system != LINUX or (
        platform.machine == "aarch64" and _is_cpu_on_arm(package.name, package.version or "")
    )


@kept
def _is_cpu_on_arm(package: str, version: str) -> bool:
    month = catalog.released(package, version)
    return any(release.released == month and release.pypi_aarch64 == "cpu" for release in catalog.releases())


def find_gaps(closure: Closure, wanted: Standard) -> tuple[Gap, ...]:
    """The gaps of a variant's closure, by package."""
    found = ((p, _gap(p, wanted, closure.platform)) for p in closure.packages)
    return tuple(Gap(p.name, p.version or "", reason) for p, reason in found if reason)


def _gap(package: Installed, wanted: Standard, platform: Host) -> str:
    family = catalog.family().get(package.name)
    if family is None or not family.accelerator_specific:
        return ""
    if package.missing:
        return "no wheel"
    told = _told(package)
    if told in wanted.variant.accelerators or wanted.accelerator.kind == "cpu" or (told and told.kind != "cpu"):
        return ""
    if _is_own(package, wanted) or not must_route(wanted.variant, package.name):
        return ""
    if not _has_no_build(package, wanted, platform):
        return ""
    return f"a build without {wanted.accelerator.tag}, from {'its CPU index' if told else 'the default index'}"
