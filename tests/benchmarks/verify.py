"""What verifying costs, as ratios to uv itself, from one run: `python -m tests.benchmarks.verify`.

- `verify` on the largest lock of the folder that VARIANTFIX_LOCKS names, all variants and platforms, against
  `uv export --frozen` once per closure that it shows. Without the variable, on a lock that the offline world makes.
- `check` beside that lock against `check` without it, as a program and within one process.
- `apply --verify` on a project in the offline world, against plain `uv lock` of the repaired project.

Each is a process of its own, started cold, and the best of some turns counts. The peak of memory is that of `verify`.
"""

from __future__ import annotations

import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

from tests.projects import project
from tests.world import programs, scratch, urls
from tests.world.server import serve
from variantfix import projects
from variantfix.repair import pipeline
from variantfix.repair.pipeline import check_text
from variantfix.repair.plan import context
from variantfix.settings import Settings
from variantfix.toml import loads
from variantfix.verify.loop import verify

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

_TURNS = 5
_SHARED = ("accelerate", "peft", "timm", "lightning", "transformers[torch]", "torchmetrics", "torchvision")
_GROUPS = "\n[dependency-groups]\ntrain = ['pytest', 'coverage', 'ruff']\n"


def main() -> None:
    """Print both comparisons."""
    uv = programs.newest()
    with serve() as world, tempfile.TemporaryDirectory(prefix="benchmark-") as place:
        environment = _environment(Path(place), world.url, uv)
        text = project(*_SHARED, base='"numpy", "pandas"') + _GROUPS
        copy = scratch.write({"pyproject.toml": text}, Path(place) / "made", world.url).folder
        _apply(copy, uv, environment)
        _run([str(uv), "lock", "-q"], copy, environment)
        folder = _largest(Path(place)) or copy
        _verify(folder, uv, environment)
        _check(folder, environment)


def _environment(place: Path, server: str, uv: Path) -> dict[str, str]:
    settings = place / "config" / "uv" / "uv.toml"
    settings.parent.mkdir(parents=True)
    settings.write_text(f'index-url = "{urls.to_world(urls.PYPI_ROOT, server)}"\n')
    return {
        "PATH": f"{uv.parent}{os.pathsep}{os.environ['PATH']}",
        "HOME": str(place),
        "XDG_CONFIG_HOME": str(place / "config"),
        "UV_CACHE_DIR": str(place / "cache"),
        "UV_PYTHON": sys.executable,
        "UV_PYTHON_DOWNLOADS": "never",
        "PYTHONPATH": str(Path(__file__).parents[2]),
    }


def _largest(place: Path) -> Path | None:
    """A copy of the project with the largest lock that is at hand."""
    folder = os.environ.get("VARIANTFIX_LOCKS")
    if not folder:
        return None
    lock = max(Path(folder).glob("*/uv.lock"), key=lambda path: path.stat().st_size)
    shutil.copytree(lock.parent, place / "largest", copy_function=shutil.copyfile)
    return place / "largest"


def _verify(folder: Path, uv: Path, environment: Mapping[str, str]) -> None:
    texts = projects.read(str(folder))
    variants = context(*pipeline.load_all(texts, Settings())).variants
    matrix = verify(str(folder), Settings()).matrix
    shown = sum(not cell.subject.other for cell in matrix.cells)
    exports = [
        [str(uv), "export", "-q", "--frozen", "--offline", "--no-default-groups", f"--{v.scope.kind}", v.scope.name]
        for v in variants
    ]
    ours = [sys.executable, "-m", "variantfix", "verify", "-q", str(folder)]
    of_uv, of_us = _best(exports, folder, environment) / len(variants), _best([ours], folder, environment)
    lock = (folder / "uv.lock").read_text("utf-8")
    parse = _least(lambda: loads(lock))
    print(f"verify, a lock of {len(lock) / 1e6:.1f} MB, {len(variants)} variants: {of_us:.2f} s")
    print(f"  uv export --frozen, once for each of the {shown} closures shown: {of_uv * shown:.2f} s")
    print(
        f"  with {parse:.2f} s to parse it by tomllib: ratio {of_us / (of_uv * shown + parse):.2f}, and 1 is aimed at"
    )
    print(f"  once for each variant: ratio {of_us / (of_uv * len(variants)):.2f}; {matrix.walked} closures were walked")
    print(f"  of it, Python's start with the command line: {_start(environment):.2f} s")
    print(f"  peak of memory: {resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024:.0f} MB, any child's")


def _check(folder: Path, environment: Mapping[str, str]) -> None:
    text, lock = ((folder / name).read_text("utf-8") for name in ("pyproject.toml", "uv.lock"))
    alone = folder.with_name("alone")
    alone.mkdir()
    (alone / "pyproject.toml").write_text(text, "utf-8")
    command = [sys.executable, "-m", "variantfix", "check", "-q"]
    beside, without = (_best([[*command, str(where)]], folder, environment) for where in (folder, alone))
    print(
        f"check beside it: {beside:.2f} s, without it {without:.2f} s; ratio {beside / without:.2f}, and 2 is aimed at"
    )
    beside, without = _least(lambda: check_text(text, lock=lock)), _least(lambda: check_text(text))
    print(f"  in one process {beside * 1000:.0f} ms, without it {without * 1000:.0f} ms; ratio {beside / without:.2f}")


def _least(work: Callable[[], object]) -> float:
    """The least processor time that a piece of work takes, in seconds."""
    times = []
    for _ in range(_TURNS):
        start = time.process_time()
        work()
        times.append(time.process_time() - start)
    return min(times)


def _start(environment: Mapping[str, str]) -> float:
    return _best([[sys.executable, "-m", "variantfix", "--version"]], Path.cwd(), environment)


def _apply(folder: Path, uv: Path, environment: Mapping[str, str]) -> None:
    ours = [sys.executable, "-m", "variantfix", "apply", "--dry-run"]
    _run([*ours, "--verify", str(folder)], folder, environment)  # fills uv's cache
    of_us = _best([[*ours, "--verify", str(folder)]], folder, environment)
    plain = _best([[*ours, str(folder)]], folder, environment)
    _run([sys.executable, "-m", "variantfix", "apply", str(folder)], folder, environment)
    of_uv = min(_locked(folder, uv, environment) for _ in range(_TURNS))
    print(f"apply --verify: {of_us:.2f} s; apply alone: {plain:.2f} s; uv lock: {of_uv:.2f} s")
    print(f"  beyond 1.1 times uv's lock: {of_us - 1.1 * of_uv:.2f} s, and at most 0.5 s is aimed at")


def _locked(folder: Path, uv: Path, environment: Mapping[str, str]) -> float:
    (folder / "uv.lock").unlink(missing_ok=True)
    return _timed([[str(uv), "lock", "-q"]], folder, environment)


def _best(commands: Sequence[list[str]], folder: Path, environment: Mapping[str, str]) -> float:
    return min(_timed(commands, folder, environment) for _ in range(_TURNS))


def _timed(commands: Sequence[list[str]], folder: Path, environment: Mapping[str, str]) -> float:
    start = time.perf_counter()
    for command in commands:
        _run(command, folder, environment)
    return time.perf_counter() - start


def _run(command: list[str], folder: Path, environment: Mapping[str, str]) -> None:
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    # 1 is a finding, or a diff.
    if done.returncode > 1:
        sys.exit(f"{' '.join(command)}: {done.stderr}")


if __name__ == "__main__":
    main()
