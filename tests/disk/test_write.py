"""What is written: inside of the project, as it was read, by its owner, and nothing false is said of it."""

from __future__ import annotations

import hashlib
import os
import signal
import stat
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.migrate.fleet import BROKEN, CLEAN
from tests.migrate.test_folders import write
from tests.migrate.test_work import AFTER
from variantfix import Settings, disk, projects
from variantfix.__main__ import main
from variantfix.errors import ChangedError, InputError

pytestmark = pytest.mark.skipif(os.name != "posix", reason="owners, links and standard streams of POSIX")
ROOT = CLEAN + "\n[tool.uv.workspace]\nmembers = [MEMBERS]\n"


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    return tmp_path / "here"


@pytest.mark.parametrize("members", ['"../outside"', '"packages/*"', '"packages/../../outside"'])
@pytest.mark.parametrize("dry", [[], ["--dry-run"]], ids=["apply", "dry-run"])
def test_members_outside_are_left_alone_without_follow(
    members: str, dry: list[str], here: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write(tmp_path, {"outside/pyproject.toml": BROKEN, "here/pyproject.toml": ROOT.replace("MEMBERS", members)})
    (here / "packages").mkdir()
    (here / "packages" / "x").symlink_to(tmp_path / "outside")
    assert main(["apply", *dry]) == 2
    assert "lies outside of ., and is left alone (--follow repairs it too)" in capsys.readouterr().err
    assert (tmp_path / "outside/pyproject.toml").read_text() == BROKEN
    assert main(["apply", "--follow", *dry]) == len(dry)
    assert (tmp_path / "outside/pyproject.toml").read_text() == (BROKEN if dry else AFTER)


def test_a_file_that_links_out_is_left_alone_without_follow(here: Path, tmp_path: Path) -> None:
    write(tmp_path, {"outside/pyproject.toml": BROKEN})
    (here / "pyproject.toml").symlink_to(tmp_path / "outside" / "pyproject.toml")
    assert main(["check", "-q"]) == 1
    assert main(["apply", "-q"]) == main(["apply", "-q", "pyproject.toml"]) == 2
    assert (tmp_path / "outside/pyproject.toml").read_text() == BROKEN
    assert main(["apply", "-q", "--follow"]) == 0
    assert (tmp_path / "outside/pyproject.toml").read_text() == AFTER
    assert (here / "pyproject.toml").is_symlink()


def test_a_folder_that_is_named_by_a_link_is_the_users_choice(here: Path, tmp_path: Path) -> None:
    write(tmp_path, {"real/pyproject.toml": BROKEN})
    (here / "link").symlink_to(tmp_path / "real")
    assert main(["apply", "-q", "link"]) == 0


def test_an_edit_by_somebody_else_is_not_lost(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = here / "pyproject.toml"
    file.write_text(BROKEN)
    outcome = projects.process(".", Settings())
    file.write_text(BROKEN + "# mine\n")
    written = projects.write(outcome)
    assert isinstance(written, projects.Failed)
    assert isinstance(written.error, ChangedError)
    assert file.read_text() == BROKEN + "# mine\n"
    assert sorted(path.name for path in here.iterdir()) == ["pyproject.toml"]


def test_that_refusal_is_exit_1(
    here: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    file = here / "pyproject.toml"
    file.write_text(BROKEN)

    def edited(outcome: projects.Outcome) -> projects.Outcome:
        file.write_text(BROKEN + "# mine\n")
        return projects.write(outcome)

    monkeypatch.setattr("variantfix.cli.commands.write", edited)
    assert main(["apply"]) == 1
    out, err = capsys.readouterr()
    assert out == ""
    assert err.splitlines()[0] == (
        "error: pyproject.toml: was changed by somebody else after it was read (nothing was written)"
    )


def test_one_edit_by_somebody_else_stops_the_whole_workspace(here: Path) -> None:
    texts = {"pyproject.toml": BROKEN + ROOT.replace("MEMBERS", '"p/*"').split("\n\n", 1)[-1], "p/a/pyproject.toml": ""}
    texts["p/a/pyproject.toml"] = BROKEN.replace("NAME", "a")
    before = {here / name: (text, text + "# new\n") for name, text in texts.items()}
    write(here, texts)
    (here / "p/a/pyproject.toml").write_text("# mine\n")
    with pytest.raises(ChangedError):
        disk.write_texts(before)
    assert (here / "pyproject.toml").read_text() == texts["pyproject.toml"]


def test_paths_that_share_a_file_are_repaired_one_after_the_other(here: Path) -> None:
    write(here, {"pyproject.toml": BROKEN})
    assert main(["apply", "-q", ".", "pyproject.toml", "."]) == 0
    assert (here / "pyproject.toml").read_text() == AFTER


@pytest.mark.skipif(os.geteuid() != 0, reason="only root gives files to others")
def test_owner_and_mode_are_kept(here: Path) -> None:
    file = here / "pyproject.toml"
    file.write_text(BROKEN)
    os.chown(file, 1234, 1234)
    file.chmod(0o664)
    assert main(["apply", "-q"]) == 0
    found = file.stat()
    assert (found.st_uid, found.st_gid, stat.S_IMODE(found.st_mode)) == (1234, 1234, 0o664)


def test_what_cannot_be_given_to_its_owner_is_written_through(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = here / "pyproject.toml"
    file.write_text(BROKEN)
    number = file.stat().st_ino

    def refused(*_: object) -> None:
        raise PermissionError

    true = os.fstat
    monkeypatch.setattr(os, "fchown", refused)
    monkeypatch.setattr(
        os, "fstat", lambda handle: os.stat_result([*list(true(handle))[:4], 4321, *list(true(handle))[5:]])
        if Path(f"/proc/self/fd/{handle}").readlink().name == "pyproject.toml"
        else true(handle),
    )  # fmt: skip
    disk.write_texts({file: (BROKEN, AFTER)})
    assert (file.read_text(), file.stat().st_ino) == (AFTER, number)


def test_a_hard_link_is_written_through(here: Path) -> None:
    file, other = here / "pyproject.toml", here / "other.toml"
    file.write_text(BROKEN + "# " + "x" * 5000 + "\n")
    other.hardlink_to(file)
    assert main(["apply", "-q"]) == 0
    assert file.samefile(other)
    assert other.read_text() == AFTER + "# " + "x" * 5000 + "\n"
    disk.write_texts({file: (other.read_text(), CLEAN)})
    assert other.read_text() == CLEAN


def test_a_write_through_that_fails_leaves_the_old_text(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file, other = here / "pyproject.toml", here / "other.toml"
    file.write_text(BROKEN)
    other.hardlink_to(file)
    true, calls = os.write, []

    def full(handle: int, data: bytes) -> int:
        calls.append(handle)
        if len(calls) == 1:
            return true(handle, data[:100])
        if len(calls) == 2:
            raise OSError(28, "No space left on device")
        return true(handle, data)

    monkeypatch.setattr(os, "write", full)
    with pytest.raises(InputError, match="no space left on device"):
        disk.write_texts({file: (BROKEN, AFTER)})
    assert file.read_text() == BROKEN


def test_what_a_killed_run_left_is_swept_by_the_next(here: Path) -> None:
    write(here, {"pyproject.toml": BROKEN})
    code = "import os, sys; from pathlib import Path; from variantfix import disk; from variantfix.disk import write; "
    code += "write.move = lambda *_: (print('ready', flush=True), __import__('time').sleep(60)); "
    code += "disk.write_texts({Path('pyproject.toml'): (open('pyproject.toml').read(), 'new')})"
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE) as run:
        assert run.stdout is not None
        assert run.stdout.readline() == b"ready\n"
        held = [path.name for path in here.iterdir() if path.name.startswith(".variantfix-")]
        assert len(held) == 1
        # As long as that run lives, what it holds is not taken from it.
        disk.write_texts({here / "pyproject.toml": (BROKEN, BROKEN + "# x\n")})
        assert (here / held[0]).exists()
        run.send_signal(signal.SIGKILL)
    assert main(["apply", "-q"]) == 0
    assert [path.name for path in here.iterdir()] == ["pyproject.toml"]


def variantfix(*args: str, **streams: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "variantfix", *args]
    return subprocess.run(command, text=True, stderr=subprocess.PIPE, timeout=60, **streams)  # type: ignore[call-overload, no-any-return]


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no device that is full")
@pytest.mark.parametrize("args", [["apply"], ["apply", "--dry-run"], ["check"], ["check", "--format", "json"]])
def test_a_full_output_tells_the_truth(args: list[str], here: Path) -> None:
    write(here, {"pyproject.toml": BROKEN})
    with Path("/dev/full").open("w") as full:
        done = variantfix(*args, stdout=full)
    changed = (here / "pyproject.toml").read_text() != BROKEN
    assert changed == (args == ["apply"])
    words = "repaired all the same: pyproject.toml" if changed else "no project was changed"
    assert done.stderr.splitlines()[-1].endswith(f"the output cannot be written: no space left on device ({words})")
    assert done.returncode == 2
    assert "Traceback" not in done.stderr


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no device that is full")
@pytest.mark.parametrize("args", [["--help"], ["check", "--help"], ["--version"], ["schema"], []])
def test_what_is_not_ours_to_write_is_no_bug_of_ours(args: list[str], here: Path) -> None:
    with Path("/dev/full").open("w") as full:
        done = variantfix(*args, stdout=full)
    assert done.stderr == "error: the output cannot be written: no space left on device\n"
    assert done.returncode == 2


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no device that is full")
def test_progress_that_cannot_be_shown_is_no_bug_of_ours(here: Path) -> None:
    write(here, {"pyproject.toml": BROKEN})
    line = '"$0" -m variantfix migrate . --dry-run -j 1 2>/dev/full'
    done = subprocess.run(["sh", "-c", line, sys.executable], timeout=60, check=False)
    assert done.returncode == 2


@pytest.mark.skipif(os.name != "posix", reason="folders of POSIX")
@pytest.mark.parametrize("args", ["check", "apply --dry-run", "migrate . -j 1"])
def test_a_current_folder_that_is_gone_is_no_bug(args: str, here: Path) -> None:
    (here / "gone").mkdir()
    line = f'cd gone; rmdir ../gone; "$0" -m variantfix {args}'
    env = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
    command = ["sh", "-c", line, sys.executable]
    done = subprocess.run(command, stderr=subprocess.PIPE, text=True, timeout=60, check=False, env=env)
    assert done.returncode == 2
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (MemoryError(), "error: there is too little memory\n"),
        (OSError(24, "Too many open files"), "error: the system gives no more: too many open files\n"),
    ],
)
def test_what_the_system_lacks_is_no_bug(
    error: Exception, words: str, here: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise error

    write(here, {"pyproject.toml": BROKEN})
    monkeypatch.setattr("variantfix.report.text.summary", fail)
    assert main(["apply"]) == 2
    assert capsys.readouterr().err == words
    assert (here / "pyproject.toml").read_text() == BROKEN


def test_text_for_a_closed_output_is_no_bug(here: Path) -> None:
    line = '"$0" -m variantfix apply - >&-'
    command = ["sh", "-c", line, sys.executable]
    done = subprocess.run(command, input=BROKEN, stderr=subprocess.PIPE, text=True, timeout=60, check=False)
    assert done.returncode == 2
    assert "the output cannot be written: the stream is closed" in done.stderr


@pytest.mark.parametrize("args", [["apply"], ["check"], ["explain"], ["apply", "--dry-run"]])
def test_a_closed_output_is_no_bug(args: list[str], here: Path) -> None:
    write(here, {"pyproject.toml": BROKEN})
    line = f'"$0" -m variantfix {" ".join(args)} >&-'
    done = subprocess.run(
        ["sh", "-c", line, sys.executable], stderr=subprocess.PIPE, text=True, timeout=60, check=False
    )
    assert done.returncode == 2
    assert "Traceback" not in done.stderr
    assert "nothing was written" not in done.stderr


def test_a_bug_in_showing_comes_before_anything_is_written(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(here, {"pyproject.toml": BROKEN})
    monkeypatch.setattr("variantfix.report.text.summary", lambda *_, **__: 1 / 0)
    assert main(["apply"]) == 3
    assert (here / "pyproject.toml").read_text() == BROKEN


def test_nobody_waits_for_a_reader_of_an_output_file(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(here, {"pyproject.toml": BROKEN})
    os.mkfifo(here / "out")
    for args in (["check"], ["migrate", ".", "--dry-run"], ["migrate", ".", "--dry-run", "--report", "out"]):
        args += ["--output-file", "out"] if "--report" not in args else []
        assert main([*args, "--format", "json"]) == 2
        assert "out: nobody reads this pipe (begin to read it first)" in capsys.readouterr().err


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no device that is full")
@pytest.mark.parametrize("args", [["check"], ["migrate", ".", "--dry-run"]], ids=lambda args: args[0])
def test_an_output_file_that_is_full_is_no_bug(args: list[str], here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(here, {"pyproject.toml": BROKEN})
    assert main([*args, "--format", "json", "--output-file", "/dev/full"]) == 2
    assert "/dev/full: cannot be written: no space left on device" in capsys.readouterr().err


def test_what_reads_a_pipe_gets_the_output_file(here: Path) -> None:
    write(here, {"pyproject.toml": BROKEN})
    script = f"mkfifo p; cat p & {sys.executable} -m variantfix check --format json --output-file p; wait"
    done = subprocess.run(["sh", "-c", script], capture_output=True, check=True, timeout=60)
    assert done.stdout.startswith(b"{")


@pytest.mark.parametrize("args", ["apply", "apply --unsafe"])
def test_a_file_that_may_not_grow_is_no_bug(args: str, here: Path) -> None:
    write(here, {"pyproject.toml": BROKEN})
    line = f'ulimit -f 0; "$0" -m variantfix {args}'
    done = subprocess.run(["sh", "-c", line, sys.executable], capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 2
    assert "Traceback" not in done.stderr
    assert {path.name: path.read_text() for path in here.iterdir()} == {"pyproject.toml": BROKEN}


@pytest.mark.parametrize("command", ["check", "apply"])
def test_a_name_that_is_empty_is_not_the_current_folder(
    command: str, here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write(here, {"pyproject.toml": BROKEN})
    assert main([command, ""]) == 2
    assert "a path without a name (`.` is the current folder)" in capsys.readouterr().err
    assert (here / "pyproject.toml").read_text() == BROKEN


def test_a_file_that_is_read_only_is_left_alone(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever may write in the folder could replace it all the same."""
    write(here, {"pyproject.toml": BROKEN})
    monkeypatch.setattr(os, "access", lambda *_args, **_options: False)
    assert main(["apply", "-q"]) == 2
    with pytest.raises(InputError, match="cannot be written: the file is read-only"):
        disk.replace_below(here, Path("pyproject.toml"), hashlib.sha256(BROKEN.encode()).hexdigest(), AFTER)
    assert (here / "pyproject.toml").read_text() == BROKEN


def test_an_output_file_is_no_link_to_elsewhere(here: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(here, {"pyproject.toml": CLEAN})
    victim = tmp_path / "victim"
    victim.write_text("mine\n")
    (here / "out.json").symlink_to(victim)
    assert main(["check", "--format", "json", "--output-file", "out.json"]) == 2
    assert victim.read_text() == "mine\n"
    assert main(["check", "-q", "--format", "json", "--output-file", "/dev/null"]) == 0
    assert stat.S_ISCHR(Path("/dev/null").stat().st_mode)


def test_a_read_only_folder_is_a_clear_line(
    here: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    write(here, {"pyproject.toml": BROKEN})
    true = os.open

    def refused(path: str, flags: int, *args: int, **names: int) -> int:
        if flags & os.O_CREAT:
            raise PermissionError(13, "Permission denied")
        return true(path, flags, *args, **names)

    monkeypatch.setattr(os, "open", refused)
    assert main(["apply"]) == 2
    assert capsys.readouterr().err.splitlines()[0] == (
        "error: pyproject.toml: cannot be written: permission denied (the file is as it was)"
    )


def test_nobody_waits_for_a_reader_of_a_lock(here: Path) -> None:
    write(here, {"pyproject.toml": CLEAN})
    os.mkfifo(here / "uv.lock")
    begun = time.monotonic()
    assert main(["check", "-q"]) in (0, 2)
    assert time.monotonic() - begun < 5
