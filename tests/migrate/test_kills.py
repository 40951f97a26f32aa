"""A migration killed at random instants and taken up again ends as if nothing had happened.

The fleet's size and the number of kills can be set: VARIANTFIX_FLEET=2000 VARIANTFIX_KILLS=10.
"""

from __future__ import annotations

import json
import os
import time
from collections import Counter
from typing import TYPE_CHECKING

import pytest

from tests.migrate import kills
from tests.migrate.fleet import BROKEN, CLEAN, UNFIXABLE, build
from tests.migrate.servers import bad_remotes
from tests.migrate.test_folders import write

if TYPE_CHECKING:
    from pathlib import Path

SIZE = int(os.environ.get("VARIANTFIX_FLEET", "60"))
KILLS = int(os.environ.get("VARIANTFIX_KILLS", "4"))
EXPECTED = {
    "extras": "changed",
    "groups": "changed",
    "clean": "clean",
    "crlf": "changed",
    "no-newline-at-end": "changed",
    "workspace": "changed",
    "two-projects": "changed",
    "unfixable": "changed",
    "no-pyproject": "clean",
    "invalid-toml": "failed",
    "merge-leftovers": "failed",
    "not-utf-8": "failed",
    "huge-pyproject": "failed",
    "huge-other": "changed",
    "link-out": "failed",
    "link-loop": "failed",
    "link-member": "changed",
    "filters": "changed",
    "empty": "clean",
    "missing": "failed",
    "forbidden": "failed",
    "hangs": "failed",
}


@pytest.mark.skipif(not hasattr(os, "killpg"), reason="needs POSIX process groups")
def test_a_fleet_that_is_killed_again_and_again_ends_as_an_undisturbed_one(tmp_path: Path) -> None:
    with bad_remotes() as remotes:
        fleets = [build(tmp_path / name, SIZE, extra=remotes) for name in ("calm", "killed")]
        args = kills.arguments(timeout=4)
        begun = time.monotonic()
        calm = kills.left(fleets[0].folder, kills.run(fleets[0].folder, args))
        took = time.monotonic() - begun
        # Enough time to come into the work, short enough that the last kills still find some.
        lines = kills.run_killed(fleets[1].folder, args, kills=KILLS, within=0.5 + 1.2 * took / KILLS, seed=5)
        killed = kills.left(fleets[1].folder, lines)
    if SIZE > 100:
        print(f"{SIZE} repositories in {took:.0f} s undisturbed; {KILLS} kills")
    assert killed == calm
    records = [json.loads(line) for line in calm.lines.splitlines()]
    expected = {
        name.replace("somebody:secret", "***").replace(fleets[0].folder.as_uri(), "file:///fleet"): EXPECTED[template]
        for name, template in fleets[0].template.items()
    }
    assert {record["unit"]: record["result"] for record in records} == expected
    assert len(records) == SIZE
    assert b"secret" not in calm.lines + calm.page
    pushed = Counter("variantfix" in found for found in calm.branches.values())
    assert pushed[True] == len(calm.patches) == sum(result == "changed" for result in expected.values())


def _projects(folder: Path) -> Path:
    for number in range(max(120, SIZE)):
        text = (BROKEN, CLEAN, UNFIXABLE, "[project\n")[number % 4].replace("NAME", f"project-{number}")
        write(folder, {f"all/{number:05}/pyproject.toml": text})
    return folder


def _tree(folder: Path) -> dict[str, bytes]:
    files = sorted((folder / "all").rglob("*"))
    return {str(file.relative_to(folder)): file.read_bytes() for file in files if file.is_file()}


@pytest.mark.skipif(not hasattr(os, "killpg"), reason="needs POSIX process groups")
def test_folders_that_are_written_in_place_lose_nothing_either(tmp_path: Path) -> None:
    calm, killed = (_projects(tmp_path / name) for name in ("calm", "killed"))
    before = _tree(calm)
    args = ["migrate", "all", "--format", "jsonl", "--state", "state", "--jobs", "2"]
    begun = time.monotonic()
    lines = kills.run(calm, args)
    took = time.monotonic() - begun
    assert kills.run_killed(killed, args, kills=KILLS, within=0.3 + took, seed=6) == lines
    assert _tree(killed) == _tree(calm) != before
    results = Counter(json.loads(line)["result"] for line in lines.splitlines())
    assert set(results) == {"changed", "clean", "failed"}
