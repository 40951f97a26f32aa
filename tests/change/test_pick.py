"""`variantfix pick`: recorded machines, files below a root and what programs print, and the variants that fit them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tests.change.texts import FILE, PLAIN, add, default
from variantfix.__main__ import main
from variantfix.change.finish import look
from variantfix.change.pick import choices
from variantfix.detect.beside import NONE
from variantfix.errors import ConfigError
from variantfix.machine import Machine, read_machine
from variantfix.settings import Settings

if TYPE_CHECKING:
    from pathlib import Path

FOUR = add(PLAIN.replace("2.7", "2.9"), "cpu", "cu126", "gpu=cu130", "rocm7.2", "xpu").after[FILE]
OLD = add(PLAIN.replace('"torch>=2.7"', '"torch>=2.6,<2.8"'), "cu118", "cu126").after[FILE]
NVRM = (
    "NVRM version: NVIDIA UNIX x86_64 Kernel Module  535.104.05  Sat Aug 19 01:15:15 UTC 2023\n"
    "GCC version:  gcc version 12.2.0\n"
)
OPEN = "NVRM version: NVIDIA UNIX Open Kernel Module for x86_64  580.65.06  Release Build  (root)  Sun Jul 27\n"


def machine(root: Path, files: dict[str, str], prints: str = "") -> Machine:
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    found = read_machine({}, root=root, ask=lambda args: prints if args[0] == "nvidia-smi" else "")
    return found._replace(system="linux", processor="x86_64")


@pytest.mark.parametrize(
    ("files", "prints", "flags"),
    [
        ({}, "", ["--extra cpu"]),
        ({"proc/driver/nvidia/version": NVRM}, "", ["--extra cu126", "--extra cpu"]),
        ({"proc/driver/nvidia/version": OPEN}, "", ["--extra gpu", "--extra cu126", "--extra cpu"]),
        ({}, "470.57.02\n470.57.02\n", ["--extra cpu"]),
        ({}, "NVIDIA-SMI has failed because it couldn't communicate with the NVIDIA driver.", ["--extra cpu"]),
        (
            {"sys/module/amdgpu/version": "", "opt/rocm/.info/version": "7.2.0-1"},
            "",
            ["--extra rocm7.2", "--extra cpu"],
        ),
        ({"sys/module/amdgpu/version": ""}, "", ["--extra rocm7.2", "--extra cpu"]),
        ({"sys/module/xe/version": ""}, "", ["--extra xpu", "--extra cpu"]),
    ],
    ids=["none", "driver-535", "driver-580-open", "old-by-smi", "smi-fails", "rocm", "amdgpu", "intel"],
)
def test_recorded_machines(tmp_path: Path, files: dict[str, str], prints: str, flags: list[str]) -> None:
    found = choices(look({FILE: FOUR}, Settings(), NONE), machine(tmp_path, files, prints))
    assert [" ".join(choice.flags) for choice in found] == flags


def test_a_mac_and_linux_on_arm() -> None:
    meant = look({FILE: OLD}, Settings(), NONE)
    with pytest.raises(ConfigError, match="has no build for darwin"):
        choices(meant, Machine("darwin", "arm64"))
    assert [c.variant for c in choices(meant, Machine("linux", "aarch64", nvidia="535.104.05"))] == ["cu126"]


def test_what_is_too_old_is_told_with_what_would_do() -> None:
    meant = look({FILE: add(PLAIN, "cu126", "cu128").after[FILE]}, Settings(), NONE)
    with pytest.raises(
        ConfigError, match=r"driver 470.57 is older than 525, .* cu118 is the newest CUDA for driver 470"
    ):
        choices(meant, Machine("linux", "x86_64", nvidia="470.57"))
    with pytest.raises(ConfigError, match=r"there is no NVIDIA driver.*`variantfix add cpu` would do"):
        choices(meant, Machine("linux", "x86_64"))
    with pytest.raises(ConfigError, match="it has no variants"):
        choices(look({FILE: PLAIN}, Settings(), NONE), Machine("linux", "x86_64"))


def test_a_default_that_excludes_it_is_taken_out() -> None:
    text = default(add(PLAIN, "cpu", "cu128").after[FILE], "cu128").after[FILE]
    meant = look({FILE: text}, Settings(), NONE)
    assert choices(meant, Machine("linux", "x86_64"))[0].flags == ("--no-group", "torch-default", "--extra", "cpu")
    assert choices(meant, Machine("linux", "x86_64", nvidia="580.1"))[0].flags == ("--extra", "cu128")


def test_the_command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / FILE).write_text(FOUR)
    for forced, expected in (("cuda=535.104.05", "cu126"), ("cpu", "cpu"), ("rocm", "rocm7.2"), ("xpu", "xpu")):
        monkeypatch.setenv("VARIANTFIX_MACHINE", forced)
        monkeypatch.setattr("sys.platform", "linux")
        assert main(["pick", str(tmp_path), "-v"]) == 0
        out, err = capsys.readouterr()
        assert out == f"--extra {expected}\n"
        assert f"VARIANTFIX_MACHINE says {forced}" in err
    assert main(["pick", str(tmp_path), "--format", "json"]) == 0
    assert json.loads(capsys.readouterr().out)["flags"] == ["--extra", "xpu"]
    assert main(["pick", str(tmp_path), "--format", "xml"]) == 2
    monkeypatch.setenv("VARIANTFIX_MACHINE", "tpu")
    assert main(["pick", str(tmp_path)]) == 2
    assert "VARIANTFIX_MACHINE=tpu: not a machine" in capsys.readouterr().err


def test_this_machine_can_be_asked() -> None:
    assert read_machine({}).told
