"""`python -m tests.mutants ROOM…`: how many mutants die by tests that need no uv, and which do not."""

from __future__ import annotations

import argparse
import os
import sys
from random import Random
from typing import TYPE_CHECKING

import pytest

from tests.mutants.asked import TIMES, Tests, measure
from tests.mutants.made import mutants
from tests.mutants.planted import passes, plant, survives

if TYPE_CHECKING:
    from tests.mutants.made import Mutant

LEFT_OUT = ("ci", "fuzz", "migrate", "mutants", "online", "pytorch", "world")
"""Folders of tests that run other programs, or ask nothing of the rooms that are mutated."""


class Trial:
    """A plugin that has mutants tried by the tests that were collected, in place of running these."""

    def __init__(self, options: argparse.Namespace) -> None:
        self.options = options
        self.least = 100.0
        self.is_planted = False
        self.out = os.fdopen(os.dup(1), "w", buffering=1)  # tests are captured, and close what they find

    def pytest_configure(self) -> None:
        from hypothesis import settings  # not before pytest has begun, which rewrites it

        # No example that killed one mutant is tried again on the next: each is judged by the tests as they stand.
        settings.register_profile("mutants", database=None, derandomize=True)
        settings.load_profile("mutants")

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        if self.options.measure or not TIMES.exists():
            print("measuring what each test runs", file=self.out)
            if not survives(lambda: measure(session.items), 3600):
                raise SystemExit("the tests fail without any mutant: run pytest")
        for room in self.options.rooms:
            self._try(self._draw(room), Tests(session.items, room, self.options.seconds), room)
        return True

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.failed and not self.is_planted:
            print(f"{report.nodeid} fails", file=self.out)

    def _draw(self, room: str) -> list[Mutant]:
        every = list(mutants(room))
        if self.options.only:
            return [mutant for mutant in every if mutant.name in self.options.only]
        return Random(self.options.seed).sample(every, min(self.options.sample, len(every)))

    def _try(self, sample: list[Mutant], tests: Tests, room: str) -> None:
        left = 0
        for number, mutant in enumerate(sample, 1):
            items = tests.of(mutant)
            self.is_planted = False
            if mutant is sample[0] and not _survives(mutant.module, mutant.tree.code, items, tests):
                raise SystemExit(f"{mutant.file} does not survive as it is: run pytest")
            self.is_planted = True
            if _survives(mutant.module, mutant.source(), items, tests):
                left += 1
                print(f"\n{number}: {mutant.name} survives {len(items)} tests\n{mutant.diff()}", file=self.out)
        share = 100 * (1 - left / max(len(sample), 1))
        self.least = min(self.least, share)
        print(f"\n{room}: {len(sample) - left} of {len(sample)} mutants die, {share:.0f} %", file=self.out)


def _survives(module: str, source: str, items: list[pytest.Item], tests: Tests) -> bool:
    def work() -> bool:
        plant(module, source)
        return passes(items, tests.time)

    return survives(work, 1200)


def main() -> int:
    """Exits with 1 where fewer die than have to."""
    parser = argparse.ArgumentParser(prog="python -m tests.mutants", description=__doc__)
    parser.add_argument("rooms", nargs="+", metavar="ROOM", help="detect, uv/lock, credentials.py")
    parser.add_argument("--sample", type=int, default=60, help="how many of each room")
    parser.add_argument("--seed", type=int, default=1, help="which of them")
    parser.add_argument("--only", nargs="*", metavar="NAME", help="these, in place of a sample")
    parser.add_argument("--seconds", type=float, default=60, help="the time of the tests that one mutant is tried by")
    parser.add_argument("--least", type=float, default=0, help="the share of each room that has to die, in per cent")
    parser.add_argument("--measure", action="store_true", help="measure anew which tests run which lines")
    trial = Trial(parser.parse_args())
    ignored = [f"--ignore=tests/{name}" for name in LEFT_OUT]
    options = ["-o", "addopts=", "-p", "no:terminal", "-p", "no:cacheprovider", "-m", "not uv"]
    code = pytest.main([*options, *ignored, "tests"], plugins=[trial])
    return int(code) or int(trial.least < trial.options.least)


if __name__ == "__main__":
    sys.exit(main())
