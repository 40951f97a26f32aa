"""The formats for programs: each against its schema, and on the right lines."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import jsonschema
import pytest

from tests.cases import cases
from tests.report.official import official
from variantfix.__main__ import main
from variantfix.repair.pipeline import repair_texts
from variantfix.report.findings_json import schema
from variantfix.report.records import records, replaced_lines
from variantfix.rules.every import NAMES, RULES
from variantfix.toml import scan

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cases import Case

PROJECT = """\
[project]
name = "app"
version = "0.1.0"
dependencies = ["accelerate>=1.0"]  # variantfix: ignore[base-torch] servers bring it

[project.optional-dependencies]
cpu = ["torch>=2.7"]
cu128 = ["torch>=2.7"]

[tool.uv]
conflicts = [[{ extra = "cpu" }, { extra = "cu128" }]]

[tool.uv.sources]
torch = [{ index = "pytorch-cpu", extra = "cpu" }]

[[tool.uv.index]]
name = "pytorch-cpu"
url = "https://download.pytorch.org/whl/cpu"
explicit = true
"""


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("GITHUB_ACTIONS", raising=False)
    (tmp_path / "pyproject.toml").write_text(PROJECT, encoding="utf-8")
    return tmp_path


def shown(capsys: pytest.CaptureFixture[str], *args: str, code: int = 1) -> str:
    assert main(args) == code
    return capsys.readouterr().out


@pytest.mark.usefixtures("project")
def test_json_is_what_its_schema_says(capsys: pytest.CaptureFixture[str]) -> None:
    contract = json.loads(schema())
    jsonschema.Draft202012Validator.check_schema(contract)
    for command in (["check"], ["apply", "--dry-run"], ["apply", "--dry-run", "--unsafe"]):
        jsonschema.validate(json.loads(shown(capsys, *command, "--format", "json")), contract)
    written = json.loads(shown(capsys, "apply", "nowhere", ".", "--format", "json", code=2))
    jsonschema.validate(written, contract)
    assert [error["path"] for error in written["errors"]] == ["nowhere"]
    assert [file["written"] for file in written["files"]] == [True]


def test_the_schema_is_shown(capsys: pytest.CaptureFixture[str]) -> None:
    assert shown(capsys, "schema", code=0) == schema()


@pytest.mark.parametrize("case", cases(), ids=lambda case: case.name)
def test_every_case_fits_the_contract(case: Case) -> None:
    from variantfix.report.findings_json import finding

    contract = json.loads(schema())
    each = {**contract["$defs"]["finding"], "$defs": contract["$defs"]}
    repair = repair_texts(case.before, case.settings, case.evidence)
    found = records(repair)
    assert len(found) == sum(map(len, (repair.plan.repaired, repair.plan.remaining, repair.plan.ignored)))
    for record in found:
        jsonschema.validate(finding(record), each)
        lines = case.before[record.file].count("\n") + 1
        assert 1 <= record.region.line <= record.region.end_line <= lines + 1


@pytest.mark.usefixtures("project")
def test_sarif_is_valid_and_complete(capsys: pytest.CaptureFixture[str]) -> None:
    log = json.loads(shown(capsys, "check", "--format", "sarif"))
    jsonschema.validate(log, official("sarif-2.1.0"))
    (run,) = log["runs"]
    assert [rule["id"] for rule in run["tool"]["driver"]["rules"]] == list(NAMES)
    suppressed = [result["ruleId"] for result in run["results"] if "suppressions" in result]
    assert suppressed == ["base-torch"]
    routed = next(result for result in run["results"] if result["ruleId"] == "unrouted-package")
    place = routed["locations"][0]["physicalLocation"]["region"]
    assert (place["startLine"], PROJECT.splitlines()[place["startLine"] - 1]) == (8, 'cu128 = ["torch>=2.7"]')
    assert run["tool"]["driver"]["rules"][routed["ruleIndex"]]["id"] == "unrouted-package"
    assert replaced(PROJECT, routed["fixes"][0]["artifactChanges"][0]["replacements"]).count("cu128") > 3


def replaced(text: str, replacements: list[dict[str, Any]]) -> str:
    lines = text.splitlines(keepends=True)
    for each in reversed(replacements):
        start, end = each["deletedRegion"]["startLine"], each["deletedRegion"]["endLine"]
        lines[start - 1 : end - 1] = [each["insertedContent"]["text"]]
    return "".join(lines)


@pytest.mark.usefixtures("project")
def test_sarif_says_which_paths_failed(capsys: pytest.CaptureFixture[str]) -> None:
    log = json.loads(shown(capsys, "check", "--format", "sarif", "nowhere", code=2))
    jsonschema.validate(log, official("sarif-2.1.0"))
    (invocation,) = log["runs"][0]["invocations"]
    assert invocation["executionSuccessful"] is False
    assert "nowhere" in invocation["toolExecutionNotifications"][0]["message"]["text"]


@pytest.mark.usefixtures("project")
def test_github_annotates_the_right_line(capsys: pytest.CaptureFixture[str]) -> None:
    lines = shown(capsys, "check", "--format", "github").splitlines()
    (routed,) = (line for line in lines if "title=unrouted-package" in line)
    where = "file=pyproject.toml,line=8,endLine=8,col=10,endColumn=22"
    assert routed.startswith(f"::error {where},title=unrouted-package::")
    assert "%0Afix: " in routed
    assert not [line for line in lines if "base-torch" in line], "an ignored finding is no annotation"
    (failed,) = shown(capsys, "check", "--format", "github", "no,where", code=2).splitlines()
    assert failed.startswith("::error file=no%2Cwhere,title=variantfix::no,where")


@pytest.mark.usefixtures("project")
def test_a_workflow_is_annotated_beside_the_text(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    assert main(["apply", "--dry-run"]) == 1
    told = capsys.readouterr()
    assert "::error" not in told.out, "the diff is data"
    assert main(["check"]) == 1
    told = capsys.readouterr()
    assert "[unrouted-package]" in told.out
    assert "::error file=pyproject.toml,line=8" in told.err


@pytest.mark.usefixtures("project")
def test_diff_is_what_a_dry_run_shows(capsys: pytest.CaptureFixture[str]) -> None:
    alone = shown(capsys, "check", "--format", "diff")
    assert alone == shown(capsys, "apply", "--dry-run") == shown(capsys, "apply", "--dry-run", "--format", "diff")
    assert alone.startswith("--- a/pyproject.toml\n+++ b/pyproject.toml\n")


def test_the_data_can_go_to_a_file(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = shown(capsys, "check", "--format", "json")
    assert shown(capsys, "check", "--format", "json", "--output-file", "out.json") == ""
    assert (project / "out.json").read_text(encoding="utf-8") == text
    assert main(["check", "--output-file", "no/such/folder.txt"]) == 2
    assert "no/such/folder.txt: cannot be written" in capsys.readouterr().err


@pytest.mark.usefixtures("project")
def test_findings_can_be_no_failure(capsys: pytest.CaptureFixture[str]) -> None:
    shown(capsys, "check", "--exit-zero", code=0)
    shown(capsys, "apply", "--dry-run", "--exit-zero", code=0)
    shown(capsys, "check", "--exit-zero", "nowhere", code=2)


@pytest.mark.usefixtures("project")
def test_statistics_count_the_rules(capsys: pytest.CaptureFixture[str]) -> None:
    assert "    1 unrouted-package\n" in shown(capsys, "check", "--statistics")


@pytest.mark.usefixtures("project")
def test_rules_are_named_in_comma_lists(capsys: pytest.CaptureFixture[str]) -> None:
    assert "[unrouted-package]" in shown(capsys, "check", "--select", "unrouted-package, missing-conflict")
    assert shown(capsys, "check", "--ignore", ",".join(NAMES), code=0) == ""


@pytest.mark.usefixtures("project")
def test_an_unknown_format_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", "--format", "sarfi"]) == 2
    assert "unknown format 'sarfi' (did you mean 'sarif'?)" in capsys.readouterr().err


def test_every_rule_has_a_page() -> None:
    assert all(rule.page.strip() and rule.summary for rule in RULES)


def test_a_region_is_that_of_the_nearest_path() -> None:
    layout = scan('[a]\nb = { c = "ä", d = [1, 2] } # e\n[[f]]\ng = 1\n')
    assert layout.region(("a", "b", "c")) == (2, 7, 2, 14)
    assert layout.region(("a", "b", "d", 1)) == (2, 24, 2, 25)
    assert layout.region(("a", "b", "x")) == layout.region(("a", "b"))
    assert layout.region(("f", 0)) == (3, 1, 3, 6)
    assert layout.region(("nothing",)) == (1, 1, 1, 1)


def test_replaced_lines_are_whole() -> None:
    assert list(replaced_lines("a\nb\nc\n", "a\nB\nb2\nc\n")) == [((2, 1, 3, 1), "B\nb2\n")]
    assert list(replaced_lines("a\n", "a\n")) == []
