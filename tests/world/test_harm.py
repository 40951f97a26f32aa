"""The judge of harm sees each kind of it, and takes for none what a finding says."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.test_cases import context
from tests.world import harm
from variantfix.pytorch import catalog
from variantfix.rules.rule import Finding, Fix, Safety, Severity
from variantfix.uv.project import Place

if TYPE_CHECKING:
    from tests.conftest import Judge

pytestmark = pytest.mark.uv

_INDEX = """
[[tool.uv.index]]
name = "pytorch-{tag}"
url = "https://download.pytorch.org/whl/{tag}"
explicit = true
"""
_CPU, _CU128 = _INDEX.format(tag="cpu"), _INDEX.format(tag="cu128")
_SOURCE = '\n[tool.uv.sources]\ntorch = {{ index = "pytorch-{tag}" }}\n'


def _app(dependencies: str, rest: str = "", extras: str = "") -> str:
    lists = f"\n[project.optional-dependencies]\n{extras}\n" if extras else ""
    head = '[project]\nname = "app"\nversion = "0.1.0"\nrequires-python = ">=3.11"\n'
    return f"{head}dependencies = [{dependencies}]\n{lists}{rest}"


def _finding(message: str, title: str = "mend it", safety: Safety = Safety.SAFE) -> Finding:
    return Finding("a-rule", Severity.ERROR, message, Place("pyproject.toml", ()), fix=Fix(title, (), safety))


def _sides(judge: Judge, *texts: str) -> list[harm.Side]:
    files = [{"pyproject.toml": text} for text in texts]
    return [harm.Side(context(each), judge(each)) for each in files]


_BARE = _app('"torch==2.9.1"')
_CPU_BARE = _app('"torch==2.9.1"', _SOURCE.format(tag="cpu") + _CPU)


def test_what_is_the_same_is_no_harm_and_void(judge: Judge) -> None:
    before, after = _sides(judge, _BARE, _BARE + _CPU)
    assert harm.harms(before, after, []) == []
    assert harm.is_void(before, after)


def test_another_build_and_a_selection_that_is_gone_are_harm(judge: Judge) -> None:
    before, after = _sides(judge, _app('"torch==2.9.1"', extras='cli = ["tqdm"]'), _app('"torch==2.9.1"'))
    assert harm.harms(before, after, [])[0] == "extra:cli on linux-aarch64: worked, and now a conflict forbids it"
    before, after = _sides(judge, _BARE, _app('"torch==2.8.0"'))
    moved = f"torch 2.9.1 from {catalog.PYPI_SIMPLE} becomes 2.8.0 from {catalog.PYPI_SIMPLE}".replace("/ ", " ")
    assert f"bare on win-amd64: {moved.removesuffix('/')}" in harm.harms(before, after, [])
    assert not harm.is_void(before, after)


def test_a_lost_lock_is_harm(judge: Judge) -> None:
    before, after = _sides(judge, _BARE, _app('"torch==99"'))
    (words,) = harm.harms(before, after, [])
    assert words.startswith("lock lost: ")
    assert harm.harms(after, before, []) == []


def test_a_platform_without_wheels_is_harm(judge: Judge) -> None:
    before, after = _sides(judge, _BARE, _app('"torch==2.9.1"', _SOURCE.format(tag="cu128") + _CU128))
    found = harm.harms(before, after, [_finding("torch comes from PyPI", safety=Safety.UNSAFE)])
    assert found == ["bare on macos-arm64: worked, and now torch 2.9.1+cu128: no wheel"]


def test_a_new_package_is_harm_unless_a_finding_names_it(judge: Judge) -> None:
    before, after = _sides(judge, _app('"numpy"'), _app('"numpy", "requests"'))
    assert len(harm.harms(before, after, [])) == 4
    assert harm.harms(before, after, [])[0].startswith("bare on linux-aarch64: requests 2.5.0 is new, by ")
    assert harm.harms(before, after, [_finding("it lacks requests")]) == []


def test_a_companion_may_join_the_torch_that_stays(judge: Judge) -> None:
    rest = _SOURCE.format(tag="cpu")
    before, after = _sides(
        judge,
        _app('"torch==2.9.1", "torchvision"', rest + _CPU),
        _app('"torch==2.9.1", "torchvision"', rest + 'torchvision = { index = "pytorch-cpu" }\n' + _CPU),
    )
    assert harm.harms(before, after, [])
    assert harm.harms(before, after, [_finding("uv installs PyPI's torchvision")]) == []


def test_an_unsafe_fix_may_move_what_it_announces(judge: Judge) -> None:
    before, after = _sides(judge, _BARE, _CPU_BARE)
    assert harm.harms(before, after, [_finding("torch")])
    assert harm.harms(before, after, [_finding("torch", safety=Safety.UNSAFE)]) == []
