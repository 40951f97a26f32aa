"""A marker leaves other systems to PyPI, which has no local versions: none is added where one is pinned."""

from __future__ import annotations

import pytest

from tests.projects import INDEXES
from variantfix import check_text

PROJECT = (
    """\
[project]
name = "app"
version = "0.1.0"
requires-python = ">=3.11"
dependencies = []

[project.optional-dependencies]
cpu = ["torch>=2.7"]
cu128 = ["torch{own}", "torchvision{beside}"]

[tool.uv]
conflicts = [[{{ extra = "cpu" }}, {{ extra = "cu128" }}]]
{setting}

[tool.uv.sources]
torch = [{{ index = "pytorch-cpu", extra = "cpu" }}, {{ index = "pytorch-cu128", extra = "cu128" }}]
torchvision = [
    {{ index = "pytorch-cu128", extra = "cu128", marker = "sys_platform == 'linux' or sys_platform == 'win32'" }},
]

"""
    + INDEXES
)
WHOLE = """\
[project]
name = "app"
version = "0.1.0"
requires-python = ">=3.11"
dependencies = ["torch{own}"]

[tool.uv.sources]
torch = {{ index = "pytorch-cu128" }}

[[tool.uv.index]]
name = "pytorch-cu128"
url = "https://download.pytorch.org/whl/cu128"
explicit = true
"""
PINNED = "a local version is pinned, which PyPI does not have for other systems; see local-version-pin"


def advice(text: str) -> str:
    """What is said where there is no fix; empty where there is one."""
    (finding,) = (finding for finding in check_text(text) if finding.rule == "missing-marker")
    assert bool(finding.fix) != bool(finding.advice)
    return finding.advice


@pytest.mark.parametrize(
    ("own", "beside", "setting", "said"),
    [
        pytest.param(">=2.7", "", "", "", id="nothing is pinned"),
        pytest.param("==2.7.1+cu128", "", "", PINNED, id="by the variant"),
        pytest.param(">=2.7", "==0.22.1+cu128", "", PINNED, id="another package of the variant"),
        pytest.param("", "", 'constraint-dependencies = ["torch==2.7.1+cu128"]', PINNED, id="by a constraint"),
        pytest.param("", "", 'override-dependencies = ["torch==2.7.1+cu128"]', PINNED, id="by an override"),
        pytest.param("", "", 'constraint-dependencies = ["numpy==2.0.0+local"]', "", id="of another package"),
    ],
)
def test_a_variant(own: str, beside: str, setting: str, said: str) -> None:
    assert advice(PROJECT.format(own=own, beside=beside, setting=setting)) == said


@pytest.mark.parametrize(("own", "said"), [(">=2.7", ""), ("==2.7.1+cu128", PINNED)])
def test_a_project_without_variants(own: str, said: str) -> None:
    assert advice(WHOLE.format(own=own)) == said
