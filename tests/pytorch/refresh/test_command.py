"""The command over the offline world: it rebuilds the tables that the world was made from, and survives faults."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path
from time import monotonic, sleep
from typing import TYPE_CHECKING, Any

import pytest
from packaging.version import Version

from tests.world.server import Planted, serve
from tests.world.urls import with_pins
from variantfix.pytorch import catalog, tables
from variantfix.pytorch.refresh.__main__ import main

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.world.server import World

DATA = Path(tables.__file__).with_name("data")
FILES = ("indexes.json", "releases.json", "dependents.json", "history.json")
WORLDS = {"linux-x86_64", "linux-aarch64", "win-amd64", "macos-arm64"}


@pytest.fixture
def shop() -> Iterator[World]:
    with serve() as world:
        yield world


class Run:
    """The command with a copy of the tables of its own."""

    def __init__(self, shop: World, folder: Path) -> None:
        self.data, self.cache = folder / "data", folder / "cache"
        self.data.mkdir()
        for name in FILES:
            shutil.copy(DATA / name, self.data)
        pins = tuple(sorted((name, d.seen) for name, d in catalog.dependents().items() if d.seen))
        self.pypi = f"{with_pins(shop.url, pins)}/pypi/simple"
        self.flags = ["--pypi", self.pypi, "--pytorch", f"{shop.url}/whl"]

    def __call__(self, *flags: str) -> int:
        return main(self.arguments("--rate", "2000", *flags))

    def arguments(self, *flags: str) -> list[str]:
        return [*self.flags, "--data", str(self.data), "--cache", str(self.cache), "--today", "2026-12-01", *flags]

    def table(self, name: str) -> dict[str, Any]:
        content: dict[str, Any] = json.loads((self.data / name).read_text("utf-8"))
        return content

    def change(self, name: str, content: dict[str, Any]) -> None:
        (self.data / name).write_text(tables.dump(content), "utf-8")


@pytest.fixture
def run(shop: World, tmp_path: Path) -> Run:
    return Run(shop, tmp_path)


def tags(releases: dict[str, Any]) -> dict[str, Any]:
    """The tags of each release but cpu, with the platforms whose wheels say in the world which tag they are for."""
    told = {minor: WORLDS - ({"linux-aarch64"} if Version(minor) < Version("2.6") else set())
            for minor in releases["releases"]}  # fmt: skip
    return {
        minor: {tag: found for tag, each in row["tags"].items() if (found := sorted({*each} & told[minor]))}
        for minor, row in releases["releases"].items()
    }


def test_it_rebuilds_the_builds_that_the_world_was_made_from(run: Run) -> None:
    known = run.table("releases.json")
    emptied = run.table("releases.json")
    for row in emptied["releases"].values():
        row["tags"], row["patches"] = {"cpu": row["tags"]["cpu"]}, row["patches"][:1]
    del emptied["releases"]["2.15"]
    companions = emptied["releases"]["2.9"]["companions"]
    pairs = {name: companions.pop(name) for name in ("torchvision", "torchaudio")}
    run.change("releases.json", emptied)
    assert run("--only", "builds") == 0
    rebuilt = run.table("releases.json")
    assert tags(rebuilt) == tags(known)
    assert {name: rebuilt["releases"]["2.9"]["companions"][name] for name in pairs} == pairs
    patches = {minor: row["patches"] for minor, row in known["releases"].items()}
    assert {minor: row["patches"] for minor, row in rebuilt["releases"].items()} == patches


def test_it_says_and_writes_what_is_new_and_then_nothing(run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    assert run() == 0
    said = capsys.readouterr()
    assert 'releases.json: - releases: 2.15: certainty: cu132: "announced"' in said.out
    assert "releases: 2.15: tags" not in said.out
    assert not [line for line in said.out.splitlines() if ": requires" in line and "+" not in line]
    assert "not fetched" not in said.err
    written = {name: (run.data / name).read_text("utf-8") for name in FILES}
    assert run() == 0
    again = capsys.readouterr()
    assert again.out == ""
    assert "\n0 requests" in again.err
    assert {name: (run.data / name).read_text("utf-8") for name in FILES} == written
    assert all(tables.dump(json.loads(text)) == text for text in written.values())


@pytest.mark.parametrize(
    "fault",
    [
        pytest.param(Planted(404), id="not-there"),
        pytest.param(Planted(503), id="unavailable"),
        pytest.param(Planted(429, headers=(("Retry-After", "0"),)), id="too-many-requests"),
        pytest.param(Planted(body=b"[1"), id="broken-json"),
    ],
)
def test_a_page_that_cannot_be_had_changes_nothing(
    fault: Planted, shop: World, run: Run, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("variantfix.online.fetch.Manners.__new__.__defaults__", (10.0, 8, 2, 30.0, 0.001))
    shop.planted["/whl/cu124/torch/"] = fault
    assert run("--only", "builds") == (0 if fault.status == 404 else 1)
    said = capsys.readouterr()
    assert "cu124" not in said.out
    assert ("not fetched: cu124: " in said.err) == (fault.status != 404)


def test_a_page_that_shrinks_makes_nothing_vanish(shop: World, run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    name = "torch-2.6.0+cu124-cp312-cp312-manylinux_2_28_x86_64.whl"
    page = {"meta": {"api-version": "1.1"}, "name": "torch", "files": [{"filename": name, "url": name, "hashes": {}}]}
    shop.planted["/whl/cu124/torch/"] = Planted(body=json.dumps(page).encode())
    assert run("--only", "builds", "--dry-run") == 0
    said = [line for line in capsys.readouterr().out.splitlines() if "cu124" in line]
    assert said == [f'releases.json: + releases: 2.{minor}: gone: cu124: "2026-12-01"' for minor in (4, 5)]
    assert [(run.data / each).read_bytes() for each in FILES] == [(DATA / each).read_bytes() for each in FILES]


def test_names_are_read_and_taken_in(run: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rows = run.table("dependents.json")
    del rows["packages"]["torchviz"]
    run.change("dependents.json", rows)
    names = tmp_path / "names.txt"
    names.write_text("# a ranking\nTorchViz\nnumpy\n")
    assert run("--only", "dependents", "--names", str(names)) == 0
    capsys.readouterr()
    assert run.table("dependents.json")["packages"]["torchviz"]["requires"] == ["torch"]
    assert "numpy" not in run.table("dependents.json")["packages"]


@pytest.mark.parametrize("content", ['{"rows": [{"project": "TorchViz"}]}', '["torchviz"]'], ids=["ranking", "list"])
def test_a_download_ranking_is_read_as_it_comes(content: str, run: Run, tmp_path: Path, shop: World) -> None:
    for name in ("packages", "undeclared"):
        rows = run.table("dependents.json")
        rows[name] = {}
        run.change("dependents.json", rows)
    names = tmp_path / "names.json"
    names.write_text(content)
    assert run("--only", "dependents", "--names", str(names), "--dry-run") == 0
    assert [path.rsplit("/", 2)[-2] for path in shop.asked if path.endswith("/")] == ["torchviz"]


def test_a_file_that_is_not_there_is_said(run: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("--names", str(tmp_path / "none")) == 2
    assert "error: " in capsys.readouterr().err


def test_it_tells_what_goes_with_torch(shop: World, run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    """A series of torchcodec, a build of xformers and the CUDA of PyPI's torch that the tables do not know."""
    planted = {
        f"{shop.url}/whl/cu132/xformers/": "xformers-0.0.35-cp310-abi3-manylinux_2_28_x86_64.whl",
        f"{run.pypi}/torchcodec/": "torchcodec-0.18.0-cp312-cp312-manylinux_2_28_x86_64.whl",
        f"{run.pypi}/torch/": "torch-2.15.0-cp312-cp312-manylinux_2_28_x86_64.whl",
    }
    for url, name in planted.items():
        entry = {
            "filename": name,
            "url": name,
            "hashes": {},
            "core-metadata": True,
            "upload-time": "2026-11-29T00:00:00Z",
        }
        page = {"meta": {"api-version": "1.1"}, "name": url.rsplit("/", 2)[1], "files": [entry]}
        shop.planted[url.removeprefix(shop.url)] = Planted(body=json.dumps(page).encode())
    needs = b"Metadata-Version: 2.4\nName: torch\nVersion: 2.15.0\nRequires-Dist: cuda-toolkit==13.0.3\n"
    path = f"{run.pypi}/torch/torch-2.15.0-cp312-cp312-manylinux_2_28_x86_64.whl.metadata".removeprefix(shop.url)
    shop.planted[path] = Planted(body=needs)
    assert run("--only", "builds") == 0
    said = capsys.readouterr().out
    assert 'releases.json: ~ releases: 2.15: pypi: "cu132" -> "cu130"' in said
    assert 'releases.json: ~ releases: 2.15: companions: torchcodec: 2.15.0: ["0.17"] -> ["0.17", "0.18"]' in said
    assert "cu132" in run.table("indexes.json")["family"]["xformers"]["tags"]["0.0.35"]


def test_a_run_that_was_killed_goes_on_where_it_was(shop: World, run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    """What was fetched is in the cache at once, and the tables are written at the end, each in one step."""
    before = {name: (run.data / name).read_bytes() for name in FILES}
    command = [
        sys.executable,
        "-m",
        "variantfix.pytorch.refresh",
        *run.arguments("--only", "builds", "--rate", "50", "--at-once", "4"),
    ]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        deadline = monotonic() + 60
        while len(shop.asked) < 40 and monotonic() < deadline:
            sleep(0.02)
    finally:
        process.kill()
        process.wait()
    first = [*shop.asked]
    assert len(first) >= 40
    assert {name: (run.data / name).read_bytes() for name in FILES} == before
    shop.asked.clear()
    assert run("--only", "builds") == 0
    capsys.readouterr()
    again = set(first) & set(shop.asked)
    assert len(again) <= 4, "more than what was under way when it was killed"
    assert len(shop.asked) > len(first)
    whole = {name: (run.data / name).read_bytes() for name in FILES}
    assert run("--only", "builds", "--cache", str(run.cache.with_name("another"))) == 0
    assert capsys.readouterr().out == ""
    assert {name: (run.data / name).read_bytes() for name in FILES} == whole != before
