"""A requirement that is written once where a marker holds, and once where it does not."""

from __future__ import annotations

import pytest

from variantfix import Settings, toml
from variantfix.edits.requirements import divide
from variantfix.repair.plan import context
from variantfix.toml import apply_to_data

FILE = "pyproject.toml"
LINUX, WINDOWS = "sys_platform == 'linux'", "sys_platform == 'win32'"
BOTH = f"{LINUX} or {WINDOWS}"
OTHERS = "sys_platform != 'linux' and sys_platform != 'win32'"


@pytest.mark.parametrize(
    ("asked", "marker", "expected"),
    [
        pytest.param("", BOTH, [BOTH, OTHERS], id="everywhere"),
        pytest.param(BOTH, LINUX, [LINUX, WINDOWS], id="two systems"),
        pytest.param("sys_platform != 'darwin'", LINUX, [LINUX, WINDOWS], id="all but one"),
        pytest.param("sys_platform != 'linux'", WINDOWS, [WINDOWS, OTHERS], id="macOS among them"),
        pytest.param("sys_platform != 'linux'", BOTH, [WINDOWS, OTHERS], id="one of the marker's alone"),
        pytest.param(LINUX, BOTH, [""], id="all of it, so that nothing is parted"),
    ],
)
def test_it_is_parted_by_systems(asked: str, marker: str, expected: list[str]) -> None:
    text = f"torch; {asked}" if asked else "torch"
    data = {"project": {"name": "app", "version": "1", "dependencies": [text]}}
    ctx = context({FILE: data}, Settings())
    (requirement,) = ctx.workspace.root.base.requirements
    after = apply_to_data(data, divide(ctx, requirement, marker))["project"]["dependencies"]
    assert after == ([text] if expected == [""] else [f"torch; {each}" for each in expected])


def test_a_marker_that_names_what_it_leaves_out_is_joined() -> None:
    data = toml.loads("[project]\nname = 'app'\nversion = '1'\ndependencies = [\"torch; sys_platform != 'darwin'\"]\n")
    ctx = context({FILE: data}, Settings())
    (requirement,) = ctx.workspace.root.base.requirements
    after = apply_to_data(data, divide(ctx, requirement, "sys_platform != 'win32'"))["project"]["dependencies"]
    assert after == [
        "torch; sys_platform != 'darwin' and sys_platform != 'win32'",
        "torch; sys_platform == 'win32'",
    ]
