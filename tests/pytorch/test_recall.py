"""Recall as a number: locks tell which packages bring torch, and the catalogue is asked about each of them.

`VARIANTFIX_CORPUS` names a folder with more locks: `uv.lock` files at any depth.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.locks import lock_of, own_row, row
from variantfix.pytorch import catalog, edges
from variantfix.uv.lock import Lock, read_lock

CORPUS = os.environ.get("VARIANTFIX_CORPUS", "")


class Row(NamedTuple):
    """A package in a version, and the places in the lock of what it requires."""

    name: str
    version: str
    requires: frozenset[int]

    def __str__(self) -> str:
        return f"{self.name}=={self.version}"


def rows(lock: Lock) -> dict[int, Row]:
    """The packages that come from a registry, by their place in the lock."""
    return {
        place: Row(each.name, each.version.partition("+")[0], frozenset(edge.package for edge in each.dependencies))
        for place, each in enumerate(lock.packages)
        if each.source.kind == "registry" and each.version
    }


def bringing(found: dict[int, Row]) -> set[Row]:
    """The rows that bring a family package without an extra."""
    family = {place for place, row in found.items() if row.name in catalog.family()}
    reached = set(family)
    while more := {place for place, row in found.items() if place not in reached and row.requires & reached}:
        reached |= more
    return {found[place] for place in reached - family}


class Measured(NamedTuple):
    """Versions that bring torch, those of which that is not known, and those said to bring it that do not.

    `unnamed` are the names that the catalogue says it of for no version that is open to the newest.
    """

    dependents: set[str]
    missed: set[str]
    false: set[str]
    unnamed: set[str]


def measure(found: dict[int, Row]) -> Measured:
    truth = bringing(found)
    told = {row: claims(row.name, f"=={row.version}") for row in found.values() if row.name not in catalog.family()}
    return Measured(
        {str(row) for row in truth},
        {str(row) for row in truth if not told[row]},
        {str(row) for row, is_told in told.items() if row not in truth and is_told},
        {row.name for row in truth if not claims(row.name, "")},
    )


def claims(name: str, specifier: str, above: frozenset[str] = frozenset()) -> bool:
    """Whether the catalogue says that a package brings a family package, in the versions admitted."""
    known = edges.known(name, "", specifier)
    asked = known.edges if known else ()
    return any(
        edge.name in catalog.family() or (edge.name not in above and claims(edge.name, "", above | {name}))
        for edge in asked
    )


OWN = lock_of(
    own_row("peft", "quux", "vllm", "outlines", version="1"),
    row("peft", "0.20.0", "accelerate", "numpy"),
    row("accelerate", "1.14.0", "torch"),
    row("vllm", "0.10.0", "torch"),
    row("outlines", "0.1.14"),
    row("quux", "1.0", "torch"),
    row("numpy", "2.3.0"),
    row("torch", "2.9.0"),
)


def test_what_is_missed_and_what_is_false_in_a_lock_of_our_own() -> None:
    found = measure(rows(read_lock(OWN)))
    assert found.dependents == {"accelerate==1.14.0", "peft==0.20.0", "quux==1.0", "vllm==0.10.0"}
    assert found.missed == {"quux==1.0"}
    assert found.false == {"outlines==0.1.14"}
    assert found.unnamed == {"quux"}


def test_recall_over_the_corpus(capsys: pytest.CaptureFixture[str]) -> None:
    if not CORPUS:
        pytest.skip("not run: VARIANTFIX_CORPUS names no folder of locks")
    texts = [path.read_text(encoding="utf-8") for path in sorted(Path(CORPUS).rglob("uv.lock"))]
    each = [measure(rows(read_lock(text))) for text in texts]
    dependents, missed, false, unnamed = (set[str]().union(*sets) for sets in zip(*each, strict=True))
    with capsys.disabled():
        print(
            f"\n{len(texts)} locks: {len(dependents) - len(missed)} of {len(dependents)} versions known to bring torch"
        )
        print(f"missed: {sorted(missed)}\nfalse: {sorted(false)}\nnot by the newest row: {sorted(unnamed)}")
    assert len(missed) <= 0.1 * len(dependents)
    assert len(false) <= 0.02 * len(dependents)
