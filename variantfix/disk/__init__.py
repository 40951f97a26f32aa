"""The only door to the file system: reading within bounds, the members of a workspace, writing aside and replacing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from variantfix.disk.members import members
from variantfix.disk.read import (
    LOCK,
    MOST_TEXT,
    NAME,
    STDIN,
    UV_TOML,
    find,
    has_uv_toml,
    is_file,
    is_folder,
    read_bytes,
    read_lines,
    read_lock,
    read_stdin,
    read_text,
)

if TYPE_CHECKING:
    from variantfix.disk.write import real_place, replace_below, replacing, write_new, write_texts

__all__ = [
    "LOCK",
    "MOST_TEXT",
    "NAME",
    "STDIN",
    "UV_TOML",
    "find",
    "has_uv_toml",
    "is_file",
    "is_folder",
    "members",
    "read_bytes",
    "read_lines",
    "read_lock",
    "read_stdin",
    "read_text",
    "real_place",
    "replace_below",
    "replacing",
    "write_new",
    "write_texts",
]


def __getattr__(name: str) -> object:
    # Lazy, since a check writes nothing.
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from variantfix.disk import write

    return getattr(write, name)
