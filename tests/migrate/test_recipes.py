"""The recipes in examples/ do what they say, with the real tools where these can be had from the package index."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.migrate.fleet import BROKEN, CLEAN, TEMPLATES, branches, make_repository
from tests.migrate.test_work import AFTER

EXAMPLES = Path(__file__).parent.parent.parent / "examples"
pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="the recipes are for a POSIX shell")


@pytest.fixture
def env(tmp_path: Path) -> dict[str, str]:
    """An environment with an author, and with `variantfix` on the path."""
    config = tmp_path / "gitconfig"
    config.write_text("[user]\n\tname = Ann\n\temail = ann@example.com\n")
    (tmp_path / "bin").mkdir()
    program = tmp_path / "bin" / "variantfix"
    program.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m variantfix "$@"\n')
    program.chmod(0o755)
    path = f"{tmp_path / 'bin'}{os.pathsep}{os.environ['PATH']}"
    root = str(EXAMPLES.parent)
    return {**os.environ, "GIT_CONFIG_GLOBAL": str(config), "PATH": path, "PYTHONPATH": root}


def checkout(tmp_path: Path, name: str, template: str, env: dict[str, str]) -> Path:
    bare, work = tmp_path / f"{name}.git", tmp_path / name
    make_repository(bare, TEMPLATES[template])
    subprocess.run(["git", "clone", "-q", bare, work], check=True, env=env)
    return work


def test_plain_shell(tmp_path: Path, env: dict[str, str]) -> None:
    works = [checkout(tmp_path, name, name, env) for name in ("extras", "clean", "invalid-toml", "unfixable")]
    script = EXAMPLES / "migrate-shell" / "migrate.sh"
    done = subprocess.run([script, *works], env=env, capture_output=True, text=True)
    assert (done.returncode, done.stderr.splitlines()[-1]) == (1, f"failed: {works[2]}")
    assert [sorted(branches(work)) for work in works] == [
        ["main", "variantfix"],
        ["main"],
        ["main"],
        ["main", "variantfix"],
    ]
    assert (works[0] / "pyproject.toml").read_text().replace("project-0", "NAME") == AFTER


def test_multi_gitter_script(tmp_path: Path, env: dict[str, str]) -> None:
    script = EXAMPLES / "migrate-multi-gitter" / "variantfix.sh"
    codes = {}
    for name in ("extras", "clean", "unfixable", "invalid-toml"):
        work = checkout(tmp_path, name, name, env)
        codes[name] = subprocess.run([script], cwd=work, env=env, capture_output=True).returncode
    assert codes == {"extras": 0, "clean": 0, "unfixable": 0, "invalid-toml": 1}
    assert (tmp_path / "extras" / "pyproject.toml").read_text().replace("project-0", "NAME") == AFTER


def test_all_repos(tmp_path: Path, env: dict[str, str]) -> None:
    here = tmp_path / "all-repos"
    shutil.copytree(EXAMPLES / "migrate-all-repos", here)
    for name in ("extras", "clean"):
        make_repository(tmp_path / f"{name}.git", TEMPLATES[name])
    repos = {name: str(tmp_path / f"{name}.git") for name in ("extras", "clean")}
    (here / "repos.json").write_text(json.dumps(repos))
    config = json.loads((here / "all-repos.json").read_text())
    config["push"] = "all_repos.push.merge_to_master"
    config["push_settings"] = {"fast_forward": True}
    (here / "all-repos.json").write_text(json.dumps(config))
    (here / "all-repos.json").chmod(0o600)
    for module in (["-m", "all_repos.clone"], ["fix_variants.py"]):
        command = [sys.executable, *module, "--config-filename", "all-repos.json"]
        done = subprocess.run(command, cwd=here, env=env, capture_output=True, text=True)
        assert done.returncode == 0, done.stdout + done.stderr
    assert "Errored" not in done.stdout
    text = subprocess.run(["git", "show", "main:pyproject.toml"], cwd=repos["extras"], capture_output=True, text=True)
    assert text.stdout.replace("project-0", "NAME") == AFTER


def test_dask(tmp_path: Path, env: dict[str, str]) -> None:
    texts = {"clean": CLEAN, "broken": BROKEN, "invalid": "[project"}
    lines = (json.dumps({"path": path, "text": text}) for path, text in texts.items())
    (tmp_path / "corpus.jsonl").write_text("".join(f"{line}\n" for line in lines))
    script = EXAMPLES / "migrate-dask" / "map_texts.py"
    command = [sys.executable, str(script), "corpus.jsonl", "repaired"]
    done = subprocess.run(command, cwd=tmp_path, env=env, capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (0, "missing-conflict: 1\nmissing-marker: 1\n"), done.stderr
    rows = [json.loads(line) for file in (tmp_path / "repaired").iterdir() for line in file.read_text().splitlines()]
    assert {row["path"]: row["text"] for row in rows} == {**texts, "broken": AFTER}
    assert [row["path"] for row in rows if "error" in row] == ["invalid"]


def test_pull_requests(tmp_path: Path, env: dict[str, str]) -> None:
    """The whole way, with a `gh` that writes down what it is asked."""
    here = tmp_path / "here"
    shutil.copytree(EXAMPLES / "migrate-pull-requests", here)
    for name in ("extras", "clean", "groups"):
        make_repository(here / f"{name}.git", TEMPLATES[name])
    (here / "repos.txt").write_text("extras.git\nclean.git\ngroups.git\n")
    (here / "accepted.txt").write_text("groups.git\n")
    gh = tmp_path / "bin" / "gh"
    gh.write_text(f'#!/bin/sh\nprintf "%s\\n" "$@" >> {tmp_path}/asked\n')
    gh.chmod(0o755)
    commands = [
        line[4:] for line in (here / "README.md").read_text().splitlines() if line.startswith("    variantfix ")
    ]
    codes = [
        subprocess.run(["sh", "-c", command.replace("./open", f"{here}/open")], cwd=here, env=env).returncode
        for command in commands
    ]
    assert codes == [1, 0]
    assert (here / "review.html").is_file()
    assert [sorted(branches(here / f"{name}.git")) for name in ("extras", "groups")] == [
        ["main"],
        ["main", "variantfix"],
    ]
    asked = (tmp_path / "asked").read_text()
    assert asked.startswith("pr\ncreate\n--repo\n")
    assert "\n--head\nvariantfix\n--title\nKeep the PyTorch variants apart\n--body\nvariantfix repaired:\n" in asked
