"""The history: releases with metadata in, rows out; and the command over the offline world, faults included."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.world.server import Planted, serve
from tests.world.urls import with_pins
from variantfix.online.simple import Metadata
from variantfix.pytorch import tables
from variantfix.pytorch.refresh import history
from variantfix.pytorch.refresh.__main__ import main

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tests.world.server import World

TODAY = "2026-12-01"
DEPENDENTS: dict[str, Any] = {
    "packages": {
        "one": {"requires": ["torch"], "older": ["two"], "seen": "3.0", "sources": ["knowledge"]},
        "two": {"extras": {"gpu": ["torch"]}, "at": {"0.5": ["one"]}, "sources": ["knowledge"]},
        "odd": {"at": {"1.0": ["torch"]}, "sources": ["knowledge"]},
    }
}
EMPTY: dict[str, Any] = {"version": 1, "sources": {}, "packages": {}}


def release(version: str, *requires: str, extras: Sequence[str] = ()) -> dict[str, Metadata | None]:
    return {version: Metadata("any", version, requires, tuple(extras))}


def after(name: str, *releases: dict[str, Metadata | None], before: dict[str, Any] | None = None) -> dict[str, Any]:
    """The rows of a package once some releases are told of."""
    content = {**EMPTY, "packages": {name: {"releases": before, "gathered": "", "sources": []}} if before else {}}
    merged = {version: metadata for each in releases for version, metadata in each.items()}
    made = history.refreshed(content, DEPENDENTS, ("torch", "torchvision"), {name: merged}, TODAY)
    rows: dict[str, Any] = made["packages"].get(name, {"releases": {}})["releases"]
    return rows


def test_releases_that_require_the_same_are_one_row() -> None:
    found = after(
        "one",
        release("1.0", "torch>=1"),
        release("1.9", "torch>=2"),
        release("1.10", "torch>=2", "numpy"),
        release("2.0", "torch", "torchvision"),
    )
    assert found == {
        "1.0": {"requires": ["torch"], "until": "1.10"},
        "2.0": {"requires": ["torch", "torchvision"]},
    }


def test_a_release_without_metadata_ends_a_row() -> None:
    found = after("one", release("1.0", "torch"), {"1.1": None}, release("1.2", "torch"))
    assert found == {"1.0": {"requires": ["torch"]}, "1.2": {"requires": ["torch"]}}


def test_markers_and_extras_are_kept_where_they_lead_to_torch() -> None:
    requires = (
        'torch ; sys_platform == "linux"',
        'torch ; sys_platform == "win32"',
        'two[gpu] ; extra == "all"',
        'ruff ; extra == "dev"',
        "odd",
        "stranger",
    )
    assert after("one", release("1.0", *requires, extras=("all", "dev"))) == {
        "1.0": {
            "requires": ["odd", "torch ; sys_platform == 'linux' or sys_platform == 'win32'"],
            "extras": {"all": ["two[gpu]"]},
        }
    }


def test_releases_between_fill_a_gap() -> None:
    before = {"1.0": {"requires": ["torch"]}, "1.4": {"requires": ["torch"], "until": "1.6"}}
    assert after("one", release("1.0", "torch"), release("1.2", "torch"), before=before) == {
        "1.0": {"requires": ["torch"], "until": "1.6"}
    }
    assert list(after("one", release("1.2", "numpy"), before=before)) == ["1.0", "1.2", "1.4"]


def test_what_is_told_already_and_what_is_no_longer_listed_stays() -> None:
    before = {"1.0": {"requires": ["torch"], "until": "1.4"}}
    assert after("one", {"1.2": None}, {"1.5": None}, before=before) == before
    assert after("one", release("1.2", "numpy"), before=before) == before


def test_a_package_that_is_no_dependent_or_never_brings_torch_is_not_taken_in() -> None:
    assert after("stranger", release("1.0", "torch")) == {}
    assert after("one", release("1.0", "numpy")) == {}


def test_nothing_new_changes_nothing_not_even_the_day() -> None:
    packages = {"one": {"releases": {"1.0": {"requires": ["torch"]}}, "gathered": "then", "sources": ["metadata"]}}
    content = {**EMPTY, "packages": packages}
    found = {"one": release("1.0", "torch")}
    assert history.refreshed(content, DEPENDENTS, ("torch",), found, TODAY) == content
    told = history.refreshed(content, DEPENDENTS, ("torch",), {"one": release("1.1", "torch")}, TODAY)
    assert told["packages"]["one"]["gathered"] == TODAY


@pytest.mark.parametrize(
    ("name", "version", "expected"),
    [("one", "1.0", True), ("one", "1.3", True), ("one", "1.4", True), ("one", "1.5", False), ("two", "1.0", False)],
)
def test_a_row_covers_all_between_its_ends(name: str, version: str, *, expected: bool) -> None:
    content = {**EMPTY, "packages": {"one": {"releases": {"1.0": {"until": "1.4"}}}}}
    assert history.covers(content, name, version) is expected


# The command

DATA = Path(tables.__file__).with_name("data")
PACKAGES: dict[str, Any] = tables.read("history.json")["packages"]
FEW = {"accelerate", "vllm"}
PINS = tuple((name, version) for name, row in PACKAGES.items() for version in row["releases"])


@pytest.fixture
def shop() -> Iterator[World]:
    with serve() as world:
        yield world


class Run:
    """The command over a copy of the tables whose history is empty; it is told the names of a few packages."""

    def __init__(self, shop: World, folder: Path) -> None:
        self.data, self.shop = folder / "data", shop
        shutil.copytree(DATA, self.data)
        (self.data / "history.json").write_text(tables.dump(self.table() | {"packages": {}}), "utf-8")
        self.names = folder / "names"
        self.names.write_text("\n".join([*FEW, "numpy"]))
        self.pypi = f"{with_pins(shop.url, PINS)}/pypi/simple"
        self.flags = ["--history", "--names", str(self.names), "--pypi", self.pypi, "--rate", "2000"]
        self.flags += ["--data", str(self.data), "--cache", str(folder / "cache"), "--today", TODAY]

    def __call__(self, *flags: str) -> int:
        return main([*self.flags, *flags])

    def table(self) -> dict[str, Any]:
        content: dict[str, Any] = json.loads((self.data / "history.json").read_text("utf-8"))
        return content


@pytest.fixture
def run(shop: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    monkeypatch.setattr("variantfix.online.fetch.Manners.__new__.__defaults__", (10.0, 8, 2, 30.0, 0.001))
    return Run(shop, tmp_path)


def rebuilt(table: dict[str, Any]) -> set[tuple[str, str]]:
    """The releases of which a table says what the known one says."""
    return {
        (name, version)
        for name, version in PINS
        for row in [history.row_at(table["packages"].get(name, {"releases": {}})["releases"], version)]
        if row is not None and {**row, "until": ""} == {**PACKAGES[name]["releases"][version], "until": ""}
    }


def test_it_rebuilds_the_history_that_the_world_was_made_from(run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    run.names.write_text("\n".join([*PACKAGES, "numpy"]))
    assert run() == 0
    assert rebuilt(run.table()) == set(PINS)
    assert "numpy" not in run.table()["packages"]
    assert {path.rpartition("/")[2] for path in run.shop.asked if "/numpy/" in path} == set()
    said = capsys.readouterr()
    assert 'history.json: + packages: vllm: gathered: "2026-12-01"' in said.out
    written = (run.data / "history.json").read_text("utf-8")
    run.shop.asked.clear()
    assert run() == 0
    assert capsys.readouterr().out == ""
    assert (run.data / "history.json").read_text("utf-8") == written
    assert [path for path in run.shop.asked if path.endswith(".metadata")] == []


def test_a_dry_run_writes_nothing(run: Run) -> None:
    assert run("--dry-run") == 0
    assert run.table()["packages"] == {}


@pytest.mark.parametrize("fault", [Planted(503), Planted(body=b"none")], ids=["unavailable", "no-metadata"])
def test_of_a_package_with_a_release_that_cannot_be_had_nothing_is_taken(
    fault: Planted, run: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    path = f"{run.pypi.removeprefix(run.shop.url)}/vllm/vllm-0.9.2-py3-none-any.whl.metadata"
    run.shop.planted[path] = fault
    assert run() == 1
    assert "not fetched: vllm: " in capsys.readouterr().err
    assert set(run.table()["packages"]) == {"accelerate"}
    del run.shop.planted[path]
    assert run() == 0
    assert rebuilt(run.table()) == {pin for pin in PINS if pin[0] in FEW}


def test_withdrawn_releases_pre_releases_and_what_is_no_version_are_left_out(run: Run) -> None:
    files: list[dict[str, Any]] = [
        {"filename": "accelerate-1.6.0-py3-none-any.whl", "core-metadata": True},
        {"filename": "accelerate-1.7.0.tar.gz"},
        {"filename": "accelerate-1.8.0rc1-py3-none-any.whl", "core-metadata": True},
        {"filename": "accelerate-1.9.0-py3-none-any.whl", "core-metadata": True, "yanked": "broken"},
        {"filename": "accelerate-latest.tar.gz"},
    ]
    told = [{**each, "url": each["filename"], "hashes": {}} for each in files]
    page = {"meta": {"api-version": "1.1"}, "name": "accelerate", "files": told}
    run.shop.planted[f"{run.pypi.removeprefix(run.shop.url)}/accelerate/"] = Planted(body=json.dumps(page).encode())
    assert run() == 0
    asked = {path.rpartition("/")[2] for path in run.shop.asked if "/accelerate/accelerate" in path}
    assert asked == {"accelerate-1.6.0-py3-none-any.whl.metadata"}
    assert list(run.table()["packages"]["accelerate"]["releases"]) == ["1.6.0"]


def test_a_package_that_the_index_does_not_know_stays_as_it_was(run: Run) -> None:
    run.shop.planted[f"{run.pypi.removeprefix(run.shop.url)}/accelerate/"] = Planted(404)
    assert run() == 0
    assert set(run.table()["packages"]) == {"vllm"}
