"""What a lock beside the file tells detection, isolation, and the rules on locks."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.locks import lock_of, own_row, row
from tests.projects import FOUNDING, project
from variantfix import Settings, apply_text, check_text
from variantfix.detect.beside import Evidence, LockFile
from variantfix.pytorch.facts import Edge
from variantfix.repair.plan import context
from variantfix.toml import loads

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.conftest import Judge
    from variantfix.detect.context import Context

Lock = "Callable[[str], str]"


def found(text: str, lock: str | None = None, **settings: str) -> list[tuple[str, str]]:
    return [(f.rule, f.message) for f in check_text(text, settings=Settings(**settings), lock=lock)]  # type: ignore[arg-type]


def rules(text: str, lock: str | None = None) -> list[str]:
    return [rule for rule, _ in found(text, lock)]


@pytest.fixture(scope="module")
def locked(judge: Judge) -> Callable[..., str]:
    """The lock that a uv writes for a text; the newest uv unless another is named."""

    def lock(text: str, uv: Path | None = None) -> str:
        verdict = judge({"pyproject.toml": text}, uv=uv)
        assert verdict.locked, verdict.error
        return verdict.lock_text

    return lock


UNKNOWN = lock_of(
    own_row(more="\n[package.metadata]\nrequires-dist = []\n"),
    row("mystery", "1.0", "torchvision", more='\n[package.optional-dependencies]\naudio = [{ name = "torchaudio" }]\n'),
    row("torchaudio", "2.6.0"),
    row("torchvision", "0.21.0"),
    python=">=3.10",
    revision=0,
    conflicts=("cpu", "cu124"),
)


def asked(text: str, lock: str) -> Context:
    return context({"pyproject.toml": loads(text)}, Settings(), Evidence(LockFile(lock)))


def test_a_lock_knows_packages_that_the_catalogue_does_not() -> None:
    ctx = asked(project("mystery[audio]"), UNKNOWN)
    assert list(ctx.requires("mystery", "", "")) == [Edge("torchvision")]
    assert list(ctx.requires("mystery", "audio", "")) == [Edge("torchaudio")]
    assert "unrouted-companion" not in rules(project("mystery[audio]"))
    assert "unrouted-companion" in rules(project("mystery[audio]"), UNKNOWN)


def test_what_a_lock_lacks_the_catalogue_knows() -> None:
    ctx = asked(project("accelerate"), UNKNOWN)
    assert [edge.name for edge in ctx.requires("accelerate", "", "")] == ["torch"]


def test_a_lock_whose_versions_no_longer_fit_is_left_aside() -> None:
    ctx = asked(project("mystery>=2"), UNKNOWN)
    assert list(ctx.requires("mystery", "", "")) == []


def test_what_indexes_told_goes_before_the_catalogue() -> None:
    evidence = Evidence(told={"accelerate": {"": (Edge("numpy"),), "more": (Edge("torchaudio"),)}})
    requires = context({"pyproject.toml": loads(project("accelerate"))}, Settings(), evidence).requires
    told = [list(requires("accelerate", extra, "")) for extra in ("", "more", "of no such name")]
    assert told == [[Edge("numpy")], [Edge("torchaudio")], []]
    assert Edge("torch") in requires("timm", "", "")


@pytest.mark.parametrize("lock", ["<<<<<<< HEAD\n", "version = 9\n", "version = 1\n"], ids=["conflict", "new", "empty"])
def test_a_lock_that_cannot_be_read_is_no_evidence(lock: str) -> None:
    assert found(FOUNDING, lock) == found(FOUNDING)


@pytest.mark.uv
def test_a_lock_that_proves_isolation_leaves_nothing_to_do(locked: Callable[..., str]) -> None:
    lock = locked(FOUNDING)
    assert (rules(FOUNDING), rules(FOUNDING, lock)) == (["shared-dependent"], [])


@pytest.mark.uv
def test_other_edits_do_not_undo_that(locked: Callable[..., str]) -> None:
    text = project("accelerate==0.26.1", "torchvision")
    lock = locked(text)
    once = apply_text(text, lock=lock)
    assert [f.rule for f in once.plan.repaired] == ["leaking-lock", "unrouted-package", "leaking-lock"]
    after = once.after["pyproject.toml"]
    assert "accelerate = [" not in after
    again = apply_text(after, lock=lock)
    assert (again.changed, again.plan.found) == ((), ())


@pytest.mark.uv
def test_sources_can_be_asked_for_all_the_same(locked: Callable[..., str]) -> None:
    assert [rule for rule, _ in found(FOUNDING, locked(FOUNDING), isolation="sources")] == ["shared-dependent"]


@pytest.mark.uv
def test_a_leaking_lock_is_named_with_the_fix_that_explains_it(locked: Callable[..., str], uv_0_5_5: Path) -> None:
    lock = locked(FOUNDING, uv_0_5_5)
    repair = apply_text(FOUNDING, lock=lock)
    leaks = [f for f in repair.plan.found if f.rule == "leaking-lock"]
    told = (
        "torch 2.6.0+cu124 is installed for cpu on linux-x86_64, linux-aarch64, win32-amd64: "
        "a build for cu124, beside 2.6.0+cpu (app[cpu] -> accelerate -> torch)"
    )
    assert [(f.variants, f.message) for f in leaks[1:2]] == [(("cpu",), told)]
    (shared,) = (f for f in repair.plan.found if f.rule == "shared-dependent")
    assert {f.fix for f in leaks} == {shared.fix}
    assert repair.plan.remaining == ()
    again = apply_text(repair.after["pyproject.toml"], lock=lock)
    assert (again.changed, again.plan.found) == ((), ())


@pytest.mark.uv
def test_an_old_lock_under_a_right_file_is_to_be_made_anew(locked: Callable[..., str], uv_0_5_5: Path) -> None:
    text = FOUNDING.replace("[tool.uv]\n", '[tool.uv]\nrequired-version = ">=0.5.2"\n')
    lock = locked(text, uv_0_5_5)
    right = text.replace(">=0.5.2", ">=0.5.8")
    leaks = [f for f in check_text(right, lock=lock) if f.rule == "leaking-lock"]
    assert {(f.fix, f.advice) for f in leaks} == {(None, "lock anew with a newer uv: uv lock --upgrade-package torch")}


WHEEL = "https://packages.example.com/torch-2.6.0-cp312-cp312-manylinux1_x86_64.whl"
OWN = """
[package.optional-dependencies]
cpu = []
cu124 = []

[package.metadata]
requires-dist = [
    { name = "torch" },
    { name = "torch", marker = "extra == 'cpu'", specifier = ">=2.5.1,<2.7", \
index = "https://download.pytorch.org/whl/cpu" },
    { name = "torch", marker = "(sys_platform == 'linux' or sys_platform == 'win32') and extra == 'cu124'", \
specifier = ">=2.5.1,<2.7", index = "https://download.pytorch.org/whl/cu124" },
    { name = "torch", marker = "sys_platform == 'darwin' and extra == 'cu124'", specifier = ">=2.5.1,<2.7" },
]
provides-extras = ["cpu", "cu124"]
"""
OLD = lock_of(
    own_row("torch", more=OWN),
    row("filelock", "3.0"),
    row("nvidia-cudnn-cu12", "9.0"),
    row("torch", "2.6.0", "filelock", more=f'wheels = [{{ url = "{WHEEL}", hash = "sha256:00" }}]\n'),
    python=">=3.10",
    revision=1,
    conflicts=("cpu", "cu124"),
)
WITH_BASE = project(base='"torch"')


@pytest.mark.parametrize(
    ("old", "new", "reported"),
    [
        pytest.param("", "", True, id="without CUDA's libraries"),
        pytest.param(
            '[{ name = "filelock" }]\nwheels', '[{ name = "nvidia-cudnn-cu12" }]\nwheels', False, id="with them"
        ),
        pytest.param("manylinux1_x86_64", "win_amd64", False, id="no wheel for Linux"),
        pytest.param("manylinux1_x86_64", "manylinux_2_28_aarch64", False, id="a wheel for ARM alone"),
        pytest.param('"2.6.0"', '"1.12.1"', False, id="CUDA inside the wheel"),
        pytest.param('"2.6.0"', '"2.6.0+cpu"', False, id="a CPU build"),
        pytest.param(
            'source = { registry = "https://packages.example.com/simple" }\ndependencies',
            'source = { registry = "https://download.pytorch.org/whl/cpu" }\ndependencies',
            False,
            id="from PyTorch's index",
        ),
        pytest.param('requires-python = ">=3.10"', 'requires-python = ">=3.9"', False, id="a stale lock"),
        pytest.param(
            '\ndependencies = [{ name = "filelock" }]',
            "\nresolution-markers = [\"sys_platform == 'darwin'\"]\ndependencies = []",
            False,
            id="the row of macOS",
        ),
        pytest.param(
            '\ndependencies = [{ name = "filelock" }]',
            "\nresolution-markers = [\"sys_platform == 'linux' and extra != 'extra-3-app-cpu'\"]\ndependencies = []",
            True,
            id="the row of the bare project",
        ),
    ],
)
def test_an_old_lock(old: str, new: str, *, reported: bool) -> None:
    assert old in OLD
    findings = [f for f in check_text(WITH_BASE, lock=OLD.replace(old, new)) if f.rule == "old-lock"]
    assert [(f.message, f.advice, f.fix) for f in findings] == [
        (
            "uv.lock has torch 2.6.0 for Linux without its CUDA libraries: uv before 0.10.10 wrote it",
            "uv lock --upgrade-package torch, with uv 0.10.10 or later",
            None,
        )
    ] * reported
