"""What is made from a journal: patches, JSON lines, a repaired data set. The same journal gives the same bytes."""

from __future__ import annotations

import hashlib
import json
import re
from typing import TYPE_CHECKING, Any, TextIO

from variantfix.errors import InputError
from variantfix.migrate.unit import unpack

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from variantfix.migrate.unit import UnitOutcome

_VERSION = 1


def record(outcome: UnitOutcome) -> dict[str, Any]:
    """An outcome as plain data, without what differs from run to run."""
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
    """Write the commit of each repository as a file that `git am` takes; returns how many there are.

    Raises `InputError` where the folder cannot be written.
    """
    count = 0
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for outcome in outcomes:
            if outcome.commit:
                scratch = folder / ".part"
                scratch.write_bytes(unpack(outcome.diff).encode("utf-8", "surrogateescape"))
                scratch.replace(folder / _patch_name(outcome.name))
                count += 1
    except OSError as error:
        raise InputError(f"{folder}: {(error.strerror or str(error)).lower()}") from None
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
