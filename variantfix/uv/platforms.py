"""The platforms that are told apart, by the names that markers have for them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from variantfix.namedtuple import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping

LINUX, WINDOWS, MACOS = "linux", "win32", "darwin"
SYSTEMS = (LINUX, WINDOWS, MACOS)
TITLES = {LINUX: "Linux", WINDOWS: "Windows", MACOS: "macOS"}
"""How messages call the systems."""

_NAMES = {LINUX: ("Linux", "posix"), WINDOWS: ("Windows", "nt"), MACOS: ("Darwin", "posix")}


class Platform(NamedTuple):
    """A `sys_platform` and a `platform_machine`."""

    system: str
    machine: str

    @property
    def values(self) -> Mapping[str, str]:
        """What markers find on it under CPython; what no file tells (`platform_release`) is left out."""
        platform_system, os_name = _NAMES[self.system]
        return {
            "implementation_name": "cpython",
            "os_name": os_name,
            "platform_machine": self.machine,
            "platform_python_implementation": "CPython",
            "platform_system": platform_system,
            "sys_platform": self.system,
        }


LINUX_X86, LINUX_ARM = Platform(LINUX, "x86_64"), Platform(LINUX, "aarch64")
WINDOWS_X86, WINDOWS_ARM = Platform(WINDOWS, "AMD64"), Platform(WINDOWS, "ARM64")
MACOS_ARM, MACOS_X86 = Platform(MACOS, "arm64"), Platform(MACOS, "x86_64")
PLATFORMS = frozenset((LINUX_X86, LINUX_ARM, WINDOWS_X86, WINDOWS_ARM, MACOS_ARM, MACOS_X86))
BUILT_FOR = (LINUX_X86, LINUX_ARM, WINDOWS_X86, MACOS_ARM)
"""The platforms that PyTorch has builds for today; closures are walked for these."""

_TITLES = dict(zip(BUILT_FOR, ("linux-x86_64", "linux-aarch64", "win32-amd64", "macos-arm64"), strict=True))


class Host(NamedTuple):
    """A platform with a CPython, given by its full version (`3.12.4`): one environment that uv installs into."""

    platform: Platform
    python: str

    @property
    def name(self) -> str:
        """The platform's name as reports have it, for example `linux-x86_64`."""
        return _TITLES[self.platform]

    @property
    def system(self) -> str:
        """Its `sys_platform`."""
        return self.platform.system

    @property
    def machine(self) -> str:
        """Its `platform_machine`."""
        return self.platform.machine

    @property
    def environment(self) -> Mapping[str, str]:
        """The environment for markers, PEP 508's names without `extra`."""
        return {
            **self.platform.values,
            "implementation_version": self.python,
            "platform_release": "",
            "platform_version": "",
            "python_full_version": self.python,
            "python_version": ".".join(self.python.split(".")[:2]),
        }


def hosts(python: str) -> tuple[Host, ...]:
    """Linux on x86_64 and aarch64, Windows, and macOS on arm64, with one Python (`3.12`, `3.12.4`)."""
    full = python if python.count(".") > 1 else f"{python}.0"
    return tuple(Host(platform, full) for platform in BUILT_FOR)
