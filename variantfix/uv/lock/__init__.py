"""Reading uv.lock and walking the closures it holds."""

from variantfix.uv.lock.files import Artifact, Files
from variantfix.uv.lock.model import (
    ConflictItem,
    Dependency,
    Lock,
    Package,
    Requirement,
    Source,
)
from variantfix.uv.lock.read import load_lock, lock_of, read_lock
from variantfix.uv.lock.selection import Selection, SelectionError
from variantfix.uv.lock.walk import Closure, Installed, walk

__all__ = [
    "Artifact",
    "Closure",
    "ConflictItem",
    "Dependency",
    "Files",
    "Installed",
    "Lock",
    "Package",
    "Requirement",
    "Selection",
    "SelectionError",
    "Source",
    "load_lock",
    "lock_of",
    "read_lock",
    "walk",
]
