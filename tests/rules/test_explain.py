"""The rules' pages: each has its shape, agrees with the cases, and stands in the README."""

from __future__ import annotations

import io
import json
import re
from pathlib import Path

import pytest

from tests.cases import cases
from variantfix.__main__ import main
from variantfix.repair.pipeline import repair_texts
from variantfix.report.explain import markdown_table, page, write_list, write_page
from variantfix.rules.every import NAMES, RULES
from variantfix.rules.rule import Rule, Safety

README = Path(__file__).parents[2] / "README.md"
HEADINGS = ["## Why it matters", "## Example", "## When to ignore it"]
each_rule = pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)


@each_rule
def test_a_page_has_its_shape(rule: Rule) -> None:
    assert [line for line in rule.page.splitlines() if line.startswith("## ") and line in HEADINGS] == HEADINGS
    assert rule.summary.endswith(".")
    assert len(rule.summary) < 120
    assert "```" in rule.page.partition("## Example")[2]


@each_rule
def test_a_rule_is_named_after_its_file(rule: Rule) -> None:
    assert rule.check.__module__ == f"variantfix.rules.{rule.name.replace('-', '_')}"


@each_rule
def test_explain_prints_the_page(rule: Rule, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain", rule.name]) == 0
    shown = capsys.readouterr().out
    assert shown.startswith(f"# {rule.name}\n\nSeverity: {rule.severity.value}. Fix: {rule.remedy}.\n")
    assert rule.body in shown


@each_rule
def test_threads_are_linked(rule: Rule) -> None:
    named = re.findall(r"^Threads: (.*)$", rule.page, re.MULTILINE)
    assert [named.count(",") + 1 for named in named] == ([len(rule.threads)] if rule.threads else [])
    for url in rule.threads:
        assert re.fullmatch(r"https://github\.com/[\w.-]+/[\w.-]+/issues/\d+", url)
        assert f"- <{url}>\n" in page(rule)
    assert "Threads: " not in page(rule)


def test_a_thread_without_a_repository_is_of_the_one_before() -> None:
    rule = RULES[0]._replace(page="x.\n\nThreads: a/b#1, #2, c-d/e.f#3\n")
    ends = [url.removeprefix("https://github.com/") for url in rule.threads]
    assert ends == ["a/b/issues/1", "a/b/issues/2", "c-d/e.f/issues/3"]


def test_rules_are_data_too(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain", "--format", "json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert [rule["name"] for rule in told["rules"]] == list(NAMES)
    assert main(["explain", "old-lock", "--format", "json"]) == 0
    (one,) = json.loads(capsys.readouterr().out)["rules"]
    assert one in told["rules"]
    assert (one["severity"], one["fix"]) == ("error", "report")
    assert one["threads"][0] == "https://github.com/astral-sh/uv/issues/14237"
    assert one["page"].startswith(one["summary"])


def test_a_page_is_rendered_for_a_terminal(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("FORCE_COLOR", "1")
    assert main(["explain", NAMES[0]]) == 0
    assert "\x1b[" in capsys.readouterr().out


def test_explain_lists_all_rules(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain"]) == 0
    listed = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in listed] == list(NAMES)


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_a_terminal_without_colour_gets_lines_that_fit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.delenv("FORCE_COLOR", raising=False)
    monkeypatch.setenv("COLUMNS", "60")
    page, listed = Terminal(), Terminal()
    write_page(RULES[0], page)
    write_list(RULES, listed)
    for stream in (page, listed):
        assert stream.getvalue().count("\n") > 20
        assert max(map(len, stream.getvalue().splitlines())) <= 60
        assert "\x1b" not in stream.getvalue()


def test_explain_suggests_a_name(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain", "alias-varient"]) == 2
    assert capsys.readouterr().err == "error: unknown rule 'alias-varient' (did you mean 'alias-variant'?)\n"


def test_remedies_agree_with_the_cases() -> None:
    seen: dict[str, set[str]] = {name: set() for name in NAMES}
    for case in cases():
        for finding in repair_texts(case.before, case.settings).plan.found:
            safety = finding.fix.safety if finding.fix else None
            seen[finding.rule].add({Safety.SAFE: "safe", Safety.UNSAFE: "unsafe", None: "report"}[safety])
    best = {
        name: next((kind for kind in ("safe", "unsafe", "report") if kind in kinds), "") for name, kinds in seen.items()
    }
    asked = {rule.name for rule in RULES if best[rule.name]}
    assert {rule.name: rule.remedy for rule in RULES if rule.name in asked} == {name: best[name] for name in asked}


def test_the_readme_lists_the_rules() -> None:
    match = re.search(r"<!-- rules: begin -->\n(.*?)<!-- rules: end -->", README.read_text(encoding="utf-8"), re.DOTALL)
    assert match is not None
    assert match[1] == markdown_table(RULES), "run: python -m tests.update_readme"
