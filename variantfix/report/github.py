"""Findings as annotations of a GitHub workflow: one workflow command a finding.

Source of the escapes: the toolkit's own (`%`, line ends; in properties `:` and `,` too).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TextIO

from variantfix.credentials import mask

if TYPE_CHECKING:
    from variantfix.report.records import Record, Report


def write_annotations(report: Report, stream: TextIO) -> None:
    """Write an annotation for each path that failed, and one for each finding that is left."""
    for failure in report.failures:
        print(_command("error", "variantfix", {"file": failure.path}, failure.message), file=stream)
    for record in report.findings:
        if record.status == "open":
            print(_annotation(record), file=stream)


def _annotation(record: Record) -> str:
    region = record.region
    where: dict[str, str | int] = {"file": record.file, "line": region.line, "endLine": region.end_line}
    if region.line == region.end_line:  # GitHub takes columns on one line alone
        where |= {"col": region.column, "endColumn": region.end_column}
    remedy = f"fix: {record.fix.title}" if record.fix else f"to do: {record.advice}" if record.advice else ""
    message = "\n".join(filter(None, (record.message, remedy, f"variantfix explain {record.rule}")))
    return _command(record.severity, record.rule, where, message)


def _command(severity: str, title: str, where: dict[str, str | int], message: str) -> str:
    properties = ",".join(f"{key}={_property(str(value))}" for key, value in {**where, "title": title}.items())
    return f"::{severity} {properties}::{_data(mask(message))}"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
