"""What a package beside torch's family was built for: told by its wheel's name, or by its index."""

from __future__ import annotations

import pytest

from tests.projects import project
from variantfix import Settings, toml
from variantfix.detect.extensions import built_for, cuda_major, torch_of
from variantfix.pytorch import accelerator
from variantfix.repair.plan import context
from variantfix.uv.project import Scope

SCOPE = Scope("pyproject.toml", "extra", "cu124")
FLASH = "https://example.com/v2/flash_attn-2.7.4"
WHEEL = "-cp311-cp311-linux_x86_64.whl"


def told(url: str, *, base: str = "", pin: str = "") -> tuple[str, tuple[str, str]]:
    """The tag, then the torch that it was built for and the torch that is pinned."""
    text = project(f"flash-attn @ {url}", base=base).replace("torch>=2.5.1,<2.7", f"torch{pin}")
    ctx = context({"pyproject.toml": toml.loads(text)}, Settings())
    asked = ctx, ctx.workspace.root, SCOPE, ctx.closure(SCOPE)["flash-attn"]
    found = built_for(*asked)
    return found.tag if found else "", torch_of(*asked)


@pytest.mark.parametrize(
    ("wheel", "tag", "torch"),
    [
        pytest.param(f"{FLASH}+cu124torch2.6{WHEEL}", "cu124", "2.6", id="the tag, then torch"),
        pytest.param(f"{FLASH}%2Bpt26cu121{WHEEL}", "cu121", "2.6", id="torch in digits, escaped"),
        pytest.param(f"{FLASH}+pt260cu126{WHEEL}", "cu126", "2.6", id="torch with its patch"),
        pytest.param(f"{FLASH}+pt210cu128{WHEEL}", "cu128", "2.10", id="torch of two digits"),
        pytest.param(f"{FLASH}+PT22CPU{WHEEL}", "cpu", "2.2", id="in capitals"),
        pytest.param(f"{FLASH}+rocm6.4{WHEEL}", "rocm6.4", "", id="nothing of torch"),
        pytest.param(
            f"https://example.com/torch-2.6.0+cu118/flash_attn-2.7.4{WHEEL}", "cu118", "2.6", id="in its folder"
        ),
        pytest.param(f"{FLASH}{WHEEL}", "", "", id="nothing"),
    ],
)
def test_what_a_wheel_tells(wheel: str, tag: str, torch: str) -> None:
    built, (wanted, pinned) = told(wheel, pin="==2.5.1")
    assert (built, wanted) == (tag, torch)
    assert pinned == ("2.5" if torch else "")


@pytest.mark.parametrize(
    ("pin", "base", "expected"),
    [
        pytest.param("==2.6.0", "", "2.6", id="by its list"),
        pytest.param("", '"torch == 2.6.1"', "2.6", id="by the base"),
        pytest.param("==2.6.0", '"torch==2.6.0"', "2.6", id="by both"),
        pytest.param("==2.6.0", '"torch==2.5.0"', "", id="otherwise by both"),
        pytest.param(">=2.6.0", "", "", id="by none"),
    ],
)
def test_what_is_pinned(pin: str, base: str, expected: str) -> None:
    assert told(f"{FLASH}+cu124torch2.6{WHEEL}", base=base, pin=pin)[1] == ("2.6", expected)


@pytest.mark.parametrize(("tag", "major"), [("cu124", "12"), ("cu118", "11"), ("rocm6.4", ""), ("cpu", "")])
def test_the_major_version_of_cuda(tag: str, major: str) -> None:
    found = accelerator.from_tag(tag)
    assert found is not None
    assert cuda_major(found) == major
