"""Which closures of a lock have no leak, told of all of them at once, so that only the others are walked."""

from __future__ import annotations

from typing import TYPE_CHECKING

from variantfix.detect.audit.leaks import could_leak
from variantfix.pytorch import catalog
from variantfix.uv.lock.survey import survey

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from variantfix.detect.audit.cases import Case
    from variantfix.uv.lock import Lock, Package


def clean_cases(lock: Lock, cases: Sequence[Case]) -> list[bool]:
    """Of each case whether its closure has no leak. Where that cannot be told without its walk it is not said."""
    found = survey(lock, [(case.selection, case.platform) for case in cases])
    rows = {index: bits for index, bits in found.rows.items() if lock.packages[index].source.kind != "virtual"}
    names = {index: lock.packages[index].name for index in rows}
    family = {index for index, name in names.items() if name in catalog.family()}
    # CUDA libraries are torch's where a family package brings them.
    libraries = {
        index: bits for index, bits in found.behind(family).items() if catalog.is_cuda_library(names.get(index, ""))
    }
    judged = libraries | {index: rows[index] for index in family}
    leaking = _doubled((names[index], bits) for index, bits in rows.items())
    leaking |= _strange([(lock.packages[index], bits) for index, bits in judged.items()], cases)
    return [bool((found.settled & ~leaking) >> number & 1) for number in range(len(cases))]


def _doubled(names: Iterable[tuple[str, int]]) -> int:
    """The cases that reach two rows of one name."""
    once: dict[str, int] = {}
    twice = 0
    for name, bits in names:
        twice |= once.get(name, 0) & bits
        once[name] = once.get(name, 0) | bits
    return twice


def _strange(rows: Iterable[tuple[Package, int]], cases: Sequence[Case]) -> int:
    """The cases that reach a row which does not belong to their variant, whatever brings it."""
    alike: dict[tuple[int, int], list[int]] = {}
    for number, case in enumerate(cases):
        alike.setdefault((id(case.wanted), id(case.platform)), []).append(number)
    found = 0
    for numbers in alike.values():
        case, bits = cases[numbers[0]], sum(1 << number for number in numbers)
        for row, own in rows:
            if bits & own & ~found and case.wanted and could_leak(row, case.wanted, case.platform):
                found |= bits & own
    return found
