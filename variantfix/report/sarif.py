"""Findings as SARIF 2.1.0, which code scanning and editors read.

Source: the OASIS standard "Static Analysis Results Interchange Format (SARIF) Version 2.1.0".
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, TextIO
from urllib.parse import quote

from variantfix.credentials import mask_all
from variantfix.report.explain import page

if TYPE_CHECKING:
    from collections.abc import Sequence

    from variantfix.report.records import FixRecord, Record, Report
    from variantfix.rules.rule import Rule
    from variantfix.toml.region import Region

SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"


def write_sarif(report: Report, rules: Sequence[Rule], stream: TextIO, *, version: str) -> None:
    """Write what became of some paths as one SARIF log; `version` is that of the program.

    A finding that was repaired is no result; one that a comment takes out is suppressed in source.
    """
    numbers = {rule.name: number for number, rule in enumerate(rules)}
    run = {
        "tool": {
            "driver": {
                "name": "variantfix",
                "semanticVersion": version,
                "rules": [_rule(rule) for rule in rules],
            }
        },
        "columnKind": "unicodeCodePoints",
        "invocations": [
            {
                "executionSuccessful": not report.failures,
                "toolExecutionNotifications": [_notification(f.path, f.message) for f in report.failures],
            }
        ],
        "results": [_result(r, numbers[r.rule]) for r in report.findings if r.status != "repaired"],
    }
    log = {"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}
    stream.write(json.dumps(mask_all(log), indent=2) + "\n")


def _rule(rule: Rule) -> dict[str, Any]:
    return {
        "id": rule.name,
        "shortDescription": {"text": rule.summary},
        "fullDescription": {"text": rule.summary},
        "help": {"text": page(rule), "markdown": page(rule)},
        "defaultConfiguration": {"level": rule.severity.value},
        "properties": {"tags": ["pytorch", "uv"], "fix": rule.remedy},
    }


def _notification(path: str, message: str) -> dict[str, Any]:
    return {"level": "error", "message": {"text": message}, "locations": [{"physicalLocation": _artifact(path)}]}


def _result(record: Record, rule: int) -> dict[str, Any]:
    text = record.message if record.fix or not record.advice else f"{record.message}. To do: {record.advice}"
    result = {
        "ruleId": record.rule,
        "ruleIndex": rule,
        "level": record.severity,
        "message": {"text": text},
        "locations": [{"physicalLocation": {**_artifact(record.file), "region": _region(record.region)}}],
        "properties": {"variants": list(record.variants), "keyPath": list(record.path)},
    }
    if record.fix and record.fix.replacements:
        result["fixes"] = [_fix(record.fix)]
    if record.status == "ignored":
        result["suppressions"] = [{"kind": "inSource"}]
    return result


def _fix(fix: FixRecord) -> dict[str, Any]:
    files = dict.fromkeys(r.file for r in fix.replacements)
    return {
        "description": {"text": fix.title},
        "artifactChanges": [
            {
                **_artifact(file),
                "replacements": [
                    {"deletedRegion": _region(r.region), "insertedContent": {"text": r.text}}
                    for r in fix.replacements
                    if r.file == file
                ],
            }
            for file in files
        ],
    }


def _region(region: Region) -> dict[str, int]:
    return {
        "startLine": region.line,
        "startColumn": region.column,
        "endLine": region.end_line,
        "endColumn": region.end_column,
    }


def _artifact(path: str) -> dict[str, Any]:
    return {"artifactLocation": {"uri": quote(path.replace("\\", "/"), errors="surrogateescape")}}
