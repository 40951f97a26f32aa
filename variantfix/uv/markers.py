"""On which systems an environment marker can hold."""

from __future__ import annotations

import re
from functools import cache

LINUX, WINDOWS, MACOS = "linux", "win32", "darwin"
SYSTEMS = (LINUX, WINDOWS, MACOS)

Platform = tuple[str, str]
"""A `sys_platform` and a `platform_machine`."""

_MACHINES = {LINUX: ("x86_64", "aarch64"), WINDOWS: ("AMD64", "ARM64"), MACOS: ("arm64", "x86_64")}
_NAMES = {LINUX: ("Linux", "posix"), WINDOWS: ("Windows", "nt"), MACOS: ("Darwin", "posix")}
PLATFORMS = frozenset((system, machine) for system in SYSTEMS for machine in _MACHINES[system])
_PYTHONS = tuple(f"3.{minor}" for minor in range(8, 16))

_ATOM = (
    r"(?:python_version|python_full_version|sys_platform|platform_system|platform_machine|os_name|extra)"
    r"\s*(?:[=!]=|[<>]=?|in|not\s+in)\s*(?:'[^']*'|\"[^\"]*\")"
)
_PLAIN = re.compile(rf"\s*{_ATOM}(?:\s+(?:and|or)\s+{_ATOM})*\s*")


@cache
def platforms(marker: str) -> frozenset[Platform]:
    """The platforms on which a marker can hold, for some Python; all for an empty one.

    The marker is one that PEP 508 accepts.
    """
    if not marker:
        return PLATFORMS
    from packaging.markers import Marker

    parsed = Marker(marker)
    pythons = _PYTHONS if "python" in marker else _PYTHONS[-1:]
    return frozenset(
        platform
        for platform in PLATFORMS
        if any(parsed.evaluate(_environment(*platform, python)) for python in pythons)
    )


def systems(marker: str) -> frozenset[str]:
    """The `sys_platform` values on which a marker can hold."""
    return frozenset(system for system, _ in platforms(marker))


@cache
def is_marker(text: str) -> bool:
    """Whether PEP 508 accepts the marker."""
    if _PLAIN.fullmatch(text):
        return True  # as most are: packaging costs more to import than a whole check
    from packaging.markers import InvalidMarker, Marker

    try:
        Marker(text)
    except InvalidMarker:
        return False
    return True


def _environment(system: str, machine: str, python: str) -> dict[str, str]:
    name, os_name = _NAMES[system]
    return {
        "sys_platform": system,
        "platform_system": name,
        "os_name": os_name,
        "platform_machine": machine,
        "python_version": python,
        "python_full_version": f"{python}.0",
        "implementation_name": "cpython",
        "platform_python_implementation": "CPython",
        "extra": "",
    }
