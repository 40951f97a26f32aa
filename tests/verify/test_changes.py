"""The commands on demand with the real uv: --verify, a fresh lock, what is written from it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.change.texts import PLAIN, add
from tests.projects import ALONE, DEFAULT, FOUNDING, INDEX
from variantfix.disk import LOCK, NAME

if TYPE_CHECKING:
    from pathlib import Path

    from tests.verify.conftest import Shop

pytestmark = pytest.mark.uv

PROJECT = PLAIN + DEFAULT + INDEX.format(tag="cpu") + INDEX.format(tag="cu128")
VARIANTS = add(PLAIN, "cpu", "cu128").after[NAME] + DEFAULT
EXPORTED = "--index-url https://packages.example.com/simple\n--extra-index-url https://download.pytorch.org/whl/cpu\n"


@pytest.mark.parametrize(
    ("command", "text"),
    [(["add", "cpu", "cu128"], PROJECT), (["retag", "cu128=cu129"], VARIANTS), (["default", "cpu"], VARIANTS)],
    ids=["add", "retag", "default"],
)
def test_uv_proves_a_change_before_it_is_written(shop: Shop, command: list[str], text: str) -> None:
    folder = shop.write(text)
    before = (folder / NAME).read_text()
    code, _, err = shop.run(*command, "--verify", folder)
    assert code == 0
    assert err.startswith("verified: uv 0.13.9 locks it, and none of ")
    assert (folder / NAME).read_text() != before


def test_nothing_is_written_that_uv_refuses(shop: Shop) -> None:
    folder = shop.write(PROJECT.replace('"numpy",', '"numpy",\n    "numpy>3,<2",'))
    before = (folder / NAME).read_text()
    code, _, err = shop.run("add", "cpu", "cu128", "--verify", folder)
    assert code == 1
    assert err.startswith("error: <here>: uv 0.13.9 refuses to lock it")
    assert (folder / NAME).read_text() == before


def test_standard_input_is_proved_too(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    text = (shop.write(PROJECT) / NAME).read_text()
    monkeypatch.setattr("variantfix.disk.read_stdin", lambda: text)
    code, out, err = shop.run("add", "cpu", "cu128", "--verify", "-")
    assert (code, 'extra = "cu128"' in out) == (0, True)
    assert "verified: uv 0.13.9 locks it" in err


def test_pick_takes_what_uv_isolates(shop: Shop, monkeypatch: pytest.MonkeyPatch, uv_0_5_5: Path) -> None:
    monkeypatch.setenv("VARIANTFIX_MACHINE", "cuda=999")
    monkeypatch.setattr("sys.platform", "linux")
    monkeypatch.setattr("platform.machine", lambda: "x86_64")
    folder = shop.write(ALONE)
    assert shop.run("pick", "--verify", folder) == (0, "--extra cu124\n", "")
    assert not (folder / LOCK).exists()
    monkeypatch.setattr("platform.machine", lambda: "aarch64")
    assert shop.run("pick", "--verify", folder)[:2] == (0, "--extra cpu\n")  # cu124 has no wheel there
    monkeypatch.setattr("platform.machine", lambda: "x86_64")
    shop.take(uv_0_5_5)
    folder = shop.write(FOUNDING)
    code, out, err = shop.run("pick", "--verify", folder)
    assert (code, out) == (1, "")
    assert err.startswith(
        "error: <here>: uv's lock has none of cu124, cpu isolated for linux x86_64\n    leak: cpu on "
    )


def test_a_fresh_lock_is_exported(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = shop.write(VARIANTS)
    said = "error: <here>/pyproject.toml: there is no uv.lock beside it (--lock makes one in a scratch copy)\n"
    assert shop.run("export", folder, "--variant", "cpu") == (2, "", said)
    code, out, err = shop.run("export", folder, "--variant", "cpu", "--lock", "--verify")
    assert (code, err, (folder / LOCK).exists()) == (0, "", False)
    assert out.startswith(EXPORTED)
    assert "torch==2.15.0+cpu" in out
    text = (folder / NAME).read_text()
    monkeypatch.setattr("variantfix.disk.read_stdin", lambda: text)
    assert shop.run("export", "-", "--variant", "cpu", "--lock") == (0, out, "")


def test_a_dry_run_of_an_export_shows_the_files(shop: Shop, tmp_path: Path) -> None:
    folder, target = shop.write(VARIANTS), tmp_path / "files"
    command = ("export", "--lock", "--all", target, folder)
    code, out, _ = shop.run(*command, "--dry-run")
    assert (code, target.exists()) == (1, False)
    assert [line for line in out.splitlines() if line.startswith("+++")] == [
        f"+++ b{target}/requirements-cpu.txt",
        f"+++ b{target}/requirements-cu128.txt",
    ]
    code, _, err = shop.run(*command)
    assert (code, err.splitlines()) == (0, [f"{target}/requirements-{name}.txt" for name in ("cpu", "cu128")])
    assert shop.run(*command, "--dry-run") == (0, "", "")


def test_several_projects_are_exported_into_a_folder_each(shop: Shop, tmp_path: Path) -> None:
    one = shop.write(VARIANTS, other=VARIANTS.replace('"app"', '"other"'), same=VARIANTS)
    target = tmp_path / "files"
    paths = [one, one / "other", one / "same", one / "none"]
    code, _, err = shop.run("export", "--lock", "--all", str(target), *paths)
    assert code == 2
    assert sorted(str(path.relative_to(target)) for path in target.rglob("*.txt")) == [
        "app/requirements-cpu.txt",
        "app/requirements-cu128.txt",
        "other/requirements-cpu.txt",
        "other/requirements-cu128.txt",
    ]
    assert "error: <here>/same: its files would be those of <here> (export it to another folder)" in err
    code, out, err = shop.run("export", "--lock", "--variant", "cpu", *paths)
    assert (code, out) == (2, "")
    assert err == "error: --variant writes one requirements file (--all DIR takes several projects)\n"


def test_a_lock_that_does_not_hold_is_not_exported(shop: Shop, uv_0_5_5: Path) -> None:
    folder = shop.write(VARIANTS)
    code, out, _ = shop.run("export", folder, "--variant", "cpu", "--lock")
    (folder / LOCK).write_text('version = 1\nrequires-python = ">=3.11"\n\n[[package]]\nname = "app"\nversion = "9"\n')
    code, out, err = shop.run("export", folder, "--variant", "cpu", "--verify")
    assert (code, out) == (1, "")
    assert err.startswith("error: <here>: its uv.lock is stale: ")
    assert err.endswith(" (--lock exports a fresh one)\n")
    shop.take(uv_0_5_5)
    (folder / LOCK).unlink()
    folder = shop.write(FOUNDING)
    code, out, err = shop.run("export", folder, "--variant", "cpu", "--lock", "--verify")
    assert (code, out) == (1, "")
    assert "closures leak (`variantfix apply` mends it)\n    leak: cpu on " in err
