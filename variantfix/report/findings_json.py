"""Findings for programs, as one JSON object.

The keys are a contract, described by `schema.json` beside this file: `version` grows when one goes or changes meaning.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, TextIO

from variantfix.credentials import mask_all
from variantfix.projects import done, failed
from variantfix.report.records import records
from variantfix.toml import Append, Put, Remove

if TYPE_CHECKING:
    from collections.abc import Sequence

    from variantfix.projects import Outcome
    from variantfix.report.records import FixRecord, Record
    from variantfix.toml import Edit
    from variantfix.toml.region import Region

VERSION = 1


def write_json(outcomes: Sequence[Outcome], stream: TextIO, *, version: str) -> None:
    """Write what became of some paths as one JSON object; `version` is that of the program."""
    found = [record for outcome in done(outcomes) for record in records(outcome.repair)]
    document = {
        "version": VERSION,
        "tool": {"name": "variantfix", "version": version},
        "findings": [finding(record) for record in found],
        "errors": [
            {"path": outcome.path, "message": str(outcome.error), "exit_code": outcome.error.exit_code}
            for outcome in failed(outcomes)
        ],
        "files": [
            {"file": file, "changed": file in outcome.repair.changed, "written": file in outcome.written}
            for outcome in done(outcomes)
            for file in outcome.repair.before
        ],
    }
    stream.write(json.dumps(mask_all(document), indent=2) + "\n")


def schema() -> str:
    """The JSON Schema (2020-12) of what `write_json` writes."""
    from pathlib import Path

    return Path(__file__).with_name("schema.json").read_text("utf-8")


def finding(record: Record) -> dict[str, Any]:
    """One finding as plain data."""
    return {
        "rule": record.rule,
        "severity": record.severity,
        "status": record.status,
        "message": record.message,
        "advice": record.advice or None,
        "file": record.file,
        **_region(record.region),
        "key_path": list(record.path),
        "variants": list(record.variants),
        "fix": _fix(record.fix) if record.fix else None,
        "page": f"variantfix explain {record.rule}",
    }


def _region(region: Region) -> dict[str, int]:
    return region._asdict()


def _fix(fix: FixRecord) -> dict[str, Any]:
    return {
        "title": fix.title,
        "safety": fix.safety,
        "edits": [_edit(edit) for edit in fix.edits],
        "replacements": [{"file": r.file, **_region(r.region), "text": r.text} for r in fix.replacements],
    }


def _edit(edit: Edit) -> dict[str, Any]:
    match edit:
        case Put():
            return {"kind": "put", "file": edit.file, "key_path": list(edit.at), "toml": edit.toml}
        case Append():
            return {"kind": "append", "file": edit.file, "key_path": list(edit.at), "toml": edit.toml}
        case Remove():
            return {"kind": "remove", "file": edit.file, "key_path": list(edit.at), "toml": None}
    raise AssertionError
