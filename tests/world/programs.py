"""The uv programs that the judge asks: the newest, from its installed Python package, and old ones."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

_REPOSITORY = Path(__file__).resolve().parents[2]
_SCRIPT = "Scripts/uv.exe" if os.name == "nt" else "bin/uv"


class MissingUvError(Exception):
    """A uv that the tests need cannot be had; the message says why."""


def newest() -> Path:
    """The program of the `uv` package that is installed beside the tests. Raises `MissingUvError`."""
    try:
        import uv

        return Path(uv.find_uv_bin())
    except (ImportError, FileNotFoundError) as error:
        raise MissingUvError(f"the uv package is not installed: {error}") from error


def release(version: str) -> Path:
    """The program of one uv release, installed by pip on first use and kept between runs.

    It is kept in `VARIANTFIX_TEST_CACHE`, by default `.cache` in the repository. Each run that finds none
    installs into an environment of its own and puts the program in place in one step, so that runs at
    the same time do not disturb one another. Raises `MissingUvError` if pip cannot install it.
    """
    cache = Path(os.environ.get("VARIANTFIX_TEST_CACHE") or _REPOSITORY / ".cache")
    program = cache / f"uv-{version}" / Path(_SCRIPT).name
    if not program.exists():
        program.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=cache, prefix="venv-") as environment:
            _install(f"uv=={version}", Path(environment)).replace(program)
    return program


def _install(requirement: str, environment: Path) -> Path:
    """Make a virtual environment with this one uv in it; return the program, which runs anywhere."""
    python = environment / Path(_SCRIPT).with_stem("python")
    pip = (str(python), "-m", "pip", "install", "--quiet", "--no-deps", "--only-binary", ":all:", requirement)
    for command in ((sys.executable, "-m", "venv", str(environment)), pip):
        run = subprocess.run(command, capture_output=True, text=True, check=False)
        if run.returncode:
            words = (run.stderr or run.stdout).strip()
            raise MissingUvError(f"cannot install {requirement} for the tests: {' '.join(command)}\n{words}")
    return environment / _SCRIPT
