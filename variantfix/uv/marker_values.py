"""The values that marker fields really have, and how people misspell them.

A comparison with a value that a field never has is not refused by anyone: `==` is never true, `!=` always. Source of
the values: `sys.platform`, `platform.system()` and `os.name` of CPython on Linux, Windows and macOS.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from variantfix.memo import kept
from variantfix.namedtuple import NamedTuple
from variantfix.uv.marker_syntax import tokens
from variantfix.uv.markers import platforms

if TYPE_CHECKING:
    from collections.abc import Iterator

    from variantfix.uv.marker_syntax import Token

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


class Misspelt(NamedTuple):
    """A comparison of a field with a value that it never has, and the value that is meant."""

    field: str
    value: str
    meant: str

    def __str__(self) -> str:
        return f"{self.field} is never {self.value!r}, but {self.meant!r}"


@kept
def misspelt(marker: str) -> tuple[Misspelt, ...]:
    """The comparisons of a marker with a value that the field never has, as far as it is evident what is meant.

    Where the right one stands beside (`sys_platform == 'linux' or sys_platform == 'linux2'`), nothing is wrong.
    """
    if platforms(marker) == platforms(respelt(marker)):
        return ()
    found = (Misspelt(key, value.word, meant) for key, value, meant in _wrong(marker))
    return tuple(dict.fromkeys(found))


def respelt(marker: str) -> str:
    """The marker with the values that its fields really have."""
    for _, value, meant in reversed(list(_wrong(marker))):
        marker = marker[: value.start] + meant + marker[value.end :]
    return marker


def respelt_requirement(text: str, marker: str) -> str:
    """A requirement with a marker, written with the values that the marker's fields really have."""
    own = text.rstrip()
    head = own.removesuffix(marker) if own.endswith(marker) else f"{own.partition(';')[0]}; "
    return f"{head}{respelt(marker)}{text[len(own) :]}"


def _wrong(marker: str) -> Iterator[tuple[str, Token, str]]:
    """The key and the value of each comparison that is wrong, and the value that is meant."""
    found = list(tokens(marker))
    for three in zip(found, found[1:], found[2:], strict=False):
        if three[1].word in ("==", "!=") and {three[0].kind, three[2].kind} == {"word", "value"}:
            key, value = three[::2] if three[0].kind == "word" else three[::-2]
            if key.word in _VALUES and (meant := _meant(key.word, value.word)):
                yield key.word, value, meant


def _meant(field: str, value: str) -> str:
    """The value that a wrong one stands for; empty for one that is right, or that tells no system."""
    meant = _VALUES[field].get(_WORDS.get(value.lower(), ""), "")
    return "" if meant == value else meant
