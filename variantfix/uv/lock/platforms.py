"""The platforms on which a closure is walked, each with its marker environment and its wheel tags."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from packaging.tags import compatible_tags, cpython_tags, mac_platforms

if TYPE_CHECKING:
    from collections.abc import Mapping

# A current system: a newer one never loses a wheel, an older one would report gaps that few users have.
_GLIBC = 39
_MACOS = (15, 0)
# manylinux tags begin at glibc 2.5 on x86_64 and at 2.17 on aarch64 (PEP 513, PEP 599).
_OLDEST_GLIBC = {"x86_64": 5, "aarch64": 17}
_LEGACY_MANYLINUX = {17: "manylinux2014", 12: "manylinux2010", 5: "manylinux1"}


@dataclass(frozen=True, slots=True)
class Platform:
    """A system with a CPython, as markers and wheel tags see it; `python` is a full version (`3.12.4`)."""

    name: str
    sys_platform: str
    platform_machine: str
    platform_system: str
    os_name: str
    python: str
    platform_release: str = ""
    platform_version: str = ""
    implementation_name: str = "cpython"
    platform_python_implementation: str = "CPython"

    @property
    def environment(self) -> Mapping[str, str]:
        """The environment for markers, PEP 508's names without `extra`."""
        return {
            "implementation_name": self.implementation_name,
            "implementation_version": self.python,
            "os_name": self.os_name,
            "platform_machine": self.platform_machine,
            "platform_python_implementation": self.platform_python_implementation,
            "platform_release": self.platform_release,
            "platform_system": self.platform_system,
            "platform_version": self.platform_version,
            "python_full_version": self.python,
            "python_version": ".".join(self.python.split(".")[:2]),
            "sys_platform": self.sys_platform,
        }


class _System(NamedTuple):
    sys_platform: str
    platform_machine: str
    platform_system: str
    os_name: str


_SYSTEMS = {
    "linux-x86_64": _System("linux", "x86_64", "Linux", "posix"),
    "linux-aarch64": _System("linux", "aarch64", "Linux", "posix"),
    "win32-amd64": _System("win32", "AMD64", "Windows", "nt"),
    "macos-arm64": _System("darwin", "arm64", "Darwin", "posix"),
}


def platforms(python: str) -> tuple[Platform, ...]:
    """Return Linux on x86_64 and aarch64, Windows, and macOS on arm64, with one Python (`3.12`, `3.12.4`)."""
    full = python if python.count(".") > 1 else f"{python}.0"
    return tuple(Platform(name, *system, python=full) for name, system in _SYSTEMS.items())


@lru_cache(maxsize=32)
def tag_ranks(platform: Platform) -> Mapping[str, int]:
    """Return the wheel tags that a platform can install, such as `cp312-cp312-win_amd64`; 0 is the best."""
    major, minor, *_ = (int(part) for part in platform.python.split(".")[:2])
    interpreter = f"cp{major}{minor}"
    names = tuple(_wheel_platforms(platform))
    tags = (
        *cpython_tags((major, minor), [interpreter], names),
        *compatible_tags((major, minor), interpreter, names),
    )
    return {str(tag): rank for rank, tag in reversed(tuple(enumerate(tags)))}


def _wheel_platforms(platform: Platform) -> list[str]:
    machine = platform.platform_machine
    match platform.sys_platform:
        case "linux":
            names = []
            for glibc in range(_GLIBC, _OLDEST_GLIBC.get(machine, 17) - 1, -1):
                names.append(f"manylinux_2_{glibc}_{machine}")
                if glibc in _LEGACY_MANYLINUX:
                    names.append(f"{_LEGACY_MANYLINUX[glibc]}_{machine}")
            return [*names, f"linux_{machine}"]
        case "darwin":
            return list(mac_platforms(_MACOS, machine))
        case _:
            return [f"win_{machine.lower()}"]
