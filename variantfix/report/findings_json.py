"""Findings for programs, as one JSON object.

The keys are a contract, described by `schema.json` beside this file: `version` grows when one goes or changes meaning.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

from variantfix.credentials import mask_all
from variantfix.report.records import FixRecord, Record, Replacement
from variantfix.toml import Append, Put, Remove
from variantfix.toml.region import Region

if TYPE_CHECKING:
    from collections.abc import Mapping

    from variantfix.report.records import Report
    from variantfix.toml import Edit

VERSION = 1


def write_json(report: Report, stream: TextIO, *, version: str) -> None:
    """Write what became of some paths as one JSON object; `version` is that of the program."""
    document = {
        "version": VERSION,
        "tool": {"name": "variantfix", "version": version},
        "findings": [finding(record) for record in report.findings],
        "errors": [failure._asdict() for failure in report.failures],
        "files": [file._asdict() for file in report.files],
    }
    stream.write(json.dumps(mask_all(document), indent=2) + "\n")


def schema() -> str:
    """The JSON Schema (2020-12) of what `write_json` writes."""
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


def read_finding(data: Mapping[str, Any], folder: str = "") -> Record:
    """The record that `finding` made plain data of, its files seen from above a folder."""
    fix = data["fix"]
    return Record(
        **{key: data[key] for key in ("rule", "severity", "status", "message")},
        advice=data["advice"] or "",
        file=folder + data["file"],
        region=_read_region(data),
        path=tuple(data["key_path"]),
        variants=tuple(data["variants"]),
        fix=_read_fix(fix, folder) if fix else None,
    )


def _read_region(data: Mapping[str, Any]) -> Region:
    return Region(*(data[name] for name in Region._fields))


def _read_fix(data: Mapping[str, Any], folder: str) -> FixRecord:
    edits = tuple(_read_edit(edit, folder) for edit in data["edits"])
    replacements = (Replacement(folder + r["file"], _read_region(r), r["text"]) for r in data["replacements"])
    return FixRecord(data["title"], data["safety"], edits, tuple(replacements))


def _read_edit(data: Mapping[str, Any], folder: str) -> Edit:
    file, at = folder + data["file"], tuple(data["key_path"])
    match data["kind"]:
        case "put":
            return Put(file, at, data["toml"])
        case "append":
            return Append(file, at, data["toml"])
    return Remove(file, at)


def _edit(edit: Edit) -> dict[str, Any]:
    match edit:
        case Put():
            return {"kind": "put", "file": edit.file, "key_path": list(edit.at), "toml": edit.toml}
        case Append():
            return {"kind": "append", "file": edit.file, "key_path": list(edit.at), "toml": edit.toml}
        case Remove():
            return {"kind": "remove", "file": edit.file, "key_path": list(edit.at), "toml": None}
    raise AssertionError
