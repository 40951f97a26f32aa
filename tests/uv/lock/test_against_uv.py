"""The walk against the real uv, over every lock of a folder.

VARIANTFIX_LOCKS names a folder of `<name>/{uv.lock,pyproject.toml}`. `uv export --frozen` gives one universal
list with markers for each selection; evaluated by `packaging` for a platform, the walk has to give the same.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from itertools import combinations
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import pytest
from packaging.markers import Marker
from packaging.specifiers import SpecifierSet

from variantfix.uv.lock import Lock, Selection, SelectionError, read_lock, walk
from variantfix.uv.platforms import Host, hosts

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

if TYPE_CHECKING:
    from collections.abc import Iterator

    from variantfix.uv.lock import Installed

pytestmark = pytest.mark.uv

_FOLDER = os.environ.get("VARIANTFIX_LOCKS", "")
_NAMES = sorted(path.parent.name for path in Path(_FOLDER).glob("*/uv.lock")) if _FOLDER else []
_PYTHONS = tuple(f"3.{minor}" for minor in range(8, 15))
_PAIRS = 24


class _Case(NamedTuple):
    """One call of uv: its flags, and the same as a selection."""

    flags: tuple[str, ...]
    selection: Selection


class _Answer(NamedTuple):
    """What uv printed, or why it refused."""

    lines: tuple[str, ...]
    refusal: str


@pytest.mark.skipif(not _NAMES, reason="VARIANTFIX_LOCKS names no folder of locks, so nothing was compared with uv")
@pytest.mark.parametrize("name", _NAMES or ["none"])
def test_the_walk_is_what_uv_exports(name: str, tmp_path: Path) -> None:
    project = Path(_FOLDER, name)
    shutil.copyfile(project / "uv.lock", tmp_path / "uv.lock")
    # The uv at hand need not be the one that the project asks for.
    text = re.sub(r"(?m)^required-version\b.*$", "", (project / "pyproject.toml").read_text("utf-8"))
    (tmp_path / "pyproject.toml").write_text(text, "utf-8")
    locked = (project / "uv.lock").read_text("utf-8")
    lock = read_lock(locked)
    where = _supported(lock, locked)
    assert where
    differences, compared = [], 0
    for case in _cases(lock, _default_groups(project)):
        answer = _export(tmp_path, case.flags)
        for platform in where:
            ours, uvs = _walked(lock, case.selection, platform), _evaluated(answer, platform)
            compared += 1
            if ours != uvs:
                differences.append((case.flags, platform.name, platform.python, *_unlike(ours, uvs), answer.refusal))
    print(f"{name}: {compared} closures compared")
    assert differences == []


def _supported(lock: Lock, text: str) -> list[Host]:
    """Return the platforms of the lock, under the lowest and the highest Python that it admits."""
    admitted = [python for python in _PYTHONS if python + ".0" in SpecifierSet(lock.requires_python)]
    extremes = dict.fromkeys((admitted[0], admitted[-1]))
    markers = [Marker(marker) for marker in tomllib.loads(text).get("supported-markers", ())]
    return [
        platform
        for python in extremes
        for platform in hosts(python)
        if not markers or any(marker.evaluate(dict(platform.environment)) for marker in markers)
    ]


def _default_groups(project: Path) -> tuple[str, ...]:
    tool = tomllib.loads((project / "pyproject.toml").read_text("utf-8")).get("tool", {}).get("uv", {})
    return tuple(tool.get("default-groups", ("dev",)))


def _cases(lock: Lock, default_groups: tuple[str, ...]) -> Iterator[_Case]:
    root = next(row for row in lock.packages if row.name == lock.project)
    yield _Case((), Selection(default_groups=default_groups))
    yield _case(())
    items = [("--extra", name) for name in root.extras] + [("--group", name) for name in root.groups]
    yield from (_case((item,)) for item in items)
    pairs = list(combinations(items, 2))
    yield from (_case(pair) for pair in pairs[:: max(1, len(pairs) // _PAIRS)])
    yield _case(tuple(items))


def _case(items: tuple[tuple[str, str], ...]) -> _Case:
    return _Case(
        ("--no-default-groups", *(word for item in items for word in item)),
        Selection(
            extras=tuple(name for flag, name in items if flag == "--extra"),
            groups=tuple(name for flag, name in items if flag == "--group"),
        ),
    )


def _export(project: Path, flags: tuple[str, ...]) -> _Answer:
    quiet = ("--offline", "--no-hashes", "--no-annotate", "--no-header", "--no-emit-project")
    uv = shutil.which("uv", path=f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}")
    assert uv, "uv is not installed: install the `test` extra"
    done = subprocess.run(
        [uv, "export", "--frozen", *quiet, *flags], cwd=project, capture_output=True, text=True, check=False
    )
    refusal = " ".join(done.stderr.split()) if done.returncode else ""
    assert not refusal or "conflict" in refusal, refusal
    return _Answer(tuple(done.stdout.splitlines()), refusal)


def _walked(lock: Lock, selection: Selection, platform: Host) -> frozenset[str] | str:
    try:
        closure = walk(lock, selection, platform)
    except SelectionError:
        return "refused"
    return frozenset(_written(package) for package in closure.packages if package.name != lock.project)


def _written(package: Installed) -> str:
    """Return a package as `uv export` writes it, shortened where the line says less or more than the lock."""
    match package.source.kind:
        case "registry":
            return f"{package.name}=={package.version}"
        case "git" | "url":
            return package.name
        case _:
            return os.path.normpath(package.source.location)


def _evaluated(answer: _Answer, platform: Host) -> frozenset[str] | str:
    if answer.refusal:
        return "refused"
    environment = {**platform.environment, "extra": ""}
    found = set()
    for line in answer.lines:
        requirement, _, marker = line.partition(" ; ")
        if not marker or Marker(marker).evaluate(environment):
            found.add(_shortened(requirement.strip()))
    return frozenset(found)


def _shortened(requirement: str) -> str:
    if " @ " in requirement:
        return requirement.partition(" @ ")[0]
    path = requirement.removeprefix("-e ")
    return os.path.normpath(path) if path.startswith(".") else path


def _unlike(ours: frozenset[str] | str, uvs: frozenset[str] | str) -> tuple[object, object]:
    if isinstance(ours, frozenset) and isinstance(uvs, frozenset):
        return sorted(ours - uvs), sorted(uvs - ours)
    return (ours if isinstance(ours, str) else "accepted"), (uvs if isinstance(uvs, str) else "accepted")
