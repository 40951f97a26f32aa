"""`variantfix builds`: which torch exists, and how that is known."""

from __future__ import annotations

import io
import json
import sys

import pytest

from variantfix.cli import commands
from variantfix.cli.app import run
from variantfix.errors import ConfigError
from variantfix.pytorch import query

CUDA_ELSEWHERE = """\
elsewhere: pypi.jetson-ai-lab.io/jp6/cu126 (NVIDIA Jetson, linux-aarch64)
elsewhere: pypi.nvidia.com/nvtorch_oot (NVIDIA, win-arm64): torch 2.14.0+cu134
elsewhere: wheels.astral.sh/simple/<tag> (Astral): flash-attn and other extensions of torch, built for the tag; no torch
elsewhere: download.pytorch.org/whl (PyTorch): several tags at once
elsewhere: download.pytorch.org/whl/preview/<name> (PyTorch): several tags at once
"""


def told(capsys: pytest.CaptureFixture[str], *args: str) -> tuple[int, str, str]:
    code = run(["builds", *args])
    said = capsys.readouterr()
    return code, said.out, said.err


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_a_terminal_gets_lines_that_fit(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = Terminal()
    monkeypatch.setattr(sys, "stdout", terminal)
    monkeypatch.setenv("COLUMNS", "80")
    assert run(["builds"]) == 0
    lines = terminal.getvalue().splitlines()
    assert max(map(len, lines)) <= 80
    assert lines[0] == "torch  accelerator  Pythons              known"
    assert any(line.startswith("    linux-aarch64 linux-x86_64 win-amd64; PyPI's on ") for line in lines)


def rows(out: str) -> list[str]:
    return [line.split()[0] for line in out.splitlines()[1:] if not line.startswith("elsewhere: ")]


def test_which_cuda_for_a_torch_a_python_and_a_system(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = told(capsys, "--torch", "2.9", "--python", "3.14", "--platform", "windows")
    assert code == 0
    assert out == (
        "torch  accelerator  platforms  Pythons       known\n"
        "2.9    cpu          win-amd64  3.10 to 3.14  seen; PyPI's on win-amd64\n"
        "2.9    cu126        win-amd64  3.10 to 3.14  seen\n"
        "2.9    cu128        win-amd64  3.10 to 3.14  seen\n"
        "2.9    cu129        win-amd64  3.10 to 3.14  seen\n"
        "2.9    cu130        win-amd64  3.10 to 3.14  seen\n"
        "2.9    xpu          win-amd64  3.10 to 3.14  seen\n"
    )


def test_one_accelerator_newest_first_with_doubt(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = told(capsys, "cu129")
    assert code == 0
    assert rows(out) == ["2.13", "2.11", "2.10", "2.9", "2.8"]
    assert "(linux-aarch64: announced) linux-x86_64" in out.splitlines()[1]


def test_a_python_without_the_lock(capsys: pytest.CaptureFixture[str]) -> None:
    _, out, _ = told(capsys, "cpu", "--python", "3.15t")
    assert rows(out) == ["2.15"]
    assert "3.11 to 3.15, 3.15t" in out


def test_a_trap_is_told_and_is_no_build(capsys: pytest.CaptureFixture[str]) -> None:
    assert told(capsys, "cu134") == (
        1,
        "cu134: its index has old builds alone (2.0.0), which an open bound gets\n" + CUDA_ELSEWHERE,
        "no build of torch is known for that\n",
    )


def test_nothing_is_there(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, err = told(capsys, "cu118", "--torch", ">=2.8")
    assert (code, out, err) == (1, CUDA_ELSEWHERE, "no build of torch is known for that\n")


def test_as_data(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = told(capsys, "cu132", "--torch", "2.15.0", "--platform", "Linux", "--format", "json")
    assert code == 0
    assert json.loads(out) == {
        "version": 1,
        "builds": [
            {
                "torch": "2.15",
                "patches": ["2.15.0"],
                "accelerator": "cu132",
                "index": "https://download.pytorch.org/whl/cu132",
                "platforms": {"linux-aarch64": "announced", "linux-x86_64": "announced"},
                "pythons": ["3.11", "3.12", "3.13", "3.14", "3.15", "3.15t"],
                "pypi": ["linux-aarch64", "linux-x86_64"],
                "certainty": "announced",
                "released": "2026-10",
                "released_on": {"2.15.0": "2026-10-28"},
            }
        ],
        "traps": {},
        "elsewhere": [each._asdict() | {"platforms": [*each.platforms]} for each in query.elsewhere("cu132", "linux")],
    }


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        (("cu13", "", "", ""), "unknown accelerator 'cu13' .did you mean 'cu130'"),
        (("", "", "", "amiga"), "unknown platform 'amiga'"),
        (("", "two", "", ""), "--torch two: "),
        (("", ">=two", "", ""), "--torch >=two: "),
    ],
)
def test_what_nobody_knows_is_refused(asked: tuple[str, str, str, str], said: str) -> None:
    with pytest.raises(ConfigError, match=said):
        commands.builds(*asked)


def test_a_patch_and_a_range() -> None:
    assert {found.patches for found in query.find("cpu", "2.9.1")} == {("2.9.1",)}
    assert [found.torch for found in query.find("cpu", ">=2.8,<2.10")] == ["2.9", "2.8"]


@pytest.mark.parametrize(
    ("tag", "platform", "expected"),
    [
        ("rocm7.2", "", {"AMD", "PyTorch"}),
        ("cu126", "windows", {"Astral", "PyTorch"}),
        ("cu126", "linux-aarch64", {"NVIDIA Jetson", "Astral", "PyTorch"}),
        ("cu134", "win-arm64", {"NVIDIA", "Astral", "PyTorch"}),
        ("cpu", "", {"PyTorch"}),
        ("", "", {"AMD", "Astral", "NVIDIA", "NVIDIA Jetson", "PyTorch"}),
    ],
)
def test_other_indexes_are_told_by_kind_and_platform(tag: str, platform: str, expected: set[str]) -> None:
    assert {each.of for each in query.elsewhere(tag, platform)} == expected


def test_other_indexes_are_no_noise_where_no_tag_is_asked_for(capsys: pytest.CaptureFixture[str]) -> None:
    assert "elsewhere" not in told(capsys, "--torch", "2.9")[1]
