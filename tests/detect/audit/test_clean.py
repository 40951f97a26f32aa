"""Only closures without a leak are passed over, whatever the lock."""

from __future__ import annotations

import os
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING

import pytest

from tests.detect.audit.test_matrix import LEAKING, PROJECT
from tests.locks import VARIANTS, row
from variantfix.detect.audit.cases import find_cases
from variantfix.detect.audit.clean import clean_cases
from variantfix.detect.audit.judge import judge
from variantfix.detect.audit.leaks import find_leaks
from variantfix.detect.audit.matrix import make_matrix
from variantfix.errors import InputError
from variantfix.repair.pipeline import load_all
from variantfix.repair.plan import context
from variantfix.settings import Settings
from variantfix.uv.lock import Lock, SelectionError, read_lock, walk

if TYPE_CHECKING:
    from variantfix.detect.context import Context

_FOLDER = os.environ.get("VARIANTFIX_LOCKS", "")
_PUBLIC = sorted(Path(_FOLDER).glob("*/uv.lock")) if _FOLDER else []


def _context(text: str) -> Context:
    return context(*load_all({"pyproject.toml": text}, Settings()))


def passed_over(ctx: Context, lock: Lock) -> tuple[int, int]:
    """How many closures are passed over, of how many; none of them leaks, and what does leak is found either way."""
    cases = find_cases(ctx, lock)
    clean = clean_cases(lock, cases)
    for case in (case for case, is_clean in zip(cases, clean, strict=True) if is_clean):
        assert find_leaks(walk(lock, case.selection, case.platform), case.wanted) == ()
    try:
        whole = make_matrix(ctx, lock)
    except (InputError, SelectionError):
        with pytest.raises(InputError):
            judge(lock, cases)
    else:
        judged = judge(lock, cases)
        assert [(c.subject, c.platform, leaks) for c, _, leaks in judged if leaks] == [
            (cell.subject, cell.platform, cell.leaks) for cell in whole.leaking
        ]
        assert len(judged) == whole.walked
    return sum(clean), len(clean)


LIBRARY = VARIANTS.replace("colour", "nvidia-cublas-cu12")
_CPU = 'version = "2.0+cpu"\nsource = { registry = "https://download.pytorch.org/whl/cpu" }\n'
# Windows has two of one package, Linux two of another.
TWO = VARIANTS.replace(
    '    { name = "typing", marker',
    "".join(
        f'    {{ name = "{name}", version = "{version}", marker = "sys_platform == \'{system}\'" }},\n'
        for name, system in (("left", "linux"), ("right", "win32"))
        for version in (1, 2)
    )
    + '    { name = "typing", marker',
) + "".join(row(name, version) for name in ("left", "right") for version in ("1", "2"))
CIRCLE = VARIANTS.replace(_CPU, _CPU + 'dependencies = [\n    { name = "app" },\n]\n')
TORCHS = LIBRARY.replace(_CPU, _CPU + 'dependencies = [\n    { name = "nvidia-cublas-cu12" },\n]\n')


@pytest.mark.parametrize(
    ("lock", "expected"),
    [
        pytest.param(VARIANTS, (28, 32), id="isolated, but for a group that switches an extra on"),
        pytest.param(LEAKING, (19, 32), id="a second torch in the closures of one variant"),
        pytest.param(LIBRARY, (28, 32), id="a CUDA library that torch does not bring"),
        pytest.param(TWO, (7, 32), id="second builds, of one package here, of another there"),
        pytest.param(CIRCLE, (28, 32), id="a torch that requires the project itself"),
        pytest.param(TORCHS, (19, 32), id="a CUDA library that torch brings in one variant"),
    ],
)
def test_what_has_no_leak_is_passed_over(lock: str, expected: tuple[int, int]) -> None:
    assert passed_over(_context(PROJECT), read_lock(lock)) == expected


_NAMES = ("nvidia-cublas-cu12", "nvidia-cublas-cu13", "torchvision", "xformers", "triton", "cuda-bindings")
_VALUES = (
    "whl/cpu", "whl/cu128", "whl/cu126", "whl/rocm6.4", "2.0+cu126", "2.0", "2.0+cpu", "sys_platform == 'linux'",
    "sys_platform != 'darwin'", "extra == 'extra-3-app-cpu'", "extra == 'extra-3-app-gpu'", "python_version > '3.12'",
)  # fmt: skip


def _otherwise(chance: Random) -> str:
    """A lock like the small one in which names, indexes, versions or markers are others."""
    text = chance.choice((VARIANTS, LEAKING))
    for _ in range(chance.choice((1, 2, 4))):
        if chance.random() < 0.4:
            text = text.replace(chance.choice(("colour", "typing", "accel")), chance.choice(_NAMES))
        else:
            old = chance.choice(_VALUES)
            text = text.replace(old, chance.choice(_VALUES), chance.choice((1, 2, -1)))
    return text


def test_no_leak_is_passed_over_in_any_lock() -> None:
    chance = Random(3)
    ctx = _context(PROJECT)
    clean = found = 0
    for _ in range(150):
        try:
            lock = read_lock(_otherwise(chance))
        except InputError:
            continue
        one, all_ = passed_over(ctx, lock)
        clean, found = clean + one, found + all_
    assert 1000 < clean < found - 500


@pytest.mark.skipif(not _PUBLIC, reason="VARIANTFIX_LOCKS names no folder of locks, so none of these were looked at")
@pytest.mark.parametrize("path", _PUBLIC or [Path()], ids=lambda path: path.parent.name)
def test_no_leak_of_a_public_lock_is_passed_over(path: Path) -> None:
    passed_over(_context(path.with_name("pyproject.toml").read_text("utf-8")), read_lock(path.read_text("utf-8")))
