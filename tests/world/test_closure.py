"""What counts as a leak and as a gap, case by case."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pytest

from tests.world.closure import exported, gaps, leaks

if TYPE_CHECKING:
    from tests.world.closure import Closure

_LEAKS = [
    ("cpu", "linux-x86_64", (), ()),
    ("cpu", "linux-x86_64", (("numpy", "2.5.0"), ("torch", "2.9.1+cpu")), ()),
    ("cpu", "macos-arm64", (("torch", "2.9.1"),), ()),
    ("cpu", "linux-aarch64", (("torch", "2.5.1"),), ()),
    (
        "cu128",
        "linux-x86_64",
        (("nvidia-cudnn-cu12", "2.5.0"), ("triton", "3.5.1"), ("xformers", "0.0.33.post2")),
        (),
    ),
    ("cpu", "linux-x86_64", (("xformers", "0.0.33.post2"),), ()),
    ("rocm6.4", "linux-x86_64", (("torchcodec", "0.8.0"),), ()),
    ("cu118", "linux-aarch64", (("torch", "2.7.1"),), ()),
    ("cpu", "win-amd64", (("torch", "2.9.1"),), ()),
    ("cpu", "linux-aarch64", (("torch", "2.9.1"),), ("torch 2.9.1: not a build for cpu",)),
    ("cu118", "linux-x86_64", (("torch", "2.9.1"),), ("torch 2.9.1: not a build for cu118",)),
    ("cpu", "win-amd64", (("torch", "2.9.1+cu128"),), ("torch 2.9.1+cu128: a build for cu128",)),
    ("cpu", "linux-x86_64", (("xformers", "0.0.33+cu128"),), ("xformers 0.0.33+cu128: a build for cu128",)),
    ("cu124", "linux-x86_64", (("xformers", "0.0.35"),), ("xformers 0.0.35: not a build for cu124",)),
    ("xpu", "linux-x86_64", (("triton-rocm", "3.6.0"),), ("triton-rocm 3.6.0: nothing for xpu",)),
    (
        "cu128",
        "linux-x86_64",
        (("nvidia-nccl-cu13", "1"),),
        ("nvidia-nccl-cu13 1: a CUDA library, not for cu128",),
    ),
    ("cpu", "linux-x86_64", (("nvidia-ml-py", "1"),), ()),
    ("cpu", "linux-x86_64", (("numpy", "1"), ("numpy", "2")), ("numpy: 2 builds, 1 and 2",)),
]


@pytest.mark.parametrize(
    ("tag", "platform", "closure", "expected"),
    _LEAKS,
    ids=[
        "nothing",
        "own-build",
        "macos-has-no-local-version",
        "aarch64-had-none-before-2.6",
        "cuda-libraries-of-cuda",
        "not-hosted-for-cpu",
        "not-hosted-for-rocm",
        "no-own-build-on-aarch64",
        "pypis-windows-build-is-cpu",
        "pypi-on-aarch64",
        "pypi-newer-than-the-index",
        "other-accelerator-on-windows",
        "other-accelerator-where-not-hosted",
        "pypi-version-that-the-index-lacks",
        "other-triton",
        "libraries-of-another-cuda",
        "nvidia-but-no-library",
        "two-builds",
    ],
)
def test_leaks(tag: str, platform: str, closure: Closure, expected: tuple[str, ...]) -> None:
    assert leaks(closure, tag, platform) == expected


@pytest.mark.parametrize(
    ("tag", "platform", "closure", "expected"),
    [
        ("cu128", "linux-x86_64", (("torch", "2.9.1+cu128"),), ()),
        ("cu128", "macos-arm64", (("torch", "2.9.1"),), ()),
        ("cpu", "win-amd64", (("torch", "2.9.1"),), ()),
        ("rocm6.4", "win-amd64", (("torch", "2.9.1"),), ()),
        (
            "cu128",
            "macos-arm64",
            (("torch", "2.9.1+cu128"),),
            ("torch 2.9.1+cu128: no wheel for macos-arm64",),
        ),
        (
            "cu118",
            "linux-aarch64",
            (("torch", "2.7.1+cu118"),),
            ("torch 2.7.1+cu118: no wheel for linux-aarch64",),
        ),
        ("cu128", "win-amd64", (("torch", "2.9.1"),), ("torch 2.9.1: PyPI's build, without cu128",)),
        ("xpu", "macos-arm64", (("triton-xpu", "3.6.0"),), ("triton-xpu 3.6.0: no wheel for macos-arm64",)),
    ],
    ids=[
        "own-build",
        "pypi-on-macos",
        "pypis-windows-build-is-cpu",
        "rocm-has-no-windows",
        "local-version-on-macos",
        "cuda-11.8-on-aarch64",
        "pypi-on-windows",
        "triton-on-macos",
    ],
)
def test_gaps(tag: str, platform: str, closure: Closure, expected: tuple[str, ...]) -> None:
    assert gaps(closure, tag, platform) == expected


def test_exported_evaluates_markers_per_platform() -> None:
    text = """\
# a comment
numpy==2.5.0
torch==2.9.1 ; sys_platform == 'darwin'
torch==2.9.1+cpu ; sys_platform != 'darwin' and python_full_version >= '3.10'
triton==3.5.1 ; platform_machine == 'x86_64' and sys_platform == 'linux'
colorama==1.0 ; os_name == 'nt' and platform_system == 'Windows'
    # via click
"""
    plain = (("numpy", "2.5.0"), ("torch", "2.9.1+cpu"))
    assert exported(text, sys.executable) == {
        "linux-x86_64": (*plain, ("triton", "3.5.1")),
        "linux-aarch64": plain,
        "win-amd64": (("colorama", "1.0"), *plain),
        "macos-arm64": (("numpy", "2.5.0"), ("torch", "2.9.1")),
    }
