"""Writing the repaired files of a folder, so that a run killed at any instant can be taken up again."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from pathlib import Path, PurePath
from typing import TYPE_CHECKING

from variantfix import disk
from variantfix.errors import ChangedError, InputError, VariantfixError
from variantfix.migrate.unit import Unit, UnitOutcome, pack, unpack
from variantfix.namedtuple import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


class Planned(NamedTuple):
    """The outcome of a unit whose plan is still to be carried out."""

    unit: Unit
    outcome: UnitOutcome

    @property
    def name(self) -> str:
        """The unit's name."""
        return self.unit.name


def make_plan(before: Mapping[str, str], changed: Mapping[str, str]) -> bytes:
    """A plan, packed: the files by name, with the digests of their old texts and with their new texts."""
    return pack([(name, digest(before[name]), text) for name, text in changed.items()])


def write_plans(planned: Iterable[Planned]) -> tuple[UnitOutcome, ...]:
    """`write_plan` over some outcomes."""
    return tuple(map(write_plan, planned))


def write_plan(planned: Planned) -> UnitOutcome:
    """Write the files of a plan that are not yet as planned; returns the outcome without its plan.

    A plan says what is written, its unit alone says where: a name that leads out of the unit's folder, a link, and a
    file that is neither as it was nor as planned are left alone, and the unit fails.
    """
    unit, outcome = planned
    plan = unpack(outcome.plan)
    outcome = replace(outcome, plan=b"")
    try:
        for name, before, text in plan:
            _write(unit, name, before, text)
    except VariantfixError as error:
        return replace(outcome, result="failed", error="; ".join(filter(None, (outcome.error, str(error)))))
    return outcome


def _write(unit: Unit, name: str, before: str, text: str) -> None:
    top = Path(unit.location)
    place = disk.real_place(top / unit.path / name, top)
    if unit.kind != "folder" or place is None or PurePath(name).name != disk.NAME:
        raise InputError(f"{name}: not a file of {unit.name}, and left alone")
    try:
        disk.replace_below(top, place, before, text)
    except ChangedError:
        raise InputError(f"{name}: was changed in the meantime", hint="--retry failed") from None


def digest(text: str) -> str:
    """What tells a text from another."""
    return hashlib.sha256(text.encode()).hexdigest()
