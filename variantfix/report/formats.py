"""The formats for programs, by name: code scanning, a workflow's annotations, JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING, TextIO

from variantfix import __version__

if TYPE_CHECKING:
    from collections.abc import Iterable

    from variantfix.report.records import Report

FORMATS = ("text", "json", "github", "sarif", "diff")


def write_report(report: Report, form: str, stream: TextIO) -> None:
    """Write a report as `json`, `sarif` or `github`; each is imported where it is asked for."""
    match form:
        case "json":
            from variantfix.report.findings_json import write_json

            write_json(report, stream, version=__version__)
        case "sarif":
            from variantfix.report.sarif import write_sarif
            from variantfix.rules.every import RULES

            write_sarif(report, RULES, stream, version=__version__)
        case "github":
            from variantfix.report.github import write_annotations

            write_annotations(report, stream)


def write_statistics(rules: Iterable[str], stream: TextIO) -> None:
    """Write how often each rule stands among some, most first."""
    from collections import Counter

    for rule, count in sorted(Counter(rules).items(), key=lambda item: (-item[1], item[0])):
        print(f"{count:>5} {rule}", file=stream)
