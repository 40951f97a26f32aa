"""`variantfix add`: what is written, what is refused, and that the real uv isolates it and keeps the bare project."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.change.texts import FILE, INDEXED, PLAIN, add
from tests.test_cases import context, leaks, selections
from variantfix.errors import ConfigError, InputError, NothingError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tests.conftest import Judge

PINNED = PLAIN.replace('"torch>=2.7",', '"torch==2.8.0+cu128",').replace('    "torchvision",\n', "")
WHEEL = PLAIN.replace(
    '"torch>=2.7",',
    '"torch @ https://download.pytorch.org/whl/cu128/torch-2.8.0%2Bcu128-cp311-cp311-manylinux_2_28_x86_64.whl",',
).replace('    "torchvision",\n', "")
THROUGH = PLAIN.replace('    "torch>=2.7",\n    "torchvision",\n', '    "timm",\n')
WORKSPACE = {
    FILE: '[project]\nname = "root"\nversion = "0"\nrequires-python = ">=3.11"\n\n'
    '[tool.uv.workspace]\nmembers = ["packages/*"]\n',
    "packages/ml/pyproject.toml": PLAIN.replace('"app"', '"ml"'),
}


def test_one_torch_becomes_two_variants() -> None:
    repair = add(PLAIN, "cpu", "cu128")
    after = repair.after[FILE]
    assert after.startswith(PLAIN.partition("[dependency-groups]")[0].rstrip())
    assert 'cpu = [\n    "torch>=2.7",\n    "torchvision",\n]' in after
    assert '{ index = "pytorch-cu128", extra = "cu128", marker =' in after
    assert '    { extra = "cpu" },' in after.replace("        ", "    ")
    assert repair.plan.remaining == ()
    assert repair.notes[0] == "added extra cpu: torch>=2.7, torchvision"


def test_groups_are_made_on_demand_and_where_the_variants_are_groups() -> None:
    grouped = add(PLAIN, "cpu", "cu128", as_groups=True).after[FILE]
    assert "optional-dependencies" not in grouped
    assert '{ index = "pytorch-cpu", group = "cpu" }' in grouped
    assert '{ index = "pytorch-cu130", group = "gpu"' in add(grouped, "gpu=cu130").after[FILE]


def test_a_third_one_joins_two() -> None:
    two = add(PLAIN, "cpu", "cu128").after[FILE]
    three = add(two, "rocm=rocm7.2").after[FILE]
    assert '        { extra = "rocm" },\n    ],' in three
    assert "triton-rocm" in three
    assert all(line in three for line in two.splitlines())


def test_what_comes_through_another_package_is_named_and_routed() -> None:
    after = add(THROUGH, "cpu", "cu128").after[FILE]
    assert '"torchvision"' in after
    assert "torchvision = [\n" in after


def test_a_member_that_is_meant_gets_them() -> None:
    member = "packages/ml/pyproject.toml"
    repair = add(WORKSPACE, "cpu", "cu128", only=member)
    assert repair.changed == (member,)


def test_a_default_and_the_base_moved() -> None:
    moved = add(PLAIN, "cpu", "cu128", move_base=True)
    assert 'dependencies = [\n    "numpy",  # arrays\n]' in moved.after[FILE]
    assert any("pip install 'app[cpu]'" in note for note in moved.notes)
    chosen = add(PLAIN, "cpu", "cu128", default="cpu").after[FILE]
    assert 'default-groups = ["torch-default", "dev"]' in chosen


def test_nothing_is_moved_where_nothing_can_be() -> None:
    only_in_group = PLAIN.replace('    "torch>=2.7",\n    "torchvision",\n', "").replace('"pytest"', '"torch"')
    assert "nothing in the base" in add(only_in_group, "cpu", "cu128", move_base=True).notes[-1]


@pytest.mark.parametrize(("text", "kept"), [(INDEXED, "torch>=2.7"), (PINNED, "torch==2.8.0"), (WHEEL, "torch==2.8.0")])
def test_the_bare_project_keeps_what_it_had(text: str, kept: str) -> None:
    repair = add(text, "cpu", "cu126")
    after = repair.after[FILE]
    assert 'group = "torch-default"' in after
    assert f'cpu = ["{kept}"]' in after or f'cpu = [\n    "{kept}",' in after
    assert any("by the default group torch-default" in note for note in repair.notes)


def test_a_member_keeps_what_its_root_gave_it() -> None:
    member = "packages/ml/pyproject.toml"
    source = INDEXED.partition("[tool.uv.sources]")
    root = WORKSPACE[FILE] + "\n" + source[1] + source[2]
    repair = add({**WORKSPACE, FILE: root}, "cpu", "cu126", only=member)
    assert repair.changed == (member,)
    assert '{ index = "pytorch-cu128", group = "torch-default"' in repair.after[member]


def test_linux_on_arm_gets_the_neighbour_that_serves_it() -> None:
    old = PLAIN.replace('"torch>=2.7"', '"torch>=2.4,<2.6"').replace('    "torchvision",\n', "")
    blocked = add(old, "cpu", "cu121")
    assert any("--move-base" in note for note in blocked.notes if "ARM" in note)
    split = add(old, "cpu", "cu121", move_base=True)
    assert "cu121 has no wheels for Linux on ARM: cu121 takes cu124 there" in split.notes
    assert '{ index = "pytorch-cu124", extra = "cu121", marker =' in split.after[FILE]


def test_what_pins_another_torch_is_kept_apart() -> None:
    oldest = PLAIN + 'oldest = ["torch==2.3.0"]\n'
    repair = add(oldest, "cpu", "cu128")
    assert "cu128 excludes group oldest, whose torch==2.3.0 its index does not have" in repair.notes
    with pytest.raises(ConfigError, match=r"the default group dev wants 'torch==2\.3\.0'"):
        add(PLAIN.replace("pytest", "torch==2.3.0"), "cpu", "cu128")


BAD = [
    (PLAIN, ("cu127",), ConfigError, r"'cu127': torch has no index of that tag \(the nearest are cu124, cu126"),
    (PLAIN, ("gpu",), ConfigError, r"gpu: the name tells no accelerator \(gpu=cu128\)"),
    (PLAIN, ("fast",), ConfigError, r"fast: the name tells no accelerator"),
    (PLAIN, ("-x=cpu",), ConfigError, r"'-x': not a name for an extra or group"),
    (PLAIN, ("gpu=vulkan",), ConfigError, r"'vulkan': torch has no index of that tag"),
    (PLAIN, ("dev=cpu", "cu128"), ConfigError, r"there is a group dev already"),
    (PLAIN, ("a=cpu", "b=cpu"), ConfigError, r"b and a would both be cpu"),
    (PLAIN, ("cu128",), ConfigError, r"would be the only variant, .* \(add a second: `variantfix add cpu cu128`\)"),
    (PLAIN, ("a=cpu", "A=xpu"), ConfigError, r"A is asked for twice"),
    (
        PLAIN.replace("2.7", "2.9"),
        ("cpu", "cu118"),
        ConfigError,
        r"no torch on the cu118 index satisfies .* it has 2.0.0 to 2",
    ),
    (PLAIN.replace("2.7", "99"), ("cpu", "rocm6.0"), ConfigError, r"change the bound|these would do"),
    (PLAIN.replace("torch", "scipy"), ("cpu", "xpu"), NothingError, r"nothing in it needs torch"),
    ('[dependency-groups]\ndev = ["torch"]\n', ("cpu", "xpu"), InputError, r"without \[project\] there are no extras"),
    (
        PLAIN.replace('version = "0.1.0"', 'version = "0"\ndynamic = ["optional-dependencies"]'),
        ("cpu", "xpu"),
        InputError,
        r"its build backend tells the extras \(--group",
    ),
    (
        PLAIN + '\n[tool.uv.sources]\ntorch = { git = "https://example.com/torch" }\n',
        ("cpu", "xpu"),
        InputError,
        r"torch has a git source",
    ),
    ('[project]\nname = "a"\n\n[tool.poetry]\nname = "a"\n', ("cpu",), InputError, r"not for uv"),
]


@pytest.mark.parametrize(("text", "asked", "error", "words"), BAD)
def test_bad_input_is_one_clear_line(text: str, asked: tuple[str, ...], error: type[Exception], words: str) -> None:
    with pytest.raises(error, match=words) as raised:
        add(text, *asked)
    assert "\n" not in str(raised.value)


def test_an_unknown_default_is_refused() -> None:
    with pytest.raises(ConfigError, match=r"--default xpu: there is no such variant \(cpu, cu128\)"):
        add(PLAIN, "cpu", "cu128", default="xpu")


ASKED: list[tuple[str, str, dict[str, Any], bool]] = [
    ("plain", PLAIN, {}, True),
    ("groups", PLAIN, {"as_groups": True}, True),
    ("default", PLAIN, {"default": "cpu"}, False),
    ("moved", PLAIN, {"move_base": True}, False),
    ("indexed", INDEXED, {}, True),
    ("pinned", PINNED, {}, False),
    ("through", THROUGH, {}, True),
    ("apart", PLAIN.replace('"torch>=2.7"', '"torch>=2.3"') + 'oldest = ["torch==2.3.0"]\n', {}, False),
]


@pytest.mark.uv
@pytest.mark.parametrize(("text", "options", "same"), [p[1:] for p in ASKED], ids=[p[0] for p in ASKED])
def test_uv_isolates_what_is_added(text: str, options: Mapping[str, Any], same: bool, judge: Judge) -> None:
    from tests.world.judge import Selection

    after = dict(add(text, "cpu", "cu128", **options).after)
    asked = selections(ctx := context(after))
    group = "torch-default" if "torch-default" in after[FILE] else ""
    default = Selection(groups=(group,)) if group else Selection()
    verdict = judge(after, [*asked, default])
    assert verdict.locked, verdict.error
    assert not verdict.refused
    assert sorted(leaks(verdict, ctx)) == []
    if same:
        before = judge({FILE: text})
        assert before.closures[Selection()]["linux-x86_64"] == verdict.closures[default]["linux-x86_64"]
