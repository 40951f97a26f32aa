"""What becomes of one unit, for every kind of it; and doing it again changes nothing."""

from __future__ import annotations

import dataclasses
import json
from typing import TYPE_CHECKING

import pytest

from tests.migrate.fleet import BROKEN, CLEAN, TEMPLATES, UNFIXABLE, branches, make_repository
from tests.migrate.test_folders import write
from tests.migrate.test_kills import EXPECTED
from variantfix.change import retag
from variantfix.disk import MOST_TEXT
from variantfix.migrate.plans import Planned, write_plan
from variantfix.migrate.told import line, remedy
from variantfix.migrate.unit import Options, Unit, UnitOutcome, unpack
from variantfix.migrate.views import report
from variantfix.migrate.work import migrate_batch, migrate_unit
from variantfix.repair.pipeline import apply_text
from variantfix.settings import Settings

if TYPE_CHECKING:
    from pathlib import Path

OPTIONS = Options(author=("Ann", "ann@example.com"))
AFTER = apply_text(BROKEN).after["pyproject.toml"]


def text_unit(text: str) -> Unit:
    return Unit("x#1", "text", "x", "1", text=text)


UNCHANGED = '[["pyproject.toml", false]]'


def timeless(outcome: UnitOutcome) -> UnitOutcome:
    return dataclasses.replace(outcome, seconds=0.0)


def test_a_clean_text_is_left_alone() -> None:
    assert timeless(migrate_unit(text_unit(CLEAN), OPTIONS)) == UnitOutcome("x#1", "clean", files=UNCHANGED)


def test_a_text_is_repaired_and_comes_back_whole() -> None:
    outcome = migrate_unit(text_unit(BROKEN), OPTIONS)
    assert (outcome.result, outcome.repaired, outcome.remaining, outcome.error) == ("changed", 2, 0, "")
    assert unpack(outcome.text) == AFTER
    assert unpack(outcome.diff).startswith("--- a/pyproject.toml\n+++ b/pyproject.toml\n@@ ")
    assert [finding["rule"] for finding in json.loads(outcome.findings)] == ["missing-conflict", "missing-marker"]
    assert {finding["status"] for finding in json.loads(outcome.findings)} == {"repaired"}
    assert json.loads(outcome.files) == [["pyproject.toml", True]]


@pytest.mark.parametrize(
    ("text", "options", "result", "error"),
    [
        (BROKEN, Options(check_only=True), "found", ""),
        (CLEAN, Options(check_only=True), "clean", ""),
        (AFTER.replace("dependencies = []", 'dependencies = ["torch>=2.7"]'), OPTIONS, "refused", ""),
        (
            "[project\n",
            OPTIONS,
            "failed",
            "pyproject.toml:1:9: not TOML: Expected ']' at the end of a table declaration",
        ),
        ("[tool.black]\n", OPTIONS, "foreign", "pyproject.toml: not for uv: there is no [project] table"),
        ("#" * (MOST_TEXT + 1), OPTIONS, "failed", f"longer than {MOST_TEXT} characters"),
    ],
    ids=["check-only", "check-only-clean", "left-to-the-user", "not-toml", "no-project", "too-long"],
)
def test_results(text: str, options: Options, result: str, error: str) -> None:
    outcome = migrate_unit(text_unit(text), options)
    assert outcome.result == result
    assert outcome.error.startswith(error)
    assert bool(outcome.error) == bool(error)


def test_a_tag_is_followed_where_there_is_one() -> None:
    options = Options(change=retag.Request({"cu128": "cu130"}))
    followed = migrate_unit(text_unit(AFTER), options)
    assert followed.result == "changed"
    assert unpack(followed.text) == AFTER.replace("cu128", "cu130")
    assert migrate_unit(text_unit(CLEAN), options).result == "clean"


def test_a_bug_of_ours_is_an_outcome(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_args: object, **_kwargs: object) -> None:
        raise RuntimeError("at https://me:secret@example.com")

    monkeypatch.setattr("variantfix.migrate.part.repair_texts", broken)
    outcomes = migrate_batch([text_unit(BROKEN), text_unit(BROKEN)], OPTIONS)
    assert [(outcome.result, outcome.error) for outcome in outcomes] == [
        ("failed", "a bug of variantfix: RuntimeError: at https://***@example.com")
    ] * 2


def folder_unit(folder: Path, path: str = "") -> Unit:
    return Unit("u", "folder", str(folder), path)


def test_a_folder_is_planned_first_and_written_then(tmp_path: Path) -> None:
    write(tmp_path, {"a/pyproject.toml": BROKEN})
    planned = migrate_unit(folder_unit(tmp_path, "a"), OPTIONS)
    assert (tmp_path / "a/pyproject.toml").read_text() == BROKEN
    assert planned.plan
    done = write_plan(Planned(folder_unit(tmp_path, "a"), planned))
    assert (done.result, done.plan) == ("changed", b"")
    assert (tmp_path / "a/pyproject.toml").read_text() == AFTER
    assert write_plan(Planned(folder_unit(tmp_path, "a"), planned)) == done
    assert timeless(migrate_unit(folder_unit(tmp_path, "a"), OPTIONS)) == UnitOutcome("u", "clean", files=UNCHANGED)


def test_a_workspace_is_repaired_as_one(tmp_path: Path) -> None:
    texts = {name: data.decode() for name, data in TEMPLATES["workspace"].items()}
    write(tmp_path, texts)
    planned = migrate_unit(folder_unit(tmp_path), OPTIONS)
    assert str(tmp_path) not in planned.findings + unpack(planned.diff) + planned.error
    assert {finding["file"] for finding in json.loads(planned.findings)} == {
        "pyproject.toml",
        "packages/x/pyproject.toml",
    }
    write_plan(Planned(folder_unit(tmp_path), planned))
    assert (tmp_path / "packages/x/pyproject.toml").read_text() != texts["packages/x/pyproject.toml"]
    assert (tmp_path / "packages/y/pyproject.toml").read_text() == texts["packages/y/pyproject.toml"]


def test_a_file_that_changed_in_the_meantime_is_left_alone(tmp_path: Path) -> None:
    write(tmp_path, {"pyproject.toml": BROKEN})
    planned = migrate_unit(folder_unit(tmp_path), OPTIONS)
    write(tmp_path, {"pyproject.toml": CLEAN})
    outcome = write_plan(Planned(folder_unit(tmp_path), planned))
    assert (outcome.result, outcome.error) == (
        "failed",
        "pyproject.toml: was changed in the meantime (--retry failed)",
    )
    assert (tmp_path / "pyproject.toml").read_text() == CLEAN
    assert line(outcome).startswith(f"{outcome.name}: 2 not repaired, pyproject.toml: was changed")
    assert [file.written for file in report([outcome], writes=True).files] == [False]


def test_a_file_that_went_away_fails(tmp_path: Path) -> None:
    write(tmp_path, {"pyproject.toml": BROKEN})
    planned = migrate_unit(folder_unit(tmp_path), OPTIONS)
    (tmp_path / "pyproject.toml").unlink()
    assert write_plan(Planned(folder_unit(tmp_path), planned)).error == (
        "pyproject.toml: cannot be written: no such file or directory (the file is as it was)"
    )


def test_what_a_killed_write_left_is_swept_up_and_nothing_else(tmp_path: Path) -> None:
    write(tmp_path, {"pyproject.toml": BROKEN})
    planned = migrate_unit(folder_unit(tmp_path), OPTIONS)
    write(tmp_path, {".variantfix-0123456789abcdef": AFTER[:100], ".variantfix-mine": BROKEN + "# mine\n"})
    write_plan(Planned(folder_unit(tmp_path), planned))
    assert sorted(path.name for path in tmp_path.iterdir()) == [".variantfix-mine", "pyproject.toml"]


@pytest.mark.parametrize("options", [Options(dry_run=True), Options(check_only=True)], ids=["dry-run", "check-only"])
def test_without_leave_a_folder_has_no_plan(options: Options, tmp_path: Path) -> None:
    write(tmp_path, {"pyproject.toml": BROKEN})
    outcome = migrate_unit(folder_unit(tmp_path), options)
    assert outcome.plan == b""
    assert outcome.result == ("changed" if options.dry_run else "found")


def test_links_do_not_lead_out_of_a_folder(tmp_path: Path) -> None:
    write(tmp_path, {"outside/pyproject.toml": BROKEN, "top/inside/pyproject.toml": BROKEN})
    for name, target in {
        "out": tmp_path / "outside" / "pyproject.toml",
        "in": tmp_path / "top" / "inside" / "pyproject.toml",
        "nowhere": tmp_path / "gone",
        "loop": tmp_path / "top" / "loop" / "pyproject.toml",
    }.items():
        (tmp_path / "top" / name).mkdir()
        (tmp_path / "top" / name / "pyproject.toml").symlink_to(target)
    found = {
        name: migrate_unit(folder_unit(tmp_path / "top", name), OPTIONS) for name in ("out", "in", "nowhere", "loop")
    }
    assert {name: (outcome.result, outcome.error) for name, outcome in found.items()} == {
        "out": ("failed", "pyproject.toml: leads out of what is to be migrated"),
        "in": ("changed", ""),
        "nowhere": ("failed", "there is no pyproject.toml in this folder (name a file or another folder)"),
        "loop": ("failed", "pyproject.toml: too many levels of symbolic links"),
    }


def test_members_do_not_lead_out_of_a_folder(tmp_path: Path) -> None:
    root = CLEAN + '\n[tool.uv.workspace]\nmembers = ["packages/*"]\n'
    write(tmp_path, {"outside/x/pyproject.toml": BROKEN, "top/pyproject.toml": root})
    (tmp_path / "top" / "packages").symlink_to(tmp_path / "outside")
    outcome = migrate_unit(folder_unit(tmp_path / "top"), OPTIONS)
    assert (outcome.result, outcome.error) == (
        "failed",
        "packages/x/pyproject.toml: leads out of what is to be migrated",
    )


@pytest.mark.parametrize("template", TEMPLATES)
def test_every_kind_of_repository(template: str, tmp_path: Path) -> None:
    bare = tmp_path / "bare.git"
    make_repository(bare, TEMPLATES[template])
    before = branches(bare)
    (tmp_path / "scratch").mkdir()
    options = dataclasses.replace(OPTIONS, scratch=str(tmp_path / "scratch"))
    outcome = migrate_unit(Unit("u", "git", bare.as_uri()), options)
    assert outcome.result == EXPECTED[template], outcome.error
    assert timeless(migrate_unit(Unit("u", "git", bare.as_uri()), options)) == timeless(outcome)
    assert branches(bare) == before
    assert list((tmp_path / "scratch").iterdir()) == []
    assert bool(outcome.commit) == (outcome.result == "changed")


def test_a_folder_of_a_repository_is_taken_alone(tmp_path: Path) -> None:
    bare = tmp_path / "bare.git"
    make_repository(bare, TEMPLATES["two-projects"])
    found = {
        path: migrate_unit(Unit("u", "git", bare.as_uri(), path), Options(dry_run=True))
        for path in ("one", "two", "three")
    }
    assert {path: (outcome.result, outcome.error.partition(" (")[0]) for path, outcome in found.items()} == {
        "one": ("changed", ""),
        "two": ("failed", "two/pyproject.toml:1:9: not TOML: Expected ']' at the end of a table declaration"),
        "three": ("failed", "three: there is no pyproject.toml in this folder"),
    }
    assert unpack(found["one"].diff).startswith("--- a/one/pyproject.toml\n")


def test_a_dry_run_makes_no_commit(tmp_path: Path) -> None:
    make_repository(tmp_path / "bare.git", TEMPLATES["extras"])
    outcome = migrate_unit(Unit("u", "git", (tmp_path / "bare.git").as_uri()), Options(dry_run=True))
    assert (outcome.result, outcome.commit) == ("changed", "")
    assert unpack(outcome.diff).startswith("--- a/pyproject.toml\n")


def test_the_message_lists_what_was_repaired(tmp_path: Path) -> None:
    make_repository(tmp_path / "bare.git", TEMPLATES["extras"])
    outcome = migrate_unit(Unit("u", "git", (tmp_path / "bare.git").as_uri()), OPTIONS)
    assert (
        "Subject: [PATCH] Keep the PyTorch variants apart\n\nvariantfix repaired:\n\n"
        "- pyproject.toml: [missing-conflict] add a conflict set\n"
        "- pyproject.toml: [missing-marker] add the marker"
    ) in unpack(outcome.diff)


def test_unsafe_fixes_need_leave() -> None:
    safe, unsafe = (migrate_unit(text_unit(UNFIXABLE), Options(Settings(unsafe=leave))) for leave in (None, True))
    assert (safe.result, safe.remaining) == ("changed", 2)
    left = [remedy(finding) for finding in json.loads(safe.findings) if finding["status"] == "open"]
    assert [remedy.startswith("with --unsafe: ") for remedy in left] == [True, True]
    assert unsafe.remaining < safe.remaining
