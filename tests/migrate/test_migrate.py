"""The command from end to end, over folders, repositories and data sets."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.migrate.fleet import BROKEN, CLEAN, TEMPLATES, branches, make_repository
from tests.migrate.servers import bad_remotes
from tests.migrate.test_folders import write
from tests.migrate.test_work import AFTER
from variantfix.__main__ import main
from variantfix.migrate.journal import open_journal

if TYPE_CHECKING:
    from collections.abc import Callable

    Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Run `variantfix migrate` in a folder of its own; returns the exit code, stdout and stderr."""
    config = tmp_path / "gitconfig"
    config.write_text("[user]\n\tname = Ann\n\temail = ann@example.com\n")
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(config))
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")

    def run(*args: str) -> tuple[int, str, str]:
        code = main(["migrate", *args])
        out, err = capsys.readouterr()
        return code, out, err

    return run


@pytest.fixture
def here(tmp_path: Path) -> Path:
    return tmp_path / "here"


def test_nothing_found_is_said(run: Run) -> None:
    code, out, err = run(".", "--state", "s")
    assert (code, out, err) == (0, "", "no projects; journal: s\n")


def test_clean_projects_are_left_alone(run: Run, here: Path) -> None:
    write(here, {"a/pyproject.toml": CLEAN, "b/pyproject.toml": AFTER})
    assert run(".", "--state", "s") == (0, "", "2 clean; journal: s\n")
    assert (here / "b/pyproject.toml").read_text() == AFTER


def test_folders_are_repaired_and_bad_ones_stop_nobody(run: Run, here: Path) -> None:
    write(here, {"a/pyproject.toml": BROKEN, "b/pyproject.toml": "[project\n", "c/pyproject.toml": CLEAN})
    code, out, err = run(".", "gone", "--state", "s", "--jobs", "1")
    assert (code, out) == (2, "")
    assert sorted(err.splitlines()) == [
        "1 changed, 1 clean, 2 failed; journal: s",
        "changed  a: 2 repaired",
        "failed   b: pyproject.toml:1:9: not TOML: Expected ']' at the end of a table declaration (mend it first)",
        "failed   gone: no such file or folder",
    ]
    assert (here / "a/pyproject.toml").read_text() == AFTER
    assert (here / "b/pyproject.toml").read_text() == "[project\n"


def test_a_dry_run_writes_nothing_and_would_change_something(run: Run, here: Path) -> None:
    write(here, {"a/pyproject.toml": BROKEN})
    code, out, err = run(".", "--dry-run", "--format", "jsonl", "--state", "s")
    assert (code, err) == (1, "changed  a: 2 would be repaired\ndry run: 1 changed; journal: s\n")
    (record,) = map(json.loads, out.splitlines())
    assert (record["version"], record["unit"], record["result"], record["repaired"]) == (2, "a", "changed", 2)
    assert record["diff"].startswith("--- a/pyproject.toml\n+++ b/pyproject.toml\n")
    assert (here / "a/pyproject.toml").read_text() == BROKEN


def test_check_only_finds_and_writes_nothing(run: Run, here: Path) -> None:
    write(here, {"a/pyproject.toml": BROKEN})
    found = "found    a: 2 found (missing-conflict, missing-marker)\n1 found; journal: s\n"
    assert run(".", "--check-only", "--state", "s") == (1, "", found)


def test_the_same_command_again_does_nothing_again(run: Run, here: Path) -> None:
    write(here, {"a/pyproject.toml": BROKEN, "b/pyproject.toml": CLEAN})
    first = run(".", "--format", "jsonl")
    write(here, {"b/pyproject.toml": BROKEN})
    code, out, err = run(".", "--format", "jsonl")
    assert (code, out) == first[:2]
    assert err.startswith("1 changed, 1 clean; journal: ")
    assert Path(err.split("journal: ")[1].strip()).parent == Path(os.environ["XDG_STATE_HOME"], "variantfix")
    assert (here / "b/pyproject.toml").read_text() == BROKEN
    assert run(".", "--fresh", "--quiet") == (0, "", "")
    assert (here / "b/pyproject.toml").read_text() == AFTER
    assert sorted(path.name for path in here.iterdir()) == ["a", "b"]


def test_a_plan_that_a_killed_run_left_is_carried_out(run: Run, here: Path) -> None:
    write(here, {"a/pyproject.toml": BROKEN})
    assert run(".", "--state", "s")[0] == 0
    # The instant between the plan and its writing, as the journal of a killed run has it.
    write(here, {"b/pyproject.toml": BROKEN})
    assert run("b", "--state", "t", "--dry-run")[0] == 1
    assert run("b", "--state", "u", "--limit", "0")[0] == 0
    from variantfix.migrate.sources import units
    from variantfix.migrate.unit import Options
    from variantfix.migrate.work import migrate_unit

    facts = _facts(here / "u")
    with open_journal(here / "u", facts) as journal:
        (unit,) = units(["b"])
        journal.register([unit])
        journal.begin([unit])
        journal.record([migrate_unit(unit, Options())])
        assert journal.counts() == {"planned": 1}
    assert run("b", "--state", "u") == (0, "", "changed  b: 2 repaired\n1 changed; journal: u\n")
    assert (here / "b/pyproject.toml").read_text() == AFTER


def _facts(state: Path) -> dict[str, str]:
    import sqlite3

    db = sqlite3.connect(state / "journal.sqlite")
    own = "('version', 'identity', 'seal', 'folder', 'begun')"
    facts = dict(db.execute(f"select name, value from meta where name not in {own}").fetchall())
    db.close()
    return facts


def test_retry_takes_failed_ones_again(run: Run, here: Path) -> None:
    write(here, {"a/pyproject.toml": "[project\n", "b/pyproject.toml": CLEAN})
    assert run(".", "--state", "s")[0] == 2
    write(here, {"a/pyproject.toml": BROKEN})
    assert run(".", "--state", "s")[0] == 2
    code, _, err = run(".", "--state", "s", "--retry", "failed")
    assert (code, err) == (0, "changed  a: 2 repaired\n1 changed, 1 clean; journal: s\n")


def test_status_prints_the_table(run: Run, here: Path) -> None:
    write(here, {"a/pyproject.toml": BROKEN, "b/pyproject.toml": "[project\n"})
    run(".", "--jobs", "1")
    code, out, err = run("status")
    assert code == 0
    assert err.endswith(": .: 1 changed, 1 failed\n")
    header, *rows = out.splitlines()
    assert header.split() == ["stage", "result", "seconds", "tries", "repaired", "remaining", "unit"]
    assert [row.split(maxsplit=6)[i] for row in rows for i in (0, 1, 3, 4, 5, 6)] == [
        *("done", "changed", "1", "2", "0", "a"),
        *("failed", "failed", "1", "0", "0"),
        "b: pyproject.toml:1:9: not TOML: Expected ']' at the end of a table declaration (mend it first)",
    ]


def test_status_without_a_migration_is_an_error(run: Run) -> None:
    assert run("status") == (2, "", "error: no migration was begun in this folder (name its folder with --state)\n")


def test_only_takes_what_was_accepted(run: Run, here: Path) -> None:
    write(here, {f"{name}/pyproject.toml": BROKEN for name in "abc"})
    write(here, {"accepted.txt": "a\nc\n"})
    assert run(".", "--only", "@accepted.txt", "--state", "s", "-q") == (0, "", "")
    assert [(here / name / "pyproject.toml").read_text() == AFTER for name in "abc"] == [True, False, True]


def test_a_repository_gets_a_branch_a_patch_and_a_command(run: Run, here: Path) -> None:
    for name in ("broken", "clean"):
        make_repository(here / f"{name}.git", TEMPLATES["extras" if name == "broken" else "clean"])
    write(here, {"list.txt": "broken.git\nclean.git main\n"})
    command = 'printf "%s\\n" "$VARIANTFIX_UNIT $VARIANTFIX_BRANCH $VARIANTFIX_COMMIT" >> ' + str(here / "log")
    args = ["@list.txt", "--branch", "topic", "--push", "--patches", "out", "--exec", command, "--state", "s"]
    assert run(*args)[0] == 0
    commit = branches(here / "broken.git")["topic"]
    assert branches(here / "clean.git").keys() == {"main"}
    (patch,) = (here / "out").iterdir()
    assert patch.name.startswith("broken-")
    assert patch.read_text().startswith(f"From {commit} ")
    assert (here / "log").read_text() == f"broken.git topic {commit}\n"
    assert run(*args)[0] == 0
    assert (here / "log").read_text() == f"broken.git topic {commit}\n"


def test_without_being_told_nothing_is_pushed(run: Run, here: Path) -> None:
    make_repository(here / "a.git", TEMPLATES["extras"])
    before = branches(here / "a.git")
    assert run("a.git", "--patches", "out")[0] == 0
    assert branches(here / "a.git") == before


def test_a_command_that_fails_fails_its_unit_and_is_run_again_when_told(run: Run, here: Path) -> None:
    make_repository(here / "a.git", TEMPLATES["extras"])
    command = f"echo x >> {here}/log; echo 'to https://me:secret@example.com' >&2; exit 3"
    args = ["a.git", "--exec", command, "--state", "s"]
    code, _, err = run(*args)
    assert code == 2
    assert err.startswith("failed   a.git: 2 repaired, the command failed: to https://***@example.com\n")
    assert run(*args)[0] == 2
    assert (here / "log").read_text() == "x\n"
    assert run(*args, "--retry", "failed")[0] == 2
    assert (here / "log").read_text() == "x\nx\n"


def test_a_command_that_a_killed_run_began_is_not_run_again(run: Run, here: Path) -> None:
    make_repository(here / "a.git", TEMPLATES["extras"])
    args = ["a.git", "--exec", f"echo x >> {here}/log", "--state", "s"]
    run(*args)
    (claim,) = (here / "s/claims").iterdir()
    claim.write_text("")
    with open_journal(here / "s", _facts(here / "s")) as journal:
        journal.retry(["changed"])
    code, _, err = run(*args)
    assert code == 2
    assert "the command was begun by a run that was killed (look how far it came, then --retry failed)" in err
    assert (here / "log").read_text() == "x\n"


def test_a_command_that_hangs_is_ended(run: Run, here: Path) -> None:
    make_repository(here / "a.git", TEMPLATES["extras"])
    code, _, err = run("a.git", "--exec", "sleep 600", "--timeout", "3")
    assert code == 2
    assert err.startswith("failed   a.git: 2 repaired, the command failed: took too long\n")


def test_remotes_that_hang_or_forbid_fail_and_keep_credentials(run: Run) -> None:
    with bad_remotes() as remotes:
        code, out, err = run(*remotes, "--dry-run", "--timeout", "2", "--format", "jsonl")
    assert code == 2
    assert "secret" not in out + err
    errors = {record["unit"].rpartition("/")[2]: record["error"] for record in map(json.loads, out.splitlines())}
    assert errors["hangs.git"] == "took too long"
    assert errors["forbidden.git"].startswith("git clone: fatal: unable to access 'http://127.0.0.1:")


def test_a_data_set_is_repaired_into_another(run: Run, here: Path) -> None:
    rows = [
        {"path": f"{n}/pyproject.toml", "text": text, "n": n} for n, text in enumerate((CLEAN, BROKEN, "[project\n"))
    ]
    write(here, {"in.jsonl": "".join(json.dumps(row) + "\n" for row in rows)})
    code, _, err = run("--texts", "in.jsonl", "--output", "out.jsonl", "--state", "s", "--jobs", "1")
    assert (code, err.splitlines()[-1]) == (2, "1 changed, 1 clean, 1 failed; journal: s")
    after = [json.loads(line) for line in (here / "out.jsonl").read_text().splitlines()]
    assert after == [rows[0], {**rows[1], "text": AFTER}, rows[2]]


def test_a_report_is_written(run: Run, here: Path) -> None:
    write(here, {"a/pyproject.toml": BROKEN})
    assert run(".", "--dry-run", "--report", "review.html")[0] == 1
    page = (here / "review.html").read_text()
    assert '{"unit":"a","result":"changed"' in page
    assert '"mood":"dry run"' in page
    assert '"command":"variantfix migrate . --dry-run --report review.html"' in page
    run(".", "--dry-run", "--report", "again.html")
    assert (here / "again.html").read_text() == page.replace("review.html", "again.html")


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (["--dry-run", "--push"], "--dry-run and --check-only make no commit (leave out --push, --patches and --exec)"),
        (["--texts", "--push"], "--texts: a text has no repository (leave out --push, --patches, --exec and --verify)"),
        (["--output", "x"], "--output goes with --texts and one data set"),
        (["--retry", "fail"], "--retry fail: no such result (changed, clean, foreign, found, refused, failed)"),
        (["--format", "xml"], "--format: unknown format 'xml' (known: diff, github, json, jsonl, sarif, text)"),
        (["--branch", "a..b"], "--branch a..b: not the name of a branch"),
        (["--select", "x"], "command line: unknown rule 'x'"),
        (["--report", "gone/x.html"], "--report gone/x.html: there is no such folder (mkdir gone)"),
        (["--only", "@gone.txt"], "gone.txt: no such file or directory"),
    ],
)
def test_what_does_not_hold_together_is_a_usage_error(args: list[str], message: str, run: Run) -> None:
    code, out, err = run(".", *args)
    assert (code, out) == (2, "")
    assert f"error: {message}" in err


def test_another_migration_does_not_take_this_journal(run: Run) -> None:
    run(".", "--state", "s")
    code, _, err = run(".", "--state", "s", "--dry-run")
    assert code == 2
    assert err.startswith("error: s: the journal is of another migration: dry_run differ")
