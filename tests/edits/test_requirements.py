"""A requirement that is written once where a marker holds, and once where it does not."""

from __future__ import annotations

import pytest

from variantfix import Settings, toml
from variantfix.edits.requirements import divide, requirement_text
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
        pytest.param("platform_system != 'Darwin'", LINUX, [LINUX, WINDOWS], id="systems by their other name"),
        pytest.param(
            "python_version < '3.13'",
            LINUX,
            [f"python_version < '3.13' and {LINUX}", "python_version < '3.13' and sys_platform != 'linux'"],
            id="not systems alone",
        ),
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


@pytest.mark.parametrize(
    ("lists", "expected"),
    [
        pytest.param({"cpu": ["torch>=2.7"], "cu126": ["torch>=2.7"]}, "torch>=2.7", id="as its siblings"),
        pytest.param({"cpu": ["torch==2.7.0+cpu"]}, "torch==2.7.0", id="without a local version"),
        pytest.param({"cpu": ["torch @ https://example.com/torch.whl"]}, "torch", id="not by a URL"),
        pytest.param({"cpu": ["torch>=2.7"], "cu126": ["torch>=2.8"], "": ["torch<3"]}, "torch<3", id="as the base"),
        pytest.param({"cpu": ["torch>=2.7"], "cu126": ["torch>=2.8"], "docs": ["torch<3"]}, "torch<3", id="as others"),
        pytest.param({"cpu": ["torch>=2.7"], "docs": ["torch<3"]}, "torch>=2.7", id="as its siblings first"),
        pytest.param({"cpu": ["torch>=2.7"], "cu126": ["torch>=2.8"]}, "torch", id="bare where they differ"),
        pytest.param({"cpu": ["torch<2.2"], "docs": ["torch<3"]}, "torch<3", id="as its index can have it"),
    ],
)
def test_a_variant_names_a_package_as_others_do(lists: dict[str, list[str]], expected: str) -> None:
    extras = {"cu128": ["torchvision"], **{name: listed for name, listed in lists.items() if name}}
    project = {"name": "app", "version": "1", "dependencies": lists.get("", []), "optional-dependencies": extras}
    ctx = context(
        {FILE: {"project": project}}, Settings(accelerators={name: name for name in extras if name != "docs"})
    )
    assert requirement_text(ctx, ctx.variants[0], "torch") == expected
