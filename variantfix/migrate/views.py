"""What is made from a journal: patches, JSON lines, a repaired data set. The same journal gives the same bytes."""

from __future__ import annotations

import hashlib
import json
import re
from typing import TYPE_CHECKING, Any, TextIO

from variantfix import disk
from variantfix.credentials import mask, mask_all
from variantfix.errors import InputError, reason
from variantfix.migrate.unit import unpack

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from variantfix.migrate.unit import UnitOutcome

_VERSION = 1


def record(outcome: UnitOutcome) -> dict[str, Any]:
    """An outcome as plain data, without what differs from run to run, and without credentials."""
    plain: dict[str, Any] = mask_all(_record(outcome))  # type: ignore[assignment]
    return plain


def _record(outcome: UnitOutcome) -> dict[str, Any]:
    return {
        "unit": outcome.name,
        "result": outcome.result,
        "error": outcome.error,
        "repaired": outcome.repaired,
        "remaining": outcome.remaining,
        "commit": outcome.commit,
        "verdict": outcome.verdict,
        "findings": json.loads(outcome.findings),
        "diff": _diff(outcome),
    }


def write_jsonl(outcomes: Iterable[UnitOutcome], stream: TextIO) -> None:
    """Write one JSON object a line and unit; the first key is the version of the format."""
    for outcome in map(record, outcomes):
        print(json.dumps({"version": _VERSION, **outcome}), file=stream)


def write_patches(outcomes: Iterable[UnitOutcome], folder: Path) -> int:
    """Write the commit of each repository as a file that `git am` takes; returns how many hold credentials.

    A patch has to have the file's own lines, also where these have credentials.
    Raises `InputError` where the folder cannot be written.
    """
    count = 0
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(f"{folder}: {reason(error)}") from None
    for outcome in outcomes:
        if outcome.commit:
            patch = str(unpack(outcome.diff))
            with disk.replacing(folder / _patch_name(outcome.name)) as file:
                file.write(patch.encode("utf-8", "surrogateescape"))
            count += mask(patch) != patch
    return count


def _patch_name(unit: str) -> str:
    """A file name that tells the repository, with some of the name's digest to tell it from others."""
    words = re.findall(r"[A-Za-z0-9_.]+", unit.removesuffix(".git"))
    digest = hashlib.sha256(unit.encode()).hexdigest()[:8]
    return f"{'-'.join(words[-2:]).strip('.')[-80:]}-{digest}.patch"


def _diff(outcome: UnitOutcome) -> str:
    """The diff alone, without the mail that a patch wraps it in."""
    if not outcome.diff:
        return ""
    text = str(unpack(outcome.diff))
    start = text.find("diff --git ") if outcome.commit else 0
    return text[start:].encode("utf-8", "replace").decode()
