"""What is a leak, and what is a gap, in closures made by hand."""

from __future__ import annotations

import pytest

from tests.projects import project
from variantfix.detect.audit.leaks import Leak, find_gaps, find_leaks, standard
from variantfix.repair.plan import context
from variantfix.settings import Settings
from variantfix.toml import loads
from variantfix.uv.lock import Artifact, Closure, Files, Installed, Package, Selection, Source
from variantfix.uv.platforms import Host, hosts

LINUX, ARM, WINDOWS, MACOS = hosts("3.12")
CORP = "https://packages.example.com/simple"
WHL = "https://download.pytorch.org/whl"
SOME = Artifact("some.whl", 1)

Row = tuple[str, str, str]
"""A path of requirements, a version, an index."""

TORCH_CPU: Row = ("app[cpu] torch", "2.6.0+cpu", f"{WHL}/cpu")
TORCH_124: Row = ("app[cu124] torch", "2.6.0+cu124", f"{WHL}/cu124")
NUMPY: Row = ("app numpy", "2.0", CORP)


def installed(row: Row, artifact: Artifact | None = SOME) -> Installed:
    path = tuple(row[0].split())
    files = Files((), (artifact,) if artifact else ())
    package = Package(path[-1], row[1], Source("registry", row[2]), (), {}, {}, (), files)
    return Installed(package, LINUX, lambda: path)


def closure(rows: tuple[Row, ...], platform: Host, artifact: Artifact | None = SOME) -> Closure:
    return Closure(Selection(), platform, tuple(installed(row, artifact) for row in rows))


def judged(variant: str, rows: tuple[Row, ...], platform: Host, text: str = "") -> list[str]:
    ctx = context({"pyproject.toml": loads(text or project())}, Settings())
    (found,) = (v for v in ctx.variants if v.spelling == variant)
    return [_shown(leak) for leak in find_leaks(closure(rows, platform), standard(ctx, found))]


def _shown(leak: Leak) -> str:
    return f"{leak.package} {leak.version}: {leak.reason}"


def library(parent: str, name: str, version: str = "12.4") -> Row:
    return f"app {parent} {name}", version, CORP


@pytest.mark.parametrize(
    ("variant", "rows", "platform"),
    [
        pytest.param("cpu", (), LINUX, id="nothing at all"),
        pytest.param("cpu", (NUMPY, TORCH_CPU), LINUX, id="its own build"),
        pytest.param("cu124", (NUMPY, TORCH_124), WINDOWS, id="its own build, on Windows"),
        pytest.param("cpu", (("app[cpu] torch", "2.6.0", f"{WHL}/cpu"),), LINUX, id="the index tells, not the version"),
        pytest.param("cpu", (("app[cpu] torch", "2.6.0+cpu", CORP),), LINUX, id="a mirror's, told by its version"),
        pytest.param("cpu", (("app[cpu] torch", "2.6.0", CORP),), MACOS, id="macOS has but one build"),
        pytest.param("cpu", (("app[cpu] torch", "2.6.0", CORP),), WINDOWS, id="PyPI's is for CPU on Windows"),
        pytest.param("cpu", (("app[cpu] torch", "2.6.0", CORP),), ARM, id="PyPI's was for CPU on ARM"),
        pytest.param("cu124", (("app[cu124] torch", "2.6.0", CORP),), MACOS, id="a stand-in where there is no build"),
        pytest.param("cu124", (("app torch", "2.6.0", f"{WHL}/cpu"),), MACOS, id="a stand-in from the CPU index"),
        pytest.param("cpu", (("app xformers", "0.0.29", CORP),), LINUX, id="xformers has no CPU build"),
        pytest.param("cpu", (("app triton", "3.2.0", CORP),), LINUX, id="triton is the same everywhere"),
        pytest.param("cu124", (TORCH_124, library("torch", "nvidia-nccl-cu12")), LINUX, id="CUDA's libraries for CUDA"),
        pytest.param("cpu", (library("xgboost", "nvidia-nccl-cu12"),), LINUX, id="a library that xgboost brings"),
    ],
)
def test_no_leak(variant: str, rows: tuple[Row, ...], platform: Host) -> None:
    assert judged(variant, rows, platform) == []


@pytest.mark.parametrize(
    ("variant", "rows", "platform", "expected"),
    [
        pytest.param(
            "cpu",
            (TORCH_CPU, ("app[cpu] accelerate torch", "2.6.0+cu124", f"{WHL}/cu124")),
            LINUX,
            ["torch 2.6.0+cu124: a build for cu124, beside 2.6.0+cpu"],
            id="two builds: the other one leaks",
        ),
        pytest.param(
            "cpu",
            (("app torch", "2.6.0+cpu", f"{WHL}/cu124"),),
            LINUX,
            ["torch 2.6.0+cpu: a build for cu124"],
            id="the index is surer than the version",
        ),
        pytest.param(
            "cu124", (("app torch", "2.6.0", CORP),), LINUX, ["torch 2.6.0: not a build for cu124"], id="unrouted"
        ),
        pytest.param(
            "cpu",
            (TORCH_CPU, ("app timm torchvision", "0.21.0", CORP)),
            LINUX,
            ["torchvision 0.21.0: not a build for cpu"],
            id="an unrouted companion",
        ),
        pytest.param(
            "cpu", (("app torch", "2.12.0", CORP),), ARM, ["torch 2.12.0: not a build for cpu"], id="CUDA on ARM by now"
        ),
        pytest.param(
            "cu124",
            (TORCH_124, ("app torchvision", "0.21.0", CORP)),
            WINDOWS,
            ["torchvision 0.21.0: not a build for cu124"],
            id="PyPI's companion on Windows",
        ),
        pytest.param(
            "cu124",
            (("app torch", "2.6.0+cpu", f"{WHL}/cpu"),),
            WINDOWS,
            ["torch 2.6.0+cpu: a build for cpu"],
            id="the CPU build where there is one for CUDA",
        ),
        pytest.param(
            "cpu",
            (library("torch", "nvidia-cudnn-cu12"), ("app torch", "2.6.0", CORP)),
            LINUX,
            ["torch 2.6.0: not a build for cpu", "nvidia-cudnn-cu12 12.4: a CUDA library"],
            id="the cause stands before what it brings",
        ),
        pytest.param(
            "cu124",
            (library("torch", "nvidia-cudnn-cu11", "11.8"),),
            LINUX,
            ["nvidia-cudnn-cu11 11.8: a library of CUDA 11"],
            id="another CUDA's library",
        ),
        pytest.param(
            "cpu",
            (("app numpy", "1.0", CORP), NUMPY),
            LINUX,
            ["numpy 1.0: a second build, beside 2.0", "numpy 2.0: a second build, beside 1.0"],
            id="any package twice",
        ),
    ],
)
def test_a_leak(variant: str, rows: tuple[Row, ...], platform: Host, expected: list[str]) -> None:
    assert judged(variant, rows, platform) == expected


def test_a_mirror_is_known_by_its_url() -> None:
    mirror = "https://token@packages.example.com/torch/"
    text = project().replace(f'"{WHL}/cpu"', f'"{mirror}"')
    row = ("app[cpu] torch", "2.6.0", "https://packages.example.com/torch")
    assert judged("cpu", (row,), LINUX, text) == []
    assert judged("cpu", (("app[cpu] torch", "2.6.0", CORP),), LINUX, text) == ["torch 2.6.0: not a build for cpu"]


def test_the_bare_project_has_no_accelerator() -> None:
    (leak,) = find_leaks(closure((TORCH_CPU, ("app torch", "2.6.0", CORP)), LINUX), None)[:1]
    assert _shown(leak) == "torch 2.6.0: a second build, beside 2.6.0+cpu"
    assert find_leaks(closure((("app torch", "2.6.0", CORP), library("torch", "nvidia-nccl-cu12")), LINUX), None) == ()


@pytest.mark.parametrize(
    ("variant", "row", "platform", "artifact", "reasons"),
    [
        pytest.param("cpu", TORCH_CPU, LINUX, SOME, [], id="a wheel of its own"),
        pytest.param("cpu", NUMPY, LINUX, None, [], id="an ordinary package"),
        pytest.param("cpu", ("app torch", "2.6.0", CORP), MACOS, SOME, [], id="macOS has but one build"),
        pytest.param("cu124", TORCH_124, MACOS, None, ["no wheel"], id="no wheel"),
        pytest.param(
            "cu124",
            ("app torch", "2.6.0", CORP),
            MACOS,
            SOME,
            ["a build without cu124, from the default index"],
            id="PyPI's build stands in",
        ),
        pytest.param(
            "cu124",
            ("app torch", "2.6.0", f"{WHL}/cpu"),
            MACOS,
            SOME,
            ["a build without cu124, from its CPU index"],
            id="the CPU build stands in",
        ),
        pytest.param("cu124", ("app torch", "2.6.0", CORP), LINUX, SOME, [], id="a leak is no gap"),
    ],
)
def test_gaps(variant: str, row: Row, platform: Host, artifact: Artifact | None, reasons: list[str]) -> None:
    ctx = context({"pyproject.toml": loads(project())}, Settings())
    (found,) = (v for v in ctx.variants if v.spelling == variant)
    gaps = find_gaps(closure((row,), platform, artifact), standard(ctx, found))
    assert [gap.reason for gap in gaps] == reasons


def test_what_the_sources_leave_out_is_a_gap() -> None:
    ctx = context({"pyproject.toml": loads(project().replace(" or sys_platform == 'win32'", ""))}, Settings())
    (found,) = (v for v in ctx.variants if v.spelling == "cu124")
    windows = closure((("app torch", "2.6.0", CORP),), WINDOWS)
    assert find_leaks(windows, standard(ctx, found)) == ()
    assert [gap.package for gap in find_gaps(windows, standard(ctx, found))] == ["torch"]
