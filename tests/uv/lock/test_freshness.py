"""Whether a lock is that of the files."""

from __future__ import annotations

import pytest

from variantfix.detect.beside import LockFile
from variantfix.toml import loads
from variantfix.uv.parse import parse

PROJECT = """\
[project]
name = "App"
version = "0.1"
requires-python = ">=3.10"
dependencies = ["Numpy >=1.0, <3", "win; sys_platform == 'win32'"]

[project.optional-dependencies]
cpu = ["torch>=2.6"]
cu128 = ["torch>=2.6"]
both = ["app[cpu]", "extra-tool"]

[dependency-groups]
test = ["check[all]>=8"]
dev = [{ include-group = "test" }, "lint"]

[tool.uv]
conflicts = [[{ extra = "cpu" }, { extra = "cu128" }]]
override-dependencies = ["jinja2>=3"]

[tool.uv.sources]
torch = [
    { index = "pt-cpu", extra = "cpu" },
    { index = "pt-cu128", extra = "cu128", marker = "sys_platform != 'darwin'" },
]
lint = { git = "https://example.com/lint" }

[[tool.uv.index]]
name = "pt-cpu"
url = "https://user:secret@download.pytorch.org/whl/cpu/"
explicit = true

[[tool.uv.index]]
name = "pt-cu128"
url = "https://download.pytorch.org/whl/cu128"
explicit = true
"""
LOCK = """\
version = 1
revision = 3
requires-python = ">=3.10"
conflicts = [[
    { package = "app", extra = "cpu" },
    { package = "app", extra = "cu128" },
]]

[manifest]
overrides = [{ name = "jinja2", specifier = ">=3" }]

[[package]]
name = "app"
version = "0.1"
source = { virtual = "." }

[package.metadata]
requires-dist = [
    { name = "app", extras = ["cpu"], marker = "extra == 'both'" },
    { name = "extra-tool", marker = "extra == 'both'" },
    { name = "numpy", specifier = ">=1.0,<3" },
    { name = "torch", marker = "extra == 'cpu'", specifier = ">=2.6", index = "https://download.pytorch.org/whl/cpu" },
    { name = "torch", marker = "sys_platform != 'darwin' and extra == 'cu128'", specifier = ">=2.6", \
index = "https://download.pytorch.org/whl/cu128" },
    { name = "torch", marker = "sys_platform == 'darwin' and extra == 'cu128'", specifier = ">=2.6" },
    { name = "win", marker = "sys_platform == 'win32'" },
]
provides-extras = ["cpu", "cu128", "both"]

[package.metadata.requires-dev]
dev = [
    { name = "check", extras = ["all"], specifier = ">=8" },
    { name = "lint", git = "https://example.com/lint" },
]
test = [{ name = "check", extras = ["all"], specifier = ">=8" }]

[[package]]
name = "numpy"
version = "2.0"
source = { registry = "https://packages.example.com/simple" }
"""


def staleness(project: str, lock: str = LOCK) -> str:
    return LockFile(lock).staleness(parse({"pyproject.toml": loads(project)}))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        pytest.param("", "", id="nothing changed"),
        pytest.param('"Numpy >=1.0, <3"', '"numpy<3.0,>=1"', id="a specifier in other words"),
        pytest.param('name = "App"', 'name = "app"\ndescription = "new"', id="metadata that is not locked"),
        pytest.param("user:secret@", "", id="credentials"),
        pytest.param('"torch>=2.6"]\ncu128', '"torch >= 2.6"]\ncu128', id="spaces"),
        pytest.param('{ git = "https://example.com/lint" }', '{ path = "lint" }', id="a place: uv's own affair"),
        pytest.param(
            "marker = \"sys_platform != 'darwin'\"",
            "marker = \"platform_system != 'Darwin'\"",
            id="a marker in other words",
        ),
        pytest.param(">=3.10", ">=3.10.0", id="the same Pythons"),
    ],
)
def test_a_lock_is_fresh(old: str, new: str) -> None:
    assert staleness(PROJECT.replace(old, new, 1) if old else PROJECT) == ""


def test_line_endings_do_not_matter() -> None:
    assert staleness(PROJECT, LOCK.replace("\n", "\r\n")) == ""


def test_platforms_that_the_file_leaves_out_do_not_matter() -> None:
    only = PROJECT.replace("[tool.uv]\n", "[tool.uv]\nenvironments = [\"sys_platform != 'win32'\"]\n")
    assert staleness(only.replace("win; sys_platform == 'win32'", "win; sys_platform == 'cygwin'")) == ""
    assert "another win" in staleness(only.replace("win; sys_platform == 'win32'", "win; sys_platform == 'linux'"))


def test_groups_by_their_standard_name() -> None:
    lock = LOCK.replace("[package.metadata.requires-dev]", "[package.metadata.dependency-groups]")
    assert staleness(PROJECT, lock) == ""
    assert staleness(PROJECT, lock.replace(">=8", ">=7")) == "the file asks for another check in group test"


def test_what_was_beside_the_workspace_is_no_member_yet() -> None:
    tool = '[[package]]\nname = "tool"\nversion = "1"\nsource = { editable = "tool" }\n'
    texts = {"pyproject.toml": PROJECT, "tool/pyproject.toml": "[project]\nname = 'tool'\nversion = '1'\n"}
    workspace = parse({file: loads(text) for file, text in texts.items()})
    assert LockFile(LOCK + tool).staleness(workspace) == ""
    listed = LOCK.replace("[manifest]", '[manifest]\nmembers = ["app"]')
    assert LockFile(listed + tool).staleness(workspace) == "it does not know the project tool"


def test_what_an_extra_refers_to_may_be_written_out() -> None:
    flat = """    { name = "torch", marker = "extra == 'both'", specifier = ">=2.6" },\n"""
    place = '    { name = "torch", marker = "extra == \'cpu\'"'
    assert staleness(PROJECT, LOCK.replace(place, flat + place)) == ""


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        pytest.param('">=3.10"', '">=3.11"', "it was made for Python >=3.10", id="requires-python"),
        pytest.param('name = "App"', 'name = "other"', "it does not know the project other", id="another project"),
        pytest.param(
            '"Numpy >=1.0, <3"', '"numpy>=2"', "the file asks for another numpy in the base dependencies", id="a bound"
        ),
        pytest.param(
            'cpu = ["torch>=2.6"]', "cpu = []", "the lock has torch in extra cpu, and the file has not", id="one less"
        ),
        pytest.param(
            '"lint"]', '"lint", "more"]', "the file has more in group dev, and the lock has not", id="one more"
        ),
        pytest.param(
            "check[all]", "check", "the file asks for another check in group test", id="an extra of a requirement"
        ),
        pytest.param(
            'index = "pt-cpu"', 'index = "pt-cu128"', "the file asks for another torch in extra cpu", id="an index"
        ),
        pytest.param("whl/cpu/", "whl/xpu", "the file asks for another torch in extra cpu", id="an index's URL"),
        pytest.param(
            "win; sys_platform == 'win32'", "win", "the file asks for another win in the base dependencies", id="marker"
        ),
        pytest.param(
            "both = [", "all = [", "the file has extra-tool in extra all, and the lock has not", id="a renamed extra"
        ),
        pytest.param("both = [", "none = []\nboth = [", "its extras are not those of the file", id="an empty extra"),
        pytest.param(
            '"app[cpu]", "extra-tool"', "", "the lock has extra-tool in extra both, and the file has not", id="emptied"
        ),
        pytest.param(
            '{ extra = "cpu" }, ',
            '{ extra = "both" }, ',
            "its conflict sets are not those of the file",
            id="a conflict",
        ),
        pytest.param(
            "conflicts =",
            "default-groups = []\nx =",
            "its conflict sets are not those of the file",
            id="no conflict any more",
        ),
        pytest.param("jinja2", "markupsafe", "its overrides are not those of the file", id="an override"),
        pytest.param("override-", "constraint-", "its constraints are not those of the file", id="a constraint"),
    ],
)
def test_a_lock_is_stale(old: str, new: str, reason: str) -> None:
    assert old in PROJECT
    assert staleness(PROJECT.replace(old, new, 1)) == reason


@pytest.mark.parametrize(
    ("lock", "reason"),
    [
        pytest.param("", "uv.lock has no `version`, so it is no lock of uv", id="an empty file"),
        pytest.param("<<<<<<< HEAD\n" + LOCK, "uv.lock is not valid TOML", id="a merge conflict"),
        pytest.param(LOCK.replace("version = 1", "version = 9", 1), "uv.lock has format version 9", id="a new format"),
        pytest.param(LOCK.replace("{ virtual", "{ moon"), "uv.lock has a source of an unknown kind", id="a new source"),
        pytest.param(LOCK.replace("requires-dist = [", "requires-dist = 3\nx = ["), "it is not as uv", id="a number"),
    ],
)
def test_a_lock_that_cannot_be_read_is_none(lock: str, reason: str) -> None:
    assert staleness(PROJECT, lock).startswith(reason)
