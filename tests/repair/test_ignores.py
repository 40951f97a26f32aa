"""Ignore comments: what they take out, where, and what is said of those that take out nothing."""

from __future__ import annotations

import pytest

from tests.projects import INDEXES
from variantfix import apply_text, check_text
from variantfix.errors import ConfigError
from variantfix.settings import Settings

PROJECT = (
    """\
[project]
name = "app"
version = "0.1.0"

[project.optional-dependencies]
cpu = ["torch>=2.7"]
cu128 = ["torch>=2.7"]LIST

[tool.uv]
conflicts = [[{ extra = "cpu" }, { extra = "cu128" }]]

ABOVE
[tool.uv.sources]HEADER
torch = [
    { index = "pytorch-cpu", extra = "cpu" },
    { index = "pytorch-cu128", extra = "cu128" },ENTRY
]
torchaudio = [{ index = "pytorch-cu128", extra = "cu128" }]

"""
    + INDEXES
)
MARK = " # variantfix: ignore[missing-marker] only servers"


def project(**comments: str) -> str:
    text = PROJECT
    for place in ("LIST", "ABOVE", "HEADER", "ENTRY"):
        text = text.replace(place, comments.get(place, ""))
    return text


def rules(text: str, settings: Settings | None = None) -> list[str]:
    return [finding.rule for finding in check_text(text, settings=settings)]


def test_without_comments() -> None:
    assert list(dict.fromkeys(rules(project()))) == ["missing-marker", "unlisted-source"]


@pytest.mark.parametrize(
    "comments",
    [
        pytest.param({"ENTRY": MARK}, id="on-the-line"),
        pytest.param({"HEADER": MARK}, id="on-the-table"),
        pytest.param({"ABOVE": MARK.strip()}, id="above-the-table"),
        pytest.param({"ENTRY": " # variantfix: ignore[missing-marker, version-skew]"}, id="one-of-two-rules"),
    ],
)
def test_a_comment_takes_findings_out(comments: dict[str, str]) -> None:
    text = project(**comments)
    assert "missing-marker" not in rules(text)
    repair = apply_text(text)
    assert [finding.rule for finding in repair.plan.ignored] == ["missing-marker"]
    assert 'extra = "cu128", marker' not in repair.after["pyproject.toml"]


def test_a_comment_elsewhere_takes_nothing_out_and_is_reported() -> None:
    findings = check_text(project(LIST=MARK))
    assert [(f.rule, f.message) for f in findings if f.rule not in ("unlisted-source", "missing-marker")] == [
        ("unused-ignore", "the comment on line 7 ignores missing-marker, which finds nothing there")
    ]


@pytest.mark.parametrize("ignored", ["unused-ignore", "missing-marker"])
def test_unused_ignores_of_rules_that_were_not_asked_for_are_let_be(ignored: str) -> None:
    assert "unused-ignore" not in rules(project(LIST=MARK), Settings(ignore=(ignored,)))


def test_an_unknown_rule_is_an_error() -> None:
    text = project(LIST=" # variantfix: ignore[missing-market] typo")
    with pytest.raises(ConfigError, match=r"pyproject.toml:7: unknown rule 'missing-market' \(did you mean 'missing-m"):
        check_text(text)


def test_a_string_is_no_comment() -> None:
    text = project().replace('version = "0.1.0"', 'version = "0.1.0"\ndescription = "# variantfix: ignore[nothing]"')
    assert rules(text) == rules(project())


@pytest.mark.parametrize(
    "comments",
    [
        pytest.param("# another comment\n{}\n\n  # and another", id="other comments and blank lines around"),
        pytest.param("{}\n#\n#\n#", id="comments without words behind"),
        pytest.param("    {}\n\t# indented", id="indented"),
        pytest.param("# variantfix: ignoring is another word\n{}", id="a comment that is none of ours before it"),
    ],
)
def test_a_comment_on_a_line_of_its_own_speaks_of_the_next_that_is_none(comments: str) -> None:
    text = project(ABOVE=comments.format(MARK.strip()))
    assert [finding.rule for finding in apply_text(text).plan.ignored] == ["missing-marker"]


def test_a_comment_on_the_last_line_speaks_of_nothing() -> None:
    text = project() + MARK.strip()
    (unused,) = (finding for finding in check_text(text) if finding.rule == "unused-ignore")
    assert (unused.at.file, unused.at.path, unused.advice) == ("pyproject.toml", (), "remove it")


def test_an_unused_comment_is_found_where_it_stands() -> None:
    (unused,) = (finding for finding in check_text(project(LIST=MARK)) if finding.rule == "unused-ignore")
    assert unused.at.path == ("project", "optional-dependencies", "cu128")
