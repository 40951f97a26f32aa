"""What this machine has: its system, its processor, and the drivers of its accelerators, as their files tell.

Sources: NVIDIA's driver shows its version in /proc/driver/nvidia/version and by nvidia-smi; the kernel lists the
modules that are loaded in /sys/module; ROCm leaves its version in /opt/rocm/.info/version.
"""

from __future__ import annotations

import re
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

from variantfix.errors import ConfigError
from variantfix.namedtuple import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    Ask = Callable[[list[str]], str]
    """What a program prints; empty where it cannot be asked."""

VARIABLE = "VARIANTFIX_MACHINE"
_PATIENCE = 10.0
_SMI = ["nvidia-smi", "--query-gpu=driver_version", "--format=csv,noheader"]
_VERSION = re.compile(r"\d+(?:\.\d+)+")


class Machine(NamedTuple):
    """A system (as `sys.platform`) and processor; the NVIDIA driver's version, ROCm's, whether there is an Intel GPU.

    A driver that is there without a version is `?`. `told` says by what each was found.
    """

    system: str
    processor: str
    nvidia: str = ""
    amd: str = ""
    intel: bool = False
    told: tuple[str, ...] = ()


def read_machine(environ: Mapping[str, str], *, root: Path = Path("/"), ask: Ask | None = None) -> Machine:
    """Return this machine, or the one that the environment variable VARIANTFIX_MACHINE speaks of.

    It is `cpu`, `cuda=535.104.05`, `rocm=6.4` or `xpu`. Raises `ConfigError` for another value.
    """
    import platform

    bare = Machine(sys.platform, platform.machine())
    if forced := environ.get(VARIABLE, ""):
        return _forced(bare, forced)
    return _looked(bare, root, ask or _printed)


def _forced(bare: Machine, forced: str) -> Machine:
    kind, _, version = forced.partition("=")
    told = (f"{VARIABLE} says {forced}",)
    match kind:
        case "cpu":
            return bare._replace(told=told)
        case "cuda" if _VERSION.fullmatch(version) or version.isdecimal():
            return bare._replace(nvidia=version, told=told)
        case "rocm":
            return bare._replace(amd=version or "?", told=told)
        case "xpu":
            return bare._replace(intel=True, told=told)
    raise ConfigError(f"{VARIABLE}={forced}: not a machine", hint="cpu, cuda=DRIVER, rocm=VERSION or xpu")


def _looked(bare: Machine, root: Path, ask: Ask) -> Machine:
    nvidia, by = _nvidia(root, ask)
    told = [f"NVIDIA driver {nvidia}, by {by}"] if nvidia else []
    amd = ""
    if _is_there(root / "sys/module/amdgpu"):
        found = _VERSION.search(_text(root / "opt/rocm/.info/version"))
        amd = found[0] if found else "?"
        told.append("the amdgpu module is loaded" + (f", and ROCm {amd} installed" if found else ""))
    intel = _is_there(root / "sys/module/xe")
    told += ["the xe module is loaded"] if intel else []
    return bare._replace(nvidia=nvidia, amd=amd, intel=intel, told=tuple(told or ["no driver of a GPU was found"]))


def _nvidia(root: Path, ask: Ask) -> tuple[str, str]:
    """The version of the NVIDIA driver, and what told it."""
    text = _text(root / "proc/driver/nvidia/version")
    if found := re.search(r"NVRM version:.*?\s(\d+\.\d+(?:\.\d+)?)\s", text):
        return found[1], "/proc/driver/nvidia/version"
    found = _VERSION.match(ask(_SMI).strip())
    return (found[0], "nvidia-smi") if found else ("", "")


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""


def _is_there(path: Path) -> bool:
    try:
        return path.exists()
    except OSError:
        return False


def _printed(args: list[str]) -> str:
    from variantfix.process import ProgramError, run

    try:
        code, out, _ = run(args, cwd=None, env=None, deadline=time.monotonic() + _PATIENCE)
    except ProgramError:
        return ""
    return out if code == 0 else ""
