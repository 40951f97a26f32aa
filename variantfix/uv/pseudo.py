"""uv's own names for extras and groups, by which the markers of a lock tell them apart."""

from __future__ import annotations


def encode(kind: str, package: str, name: str) -> str:
    """Return uv's pseudo-extra for a conflict item; the length of the package's name keeps it unambiguous."""
    stem = f"{kind}-{len(package)}-{package}"
    return f"{stem}-{name}" if name else stem
