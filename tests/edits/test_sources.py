"""The edits that give packages their sources, and declare what these name."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.projects import HEAD, INDEX
from variantfix import Settings, toml
from variantfix.edits.conflicts import add_sets
from variantfix.edits.indexes import free_name, variant_index
from variantfix.edits.sources import remove_sources, route
from variantfix.repair.plan import context
from variantfix.toml import apply_to_data

if TYPE_CHECKING:
    from variantfix.detect.context import Context

FILE = "pyproject.toml"


def asked(*lines: str, cpu: str = '"torch"', cu128: str = '"torch"', more: str = "") -> Context:
    extras = f"dependencies = []\n[project.optional-dependencies]\ncpu = [{cpu}]\ncu128 = [{cu128}]\n"
    sources = "".join(f"{line}\n" for line in lines)
    return context({FILE: toml.loads(f"{HEAD}{extras}[tool.uv.sources]\n{sources}{more}")}, Settings())


def held(ctx: Context) -> dict[str, Any]:
    return dict(ctx.workspace.data[FILE])


def routed(ctx: Context, package: str) -> tuple[object, list[str]]:
    """The sources of a package once it is routed for all variants, and the indexes that are declared."""
    data = held(ctx)
    uv = apply_to_data(data, route(ctx, package, ctx.variants))["tool"]["uv"]
    return uv["sources"].get(package), [index["url"].rpartition("/")[2] for index in uv.get("index", ())]


LINUX = "sys_platform == 'linux'"
GPU = f"{LINUX} or sys_platform == 'win32'"
CPU_ENTRY = {"index": "pytorch-cpu", "extra": "cpu"}
CU128_ENTRY = {"index": "pytorch-cu128", "extra": "cu128"}


def test_each_variant_has_a_source_and_its_index() -> None:
    ctx = asked()
    assert routed(ctx, "torch") == ([CPU_ENTRY, {**CU128_ENTRY, "marker": GPU}], ["cpu", "cu128"])


def test_an_index_is_named_for_its_tag_without_dots() -> None:
    ctx = asked(more="[dependency-groups]\n'rocm6.4' = ['torch']\n")
    name, (index,) = variant_index(ctx, ctx.variants[-1])
    assert (name, '"https://download.pytorch.org/whl/rocm6.4"' in str(index)) == ("pytorch-rocm64", True)


def test_what_is_declared_is_taken() -> None:
    more = INDEX.format(tag="cu128").replace("pytorch-cu128", "ours") + INDEX.format(tag="cpu")
    sources, indexes = routed(asked(more=more), "torch")
    assert sources == [CPU_ENTRY, {**CU128_ENTRY, "index": "ours", "marker": GPU}]
    assert indexes == ["cu128", "cpu"]


@pytest.mark.parametrize(
    "index",
    [
        pytest.param(
            INDEX.format(tag="cpu").replace("explicit", "default").replace("pytorch-cpu", "own"), id="the default index"
        ),
        pytest.param(INDEX.format(tag="cpu").replace("pytorch-cpu", "pytorch-cu126"), id="one that is misnamed"),
        pytest.param('[[tool.uv.index]]\nurl = "https://download.pytorch.org/whl/cpu"\n', id="one without a name"),
        pytest.param('[[tool.uv.index]]\nname = "cpu"\nurl = "https://example.com/cpu"\n', id="one of other packages"),
    ],
)
def test_what_does_not_fit_is_let_be(index: str) -> None:
    name, declared = variant_index((ctx := asked(more=index)), ctx.variants[0])
    assert (name, len(declared)) == ("pytorch-cpu", 1)


def test_companions_follow_torch() -> None:
    torch = 'torch = [{ index = "a", extra = "cpu" }, { index = "b", extra = "cu128", marker = "MARKER" }]'
    more = INDEX.format(tag="cpu").replace("pytorch-cpu", "a") + INDEX.format(tag="cu128").replace("pytorch-cu128", "b")
    marker = "sys_platform == 'linux'"
    sources, _ = routed(asked(torch.replace("MARKER", marker), more=more), "torchvision")
    assert sources == [{"index": "a", "extra": "cpu"}, {"index": "b", "extra": "cu128", "marker": marker}]


ONE_MACHINE = f"{LINUX} and platform_machine == 'x86_64' or sys_platform == 'win32'"


@pytest.mark.parametrize(
    ("marker", "expected"),
    [
        pytest.param(GPU, LINUX, id="of two systems"),
        pytest.param(LINUX, LINUX, id="of that one"),
        pytest.param(ONE_MACHINE, f"{LINUX} and ({ONE_MACHINE})", id="of one machine"),
        pytest.param("python_version < '3.13'", f"{LINUX} and python_version < '3.13'", id="of some Pythons"),
    ],
)
def test_what_an_index_has_for_one_system_is_taken_there_as_torch_is(marker: str, expected: str) -> None:
    torch = f'torch = [{{ index = "pytorch-cu128", extra = "cu128", marker = "{marker}" }}]'
    ctx = asked(torch, more=INDEX.format(tag="cu128"))
    data = apply_to_data(held(ctx), route(ctx, "torchao", ctx.variants[1:]))  # which has wheels for Linux alone
    assert data["tool"]["uv"]["sources"]["torchao"] == [{**CU128_ENTRY, "marker": expected}]


def test_entries_join_those_that_are_there_whatever_their_spelling() -> None:
    ctx = asked('"Torch" = [{ index = "pytorch-cpu", extra = "cpu" }]', more=INDEX.format(tag="cpu"))
    data = held(ctx)
    uv = apply_to_data(data, route(ctx, "torch", ctx.variants[1:]))["tool"]["uv"]
    assert uv["sources"] == {"Torch": [CPU_ENTRY, {**CU128_ENTRY, "marker": GPU}]}


def test_the_last_sources_of_a_package_go_with_their_key() -> None:
    ctx = asked('torch = [{ index = "a", extra = "cpu" }, { index = "b", extra = "cu128" }, { index = "c" }]')
    data = held(ctx)
    workspace, sources = ctx.workspace, ctx.workspace.root.sources["torch"]
    some = apply_to_data(data, remove_sources(workspace, workspace.root, sources[:2]))
    assert some["tool"]["uv"]["sources"] == {"torch": [{"index": "c"}]}
    assert apply_to_data(data, remove_sources(workspace, workspace.root, sources))["tool"]["uv"]["sources"] == {}
    assert remove_sources(workspace, workspace.root, ()) == ()


def test_a_name_is_free() -> None:
    assert free_name("a", ["b"]) == "a"
    assert free_name("a", ["a", "a-2", "a-4"]) == "a-3"


@pytest.mark.parametrize("before", [[], [[{"extra": "docs"}, {"extra": "web"}]]])
def test_conflict_sets_are_added(before: list[list[dict[str, str]]]) -> None:
    more = "[tool.uv]\nconflicts = [[{ extra = 'docs' }, { extra = 'web' }]]\n" if before else ""
    ctx = asked(more=more)
    data = held(ctx)
    after = apply_to_data(data, add_sets(ctx.workspace, ctx.workspace.root, [ctx.variants, ctx.variants]))
    assert after["tool"]["uv"]["conflicts"] == [*before, *[[{"extra": "cpu"}, {"extra": "cu128"}]] * 2]


@pytest.mark.parametrize(("is_virtual", "file"), [(True, FILE), (False, "net/pyproject.toml")])
def test_a_member_adds_to_the_sources_of_a_virtual_root_alone(*, is_virtual: bool, file: str) -> None:
    sources = '[tool.uv.sources]\ntorch = [{ index = "a", extra = "x" }]\n[tool.uv.workspace]\nmembers = ["net"]\n'
    member = f'{HEAD.replace("app", "net")}optional-dependencies = {{ cpu = ["torch"], cu128 = ["torch"] }}\n'
    texts = {FILE: sources if is_virtual else HEAD + sources, "net/pyproject.toml": member}
    ctx = context({name: toml.loads(each) for name, each in texts.items()}, Settings())
    edits = [edit for edit in route(ctx, "torch", ctx.variants) if edit.at[:3] == ("tool", "uv", "sources")]
    assert {edit.file for edit in edits} == {file}
