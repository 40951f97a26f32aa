"""On which systems an environment marker can hold."""

from __future__ import annotations

from functools import cache
from itertools import product

from variantfix.accelerator import LINUX, MACOS, WINDOWS

SYSTEMS = (LINUX, WINDOWS, MACOS)

_MACHINES = {LINUX: ("x86_64", "aarch64"), WINDOWS: ("AMD64", "ARM64"), MACOS: ("arm64", "x86_64")}
_NAMES = {LINUX: ("Linux", "posix"), WINDOWS: ("Windows", "nt"), MACOS: ("Darwin", "posix")}
_PYTHONS = tuple(f"3.{minor}" for minor in range(8, 16))


@cache
def systems(marker: str) -> frozenset[str]:
    """The `sys_platform` values on which a marker holds for some machine and Python; all for an empty one.

    The marker is one that PEP 508 accepts.
    """
    if not marker:
        return frozenset(SYSTEMS)
    from packaging.markers import Marker

    parsed = Marker(marker)
    pythons = _PYTHONS if "python" in marker else _PYTHONS[-1:]
    return frozenset(
        system
        for system in SYSTEMS
        if any(
            parsed.evaluate(_environment(system, machine, python))
            for machine, python in product(_MACHINES[system], pythons)
        )
    )


@cache
def is_marker(text: str) -> bool:
    """Whether PEP 508 accepts the marker."""
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
