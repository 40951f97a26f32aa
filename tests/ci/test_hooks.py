"""The hooks as pre-commit runs them: from a checkout, over a repository with innocent files in it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.ci.test_action import BROKEN, SOUND

ROOT = Path(__file__).parents[2]
POETRY = '[tool.poetry]\nname = "theirs"\nversion = "1"\n[tool.poetry.dependencies]\ntorch = "^2"\n'
INNOCENT = {
    "sound/pyproject.toml": SOUND,
    "theirs/pyproject.toml": POETRY,
    "lint/pyproject.toml": "[tool.ruff]\nline-length = 100\n",
    "config/uv.toml": 'link-mode = "copy"\n',
    "scripts/uv.lock": 'version = 1\nrequires-python = ">=3.11"\n',
    "README.md": "torch\n",
}


def git(folder: Path, *args: str) -> None:
    author = ("-c", "user.name=Ann", "-c", "user.email=ann@example.com")
    subprocess.run(["git", *author, *args], cwd=folder, check=True, capture_output=True)


def repository(folder: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    git(folder, "init", "-q")
    git(folder, "add", "-A")
    git(folder, "commit", "-qm", "Begin")
    return folder


@pytest.fixture(scope="module")
def hooks(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A repository with the hooks and the package as they are in the checkout."""
    folder = tmp_path_factory.mktemp("hooks")
    for name in ("pyproject.toml", "README.md", "LICENSE", ".pre-commit-hooks.yaml"):
        shutil.copy(ROOT / name, folder)
    shutil.copytree(ROOT / "variantfix", folder / "variantfix", ignore=shutil.ignore_patterns("__pycache__"))
    return repository(folder, {})


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where pre-commit keeps what it installs."""
    return tmp_path_factory.mktemp("pre-commit")


def run_hook(hook: str, hooks: Path, home: Path, folder: Path) -> tuple[int, str]:
    """What pre-commit says of all files of a repository."""
    head = subprocess.run(["git", "rev-parse", "HEAD"], cwd=hooks, check=True, capture_output=True, text=True)
    config = f"repos: [{{ repo: '{hooks.as_posix()}', rev: {head.stdout.strip()}, hooks: [{{ id: {hook} }}] }}]\n"
    (home / "config.yaml").write_text(config, encoding="utf-8")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("GIT", "COV", "PYTHON"))}
    command = [sys.executable, "-m", "pre_commit", "run", "--all-files", "--config", str(home / "config.yaml")]
    env = {**kept, "PRE_COMMIT_HOME": str(home), "PRE_COMMIT_COLOR": "never"}
    done = subprocess.run(command, cwd=folder, env=env, capture_output=True, text=True)
    return done.returncode, done.stdout + done.stderr


@pytest.mark.uv
def test_innocent_files_pass(hooks: Path, home: Path, tmp_path: Path) -> None:
    code, said = run_hook("variantfix", hooks, home, repository(tmp_path, INNOCENT))
    assert (code, "Passed" in said) == (0, True), said


@pytest.mark.uv
def test_findings_fail_among_them_and_once(hooks: Path, home: Path, tmp_path: Path) -> None:
    files = {**INNOCENT, "app/pyproject.toml": BROKEN, "app/uv.toml": 'link-mode = "copy"\n'}
    code, said = run_hook("variantfix", hooks, home, repository(tmp_path, files))
    assert code == 1, said
    assert said.count("app/pyproject.toml:7: error: [missing-conflict]") == 1, said


@pytest.mark.uv
def test_the_other_hook_repairs(hooks: Path, home: Path, tmp_path: Path) -> None:
    folder = repository(tmp_path, {**INNOCENT, "app/pyproject.toml": BROKEN})
    code, said = run_hook("variantfix-apply", hooks, home, folder)
    assert (code, "files were modified by this hook" in said) == (1, True), said
    changed = subprocess.run(["git", "diff", "--name-only"], cwd=folder, check=True, capture_output=True, text=True)
    assert changed.stdout == "app/pyproject.toml\n"
    git(folder, "commit", "-qam", "Repair")
    code, said = run_hook("variantfix-apply", hooks, home, folder)
    assert code == 0, said
