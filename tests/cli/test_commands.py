"""The command line: what is written where, and the exit codes."""

from __future__ import annotations

import io
import os
import re
import stat
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import pytest

from variantfix import __version__
from variantfix.__main__ import main
from variantfix.cli.complete import complete_accelerator, complete_rule, complete_tag, complete_variant

BROKEN = """\
[project]
name = "app"
version = "0.1.0"

[project.optional-dependencies]
cpu = ["torch>=2.7"]  # servers
cu128 = ["torch>=2.7"]

[tool.uv]
conflicts = [[{ extra = "cpu" }, { extra = "cu128" }]]

[tool.uv.sources]
torch = [{ index = "pytorch-cpu", extra = "cpu" }]

[[tool.uv.index]]
name = "pytorch-cpu"
url = "https://download.pytorch.org/whl/cpu"
explicit = true
"""
FINDINGS = """\
{path}:7: error: [unrouted-package] `uv sync --extra cu128` installs PyPI's torch: it has no source there
    fix: route torch for cu128
"""
INDEX = """
[[tool.uv.index]]
name = "pytorch-cu124"
url = "https://download.pytorch.org/whl/cu124"
explicit = true
"""
NEXT = "next: `variantfix apply` repairs 1, `variantfix explain unrouted-package` tells more\n"
DIFF = """\
--- a/pyproject.toml
+++ b/pyproject.toml
@@ -10,9 +10,17 @@
 conflicts = [[{ extra = "cpu" }, { extra = "cu128" }]]
 
 [tool.uv.sources]
-torch = [{ index = "pytorch-cpu", extra = "cpu" }]
+torch = [
+    { index = "pytorch-cpu", extra = "cpu" },
+    { index = "pytorch-cu128", extra = "cu128", marker = "sys_platform == 'linux' or sys_platform == 'win32'" },
+]
 
 [[tool.uv.index]]
 name = "pytorch-cpu"
 url = "https://download.pytorch.org/whl/cpu"
 explicit = true
+
+[[tool.uv.index]]
+name = "pytorch-cu128"
+url = "https://download.pytorch.org/whl/cu128"
+explicit = true
"""  # noqa: W293
CLEAN = '[project]\nname = "app"\nversion = "0.1.0"\n'


@dataclass(frozen=True)
class Result:
    code: int
    out: str
    err: str


class Run(Protocol):
    def __call__(self, *args: str, stdin: bytes = b"") -> Result: ...


@pytest.fixture
def run(capsysbinary: pytest.CaptureFixture[bytes], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Run:
    """Run the command line in an empty folder, away from the caller's settings."""
    monkeypatch.chdir(tmp_path)
    for name in ("NO_COLOR", "FORCE_COLOR"):
        monkeypatch.delenv(name, raising=False)

    def run(*args: str, stdin: bytes = b"") -> Result:
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin)))
        code = main(args)
        captured = capsysbinary.readouterr()
        return Result(code, captured.out.decode(), captured.err.decode())

    return run


def write(text: str, path: str = "pyproject.toml") -> Path:
    file = Path(path)
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(text.encode())
    return file


@pytest.mark.parametrize("args", [["check"], ["apply"], ["apply", "--dry-run"], ["check", "pyproject.toml"]])
def test_a_clean_project_is_left_alone(run: Run, args: list[str]) -> None:
    file = write(CLEAN)
    assert run(*args) == Result(0, "", "nothing to fix in 1 file\n")
    assert file.read_text() == CLEAN


@pytest.mark.parametrize("args", [["check"], ["check", "-v"], ["check", "pyproject.toml"]])
def test_check_shows_findings_and_changes_nothing(run: Run, args: list[str]) -> None:
    file = write(BROKEN)
    result = run(*args)
    assert (result.code, result.out) == (1, FINDINGS.format(path="pyproject.toml"))
    named = f"apply {args[-1]}`" if args[-1].endswith(".toml") else "apply`"
    assert result.err.endswith(f"1 finding in 1 file\n{NEXT.replace('apply`', named)}")
    assert file.read_text() == BROKEN


def test_what_comes_next_is_said_of_the_paths_that_were_named(run: Run) -> None:
    for name in ("a b", "c", "d", "e"):
        write(BROKEN, f"{name}/pyproject.toml")
    write(CLEAN, "f/pyproject.toml")
    assert "\nnext: `variantfix apply 'a b' c` repairs 2, " in run("check", "a b", "c", "f").err
    assert "\nnext: `variantfix apply …` repairs 4, " in run("check", "a b", "c", "d", "e").err
    assert "\nnext, in c: `uv lock`; then `uv sync --extra cpu`\n" in run("apply", "c").err
    assert "\nnext, in each: `uv lock`; then " in run("apply", "a b", "d").err


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_a_terminal_gets_lines_that_fit(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    write(BROKEN)
    shown = run("check").out
    terminal = Terminal()
    monkeypatch.setattr(sys, "stdout", terminal)
    monkeypatch.setenv("COLUMNS", "50")
    monkeypatch.setenv("TERM", "xterm")
    run("check")
    lines = re.sub(r"\x1b\[[\d;]*m", "", terminal.getvalue()).splitlines()
    assert max(map(len, lines)) <= 50
    assert lines[0] == "pyproject.toml:7: error: [unrouted-package] `uv"
    assert " ".join(" ".join(lines).split()) == " ".join(shown.split()), "and not a word is broken"


def test_verbose_says_what_told_the_variants(run: Run) -> None:
    write(BROKEN)
    assert run("check", "-v").err.splitlines()[:2] == [
        "pyproject.toml: extra cpu is cpu, by source",
        "pyproject.toml: extra cu128 is cu128, by name",
    ]


def test_a_dry_run_prints_the_diff_and_writes_nothing(run: Run) -> None:
    file = write(BROKEN)
    result = run("apply", "--dry-run")
    assert (result.code, result.out) == (1, DIFF)
    assert result.err == FINDINGS.format(path="pyproject.toml") + f"1 finding would be repaired in 1 file\n{NEXT}"
    assert file.read_text() == BROKEN


def test_apply_repairs_once(run: Run) -> None:
    file = write(BROKEN)
    result = run("apply")
    assert (result.code, result.err) == (
        0,
        "1 finding repaired in 1 file\nnext: `uv lock`; then `uv sync --extra cpu`\n",
    )
    assert result.out == FINDINGS.format(path="pyproject.toml").replace("fix:", "fixed:")
    repaired = file.read_text()
    assert 'extra = "cu128", marker' in repaired
    assert run("apply") == Result(0, "", "nothing to fix in 1 file\n")
    assert file.read_text() == repaired


def test_quiet_says_nothing_but_the_diff(run: Run) -> None:
    write(BROKEN)
    assert run("check", "-q") == Result(1, "", "")
    assert run("apply", "--dry-run", "--quiet") == Result(1, DIFF, "")
    assert run("apply", "-q") == Result(0, "", "")


def test_standard_input_goes_to_standard_output(run: Run) -> None:
    result = run("apply", "-", stdin=BROKEN.replace("\n", "\r\n").encode())
    assert result.code == 0
    assert result.out.count("\r\n") == result.out.count("\n")
    assert 'name = "pytorch-cu128"\r\n' in result.out
    assert result.err.startswith(FINDINGS.format(path="-").replace("fix:", "fixed:"))
    assert run("check", "-", stdin=BROKEN.encode()).out == FINDINGS.format(path="-")
    assert run("apply", "-", stdin=CLEAN.encode()).out == CLEAN


def test_standard_input_can_stand_for_a_file(run: Run) -> None:
    file = write(CLEAN, "app/pyproject.toml")
    named = ("-", "--stdin-filename", str(file))
    assert run("check", *named, stdin=BROKEN.encode()).out == FINDINGS.format(path=file)
    result = run("apply", *named, stdin=BROKEN.encode())
    assert 'name = "pytorch-cu128"\n' in result.out
    assert result.err.startswith(FINDINGS.format(path=file).replace("fix:", "fixed:"))
    assert file.read_text() == CLEAN


def test_what_lies_around_the_file_of_standard_input_counts(run: Run) -> None:
    root = CLEAN.replace("app", "root") + '[tool.uv.workspace]\nmembers = ["member"]\n'
    indexes = BROKEN[BROKEN.index("[[tool.uv.index]]") :]
    write(root + indexes)
    file = write(CLEAN, "member/pyproject.toml")
    member = BROKEN.replace(indexes, "")
    alone, around = (
        run("check", "-", *more, stdin=member.encode()).out for more in ((), ("--stdin-filename", str(file)))
    )
    assert "undeclared-index" in alone
    assert "undeclared-index" not in around
    assert str(file) in around
    result = run("apply", "-", "--stdin-filename", "pyproject.toml", stdin=(root + indexes).encode())
    assert result.out == root + indexes


def test_a_name_for_standard_input_wants_it_read(run: Run) -> None:
    write(CLEAN)
    result = run("check", ".", "--stdin-filename", "pyproject.toml")
    assert (result.code, result.err) == (
        2,
        "error: --stdin-filename names standard input, and no path is `-` (give `-` as the path)\n",
    )


def test_the_end_says_what_to_do_next(run: Run) -> None:
    torch_in_base = BROKEN.replace('"0.1.0"\n', '"0.1.0"\ndependencies = ["accelerate"]\n')
    write(torch_in_base)
    Path("uv.lock").write_text('version = 1\nrequires-python = ">=3.11"\n')
    assert run("check").err.splitlines()[-1] == (
        "next: `variantfix apply` repairs 1, --unsafe repairs 1 more, `variantfix explain RULE` tells more"
    )
    assert run("apply").err.splitlines()[-2:] == [
        "next: `uv lock`, since uv.lock is stale now; then `uv sync --extra cpu`",
        "next: --unsafe repairs 1, `variantfix explain base-torch` tells more",
    ]
    assert "next:" not in run("check", "-q").err


def test_findings_come_in_the_order_of_lines(run: Run) -> None:
    write(BROKEN.replace('name = "app"', 'name = "app"\ndependencies = ["torch"]') + INDEX)
    lines = [line for line in run("check").out.splitlines() if line.startswith("pyproject")]
    numbers = [int(line.split(":")[1]) for line in lines]
    assert len(numbers) > 2
    assert numbers == sorted(numbers)
    assert {line.split()[1] for line in lines} == {"error:", "warning:"}


def test_one_bad_path_does_not_stop_the_others(run: Run) -> None:
    write(BROKEN, "good/pyproject.toml")
    write("[project\n", "bad/pyproject.toml")
    result = run("check", "missing", "bad", "good")
    assert result.code == 2
    assert result.out == FINDINGS.format(path=str(Path("good", "pyproject.toml")))
    assert result.err.splitlines()[0] == "error: missing: no such file or folder"
    assert result.err.splitlines()[-2] == "1 finding in 1 file; 2 paths failed"


BAD = [
    pytest.param("[project\n", "pyproject.toml:1:9: not TOML: ", id="no-toml"),
    pytest.param("[project]\nname = 'a'\nname = 'b'\n", "pyproject.toml:3:11: not TOML: ", id="a-key-twice"),
    pytest.param("\udcff", "pyproject.toml:1: the file is not UTF-8 ", id="no-utf-8"),
    pytest.param("[tool.ruff]\n", "pyproject.toml: not for uv: there is no [project] table", id="no-project"),
    pytest.param(
        "[tool.poetry]\nname = 'a'\n",
        "not for uv: Poetry manages this project, and its tables are not read",
        id="poetry",
    ),
    pytest.param(
        "[project]\nname = 'a'\ndependencies = ['numpy', 'torch=2']\n",
        "pyproject.toml: project.dependencies[1]: 'torch=2' is not a requirement: ",
        id="a-requirement-that-pep-508-refuses",
    ),
    pytest.param(
        "[project]\nname = 'a'\n[tool.uv.sources]\ntorch = 'cpu'\n",
        "pyproject.toml: tool.uv.sources.torch is not a table or a list of tables",
        id="a-source-that-is-text",
    ),
    pytest.param(
        "[project]\nname = 'a'\n[tool.uv.sources]\ntorch = ['cpu']\n",
        "pyproject.toml: tool.uv.sources.torch[0] is not a table: 'cpu'",
        id="a-list-of-sources-that-are-text",
    ),
    pytest.param(
        "[project]\nname = 'a'\n[tool.variantfix]\nisolatoin = 'auto'\n",
        "[tool.variantfix] has an unknown key 'isolatoin' (did you mean 'isolation'?)",
        id="an-unknown-key",
    ),
    pytest.param(
        "[project]\nname = 'a'\n[tool.variantfix]\nselect = ['alias']\n",
        "unknown rule 'alias' (did you mean 'alias-variant'?)",
        id="an-unknown-rule",
    ),
    pytest.param(
        "[project]\nname = 'a'\n[tool.variantfix]\nunsafe = 'yes'\n",
        "[tool.variantfix]: unsafe is not true or false: 'yes'",
        id="a-value-of-another-type",
    ),
    pytest.param(
        "[project]\nname = 'torch-a'\n[tool.variantfix.variants]\ngpu = 'cu12x'\n",
        "gpu = 'cu12x' is no accelerator",
        id="no-accelerator",
    ),
    pytest.param(
        "[project]\nname = 'torch-a'\n[tool.variantfix.variants]\ngpu = 'cu999'\n",
        "gpu = 'cu999': no index of PyTorch has that tag (did you mean 'cu134'?)",
        id="no-such-tag",
    ),
    pytest.param(
        "[project]\nname = 'torch-a'\n[tool.variantfix.variants]\ngpu = 'cu128'\n",
        "there is no extra or dependency group 'gpu'",
        id="no-such-extra",
    ),
]


@pytest.mark.parametrize(("text", "message"), BAD)
@pytest.mark.parametrize("command", ["check", "apply"])
def test_bad_input_gets_one_line(run: Run, text: str, message: str, command: str) -> None:
    file = Path("pyproject.toml")
    file.write_bytes(text.encode(errors="surrogateescape"))
    before = file.read_bytes()
    result = run(command)
    lines = result.err.splitlines()
    assert (result.code, result.out, len(lines)) == (2, "", 2)
    assert lines[0].startswith("error: ")
    assert message in lines[0]
    assert lines[1] == ("1 not for uv" if "not for uv" in message else "1 path failed")
    assert file.read_bytes() == before


def test_a_folder_without_a_project(run: Run) -> None:
    Path("empty").mkdir()
    assert run("check", "empty").err.splitlines()[0] == (
        "error: empty: there is no pyproject.toml in this folder (name a file or another folder)"
    )


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (["apply", "--accelerator", "gpu"], "error: --accelerator gpu: not NAME=TAG (--accelerator gpu=cu128)\n"),
        (["apply", "--isolation", "both"], "error: command line: unknown isolation 'both' (auto, markers, sources)\n"),
        (["apply", "--select", "base"], "error: command line: unknown rule 'base' (did you mean 'base-torch'?)\n"),
    ],
)
def test_bad_options_are_usage_errors(run: Run, args: list[str], message: str) -> None:
    write(BROKEN)
    assert run(*args) == Result(2, "", message)


def test_unknown_options_are_usage_errors(run: Run) -> None:
    assert "No such option: --dryrun" in run("apply", "--dryrun").err
    assert run("repair").code == 2


@pytest.mark.skipif(os.geteuid() == 0, reason="root writes what is read-only")
def test_what_is_read_only_is_left_alone(run: Run) -> None:
    file = write(BROKEN)
    file.chmod(0o444)
    assert run("apply").code == 2
    assert file.read_text() == BROKEN


def test_a_file_that_cannot_be_written(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    file = write(BROKEN)
    monkeypatch.setattr(os, "access", lambda *_: False)
    result = run("apply")
    assert result.code == 2
    assert result.err.splitlines()[0] == (
        "error: pyproject.toml: cannot be written: the file is read-only (nothing was changed)"
    )
    assert [path.name for path in Path().iterdir()] == [file.name]
    assert file.read_text() == BROKEN


def test_writing_keeps_permissions_and_follows_links(run: Run) -> None:
    target = write(BROKEN, "real/project.toml")
    target.chmod(0o640)
    Path("pyproject.toml").symlink_to(target)
    assert run("apply").code == 0
    assert Path("pyproject.toml").is_symlink()
    assert "pytorch-cu128" in target.read_text()
    assert stat.S_IMODE(target.stat().st_mode) == 0o640


def test_accelerators_on_the_command_line(run: Run) -> None:
    write(BROKEN.replace("cu128", "gpu").replace('{ extra = "gpu" }', '{ extra = "none" }'))
    alone = run("check")
    assert alone.out == (
        "pyproject.toml:7: warning: [unknown-accelerator] nothing tells which accelerator gpu is for: "
        "`uv sync --extra gpu` installs PyPI's torch\n"
        '    to do: tell it: --accelerator gpu=cu128, or variants.gpu = "cu128" in [tool.variantfix]; '
        "if PyPI's build is meant, put gpu into a conflict set with every variant\n"
    )
    told = run("check", "--accelerator", "gpu=cu126", "--select", "unrouted-package").out
    assert told.startswith("pyproject.toml:7: error: [unrouted-package] `uv sync --extra gpu` installs PyPI's torch")


def test_a_counterpart_takes_pypis_build_on_purpose(run: Run) -> None:
    write(BROKEN.replace("cu128", "gpu"))
    assert run("check").out == ""


def test_select_and_ignore(run: Run) -> None:
    write(BROKEN)
    assert run("check", "--ignore", "unrouted-package").code == 0
    assert run("check", "--select", "missing-conflict").code == 0
    assert run("check", "--select", "unrouted-package").code == 1


def test_colour_only_where_it_is_wanted(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    write(BROKEN)
    monkeypatch.setenv("FORCE_COLOR", "1")
    assert "\x1b[1;31merror:\x1b[0m [unrouted-package]" in run("check").out
    assert "\x1b[32m+[[tool.uv.index]]\x1b[0m\n" in run("apply", "--dry-run").out
    monkeypatch.setenv("NO_COLOR", "1")
    assert "\x1b" not in run("check").out


def test_version_and_help(run: Run) -> None:
    assert run("--version").out.startswith(f"variantfix {__version__}")
    assert "--dry-run" in run("apply", "--help").out
    assert run("-h").code == 0


def test_a_bug_of_ours_says_so(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    write(BROKEN)
    monkeypatch.setattr("variantfix.toml.apply", lambda text, _edits: text + "# more\n")
    result = run("apply", "pyproject.toml")
    assert result.code == 3
    monkeypatch.setattr("variantfix.toml.apply", lambda _text, _edits: 1 / 0)
    result = run("apply", "pyproject.toml")
    assert result.code == 3
    assert "this is a bug of variantfix" in result.err.splitlines()[-1]


def test_an_interrupt(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    write(BROKEN)
    monkeypatch.setattr("variantfix.cli.commands.process", interrupt)
    assert run("check").code == 130


WORKSPACE = {
    "pyproject.toml": """\
[project]
name = "root"
version = "0.1.0"

[tool.uv.workspace]
members = ["packages/*"]

[[tool.uv.index]]
name = "pytorch-cpu"
url = "https://download.pytorch.org/whl/cpu"
explicit = true
""",
    "packages/app/pyproject.toml": """\
[project]
name = "app"
version = "0.1.0"

[project.optional-dependencies]
cpu = ["torch>=2.7", "torchvision"]

[tool.uv.sources]
torch = [{ index = "pytorch-cpu", extra = "cpu" }]
""",
    "packages/broken/pyproject.toml": "",
}


def test_a_root_means_its_members(run: Run) -> None:
    for path, text in WORKSPACE.items():
        write(text, path)
    write('[project]\nname = "broken"\n', "packages/broken/pyproject.toml")
    result = run("apply")
    assert result.code == 0
    assert result.out.splitlines()[0].startswith(
        f"{Path('packages', 'app', 'pyproject.toml')}:6: error: [unrouted-package]"
    )
    assert result.err.startswith("1 finding repaired in 3 files\n")
    assert Path("pyproject.toml").read_text() == WORKSPACE["pyproject.toml"]


def test_a_member_is_read_with_its_workspace_and_changed_alone(run: Run) -> None:
    for path, text in WORKSPACE.items():
        write(text, path)
    write(
        '[project]\nname = "broken"\n[tool.uv.sources]\ntorch = { index = "nowhere" }\n',
        "packages/broken/pyproject.toml",
    )
    result = run("check", "packages/app")
    assert [line.split()[2] for line in result.out.splitlines() if line.startswith("packages")] == [
        "[unrouted-package]"
    ]
    assert run("apply", "packages/app").err.startswith("1 finding repaired in 1 file\n")
    assert Path("pyproject.toml").read_text() == WORKSPACE["pyproject.toml"]


def test_nothing_is_written_unless_all_can_be(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    for path, text in WORKSPACE.items():
        write(text, path)
    write(WORKSPACE["packages/app/pyproject.toml"].replace('"app"', '"broken"'), "packages/broken/pyproject.toml")
    monkeypatch.setattr(os, "access", lambda path, _: "broken" not in str(path))
    result = run("apply")
    assert result.code == 2
    assert "cannot be written: the file is read-only" in result.err
    assert Path("packages/app/pyproject.toml").read_text() == WORKSPACE["packages/app/pyproject.toml"]


SEVERAL = """\
[project]
name = "app"
[tool.variantfix]
isolatoin = "auto"
unsafe = "yes"
select = ["alias-variant", "no-such-bild"]
variants = { g = "cu999" }
"""


def test_all_that_is_wrong_in_the_settings_is_told_at_once(run: Run) -> None:
    Path("pyproject.toml").write_text(SEVERAL, encoding="utf-8")
    assert (
        run("check").err
        == """\
error: pyproject.toml:4: [tool.variantfix] has an unknown key 'isolatoin' (did you mean 'isolation'?)
    pyproject.toml:5: [tool.variantfix]: unsafe is not true or false: 'yes'
    pyproject.toml:6: [tool.variantfix]: unknown rule 'no-such-bild' (did you mean 'no-such-build'?)
    pyproject.toml:7: [tool.variantfix]: variants: g = 'cu999': no index of PyTorch has that tag (did you mean 'cu134'?)
1 path failed
"""
    )
    result = run("check", "--select", "alias-varian", "--ignore", "base-torc")
    assert result.code == 2
    assert (
        result.err
        == """\
error: command line: unknown rule 'alias-varian' (did you mean 'alias-variant'?)
    command line: unknown rule 'base-torc' (did you mean 'base-torch'?)
"""
    )


def test_the_program_alone_shows_its_help(run: Run) -> None:
    alone = run()
    assert (alone.code, alone.err) == (0, "")
    assert alone.out.split() == run("--help").out.split()


def test_where_nothing_is_looked_at_nothing_is_said_to_be_right(run: Run) -> None:
    Path("uv.toml").write_text('link-mode = "copy"', encoding="utf-8")
    assert run("check", "--skip-foreign", "uv.toml") == Result(0, "", "no project among these paths\n")
    assert run("check", "uv.toml").err.startswith("error: pyproject.toml: no such file")


def test_a_lock_means_the_project_beside_it_once(run: Run) -> None:
    Path("pyproject.toml").write_text(CLEAN, encoding="utf-8")
    assert run("check", "uv.lock", ".", "pyproject.toml", "uv.toml").err == "nothing to fix in 1 file\n"


def test_rules_and_tags_are_completed() -> None:
    assert complete_rule("alias") == ["alias-variant"]
    assert complete_rule("base-torch,uns") == ["base-torch,unscoped-source"]
    assert complete_tag("gpu=cu12") == [f"gpu=cu{number}" for number in (120, 121, 122, 123, 124, 125, 126, 128, 129)]


VARIANTS = """\
[project]
name = "app"
version = "1"

[project.optional-dependencies]
cpu = ["torch"]
CU128 = ["torch"]
gpu = ["torch"]
plot = ["matplotlib"]

[dependency-groups]
lint = ["ruff"]
"""


def test_the_variants_of_the_project_at_hand_are_completed(run: Run) -> None:
    assert run
    Path("pyproject.toml").write_text(VARIANTS, encoding="utf-8")
    assert complete_variant("") == ["cpu", "CU128"]
    assert complete_variant("c") == ["cpu"]
    assert complete_accelerator("") == ["cpu=", "CU128=", "gpu=", "plot=", "lint="]
    assert complete_accelerator("gpu=cu12")[:2] == ["gpu=cu120", "gpu=cu121"]


@pytest.mark.parametrize("text", [None, "[project", "[tool.poetry]\nname = 'x'\n"])
def test_where_there_is_no_project_nothing_is_completed(run: Run, text: str | None) -> None:
    assert run
    if text is not None:
        Path("pyproject.toml").write_text(text, encoding="utf-8")
    assert complete_variant("") == []
    assert complete_accelerator("") == []


@pytest.mark.parametrize(
    ("words", "offered"),
    [
        ("default c", ["cpu"]),
        ("export --variant C", ["CU128"]),
        ("add --default c", ["cpu"]),
        ("add rocm6.4", ["rocm6.4"]),
        ("check --accelerator g", ["gpu="]),
        ("explain unused-s", ["unused-source"]),
    ],
)
def test_a_shell_is_offered(run: Run, words: str, offered: list[str]) -> None:
    assert run
    Path("pyproject.toml").write_text(VARIANTS, encoding="utf-8")
    line = f"variantfix {words}"
    asked = {"_VARIANTFIX_COMPLETE": "complete_bash", "COMP_WORDS": line, "COMP_CWORD": str(len(line.split()) - 1)}
    command = [sys.executable, "-m", "variantfix"]
    told = subprocess.run(command, env={**os.environ, **asked}, capture_output=True, text=True, check=False)
    assert (told.stdout.split(), told.stderr) == (offered, "")


def test_colour_is_as_asked(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    write(BROKEN)
    monkeypatch.setenv("NO_COLOR", "1")
    assert "\x1b[" in run("--color", "always", "check").out
    assert os.environ["NO_COLOR"] == "1"
    assert "\x1b[" not in run("--color", "auto", "check").out
    monkeypatch.delenv("NO_COLOR")
    monkeypatch.setenv("FORCE_COLOR", "1")
    assert "\x1b[" not in run("--color", "never", "check").out
    assert "\x1b[" in run("check").out
    assert (os.environ["FORCE_COLOR"], "NO_COLOR" in os.environ) == ("1", False)
    assert run("--color", "often", "check").code == 2


def test_the_version_names_uvs_too(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    from variantfix.uv.program import find_uv

    assert run("--version").out == f"variantfix {__version__} ({find_uv()})\n"
    monkeypatch.setenv("PATH", str(Path.cwd()))
    monkeypatch.setitem(sys.modules, "uv", None)
    assert run("--version").out == f"variantfix {__version__}\n"


def test_a_report_to_a_folder_that_is_not_there_is_refused_before_the_work(run: Run) -> None:
    Path("pyproject.toml").write_text(BROKEN, encoding="utf-8")
    result = run("migrate", ".", "--report", "no/such/page.html")
    assert (result.code, Path("pyproject.toml").read_text("utf-8")) == (2, BROKEN)
    assert result.err == "error: --report no/such/page.html: there is no such folder (mkdir no/such)\n"


@pytest.mark.parametrize("flags", [("--push",), ("--patches", "p"), ("--exec", "true")])
def test_a_folder_has_no_commit_to_push(run: Run, flags: tuple[str, ...]) -> None:
    Path("pyproject.toml").write_text(BROKEN, encoding="utf-8")
    result = run("migrate", ".", *flags)
    assert (result.code, Path("pyproject.toml").read_text("utf-8")) == (2, BROKEN)
    assert "need a repository: folders are repaired where they are" in result.err


def test_a_patch_of_an_absolute_path_applies(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    file = Path("pyproject.toml")
    file.write_text(BROKEN, encoding="utf-8")
    here = Path.cwd()
    assert run("apply", "--dry-run", "-q", str(here)).out == DIFF
    (here / "below").mkdir()
    monkeypatch.chdir(here / "below")
    name = f"{here.as_posix()}/pyproject.toml".lstrip("/")
    assert run("apply", "--dry-run", "-q", str(here)).out.startswith(f"--- a/{name}\n+++ b/{name}\n")
