"""The library: its names, its documentation as it is, and a program that uses it, typed."""

from __future__ import annotations

import doctest
import importlib
import subprocess
import sys
from pathlib import Path

import pytest

import variantfix
from variantfix.verify.loop import Verdict

TEXT = """\
[project]
name = "app"
version = "1"
description = "<b>"

[project.optional-dependencies]
cpu = ["torch>=2.7"]
cu128 = ["torch>=2.7"]
"""

CONSUMER = """\
import variantfix
from variantfix import Finding, Repair, Settings


def told(text: str, lock: str | None = None) -> list[str]:
    settings = Settings(accelerators={"gpu": "cu128"}, isolation="sources", unsafe=True, select=("base-torch",))
    try:
        findings: tuple[Finding, ...] = variantfix.check_text(text, settings=settings, lock=lock)
        repair: Repair = variantfix.apply_text(text, file="a/pyproject.toml")
        matrix: variantfix.Matrix = variantfix.verify_text(text, lock or "")
    except (variantfix.InputError, variantfix.ConfigError, variantfix.VerifyError) as error:
        return [f"{error} {error.exit_code} {error.hint}"]
    fixes = [finding.fix.title for finding in findings if finding.fix and finding.fix.safety is variantfix.Safety.SAFE]
    places = [f"{f.file}:{f.line}:{f.column}-{f.region.end_line} {f.severity.value} {f.message}" for f in findings]
    return [*fixes, *places, *repair.changed, *repair.after.values(), str(len(matrix.leaking)), variantfix.__version__]


def wrong() -> None:
    variantfix.check_text(1)  # type: ignore[arg-type]
    variantfix.utils  # type: ignore[attr-defined]
"""


@pytest.mark.parametrize("module", ["variantfix", "variantfix.repair.pipeline"])
def test_the_documentation_is_true(module: str) -> None:
    tried = doctest.testmod(importlib.import_module(module))
    assert tried.attempted > 3
    assert tried.failed == 0


def test_what_is_public_can_be_seen() -> None:
    assert set(variantfix.__all__) <= set(dir(variantfix))
    for name in variantfix.__all__:
        value = getattr(variantfix, name)
        assert name == "__version__" or value.__doc__, name
    with pytest.raises(AttributeError, match="no attribute 'utils'"):
        _ = variantfix.utils  # type: ignore[attr-defined]


def test_a_typed_program_can_use_it(tmp_path: Path) -> None:
    program = tmp_path / "consumer.py"
    program.write_text(CONSUMER, encoding="utf-8")
    command = [
        sys.executable,
        "-m",
        "mypy",
        "--strict",
        "--warn-unused-ignores",
        "--cache-dir",
        str(tmp_path),
        str(program),
    ]
    run = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
    assert run.returncode == 0, run.stdout + run.stderr


def test_findings_know_their_place() -> None:
    for finding in variantfix.check_text(TEXT):
        if finding.at.path[:2] == ("project", "optional-dependencies"):
            line = TEXT.splitlines()[finding.line - 1]
            assert line[finding.column - 1 :].startswith((str(finding.at.path[-1]), '"torch>=2.7"'))
    after = variantfix.apply_text(TEXT)
    lines = [finding.region for finding in after.plan.repaired]
    assert lines == sorted(lines)
    assert any(region.line > 6 for region in lines)


def test_a_notebook_shows_the_diff() -> None:
    shown = variantfix.apply_text(TEXT)._repr_html_()
    assert shown.startswith('<pre><span style="font-weight: bold">--- a/pyproject.toml</span>')
    assert '<span style="color: green">+[[tool.uv.index]]</span>' in shown
    assert "<b>" not in shown
    assert variantfix.apply_text('[project]\nname = "a"\nversion = "1"\n')._repr_html_() == "<p>nothing is changed</p>"


def case(name: str) -> tuple[str, str]:
    """The project and the lock of a case of `leaking-lock`."""
    folder = Path(__file__).parent / "cases" / "leaking-lock" / name
    return (folder / "before.toml").read_text("utf-8"), (folder / "uv.lock").read_text("utf-8")


def test_a_notebook_shows_the_matrix() -> None:
    shown = variantfix.verify_text(*case("isolated"))._repr_html_()
    assert "<tr><th>variant</th><th>platform</th><th>torch</th>" in shown
    assert "<td>cpu</td><td>linux-x86_64</td>" in shown
    assert "leak: " not in shown
    leaking = variantfix.verify_text(*case("written-by-an-old-uv"))
    assert leaking.leaking
    assert '<tr style="font-weight: bold"><td>cpu</td><td>linux-x86_64</td>' in leaking._repr_html_()
    assert "leak: cpu on linux-x86_64" in leaking._repr_html_()
    assert Verdict("pyproject.toml", "uv.lock", "", 2, leaking)._repr_html_() == leaking._repr_html_()


def test_a_stale_lock_proves_nothing() -> None:
    with pytest.raises(variantfix.VerifyError, match=r"uv\.lock is stale"):
        variantfix.verify_text(*case("stale"))
