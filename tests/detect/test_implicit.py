"""Where a package comes from that no source names: the first index that is searched and has it."""

from __future__ import annotations

import pytest

from tests.projects import HEAD
from variantfix import Settings, toml
from variantfix.detect.asked import DEFAULT
from variantfix.detect.forks import implicit
from variantfix.repair.plan import context

WHL = "https://download.pytorch.org/whl"
CU128 = f"{WHL}/cu128"
MIRROR = "https://mirror.example.com/simple"


def index(url: str, name: str = "", more: str = "") -> str:
    return f'[[tool.uv.index]]\nname = "{name or url.split("/")[2].partition(".")[0]}"\nurl = "{url}"\n{more}\n'


@pytest.mark.parametrize(
    ("indexes", "package", "expected"),
    [
        pytest.param([index(CU128)], "torch", CU128, id="PyTorch's index"),
        pytest.param([index(CU128)], "numpy", DEFAULT, id="what it has not"),
        pytest.param([index(CU128)], "intel-extension-for-pytorch", DEFAULT, id="what only another kind of it has"),
        pytest.param([index(CU128, more="explicit = true")], "torch", DEFAULT, id="it is asked only by a source"),
        pytest.param([index(CU128, more="default = true")], "torch", DEFAULT, id="it is the default itself"),
        pytest.param([index(MIRROR), index(CU128)], "torch", DEFAULT, id="a copy of PyPI before it"),
        pytest.param([index(f"{MIRROR}/"), index(CU128)], "torch", DEFAULT, id="a copy with a slash at the end"),
        pytest.param([index(CU128), index(MIRROR)], "torch", CU128, id="a copy behind it"),
        pytest.param([index("https://own.example.com/wheels"), index(CU128)], "torch", CU128, id="some of one's own"),
        pytest.param([index(WHL), index(MIRROR)], "torch", WHL, id="that of all accelerators"),
        pytest.param([index(WHL), index(CU128)], "numpy", DEFAULT, id="which has no more than the family"),
        pytest.param(
            [index("https://own.example.com/whl/cu128/simple"), index(CU128)],
            "torch",
            "https://own.example.com/whl/cu128/simple",
            id="a copy for one accelerator",
        ),
    ],
)
def test_the_first_that_has_it(indexes: list[str], package: str, expected: str) -> None:
    ctx = context({"pyproject.toml": toml.loads(HEAD + "".join(indexes))}, Settings())
    assert implicit(ctx, package) == expected
