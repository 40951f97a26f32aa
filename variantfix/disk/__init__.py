"""The only door to the file system: reading within bounds, the members of a workspace, writing aside and replacing."""

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
