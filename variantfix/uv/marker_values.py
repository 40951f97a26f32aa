"""The values that marker fields really have, and how people misspell them.

A comparison with a value that a field never has is not refused by anyone: `==` is never true, `!=` always. Source of
the values: `sys.platform`, `platform.system()` and `os.name` of CPython on Linux, Windows and macOS.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from variantfix.uv.markers import platforms

_VALUES = {
    "sys_platform": {"linux": "linux", "windows": "win32", "macos": "darwin"},
    "platform_system": {"linux": "Linux", "windows": "Windows", "macos": "Darwin"},
    "os_name": {"windows": "nt"},
}
_WORDS = {
    "linux": "linux",
    "linux2": "linux",
    "windows": "windows",
    "win32": "windows",
    "win64": "windows",
    "win": "windows",
    "nt": "windows",
    "darwin": "macos",
    "macos": "macos",
    "mac": "macos",
    "macosx": "macos",
    "osx": "macos",
}
_ATOM = re.compile(r"\b(sys_platform|platform_system|os_name)(\s*[=!]=\s*)(['\"])([^'\"]*)\3")


class Misspelt(NamedTuple):
    """A comparison of a field with a value that it never has, and the value that is meant."""

    field: str
    value: str
    meant: str

    def __str__(self) -> str:
        return f"{self.field} is never {self.value!r}, but {self.meant!r}"


def misspelt(marker: str) -> tuple[Misspelt, ...]:
    """The comparisons of a marker with a value that the field never has, as far as it is evident what is meant.

    Where the right one stands beside (`sys_platform == 'linux' or sys_platform == 'linux2'`), nothing is wrong.
    """
    if platforms(marker) == platforms(respelt(marker)):
        return ()
    found = (Misspelt(match[1], match[4], _meant(match[1], match[4])) for match in _ATOM.finditer(marker))
    return tuple(dict.fromkeys(each for each in found if each.meant))


def respelt(marker: str) -> str:
    """The marker, or a requirement with one, with the values that its fields really have."""
    return _ATOM.sub(lambda m: f"{m[1]}{m[2]}{m[3]}{_meant(m[1], m[4]) or m[4]}{m[3]}", marker)


def _meant(field: str, value: str) -> str:
    """The value that a wrong one stands for; empty for one that is right, or that tells no system."""
    meant = _VALUES[field].get(_WORDS.get(value.lower(), ""), "")
    return "" if meant == value else meant
