"""Old uv and new over the after-case of every rule, `pytest -m matrix`: what is isolated for the newest is for all.

Where a uv cannot do what a repair needs, the rule's page says so, by the words `before uv X` or `from uv X`.
What the rules say that uv has not is asked of the newest: a test fails on the day it has it.
"""

from __future__ import annotations

import re
import subprocess
from typing import TYPE_CHECKING

import pytest
from packaging.version import Version

from tests.cases import Case, cases
from tests.test_cases import assert_says, context, selections
from tests.world.judge import BARE
from tests.world.wheel import Wheel, archive
from variantfix.rules import NAMES, RULES

if TYPE_CHECKING:
    from pathlib import Path

    from tests.conftest import Judge

VERSIONS = ("0.5.8", "0.6.17", "0.8.24", "0.9.30", "0.10.12", "0.11.33", "0.12.24", "newest")
ISOLATED = [case for case in cases() if case.uv.get("after") == "isolated"]


@pytest.mark.uv
@pytest.mark.matrix
@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("case", ISOLATED, ids=lambda case: case.name)
def test_a_repair_is_isolated_in_every_uv(case: Case, version: str, judge: Judge) -> None:
    from tests.world import programs

    needs = _needs(case)
    if version != "newest" and Version(version) < needs:
        pytest.skip(f"the rule's page, or the file itself, asks for uv {needs}")
    uv: Path = programs.newest() if version == "newest" else programs.release(version)
    ctx = context(case.after)
    verdict = judge({**case.after, **case.beside}, selections(ctx), uv=uv)
    assert_says(verdict, "isolated", ctx)


def _needs(case: Case) -> Version:
    """The oldest uv that a case is for: by its rule's page, by its own file, by what `case.toml` says."""
    page = RULES[NAMES.index(case.name.partition("/")[0])].page
    found = re.findall(r"[Bb]efore uv (\d+(?:\.\d+)+)", page)
    found += re.findall(r'required-version = ">=(\d+(?:\.\d+)+)', "".join(case.after.values()))
    found += [case.uv["from"]] if "from" in case.uv else []
    return max(map(Version, found), default=Version("0"))


HEAD = '[project]\nname = "a"\nversion = "0"\nrequires-python = ">=3.11"\n'


@pytest.mark.uv
def test_uv_still_has_no_default_extras(uv_newest: Path, tmp_path: Path) -> None:
    """`unknown-uv-key` and the pages that speak of a default variant are to be written anew on the day it has."""
    text = f'{HEAD}[project.optional-dependencies]\ncpu = []\n[tool.uv]\ndefault-extras = ["cpu"]\n'
    (tmp_path / "pyproject.toml").write_text(text)
    command = [str(uv_newest), "lock", "--offline", "--directory", str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert "unknown field `default-extras`" in done.stderr


@pytest.mark.uv
@pytest.mark.parametrize("backend", ["cpu", "cu128"])
def test_uv_still_heeds_no_torch_backend_in_a_project(backend: str, judge: Judge) -> None:
    """`ineffective-torch-backend` is to go on the day it does: a project then gets the backend's build."""
    text = f'{HEAD}dependencies = ["torch"]\n[tool.uv]\ntorch-backend = "{backend}"\n'
    verdict = judge({"pyproject.toml": text})
    assert verdict.locked, verdict.error
    builds = {version for name, version in verdict.closures[BARE]["linux-x86_64"] if name == "torch"}
    assert builds
    assert not [version for version in builds if "+" in version]


@pytest.mark.uv
def test_uv_still_locks_no_wheel_variants(uv_newest: Path, tmp_path: Path) -> None:
    """Wheel variants are for `uv pip install` alone: what a lock says of them would be new to every rule."""
    plain = Wheel("thing", "1.0")
    for name in (plain.filename, plain.filename.replace(".whl", "-cu128.whl")):
        (tmp_path / name).write_bytes(archive(plain))
    (tmp_path / "pyproject.toml").write_text(f'{HEAD}dependencies = ["thing"]\n')
    command = [str(uv_newest), "lock", "--no-index", "--find-links", ".", "--preview-features", "wheel-variants"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    text = (tmp_path / "uv.lock").read_text()
    assert plain.filename in text
    assert "cu128" not in text
