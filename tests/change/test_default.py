"""`variantfix default`: there and back to the byte, and what the real uv then gives a bare sync."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from tests.change.texts import FILE, PLAIN, add, default
from variantfix.errors import ConfigError, NothingError

if TYPE_CHECKING:
    from pathlib import Path

    from tests.conftest import Judge

EXTRAS = add(PLAIN, "cpu", "cu128").after[FILE]
GROUPS = add(PLAIN, "cpu", "cu128", as_groups=True).after[FILE]
NAMED = EXTRAS.replace("[tool.uv]\n", '[tool.uv]\ndefault-groups = ["dev"]\n')
BARE = EXTRAS.replace('[dependency-groups]\ndev = ["pytest"]\n', "")


LONE = """\
[project]
name = "app"
version = "0"

[dependency-groups]
cpu = ["torch"]

[tool.uv.sources]
torch = [{ index = "pytorch-cpu", group = "cpu" }]

[[tool.uv.index]]
name = "pytorch-cpu"
url = "https://download.pytorch.org/whl/cpu"
explicit = true
"""


@pytest.mark.parametrize(
    "text", [EXTRAS, GROUPS, NAMED, BARE, LONE], ids=["extras", "groups", "named", "bare", "without-tool-uv"]
)
@pytest.mark.parametrize("variant", ["cpu", "cu128"])
def test_there_and_back_is_the_identity(text: str, variant: str) -> None:
    variant = "cpu" if text == LONE else variant
    there = default(text, variant)
    assert there.changed == (FILE,)
    assert default(there.after[FILE]).after[FILE] == text


def test_another_takes_its_place() -> None:
    once, twice = default(EXTRAS, "cpu").after[FILE], default(default(EXTRAS, "cpu").after[FILE], "cu128").after[FILE]
    assert twice == default(EXTRAS, "cu128").after[FILE]
    assert once != twice


def test_all_groups_are_defaults_where_the_file_says_so() -> None:
    text = EXTRAS.replace("[tool.uv]\n", '[tool.uv]\ndefault-groups = "all"\n')
    after = default(text, "cpu").after[FILE]
    assert 'default-groups = "all"' in after
    assert "torch-default" in after
    assert default(after).after[FILE] == text


def test_bad_input_is_one_clear_line() -> None:
    with pytest.raises(ConfigError, match=r"there is no variant 'cu12' \(did you mean 'cu128'\?\)"):
        default(EXTRAS, "cu12")
    with pytest.raises(NothingError, match=r"`variantfix add cpu cu128` makes some"):
        default(PLAIN, "cpu")
    assert default(EXTRAS).notes == ("there is no default variant",)


def test_the_command(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    from variantfix.__main__ import main

    (tmp_path / FILE).write_text(EXTRAS)
    assert main(["default", "cpu", str(tmp_path), "--dry-run"]) == 1
    assert main(["default", "cpu", str(tmp_path)]) == 0
    assert "--no-group torch-default --extra cu128" in capsys.readouterr().out
    assert main(["default", "--none", str(tmp_path)]) == 0
    assert (tmp_path / FILE).read_text() == EXTRAS
    assert main(["default"]) == 2
    assert main(["add", str(tmp_path)]) == 2
    assert main(["add", "rocm7.2", str(tmp_path), "-q"]) == 0
    assert "rocm7.2" in (tmp_path / FILE).read_text()


ROUTED = EXTRAS.replace("torch = [\n", 'torch = [\n    { index = "pytorch-cpu" },\n')


@pytest.mark.uv
def test_uv_refuses_a_source_for_the_base_beside_those_of_variants(judge: Judge) -> None:
    """Why there is no `default --base`; the day it is otherwise, there can be."""
    verdict = judge({FILE: ROUTED})
    assert not verdict.locked
    assert "Requirements contain conflicting indexes for package `torch`" in verdict.error


def test_base_says_why_not(capsys: pytest.CaptureFixture[str]) -> None:
    from variantfix.__main__ import main

    assert main(["default", "cpu", "--base"]) == 2
    assert capsys.readouterr().err == (
        "error: --base: the base dependencies are beside every variant, and uv refuses two indexes for one package "
        "there (without --base a default group does it; `variantfix add --move-base` takes torch out of the base)\n"
    )


def test_what_another_default_group_brings_is_told() -> None:
    text = GROUPS.replace('dev = ["pytest"]', 'dev = ["pytest", { include-group = "cpu" }]')
    with pytest.raises(ConfigError, match=r"the default group dev brings cpu, beside which cu128 cannot be"):
        default(text, "cu128")


def test_variants_that_nothing_parts_are_told() -> None:
    text = re.sub(r"\[tool.uv\]\nconflicts = .*?\n\]\n\n", "", EXTRAS, flags=re.DOTALL)
    with pytest.raises(ConfigError, match=r"no conflict set parts cpu and cu128 \(`variantfix apply` adds it\)"):
        default(text, "cpu")


CHOSEN = GROUPS.replace("[tool.uv]\n", '[tool.uv]\ndefault-groups = ["dev", "cpu"]\n')


def test_the_former_default_comes_back_where_it_stood() -> None:
    there = default(CHOSEN, "cu128")
    assert there.after[FILE] == CHOSEN.replace('"dev", "cpu"', '"dev", "cu128"')
    assert "before, they got cpu: `variantfix default cpu` brings it back" in there.notes
    assert default(there.after[FILE], "cpu").after[FILE] == CHOSEN
    none = default(CHOSEN)
    assert none.notes == ("a bare `uv sync` gets no variant now", "`variantfix default cpu` brings cpu back")
    assert default(none.after[FILE], "cpu").after[FILE] == CHOSEN


TABLE = """\
[project]
name = "app"
version = "0"

[project.optional-dependencies]
cpu = ["torch"]

[tool.uv.sources]
torch = {index = "pytorch-cpu", extra = "cpu"}  # one

[[tool.uv.index]]
name = "pytorch-cpu"
url = "https://download.pytorch.org/whl/cpu"
explicit = true

"""


@pytest.mark.parametrize(
    "text",
    [
        TABLE,
        TABLE.replace("torch = {", "torch = [{").replace("}  #", "}]  #"),
        TABLE.replace('torch = {index = "pytorch-cpu", extra = "cpu"}  # one', "").replace(
            "[tool.uv.sources]", '[tool.uv.sources.torch]\nindex = "pytorch-cpu"\nextra = "cpu"'
        ),
        TABLE.rstrip(),
    ],
    ids=["a-table", "a-list", "a-table-of-its-own", "no-newline"],
)
def test_one_source_is_one_again(text: str) -> None:
    there = default(text, "cpu").after[FILE]
    assert '{group = "torch-default"' in there or 'group = "torch-default"' in there
    assert default(there).after[FILE] == text


@pytest.mark.uv
@pytest.mark.parametrize(("text", "group"), [(EXTRAS, "torch-default"), (GROUPS, "cpu")], ids=["extras", "groups"])
def test_uv_gives_it_to_a_bare_sync(text: str, group: str, judge: Judge) -> None:
    from tests.world.judge import Selection

    kind = "extras" if group == "torch-default" else "groups"
    other = Selection(extras=("cu128",)) if kind == "extras" else Selection(groups=("cu128",))
    verdict = judge(dict(default(text, "cpu").after), [Selection(groups=(group,)), other])
    assert verdict.locked, verdict.error
    torch = {s: dict(c["linux-x86_64"])["torch"] for s, c in verdict.closures.items() if s != Selection()}
    assert torch[Selection(groups=(group,))].endswith("+cpu")
    assert torch[other].endswith("+cu128")
