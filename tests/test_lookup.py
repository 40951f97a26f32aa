"""`--online`: what is unknown is counted, asked for where wanted, and judged like any other fact."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.projects import INDEXES
from tests.world.server import Planted, serve
from variantfix import Settings, toml
from variantfix.cli import commands
from variantfix.cli.app import run
from variantfix.detect.beside import NONE, Evidence
from variantfix.detect.walks import Walks
from variantfix.lookup import look_up
from variantfix.online.fetch import Manners
from variantfix.pytorch.facts import Edge
from variantfix.uv.parse import parse

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.world.server import World

QUICK = Manners(rate=1000, at_once=4, tries=2, timeout=2, patience=0.01)
FILE = "pyproject.toml"
PROJECT = (
    """
[project]
name = "app"
version = "1"
requires-python = ">=3.11"
dependencies = [{dependencies}]

[project.optional-dependencies]
cpu = ["torch>=2.7"]
cu128 = ["torch>=2.7"]

[tool.uv]
required-version = ">=0.13"
conflicts = [[{{ extra = "cpu" }}, {{ extra = "cu128" }}]]

[tool.uv.sources]
torch = [
    {{ index = "pytorch-cpu", extra = "cpu" }},
    {{ index = "pytorch-cu128", extra = "cu128", marker = "sys_platform == 'linux' or sys_platform == 'win32'" }},
]
{more}
"""
    + INDEXES
)


@pytest.fixture
def shop() -> Iterator[World]:
    with serve() as world:
        plant(world, "quux", "Requires-Dist: corge", "Requires-Dist: numpy")
        plant(world, "corge", "Requires-Dist: torchvision ; sys_platform == 'linux'", "Requires-Dist: garply")
        plant(world, "garply")
        yield world


def plant(world: World, name: str, *lines: str) -> None:
    """Give a package metadata of our own on the world's PyPI, for its newest stub and for an older one."""
    for version in ("2.5.0", "0.9.0"):
        text = "\n".join(["Metadata-Version: 2.1", f"Name: {name}", f"Version: {version}", *lines, ""])
        path = f"/pypi/simple/{name}/{name}-{version}-py3-none-any.whl.metadata"
        world.planted[path] = Planted(body=text.encode())


def project(shop: World, *dependencies: str, more: str = "") -> str:
    default = f'[[tool.uv.index]]\nname = "shop"\nurl = "{shop.url}/pypi/simple"\ndefault = true\n'
    return PROJECT.format(dependencies=", ".join(f'"{each}"' for each in dependencies), more=more or default)


def asked(text: str, cache: Path, evidence: Evidence = NONE) -> tuple[Evidence, tuple[str, ...]]:
    return look_up(parse({FILE: toml.loads(text)}), Settings(), evidence, cache, QUICK)


def test_what_nothing_tells_is_counted(shop: World) -> None:
    workspace = parse({FILE: toml.loads(project(shop, "quux", "numpy", "accelerate", "local @ file:///x"))})
    assert [reach.package for reach in NONE.unknown(workspace, Walks(workspace, NONE.requires(workspace)))] == ["quux"]


def test_packages_are_asked_for_until_all_is_known(shop: World, tmp_path: Path) -> None:
    evidence, failed = asked(project(shop, "quux"), tmp_path)
    assert failed == ()
    assert evidence.told == {
        "quux": {"": (Edge("corge"), Edge("numpy"))},
        "corge": {"": (Edge("torchvision", (), "sys_platform == 'linux'"), Edge("garply"))},
        "garply": {},
    }
    assert not [path for path in shop.asked if path.endswith(".whl")]


def test_the_version_admitted_is_asked(shop: World, tmp_path: Path) -> None:
    asked(project(shop, "quux<1"), tmp_path)
    assert [path for path in shop.asked if "quux" in path][-1].endswith("quux-0.9.0-py3-none-any.whl.metadata")


def test_what_cannot_be_told_is_said_and_changes_nothing(shop: World, tmp_path: Path) -> None:
    shop.planted["/pypi/simple/quux/"] = Planted(503)
    text = project(shop, "quux", "corge<0.1", "garply===odd")
    evidence, failed = asked(text, tmp_path)
    assert evidence.told == {}
    assert [line.partition(":")[0] for line in failed] == ["corge", "garply", "quux"]
    assert "HTTP 503" in failed[-1]


def test_a_source_says_which_index_is_asked(shop: World, tmp_path: Path) -> None:
    index = f'[[tool.uv.index]]\nname = "corp"\nurl = "{shop.url}/corp/simple"\nexplicit = true\n'
    extra = f'\n[tool.uv.sources.quux]\nindex = "corp"\n\n{index}'
    asked(project(shop, "quux", more=extra), tmp_path)
    assert shop.asked[0] == "/corp/simple/quux/"


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    folder = tmp_path / "app"
    folder.mkdir()
    return folder / FILE


def test_a_run_says_what_it_could_not_know(place: Path, shop: World, capsys: pytest.CaptureFixture[str]) -> None:
    place.write_text(project(shop, "quux"))
    assert commands.check([str(place)]) == 0
    said = capsys.readouterr()
    assert "1 package is not known here: a uv.lock beside the file, or --online, tells whether it" in said.err
    assert shop.asked == []


def test_variants_are_added_with_what_the_indexes_tell(
    place: Path, shop: World, capsys: pytest.CaptureFixture[str]
) -> None:
    index = f'[[tool.uv.index]]\nname = "shop"\nurl = "{shop.url}/pypi/simple"\ndefault = true\n'
    place.write_text(f'[project]\nname = "app"\nversion = "1"\ndependencies = ["torch>=2.7", "quux"]\n\n{index}')
    run(["add", "cpu", "cu128", str(place), "--online", "--dry-run"])
    assert "/pypi/simple/corge/" in shop.asked
    assert "not known here" not in capsys.readouterr().err


def test_a_run_without_torch_says_nothing(place: Path, shop: World, capsys: pytest.CaptureFixture[str]) -> None:
    place.write_text('[project]\nname = "app"\nversion = "1"\ndependencies = ["quux"]\n')
    commands.check([str(place)], online=True)
    assert "not known here" not in capsys.readouterr().err
    assert shop.asked == []


def test_what_the_indexes_tell_is_found(place: Path, shop: World, capsys: pytest.CaptureFixture[str]) -> None:
    place.write_text(project(shop).replace('["torch>=2.7"]', '["torch>=2.7", "quux"]'))
    assert commands.check([str(place)], online=True) == 1
    said = capsys.readouterr()
    assert "[unrouted-companion]" in said.out
    assert "torchvision" in said.out
    assert "not known here" not in said.err
    commands.apply([str(place)], Settings(), online=True, dry_run=True)
    assert "[unrouted-companion]" in capsys.readouterr().err


def test_what_the_indexes_do_not_tell_is_said(place: Path, shop: World, capsys: pytest.CaptureFixture[str]) -> None:
    shop.planted["/pypi/simple/quux/"] = Planted(404, body=b"")
    place.write_text(project(shop, "quux"))
    assert commands.check([str(place)], online=True) == 0
    assert "not told by the indexes: quux: no index has its metadata" in capsys.readouterr().err
