"""A quotation mark in a key, wherever one can stand, and a `rev` of any kind: a right repair, or a clear line."""

from __future__ import annotations

import json
import shlex
import sys
from typing import TYPE_CHECKING, Any

import pytest

from tests.migrate.fleet import BROKEN
from tests.migrate.test_folders import write
from variantfix.__main__ import main

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

ODD = r'"x\"y"'
NAME = 'x"y'
SOURCE = '{ index = "pytorch-cu128", extra = "cu128" }'
UV = "[tool.uv.sources]"

PLACES = {
    "an extra": BROKEN.replace(
        "[project.optional-dependencies]", f'[project.optional-dependencies]\n{ODD} = ["numpy"]'
    ),
    "a variant": BROKEN.replace("cu128 = [", f"{ODD} = [").replace('extra = "cu128"', f"extra = {ODD}"),
    "a group": BROKEN.replace(UV, f'[dependency-groups]\n{ODD} = ["numpy"]\n\n{UV}'),
    "a source": BROKEN.replace("torch = [\n", f'{ODD} = {{ index = "pytorch-cpu" }}\ntorch = [\n'),
    "a key of a source": BROKEN.replace("{ index", f"{{ {ODD} = 1, index", 1),
    "an index": BROKEN.replace('"pytorch-cu128"', ODD),
    "a conflict": BROKEN.replace(UV, f'[tool.uv]\nconflicts = [[{{ extra = "cpu" }}, {{ extra = {ODD} }}]]\n\n{UV}'),
    "a default group": BROKEN.replace(UV, f"[tool.uv]\ndefault-groups = [{ODD}]\n\n{UV}"),
    "the project": BROKEN.replace('"app"', ODD, 1),
    "a key of the project": BROKEN.replace("[project]\n", f"[project]\n{ODD} = 1\n"),
    "a key of uv": BROKEN.replace(UV, f"[tool.uv]\n{ODD} = 1\n\n{UV}"),
    "a table of uv": f"{BROKEN}\n[tool.uv.{ODD}]\na = 1\n",
    "a tool": f"{BROKEN}\n[tool.{ODD}.{ODD}]\n{ODD} = [{{ {ODD}.{ODD} = 1 }}]\n",
    "a setting": f"{BROKEN}\n[tool.variantfix]\n{ODD} = 1\n",
    "an accelerator": f'{BROKEN}\n[tool.variantfix.variants]\n{ODD} = "cu128"\n',
    "a table that is none": f"{BROKEN}\n[dependency-groups.{ODD}]\na = 1\n",
}
COMMANDS = (
    ["check"],
    ["check", "--format", "sarif"],
    ["apply"],
    ["apply", "--unsafe"],
    ["add", "cu126"],
    ["add", f"{NAME}=cu126"],
    ["retag", "cu128=cu126"],
    ["retag", f"{NAME}=cu126"],
    ["default", "cpu"],
    ["default", NAME],
    ["pick"],
)


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def odd(data: Any) -> Iterator[str]:
    """Every key and string that is the odd name."""
    if isinstance(data, dict):
        yield from (key for key in data if key == NAME)
    for part in (*data.values(),) if isinstance(data, dict) else data if isinstance(data, list) else ():
        yield from (part,) if part == NAME else odd(part)


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
@pytest.mark.parametrize("place", PLACES)
def test_a_quoted_key_stays_or_is_refused(
    place: str, command: list[str], here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = PLACES[place]
    write(here, {"pyproject.toml": text})
    code = main(command)
    out, err = capsys.readouterr()
    after = (here / "pyproject.toml").read_text()
    assert code in (0, 1, 2)
    assert "Traceback" not in out + err
    assert len(list(odd(tomllib.loads(after)))) >= len(list(odd(tomllib.loads(text))))
    if code == 2:
        assert err.count("error: ") >= 1
        assert after == text


def test_a_quoted_variant_is_repaired(here: Path) -> None:
    write(here, {"pyproject.toml": PLACES["a variant"]})
    assert main(["apply", "-q"]) == 0
    data = tomllib.loads((here / "pyproject.toml").read_text())
    assert data["tool"]["uv"]["conflicts"] == [[{"extra": "cpu"}, {"extra": NAME}]]
    assert [source["extra"] for source in data["tool"]["uv"]["sources"]["torch"]] == ["cpu", NAME]
    assert main(["check", "-q"]) == 0


def test_a_quoted_index_is_repaired_and_followed(here: Path) -> None:
    write(here, {"pyproject.toml": PLACES["an index"]})
    assert main(["apply", "-q"]) == main(["retag", "cu128=cu126", "-q"]) == 0
    uv = tomllib.loads((here / "pyproject.toml").read_text())["tool"]["uv"]
    assert [source["index"] for source in uv["sources"]["torch"]] == ["pytorch-cpu", NAME]
    assert [index["url"].rpartition("/")[2] for index in uv["index"] if index["name"] == NAME] == ["cu126"]
    assert main(["check", "-q"]) == 0


def test_a_quoted_variant_becomes_the_default_and_is_taken_back(here: Path) -> None:
    write(here, {"pyproject.toml": PLACES["a variant"]})
    assert main(["apply", "-q"]) == 0
    text = (here / "pyproject.toml").read_text()
    assert main(["default", NAME, "-q"]) == 0
    uv = tomllib.loads((here / "pyproject.toml").read_text())["tool"]["uv"]
    assert [{"group": "torch-default"}, {"extra": "cpu"}] in uv["conflicts"]
    assert [source["index"] for source in uv["sources"]["torch"]][1:] == ["pytorch-cu128"] * 2
    assert main(["check", "-q"]) == 0
    assert main(["default", "--none", "-q"]) == 0
    assert tomllib.loads((here / "pyproject.toml").read_text()) == tomllib.loads(text)


@pytest.mark.parametrize(
    "name", ["gpu --directory /evil", "$(touch evil)", "a;touch evil", "`touch evil`", "-x", "a'b"]
)
def test_no_name_becomes_a_command_or_a_flag(
    name: str, here: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """`pick` is for `$(...)`, and people copy the commands that messages show."""
    monkeypatch.setenv("VARIANTFIX_MACHINE", "cuda=999")
    quoted = json.dumps(name)
    write(here, {"pyproject.toml": BROKEN.replace("cu128 = [", f"{quoted} = [").replace('= "cu128"', f"= {quoted}")})
    assert main(["pick"]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert f"{name!r} is not a name for an extra or group" in err
    assert main(["check"]) == 1
    assert f"`uv sync --extra {shlex.quote(name)}`" in capsys.readouterr().out


REVS = (
    ODD,
    '"../../../x"',
    '"HEAD~999999999"',
    '"--upload-pack=touch x"',
    '"/etc"',
    r'"a\u0000b"',
    '"' + "f" * 5000 + '"',
)


@pytest.mark.parametrize("rev", REVS, ids=lambda rev: rev[:20])
@pytest.mark.parametrize("url", ["https://example.com/a", "file:///gone", "../../.."])
def test_a_rev_of_a_git_source_is_text_and_stays(
    rev: str, url: str, here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No program is asked about it, and no folder is looked for above the project."""

    def forbidden(*_: object, **__: object) -> None:
        raise AssertionError("a program was run")

    monkeypatch.setattr("subprocess.Popen.__init__", forbidden)
    git = f'{{ git = "{url}", rev = {rev}, subdirectory = "../..", extra = "cu128" }}'
    write(here, {"pyproject.toml": BROKEN.replace(SOURCE, git)})
    for command in (["check"], ["apply"], ["check"], ["apply", "--unsafe"]):
        assert main([*command, "-q"]) in (0, 1)
    assert git in (here / "pyproject.toml").read_text()


@pytest.mark.parametrize("rev", ["7", "[]", "true", '{ a = "b" }'])
def test_a_rev_that_is_no_text_is_not_ours_to_judge(rev: str, here: Path) -> None:
    git = f'{{ git = "https://example.com/a", rev = {rev}, extra = "cu128" }}'
    write(here, {"pyproject.toml": BROKEN.replace(SOURCE, git)})
    assert main(["apply", "-q"]) in (0, 1)
    assert git in (here / "pyproject.toml").read_text()
