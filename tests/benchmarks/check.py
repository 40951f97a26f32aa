"""What `check` costs, as ratios from one run: `python -m tests.benchmarks.check [FILES]`.

One file: the whole program beside other tools that read a pyproject.toml. 200 files: one process beside plain tomllib
parsing of the same files. Then `apply` on a file with many extras and comments that ignore, doubled and doubled again:
it has to be linear. FILES is a folder whose pyproject.toml files are read; by default the cases of the tests.
The other tools come from the package index, into an environment of their own under `.cache/benchmarks`.
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

from variantfix.projects import process
from variantfix.repair.pipeline import apply_text, check_texts
from variantfix.settings import Settings
from variantfix.toml import loads

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

REPOSITORY = Path(__file__).parent.parent.parent
CACHE = REPOSITORY / ".cache" / "benchmarks"
RUNS = 15
OTHERS = {
    "toml-sort": ("toml-sort", "--check"),
    "pyproject-fmt": ("pyproject-fmt", "--check"),
    "validate-pyproject": ("validate-pyproject",),
    "taplo": ("taplo", "fmt", "--check"),
    "ruff": ("ruff", "check", "--isolated", "--select", "RUF200"),
}


def environment() -> Path:
    """The folder of programs of an environment that holds variantfix, as installed, and the other tools."""
    programs = CACHE / "bin"
    if not programs.exists():
        subprocess.run([sys.executable, "-m", "venv", CACHE], check=True)
    quiet = ("-q", "--disable-pip-version-check")
    subprocess.run([programs / "pip", "install", *quiet, *OTHERS], check=True)
    subprocess.run([programs / "pip", "install", *quiet, "--force-reinstall", "--no-deps", REPOSITORY], check=True)
    subprocess.run([programs / "pip", "install", *quiet, REPOSITORY], check=True)
    return programs


def seconds(command: Sequence[str | Path]) -> float:
    """The fastest of some runs of a whole program, in seconds."""
    return min(timed(lambda: subprocess.run(command, capture_output=True, check=False)) for _ in range(RUNS))


def timed(work: Callable[[], object]) -> float:
    """How long a piece of work takes, in seconds."""
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def one_file(path: Path) -> None:
    """Print the cost of one file, by program."""
    programs = environment()
    ours = seconds([programs / "variantfix", "check", path])
    bare = seconds([programs / "python", "-c", f"import tomllib; tomllib.load(open({str(path)!r}, 'rb'))"])
    print(f"one file, {path.stat().st_size} bytes: variantfix check {ours * 1000:.0f} ms")
    print(f"  {'python and tomllib':<20} {bare * 1000:6.0f} ms  {ours / bare:5.2f} x")
    for name, (program, *arguments) in OTHERS.items():
        theirs = seconds([programs / program, *arguments, path])
        print(f"  {name:<20} {theirs * 1000:6.0f} ms  {ours / theirs:5.2f} x")


def many_files(paths: Sequence[Path]) -> None:
    """Print the cost of checking 200 files in one process, beside parsing them."""
    several = [paths[place % len(paths)] for place in range(200)]

    def parse() -> None:
        for path in several:
            loads(path.read_text(encoding="utf-8-sig"))

    def check() -> None:
        for path in several:
            process(str(path), Settings(), repair_by=check_texts)

    check()  # what is loaded once is loaded
    pairs = [(timed(check), timed(parse)) for _ in range(5)]
    ratio = statistics.median(ours / theirs for ours, theirs in pairs)
    ours, theirs = (min(times) for times in zip(*pairs, strict=True))
    print(f"200 files: check {ours * 1000:.0f} ms, tomllib {theirs * 1000:.0f} ms, {ratio:.2f} x")


def long_file(extras: int) -> str:
    """A project with so many extras of twenty lines, two of them variants, and comments that ignore."""
    names = ("cpu", "cu128", *(f"extra-{number}" for number in range(extras - 2)))
    return "[project]\nname = 'app'\nversion = '1'\n[project.optional-dependencies]\n" + "\n".join(
        f"{name} = [\n{_requirements(name, number)}]" for number, name in enumerate(names)
    )


def _requirements(name: str, number: int) -> str:
    first = '"torch>=2.7"' if name in ("cpu", "cu128") else f'"first-{number}"'
    ignored = "  # variantfix: ignore[unused-index] known"
    lines = (f'"package-{number}-{place}>=1",{ignored * (place < 4)}' for place in range(17))
    return "".join(f"    {line}\n" for line in (f"{first},", *lines))


def long_files() -> None:
    """Print what `apply` costs on long files, and for each line."""
    for extras in (125, 250, 500):
        text = long_file(extras)
        lines = text.count("\n")
        took = min(timed(lambda text=text: apply_text(text)) for _ in range(3))  # type: ignore[misc]
        print(f"apply on {lines} lines, {extras} extras: {took:.2f} s, {took / lines * 1e6:.0f} us a line")


def readable(path: Path) -> bool:
    """Whether a file is TOML."""
    try:
        loads(path.read_text(encoding="utf-8-sig"))
    except ValueError:
        return False
    return True


if __name__ == "__main__":
    folder = Path(sys.argv[1]) if sys.argv[1:] else REPOSITORY / "tests" / "cases"
    found = sorted(path for path in folder.rglob("*.toml") if path.name != "case.toml" and readable(path))
    one_file(REPOSITORY / "examples" / "listed-by-hand" / "before" / "pyproject.toml")
    many_files(found)
    long_files()
