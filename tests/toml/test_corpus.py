"""Edits on every TOML file of a folder of real ones, each proved."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.toml.documents import paths
from variantfix.toml import Append, Edit, Put, Remove, apply, loads, prove

CORPUS = os.environ.get("VARIANTFIX_CORPUS", "")


def _edits(path: tuple[str | int, ...]) -> list[Edit]:
    match path:
        case ("project", "optional-dependencies", _) | ("dependency-groups", _):
            return [Append("f", path, '"torch>=2"')]
        case ("tool", "uv", "sources" | "index", _) | ("tool", "uv", "conflicts", 0) | (_, _, _, 0):
            return [Remove("f", path)]
        case ("tool", "uv", "sources", _, 0):
            return [Put("f", (*path, "marker"), "\"sys_platform == 'linux'\""), Remove("f", path)]
        case _:
            return []


NEW: list[Edit] = [
    Append("f", ("tool", "uv", "conflicts"), '[{ extra = "cpu" }, { extra = "xpu" }]'),
    Append("f", ("tool", "uv", "sources", "torch"), '{ index = "pytorch-xpu", extra = "xpu" }'),
    Append("f", ("tool", "uv", "index"), '{ name = "pytorch-xpu", url = "u", explicit = true }'),
    Put("f", ("tool", "uv", "package"), "false"),
    Put("f", ("tool", "uv", "sources", "new-name"), '[\n    { index = "a", extra = "cpu" },\n]'),
]


def test_real_files() -> None:
    if not CORPUS:
        pytest.skip("not run: VARIANTFIX_CORPUS names no folder of TOML files")
    read = 0
    for file in sorted(Path(CORPUS).rglob("*.toml")):
        text = file.read_bytes().decode()
        try:
            data = loads(text)
        except ValueError:
            continue
        read += 1
        assert apply(text, []) == text
        for edits in [*([edit] for path in paths(data) for edit in _edits(path)), *([edit] for edit in NEW), NEW]:
            prove(text, apply(text, edits), edits)
    assert read
