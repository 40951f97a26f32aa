"""Every command and output that the README shows is what the program does."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from importlib.metadata import metadata
from pathlib import Path

import pytest
import typer.main
import yaml

from variantfix.cli.app import app
from variantfix.pytorch import catalog

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
CASE = ROOT / "tests/cases/leaking-lock/written-by-an-old-uv"


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", README, re.DOTALL | re.MULTILINE)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with the project that the README begins with, and one with a lock of an old uv."""
    for name, text in (
        ("captions/pyproject.toml", blocks("toml")[0]),
        ("old-lock/pyproject.toml", (CASE / "before.toml").read_text("utf-8")),
        ("old-lock/uv.lock", (CASE / "uv.lock").read_text("utf-8").replace("{pypi}", catalog.PYPI_SIMPLE)),
    ):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    return tmp_path


def run(command: str, folder: Path) -> list[str]:
    program, *args = shlex.split(command)
    assert program == "variantfix"
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("GITHUB", "COV", "FORCE"))}
    done = subprocess.run(
        [sys.executable, "-m", "variantfix", *args],
        cwd=folder,
        env={**kept, "PYTHONIOENCODING": "utf-8"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
    )
    assert done.returncode in (0, 1), done.stdout
    return done.stdout.splitlines()


def test_every_console_shows_what_is_said(folder: Path) -> None:
    commands = [part.splitlines() for block in blocks("console") for part in block.split("$ ")[1:]]
    assert len(commands) >= 3
    for command, *shown in commands:
        said = run(command, folder)
        if "…" not in shown:
            assert said == shown, command
            continue
        rest = iter(said)
        for line in shown:
            assert line == "…" or line in rest, f"{command}: {line}"
    assert (folder / "captions/pyproject.toml").read_text("utf-8") == blocks("toml")[1]


def commands() -> set[str]:
    """The commands in code of the README's lines, tables and words."""
    inline = re.findall(r"`(?:uv sync \$\()?(variantfix [^`)]*)\)?`", README)
    indented = re.findall(r"^    (?:uvx |\S*/)?(variantfix (?!\[)[^#\n]*)", README, re.MULTILINE)
    return {text.strip() for text in (*inline, *indented)}


@pytest.mark.parametrize("command", sorted(commands()))
def test_every_command_exists(command: str) -> None:
    _, *args = shlex.split(command)
    known = typer.main.get_command(app)
    if not args[0].startswith("-"):
        known = known.commands[args.pop(0)]  # type: ignore[attr-defined]
    flags = {flag for parameter in known.params for flag in (*parameter.opts, *parameter.secondary_opts)}
    assert {arg for arg in args if arg.startswith("-")} - flags == set()


def test_every_command_is_in_the_table() -> None:
    listed = re.findall(r"^\| `variantfix ([a-z]+)` \|", README, re.MULTILINE)
    assert set(listed) == set(typer.main.get_command(app).commands)  # type: ignore[attr-defined]


def test_every_extra_to_install_exists() -> None:
    named = {extra for text in re.findall(r"variantfix\[([a-z,]+)\]", README) for extra in text.split(",")}
    assert named
    assert named <= set(metadata("variantfix").get_all("Provides-Extra") or ())


def test_every_link_leads_somewhere() -> None:
    links = re.findall(r"\]\((?!https?:)([^)#]+)", README)
    assert [link for link in links if not (ROOT / link).exists()] == []


def test_the_program_in_the_readme_runs(capsys: pytest.CaptureFixture[str]) -> None:
    (program,) = blocks("python")
    lock = (CASE / "uv.lock").read_text("utf-8")
    exec(program, {"text": blocks("toml")[0], "locked": (CASE / "before.toml").read_text("utf-8"), "lock": lock})
    said = capsys.readouterr().out.splitlines()
    assert said[0].startswith("7:1: [missing-conflict] ")
    assert "[tool.uv.sources]" in said
    assert said[-1] == "16"


def test_the_hooks_in_the_readme_exist() -> None:
    (config,) = blocks("yaml")
    hooks = {hook["id"] for hook in yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text("utf-8"))}
    assert {hook["id"] for repo in yaml.safe_load(config)["repos"] for hook in repo["hooks"]} <= hooks
