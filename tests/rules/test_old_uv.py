"""Old uv and new over the after-case of every rule, `pytest -m matrix`: what is isolated for the newest is for all.

Where a uv cannot do what a repair needs, the rule's page says so.
What the rules say that uv has not is asked of the newest: a test fails on the day it has it.
"""

from __future__ import annotations

import io
import subprocess
from typing import TYPE_CHECKING

import pytest
from packaging.version import Version

from tests.cases import Case, cases
from tests.test_cases import assert_says, context, selections
from tests.world.judge import BARE
from tests.world.wheel import Wheel, archive
from variantfix.report.explain import write_page
from variantfix.rules.every import NAMES, RULES
from variantfix.rules.old_uv import LIMITS

if TYPE_CHECKING:
    from pathlib import Path

    from tests.conftest import Judge
    from tests.world.judge import Verdict

VERSIONS = ("0.5.8", "0.6.17", "0.8.24", "0.9.30", "0.10.12", "0.11.33", "0.12.24", "newest")
ISOLATED = [case for case in cases() if case.uv.get("after") == "isolated"]


@pytest.mark.uv
@pytest.mark.matrix
@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("case", ISOLATED, ids=lambda case: case.name)
def test_a_repair_is_isolated_in_every_uv(case: Case, version: str, judge: Judge) -> None:
    from tests.world import programs

    uv: Path = programs.newest() if version == "newest" else programs.release(version)
    ctx = context(case.after)
    verdict = judge({**case.after, **case.beside}, selections(ctx), uv=uv)
    try:
        assert_says(verdict, "isolated", ctx)
    except AssertionError:
        if version == "newest" or not _is_known(case, version, verdict):
            raise


def _is_known(case: Case, version: str, verdict: Verdict) -> bool:
    """Whether a rule's page says that this uv cannot, or the project itself keeps it away."""
    if "does not match the running version" in verdict.error:
        return True
    limits = (
        limit for limit in LIMITS.get(case.name.partition("/")[0], ()) if Version(version) < Version(limit.before)
    )
    said = " ".join(verdict.error.split())
    return any(limit.says in said if limit.says else verdict.locked for limit in limits)


def test_the_pages_say_what_older_uv_cannot() -> None:
    assert set(LIMITS) <= set(NAMES)
    for rule in RULES:
        stream = io.StringIO()
        write_page(rule, stream)
        for limit in LIMITS.get(rule.name, ()):
            assert f"- Before uv {limit.before}: {limit.text}." in stream.getvalue()


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
