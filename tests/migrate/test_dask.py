"""The same work on a real dask.distributed cluster, one worker of which is killed in mid-run."""

from __future__ import annotations

import json
import sqlite3
import time
from collections import deque
from typing import TYPE_CHECKING

from tests.migrate import kills
from tests.migrate.cluster import cluster
from tests.migrate.fleet import CLEAN, build
from variantfix.migrate.flow import Task, work_through
from variantfix.migrate.lanes import dask_lanes
from variantfix.migrate.unit import Options, Unit
from variantfix.migrate.work import migrate_batch

if TYPE_CHECKING:
    import subprocess
    from pathlib import Path


def _wait_until_done(folder: Path, count: int, process: subprocess.Popen[bytes]) -> None:
    """Wait until a journal has so many units that are done."""
    end = time.monotonic() + 90
    done = 0
    while done < count:
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < end, f"{done} of {count} units were done"
        time.sleep(0.05)
        journal = folder / "state" / "journal.sqlite"
        if journal.is_file():
            db = sqlite3.connect(f"file:{journal}?mode=ro", uri=True)
            try:
                (done,) = db.execute("select count(*) from units where stage in ('done', 'failed')").fetchone()
            except sqlite3.OperationalError:
                pass
            finally:
                db.close()


def test_a_worker_of_a_cluster_that_is_killed_loses_nothing(tmp_path: Path) -> None:
    here, there = (build(tmp_path / name, 40).folder for name in ("here", "there"))
    args = kills.arguments(timeout=60)
    (tmp_path / "cluster").mkdir()
    with cluster(tmp_path / "cluster", 2) as running:
        process = kills.start(there, [*args, "--dask", running.address])
        _wait_until_done(there, 5, process)
        running.workers[0].kill()
        lines, err = process.communicate()
    assert b"Traceback" not in err, err.decode()
    on_cluster = kills.left(there, lines)
    assert on_cluster == kills.left(here, kills.run(here, args))
    assert len(on_cluster.lines.splitlines()) == 40


def test_a_run_whose_cluster_goes_away_is_taken_up_again(tmp_path: Path) -> None:
    here, there = (build(tmp_path / name, 40).folder for name in ("here", "there"))
    args = kills.arguments(timeout=60)
    (tmp_path / "cluster").mkdir()
    with cluster(tmp_path / "cluster", 2) as running:
        process = kills.start(there, [*args, "--dask", running.address])
        _wait_until_done(there, 5, process)
        for server in (running.scheduler, *running.workers):
            server.kill()
        _, err = process.communicate(timeout=90)
    assert process.returncode == 2, err.decode()
    assert b"the same command goes on" in err
    assert kills.left(there, kills.run(there, args)) == kills.left(here, kills.run(here, args))


def test_no_scheduler_is_a_clear_error(tmp_path: Path) -> None:
    process = kills.start(tmp_path, ["migrate", str(tmp_path), "--dask", "tcp://127.0.0.1:9"])
    _, err = process.communicate()
    assert process.returncode == 2
    assert err.decode().startswith("error: --dask tcp://127.0.0.1:9: no scheduler answers"), err


def test_a_cluster_is_one_lane_that_keeps_what_it_holds_bounded(tmp_path: Path) -> None:
    units = tuple(Unit(f"x#{number}", "text", "x", str(number), text=CLEAN) for number in range(30))
    tasks = deque(Task(migrate_batch, (unit,), (Options(),)) for unit in units)
    with cluster(tmp_path, 1) as running, dask_lanes(running.address) as lanes:
        answers = list(work_through(lambda: tasks.popleft() if tasks else None, lanes, 60))
        assert (lanes.count, lanes.open().is_shared) == (1, True)
    found = {task.items[0].name: answer[0].result for task, answer in answers if isinstance(answer, tuple)}
    assert found == {unit.name: "clean" for unit in units}


def test_records_are_json(tmp_path: Path) -> None:
    folder = build(tmp_path / "fleet", 3).folder
    lines = kills.run(folder, kills.arguments(timeout=60))
    assert [json.loads(line)["result"] for line in lines.splitlines()] == ["failed", "changed", "changed"]
