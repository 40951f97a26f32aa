"""Whatever lies where a project should be: a clear line and exit 2, in time that the input's length bounds."""

from __future__ import annotations

import os
import sys
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.migrate.fleet import BROKEN, CLEAN
from tests.migrate.test_folders import write
from variantfix import disk
from variantfix.__main__ import main
from variantfix.migrate import folders

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

MOST_SECONDS = 20
MEGABYTE = 2**20


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture(autouse=True)
def _in_time() -> Iterator[None]:
    begun, worked = time.monotonic(), time.process_time()
    yield
    assert time.process_time() - worked < MOST_SECONDS
    assert time.monotonic() - begun < MOST_SECONDS * 10  # a machine can have other work; what waits for ever is told


def sparse(path: Path, size: int = 700 * MEGABYTE) -> None:
    with path.open("wb") as file:
        file.truncate(size)


ODD: dict[str, tuple[Callable[[Path], object], str]] = {
    "a pipe": (os.mkfifo, "not a regular file"),
    "a device": (lambda path: path.symlink_to("/dev/zero"), "not a regular file"),
    "700 MB": (sparse, "longer than"),
    "a folder": (Path.mkdir, "is a folder"),
    "a loop": (lambda path: path.symlink_to(path.name), "too many levels of symbolic links"),
}


@pytest.mark.skipif(os.name != "posix", reason="pipes and devices of POSIX")
@pytest.mark.parametrize(("make", "words"), ODD.values(), ids=ODD)
@pytest.mark.parametrize("command", ["check", "apply", "migrate"])
def test_what_is_no_pyproject(
    command: str, make: Callable[[Path], object], words: str, here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    make(here / "pyproject.toml")
    if command == "migrate" and words == "not a regular file" and (here / "pyproject.toml").is_symlink():
        words = "leads out of what is to be migrated"
    threading.Timer(1, _feed, [here / "pyproject.toml"]).start()
    assert main([command, "."]) == 2
    assert words in capsys.readouterr().err


def _feed(path: Path) -> None:
    """Free a reader that waits for a writer, so that the test fails and does not hang."""
    if path.is_fifo():
        try:
            os.close(os.open(path, os.O_WRONLY | os.O_NONBLOCK))
        except OSError:
            return  # nobody reads it


@pytest.mark.skipif(os.name != "posix", reason="pipes and devices of POSIX")
@pytest.mark.parametrize("make", [make for make, _ in ODD.values()], ids=ODD)
@pytest.mark.parametrize("name", ["uv.lock", "uv.toml", ".gitignore", "README.md"])
def test_what_lies_beside_one(name: str, make: Callable[[Path], object], here: Path) -> None:
    write(here, {"pyproject.toml": BROKEN})
    make(here / name)
    code = main(["migrate", ".", "--dry-run", "-q"])
    assert code in (1, 2)
    if name != "uv.lock":
        assert code == 1
    assert main(["check", "-q"]) in (1, 2)


@pytest.mark.parametrize(
    "pattern",
    [
        "**/**/**",
        "**/**/**/**/**/x",
        "*/" * 60,
        "**/*/**/*/**/*",
        "*a" * 100,
        "[" * 200,
        "../" * 500,
        "x" * 5000,
        "\\u0000",
    ],
)
def test_patterns_of_members(pattern: str, here: Path) -> None:
    for number in range(300):
        (here / f"{'a' * 60}{number}" / "b" / "c" / "d").mkdir(parents=True)
    write(here, {"pyproject.toml": f'{CLEAN}\n[tool.uv.workspace]\nmembers = ["{pattern}", "**/{pattern}"]\n'})
    assert main(["check", "-q"]) in (0, 1, 2)


def test_too_many_folders_are_said(
    here: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys.modules["variantfix.disk.members"], "MOST_FOLDERS", 50)
    write(here, {f"{n}/pyproject.toml": CLEAN.replace("NAME", f"m{n}") for n in range(60)})
    write(here, {"pyproject.toml": f'{CLEAN}\n[tool.uv.workspace]\nmembers = ["**"]\n'})
    assert main(["check"]) == 2
    assert "the workspace's patterns lead through more than 50 folders" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ("*", ["a", "b"]),
        ("**", ["a", "a/c", "a/c/d", "b"]),
        ("a/**", ["a", "a/c", "a/c/d"]),
        ("**/d", ["a/c/d"]),
        ("a/*/d", ["a/c/d"]),
        ("./a//c/", ["a/c"]),
        ("[ab]", ["a", "b"]),
        ("?", ["a", "b"]),
        ("../x", ["../x"]),
        ("linked", ["linked"]),
        ("linked/*", ["linked/y"]),
        ("/etc", []),
        ("", []),
        (".", []),
    ],
)
def test_which_folders_are_members(pattern: str, expected: list[str], here: Path) -> None:
    root = here / "top"
    write(here, {f"{name}/pyproject.toml": CLEAN for name in ("top/a", "top/a/c", "top/a/c/d", "top/b", "x", "real/y")})
    write(here, {"real/pyproject.toml": CLEAN, "top/.hidden/pyproject.toml": CLEAN})
    if pattern.startswith("linked"):
        (root / "linked").symlink_to(here / "real")
    found = disk.members(root / "pyproject.toml", [pattern], ["", "nothing"])
    assert [os.path.relpath(path.parent, root) for path in found] == [os.path.normpath(name) for name in expected]


@pytest.mark.parametrize("line", ["*a" * 120, "**/" * 200 + "x", "[" * 5000, "*" * 900, "a" * 10**6])
def test_patterns_of_a_gitignore(line: str, here: Path) -> None:
    write(
        here, {f"{'a' * 200}/pyproject.toml": CLEAN, ".gitignore": f"{line}\nskipped\n", "skipped/pyproject.toml": ""}
    )
    assert list(folders.projects(here)) == ["a" * 200]


def _listed(requirement: str) -> str:
    return f'dependencies = ["{requirement}"]'


LONG: dict[str, str] = {
    "blanks in a requirement": _listed("torch" + " " * 4000 + "x"),
    "a requirement without end": _listed("torch" + " " * MEGABYTE + ">=2"),
    "a version without end": _listed("torch>=" + "9" * 5000),
    "parts of a version": _listed("torch>=" + "1." * 2000 + "1"),
    "a local version": _listed("torch==2.7.0+" + "a." * 1900 + "a"),
    "clauses": _listed("torch" + ">=1," * 800 + ">=2"),
    "extras": _listed("torch[" + "a," * 1900 + "a]"),
    "many requirements": "dependencies = [" + '"torch>=2.7", ' * (MEGABYTE // 20) + "]",
    "a name": _listed("torch-" * 680 + "x"),
    "comments": "#\n" * (MEGABYTE // 3),
    "ignore comments": "# variantfix: ignore[base-torch]\n" * 20_000,
    "blanks in an ignore comment": f"# variantfix: ignore[base-torch{' ' * MEGABYTE}x]\n",
    "a chain of groups that is followed": (
        "[dependency-groups]\n"
        + "".join(f"g{n} = [{{ include-group = 'g{n + 1}' }}]\n" for n in range(400))
        + "g400 = ['torch']\n"
    ),
    "a comment of slashes": "# " + "//a:b" * (MEGABYTE // 6),
}


@pytest.mark.parametrize("text", LONG.values(), ids=LONG)
@pytest.mark.parametrize("command", ["check", "apply"])
def test_what_is_long_is_read_in_time(command: str, text: str, here: Path) -> None:
    head = '[project]\nname = "a"\nversion = "0"\n'
    write(
        here, {"pyproject.toml": f"{head}{text}\n[project.optional-dependencies]\ncpu = ['torch']\ncu128 = ['torch']\n"}
    )
    assert main([command, "-q"]) in (0, 1, 2)


_VARIANTS = "[project.optional-dependencies]\ncpu = ['torch']\ncu128 = ['torch']\n"
_INCLUDES = [f"{{ include-group = 'g{n}' }}, " for n in range(120)]
_NAMES = ", ".join(f'"n{n}"' for n in range(5001))
BOUNDED = {
    "a requires-python": (f'requires-python = "{">=3," * 2000}>=3"\n', "is longer than 4096 characters"),
    "an index's URL": (f'[[tool.uv.index]]\nurl = "https://h/{"a/" * 3000}"\n', "is longer than 4096 characters"),
    "an index's name": (f'[[tool.uv.index]]\nname = "{"a" * MEGABYTE}"\n', "is longer than 4096 characters"),
    "a source's marker": (
        f"""[tool.uv.sources]\nx = {{ index = "a", marker = "{"os_name == 'a' or " * 300}os_name == 'b'" }}\n""",
        "is longer than 4096 characters",
    ),
    "an environment": (f"""[tool.uv]\nenvironments = "os_name == '{"a" * 5000}'"\n""", "longer than 4096 characters"),
    "requirements": (f"dependencies = [{_NAMES}]\n", "has more than 5000 entries"),
    "extras": ("[project.optional-dependencies]\n" + "".join(f"e{n} = []\n" for n in range(1001)), "more than 1000"),
    "groups": ("[dependency-groups]\n" + "".join(f"g{n} = []\n" for n in range(1001)), "has more than 1000 entries"),
    "default groups": (f"[tool.uv]\ndefault-groups = [{_NAMES}]\n", "has more than 5000 entries"),
    "sources": ("[tool.uv.sources]\n" + "".join(f"s{n}.path = '.'\n" for n in range(5001)), "more than 5000 entries"),
    "sources of a package": (
        "[tool.uv.sources]\nx = [" + "{ path = '.' }, " * 1001 + "]\n",
        "has more than 1000 entries",
    ),
    "indexes": ("[[tool.uv.index]]\nurl = 'https://h/'\n" * 1001, "has more than 1000 entries"),
    "conflict sets": (f"[tool.uv]\nconflicts = [{'[], ' * 1001}]\n", "has more than 1000 entries"),
    "members of a conflict set": (
        "[tool.uv]\nconflicts = [[" + "{ extra = 'e' }, " * 1001 + "]]\n",
        "more than 1000 entries",
    ),
    "members of a workspace": (f"[tool.uv.workspace]\nmembers = [{_NAMES}]\n", "has more than 5000 entries"),
    "a chain of groups": (
        "[dependency-groups]\n" + "".join(f"g{n} = [{{ include-group = 'g{n + 1}' }}]\n" for n in range(900)),
        "refer to one another more than 100000 times",
    ),
    "a chain of extras": (
        "[project.optional-dependencies]\n" + "".join(f"e{n} = ['torch-app[e{n + 1}]']\n" for n in range(900)),
        "refer to one another more than 100000 times",
    ),
    "groups that include all others": (
        "[dependency-groups]\n" + "".join(f"g{n} = [{''.join(_INCLUDES[:n])}]\n" for n in range(120)),
        "refer to one another more than 100000 times",
    ),
    "parts of a key": (f"[tool.x]\na{'.a' * (MEGABYTE // 2)} = 1\n", "nested more than 100 deep"),
}


@pytest.mark.parametrize(("text", "words"), BOUNDED.values(), ids=BOUNDED)
@pytest.mark.parametrize("command", ["check", "apply", "migrate"])
def test_what_is_beyond_a_bound_is_one_clear_line(
    command: str, text: str, words: str, here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    head = '[project]\nname = "torch-app"\nversion = "0"\n'
    write(here, {"pyproject.toml": f"{head}{text}{'' if 'optional' in text else _VARIANTS}"})
    assert main([command, "."]) in ((1, 2) if command == "migrate" else (2,))
    (line,) = [line for line in capsys.readouterr().err.splitlines() if words in line]
    assert "pyproject.toml: " in line
    assert len(line) < 400


def test_of_many_faults_the_first_are_told(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rules = ", ".join(f'"r{n}"' for n in range(1000))
    write(here, {"pyproject.toml": f"{CLEAN}\n[tool.variantfix]\nselect = [{rules}]\n"})
    assert main(["check"]) == 2
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 23
    assert lines[21] == "    and 979 more"
    keys = "".join(f"k{n} = 1\n" for n in range(1001))
    write(here, {"pyproject.toml": f"{CLEAN}\n[tool.variantfix]\n{keys}"})
    assert main(["check"]) == 2
    assert "[tool.variantfix] has more than 1000 keys" in capsys.readouterr().err
    write(here, {"pyproject.toml": f'{CLEAN}\n[tool.variantfix]\nselect = [{rules}, "a"]\n'})
    assert main(["check"]) == 2
    assert "select has more than 1000 entries" in capsys.readouterr().err


def _extras(*lines: str) -> str:
    return "[project]\nname = 'a'\nversion = '0'\n[project.optional-dependencies]\n" + "\n".join(lines) + "\n"


def test_more_variants_than_anyone_has(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    extras = _extras("cpu = ['torch']", *(f"v{n} = ['torch==2.7.0+cu128']" for n in range(200)))
    write(here, {"pyproject.toml": extras})
    assert main(["check"]) == 2
    assert "pyproject.toml: more than 200 extras and groups are variants\n" in capsys.readouterr().err


def test_more_edits_than_can_be_done_in_time(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    index = "[[tool.uv.index]]\nname = 'i{}'\nurl = 'https://download.pytorch.org/whl/cu128'\n"
    text = _extras("cpu = ['torch']", "cu128 = ['torch']") + "".join(index.format(n) for n in range(800))
    write(here, {"pyproject.toml": text})
    assert main(["apply", "--unsafe"]) == 2
    assert "take too long (--select some rules first)" in capsys.readouterr().err
    assert (here / "pyproject.toml").read_text() == text


@pytest.mark.parametrize(("count", "code"), [(40, 0), (400, 2)])
def test_overrides_that_go_one_after_the_other(
    count: int, code: int, here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    whl = "https://download.pytorch.org/whl"
    overrides = ", ".join(f'"torch>=1.{n}"' for n in range(count))
    text = _extras("cpu = ['torch']", "cu128 = ['torch']") + (
        f"[tool.uv]\noverride-dependencies = [{overrides}]\n"
        "conflicts = [[{ extra = 'cpu' }, { extra = 'cu128' }]]\n"
        "[tool.uv.sources]\ntorch = [{ index = 'i', extra = 'cpu' }, { index = 'j', extra = 'cu128' }]\n"
        f"[[tool.uv.index]]\nname = 'i'\nurl = '{whl}/cpu'\nexplicit = true\n"
        f"[[tool.uv.index]]\nname = 'j'\nurl = '{whl}/cu128'\nexplicit = true\n"
    )
    write(here, {"pyproject.toml": text})
    assert main(["apply", "--unsafe"]) in (code, 1 if code == 0 else code)
    assert ("too many repairs wait for one another" in capsys.readouterr().err) is (code == 2)


def test_a_line_is_no_longer_than_can_be_read(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    requires = ",".join(f"!=3.{n}" for n in range(500))
    write(here, {"pyproject.toml": f'[project]\nname = "a"\nrequires-python = "{requires}"\n{_VARIANTS}'})
    assert main(["add", "cu117", "rocm6.4", "."]) == 2
    line, _ = capsys.readouterr().err.splitlines()
    assert 900 < len(line) < 1100


@pytest.mark.parametrize("value", ["9" * 5000, "1." * 3000 + "1"], ids=["digits", "parts"])
@pytest.mark.parametrize("key", ['requires-python = ">=VALUE"', 'version = "VALUE"'])
def test_versions_elsewhere(key: str, value: str, here: Path) -> None:
    text = f'[project]\nname = "a"\n{key.replace("VALUE", value)}\n'
    write(here, {"pyproject.toml": f"{text}[project.optional-dependencies]\ncpu = ['torch']\ncu128 = ['torch']\n"})
    assert main(["check", "-q"]) in (0, 1, 2)


def test_a_folder_that_is_deep(here: Path) -> None:
    """Deeper than the path of a file may be long, and than functions may call one another."""
    begun = os.getcwd()  # noqa: PTH109
    try:
        for _ in range(1200):
            os.mkdir("d")  # noqa: PTH102
            os.chdir("d")
    finally:
        os.chdir(begun)
    write(here, {"pyproject.toml": CLEAN})
    try:
        assert list(folders.projects(here)) == ["."]
    finally:  # nobody else could delete it
        for _ in range(1200):
            os.chdir("d")
        for _ in range(1200):
            os.chdir("..")
            os.rmdir("d")  # noqa: PTH106
        os.chdir(begun)


@pytest.mark.parametrize("path", ["x" * 300, "x/" * 3000, "a\x01b", "nowhere"])
@pytest.mark.parametrize("command", ["check", "apply"])
def test_a_path_that_cannot_be(command: str, path: str, here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([command, path]) == 2
    err = capsys.readouterr().err
    assert err.startswith("error: ")
    assert "\x01" not in err
    assert len(err.splitlines()) == 2


def test_a_folder_that_cannot_be_read(
    here: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    true = Path.stat

    def stat(self: Path, *, follow_symlinks: bool = True) -> os.stat_result:
        if self.name == "pyproject.toml":
            raise PermissionError(13, "Permission denied")
        return true(self, follow_symlinks=follow_symlinks)

    monkeypatch.setattr(Path, "stat", stat)
    assert main(["check", "."]) == 2
    assert capsys.readouterr().err.splitlines()[0] == "error: pyproject.toml: permission denied"


def test_standard_input_is_bounded(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    sparse(tmp_path / "big")
    with (tmp_path / "big").open() as big:
        monkeypatch.setattr("sys.stdin", big)
        assert main(["check", "-"]) == 2
    assert "-: longer than" in capsys.readouterr().err
    monkeypatch.setattr("sys.stdin", None)
    assert main(["check", "-"]) == 2
    assert "-: standard input is closed" in capsys.readouterr().err
