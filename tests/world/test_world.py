"""The world shows uv's known failures and their remedies, with the real uv: other tests can trust it."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest

from tests.world.closure import gaps, leaks
from tests.world.judge import BARE, Selection
from tests.world.judge import judge as judge_in
from tests.world.server import serve
from variantfix.pytorch import catalog

if TYPE_CHECKING:
    from pathlib import Path

    from tests.conftest import Judge
    from tests.world.closure import Closure

CPU, CU124, CU128 = (Selection((extra,)) for extra in ("cpu", "cu124", "cu128"))

_HEAD = """
[project]
name = "app"
version = "0.1.0"
requires-python = ">=3.10"
"""
_INDEX = """
[[tool.uv.index]]
name = "pytorch-{tag}"
url = "https://download.pytorch.org/whl/{tag}"
explicit = true
"""
_INDEXES = _INDEX.format(tag="cpu") + _INDEX.format(tag="cu128")
_TORCH = """
torch = [{ index = "pytorch-cpu", extra = "cpu" }, { index = "pytorch-cu128", extra = "cu128" }]
"""
_CONFLICTS = """
[tool.uv]
conflicts = [[{ extra = "cpu" }, { extra = "cu128" }]]
"""


def _app(extras: str, sources: str = _TORCH, rest: str = _CONFLICTS + _INDEXES) -> dict[str, str]:
    """A project with these extras and sources; by default torch is routed, and `cpu` and `cu128` conflict."""
    text = f"{_HEAD}\n[project.optional-dependencies]\n{extras}\n[tool.uv.sources]\n{sources}\n{rest}"
    return {"pyproject.toml": text}


def _accelerate(sources: str = "", indexes: str = "") -> dict[str, str]:
    """The founding report: torch routed per extra, accelerate under both."""
    requirements = '["torch>=2.5.1,<2.10", "accelerate==0.26.1"]'
    torch = _TORCH.replace("cu128", "cu124")
    rest = (_CONFLICTS + _INDEXES).replace("cu128", "cu124") + indexes
    return _app(f"cpu = {requirements}\ncu124 = {requirements}", torch + sources, rest)


_SHARED = _accelerate()
_SPLIT = _accelerate(
    'accelerate = [{ index = "pypi-cpu", extra = "cpu" }, { index = "pypi-cu124", extra = "cu124" }]',
    "".join(
        f'[[tool.uv.index]]\nname = "pypi-{tag}"\nurl = "{catalog.PYPI_SIMPLE}#{tag}"\nexplicit = true\n'
        for tag in ("cpu", "cu124")
    ),
)


def _versions(closure: Closure, *names: str) -> list[str]:
    return [f"{name} {version}" for name, version in closure if name in names]


def _all_leaks(closure: Closure, tag: str) -> tuple[str, ...]:
    return leaks(closure, tag, "linux-x86_64")


@pytest.mark.uv
@pytest.mark.parametrize("project", [_SHARED, _SPLIT], ids=["conflict-markers", "fragment-indexes"])
def test_newest_uv_isolates_a_shared_dependent(judge: Judge, project: dict[str, str]) -> None:
    verdict = judge(project, [CPU, CU124])

    assert (verdict.locked, verdict.error, dict(verdict.refused)) == (True, "", {})
    assert list(verdict.closures) == [BARE, CPU, CU124]
    found = {
        (selection.extras, platform): (
            _versions(closure, "torch"),
            leaks(closure, selection.extras[0], platform),
            gaps(closure, selection.extras[0], platform),
        )
        for selection, closures in verdict.closures.items()
        if selection != BARE
        for platform, closure in closures.items()
    }
    cuda = "torch 2.6.0+cu124"
    assert found == {
        (("cpu",), "linux-x86_64"): (["torch 2.9.1+cpu"], (), ()),
        (("cpu",), "linux-aarch64"): (["torch 2.9.1+cpu"], (), ()),
        (("cpu",), "win-amd64"): (["torch 2.9.1+cpu"], (), ()),
        (("cpu",), "macos-arm64"): (["torch 2.9.1"], (), ()),
        (("cu124",), "linux-x86_64"): ([cuda], (), ()),
        (("cu124",), "linux-aarch64"): ([cuda], (), (f"{cuda}: no wheel for linux-aarch64",)),
        (("cu124",), "win-amd64"): ([cuda], (), ()),
        (("cu124",), "macos-arm64"): ([cuda], (), (f"{cuda}: no wheel for macos-arm64",)),
    }


@pytest.mark.uv
def test_uv_0_5_5_installs_both_torch_builds_under_a_shared_dependent(judge: Judge, uv_0_5_5: Path) -> None:
    verdict = judge(_SHARED, [CPU, CU124], uv=uv_0_5_5)

    (closure,) = verdict.closures[CPU].values()
    assert _versions(closure, "accelerate", "torch", "triton") == [
        "accelerate 0.26.1",
        "torch 2.6.0+cu124",
        "torch 2.9.1+cpu",
        "triton 3.2.0",
    ]
    assert _all_leaks(closure, "cpu") == (
        "nvidia-cublas-cu12 2.5.0: a CUDA library, not for cpu",
        "nvidia-cudnn-cu12 2.5.0: a CUDA library, not for cpu",
        "nvidia-nccl-cu12 2.5.0: a CUDA library, not for cpu",
        "torch 2.6.0+cu124: a build for cu124",
        "torch: 2 builds, 2.6.0+cu124 and 2.9.1+cpu",
    )
    assert list(verdict.closures[CU124].values()) == [closure]


@pytest.mark.uv
def test_uv_0_5_5_isolates_a_dependent_with_an_index_of_its_own_per_extra(judge: Judge, uv_0_5_5: Path) -> None:
    verdict = judge(_SPLIT, [CPU, CU124], uv=uv_0_5_5)

    (cpu,), (cuda,) = (verdict.closures[selection].values() for selection in (CPU, CU124))
    assert _versions(cpu, "accelerate", "torch", "triton") == ["accelerate 0.26.1", "torch 2.9.1+cpu"]
    assert _versions(cuda, "accelerate", "torch", "triton") == [
        "accelerate 0.26.1",
        "torch 2.6.0+cu124",
        "triton 3.2.0",
    ]
    assert (_all_leaks(cpu, "cpu"), _all_leaks(cuda, "cu124")) == ((), ())
    assert f'registry = "{catalog.PYPI_SIMPLE}#cu124"' in verdict.lock_text


@pytest.mark.uv
def test_without_conflicts_uv_refuses_in_its_own_words(judge: Judge) -> None:
    verdict = judge(_app('cpu = ["torch<2.10"]\ncu128 = ["torch<2.10"]', rest=_INDEXES))

    assert (verdict.locked, dict(verdict.closures), verdict.lock_text) == (False, {}, "")
    words = " ".join(verdict.error.split())
    assert words.startswith("error: ")
    assert words.endswith(
        "Requirements contain conflicting indexes for package `torch` in all marker environments:"
        " - https://download.pytorch.org/whl/cpu - https://download.pytorch.org/whl/cu128"
    )


@pytest.mark.uv
def test_unrouted_torchvision_comes_from_pypi(judge: Judge) -> None:
    requirements = '["torch==2.9.1", "torchvision"]'
    verdict = judge(_app(f"cpu = {requirements}\ncu128 = {requirements}"), [CPU, CU128])

    closures = {tag: verdict.closures[Selection((tag,))] for tag in ("cpu", "cu128")}
    assert {tag: _versions(found["linux-x86_64"], "torch", "torchvision") for tag, found in closures.items()} == {
        "cpu": ["torch 2.9.1+cpu", "torchvision 0.24.1"],
        "cu128": ["torch 2.9.1+cu128", "torchvision 0.24.1"],
    }
    assert {tag: _all_leaks(found["linux-x86_64"], tag) for tag, found in closures.items()} == {
        "cpu": ("torchvision 0.24.1: not a build for cpu",),
        "cu128": ("torchvision 0.24.1: not a build for cu128",),
    }
    assert {tag: gaps(found["win-amd64"], tag, "win-amd64") for tag, found in closures.items()} == {
        "cpu": (),
        "cu128": ("torchvision 0.24.1: PyPI's build, without cu128",),
    }


@pytest.mark.uv
@pytest.mark.parametrize(
    ("explicit", "expected"),
    [("explicit = true", ["numpy 2.5.0", "requests 2.5.0"]), ("", ["numpy 0.5.0", "requests 0.5.0"])],
    ids=["explicit", "shadowing"],
)
def test_an_index_that_is_not_explicit_shadows_pypi(judge: Judge, explicit: str, expected: list[str]) -> None:
    rest = _CONFLICTS + _INDEXES.replace("explicit = true", explicit)
    verdict = judge(_app('cpu = ["torch", "numpy", "requests"]\ncu128 = ["torch"]', rest=rest), [CPU])

    assert _versions(verdict.closures[CPU]["linux-x86_64"], "numpy", "requests") == expected


@pytest.mark.uv
def test_an_extra_without_a_variant_gets_pypis_cuda_build(judge: Judge) -> None:
    metrics = Selection(("metrics",))
    both = Selection(("metrics", "cpu"))
    project = _app('cpu = ["torch==2.9.1"]\ncu128 = ["torch==2.9.1"]\nmetrics = ["torchmetrics", "torch==2.9.1"]')
    verdict = judge(project, [metrics, both, Selection(("cpu", "cu128"))])

    found = {selection: closures["linux-x86_64"] for selection, closures in verdict.closures.items()}
    assert {selection: _versions(closure, "torch", "nvidia-cudnn-cu12") for selection, closure in found.items()} == {
        BARE: [],
        metrics: ["nvidia-cudnn-cu12 2.5.0", "torch 2.9.1"],
        both: ["torch 2.9.1+cpu"],
    }
    ((selection, words),) = verdict.refused.items()
    assert selection == Selection(("cpu", "cu128"))
    assert words.startswith("error: Extras `cpu` and `cu128` are incompatible with the declared conflicts")


@pytest.mark.uv
def test_rocm_needs_its_triton_routed(judge: Judge) -> None:
    rocm = Selection(("rocm",))
    sources = 'torch = { index = "pytorch-rocm6.4", extra = "rocm" }\n'
    routed = sources + 'pytorch-triton-rocm = { index = "pytorch-rocm6.4", extra = "rocm" }\n'
    index = _INDEX.format(tag="rocm6.4") + "[tool.uv]\nenvironments = [\"sys_platform == 'linux'\"]\n"
    refused = judge(_app('rocm = ["torch==2.9.1"]', sources, index))
    verdict = judge(_app('rocm = ["torch==2.9.1", "pytorch-triton-rocm"]', routed, index), [rocm])

    assert not refused.locked
    assert "pytorch-triton-rocm" in refused.error
    closure = verdict.closures[rocm]["linux-x86_64"]
    assert _versions(closure, "torch", "pytorch-triton-rocm") == [
        "pytorch-triton-rocm 3.5.1",
        "torch 2.9.1+rocm6.4",
    ]
    assert _all_leaks(closure, "rocm6.4") == ()


@pytest.mark.uv
def test_a_member_and_a_declared_default_index(judge: Judge) -> None:
    root = '[tool.uv.workspace]\nmembers = ["member"]\n[[tool.uv.index]]\nurl = "{}"\ndefault = true\n'
    member = _app('cpu = ["torch==2.9.1", "pinned==3.1.4"]\ncu128 = ["torch==2.9.1"]', rest=_INDEXES)["pyproject.toml"]
    conflicts = _CONFLICTS.replace("{ extra", '{ package = "app", extra')
    project = {
        "pyproject.toml": root.format("https://packages.example.com/simple/") + conflicts,
        "member/pyproject.toml": member,
    }
    selection = Selection(("cpu",), package="app")
    verdict = judge(project, [selection])

    assert _versions(verdict.closures[selection]["linux-x86_64"], "torch", "pinned") == [
        "pinned 3.1.4",
        "torch 2.9.1+cpu",
    ]
    registries = {line for line in verdict.lock_text.splitlines() if line.startswith("source = { registry")}
    assert registries == {
        'source = { registry = "https://packages.example.com/simple/" }',
        'source = { registry = "https://download.pytorch.org/whl/cpu" }',
        'source = { registry = "https://download.pytorch.org/whl/cu128" }',
    }


@pytest.mark.uv
def test_uv_0_5_5_passes_over_a_required_version_and_all_settings_beside_it(judge: Judge, uv_0_5_5: Path) -> None:
    default = '[[tool.uv.index]]\nurl = "https://packages.example.com/simple"\ndefault = true\n'
    settings = '[tool.uv]\nrequired-version = ">=0.5.8"\n'
    verdict = judge({"pyproject.toml": f'{_HEAD}dependencies = ["numpy>=1"]\n{settings}{default}'}, uv=uv_0_5_5)

    assert verdict.warnings == ("warning: Failed to parse `pyproject.toml` during settings discovery:",)
    assert f'source = {{ registry = "{catalog.PYPI_SIMPLE}" }}' in verdict.lock_text.splitlines()


@pytest.mark.uv
def test_two_worlds_at_once_give_the_same_verdict(uv_newest: Path, tmp_path: Path) -> None:
    with serve() as one, serve() as two, ThreadPoolExecutor() as pool:
        verdicts = pool.map(
            lambda world: judge_in(_SHARED, [CPU, CU124], world=world, uv=uv_newest, workdir=tmp_path),
            [one, two, one, two],
        )
        first, *others = verdicts

    assert (first.locked, len(first.closures)) == (True, 3)
    assert others == [first] * 3
