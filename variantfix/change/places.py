"""What the keys and strings of a pyproject.toml stand for, as far as they can speak a tag."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from variantfix.toml import KeyPath


class Place(Enum):
    """What a key or string is: the name of an extra, group or index, and so on."""

    NAME = "name"
    TAG = "tag"
    URL = "url"
    MARKER = "marker"
    REQUIREMENT = "requirement"
    PACKAGE = "package"
    OTHER = "other"


_REQUIREMENTS = ("constraint-dependencies", "override-dependencies", "dev-dependencies")
_URLS = ("index-url", "extra-index-url", "find-links")
_FIELDS = {"index": Place.NAME, "extra": Place.NAME, "group": Place.NAME, "url": Place.URL, "marker": Place.MARKER}


def place_of(path: KeyPath) -> Place:
    """What stands at a key path; the path of a key ends in itself, as that of its value does."""
    match path:
        case ("project", "optional-dependencies", _) | ("dependency-groups", _):
            return Place.NAME
        case ("tool", "uv", "dependency-groups", _):
            return Place.NAME
        case ("project", "dependencies", int()) | ("project", "optional-dependencies", _, int()):
            return Place.REQUIREMENT
        case ("dependency-groups", _, int()):
            return Place.REQUIREMENT
        case ("dependency-groups", _, int(), "include-group"):
            return Place.NAME
        case ("tool", "variantfix", "variants", _):
            return Place.TAG
        case ("tool", "uv", key, *rest):
            return _of_uv(str(key), tuple(rest))
        case _:
            return Place.OTHER


def _of_uv(key: str, rest: KeyPath) -> Place:
    match key, rest:
        case "sources", (_,):
            return Place.PACKAGE
        case "sources", (_, str() as field) | (_, int(), str() as field):
            return _FIELDS.get(field, Place.OTHER)
        case "index", (int(), "name"):
            return Place.NAME
        case "index", (int(), "url"):
            return Place.URL
        case "conflicts", (int(), int(), "extra" | "group"):
            return Place.NAME
        case "default-groups", (int(),):
            return Place.NAME
        case _ if key in _REQUIREMENTS and len(rest) == 1:
            return Place.REQUIREMENT
        case _ if key in _URLS:
            return Place.URL
        case _:
            return Place.OTHER
