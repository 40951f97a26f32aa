"""What the judge does with a project and with the machine's settings."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.world import scratch
from tests.world.judge import BARE, Selection
from variantfix.pytorch import catalog

if TYPE_CHECKING:
    from pathlib import Path

    from tests.conftest import Judge

_PROJECT = """\
[project]
name = "app"
{version}
requires-python = ">=3.10"
dependencies = ["numpy"]

[project.optional-dependencies]
cpu = ["pinned==3.1.4"]

[dependency-groups]
dev = ["coverage"]
"""
_PLAIN = _PROJECT.format(version='version = "0.1.0"')
_NUMPY, _PINNED, _COVERAGE = ("numpy", "2.5.0"), ("pinned", "3.1.4"), ("coverage", "2.5.0")


@pytest.mark.uv
@pytest.mark.parametrize("uv", ["uv_newest", "uv_0_5_5"])
def test_only_what_is_selected_is_in_a_closure(judge: Judge, uv: str, request: pytest.FixtureRequest) -> None:
    cpu, dev = Selection(extras=("cpu",)), Selection(groups=("dev",))
    verdict = judge({"pyproject.toml": _PLAIN}, [cpu, dev, cpu], uv=request.getfixturevalue(uv))

    assert {selection: closures["linux-x86_64"] for selection, closures in verdict.closures.items()} == {
        BARE: (_NUMPY,),
        cpu: (_NUMPY, _PINNED),
        dev: (_COVERAGE, _NUMPY),
    }


@pytest.mark.uv
def test_the_users_environment_and_settings_do_not_matter(
    judge: Judge, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    expected = judge({"pyproject.toml": _PLAIN})
    (tmp_path / "uv").mkdir()
    (tmp_path / "uv" / "uv.toml").write_text("offline = true\n")
    for name, value in {
        "UV_OFFLINE": "1",
        "UV_DEFAULT_INDEX": "https://packages.example.com/none",
        "UV_INDEX": "https://packages.example.com/none",
        "UV_PYTHON": "3.99",
        "VIRTUAL_ENV": str(tmp_path),
        "XDG_CONFIG_HOME": str(tmp_path),
        "HTTP_PROXY": "http://packages.example.com:1",
    }.items():
        monkeypatch.setenv(name, value)

    assert expected.locked
    assert judge({"pyproject.toml": _PLAIN}) == expected


@pytest.mark.uv
def test_a_folder_is_copied_and_left_alone(judge: Judge, tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text(_PLAIN)
    verdict = judge(tmp_path)

    assert verdict == judge({"pyproject.toml": _PLAIN})
    assert [path.name for path in tmp_path.iterdir()] == ["pyproject.toml"]


@pytest.mark.uv
def test_a_dynamic_version_is_filled_in(judge: Judge) -> None:
    verdict = judge({"pyproject.toml": _PROJECT.format(version='dynamic = ["version"]')})

    assert (verdict.locked, verdict.closures[BARE]["linux-x86_64"]) == (True, (_NUMPY,))


def test_a_copy_differs_in_its_index_urls_alone(tmp_path: Path) -> None:
    text = f"""\ufeff[project]
dependencies = ["numpy>=1.0", "pinned==3.1.4"]
[project.urls]
home = "https://example.com"
[tool.uv]
extra-index-url = ['https://download.pytorch.org/whl/cpu']
[[tool.uv.index]] # "https://example.com"
url = "{catalog.PYPI_SIMPLE}#cpu"\r
"""
    copy = scratch.write({"pyproject.toml": text, "uv.toml": 'index-url = "https://example.org/s"'}, tmp_path, "W")

    assert copy == scratch.Copy(tmp_path, "W/with/pinned@3.1.4", ())
    base = copy.base
    assert (tmp_path / "pyproject.toml").read_bytes().decode() == text.replace(
        "https://download.pytorch.org", base
    ).replace(catalog.PYPI_SIMPLE, f"{base}/pypi/simple")
    assert (tmp_path / "uv.toml").read_text() == f'index-url = "{base}/at/example.org/s"'
