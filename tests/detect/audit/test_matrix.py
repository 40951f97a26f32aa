"""The matrix of a small lock: as data, as text, as JSON."""

from __future__ import annotations

import io
import json
from typing import TYPE_CHECKING, Any

import pytest

from tests.locks import VARIANTS
from variantfix.detect.audit.lines import size
from variantfix.detect.audit.matrix import make_matrix
from variantfix.errors import InputError
from variantfix.repair.plan import context
from variantfix.report.matrix import summary, write_markdown, write_matrix
from variantfix.report.matrix_json import write_json
from variantfix.settings import Settings
from variantfix.toml import loads
from variantfix.uv.lock import read_lock
from variantfix.verify.loop import Verdict

if TYPE_CHECKING:
    from variantfix.detect.audit.matrix import Matrix

PROJECT = """\
[project]
name = "app"
version = "0.1"
requires-python = ">=3.11"
dependencies = ["accel", "typing; python_version < '3.12'"]

[project.optional-dependencies]
cpu = ["torch"]
gpu = ["torch"]
empty = []

[dependency-groups]
dev = ["colour"]
none = []
on-cpu = ["app[cpu]"]

[tool.uv]
conflicts = [[{ extra = "cpu" }, { extra = "gpu" }]]

[tool.uv.sources]
torch = [{ index = "pt-cpu", extra = "cpu" }, { index = "pt-gpu", extra = "gpu" }]

[[tool.uv.index]]
name = "pt-cpu"
url = "https://download.pytorch.org/whl/cpu"
explicit = true

[[tool.uv.index]]
name = "pt-gpu"
url = "https://download.pytorch.org/whl/cu128"
explicit = true
"""
# accel requires the CUDA build under cpu, too, but on macOS.
LEAKING = VARIANTS.replace(
    "extra == 'extra-3-app-gpu'\" },\n]\nsdist",
    "(sys_platform != 'darwin' and extra == 'extra-3-app-cpu') or extra == 'extra-3-app-gpu'\" },\n]\nsdist",
)


def matrix(lock: str = VARIANTS, project: str = PROJECT) -> Matrix:
    return make_matrix(context({"pyproject.toml": loads(project)}, Settings()), read_lock(lock))


def verdict(lock: str = VARIANTS) -> Verdict:
    return Verdict("pyproject.toml", "uv.lock", "", 2, matrix(lock))


def written(lock: str) -> list[str]:
    stream = io.StringIO()
    write_matrix(verdict(lock), stream)
    return [" ".join(line.split()) for line in stream.getvalue().splitlines()]


def test_an_isolated_lock() -> None:
    host, whl = "packages.examp..", "https://download.pytorch.org/whl"
    assert written(VARIANTS) == [
        "variant platform torch index packages download leaks",
        f"(bare) linux-x86_64 2.0 {host} 3 957 B -",
        f"linux-aarch64 2.0 {host} 3 >= 57 B -",
        f"win32-amd64 2.0 {host} 4 >= 257 B -",
        f"macos-arm64 2.0 {host} 3 >= 57 B -",
        "cpu linux-x86_64 2.0+cpu cpu 3 237 B -",
        "linux-aarch64 2.0+cpu cpu 3 >= 57 B -",
        "win32-amd64 2.0+cpu cpu 4 >= 57 B -",
        "macos-arm64 2.0 cpu 3 >= 57 B -",
        "gpu linux-x86_64 2.0+cu128 cu128 3 1.0 kB -",
        "linux-aarch64 2.0+cu128 cu128 3 >= 57 B -",
        "win32-amd64 2.0+cu128 cu128 4 >= 57 B -",
        "macos-arm64 2.0+cu128 cu128 3 >= 57 B -",
        f"index {host}: https://packages.example.com/simple",
        f"index cpu: {whl}/cpu",
        f"index cu128: {whl}/cu128",
        "gap: cpu on linux-aarch64, win32-amd64: torch 2.0+cpu: no wheel",
        "gap: gpu on linux-aarch64, win32-amd64, macos-arm64: torch 2.0+cu128: no wheel",
    ]
    # Three times four platforms under two Pythons, and the group that stands for cpu, alone and beside it, under one.
    assert (matrix().leaking, matrix().walked) == ((), 3 * 4 * 2 + 2 * 4)
    assert summary(verdict()) == "pyproject.toml: isolated; 32 closures walked in uv.lock"


def test_a_table_that_fits_names_the_variants_in_a_column() -> None:
    index = "https://packages.example.com/simple"
    stream = io.StringIO()
    write_matrix(verdict(VARIANTS.replace(index, "https://pip.example/simple")), stream)
    lines = stream.getvalue().splitlines()
    assert max(map(len, lines[:13])) <= 80
    assert [line.split()[0] for line in lines[:6]] == ["variant", "(bare)", *PLATFORMS[1:], "cpu"]


def test_where_nothing_else_fits_builds_stand_one_below_the_other() -> None:
    stream = io.StringIO()
    wide = LEAKING.replace("2.0+cu128", "2.10.0+cu128")
    write_matrix(verdict(wide), stream)
    table = stream.getvalue().partition("\nindex ")[0].splitlines()
    assert max(map(len, table)) <= 80
    place = next(number for number, line in enumerate(table) if line == "cpu") + 1
    first, second, *_ = table[place:]
    assert [line.split() for line in (first, second)] == [
        ["linux-x86_64", "2.0+cpu", "cpu", "4", "1.2", "kB", "1,", "990", "B"],
        ["2.10.0+cu128", "cu128"],
    ]


PLATFORMS = ("linux-x86_64", "linux-aarch64", "win32-amd64", "macos-arm64")


def test_markdown_has_the_table_and_the_leaks() -> None:
    stream = io.StringIO()
    write_markdown(verdict(LEAKING), stream)
    lines = stream.getvalue().splitlines()
    assert lines[:4] == [
        "### pyproject.toml: leaks",
        "",
        "| variant | platform | torch | index | packages | download | leaks |",
        "| --- | --- | --- | --- | --- | --- | --- |",
    ]
    assert "| cpu | linux-x86_64 | 2.0+cpu, 2.0+cu128 | cpu, cu128 | 4 | 1.2 kB | 1, 990 B |" in lines
    assert [line for line in lines if line.startswith("- `leak: cpu on linux-x86_64")]
    stream = io.StringIO()
    write_markdown(Verdict("pyproject.toml", "", "", 0, matrix()), stream)
    assert stream.getvalue() == "### pyproject.toml: no variants\n\n"


def test_a_leaking_lock() -> None:
    lines = written(LEAKING)
    assert lines[6:14] == [
        "cpu",
        "linux-x86_64 2.0+cpu cpu 4 1.2 kB 1, 990 B",
        "2.0+cu128 cu128",
        "linux-aarch64 2.0+cpu cpu 4 >= 57 B 1, unknown",
        "2.0+cu128 cu128",
        "win32-amd64 2.0+cpu cpu 5 >= 57 B 1, unknown",
        "2.0+cu128 cu128",
        "macos-arm64 2.0 cpu 3 >= 57 B -",
    ]
    assert [line for line in lines if line.startswith(("leak", "by"))] == [
        (
            "leak: cpu on linux-x86_64, linux-aarch64, win32-amd64: torch 2.0+cu128 from cu128: "
            "a build for cu128, beside 2.0+cpu"
        ),
        "by app -> accel -> torch; the leaks of this closure: 990 B to download",
        (
            "leak: group on-cpu, for cpu on linux-x86_64, linux-aarch64, win32-amd64: torch 2.0+cu128 from "
            "cu128: a build for cu128, beside 2.0+cpu"
        ),
        "by app -> accel -> torch; the leaks of this closure: 990 B to download",
    ]
    assert summary(verdict(LEAKING)) == "pyproject.toml: 9 of 32 closures leak; 32 closures walked in uv.lock"


CUDA = '{ name = "torch", version = "2.0+cu128", source = { registry = "https://download.pytorch.org/whl/cu128" } }'


@pytest.mark.parametrize(
    ("group", "brought", "path", "systems"),
    [
        pytest.param(f"    {CUDA},\n", "", "app:dev -> torch", ", win32-amd64", id="by itself"),
        # On Windows, accel brings colour by itself.
        pytest.param('    { name = "colour" },\n', CUDA, "app:dev -> colour -> torch", "", id="by another"),
    ],
)
def test_what_a_group_leaks_beside_a_variant_is_said_of_both(group: str, brought: str, path: str, systems: str) -> None:
    lock = VARIANTS.replace('dev = [\n    { name = "colour" },\n', f"dev = [\n{group}")
    row = '89abcdef01234567" }\n'
    lines = written(lock.replace(row, f"{row}dependencies = [{brought}]\n"))
    reason = "torch 2.0+cu128 from cu128: a build for cu128, beside 2.0+cpu"
    assert f"leak: cpu beside group dev on linux-x86_64, linux-aarch64{systems}: {reason}" in lines
    assert [line for line in lines if path in line]
    assert not [line for line in lines if line.startswith("leak: gpu")]  # it is its own build


@pytest.mark.parametrize(
    ("count", "unsized", "shown"),
    [
        pytest.param(0, 0, "0 B", id="nothing"),
        pytest.param(0, 3, "unknown", id="no size at all"),
        pytest.param(999, 0, "999 B", id="bytes"),
        pytest.param(1500, 0, "1.5 kB", id="a thousand, not 1024"),
        pytest.param(2_740_000_000, 0, "2.7 GB", id="the CUDA libraries"),
        pytest.param(5_000_000, 1, ">= 5.0 MB", id="some sizes missing"),
    ],
)
def test_sizes(count: int, unsized: int, shown: str) -> None:
    assert size(count, unsized) == shown


def test_a_lock_without_a_variant_is_refused() -> None:
    project = PROJECT.replace('gpu = ["torch"]', 'gpu = ["torch"]\nxpu = ["torch"]')
    with pytest.raises(InputError, match=r"^uv.lock has no closure for xpu: nothing selected has the extra 'xpu'"):
        matrix(project=project)


def test_a_lock_for_no_python_is_refused() -> None:
    with pytest.raises(InputError, match=r"^uv.lock admits no Python 3: requires-python is '>=4'$"):
        matrix(VARIANTS.replace('">=3.11"', '">=4"'))


def _json(lock: str) -> Any:
    stream = io.StringIO()
    write_json(verdict(lock), stream)
    return json.loads(stream.getvalue())


def test_the_json_of_a_closure() -> None:
    found = _json(VARIANTS)
    closures = found.pop("closures")
    assert found == {
        "version": 1,
        "path": "pyproject.toml",
        "lock": "uv.lock",
        "stale": "",
        "isolated": True,
        "variants": 2,
        "closures_walked": 32,
    }
    assert len(closures) == 12
    assert closures[5] == {
        "project": "app",
        "variant": "cpu",
        "accelerator": "cpu",
        "selected": [{"kind": "extra", "name": "cpu"}],
        "platform": "linux-aarch64",
        "python": "3.11.0",
        "torch": [{"version": "2.0+cpu", "index": "https://download.pytorch.org/whl/cpu"}],
        "packages": 3,
        "download_bytes": 57,
        "files_without_size": 1,
        "leaks": [],
        "leak_bytes": 0,
        "leak_files_without_size": 0,
        "gaps": [{"package": "torch", "version": "2.0+cpu", "reason": "no wheel"}],
    }


def test_the_json_of_a_leak() -> None:
    closure = next(closure for closure in _json(LEAKING)["closures"] if closure["leaks"])
    assert closure["leaks"] == [
        {
            "package": "torch",
            "version": "2.0+cu128",
            "index": "https://download.pytorch.org/whl/cu128",
            "reason": "a build for cu128, beside 2.0+cpu",
            "path": ["app", "accel", "torch"],
        }
    ]
    assert (closure["leak_bytes"], closure["leak_files_without_size"]) == (990, 0)


def test_a_combination_that_uv_refuses_is_not_walked() -> None:
    # The extra's package switches the other variant on, which only the lock tells.
    both = VARIANTS.replace("gpu = [\n", 'empty = [\n    { name = "tool" },\n]\ngpu = [\n')
    found = matrix(both)
    beside = matrix(VARIANTS.replace("gpu = [\n", 'empty = [\n    { name = "accel" },\n]\ngpu = [\n'))
    names = {str(cell.subject) for cell in (*found.cells, *beside.cells)}
    assert names == {"(bare)", "cpu", "gpu"}
    assert (found.walked, beside.walked) == (36, 40)
