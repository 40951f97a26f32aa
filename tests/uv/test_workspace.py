"""A workspace as one unit: what its root says holds for the members, unless they say otherwise."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from variantfix.toml import loads
from variantfix.uv.parse import parse

if TYPE_CHECKING:
    from tests.conftest import Judge
    from variantfix.uv.project import Source
    from variantfix.uv.workspace import Workspace

ROOT, MEMBER, PLAIN = "pyproject.toml", "ml/pyproject.toml", "plain/pyproject.toml"
INDEX = '\n[[tool.uv.index]]\nname = "builds"\nurl = "https://download.pytorch.org/whl/{}"\nexplicit = true\n'
TEXTS = {
    ROOT: """\
[project]
name = "root"
version = "0.1.0"
requires-python = ">=3.11"
dependencies = ["ml"]

[tool.uv.workspace]
members = ["ml", "plain"]

[tool.uv.sources]
ml = { workspace = true }
torchvision = { index = "builds" }
numpy = { index = "nowhere" }
lint = { url = "https://packages.example.com/lint-1.0-py3-none-any.whl" }
"""
    + INDEX.format("cu128"),
    MEMBER: """\
[project]
name = "ml"
version = "0.1.0"
requires-python = ">=3.11"
dependencies = ["torch>=2.7"]

[tool.uv.sources]
torch = { index = "builds" }
torchvision = { index = "builds" }
"""
    + INDEX.format("cpu"),
    PLAIN: '[project]\nname = "plain"\nversion = "0.1.0"\nrequires-python = ">=3.11"\n',
}


@pytest.fixture
def workspace() -> Workspace:
    return parse({file: loads(text) for file, text in TEXTS.items()})


def source(workspace: Workspace, file: str, package: str) -> Source:
    (found,) = workspace.project(file).sources[package]
    return found


def url(workspace: Workspace, file: str, package: str, user: str) -> str:
    index = workspace.index_of(workspace.project(user), source(workspace, file, package))
    return index.url.rpartition("/")[2] if index else ""


def test_a_members_own_index_comes_before_its_roots(workspace: Workspace) -> None:
    assert url(workspace, MEMBER, "torch", MEMBER) == "cpu"
    assert url(workspace, ROOT, "torchvision", ROOT) == "cu128"
    assert url(workspace, ROOT, "torchvision", PLAIN) == "cu128"


def test_what_names_no_index_that_there_is(workspace: Workspace) -> None:
    assert url(workspace, ROOT, "numpy", ROOT) == ""
    assert url(workspace, ROOT, "lint", ROOT) == ""


def test_a_roots_source_is_for_who_has_none(workspace: Workspace) -> None:
    def users(file: str, package: str) -> list[str]:
        return [project.name for project in workspace.users(source(workspace, file, package))]

    assert users(ROOT, "torchvision") == ["root", "plain"]
    assert users(MEMBER, "torchvision") == ["ml"]


@pytest.mark.uv
def test_uv_takes_the_members_own(judge: Judge) -> None:
    verdict = judge({file: text.replace("numpy = ", "# ") for file, text in TEXTS.items()})
    assert verdict.locked, verdict.error
    assert "whl/cpu" in verdict.lock_text
    assert "whl/cu128" not in verdict.lock_text
