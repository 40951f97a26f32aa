"""The commands on demand as a user runs them: dry, over several projects, over standard input, over many."""

from __future__ import annotations

import io
import json
import subprocess
from pathlib import Path

import pytest

from tests.change.texts import FILE, PLAIN, add
from variantfix.__main__ import main

VARIANTS = add(PLAIN, "cpu", "cu128").after[FILE]
POETRY = '[project]\nname = "a"\n\n[tool.poetry]\nname = "a"\n'
WITHOUT = '[project]\nname = "a"\nversion = "0"\ndependencies = ["numpy"]\n'
CHOSEN = (
    add(PLAIN, "cpu", "cu128", as_groups=True)
    .after[FILE]
    .replace("[tool.uv]\n", '[tool.uv]\ndefault-groups = ["dev", "cpu"]\n')
)
CHANGES = {
    "add": (["add", "cpu", "cu128"], PLAIN, 'cu128 = [\n    "torch>=2.7",'),
    "retag": (["retag", "cu128=cu130"], VARIANTS, 'index = "pytorch-cu130", extra = "cu130"'),
    "default": (["default", "cpu"], VARIANTS, 'default-groups = ["torch-default", "dev"]'),
    "default --none": (["default", "--none"], CHOSEN, 'default-groups = ["dev"]'),
}
EACH = pytest.mark.parametrize(("command", "text", "wanted"), CHANGES.values(), ids=CHANGES)
MANY = {
    "add": ["--add", "cpu,cu128"],
    "retag": ["--retag", "cu128=cu130"],
    "default": ["--default", "cpu"],
}
Capture = pytest.CaptureFixture[str]


def write(folder: Path, text: str) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / FILE).write_text(text)
    return folder


@EACH
def test_a_dry_run_shows_the_diff_and_writes_nothing(
    command: list[str], text: str, wanted: str, tmp_path: Path, capsys: Capture
) -> None:
    write(tmp_path, text)
    assert main([*command, "--dry-run", str(tmp_path)]) == 1
    out, _ = capsys.readouterr()
    assert out.startswith("--- a/")
    assert wanted.partition("\n")[0] in out
    assert (tmp_path / FILE).read_text() == text
    assert main([*command, "--dry-run", "--exit-zero", str(tmp_path)]) == 0


@EACH
def test_several_paths_are_changed_and_none_stops_another(
    command: list[str], text: str, wanted: str, tmp_path: Path, capsys: Capture
) -> None:
    one, two = write(tmp_path / "one", text), write(tmp_path / "two", text)
    others = [write(tmp_path / "poetry", POETRY), write(tmp_path / "without", WITHOUT)]
    assert main([*command, str(one), *map(str, others), str(two)]) == 0
    assert (one / FILE).read_text() == (two / FILE).read_text() != text
    assert wanted in (two / FILE).read_text()
    out, err = capsys.readouterr()
    assert "not for uv" in err
    assert "error:" not in out + err
    broken = write(tmp_path / "broken", "[project\n")
    write(one, text)
    assert main([*command, str(broken), str(one)]) == 2
    assert (one / FILE).read_text() == (two / FILE).read_text()


@EACH
def test_standard_input_becomes_standard_output(
    command: list[str], text: str, wanted: str, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(text.encode())))
    assert main([*command, "-"]) == 0
    out, err = capsys.readouterr()
    assert wanted in out
    assert out.startswith("[project]\n")
    assert err


@pytest.mark.parametrize("name", MANY)
def test_migrate_carries_it_out_on_all_projects(name: str, tmp_path: Path, capsys: Capture) -> None:
    _, text, wanted = CHANGES[name]
    write(tmp_path / "all/one", text)
    write(tmp_path / "all/two", text)
    for other, content in (("poetry", POETRY), ("without", WITHOUT)):
        write(tmp_path / "all" / other, content)
    command = ["migrate", *MANY[name], str(tmp_path / "all"), "--jobs", "1"]
    assert main([*command, "--dry-run", "--state", str(tmp_path / "dry")]) == 1
    assert (tmp_path / "all/one" / FILE).read_text() == text
    assert main([*command, "--state", str(tmp_path / "state")]) == 0
    assert wanted in (tmp_path / "all/one" / FILE).read_text()
    assert (tmp_path / "all/one" / FILE).read_text() == (tmp_path / "all/two" / FILE).read_text()
    assert (tmp_path / "all/without" / FILE).read_text() == WITHOUT
    assert "2 changed, 1 clean, 1 not for uv" in capsys.readouterr().err


def test_migrate_takes_defaults_back(tmp_path: Path) -> None:
    write(tmp_path / "all", CHOSEN)
    assert main(["migrate", "--no-default", str(tmp_path / "all"), "--state", str(tmp_path / "state")]) == 0
    assert 'default-groups = ["dev"]' in (tmp_path / "all" / FILE).read_text()


BAD = {
    "two-at-once": (["--add", "cpu,cu128", "--retag", "cu124=cu128"], "--add and --retag: one change at a time"),
    "torch-alone": (["--torch", "2.9"], "--torch goes with --retag"),
    "group-alone": (["--group", "--default", "cpu"], "--group goes with --add"),
    "only-a-check": (["--default", "cpu", "--check-only"], "--check-only looks for findings (--dry-run shows what"),
    "an-unknown-tag": (["--add", "cu127"], "'cu127': torch has no index of that tag"),
    "no-pair": (["--retag", "cu124"], "'cu124': not OLD=NEW"),
}


@pytest.mark.parametrize(("flags", "words"), BAD.values(), ids=BAD)
def test_migrate_refuses_what_does_not_hold(flags: list[str], words: str, tmp_path: Path, capsys: Capture) -> None:
    assert main(["migrate", *flags, str(tmp_path), "--state", str(tmp_path / "state")]) == 2
    err = capsys.readouterr().err
    assert err.startswith(f"error: {words}")
    assert err.count("\n") == 1
    assert not (tmp_path / "state").exists()


def test_a_commit_says_what_a_change_did(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    config = tmp_path / "gitconfig"
    config.write_text("[user]\n\tname = Ann\n\temail = ann@example.com\n")
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(config))
    repository = write(tmp_path / "app", VARIANTS)
    for command in (["init", "-q", "-b", "main"], ["add", "."], ["commit", "-qm", "Begin"]):
        subprocess.run(["git", *command], cwd=repository, check=True)
    bare = tmp_path / "app.git"
    subprocess.run(["git", "clone", "-q", "--bare", str(repository), str(bare)], check=True)
    patches = tmp_path / "patches"
    command = ["migrate", "--retag", "cu128=cu130", str(bare), "--patches", str(patches), "--jobs", "1"]
    assert main([*command, "--state", str(tmp_path / "state")]) == 0
    (patch,) = (path.read_text() for path in patches.iterdir())
    assert "Subject: [PATCH] Follow PyTorch: cu128 to cu130\n" in patch
    assert "\n- cu128 is cu130 now\n" in patch


def test_pick_takes_several_paths_and_standard_input(
    tmp_path: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VARIANTFIX_MACHINE", "cpu")
    one, two, broken = write(tmp_path / "one", VARIANTS), write(tmp_path / "two", CHOSEN), tmp_path / "none"
    assert main(["pick", str(one), str(broken), str(two)]) == 2
    out, err = capsys.readouterr()
    assert out == f"{one}: --extra cpu\n{two}: --group cpu\n"
    assert err.startswith("error: ")
    assert main(["pick", str(one), str(two), "--format", "json"]) == 0
    assert [json.loads(line)["path"] for line in capsys.readouterr().out.splitlines()] == [str(one), str(two)]
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(VARIANTS.encode())))
    assert main(["pick", "-"]) == 0
    assert capsys.readouterr().out == "--extra cpu\n"
    assert main(["pick", str(write(tmp_path / "without", WITHOUT))]) == 2
    assert "it has no variants (`variantfix add cpu cu128` makes some)" in capsys.readouterr().err


def test_the_page_names_the_commands() -> None:
    page = (Path(__file__).parents[2] / "docs/changes.md").read_text(encoding="utf-8")
    assert [name for name in ("add", "retag", "default", "pick", "export") if f"\n| `{name}` | `" not in page] == []
