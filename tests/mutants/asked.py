"""Which tests run which line, and how long each takes: measured once, kept in `.cache`."""

from __future__ import annotations

import hashlib
import json
import time
from itertools import zip_longest
from typing import TYPE_CHECKING

import coverage

from tests.mutants.made import PACKAGE

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

    from tests.mutants.made import Mutant

CACHE = PACKAGE.parent / ".cache" / "mutants"
LINES, TIMES = CACHE / "coverage", CACHE / "times.json"


def measure(items: list[pytest.Item]) -> bool:
    """Run the tests and write down what each runs; whether all pass, without which nothing can be said of mutants."""
    CACHE.mkdir(parents=True, exist_ok=True)
    LINES.unlink(missing_ok=True)
    code = {_name(file): _digest(file) for file in PACKAGE.rglob("*.py")}
    measured = coverage.Coverage(str(LINES), config_file=False, include=[str(PACKAGE / "*")])
    measured.set_option("run:relative_files", True)  # a copy of the checkout can use it
    measured.start()
    times = {}
    for item, following in zip_longest(items, items[1:]):
        measured.switch_context(item.nodeid)
        start = time.perf_counter()
        item.config.hook.pytest_runtest_protocol(item=item, nextitem=following)
        times[item.nodeid] = time.perf_counter() - start
    measured.stop()
    measured.save()
    TIMES.write_text(json.dumps({"code": code, "times": times}), encoding="utf-8")
    return not items[0].session.testsfailed


class Tests:
    """The tests to ask about the mutants of a room: its own first, then the fastest, up to so many seconds."""

    def __init__(self, items: list[pytest.Item], room: str, seconds: float) -> None:
        measured = json.loads(TIMES.read_text(encoding="utf-8"))
        self._code, self._times = measured["code"], measured["times"]
        self._data = coverage.CoverageData(str(LINES))
        self._data.read()
        self._seconds = seconds
        own = f"tests/{room.removesuffix('.py')}"
        self._items = sorted(items, key=lambda item: (not item.nodeid.startswith(own), self.time(item)))
        self._run: dict[Path, dict[int, list[str]]] = {}

    def time(self, item: pytest.Item) -> float:
        return float(self._times.get(item.nodeid, 0))

    def of(self, mutant: Mutant) -> list[pytest.Item]:
        """Those that run its lines, of a file that has changed since the measure any line; and those that are newer."""
        file = mutant.file
        if file not in self._run:
            self._run[file] = self._data.contexts_by_lineno(_name(file))
        run = self._run[file]
        lines = mutant.lines() if self._code.get(_name(file)) == _digest(file) else run
        names = {name for line in lines for name in run.get(line, ())}
        left, chosen = self._seconds, []
        for item in self._items:
            if item.nodeid in names or item.nodeid not in self._times:
                left -= self.time(item)
                if left >= 0:
                    chosen.append(item)
        return chosen


def _name(file: Path) -> str:
    return str(file.relative_to(PACKAGE.parent))


def _digest(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()
