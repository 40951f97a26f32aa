"""The walk over who requires whom: a written bound decides which versions speak."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from variantfix import toml
from variantfix.detect.reach import Bringer, Reach, catalogue_requires, closure
from variantfix.detect.walks import Walks
from variantfix.pytorch.facts import Edge
from variantfix.repair.plan import context
from variantfix.settings import Settings
from variantfix.uv.parse import parse
from variantfix.uv.platforms import LINUX, MACOS
from variantfix.uv.project import Scope

if TYPE_CHECKING:
    from collections.abc import Mapping

    from variantfix.detect.reach import Requires
    from variantfix.pytorch.certainty import Certainty

FILE = "pyproject.toml"


def reached(text: str, *extras: str, graph: Mapping[str, list[Edge]] | None = None) -> dict[str, Reach]:
    workspace = parse({FILE: toml.loads(text)})
    scopes = [Scope(FILE, "base"), *(Scope(FILE, "extra", extra) for extra in extras)]
    return dict(closure(workspace, scopes, catalogue_requires if graph is None else requires_of(graph)))


def requires_of(graph: Mapping[str, list[Edge]]) -> Requires:
    return lambda package, _extra, _specifier: graph.get(package, [])


def project(*dependencies: str, more: str = "") -> str:
    return f'[project]\nname = "app"\nversion = "1"\ndependencies = {list(dependencies)}\n{more}'


def test_a_pin_asks_the_row_of_its_version() -> None:
    found = reached(project("vllm==0.10.0"))
    assert {"torch", "torchaudio", "torchvision", "triton", "xformers"} == found.keys() - {"vllm"}
    assert found["vllm"].specifiers == ("==0.10.0",)


def test_without_an_upper_bound_the_newest_row_speaks() -> None:
    found = reached(project("vllm>=0.10"))
    assert "torchcodec" in found
    assert found["vllm"].specifiers == ()


def test_a_pin_that_stands_in_a_list_read_later_counts() -> None:
    more = '[project.optional-dependencies]\nold = ["app[older]"]\nolder = ["vllm==0.10.0"]\n'
    assert "torchcodec" not in reached(project("vllm", more=more), "old")


def test_extras_that_pin_differently_are_both_asked() -> None:
    more = '[project.optional-dependencies]\nold = ["vllm==0.10.0"]\nnew = ["vllm==0.26.0"]\n'
    found = reached(project(more=more), "old", "new")
    assert {"xformers", "torchcodec"} <= found.keys()
    assert found["vllm"].specifiers == ("==0.10.0", "==0.26.0")


@pytest.mark.parametrize(
    ("dependencies", "specifiers"),
    [
        pytest.param(["vllm"], ("==0.10.0",), id="alone"),
        pytest.param(["vllm>=0.9"], (">=0.9,==0.10.0",), id="beside-a-bound"),
        pytest.param(["vllm @ https://packages.example.com/vllm-1-py3-none-any.whl"], (), id="not-for-a-url"),
    ],
)
def test_a_constraint_bounds_what_is_written(dependencies: list[str], specifiers: tuple[str, ...]) -> None:
    more = '[tool.uv]\nconstraint-dependencies = ["vllm==0.10.0"]\n'
    assert reached(project(*dependencies, more=more))["vllm"].specifiers == specifiers


def test_a_constraint_bounds_what_another_package_brings() -> None:
    more = '[tool.uv]\nconstraint-dependencies = ["timm==0.4.12"]\n'
    assert reached(project("open-clip-torch", more=more))["timm"].specifiers == ("==0.4.12",)


def test_every_way_and_its_marker_is_told() -> None:
    found = reached(project("pyiqa ; python_version < '3.14'", "timm"))
    assert found["bitsandbytes"].bringers == (Bringer("pyiqa", "sys_platform != 'darwin'"),)
    assert found["pyiqa"].bringers == (Bringer("", "python_version < '3.14'"),)
    assert Bringer("", "") in found["timm"].bringers
    assert Bringer("pyiqa", "") in found["timm"].bringers


def test_a_reference_brings_where_its_marker_holds() -> None:
    more = "[project.optional-dependencies]\nall = [\"app[train]; sys_platform == 'linux'\"]\ntrain = ['torch']\n"
    workspace = parse({FILE: toml.loads(project(more=more))})
    scopes = [Scope(FILE, "extra", "all")]
    assert "torch" in closure(workspace, scopes, catalogue_requires, lambda r: MACOS not in r.marker)
    assert "torch" not in closure(workspace, scopes, catalogue_requires, lambda r: LINUX not in r.marker)


@pytest.mark.parametrize(
    ("dependency", "is_sure"),
    [
        pytest.param("accelerate", True, id="seen-in-the-newest"),
        pytest.param("accelerate==1.13.0", True, id="seen-in-that-version"),
        pytest.param("accelerate==0.25.0", False, id="said-of-every-version"),
        pytest.param("trainer", False, id="seen-in-no-version-in-particular"),
    ],
)
def test_what_was_not_seen_is_not_sure(dependency: str, *, is_sure: bool) -> None:
    assert reached(project(dependency))["torch"].certainty == ("seen" if is_sure else "inferred")


def test_what_is_written_is_sure() -> None:
    assert reached(project("accelerate==0.26.1", "torch"))["torch"].certainty == "seen"


def test_a_surer_way_found_later_makes_all_behind_it_sure() -> None:
    found = reached(project("unknowable", "later"), graph={
        "unknowable": [Edge("between", certainty="inferred")],
        "later": [Edge("longer")],
        "longer": [Edge("between")],
        "between": [Edge("torch")],
    })  # fmt: skip
    assert [found[name].certainty for name in ("between", "torch")] == ["seen", "seen"]
    assert found["torch"].path == ("unknowable", "between", "torch")


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        pytest.param("seen", "announced", "announced", id="the-least-sure-step"),
        pytest.param("inferred", "announced", "inferred", id="an-earlier-step"),
        pytest.param("seen", "seen", "seen", id="all-sure"),
    ],
)
def test_a_way_is_as_sure_as_its_least_sure_step(first: Certainty, second: Certainty, expected: str) -> None:
    graph = {"one": [Edge("two", certainty=first)], "two": [Edge("torch", certainty=second)]}
    assert reached(project("one"), graph=graph)["torch"].certainty == expected
    assert brought(graph) == expected


def test_who_brings_no_family_package_is_told() -> None:
    assert brought({"one": [Edge("two")], "two": [Edge("one")]}) is None


def brought(graph: Mapping[str, list[Edge]]) -> Certainty | None:
    return Walks(parse({FILE: toml.loads(project())}), requires_of(graph)).how_brought("one", (), ())


def test_a_variant_reaches_what_its_systems_ask_for() -> None:
    listed = "['torch', 'accelerate; sys_platform == \"darwin\"']"
    lists = f"cpu = {listed}\ncu128 = {listed}"
    text = f"[project]\nname = 'app'\nversion = '1'\n[project.optional-dependencies]\n{lists}\n"
    ctx = context({FILE: toml.loads(text)}, Settings())
    assert ["accelerate" in ctx.own(variant) for variant in ctx.variants] == [True, False]
    assert ["accelerate" in ctx.combined(variant) for variant in ctx.variants] == [True, False]
