"""The workflows: their form, and what a reader of one relies on."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from tests.report.official import official

ROOT = Path(__file__).parents[2]
WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
each_workflow = pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.stem)


class _Loader(yaml.SafeLoader):
    """YAML 1.2's booleans: in a workflow, `on` is a word."""


_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in found if tag != "tag:yaml.org,2002:bool" or first in "tTfF"]
    for first, found in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


def load(path: Path) -> Any:
    return yaml.load(path.read_text(encoding="utf-8"), _Loader)


@each_workflow
def test_a_workflow_has_the_form_of_one(path: Path) -> None:
    jsonschema.validate(load(path), official("github-workflow"))


@each_workflow
def test_a_job_ends_and_has_no_more_leave_than_it_says(path: Path) -> None:
    workflow = load(path)
    assert workflow["permissions"] is not None
    assert not [name for name, job in workflow["jobs"].items() if "timeout-minutes" not in job]


def test_every_python_that_the_metadata_names_is_tried() -> None:
    from variantfix.toml import loads

    project = loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    prefix = "Programming Language :: Python :: 3."
    named = [c.removeprefix(prefix) for c in project["classifiers"] if c.startswith(prefix)]
    tried = load(ROOT / ".github/workflows/ci.yml")["jobs"]["pythons"]["strategy"]["matrix"]["python"]
    assert [f"3.{minor}" for minor in named] == tried
