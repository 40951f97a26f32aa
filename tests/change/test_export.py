"""`variantfix export`: what it writes, and that the real pip installs from it what the lock says."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from tests.change.texts import FILE, PLAIN, add
from tests.locks import lock_of, own_row, row
from variantfix.__main__ import main
from variantfix.change.export import requirements_file
from variantfix.errors import InputError

if TYPE_CHECKING:
    from pathlib import Path

    from tests.world.server import World

LOCK = lock_of(
    row("torch", "2.9.1+cpu", index="https://user:secret@packages.example.com/whl/cpu"),
    row("timm", "1.0", index="https://packages.example.com/simple#cpu"),
    row("torch", "2.9.1+cu128", index="https://packages.example.com/whl/cu128"),
    own_row(),
)


def test_only_the_indexes_of_what_is_exported_are_named() -> None:
    exported = (
        "timm==1.0 \\\n    --hash=sha256:00\ntorch==2.9.1+cpu ; sys_platform == 'linux' \\\n    --hash=sha256:01\n"
    )
    assert requirements_file(exported, LOCK, "https://packages.example.com/simple/") == (
        "--index-url https://packages.example.com/simple\n"
        "--extra-index-url https://packages.example.com/whl/cpu\n" + exported
    )


def test_of_two_indexes_with_a_version_that_of_the_hashes_is_named() -> None:
    package = '[[package]]\nname = "torchvision"\nversion = "0.24.1"\n'
    lock = "".join(
        f'{package}source = {{ registry = "https://packages.example.com/whl/{tag}" }}\n'
        f'wheels = [{{ url = "x.whl", hash = "sha256:{tag}" }}]\n'
        for tag in ("cpu", "cu128")
    )
    exported = "torchvision==0.24.1 \\\n    --hash=sha256:cpu\n"
    assert requirements_file(exported, lock, "https://packages.example.com/simple").splitlines()[:2] == [
        "--index-url https://packages.example.com/simple",
        "--extra-index-url https://packages.example.com/whl/cpu",
    ]


TWICE = "".join(
    f"""
[[package]]
name = "{name}"
version = "2.0"
source = {{ registry = "https://packages.example.com/{index}" }}
{files}"""
    for name, index, files in (
        ("sources", "cpu", 'sdist = { url = "u/sources-2.0.tar.gz", hash = "sha256:c1" }\n'),
        ("sources", "cu128", 'sdist = { url = "u/sources-2.0.tar.gz", hash = "sha256:d1" }\n'),
        ("wheels", "cpu", 'wheels = [\n    { url = "u/wheels-2.0-py3-none-any.whl", hash = "sha256:c2" },\n]\n'),
        ("wheels", "cu128", 'wheels = [\n    { url = "u/wheels-2.0-py3-none-any.whl", hash = "sha256:d2" },\n]\n'),
    )
)


@pytest.mark.parametrize(("package", "number"), [("sources", 1), ("wheels", 2)])
@pytest.mark.parametrize(("tag", "digest"), [("cpu", "c"), ("cu128", "d")])
@pytest.mark.parametrize("end", [pytest.param("", id="uv's layout"), pytest.param("# '\"'\n", id="another")])
def test_each_kind_of_file_tells_its_index(package: str, number: int, tag: str, digest: str, end: str) -> None:
    exported = f"{package}==2.0 \\\n    --hash=sha256:{digest}{number}\n"
    found = requirements_file(exported, lock_of() + TWICE + end, "https://packages.example.com/simple")
    assert found.splitlines()[1:] == [f"--extra-index-url https://packages.example.com/{tag}", *exported.splitlines()]


def test_a_broken_lock_is_told() -> None:
    with pytest.raises(InputError, match=r"uv.lock: not TOML"):
        requirements_file("", "[", "")


def test_bad_input_is_one_clear_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / FILE).write_text(add(PLAIN, "cpu", "cu128").after[FILE])
    for args, words in (
        (["--variant", "cpu"], "there is no uv.lock beside it"),
        ([], "either --variant NAME or --all DIR"),
        (["--variant", "cpu", "--all", "x"], "either --variant NAME or --all DIR"),
    ):
        assert main(["export", str(tmp_path), *args]) == 2
        assert words in capsys.readouterr().err
    (tmp_path / "uv.lock").write_text("version = 1\n")
    assert main(["export", str(tmp_path), "--variant", "cu12"]) == 2
    assert "there is no variant 'cu12' (did you mean 'cu128'?)" in capsys.readouterr().err


def test_standard_input_has_no_lock(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("variantfix.disk.read_stdin", lambda: add(PLAIN, "cpu", "cu128").after[FILE])
    assert main(["export", "-", "--variant", "cpu"]) == 2
    assert capsys.readouterr().err == ("error: -: there is no uv.lock beside it (--lock makes one in a scratch copy)\n")


@pytest.mark.uv
def test_pip_installs_what_the_lock_says(
    world: World, uv_newest: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from tests.world import scratch, urls

    if sys.version_info < (3, 11):
        pytest.skip("the newest torch of the world needs 3.11")
    project = tmp_path / "project"
    own = f'\n[[tool.uv.index]]\nname = "own"\nurl = "{urls.PYPI_ROOT}"\ndefault = true\n'
    scratch.write({FILE: add(PLAIN, "cpu", "cu128").after[FILE] + own}, project, world.url)
    monkeypatch.setenv("PATH", f"{uv_newest.parent}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setenv("UV_CACHE_DIR", str(tmp_path / "cache"))
    subprocess.run([uv_newest, "lock", "-q", "--python", sys.executable], cwd=project, check=True)
    assert main(["export", str(project), "--all", str(tmp_path / "out")]) == 0
    subprocess.run([sys.executable, "-m", "venv", tmp_path / "env"], check=True)
    pip = [str(tmp_path / "env" / "bin" / "python"), "-m", "pip", "--isolated", "--disable-pip-version-check"]
    for variant in ("cpu", "cu128"):
        wanted = tmp_path / "out" / f"requirements-{variant}.txt"
        target = tmp_path / variant
        subprocess.run(
            [*pip, "install", "-q", "--no-cache-dir", "--target", str(target), "-r", str(wanted)], check=True
        )
        names = [path.name for path in target.glob("*.dist-info")]
        assert [name for name in names if name.startswith("torch-") and f"+{variant}" in name], names
        exported = {line.split()[0] for line in wanted.read_text().splitlines() if line[0] not in " -#"}
        assert {
            name.removesuffix(".dist-info").replace("-", "==").lower().replace("_", "-") for name in names
        } <= exported
