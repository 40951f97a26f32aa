"""What a project says is shown, and never sent to the terminal as it is."""

from __future__ import annotations

import io
import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.migrate.fleet import BROKEN, CLEAN
from tests.migrate.test_folders import write
from variantfix.__main__ import main
from variantfix.repair.diff import quoted
from variantfix.report.paint import painter
from variantfix.terminal import Guard, behind, guarded, one_line, plain

if TYPE_CHECKING:
    from pathlib import Path

EVIL = "\x1b]0;title\x07\x1b[2J\x9b31m\u202e\r\x7f"
FORBIDDEN = set("\x1b\x07\x9b\u202e\x7f")
AS_TOML = EVIL.encode("unicode_escape").decode().replace("\\x", "\\u00").replace("\\r", "\\u000d")
NAMED = (
    BROKEN.replace('"pytorch-cu128"', f'"{AS_TOML}"', 1)
    .replace("cu128 = [", f'"{AS_TOML}" = ["torch"]\ncu128 = [')
    .replace("dependencies = []", f'dependencies = ["{AS_TOML}"]')
)


@given(st.text())
def test_nothing_but_tabs_and_line_ends_is_left(text: str) -> None:
    left = {c for c in plain(text) if ord(c) < 32 or 127 <= ord(c) < 160}
    assert left <= {"\t", "\n", "\r"}
    assert "\r" not in plain(text).replace("\r\n", "")
    assert not {"\t", "\n", "\r"}.intersection(one_line(text))
    plain(text).encode()


@pytest.mark.parametrize("text", [NAMED, NAMED.replace(f'dependencies = ["{AS_TOML}"]', "dependencies = []")])
@pytest.mark.parametrize("args", [["check", "-v"], ["check", "--format", "github"], ["apply", "--dry-run"], ["apply"]])
@pytest.mark.parametrize("colour", ["", "1"])
def test_names_and_messages(
    text: str,
    args: list[str],
    colour: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("FORCE_COLOR", colour)
    monkeypatch.delenv("NO_COLOR", raising=False)
    write(tmp_path, {"pyproject.toml": text})
    assert main(args) in (0, 1, 2)
    shown = "".join(capsys.readouterr())
    if colour:
        shown = _without_ours(shown)
    assert not FORBIDDEN.intersection(shown)


def _without_ours(text: str) -> str:
    """The text without the styles that variantfix itself gives it."""
    import re

    return re.sub(r"\x1b\[(?:[0-9]+(?:;[0-9]+)*)?m", "", text)


def test_a_style_in_a_name_is_not_ours() -> None:
    stream = io.StringIO()
    guard = guarded(stream)
    guard.write("a \x1b[31mred\x1b[0m name\n")
    assert "\x1b" not in stream.getvalue()
    assert "\\x1b[31mred" in stream.getvalue()
    assert guarded(guard) is guard
    assert behind(guard) is stream
    assert behind(stream) is stream


def test_our_own_styles_come_through(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.delenv("NO_COLOR", raising=False)
    stream = io.StringIO()
    guard = guarded(stream)
    guard.writelines([painter(guard)("bold \x1b[5m", "bold"), "\n"])
    assert stream.getvalue() == "\x1b[1mbold \\x1b[5m\x1b[0m\n"


@pytest.mark.skipif(os.name != "posix", reason="names of POSIX")
@pytest.mark.parametrize("name", ["new\nline.toml", "\x1b[2J.toml", os.fsdecode(b"caf\xe9.toml"), "tab\t.toml"])
@pytest.mark.parametrize("form", ["text", "json", "sarif", "github", "diff"])
def test_paths(
    name: str, form: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    write(tmp_path, {name: BROKEN})
    assert main(["check", name, "--format", form]) == 1
    assert main(["apply", name, "--dry-run", "--format", form]) == 1
    out, err = capsys.readouterr()
    assert "\x1b" not in out + err
    assert "\nline.toml" not in out + err
    (out + err).encode()


def test_a_name_in_a_diff_is_written_as_git_does() -> None:
    assert quoted("a/b.toml") == "a/b.toml"
    assert quoted('a/"\n') == '"a/\\"\\n"'


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "utf-8"])
@pytest.mark.parametrize("args", [["check"], ["apply", "--dry-run"], ["explain", "base-torch"], ["check", "nope-é"]])
def test_every_encoding_will_do(encoding: str, args: list[str], tmp_path: Path) -> None:
    write(tmp_path, {"pyproject.toml": BROKEN.replace("NAME", "a").replace("cu128 = [", '"é→" = ["torch"]\ncu128 = [')})
    env = {**os.environ, "PYTHONIOENCODING": encoding, "PYTHONUTF8": "0"}
    done = subprocess.run([sys.executable, "-m", "variantfix", *args], cwd=tmp_path, env=env, capture_output=True)
    assert done.returncode in (0, 1, 2), done.stderr
    assert b"Traceback" not in done.stderr


def test_a_clean_project_costs_no_escape() -> None:
    stream = io.StringIO()
    assert Guard(stream).write(CLEAN) == len(CLEAN)
    assert stream.getvalue() == CLEAN
