"""Writing the repaired files of a folder, so that a run killed at any instant can be taken up again."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from variantfix import disk
from variantfix.errors import InputError, VariantfixError
from variantfix.migrate.unit import UnitOutcome, unpack

if TYPE_CHECKING:
    from collections.abc import Iterable


def write_plans(outcomes: Iterable[UnitOutcome]) -> tuple[UnitOutcome, ...]:
    """`write_plan` over some outcomes."""
    return tuple(map(write_plan, outcomes))


def write_plan(outcome: UnitOutcome) -> UnitOutcome:
    """Write the files of a plan that are not yet as planned; returns the outcome without its plan.

    A file that is neither as it was nor as planned is left alone, and the unit fails.
    """
    plan = unpack(outcome.plan)
    outcome = replace(outcome, plan=b"")
    try:
        for name, digest, text in plan["files"]:
            _write(Path(plan["folder"], name), name, digest, text)
    except (VariantfixError, OSError) as error:
        reason = str(error).replace(f"{plan['folder']}/", "")
        return replace(outcome, result="failed", error="; ".join(filter(None, (outcome.error, reason))))
    return outcome


def _write(path: Path, name: str, digest: str, text: str) -> None:
    data = text.encode()
    now = path.read_bytes()
    if now == data:
        return
    if hashlib.sha256(now).hexdigest() != digest:
        raise InputError(f"{name}: was changed in the meantime", hint="--retry failed")
    _sweep(path.resolve(), data)
    disk.write_texts({path: text})


def _sweep(path: Path, data: bytes) -> None:
    """Delete what a killed run left beside a file: beginnings of the very text that is to be written."""
    for left in path.parent.glob(f".{path.name}.????????"):
        if left.is_file() and data.startswith(left.read_bytes()):
            left.unlink(missing_ok=True)
