"""A scratch copy holds what uv needs, and nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from variantfix.errors import VerifyError
from variantfix.uv.scratch import scratch_copy

if TYPE_CHECKING:
    from pathlib import Path

PROJECT = """\
[project]
name = "app"
version = "0.1"
"""


def put(folder: Path, **texts: str) -> None:
    for name, text in texts.items():
        file = folder / name.replace("__", "/").replace("_dot_", ".")
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")


def copied(texts: dict[Path, str]) -> tuple[str, dict[str, str]]:
    """The place of the root's folder in the copy, and all files of the copy with their texts."""
    with scratch_copy({str(file): text for file, text in texts.items()}) as root:
        top = next(folder for folder in (root, *root.parents) if folder.name.startswith("variantfix-"))
        found = {
            str(file.relative_to(top)): file.read_text(encoding="utf-8")
            for file in sorted(top.rglob("*"))
            if file.is_file()
        }
    assert not top.exists()
    return str(root.relative_to(top)), found


def test_a_project_alone_is_its_pyproject(tmp_path: Path) -> None:
    put(tmp_path, app_dot_py="print()", _dot_env="SECRET=1", data__big="x", README_dot_md="not named")
    assert copied({tmp_path / "pyproject.toml": PROJECT}) == (".", {"pyproject.toml": PROJECT})


def test_what_uv_reads_beside_it_is_copied(tmp_path: Path) -> None:
    put(tmp_path, uv_dot_toml="", uv_dot_lock="version = 1\n", README_dot_md="hello", licences__A_dot_txt="free")
    put(tmp_path, licences__B_dot_rst="not named")
    (tmp_path / ".python-version").write_text("3.12\n")
    text = PROJECT + 'readme = "README.md"\nlicense-files = ["licences/*.txt", "../outside"]\n'
    assert copied({tmp_path / "pyproject.toml": text}) == (
        ".",
        {
            ".python-version": "3.12\n",
            "README.md": "hello",
            "licences/A.txt": "free",
            "pyproject.toml": text,
            "uv.lock": "version = 1\n",
            "uv.toml": "",
        },
    )


def test_the_texts_given_are_copied_not_those_on_disk(tmp_path: Path) -> None:
    put(tmp_path, pyproject_dot_toml="old", member__pyproject_dot_toml="old")
    root, member = tmp_path / "pyproject.toml", tmp_path / "member" / "pyproject.toml"
    found = {"member/pyproject.toml": PROJECT, "pyproject.toml": PROJECT}
    assert copied({root: PROJECT, member: PROJECT}) == (".", found)


def test_path_sources_keep_their_places(tmp_path: Path) -> None:
    put(tmp_path, lib__pyproject_dot_toml=PROJECT + '[tool.uv.sources]\nb = { path = "../b" }\n', lib__code_dot_py="")
    put(tmp_path, b__pyproject_dot_toml=PROJECT, wheels__c_dot_whl="wheel", empty__setup_dot_py="code")
    text = PROJECT + (
        '[tool.uv.sources]\na = { path = "../lib" }\nc = [{ path = "../wheels/c.whl" }]\n'
        'd = { path = "../empty" }\ne = { path = "../not-there" }\n'
    )
    place, found = copied({tmp_path / "app" / "pyproject.toml": text})
    assert place == "app"
    assert sorted(found) == ["app/pyproject.toml", "b/pyproject.toml", "lib/pyproject.toml", "wheels/c.whl"]


def test_a_dynamic_version_needs_no_build(tmp_path: Path) -> None:
    text = PROJECT.replace('version = "0.1"', 'dynamic = ["version", "readme"]')
    _, found = copied({tmp_path / "pyproject.toml": text})
    assert found == {"pyproject.toml": '[project]\nname = "app"\ndynamic = ["readme"]\nversion = "0"\n'}


def test_no_place_for_it_is_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "not-there"))
    with (
        pytest.raises(VerifyError, match=r"^no scratch copy can be made: no such file or directory$"),
        scratch_copy({str(tmp_path / "pyproject.toml"): PROJECT}),
    ):
        pytest.fail("it was made")


def test_it_is_gone_after_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    with pytest.raises(KeyboardInterrupt), scratch_copy({str(tmp_path / "app" / "pyproject.toml"): PROJECT}):
        raise KeyboardInterrupt
    assert list(tmp_path.iterdir()) == []
