"""`variantfix add`: what is written, what is refused, and that the real uv isolates it and keeps the bare project."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.change.texts import FILE, INDEXED, PLAIN, add
from tests.test_cases import context, leaks, selections
from variantfix.errors import ConfigError, InputError, NothingError, VariantfixError
from variantfix.repair.pipeline import apply_text
from variantfix.toml import loads

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


BY_PLATFORM = INDEXED.replace(
    'torch = { index = "pytorch-cu128" }\ntorchvision = { index = "pytorch-cu128" }',
    """\
torch = [
    { index = "pytorch-cpu", marker = "sys_platform != 'linux'" },
    { index = "pytorch-cu128", marker = "sys_platform == 'linux'" },
]
torchvision = [
    { index = "pytorch-cpu", marker = "sys_platform != 'linux'" },
    { index = "pytorch-cu128", marker = "sys_platform == 'linux'" },
]""",
) + ('\n[[tool.uv.index]]\nname = "pytorch-cpu"\nurl = "https://download.pytorch.org/whl/cpu"\nexplicit = true\n')


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


def test_the_bare_project_keeps_it_without_the_default_group_too() -> None:
    sets = loads(add(INDEXED, "cpu", "cu126").after[FILE])["tool"]["uv"]["conflicts"]
    assert sets == [
        [{"extra": "cpu"}, {"extra": "cu126"}],
        [{"group": "torch-default"}, {"extra": "cpu"}, {"extra": "cu126"}],
    ]
    sets = loads(add(INDEXED, "cpu", "any=pypi").after[FILE])["tool"]["uv"]["conflicts"]
    assert sets == [
        [{"extra": "cpu"}, {"extra": "any"}],
        [{"group": "torch-default"}, {"extra": "cpu"}, {"extra": "any"}],
    ]


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


NO_TORCH = PLAIN.replace("torch", "scipy")
GIT = PLAIN + '\n[tool.uv.sources]\ntorch = { git = "https://example.com/torch" }\n'
DYNAMIC = PLAIN.replace('version = "0.1.0"', 'version = "0"\ndynamic = ["optional-dependencies"]')
TWO = add(PLAIN, "cpu", "cu128").after[FILE]
ON_ARM = "sys_platform == 'linux' and platform_machine == 'aarch64'"
ELSEWHERE = "sys_platform != 'linux' or platform_machine != 'aarch64'"
LEFT_TO_PYPI = f"""\
[project]
name = "app"
version = "0.1.0"
requires-python = ">=3.11"

[project.optional-dependencies]
cpu = ["torch>=2.7"]
cu128 = ["torch>=2.7"]

[tool.uv]
conflicts = [[{{ extra = "cpu" }}, {{ extra = "cu128" }}]]

[tool.uv.sources]
torch = [
    {{ index = "pytorch-cpu", extra = "cpu", marker = "{ELSEWHERE}" }},
    {{ index = "pytorch-cu128", extra = "cu128", marker = "{ELSEWHERE}" }},
    {{ index = "other", marker = "{ON_ARM}" }},
]
""" + "".join(
    f'\n[[tool.uv.index]]\nname = "{name}"\nurl = "https://download.pytorch.org/whl/{tag}"\nexplicit = true\n'
    for name, tag in (("pytorch-cpu", "cpu"), ("pytorch-cu128", "cu128"), ("other", "cpu"))
)


def test_sources_without_an_extra_beside_variants_keep_their_platforms() -> None:
    after = add(LEFT_TO_PYPI, "gpu=cu126").after[FILE]
    within = f"(sys_platform == 'linux' or sys_platform == 'win32') and ({ELSEWHERE})"
    assert f'    {{ index = "pytorch-cu126", extra = "gpu", marker = "{within}" }},\n' in after
    assert f'    {{ index = "other", marker = "{ON_ARM}" }},\n' in after
    assert "torch-default" not in after


@pytest.mark.uv
def test_uv_locks_beside_sources_without_an_extra(judge: Judge) -> None:
    verdict = judge(dict(add(LEFT_TO_PYPI, "gpu=cu126").after))
    assert verdict.locked, verdict.error


BAD: dict[str, tuple[str, str, type[VariantfixError], str]] = {
    "unknown-tag": (
        PLAIN,
        "cu127",
        ConfigError,
        "'cu127': torch has no index of that tag (the nearest are cu124",
    ),
    "unknown-tag-of-a-name": (
        PLAIN,
        "gpu=vulkan",
        ConfigError,
        "'vulkan': torch has no index of that tag (the",
    ),
    "a-kind-is-no-tag": (PLAIN, "gpu", ConfigError, "gpu: the name tells no accelerator (gpu=cu128)"),
    "a-name-tells-nothing": (PLAIN, "fast", ConfigError, "fast: the name tells no accelerator (fast=cu128)"),
    "a-name-that-pep-685-refuses": (PLAIN, "-x=cpu", ConfigError, "'-x': not a name for an extra or group (letters"),
    "a-variant-that-exists": (TWO, "cpu cu130", ConfigError, f"{FILE}: there is an extra cpu already"),
    "all-of-it-exists": (TWO, "cpu cu128", NothingError, f"{FILE}: it has cpu, cu128 already"),
    "a-group-of-that-name": (PLAIN, "dev=cpu cu128", ConfigError, f"{FILE}: there is a group dev already"),
    "two-variants-on-one-tag": (PLAIN, "a=cpu b=cpu", ConfigError, "b and a would both be cpu (one variant for each"),
    "a-tag-that-is-there": (TWO, "gpu=cu128", ConfigError, "gpu and extra cu128 would both be cu128 (one variant for"),
    "a-name-twice": (PLAIN, "a=cpu A=xpu", ConfigError, "A is asked for twice"),
    "two-of-pypi": (PLAIN, "cpu a=pypi b=pypi", ConfigError, "b and a would both be PyPI's build (one is enough)"),
    "pypi-alone": (
        PLAIN,
        "x=pypi",
        ConfigError,
        f"{FILE}: there is no variant beside which x could be PyPI's build (add one too: `variantfix add x=pypi cpu`)",
    ),
    "a-group-of-pypis-name": (PLAIN, "cpu dev=pypi", ConfigError, f"{FILE}: there is a group dev already"),
    "one-alone": (
        PLAIN,
        "cu128",
        ConfigError,
        f"{FILE}: cu128 would be the only variant, and uv gives a lone one's build",
    ),
    "cpu-alone": (PLAIN, "cpu", ConfigError, f"{FILE}: cpu would be the only variant, and uv gives a lone one's build"),
    "a-bound-that-the-index-cannot-meet": (
        PLAIN.replace("2.7", "2.9"),
        "cpu cu118",
        ConfigError,
        f"{FILE}: cu118: no torch on the cu118 index satisfies 'torch>=2.9' for Python >=3.11: it has 2.0.0 to 2.",
    ),
    "a-bound-that-none-can-meet": (
        PLAIN.replace("2.7", "99"),
        "cpu rocm6.0",
        ConfigError,
        f"{FILE}: rocm6.0: no torch on the rocm6.0 index satisfies 'torch>=99'",
    ),
    "no-family-package": (
        NO_TORCH,
        "cpu xpu",
        NothingError,
        f"{FILE}: nothing in it needs torch (`uv add torch` first, then add variants)",
    ),
    "extras-without-a-project": (
        '[dependency-groups]\ndev = ["torch"]\n',
        "cpu xpu",
        InputError,
        f"{FILE}: without [project] there are no extras (--group, or name a member)",
    ),
    "extras-of-the-backend": (DYNAMIC, "cpu xpu", InputError, f"{FILE}: its build backend tells the extras (--group"),
    "torch-from-git": (GIT, "cpu xpu", InputError, f"{FILE}: torch has a git source, which is one build only (bind it"),
    "not-for-uv": ('[project]\nname = "a"\n\n[tool.poetry]\nname = "a"\n', "cpu", InputError, f"{FILE}: not for uv"),
}


@pytest.mark.parametrize(("text", "asked", "error", "words"), BAD.values(), ids=BAD)
def test_bad_input_is_one_clear_line(text: str, asked: str, error: type[VariantfixError], words: str) -> None:
    with pytest.raises(error) as raised:
        add(text, *asked.split())
    assert str(raised.value).startswith(words)
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize(
    ("asked", "offered"),
    [
        ("cu128", "`variantfix add cpu cu128`, or PyPI's build: `cu128=cu128 default=pypi`"),
        ("cpu", "`variantfix add cpu cu128`, or PyPI's build: `cpu=cpu gpu=pypi`"),
    ],
)
def test_one_alone_is_told_what_to_add(asked: str, offered: str) -> None:
    with pytest.raises(ConfigError) as raised:
        add(PLAIN, asked)
    assert str(raised.value).endswith(f" (add a second: {offered})")


def test_pypis_build_beside_variants_leaves_the_bare_project_as_it_was() -> None:
    repair = add(PLAIN, "cpu", "gpu=pypi")
    after = repair.after[FILE]
    assert 'gpu = [\n    "torch>=2.7",\n    "torchvision",\n]' in after
    assert '        { extra = "cpu" },\n        { extra = "gpu" },\n' in after
    assert 'extra = "gpu"' not in after.partition("[tool.uv.sources]")[2]
    assert repair.notes[1] == "added extra gpu: PyPI's build, which a conflict set keeps apart from the variants"
    assert apply_text(after).after[FILE] == after


def test_pypis_build_joins_variants() -> None:
    after = add(TWO, "default=pypi", "xpu").after[FILE]
    sets = loads(after)["tool"]["uv"]["conflicts"]
    assert sets == [[{"extra": "cpu"}, {"extra": "cu128"}, {"extra": "xpu"}, {"extra": "default"}]]
    with pytest.raises(ConfigError, match="--move-base leaves gpu without what needs torch"):
        add(PLAIN, "cpu", "gpu=pypi", move_base=True)


def test_an_unknown_default_is_refused() -> None:
    with pytest.raises(ConfigError, match=r"--default xpu: there is no such variant \(known: cpu, cu128\)"):
        add(PLAIN, "cpu", "cu128", default="xpu")


ASKED: list[tuple[str, str, dict[str, Any], bool]] = [
    ("plain", PLAIN, {}, True),
    ("groups", PLAIN, {"as_groups": True}, True),
    ("default", PLAIN, {"default": "cpu"}, False),
    ("moved", PLAIN, {"move_base": True}, False),
    ("indexed", INDEXED, {}, True),
    ("pinned", PINNED, {}, False),
    ("through", THROUGH, {}, True),
    ("by-platform", BY_PLATFORM, {}, True),
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
    # What was taken over can have another accelerator on Windows, as it had before.
    assert [leak for leak in leaks(verdict, ctx) if text is not BY_PLATFORM or "torch-default on win" not in leak] == []
    if same:
        before = judge({FILE: text})
        if group:
            assert before.closures[Selection()] == verdict.closures[Selection()]
        assert before.closures[Selection()]["linux-x86_64"] == verdict.closures[default]["linux-x86_64"]
