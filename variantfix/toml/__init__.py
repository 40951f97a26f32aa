"""A TOML editor that leaves every byte alone that an edit does not name, with the proof of what it did.

It knows TOML and nothing of what the documents mean.
"""

from __future__ import annotations

from variantfix.toml.edits import Append, Edit, KeyPath, Put, Remove, apply_to_data, loads
from variantfix.toml.layout import Layout, scan
from variantfix.toml.proof import prove
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
    "prove",
    "scan",
]
