"""The requirements of a package's metadata, told apart by the extras under which they hold."""

from __future__ import annotations

from typing import TYPE_CHECKING

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name

from variantfix.namedtuple import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from packaging.markers import Marker

    from variantfix.online.simple import Metadata

_SYSTEMS = (("linux", "Linux"), ("win32", "Windows"), ("darwin", "Darwin"))
_MACHINES = ("x86_64", "aarch64", "arm64", "AMD64")


class Asked(NamedTuple):
    """A requirement by normalised names: the package, the extras asked of it, and the marker without its extra."""

    name: str
    extras: tuple[str, ...]
    marker: str

    @property
    def plain(self) -> str:
        """The name, with its extras."""
        return f"{self.name}[{','.join(self.extras)}]" if self.extras else self.name

    @property
    def text(self) -> str:
        """The whole, without versions."""
        return f"{self.plain} ; {self.marker}" if self.marker else self.plain


def by_extra(metadata: Metadata) -> Mapping[str, tuple[Asked, ...]]:
    """What a package requires by extra, normalised; the empty one for none. What cannot be read is left out."""
    found: dict[str, dict[str, Asked]] = {}
    for text in metadata.requires:
        try:
            requirement = Requirement(text)
        except InvalidRequirement:
            continue
        extras = tuple(sorted(map(canonicalize_name, requirement.extras)))
        for extra, marker in _places(requirement.marker, metadata.extras):
            asked = Asked(canonicalize_name(requirement.name), extras, marker)
            same = found.setdefault(extra, {})
            before = same.get(asked.plain, asked)
            same[asked.plain] = before._replace(marker=_either(before.marker, marker))
    return {extra: tuple(each.values()) for extra, each in found.items()}


def _either(one: str, other: str) -> str:
    """A marker that holds where one of two does, as for two versions of a package on two systems."""
    return one if one == other else f"{one} or {other}" if one and other else ""


def _places(marker: Marker | None, extras: tuple[str, ...]) -> Iterable[tuple[str, str]]:
    """The extras under which a marker holds somewhere, each with what else the marker says."""
    text = str(marker).replace('"', "'") if marker else ""
    if marker is None or "extra" not in text:
        return [("", text)]
    rest = _without_extra(text)
    return [(canonicalize_name(extra), rest) for extra in extras if _names(text, extra) and _may_hold(marker, extra)]


def _names(marker: str, extra: str) -> bool:
    return f"'{extra}'" in marker or f"'{canonicalize_name(extra)}'" in marker


def _may_hold(marker: Marker, extra: str) -> bool:
    return any(
        marker.evaluate({"sys_platform": short, "platform_system": long, "platform_machine": machine, "extra": extra})
        for short, long in _SYSTEMS
        for machine in _MACHINES
    )


def _without_extra(marker: str) -> str:
    """The part of a marker beside its extra, where it is an `and` of the two; else nothing."""
    parts = _parts(marker)
    rest = [part for part in parts if "extra" not in part]
    if len(rest) != len(parts) - 1:
        return ""
    return rest[0][1:-1] if len(rest) == 1 and rest[0].startswith("(") else " and ".join(rest)


def _parts(marker: str) -> list[str]:
    """What `and` joins outside of parentheses; nothing where an `or` stands there."""
    parts: list[list[str]] = [[]]
    depth = 0
    for word in marker.split(" "):
        depth += word.count("(") - word.count(")")
        if word == "or" and not depth:
            return []
        if word == "and" and not depth:
            parts.append([])
        else:
            parts[-1].append(word)
    return list(map(" ".join, parts))
