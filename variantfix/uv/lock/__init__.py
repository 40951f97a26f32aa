"""Reading uv.lock and walking the closures it holds."""

from variantfix.uv.lock.model import (
    Artifact,
    ConflictItem,
    Dependency,
    Lock,
    Package,
    Requirement,
    Source,
)
from variantfix.uv.lock.platforms import Platform, platforms
from variantfix.uv.lock.read import read_lock
from variantfix.uv.lock.selection import Selection, SelectionError
from variantfix.uv.lock.walk import Closure, Installed, walk

__all__ = [
    "Artifact",
    "Closure",
    "ConflictItem",
    "Dependency",
    "Installed",
    "Lock",
    "Package",
    "Platform",
    "Requirement",
    "Selection",
    "SelectionError",
    "Source",
    "platforms",
    "read_lock",
    "walk",
]
