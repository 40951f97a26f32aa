"""What a repair would harm, told from the states before and after it."""

from __future__ import annotations

import pytest

from tests.projects import HEAD, INDEXES
from variantfix import Settings, toml
from variantfix.repair.harm import Harm, find_harm, look
from variantfix.repair.plan import context

FILE = "pyproject.toml"
CPU, CU128 = ("https://download.pytorch.org/whl/" + tag for tag in ("cpu", "cu128"))
ROUTED = 'torch = [{ index = "pytorch-cpu", extra = "cpu" }, { index = "pytorch-cu128", extra = "cu128" }]'
APART = 'conflicts = [[{ extra = "cpu" }, { extra = "cu128" }]]'
DEFAULT_INDEX = "the default index"


def text(
    *, base: str = "", cpu: str = '"torch"', cu128: str = '"torch"', more: str = "", uv: str = "", sources: str = ""
) -> str:
    extras = f"[project.optional-dependencies]\ncpu = [{cpu}]\ncu128 = [{cu128}]\n{more}"
    return f"{HEAD}dependencies = [{base}]\n{extras}[tool.uv]\n{uv}\n[tool.uv.sources]\n{sources}\n{INDEXES}"


def harms(before: str, after: str) -> list[str]:
    return sorted({str(harm) for harm in found_harms(before, after)})


def found_harms(before: str, after: str, settings: Settings | None = None) -> tuple[Harm, ...]:
    was, will = (context({FILE: toml.loads(given)}, settings or Settings()) for given in (before, after))
    return find_harm(look(was), will, ())


def test_nothing_is_harmed_where_nothing_changes() -> None:
    assert harms(text(base='"torch"'), text(base='"torch"')) == []


def test_what_is_taken_from_the_base_is_gone() -> None:
    found = harms(text(base='"torch"', cpu="", cu128=""), text(cpu='"torch"', cu128='"torch"'))
    assert "torch would be gone (the bare project on linux-x86_64)" in found
    assert "torch would be gone (the bare project on macos-arm64)" in found
    assert not any("extra" in each for each in found)


def test_what_is_put_into_the_base_is_new() -> None:
    found = harms(text(cpu="", cu128=""), text(base='"torchvision"', cpu="", cu128=""))
    assert "torchvision would be new (the bare project on win-amd64)" in found
    assert "torchvision would be new (extra cpu on win-amd64)" in found
    assert not any("gone" in each for each in found)


def test_what_pypi_has_not_is_not_new() -> None:
    """It is installed by no pip without an index of PyTorch's, so that nobody has got it unasked."""
    found = harms(text(), text(cpu='"torch", "pytorch-triton-rocm"'))
    assert not any("pytorch-triton-rocm would be new" in each for each in found)


def test_a_source_of_the_whole_moves_the_bare_project() -> None:
    found = harms(text(base='"torch"'), text(base='"torch"', sources='torch = { index = "pytorch-cpu" }'))
    moves = f"torch would come from {CPU}, not from {DEFAULT_INDEX}"
    assert f"{moves} (the bare project on linux-x86_64)" in found
    assert not any("macos" in each for each in found)  # PyTorch has one build for macOS


def test_an_index_that_has_no_build_is_said() -> None:
    found = harms(text(base='"torch"'), text(base='"torch"', sources='torch = { index = "pytorch-cu128" }'))
    lacking = f"torch would come from {CU128}, not from {DEFAULT_INDEX}, which has no build there"
    assert f"{lacking} (the bare project on macos-arm64)" in found


def test_the_worst_is_told_first() -> None:
    moved = text(base='"torch"', sources='torch = { index = "pytorch-cu128" }')
    forbidden = [harm.is_forbidden for harm in found_harms(text(base='"torch"'), moved)]
    assert forbidden[0]
    assert not forbidden[-1]
    assert forbidden == sorted(forbidden, reverse=True)


def test_what_is_new_from_an_index_without_a_build_is_said() -> None:
    found = harms(text(cpu="", cu128=""), text(base='"torch"', sources='torch = { index = "pytorch-cu128" }'))
    assert f"torch would be new from {CU128}, which has no build there (the bare project on macos-arm64)" in found
    assert "torch would be new (the bare project on linux-x86_64)" in found


def test_a_conflict_forbids_what_was_combined() -> None:
    """Two variants of one accelerator could be: those of two could not, whatever the file said."""
    settings = Settings(accelerators={"cpu": "cpu", "cu128": "cpu"})
    (harm,) = found_harms(text(), text(uv=APART), settings)
    assert str(harm) == "uv would refuse it (extra cpu with extra cu128 on linux-x86_64)"
    assert harms(text(), text(uv=APART)) == []


def test_variants_that_are_not_chosen_make_no_contradiction() -> None:
    settings = Settings(accelerators={"cpu": "cpu", "cu128": "cpu"})
    before, after = (text(more='cu126 = ["torch"]\ncu130 = ["torch"]\n', uv=uv) for uv in ("", APART))
    found = {str(harm) for harm in found_harms(before, after, settings)}
    assert found == {"uv would refuse it (extra cpu with extra cu128 on linux-x86_64)"}


def test_of_a_project_that_uv_refuses_nothing_is_harmed() -> None:
    refused = text(base='"torch"', sources='torch = { index = "nowhere" }')
    assert harms(refused, text(cpu="", cu128="")) == []


@pytest.mark.parametrize("cpu", ["", '"numpy"'])
def test_a_source_bound_to_a_list_without_its_package_is_refused(cpu: str) -> None:
    before = text(base='"torch"', cpu=cpu, uv=APART, sources=ROUTED)
    assert harms(before, text(cpu="", cu128="")) == []
