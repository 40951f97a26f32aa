"""Reading uv.lock and walking the closures it holds."""

from variantfix.lock.model import (
    Artifact,
    ConflictItem,
    Dependency,
    Lock,
    Package,
    Requirement,
    Source,
)
from variantfix.lock.platforms import Platform, platforms
from variantfix.lock.read import read_lock
from variantfix.lock.selection import Selection, SelectionError
from variantfix.lock.walk import Closure, Installed, walk

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
