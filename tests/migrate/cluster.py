"""A real dask.distributed cluster on this machine: a scheduler and workers, each a process that can be killed."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@dataclass(frozen=True, slots=True)
class Cluster:
    """A running cluster; `workers` have no nannies, so that a killed one stays away."""

    address: str
    scheduler: subprocess.Popen[bytes]
    workers: tuple[subprocess.Popen[bytes], ...]


@contextmanager
def cluster(folder: Path, workers: int) -> Iterator[Cluster]:
    """A cluster that listens on the loopback interface only and keeps its files in a folder."""
    found = folder / "scheduler.json"
    common = ["--host", "127.0.0.1", "--no-dashboard"]
    scheduler = _start(folder, "dask_scheduler", *common, "--port", "0", "--scheduler-file", str(found))
    started: list[subprocess.Popen[bytes]] = []
    try:
        _wait_for(found, scheduler)
        options = ["--nthreads", "1", "--no-nanny", "--local-directory", str(folder), "--scheduler-file", str(found)]
        started += (_start(folder, "dask_worker", *common, *options) for _ in range(workers))
        import json

        yield Cluster(json.loads(found.read_text())["address"], scheduler, tuple(started))
    finally:
        for process in (*started, scheduler):
            process.kill()
            process.wait()


def _start(folder: Path, module: str, *args: str) -> subprocess.Popen[bytes]:
    with (folder / "cluster.log").open("ab") as log:
        command = [sys.executable, "-m", f"distributed.cli.{module}", *args]
        return subprocess.Popen(
            command, cwd=folder, stdout=log, stderr=log, env={**os.environ, "DASK_CONFIG": str(folder)}
        )


def _wait_for(file: Path, scheduler: subprocess.Popen[bytes]) -> None:
    end = time.monotonic() + 60
    while not (file.is_file() and file.read_text().endswith("}")):
        assert scheduler.poll() is None, (file.parent / "cluster.log").read_text()
        assert time.monotonic() < end, "the scheduler did not start"
        time.sleep(0.1)
