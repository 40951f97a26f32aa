"""Finding uv, and all that can go wrong in running it. These uvs are scripts."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path
from types import SimpleNamespace

import pytest

from tests.projects import ALONE
from variantfix.errors import ConfigError, VerifyError
from variantfix.uv.program import Uv, find_uv, lock

pytestmark = pytest.mark.skipif(os.name == "nt", reason="the uvs of these tests are shell scripts")


def script(folder: Path, body: str, version: str = "0.13.9") -> Path:
    """A program that tells a version, and else does as its body says."""
    folder.mkdir(parents=True, exist_ok=True)
    program = folder / "uv"
    program.write_text(f'#!/bin/sh\n[ "$1" = --version ] && echo "uv {version} (today)" && exit 0\n{body}\n')
    program.chmod(0o755)
    return program


def test_the_users_own_uv_goes_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program = script(tmp_path / "bin", "", "0.9.30")
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    assert find_uv() == Uv(str(program), "0.9.30")


def test_the_uv_of_the_python_package_stands_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program = script(tmp_path / "package", "", "0.6.0")
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setitem(sys.modules, "uv", SimpleNamespace(find_uv_bin=lambda: str(program)))
    assert find_uv() == Uv(str(program), "0.6.0")


def _no_package() -> str:
    raise FileNotFoundError


@pytest.mark.parametrize("package", [None, SimpleNamespace(find_uv_bin=_no_package)], ids=["no package", "no program"])
def test_no_uv_at_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, package: object) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setitem(sys.modules, "uv", package)
    with pytest.raises(VerifyError) as caught:
        find_uv()
    hint = "install uv, or the extra that brings it: variantfix[verify]"
    assert str(caught.value) == f"there is no uv on PATH ({hint})"


@pytest.mark.parametrize(
    ("version", "admitted"),
    [
        pytest.param("0.4.30", False, id="before conflicts"),
        pytest.param("0.5.1", False, id="the last without conflicts"),
        pytest.param("0.5.2", True, id="the first with conflicts"),
        pytest.param("1.0.0-alpha.1", True, id="a pre-release"),
    ],
)
def test_a_uv_without_conflicts_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, version: str, *, admitted: bool
) -> None:
    script(tmp_path, "", version)
    monkeypatch.setenv("PATH", str(tmp_path))
    if admitted:
        assert find_uv().version == version
        return
    with pytest.raises(VerifyError, match=rf"^uv {version} at .*/uv is too old: conflicts need at least 0.5.2"):
        find_uv()


def test_a_program_that_is_no_uv_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "uv").write_text("#!/bin/sh\necho broken >&2\nexit 3\n")
    (tmp_path / "uv").chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(VerifyError) as caught:
        find_uv()
    assert (str(caught.value), caught.value.words) == (f"{tmp_path}/uv is no uv that runs (reinstall uv)", "broken")


def test_a_program_that_cannot_be_run_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "uv").write_text("no program")
    (tmp_path / "uv").chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(VerifyError, match=r"uv cannot be run: exec format error \(reinstall uv\)$"):
        find_uv()


def refusal(tmp_path: Path, body: str) -> tuple[str, str]:
    """The message and the words of a lock that fails; the folder is `tmp_path / "p"`."""
    program = script(tmp_path / "bin", body)
    (tmp_path / "p").mkdir()
    with pytest.raises(VerifyError) as caught:
        lock(Uv(str(program), "0.13.9"), tmp_path / "p", no_build=False)
    return str(caught.value), caught.value.words


def test_uvs_words_are_kept_without_place_and_credentials(tmp_path: Path) -> None:
    body = 'echo "error: at $PWD/pyproject.toml, file://$PWD and https://me:secret@h.example.com" >&2; exit 2'
    assert refusal(tmp_path, body) == (
        "uv 0.13.9 refuses to lock it",
        "error: at <project>/pyproject.toml, <project> and https://***@h.example.com",
    )


def test_no_network_is_told_apart(tmp_path: Path) -> None:
    body = 'echo "error: Failed to fetch: dns error: failed to lookup address information" >&2; exit 2'
    message, words = refusal(tmp_path, body)
    assert message == "uv 0.13.9 could not reach an index (is there a network?)"
    assert words.startswith("error: Failed to fetch")


def test_a_narrow_terminal_does_not_break_what_uv_says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "0")
    body = 'echo "error: dns error: failed to lookup address information" | fold -s -w "$((COLUMNS + 1))" >&2; exit 2'
    message, _ = refusal(tmp_path, body)
    assert message == "uv 0.13.9 could not reach an index (is there a network?)"


def test_a_uv_that_takes_too_long_is_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VARIANTFIX_UV_TIMEOUT", "0.4")
    body = f"echo slow >&2; echo $$ > {tmp_path}/pid; exec sleep 60"
    message, _ = refusal(tmp_path, body)
    assert message == "uv 0.13.9 did not finish within 0.4 s (VARIANTFIX_UV_TIMEOUT sets the seconds)"
    assert not is_running(int((tmp_path / "pid").read_text()))


def test_a_time_out_that_is_no_number(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VARIANTFIX_UV_TIMEOUT", "soon")
    with pytest.raises(ConfigError, match=r"^VARIANTFIX_UV_TIMEOUT is not a number of seconds: 'soon'$"):
        lock(Uv("uv", "0.13.9"), tmp_path, no_build=False)


def test_what_would_lead_uv_astray_is_not_passed_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("UV_FROZEN", "1")
    monkeypatch.setenv("UV_PROJECT", "/elsewhere")
    monkeypatch.setenv("UV_INDEX_CORP_PASSWORD", "kept")
    body = 'echo "$* ${UV_FROZEN-no} ${UV_PROJECT-no} $UV_INDEX_CORP_PASSWORD" > said'
    lock(Uv(str(script(tmp_path, body)), "0.13.9"), tmp_path, no_build=True)
    assert (tmp_path / "said").read_text() == "lock --no-build no no kept\n"


def is_running(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    # A process that has ended stays until its parent asks for it.
    status = Path(f"/proc/{process}/stat")
    return not status.exists() or re.search(r"\) Z ", status.read_text()) is None


def test_an_interrupt_ends_uv_and_leaves_nothing(tmp_path: Path) -> None:
    script(tmp_path / "bin", f"echo $$ > {tmp_path}/pid.new; mv {tmp_path}/pid.new {tmp_path}/pid; exec sleep 60")
    scratch, project = tmp_path / "tmp", tmp_path / "project"
    scratch.mkdir()
    project.mkdir()
    text = ALONE.replace("conflicts =", "x =")
    (project / "pyproject.toml").write_text(text)
    environment = os.environ | {"PATH": f"{tmp_path / 'bin'}:/usr/bin:/bin", "TMPDIR": str(scratch)}
    command = [sys.executable, "-m", "variantfix", "apply", "--verify", str(project)]
    with subprocess.Popen(command, env=environment, stderr=subprocess.PIPE, text=True) as run:
        deadline = time.monotonic() + 30
        while not (tmp_path / "pid").exists():
            assert time.monotonic() < deadline
            assert run.poll() is None, run.communicate()
            time.sleep(0.02)
        run.send_signal(signal.SIGINT)
        _, said = run.communicate(timeout=30)
    assert (run.returncode, said) == (130, "")
    assert not is_running(int((tmp_path / "pid").read_text()))
    assert list(scratch.iterdir()) == []
    assert (project / "pyproject.toml").read_text() == text
