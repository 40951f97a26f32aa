"""What a migration tells programs and readers: the formats of `check`, over all units, and why some were refused."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import TYPE_CHECKING

import jsonschema
import pytest

from tests.migrate.fleet import BROKEN, CLEAN, UNFIXABLE, make_repository
from tests.migrate.test_folders import write
from tests.migrate.test_migrate import here, run
from tests.report.official import official
from variantfix.report.findings_json import schema

if TYPE_CHECKING:
    from pathlib import Path

    from tests.migrate.test_migrate import Run

__all__ = ["here", "run"]

FLEET = {
    "a/pyproject.toml": BROKEN,
    "b/pyproject.toml": "[project\n",
    "c/pyproject.toml": CLEAN,
    "d/pyproject.toml": UNFIXABLE.replace("[tool.uv.sources]", "[tool.uv]\nconflicts = []\n\n[tool.uv.sources]"),
}


@pytest.fixture
def fleet(run: Run, here: Path) -> Path:
    write(here, FLEET)
    return here


@pytest.mark.usefixtures("fleet")
def test_json_is_the_contract_of_check(run: Run) -> None:
    _, out, _ = run(".", "--dry-run", "--format", "json", "--state", "s")
    told = json.loads(out)
    jsonschema.validate(told, json.loads(schema()))
    assert [file["file"] for file in told["files"]] == [f"{unit}/pyproject.toml" for unit in "abcd"]
    assert [file["file"] for file in told["files"] if file["changed"]] == ["a/pyproject.toml", "d/pyproject.toml"]
    assert not any(file["written"] for file in told["files"])
    assert [(error["path"], error["exit_code"]) for error in told["errors"]] == [("b", 2)]
    first = told["findings"][0]
    assert (first["rule"], first["status"], first["file"]) == ("missing-conflict", "repaired", "a/pyproject.toml")
    assert {edit["file"] for edit in first["fix"]["edits"]} == {"a/pyproject.toml"}
    assert {each["file"] for each in first["fix"]["replacements"]} == {"a/pyproject.toml"}


@pytest.mark.usefixtures("fleet")
def test_check_says_the_same_of_one_project(run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    from variantfix.__main__ import main

    _, out, _ = run("d", "--check-only", "--format", "json", "--state", "s")
    main(["check", "d", "--format", "json"])
    assert json.loads(out) == json.loads(capsys.readouterr().out)


@pytest.mark.usefixtures("fleet")
def test_sarif_and_annotations_hold_what_is_left(run: Run) -> None:
    log = json.loads(run(".", "--check-only", "--format", "sarif", "--state", "s")[1])
    jsonschema.validate(log, official("sarif-2.1.0"))
    uris = {r["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] for r in log["runs"][0]["results"]}
    assert uris == {"a/pyproject.toml", "d/pyproject.toml"}
    lines = run(".", "--check-only", "--format", "github", "--state", "s")[1].splitlines()
    assert lines[0].startswith("::error file=b,title=variantfix::pyproject.toml:1:9: not TOML")
    assert lines[1].startswith("::error file=a/pyproject.toml,line=8,")
    assert {line.partition(",")[0].partition("=")[2] for line in lines[1:]} == uris


@pytest.mark.usefixtures("fleet")
def test_a_workflow_is_annotated_by_itself(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    _, out, err = run("a", "--check-only", "--state", "s")
    assert (out, "\n::error file=a/pyproject.toml,line=8," in err) == ("", True)


def test_the_diff_applies(run: Run, fleet: Path) -> None:
    _, out, _ = run(".", "--dry-run", "--format", "diff", "--state", "s")
    assert out.count("\n+++ b/") == 2
    subprocess.run(["git", "apply", "--check", "-"], input=out, text=True, cwd=fleet, check=True)
    subprocess.run(["git", "apply", "-"], input=out, text=True, cwd=fleet, check=True)
    assert run("a", "c", "--check-only", "--format", "diff", "--state", "t")[:2] == (0, "")


@pytest.mark.usefixtures("run")
@pytest.mark.parametrize("encoding", ["ascii", "cp1252"])
def test_no_encoding_stops_it(encoding: str, here: Path) -> None:
    write(here, {"Größe-数/pyproject.toml": BROKEN + '# 数 "é"\n'})
    command = [sys.executable, "-m", "variantfix", "migrate"]
    env = {**os.environ, "PYTHONIOENCODING": encoding}
    for form in ("text", "json", "github", "diff"):
        args = ["Größe-数", "--check-only" if form == "github" else "--dry-run", "--format", form, "--statistics"]
        done = subprocess.run([*command, *args], cwd=here, env=env, capture_output=True, check=False)
        assert (done.returncode, b"Traceback" in done.stderr) == (1, False), done.stderr
    done = subprocess.run([*command, "status"], cwd=here, env=env, capture_output=True, check=False)
    assert (done.returncode, b"Traceback" in done.stderr) == (0, False)


def test_the_diff_of_a_commit_is_without_its_mail(run: Run, here: Path) -> None:
    make_repository(here / "x.git", {"sub/pyproject.toml": BROKEN.encode(), "y": b"-- \n"})
    _, out, _ = run("x.git", "--format", "diff", "--state", "s")
    assert out.startswith("--- a/x.git/sub/pyproject.toml\n+++ b/x.git/sub/pyproject.toml\n@@ ")
    assert "Subject:" not in out
    assert "\n-- \n" not in out


def test_data_goes_to_a_file(run: Run, fleet: Path) -> None:
    for form in ("json", "sarif", "github", "diff", "jsonl"):
        shown = run(".", "--dry-run", "--format", form, "--state", "s")[1]
        assert run(".", "--dry-run", "--format", form, "--output-file", "out", "--state", "s")[1] == ""
        assert (fleet / "out").read_text(encoding="utf-8") == shown
    assert run(".", "--dry-run", "--output-file", "out", "--state", "s")[1] == ""
    first, *others = (fleet / "out").read_text(encoding="utf-8").splitlines()
    assert first == "changed  a: 2 would be repaired"
    assert others == [
        "failed   b: pyproject.toml:1:9: not TOML: Expected ']' at the end of a table declaration (mend it first)",
        "changed  d: 1 would be repaired, 2 left (with --unsafe: base-torch, missing-marker)",
    ]
    code, _, err = run(".", "--output-file", "gone/x", "--state", "s")
    assert (code, err) == (2, "error: --output-file gone/x: there is no such folder (mkdir gone)\n")


@pytest.mark.usefixtures("fleet")
def test_findings_can_be_no_failure_and_be_counted(run: Run) -> None:
    code, out, _ = run("a", "c", "--check-only", "--exit-zero", "--statistics", "--state", "s")
    assert (code, out) == (0, "    1 missing-conflict\n    1 missing-marker\n")
    assert run(".", "--check-only", "--exit-zero", "--state", "t")[0] == 2, "what cannot be read is no finding"


def test_it_says_what_was_refused_why_and_what_that_means(run: Run, here: Path) -> None:
    write(here, {"a/pyproject.toml": UNFIXABLE})
    assert run(".", "--state", "s")[0] == 1
    code, _, err = run("a", "--state", "t")
    assert code == 1
    assert err.splitlines() == [
        "refused  a: 2 left (with --unsafe: base-torch, missing-marker)",
        "1 refused; journal: t",
        "refused: read, and left as it is: what is found there needs --unsafe or a hand, or uv said no",
    ]


def test_the_page_tells_no_secret_of_the_command(run: Run, here: Path) -> None:
    secret = "https://me:hunter2@127.0.0.1:9/x.git"
    run(secret, "--exec", "curl -H hunter2", "--report", "r.html", "--state", "s", "--timeout", "1")
    run(secret, "--exec=curl -H hunter2", "--report", "q.html", "--state", "t", "--timeout", "1")
    for name, exec_ in (("r", "--exec '***'"), ("q", "'--exec=***'")):
        page = (here / f"{name}.html").read_text(encoding="utf-8")
        assert f'"command":"variantfix migrate \'https://***@127.0.0.1:9/x.git\' {exec_} --report {name}.html' in page
        assert "hunter2" not in page
