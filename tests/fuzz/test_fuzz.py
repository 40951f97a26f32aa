"""Coverage-guided fuzzing, `pytest -m fuzz`; VARIANTFIX_FUZZ_SECONDS are for each target, by default 60.

The mutations alone are tried with fresh randomness, whose seed a failure shows.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from random import Random

import pytest

from tests.fuzz.mutate import mutate
from tests.fuzz.targets import TARGETS

SECONDS = os.environ.get("VARIANTFIX_FUZZ_SECONDS", "60")
SEED = os.environ.get("VARIANTFIX_FUZZ_SEED") or str(int.from_bytes(os.urandom(4), "big"))


@pytest.mark.fuzz
@pytest.mark.parametrize("name", TARGETS)
def test_no_input_breaks_a_law(name: str, tmp_path: Path) -> None:
    pytest.importorskip("atheris", reason="needs the extra `fuzz`")
    finds = Path(os.environ.get("VARIANTFIX_FUZZ_FINDS") or tmp_path, name)
    command = [sys.executable, "-m", "tests.fuzz.run", name, SECONDS, str(finds)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    runs = [line for line in done.stderr.splitlines() if "stat::number_of_executed_units" in line]
    print(name, *runs)
    assert runs, done.stderr[-2000:]
    assert {file.name: file.read_text("utf-8")[:600] for file in sorted(finds.iterdir())} == {}


@pytest.mark.fuzz
@pytest.mark.parametrize("name", TARGETS)
def test_some_mutations_break_no_law(name: str) -> None:
    target = TARGETS[name]
    seeds = target.seeds()
    chance = Random(f"{SEED}-{name}")
    for number in range(60):
        text = mutate(chance.choice(seeds), chance, seeds)
        try:
            target.law(text)
        except Exception as error:
            error.args = (f"VARIANTFIX_FUZZ_SEED={SEED}, text {number}: {error}\n{text}",)
            raise
