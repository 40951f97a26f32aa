"""The walk of `verify` against `uv export`, over locks that the offline world makes."""

from __future__ import annotations

import platform
from itertools import combinations
from typing import TYPE_CHECKING

import pytest

from tests.projects import ALONE, DEFAULT, FOUNDING, INDEX, project
from tests.world.judge import BARE, Selection
from variantfix.repair import pipeline
from variantfix.settings import Settings
from variantfix.uv import lock as locks
from variantfix.uv.lock import SelectionError, read_lock, walk
from variantfix.uv.platforms import hosts

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tests.conftest import Judge
    from variantfix.uv.lock import Lock
    from variantfix.uv.platforms import Host

pytestmark = pytest.mark.uv

# The world's names of the platforms, in the order of ours.
_NAMES = ("linux-x86_64", "linux-aarch64", "win-amd64", "macos-arm64")
_EXTRAS = 'train = ["peft", "timm"]\nother = ["numpy; sys_platform == \'win32\'"]\n'
_GROUPS = """
[dependency-groups]
dev = ["coverage"]
bench = [{ include-group = "dev" }, "lightning"]
"""
_ROCM = """\
[project]
name = "app"
version = "0.1.0"
requires-python = ">=3.10"

[dependency-groups]
rocm = ["torch==2.9.1", "pytorch-triton-rocm", "accelerate"]
cpu = ["torch==2.9.1", "accelerate", "torchvision"]

[tool.uv]
environments = ["sys_platform == 'linux'"]
conflicts = [[{ group = "rocm" }, { group = "cpu" }]]

[tool.uv.sources]
torch = [{ index = "pytorch-cpu", group = "cpu" }, { index = "pytorch-rocm6.4", group = "rocm" }]
pytorch-triton-rocm = [{ index = "pytorch-rocm6.4", group = "rocm" }]
""" + "".join(INDEX.format(tag=tag) for tag in ("cpu", "rocm6.4"))
_ROOT = f"""\
[tool.uv.workspace]
members = ["one"]

[tool.uv]
conflicts = [[{{ package = "app", extra = "cpu" }}, {{ package = "app", extra = "cu124" }}]]
{DEFAULT}"""
_MEMBER = FOUNDING.replace(DEFAULT, "").replace('conflicts = [[{ extra = "cpu" }, { extra = "cu124" }]]', "")

PROJECTS = {
    "the variants alone": {"pyproject.toml": ALONE},
    "accelerate under both": {"pyproject.toml": FOUNDING},
    "extras and groups beside them": {"pyproject.toml": project(base='"accelerate"', rest=_EXTRAS) + _GROUPS},
    "groups for one system": {"pyproject.toml": _ROCM},
    "a workspace": {"pyproject.toml": _ROOT, "one/pyproject.toml": _MEMBER},
}


@pytest.mark.parametrize("files", PROJECTS.values(), ids=PROJECTS)
def test_the_walk_is_what_uv_exports(judge: Judge, files: Mapping[str, str]) -> None:
    package = "app" if len(files) > 1 else ""
    selections = _selections(files, package)
    verdict = judge(files, selections)
    assert verdict.locked, verdict.error
    lock = read_lock(verdict.lock_text)
    ours = {
        (selection, name): _walked(lock, selection, where)
        for selection in (BARE, *selections)
        for name, where in zip(_NAMES, hosts(platform.python_version()), strict=True)
        if _is_supported(lock, where)
    }
    uvs = {
        (selection, name): ("refused" if selection in verdict.refused else verdict.closures[selection][name])
        for selection, name in ours
    }
    assert ours == uvs
    assert len(ours) >= 3 * 2


def _selections(files: Mapping[str, str], package: str) -> list[Selection]:
    """Each extra and group, and each pair."""
    data, _ = pipeline.load_all(files, Settings())
    table = data["one/pyproject.toml" if package else "pyproject.toml"]
    extras = [("extras", name) for name in table["project"].get("optional-dependencies", {})]
    groups = [("groups", name) for name in table.get("dependency-groups", {})]
    items = [*extras, *groups]
    return [_selection(chosen, package) for size in (1, 2) for chosen in combinations(items, size)]


def _selection(chosen: tuple[tuple[str, str], ...], package: str) -> Selection:
    return Selection(
        extras=tuple(name for kind, name in chosen if kind == "extras"),
        groups=tuple(name for kind, name in chosen if kind == "groups"),
        package=package,
    )


def _is_supported(lock: Lock, where: Host) -> bool:
    return not lock.supported or where.system == "linux"


def _walked(lock: Lock, selection: Selection, where: Host) -> tuple[tuple[str, str], ...] | str:
    packages = (selection.package,) if selection.package else ()
    wanted = locks.Selection(packages=packages, extras=selection.extras, groups=selection.groups)
    try:
        closure = walk(lock, wanted, where)
    except SelectionError:
        return "refused"
    return tuple(sorted((p.name, p.version or "") for p in closure.packages if p.name not in lock.members))
