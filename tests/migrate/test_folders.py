"""Which projects below a folder are the user's own."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from tests.migrate.fleet import BROKEN, CLEAN
from variantfix.__main__ import main
from variantfix.migrate.folders import is_bare_repository, projects

if TYPE_CHECKING:
    from pathlib import Path

ROOT = CLEAN + '\n[tool.uv.workspace]\nmembers = ["packages/*"]\nexclude = ["packages/out"]\n'
P = "pyproject.toml"

CASES = {
    "no-project-at-all": ({"README.md": ""}, []),
    "the-folder-itself": ({P: CLEAN}, ["."]),
    "every-project-below-in-order": ({"b/pyproject.toml": "", "a/c/pyproject.toml": ""}, ["a/c", "b"]),
    "a-workspace-is-one-unit": ({P: ROOT, "packages/x/pyproject.toml": CLEAN}, ["."]),
    "not-what-a-workspace-excludes": ({P: ROOT, "packages/out/pyproject.toml": CLEAN}, [".", "packages/out"]),
    "not-what-no-pattern-names": ({P: ROOT, "tools/x/pyproject.toml": CLEAN}, [".", "tools/x"]),
    "below-a-root-that-is-not-toml": ({P: "[workspace", "packages/x/pyproject.toml": ""}, [".", "packages/x"]),
    "no-virtual-environment": ({"env/pyvenv.cfg": "", "env/lib/x/pyproject.toml": ""}, []),
    "no-conda-environment": ({"env/conda-meta/history": "", "env/x/pyproject.toml": ""}, []),
    "no-git-folder": ({".git/pyproject.toml": ""}, []),
    "no-node-modules": ({"node_modules/x/pyproject.toml": ""}, []),
    "not-what-gitignore-names": ({".gitignore": "build/\n", "build/pyproject.toml": "", "a/pyproject.toml": ""}, ["a"]),
    "not-what-gitignore-names-by-file": ({".gitignore": "/a/*.toml\n", "a/pyproject.toml": ""}, []),
    "what-gitignore-takes-back": ({".gitignore": "/*/\n!/a/\n", "a/pyproject.toml": "", "b/pyproject.toml": ""}, ["a"]),
    "an-inner-gitignore-has-the-last-word": (
        {".gitignore": "x/\n", "a/.gitignore": "!x/\n", "a/x/pyproject.toml": "", "x/pyproject.toml": ""},
        ["a/x"],
    ),
    "a-repository-inside-begins-anew": (
        {".gitignore": "x/\n", "a/.git/HEAD": "", "a/x/pyproject.toml": ""},
        ["a/x"],
    ),
    "a-gitignore-that-is-not-utf-8": ({".gitignore": "caf\udce9/\n", "a/pyproject.toml": ""}, ["a"]),
}


def write(folder: Path, texts: dict[str, str]) -> None:
    for name, text in texts.items():
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(text.encode("utf-8", "surrogateescape"))


@pytest.mark.parametrize(("texts", "expected"), CASES.values(), ids=CASES)
def test_projects(texts: dict[str, str], expected: list[str], tmp_path: Path) -> None:
    write(tmp_path, texts)
    assert list(projects(tmp_path)) == expected


def test_links_to_folders_are_not_followed(tmp_path: Path) -> None:
    write(tmp_path, {"a/pyproject.toml": CLEAN, "outside/pyproject.toml": BROKEN})
    (tmp_path / "a" / "loop").symlink_to(tmp_path / "a")
    (tmp_path / "a" / "out").symlink_to(tmp_path / "outside")
    assert list(projects(tmp_path / "a")) == ["."]


def test_gitignore_above_holds_up_to_the_repository(tmp_path: Path) -> None:
    write(tmp_path, {".gitignore": "a/\n", "r/.git/HEAD": "", "r/.gitignore": "build/\n"})
    write(tmp_path / "r" / "a", {"x/pyproject.toml": "", "build/pyproject.toml": ""})
    assert list(projects(tmp_path / "r" / "a")) == ["x"]


def test_a_bare_repository_is_known_by_its_files(tmp_path: Path) -> None:
    assert not is_bare_repository(tmp_path)
    write(tmp_path, {"HEAD": "", "objects/x": "", "refs/x": ""})
    assert is_bare_repository(tmp_path)


@pytest.mark.parametrize("line", ["!", "[", "\\", "[z-a]", "[[:foo:]]", "\0", "\ufeff", "/", "!/", "(?=x", "a\\"])
def test_a_line_of_a_gitignore_that_is_no_pattern_is_passed_over(line: str, tmp_path: Path) -> None:
    write(tmp_path, {".gitignore": f"{line}\nb\n", "a/pyproject.toml": CLEAN, "b/pyproject.toml": CLEAN})
    assert list(projects(tmp_path)) == ["a"]


def test_a_folder_that_is_named_and_cannot_be_looked_through_is_no_success(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "shut").mkdir()
    monkeypatch.setattr(os, "access", lambda path, mode: mode != os.R_OK or path.name != "shut")
    assert main(["migrate", str(tmp_path / "shut"), "--state", str(tmp_path / "s")]) == 2
    assert "shut: there is no pyproject.toml in this folder" in capsys.readouterr().err


def test_a_gitignore_may_begin_with_the_mark_of_an_editor(tmp_path: Path) -> None:
    write(tmp_path, {".gitignore": "\ufeffb\r\n", "a/pyproject.toml": CLEAN, "b/pyproject.toml": CLEAN})
    assert list(projects(tmp_path)) == ["a"]
