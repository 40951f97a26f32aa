"""Files that are not uv's: named alone, among others, in a hook."""

from __future__ import annotations

from pathlib import Path

import pytest

from variantfix import check_text
from variantfix.__main__ import main
from variantfix.errors import ForeignError

PROJECT = '[project]\nname = "app"\nversion = "0.1.0"\ndependencies = ["torch"]\n'
POETRY = (
    '[tool.poetry]\nname = "app"\n\n[tool.poetry.dependencies]\ntorch = { version = "^2.8", source = "pytorch-cpu" }\n'
)
THEIRS = {
    "Poetry": POETRY,
    "Poetry with a project": PROJECT + '[[tool.poetry.source]]\nname = "pytorch-cpu"\n',
    "PDM": PROJECT + "[tool.pdm]\ndistribution = true\n",
    "pixi": PROJECT + '[tool.pixi.pypi-options]\nextra-index-urls = ["https://download.pytorch.org/whl/cu128"]\n',
    "Hatch": PROJECT + '[tool.hatch.envs.gpu]\ndependencies = ["torch"]\n',
}


@pytest.mark.parametrize("tool", THEIRS)
def test_another_tool_manages_the_project(tool: str) -> None:
    with pytest.raises(ForeignError, match=f"not for uv: {tool.partition(' ')[0]} manages this project"):
        check_text(THEIRS[tool])


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(PROJECT + "[tool.uv]\n\n" + POETRY, id="uv-beside-poetry"),
        pytest.param(PROJECT + '[tool.pdm.build]\nincludes = ["src"]\n', id="pdm-builds"),
        pytest.param(PROJECT + "[tool.hatch.build]\nskip-excluded-dirs = true\n", id="hatch-builds"),
        pytest.param(PROJECT + "[tool.poetry]\nrequires-poetry = '>=2'\n", id="poetry-builds"),
        pytest.param('[dependency-groups]\ndev = ["pytest"]\n', id="groups-alone"),
    ],
)
def test_uv_manages_the_project(text: str) -> None:
    assert check_text(text) == ()


def test_a_lock_beside_the_file_is_uvs() -> None:
    lock = 'version = 1\nrequires-python = ">=3.11"\n'
    assert check_text(THEIRS["PDM"], lock=lock) == ()


@pytest.fixture
def folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    for name, text in (("theirs", POETRY), ("ours", PROJECT)):
        Path(name).mkdir()
        Path(name, "pyproject.toml").write_text(text)
    return tmp_path


@pytest.mark.parametrize("command", ["check", "apply"])
@pytest.mark.usefixtures("folders")
def test_among_several_it_is_counted(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([command, "theirs", "ours"]) == 0
    assert capsys.readouterr().err.splitlines() == [
        f"{Path('theirs', 'pyproject.toml')}: not for uv: Poetry manages this project, and its tables are not read",
        "nothing to fix in 1 file; 1 not for uv",
    ]


@pytest.mark.parametrize("command", ["check", "apply"])
@pytest.mark.usefixtures("folders")
def test_alone_it_is_an_error_but_in_a_hook(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([command, "theirs"]) == 2
    assert capsys.readouterr().err.startswith("error: ")
    assert main([command, "--skip-foreign", "theirs"]) == 0
    assert capsys.readouterr().err.endswith("\n1 not for uv\n")


def test_the_hooks_skip_them() -> None:
    hooks = Path(__file__).parents[2] / ".pre-commit-hooks.yaml"
    entries = [line for line in hooks.read_text(encoding="utf-8").splitlines() if "entry:" in line]
    assert len(entries) == 2
    assert all(entry.endswith(" --skip-foreign") for entry in entries)
