"""How sure facts are, and how sure what follows from several of them is.

A rule hands the outcome to `Rule.finding`: an error rests on what was seen alone.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Iterable

Certainty = Literal["seen", "announced", "inferred"]
"""How a fact is known: by a wheel, a lock or metadata; by a plan or build matrix; or because its neighbours are so."""

RANKS: tuple[Certainty, ...] = ("seen", "announced", "inferred")
"""The surest first."""


def weakest(*facts: Certainty) -> Certainty:
    """How sure it is that several facts hold together; `seen` for none, since then nothing is in doubt."""
    return max(facts, key=RANKS.index, default="seen")


def surest(facts: Iterable[Certainty]) -> Certainty:
    """How sure it is that one of several facts holds; `seen` for none."""
    return min(facts, key=RANKS.index, default="seen")
