"""The GitHub action: its form, and its steps run as a runner's shell runs them."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Any

import jsonschema
import pytest
import yaml

from tests.projects import INDEXES
from tests.report.official import official

if TYPE_CHECKING:
    from collections.abc import Mapping

ROOT = Path(__file__).parents[2]
ACTION: Any = yaml.safe_load((ROOT / "action.yml").read_text(encoding="utf-8"))
INSTALL, CHECK = ACTION["runs"]["steps"]

BROKEN = (
    """\
[project]
name = "app"
version = "0.1.0"
requires-python = ">=3.11"

[project.optional-dependencies]
cpu = ["torch>=2.7"]
cu128 = ["torch>=2.7"]

[tool.uv.sources]
torch = [{ index = "pytorch-cpu", extra = "cpu" }, { index = "pytorch-cu128", extra = "cu128" }]

"""
    + INDEXES
)
SOUND = '[project]\nname = "app"\nversion = "0.1.0"\ndependencies = ["numpy"]\n'


def test_the_action_has_the_form_of_one() -> None:
    jsonschema.validate(ACTION, official("github-action"))


def test_no_input_is_pasted_into_a_script() -> None:
    assert not [step["name"] for step in ACTION["runs"]["steps"] if "${{" in step["run"]]


@pytest.fixture(scope="module")
def runner(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The temporary folder of a runner in which the action's first step was run."""
    temp = tmp_path_factory.mktemp("runner")
    shell(INSTALL["run"], cwd=temp, env={"RUNNER_TEMP": str(temp), "GITHUB_ACTION_PATH": str(ROOT)})
    return temp


def shell(script: str, *, cwd: Path, env: Mapping[str, str], code: int = 0) -> str:
    """Run a step as GitHub runs `shell: bash`, and return what it printed."""
    command = ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", script]
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "GITHUB", "COV"))}
    done = subprocess.run(command, cwd=cwd, env={**kept, **env}, capture_output=True, text=True)
    assert done.returncode == code, done.stdout + done.stderr
    return done.stdout + done.stderr


def check(runner: Path, folder: Path, *, code: int, **inputs: str) -> tuple[str, str, str]:
    """Run the second step over a folder: what it printed, the job's summary, the outputs."""
    values = {name: str(given.get("default", "")) for name, given in ACTION["inputs"].items()} | inputs
    env = {
        name: re.sub(r"\$\{\{ inputs\.([a-z-]+) \}\}", lambda match: values[match[1]], text)
        for name, text in CHECK["env"].items()
    }
    files = {name: folder / name.lower() for name in ("GITHUB_STEP_SUMMARY", "GITHUB_OUTPUT")}
    env |= {name: str(path) for name, path in files.items()} | {"RUNNER_TEMP": str(runner), "GITHUB_ACTIONS": "true"}
    told = shell(CHECK["run"], cwd=folder, env=env, code=code)
    summary, outputs = (path.read_text(encoding="utf-8") for path in files.values())
    return told, summary, outputs


@pytest.mark.uv
def test_findings_are_annotated_and_fail_the_step(runner: Path, tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text(BROKEN, encoding="utf-8")
    told, summary, outputs = check(runner, tmp_path, code=1)
    assert re.search(
        r"^::error file=\./?pyproject\.toml,line=7|^::error file=pyproject\.toml,line=7", told, re.MULTILINE
    )
    assert "missing-conflict" in summary
    assert "::error" not in summary, "annotations are for the log alone"
    assert outputs == "exit-code=1\n"


@pytest.mark.uv
def test_a_sound_project_passes(runner: Path, tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text(SOUND, encoding="utf-8")
    told, summary, outputs = check(runner, tmp_path, code=0, verify="true")
    assert "::error" not in told
    assert "### pyproject.toml: no variants" in summary
    assert outputs == "exit-code=0\n"


@pytest.mark.uv
def test_inputs_reach_the_command(runner: Path, tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text(BROKEN, encoding="utf-8")
    inputs = {"args": "--ignore missing-conflict,missing-marker", "format": "sarif", "output-file": "log.sarif"}
    told, _, _ = check(runner, tmp_path, code=0, paths=". pyproject.toml", **inputs)
    assert "::error" not in told
    jsonschema.validate(yaml.safe_load((tmp_path / "log.sarif").read_text("utf-8")), official("sarif-2.1.0"))
