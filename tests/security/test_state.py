"""migrate trusts nothing that lies in a project: what was planted there writes, deletes and fills nothing."""

from __future__ import annotations

import hashlib
import json
import os
import sqlite3
import stat
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from tests.migrate.fleet import BROKEN, CLEAN
from tests.migrate.test_folders import write
from tests.migrate.test_work import AFTER, OPTIONS, folder_unit
from variantfix.__main__ import main
from variantfix.errors import InputError
from variantfix.migrate import state
from variantfix.migrate.journal import open_journal
from variantfix.migrate.plans import Planned, write_plan
from variantfix.migrate.unit import UnitOutcome, pack
from variantfix.migrate.work import migrate_unit

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.skipif(os.name != "posix", reason="owners, modes and links of POSIX")


@pytest.fixture
def clone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that somebody else filled, in which a migration is begun."""
    write(tmp_path / "clone", {"a/pyproject.toml": BROKEN})
    monkeypatch.chdir(tmp_path / "clone")
    return tmp_path / "clone"


def plant(folder: Path, victim: Path) -> None:
    """A journal with a plan that writes a file of the attacker's choice."""
    folder.mkdir(parents=True)
    digest = hashlib.sha256(victim.read_bytes()).hexdigest()
    plan = pack([(str(victim), digest, "evil\n"), (f"../../{victim.name}/pyproject.toml", digest, "evil\n")])
    with sqlite3.connect(folder / "journal.sqlite") as db:
        db.execute("create table meta (name text primary key, value text)")
        db.execute("create table units (seq integer, name, path, stage, result, error, repaired, remaining, commit_id,"
                   " seconds, tries)")  # fmt: skip
        db.execute("create table details (seq integer, findings, verdict, diff, plan, text)")
        db.execute("insert into units values (1, 'a', '', 'planned', 'changed', '', 1, 0, '', 0, 1)")
        db.execute("insert into details values (1, '[]', '', ?, ?, ?)", (b"", plan, b""))
    db.close()


def test_a_journal_in_the_current_folder_is_not_read(clone: Path, tmp_path: Path) -> None:
    victim = tmp_path / "victim"
    victim.write_text("mine\n")
    for name in ("migrate-00000000", "state"):
        plant(clone / ".variantfix" / name, victim)
    assert main(["migrate", ".", "--dry-run", "-q"]) == 1
    assert main(["migrate", ".", "-q"]) == 0
    assert victim.read_text() == "mine\n"


@pytest.mark.parametrize("mode", [0o755, 0o700], ids=["open to others", "shut"])
@pytest.mark.parametrize("args", [[], ["--dry-run"]], ids=["apply", "dry-run"])
def test_a_planted_journal_that_is_named_is_refused(
    mode: int, args: list[str], clone: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    victim = tmp_path / "victim"
    victim.write_text("mine\n")
    plant(clone / "state", victim)
    (clone / "state").chmod(mode)
    assert main(["migrate", "a", "--state", "state", "-q", *args]) == 2
    assert "made" in capsys.readouterr().err
    assert main(["migrate", "status", "--state", "state"]) == 2
    assert victim.read_text() == "mine\n"
    assert (clone / "a/pyproject.toml").read_text() == BROKEN


def test_links_in_place_of_state_lead_nowhere(clone: Path, tmp_path: Path) -> None:
    victim = tmp_path / "victim"
    write(victim, {"kept": "mine\n"})
    (clone / ".variantfix").symlink_to(victim)
    (clone / "state").symlink_to(victim)
    assert main(["migrate", "a", "-q"]) == 0
    assert main(["migrate", "a", "--state", "state", "-q"]) == 2
    assert [path.name for path in victim.iterdir()] == ["kept"]


@pytest.mark.parametrize("name", ["journal.sqlite", "journal.sqlite-wal", "lock.sqlite"])
def test_links_inside_of_a_state_are_refused(name: str, clone: Path, tmp_path: Path) -> None:
    victim = tmp_path / "victim"
    victim.write_bytes(b"")
    folder = state.make_own(clone / "state")
    (folder / name).symlink_to(victim)
    assert main(["migrate", "a", "--state", "state", "-q"]) == 2
    assert victim.read_bytes() == b""


@pytest.mark.parametrize("name", ["scratch", "claims"])
def test_links_in_place_of_its_folders_are_not_followed(name: str, clone: Path, tmp_path: Path) -> None:
    victim = tmp_path / "victim"
    write(victim, {"kept": "mine\n"})
    folder = state.make_own(clone / "state")
    (folder / name).symlink_to(victim)
    code = main(["migrate", "a", "--state", "state", "-q"])
    assert code == (0 if name == "scratch" else 2)
    assert [path.name for path in victim.iterdir()] == ["kept"]


def test_part_files_that_were_planted_as_links_are_not_written_to(clone: Path, tmp_path: Path) -> None:
    victim = tmp_path / "victim"
    victim.write_text("mine\n")
    for name in (".review.html.part", ".part", ".pyproject.toml.part"):
        (clone / name).symlink_to(victim)
        (clone / "a" / name).symlink_to(victim)
    assert main(["migrate", "a", "--report", "review.html", "-q"]) == 0
    assert victim.read_text() == "mine\n"
    assert (clone / "review.html").read_text().startswith("<!doctype html>")


def test_a_report_is_not_written_through_a_link(
    clone: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    victim = tmp_path / "victim"
    victim.write_text("mine\n")
    (clone / "review.html").symlink_to(victim)
    assert main(["migrate", "a", "--report", "review.html", "-q"]) == 2
    assert "review.html: a symbolic link, and none is followed" in capsys.readouterr().err
    assert victim.read_text() == "mine\n"


def test_the_state_is_the_users_alone(clone: Path) -> None:
    assert main(["migrate", ".", "-q"]) == 0
    assert sorted(path.name for path in clone.iterdir()) == ["a"]
    folder = state.user_folder()
    (made,) = (path for path in folder.iterdir() if path.name.startswith("migrate-") and _is_of(path, clone))
    for path in (folder, made, made / "claims"):
        assert stat.S_IMODE(path.stat().st_mode) == 0o700, path
    assert stat.S_IMODE((folder / "key").stat().st_mode) == 0o600


def _is_of(path: Path, clone: Path) -> bool:
    with sqlite3.connect(path / "journal.sqlite") as db:
        (found,) = db.execute("select value from meta where name = 'folder'").fetchone()
    db.close()
    return bool(found == str(clone))


def test_a_state_that_is_open_to_others_is_refused(tmp_path: Path) -> None:
    write(tmp_path / "s", {"x": ""})
    (tmp_path / "s").chmod(0o755)
    with pytest.raises(InputError, match="not a folder that variantfix made for you alone"):
        state.make_own(tmp_path / "s")
    (tmp_path / "empty").mkdir(mode=0o755)
    assert stat.S_IMODE(state.make_own(tmp_path / "empty").stat().st_mode) == 0o700


@pytest.mark.skipif(os.geteuid() != 0, reason="only root gives files to others")
def test_a_state_of_somebody_else_is_refused(tmp_path: Path) -> None:
    folder = state.make_own(tmp_path / "s")
    os.chown(folder, 1234, 1234)
    with pytest.raises(InputError, match="not a folder that variantfix made for you alone"):
        state.make_own(folder)


def test_two_runs_agree_on_one_key(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    proof = state.seal("a")
    assert state.is_sealed("a", proof)
    assert not state.is_sealed("b", proof)
    (tmp_path / "variantfix" / "key").write_bytes(b"short")
    monkeypatch.setattr(state, "_PATIENCE", 0.0)
    with pytest.raises(InputError, match="key: not a key"):
        state.seal("a")


@pytest.mark.parametrize(
    "name",
    ["../outside/pyproject.toml", "/etc/pyproject.toml", "setup.py", "linked/pyproject.toml", "../pyproject.toml"],
)
def test_a_plan_is_checked_against_its_unit(name: str, tmp_path: Path) -> None:
    write(tmp_path, {"outside/pyproject.toml": BROKEN, "top/setup.py": BROKEN, "pyproject.toml": BROKEN})
    (tmp_path / "top" / "linked").symlink_to(tmp_path / "outside")
    digest = hashlib.sha256(BROKEN.encode()).hexdigest()
    outcome = UnitOutcome("u", "changed", plan=pack([(name, digest, "evil\n")]))
    done = write_plan(Planned(folder_unit(tmp_path / "top"), outcome))
    assert done.result == "failed"
    assert "left alone" in done.error
    assert {path.read_text() for path in tmp_path.rglob("*.*") if path.is_file()} == {BROKEN}


def test_a_folder_that_becomes_a_link_is_not_written_through(tmp_path: Path) -> None:
    write(tmp_path, {"outside/pyproject.toml": BROKEN, "top/a/pyproject.toml": BROKEN})
    unit = replace(folder_unit(tmp_path / "top"), path="a")
    planned = migrate_unit(unit, OPTIONS)
    (tmp_path / "top/a/pyproject.toml").unlink()
    (tmp_path / "top/a").rmdir()
    (tmp_path / "top/a").symlink_to(tmp_path / "outside")
    assert write_plan(Planned(unit, planned)).result == "failed"
    assert (tmp_path / "outside/pyproject.toml").read_text() == BROKEN


def test_a_plan_of_ours_is_carried_out_by_the_next_run(tmp_path: Path) -> None:
    write(tmp_path / "top", {"pyproject.toml": BROKEN})
    planned = migrate_unit(folder_unit(tmp_path / "top"), OPTIONS)
    with open_journal(tmp_path / "s", {}) as journal:
        journal.register([folder_unit(tmp_path / "top")])
        journal.begin([folder_unit(tmp_path / "top")])
        journal.record([planned])
        (left,) = journal.planned([planned.name])
    assert write_plan(Planned(folder_unit(tmp_path / "top"), left)).result == "changed"
    assert (tmp_path / "top/pyproject.toml").read_text() == AFTER


def test_odd_names_stop_no_migration(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    top = os.fsencode(tmp_path / "top")
    names = [b"new\nline", b"caf\xe9", b"\x1b]0;title\x07", b":(glob)x", b"-dash", b"a'b\"c"]
    for name in names:
        os.makedirs(os.path.join(top, name))  # noqa: PTH103, PTH118  # bytes are no Path
        with open(os.path.join(top, name, b"pyproject.toml"), "w") as file:  # noqa: PTH118, PTH123
            file.write(BROKEN)
    write(tmp_path / "top", {"z/pyproject.toml": CLEAN})
    code = main(["migrate", str(tmp_path / "top"), "--format", "jsonl", "--report", str(tmp_path / "r.html")])
    out, err = capsys.readouterr()
    results = [json.loads(line)["result"] for line in out.splitlines()]
    assert (code, sorted(results)) == (0, ["changed"] * len(names) + ["clean"])
    assert not set("\x1b\x07").intersection(out + err)
    assert len(err.splitlines()) == len(names) + 1
