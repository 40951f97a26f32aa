"""What a migration costs, as ratios from one run: python -m tests.benchmarks.migrate

Beside it stand plain parsing by tomllib, parsing and dumping by tomlkit, and a shell loop of `variantfix apply`. The
process exits with 1 where a ratio is not what was promised. Sizes can be set: VARIANTFIX_UNITS=20000.
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import tomlkit

from tests.migrate.fleet import BROKEN, CLEAN, UNFIXABLE

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

if TYPE_CHECKING:
    from collections.abc import Callable

UNITS = int(os.environ.get("VARIANTFIX_UNITS", "20000"))
_PEAK = """
import resource, subprocess, sys
code = subprocess.run(sys.argv[1:], stderr=subprocess.DEVNULL).returncode
assert code in (0, 1), code
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
"""


def seconds(call: Callable[[], object], times: int) -> float:
    """Seconds of processor time that one call takes, in this process."""
    begun = time.process_time()
    for _ in range(times):
        call()
    return (time.process_time() - begun) / times


def processor_time() -> float:
    """Seconds of processor time that all programs took that were run so far."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


PROGRAM = [sys.executable, "-m", "variantfix"]


def run(folder: Path, *args: str, clock: Callable[[], float] = processor_time) -> float:
    """Seconds that a command takes by a clock, start and end included."""
    begun = clock()
    code = subprocess.run([*PROGRAM, *args], cwd=folder, stderr=subprocess.DEVNULL).returncode
    assert code in (0, 1), code
    return clock() - begun


def peak(folder: Path, *args: str) -> int:
    """The most memory in KiB that any process of a command took."""
    command = [sys.executable, "-c", _PEAK, *PROGRAM, *args]
    return int(subprocess.run(command, cwd=folder, check=True, capture_output=True).stdout)


def projects(folder: Path, text: str, count: int) -> Path:
    """A folder with so many projects."""
    for number in range(count):
        made = folder / f"{number:05}"
        made.mkdir(parents=True)
        (made / "pyproject.toml").write_text(text.replace("NAME", f"project-{number}"))
    return folder


def data_set(file: Path, count: int) -> Path:
    """A data set with so many texts, a quarter of which can be repaired; each has names and markers of its own."""
    texts = (CLEAN, CLEAN, BROKEN, UNFIXABLE.replace("torch", "numpy"))
    with file.open("w") as out:
        for number in range(count):
            text = texts[number % len(texts)].replace("NAME", f"project-{number}") + _group(number)
            print(json.dumps({"path": f"{number}/pyproject.toml", "text": text}), file=out)
    return file


def _group(number: int) -> str:
    listed = "\n".join(f"    \"lib-{number}-{n}>=1.{number}; platform_release != '{number}.{n}'\"," for n in range(8))
    return f"\n[dependency-groups]\ngroup-{number} = [\n{listed}\n]\n"


def costs(folder: Path) -> None:
    """The cost of a clean and of a repaired project, beside what else one could do with it.

    It is processor time, which does not depend on what else the machine does. What a run costs without any project is
    taken off a migration, and is in every turn of the shell loop.
    """
    for name, text, count in (("clean", CLEAN, 3000), ("repaired", BROKEN, 1000)):
        where = str(projects(folder / name, text, count))
        start = run(folder, "migrate", where, "--jobs", "1", "--limit", "1", "--dry-run", "--state", f"{name}-0")
        dry = (run(folder, "migrate", where, "--jobs", "1", "--dry-run", "--state", f"{name}-1") - start) / count
        wrote = (run(folder, "migrate", where, "--jobs", "1", "--state", f"{name}-2") - start) / count
        parse = seconds(partial(tomllib.loads, text), 500)
        dump = seconds(lambda text=text: tomlkit.dumps(tomlkit.parse(text)), 100)  # type: ignore[misc]
        loop = sum(run(folder, "apply", "-q", f"{where}/{number:05}") for number in range(10)) / 10
        print(f"a {name} project: {dry * 1e3:.2f} ms in a dry run, {wrote * 1e3:.2f} ms written, each with journal")
        print(f"    {dry / parse:.1f} x tomllib parsing it, {dry / dump:.1f} x tomlkit parsing and dumping it")
        print(f"    a shell loop of `variantfix apply` costs {loop / wrote:.0f} x as much")


def speed_up(folder: Path) -> bool:
    """Whether two jobs are at least 1.7 times as fast as one. Needs two cores that have nothing else to do."""
    where = str(data_set(folder / "jobs.jsonl", 8000))
    took: dict[str, list[float]] = {"1": [], "2": []}
    for turn in range(4):
        # In turns, so that whatever else the machine does meets both.
        for jobs, times in took.items():
            args = ["migrate", "--texts", where, "--jobs", jobs, "--state", f"jobs-{jobs}-{turn}"]
            times.append(run(folder, *args, clock=time.perf_counter))
    ratio = min(took["1"]) / min(took["2"])
    busy = f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}"
    print(f"2 jobs are {ratio:.2f} x as fast as 1 over 8000 texts, start included ({busy}; wanted 1.7)")
    return ratio >= 1.7


def many_texts(folder: Path) -> bool:
    """Whether the peak memory of a large data set is that of a small one."""
    found = {}
    for count in (1000, UNITS):
        where = data_set(folder / f"{count}.jsonl", count)
        views = ["--report", f"{count}.html", "--output", f"{count}-after.jsonl"]
        begun = time.perf_counter()
        found[count] = peak(folder, "migrate", "--texts", str(where), "--state", f"texts-{count}", *views)
        took = time.perf_counter() - begun
        print(f"{count} texts: {took:.1f} s, {count / took:.0f}/s, peak {found[count] / 1024:.0f} MiB in one process")
    ratio = found[UNITS] / found[1000]
    print(f"peak memory of {UNITS} units is {ratio:.2f} x that of 1000 (wanted 1.2 at most)")
    return ratio <= 1.2


def main() -> int:
    """Run all of it."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        costs(folder)
        kept = [speed_up(folder), many_texts(folder)]
    print(f"peak of this process itself: {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MiB")
    return 0 if all(kept) else 1


if __name__ == "__main__":
    sys.exit(main())
