"""A TOML editor that leaves every byte alone that an edit does not name, with the proof of what it did.

It knows TOML and nothing of what the documents mean.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from variantfix.toml.edits import Append, Edit, KeyPath, Put, Remove, apply_to_data, loads, once, toml_string

if TYPE_CHECKING:
    from variantfix.toml.layout import Layout, scan
    from variantfix.toml.proof import prove
    from variantfix.toml.rename import respell
    from variantfix.toml.rewrite import apply

__all__ = [
    "Append",
    "Edit",
    "KeyPath",
    "Layout",
    "Put",
    "Remove",
    "apply",
    "apply_to_data",
    "loads",
    "once",
    "prove",
    "respell",
    "scan",
    "toml_string",
]

_HOMES = {"Layout": "layout", "scan": "layout", "prove": "proof", "respell": "rename", "apply": "rewrite"}


def __getattr__(name: str) -> object:
    # Lazy, since a file with nothing to find or to change needs none of these.
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
