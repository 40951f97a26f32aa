"""The twins of the default index: one for all that can be active together, one each for those that cannot."""

from __future__ import annotations

import pytest

from variantfix.edits.indexes import split_index
from variantfix.repair.pipeline import load
from variantfix.repair.plan import context
from variantfix.settings import Settings

TEXT = """\
[project]
name = "app"
version = "0.1.0"

[project.optional-dependencies]
cpu = ["torch>=2.4", "accelerate"]
cu124 = ["torch>=2.4", "accelerate"]
torch-cu124 = ["torch>=2.4", "accelerate"]

[tool.uv]
conflicts = CONFLICTS

[tool.uv.sources]
torch = [
    { index = "pytorch-cpu", extra = "cpu" },
    { index = "pytorch-cu124", extra = "cu124" },
    { index = "pytorch-cu124", extra = "torch-cu124" },
]

[[tool.uv.index]]
name = "pytorch-cpu"
url = "https://download.pytorch.org/whl/cpu"
explicit = true

[[tool.uv.index]]
name = "pytorch-cu124"
url = "https://download.pytorch.org/whl/cu124"
explicit = true

[[tool.uv.index]]
name = "ours"
url = "https://packages.example.com/simple"
default = true
"""
TOGETHER = '[[{ extra = "cpu" }, { extra = "cu124" }], [{ extra = "cpu" }, { extra = "torch-cu124" }]]'
APART = '[[{ extra = "cpu" }, { extra = "cu124" }, { extra = "torch-cu124" }]]'


@pytest.mark.parametrize(
    ("conflicts", "twins"),
    [
        pytest.param(TOGETHER, {"cpu": "cpu", "cu124": "cu124", "torch-cu124": "cu124"}, id="can-be-active-together"),
        pytest.param(APART, {"cpu": "cpu", "cu124": "cu124", "torch-cu124": "torch-cu124"}, id="exclude-one-another"),
    ],
)
def test_enemies_have_a_twin_each(conflicts: str, twins: dict[str, str]) -> None:
    ctx = context({"pyproject.toml": load(TEXT.replace("CONFLICTS", conflicts), "pyproject.toml")}, Settings())
    found = {variant.spelling: split_index(ctx, variant) for variant in ctx.variants}
    assert found == {
        name: (f"pypi-{twin}", f"https://packages.example.com/simple#{twin}") for name, twin in twins.items()
    }
