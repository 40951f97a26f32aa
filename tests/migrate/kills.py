"""Running a migration over a fleet, undisturbed or killed again and again, and what it leaves behind."""

from __future__ import annotations

import os
import random
import re
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tests.migrate.fleet import branches

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path


@dataclass(frozen=True, slots=True)
class Left:
    """All that a migration leaves: its report, its patches, and the branches of every repository."""

    lines: bytes
    page: bytes
    patches: dict[str, bytes]
    branches: dict[str, dict[str, str]]


_OF_THE_RUN = re.compile(rb'"(?:begun|command)": ?"(?:\\.|[^"\\])*"')


def arguments(*, timeout: float, jobs: int = 2) -> list[str]:
    """The command line, to be run in a fleet's folder."""
    options = ["--push", "--patches", "patches", "--report", "review.html", "--format", "jsonl", "--state", "state"]
    return ["migrate", "@list.txt", *options, "--timeout", str(timeout), "--jobs", str(jobs)]


def run(folder: Path, args: Sequence[str]) -> bytes:
    """Run to the end; returns what it printed."""
    process = start(folder, args)
    out, err = process.communicate()
    assert process.returncode in (0, 1, 2), err.decode()
    assert b"Traceback" not in err, err.decode()
    return out


def run_killed(folder: Path, args: Sequence[str], *, kills: int, within: float, seed: int) -> bytes:
    """Run and kill at `kills` random instants, each within some seconds, and at last run to the end."""
    chance = random.Random(seed)
    for _ in range(kills):
        process = start(folder, args)
        time.sleep(chance.uniform(0.05, within))
        process.send_signal(signal.SIGKILL)
        process.communicate()
    return run(folder, args)


def start(folder: Path, args: Sequence[str]) -> subprocess.Popen[bytes]:
    """Start the program with an author of its own."""
    config = folder / "gitconfig"
    config.write_text("[user]\n\tname = Fleet Test\n\temail = fleet@example.com\n")
    env = {**os.environ, "GIT_CONFIG_GLOBAL": str(config), "GIT_CONFIG_NOSYSTEM": "1"}
    command = [sys.executable, "-m", "variantfix", *args]
    return subprocess.Popen(command, cwd=folder, env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE)


def left(folder: Path, lines: bytes) -> Left:
    """What a run left, without the folder's own name, and without when and by which words it was begun."""

    def plain(data: bytes) -> bytes:
        return data.replace(str(folder).encode(), b"/fleet")

    # A patch's file name holds a digest of the unit's name, and so of the folder's; its commit's id tells it.
    patches = {text.split()[1].decode(): text for f in (folder / "patches").iterdir() if (text := f.read_bytes())}
    bares = sorted((folder / "repositories").iterdir())
    page = _OF_THE_RUN.sub(b"", plain((folder / "review.html").read_bytes()))
    return Left(plain(lines), page, patches, {bare.name: branches(bare) for bare in bares})
