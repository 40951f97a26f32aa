"""The same laws over every pyproject.toml of a folder of real ones, each with its members if it has any."""

from __future__ import annotations

import os
from pathlib import Path
from random import Random

import pytest

from tests.laws.test_laws import SAFE, UNSAFE, meant
from variantfix.errors import ConfigError, InputError
from variantfix.projects import read
from variantfix.repair.pipeline import repair_texts
from variantfix.rules import every
from variantfix.rules.rule import Safety

CORPUS = os.environ.get("VARIANTFIX_CORPUS", "")


def test_real_projects() -> None:
    if not CORPUS:
        pytest.skip("not run: VARIANTFIX_CORPUS names no folder of projects")
    outcomes = {str(file): _broken_law(file) for file in sorted(Path(CORPUS).rglob("pyproject.toml"))}
    assert {file: law for file, law in outcomes.items() if law and law != "unreadable"} == {}
    assert sum(not law for law in outcomes.values()) > len(outcomes) / 2


def _broken_law(file: Path) -> str:
    """The law that a project breaks, if any; `unreadable` where it is none, which the error says in one line."""
    try:
        texts = read(str(file))
        once = repair_texts(texts, SAFE)
    except (InputError, ConfigError) as error:
        return "unreadable" if "\n" not in str(error) else "an error of several lines"
    unsafe = repair_texts(texts, UNSAFE)
    again, again_unsafe = repair_texts(once.after, SAFE), repair_texts(unsafe.after, UNSAFE)
    mixed = tuple(Random(0).sample(every.RULES, len(every.RULES)))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(every, "RULES", mixed)
        other = repair_texts(texts, SAFE)
    laws = {
        "a second run changes something": again.after != once.after or again_unsafe.after != unsafe.after,
        "a safe fix is left": any(f.fix and f.fix.safety is Safety.SAFE for f in again.plan.found),
        "a fix is left": any(f.fix for f in again_unsafe.plan.found),
        "a file without edits changes": not set(once.changed) <= {edit.file for edit in once.plan.edits},
        "the order of rules matters": other.after != once.after,
        "members are lost": meant(once.after).keys() != texts.keys(),
    }
    return "; ".join(law for law, broken in laws.items() if broken)
