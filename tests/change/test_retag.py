"""`variantfix retag`: every place that speaks the tag, there and back to the byte, and what is refused."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.change.texts import FILE, PLAIN, add
from tests.test_cases import context, leaks, selections
from variantfix.change.due import due
from variantfix.change.finish import look
from variantfix.change.retag import Request, read_pairs, retag_texts
from variantfix.change.spelling import exchanger
from variantfix.detect.beside import NONE
from variantfix.errors import ConfigError, NothingError, VariantfixError
from variantfix.settings import Settings

if TYPE_CHECKING:
    from pathlib import Path

    from tests.conftest import Judge
    from variantfix.repair.pipeline import Repair

FULL = """\
[project]
name = "app"
version = "0.1.0"
requires-python = ">=3.10"
dependencies = ["numpy"]

[project.optional-dependencies] # one of these
cpu = ["torch>=2.6"]
cu126 = ["torch>=2.6"]  # cu126 for the servers
'gpu.cuda12.6' = [ "app[cu126]" ]
all = ["app[cu126]; extra == 'cu126'"]

[dependency-groups]
torch-cu126 = ["torch>=2.6"]
dev = [{ include-group = "torch-cu126" }, "flash-attn-cu126"]

[tool.uv]
default-groups = ["dev"]
conflicts = [[{ extra = "cpu" }, { extra = "cu126" }], [{ extra = "cpu" }, { group = "torch-cu126" }]]

[tool.uv.sources]
torch = [
    { index = "pytorch-cpu", extra = "cpu" },
    { index = "pytorch-cu126", extra = "cu126", marker = "sys_platform != 'darwin'" },
    { index = "pytorch-cu126", group = "torch-cu126", marker = "sys_platform != 'darwin'" },
]

[[tool.uv.index]]
name = "pytorch-cpu"
url = "https://download.pytorch.org/whl/cpu"
explicit = true

[[tool.uv.index]]
name = "pytorch-cu126"
url = "https://mirror.example.com/pytorch-wheels/cuda-12.6/"
explicit = true

[tool.variantfix.variants]
cu126 = "cu126"

[tool.poe.tasks]
sync = "uv sync --extra cu126"
"""
PINNED = """\
[project]
name = "app"
version = "0.1.0"
requires-python = ">=3.10"
dependencies = ["torch>=2.4,<2.7"]

[project.optional-dependencies]
cu124 = ["torch==2.6.0+cu124", "torchvision~=0.21.0", "triton"]

[tool.uv.sources]
torch = [{ index = "pytorch-cu124", extra = "cu124" }]
torchvision = [{ index = "pytorch-cu124", extra = "cu124" }]

[[tool.uv.index]]
name = "pytorch-cu124"
url = "https://download.pytorch.org/whl/cu124"
explicit = true
"""


def retag(text: str, *pairs: str, torch: str = "", keep_names: bool = False) -> Repair:
    request = Request(read_pairs(list(pairs)), torch, keep_names)
    return retag_texts({FILE: text}, Settings(), NONE, request=request)


def test_each_place_is_renamed_and_nothing_else() -> None:
    repair = retag(FULL, "cu126=cu128")
    changed = zip(FULL.splitlines(), repair.after[FILE].splitlines(), strict=True)
    lines = [new for old, new in changed if old != new]
    assert lines == [
        'cu128 = ["torch>=2.6"]  # cu126 for the servers',
        "'gpu.cuda12.8' = [ \"app[cu128]\" ]",
        "all = [\"app[cu128]; extra == 'cu128'\"]",
        'torch-cu128 = ["torch>=2.6"]',
        'dev = [{ include-group = "torch-cu128" }, "flash-attn-cu126"]',
        'conflicts = [[{ extra = "cpu" }, { extra = "cu128" }], [{ extra = "cpu" }, { group = "torch-cu128" }]]',
        '    { index = "pytorch-cu128", extra = "cu128", marker = "sys_platform != \'darwin\'" },',
        '    { index = "pytorch-cu128", group = "torch-cu128", marker = "sys_platform != \'darwin\'" },',
        'name = "pytorch-cu128"',
        'url = "https://mirror.example.com/pytorch-wheels/cuda-12.8/"',
        'cu128 = "cu128"',
    ]
    assert [note for note in repair.notes if "poe" in note or "uv sync" in note]


@pytest.mark.parametrize("pairs", [("cu126=cu128",), ("cu126=cu130",)])
def test_there_and_back_is_the_identity(pairs: tuple[str, ...]) -> None:
    there = retag(FULL, *pairs)
    back = [f"{new}={old}" for old, _, new in (pair.partition("=") for pair in pairs)]
    assert retag(there.after[FILE], *back).after[FILE] == FULL


def test_names_can_stay() -> None:
    after = retag(FULL, "cu126=cu128", keep_names=True).after[FILE]
    assert after == FULL.replace("cuda-12.6/", "cuda-12.8/").replace('cu126 = "cu126"', 'cu126 = "cu128"')


def test_a_torch_takes_its_bounds_along() -> None:
    after = retag(PINNED, "cu124=cu128", torch="2.9").after[FILE]
    assert 'cu128 = ["torch==2.9.1+cu128", "torchvision~=0.24.0", "triton"]' in after
    assert 'dependencies = ["torch>=2.9,<2.10"]' in after
    wide = PINNED.replace("<2.7", "<3")
    assert 'dependencies = ["torch>=2.4,<3"]' in retag(wide, "cu124=cu128", torch="2.9.0").after[FILE]


def test_a_bare_name_with_a_marker_has_no_bound_to_move() -> None:
    marked = PINNED.replace('"torchvision~=0.21.0"', "\"torchvision; sys_platform == 'linux'\"")
    after = retag(marked, "cu124=cu128", torch="2.9").after[FILE]
    assert 'cu128 = ["torch==2.9.1+cu128", "torchvision; sys_platform == \'linux\'", "triton"]' in after


def test_triton_changes_its_generation() -> None:
    old = add(PLAIN.replace("2.7", "2.8"), "cpu", "rocm6.4", move_base=True).after[FILE]
    assert "pytorch-triton-rocm" in old
    new = retag(old, "rocm6.4=rocm7.2").after[FILE]
    assert "pytorch-triton-rocm" not in new
    assert "triton-rocm" in new


def test_tags_are_exchanged_in_their_own_spelling() -> None:
    one = exchanger({"cu124": "cu128", "rocm6.2.4": "rocm7.2", "xpu": "cpu"})
    assert one("cu124 cuda12.4 cuda-12.4 cu12_4 CU124 rocm6.2.4 rocm624 xpu") == (
        "cu128 cuda12.8 cuda-12.8 cu12_8 CU128 rocm7.2 rocm72 cpu"
    )
    assert one("cu1240 xcu124 cu12.4.1 rocm6.2.41") == "cu1240 xcu124 cu12.4.1 rocm6.2.41"


XFORMERS = (
    PINNED.replace("cu124", "rocm6.4")
    .replace(">=2.4,<2.7", ">=2.8")
    .replace('"torch==2.6.0+rocm6.4", "torchvision~=0.21.0", "triton"', '"torch>=2.8", "xformers"')
    .replace("torchvision =", "xformers =")
    .replace("\nrocm6.4 =", '\n"rocm6.4" =')
)
TAKEN = FULL.replace("all =", "cu128 =")
BOTH = add(PLAIN, "cu126", "cu128").after[FILE]
BAD: dict[str, tuple[str, str, type[VariantfixError], str]] = {
    "nothing-to-retag": (
        FULL,
        "cu118=cu128",
        NothingError,
        f"{FILE}: nothing to retag: no variant or index of it is cu118 (it has cpu, cu126)",
    ),
    "no-variants": (
        PLAIN,
        "cu118=cu128",
        NothingError,
        f"{FILE}: nothing to retag: no variant or index of it is cu118 (`variantfix add` makes variants)",
    ),
    "unknown-tag": (FULL, "cu126=cu127", ConfigError, "'cu127': torch has no index of that tag (the nearest are cu124"),
    "no-new-tag": (FULL, "cu126", ConfigError, "'cu126': not OLD=NEW (retag cu124=cu128)"),
    "an-old-one-that-is-no-tag": (FULL, "gpu=cu128", ConfigError, "'gpu=cu128': not OLD=NEW"),
    "another-kind": (FULL, "cu126=rocm7.2", ConfigError, "cu126=rocm7.2: a tag follows another of its kind"),
    "two-become-one": (FULL, "cu126=cu128 cu124=cu128", ConfigError, "two tags cannot become one"),
    "a-bound-that-the-index-cannot-meet": (
        FULL.replace("2.6", "2.12"),
        "cu126=cu128",
        ConfigError,
        f"{FILE}: cu126: no torch on the cu128 index satisfies 'torch>=2.12' for Python >=3.10: it has 2.7.0 to",
    ),
    "a-pin-beside-that-the-index-cannot-meet": (
        FULL.replace('"flash-attn-cu126"', '"torch==2.6.0"'),
        "cu126=cu128",
        ConfigError,
        f"{FILE}: group dev wants 'torch==2.6.0', which the cu128 index does not have (take it out, bound it otherwise",
    ),
    "a-companion-that-the-index-does-not-have": (
        XFORMERS,
        "rocm6.4=rocm7.2",
        ConfigError,
        f"{FILE}: rocm6.4 wants 'xformers', which the rocm7.2 index does not have (take it out, bound it otherwise",
    ),
    "a-tag-whose-torch-needs-more": (
        add(PLAIN, "cpu", "rocm7.2").after[FILE],
        "rocm7.2=rocm7.14",
        ConfigError,
        f"{FILE}: torch on the rocm7.14 index requires rocm, which rocm7.2 does not name (",
    ),
    "a-name-that-is-taken": (
        TAKEN,
        "cu126=cu128",
        ConfigError,
        f"{FILE}: cu126 would be cu128, which is named in it already",
    ),
    "a-variant-that-exists": (
        BOTH,
        "cu126=cu128",
        ConfigError,
        f"{FILE}: cu128 is there already (take cu126 out, in place of renaming it)",
    ),
}


@pytest.mark.parametrize(("text", "pairs", "error", "words"), BAD.values(), ids=BAD)
def test_bad_input_is_one_clear_line(text: str, pairs: str, error: type[VariantfixError], words: str) -> None:
    with pytest.raises(error) as raised:
        retag(text, *pairs.split())
    assert str(raised.value).startswith(words)
    assert "\n" not in str(raised.value)


def test_what_no_word_of_the_file_spells_is_nothing_to_retag() -> None:
    text = PINNED.replace("cu124", "gpu").replace("2.6.0+gpu", "2.6.0")
    told = Settings({"gpu": "cu124"})
    with pytest.raises(NothingError, match=r"nothing in it spells cu124"):
        retag_texts({FILE: text}, told, NONE, request=Request({"cu124": "cu126"}))


def test_an_extra_that_is_asked_for_by_its_old_name(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    from variantfix.__main__ import main

    (tmp_path / "app").mkdir()
    (tmp_path / "app" / FILE).write_text(FULL)
    root = '[project]\nname = "root"\nversion = "0"\ndependencies = ["app[cu126]"]\n\n[tool.uv.workspace]\n'
    (tmp_path / FILE).write_text(root + 'members = ["app"]\n\n[tool.uv.sources]\napp = { workspace = true }\n')
    assert main(["retag", "cu126=cu128", str(tmp_path / "app")]) == 2
    assert capsys.readouterr().err.startswith(
        f"error: {tmp_path}/{FILE}: speaks of cu126, as {tmp_path}/app/{FILE} does, and would still ask for the old "
        f"name (retag them together: name {tmp_path})\n"
    )
    assert (tmp_path / "app" / FILE).read_text() == FULL
    assert main(["retag", "cu126=cu128", str(tmp_path)]) == 0
    assert 'dependencies = ["app[cu128]"]' in (tmp_path / FILE).read_text()


AMD = """\
[project]
name = "app"
version = "0.1.0"

[project.optional-dependencies]
rocm = ["torch>=2.11"]

[tool.uv.sources]
torch = [{ index = "amd", extra = "rocm" }]

[[tool.uv.index]]
name = "amd"
url = "https://repo.radeon.com/rocm/manylinux/rocm-rel-7.2/"
explicit = true
"""


def test_a_vendors_index_is_followed_as_it_is_spelt() -> None:
    there = retag(AMD, "rocm7.2=rocm10.0")
    assert there.after[FILE] == AMD.replace("rocm-rel-7.2", "rocm-rel-10.0")
    assert "rocm: whether AMD has rocm10.0 on its index is not known here" in there.notes
    assert retag(there.after[FILE], "rocm10.0=rocm7.2").after[FILE] == AMD


def test_an_unknown_torch_is_refused() -> None:
    with pytest.raises(ConfigError, match=r"--torch 2.99: no such torch is known \(the newest are"):
        retag(PINNED, "cu124=cu128", torch="2.99")


def test_what_has_ended_is_due() -> None:
    found = list(due(look({FILE: PINNED}, Settings(), NONE).ctx))
    assert [str(each).partition(";")[0] for each in found] == [
        f"{FILE}: cu124 is for cu124, which ended with torch 2.6"
    ]
    assert not list(due(look({FILE: FULL.replace("cu126", "cu130").replace("12.6", "13.0")}, Settings(), NONE).ctx))


def test_the_command_names_what_lies_beside(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    from variantfix.__main__ import main

    (tmp_path / FILE).write_text(FULL)
    (tmp_path / "README.md").write_text("# App\n\nuv sync --extra cu126\n")
    (tmp_path / "Dockerfile").write_bytes(b"\xff cu126")
    (tmp_path / ".github" / "workflows").mkdir(parents=True)
    (tmp_path / ".github" / "workflows" / "ci.yml").write_text("run: uv sync --extra=cu126\n")
    (tmp_path / ".cache").mkdir()
    (tmp_path / ".cache" / "x.md").write_text("cu126")
    assert main(["retag", "--check", str(tmp_path)]) == 1
    assert main(["retag", "cu126=cu128", str(tmp_path)]) == 0
    out = capsys.readouterr().out
    assert f"{tmp_path}/README.md:3: still says it: uv sync --extra cu126" in out
    assert "ci.yml:1" in out
    assert ".cache" not in out
    assert "cu128 = " in (tmp_path / FILE).read_text()
    assert main(["retag", "--check", str(tmp_path / "none")]) == 2
    assert main(["retag", str(tmp_path)]) == 2


@pytest.mark.uv
def test_uv_isolates_what_follows(judge: Judge) -> None:
    before = add(PLAIN, "cpu", "cu128").after[FILE]
    after = dict(retag(before, "cu128=cu130").after)
    verdict = judge(after, selections(ctx := context(after)))
    assert verdict.locked, verdict.error
    assert sorted(leaks(verdict, ctx)) == []
