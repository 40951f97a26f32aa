"""A project of one accelerator in the matrix: rows of its own, by the real uv's lock."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.cases import cases
from tests.locks import lock_of, own_row, row
from tests.test_cases import context
from variantfix.detect.audit.matrix import make_matrix
from variantfix.uv.lock import read_lock

if TYPE_CHECKING:
    from tests.conftest import Judge

CASE = {case.name: case for case in cases()}
MEMBER = """\
[project]
name = "{name}"
version = "0.1.0"
requires-python = ">=3.11"
dependencies = ["torch", "torchvision"]

[tool.uv.sources]
torch = {{ index = "pytorch-cpu" }}

[[tool.uv.index]]
name = "pytorch-cpu"
url = "https://download.pytorch.org/whl/cpu"
explicit = true
"""


def rows(name: str, state: str, judge: Judge) -> dict[tuple[str, str], tuple[str, ...]]:
    """Subject and platform, with the torch that is there and the packages that leak."""
    texts = CASE[name].before if state == "before" else CASE[name].after
    matrix = make_matrix(context(texts), read_lock(judge(texts).lock_text))
    return {
        (str(cell.subject), cell.platform.name): (cell.torch[0].version, *(leak.package for leak in cell.leaks))
        for cell in matrix.cells
        if cell.torch
    }


@pytest.mark.uv
def test_the_whole_project_is_a_row(judge: Judge) -> None:
    before = rows("unrouted-package/whole-project", "before", judge)
    after = rows("unrouted-package/whole-project", "after", judge)
    assert before["the project", "linux-x86_64"] == ("2.9.1+cpu", "torchvision")
    assert after == {
        ("the project", "linux-x86_64"): ("2.9.1+cpu",),
        ("the project", "linux-aarch64"): ("2.9.1+cpu",),
        ("the project", "win32-amd64"): ("2.9.1+cpu",),
        ("the project", "macos-arm64"): ("2.9.1",),
    }


@pytest.mark.uv
def test_an_extra_that_leaks_is_a_row_beside_it(judge: Judge) -> None:
    before = rows("unrouted-companion/whole-project-through-an-extra", "before", judge)
    after = rows("unrouted-companion/whole-project-through-an-extra", "after", judge)
    assert before["the project", "linux-x86_64"] == ("2.9.1+cpu",)
    assert before["extra images, for the project", "linux-x86_64"] == ("2.9.1+cpu", "torchvision")
    assert {subject for subject, _ in after} == {"the project"}


@pytest.mark.uv
def test_what_leaks_in_two_projects_is_said_of_both(judge: Judge) -> None:
    texts = {"pyproject.toml": '[tool.uv.workspace]\nmembers = ["one", "two"]\n'}
    texts |= {f"{name}/pyproject.toml": MEMBER.format(name=name) for name in ("one", "two")}
    matrix = make_matrix(context(texts), read_lock(judge(texts).lock_text))
    leaking = {cell.subject.project for cell in matrix.cells for leak in cell.leaks if leak.package == "torchvision"}
    assert leaking == {"one", "two"}


@pytest.mark.uv
def test_a_project_from_pypi_has_no_rows(judge: Judge) -> None:
    assert rows("unrouted-companion/whole-project-from-pypi", "before", judge) == {}


def test_an_extra_that_brings_pypis_build_leaks() -> None:
    project = """\
[project]
name = "app"
version = "0.1.0"
dependencies = ["torch"]
optional-dependencies = { images = ["torchvision"], docs = ["sphinx"] }

[tool.uv]
sources = { torch = { index = "pytorch-cpu" } }
index = [{ name = "pytorch-cpu", url = "https://download.pytorch.org/whl/cpu", explicit = true }]
"""
    extras = '\n[package.optional-dependencies]\nimages = [{ name = "torchvision" }]\ndocs = [{ name = "sphinx" }]\n'
    torch = row("torch", "2.9.1+cpu", index="https://download.pytorch.org/whl/cpu")
    lock = lock_of(own_row("torch", more=extras), row("sphinx", "8.0"), torch, row("torchvision", "0.24.1"))
    cells = make_matrix(context({"pyproject.toml": project}), read_lock(lock)).cells
    leaking = {str(cell.subject): {leak.package for leak in cell.leaks} for cell in cells if cell.leaks}
    assert {str(cell.subject) for cell in cells} == {"the project", "extra images, for the project"}
    assert leaking == {"extra images, for the project": {"torchvision"}}
