"""Reading the text of a lock."""

from __future__ import annotations

import re

import pytest

from tests.locks import HEAD, NO_PROJECT, VARIANTS
from variantfix.errors import InputError
from variantfix.uv.lock import Artifact, ConflictItem, Requirement, Source, read_lock
from variantfix.uv.lock.markers import ALWAYS

INDEX = "https://packages.example.com/simple"


def test_a_lock_without_packages_is_a_lock() -> None:
    lock = read_lock("version = 1\n")
    assert (lock.revision, lock.requires_python, lock.project, lock.members, lock.packages) == (
        0,
        "",
        None,
        (),
        (),
    )


def test_the_head_of_a_lock() -> None:
    lock = read_lock(VARIANTS)
    assert (lock.revision, lock.requires_python, lock.project) == (3, ">=3.11", "app")
    assert lock.members == ("app", "tool")
    assert lock.conflicts == ((ConflictItem("extra", "app", "cpu"), ConflictItem("extra", "app", "gpu")),)
    assert len(lock.forks) == 2
    assert (lock.supported, lock.required, lock.requirements, lock.groups) == ((), (), (), {})


def test_rows_of_one_name_and_version_stay_apart() -> None:
    rows = [(row.version, row.source) for row in read_lock(VARIANTS).packages if row.name == "torch"]
    assert rows == [
        ("2.0", Source("registry", "https://download.pytorch.org/whl/cpu")),
        ("2.0", Source("registry", INDEX)),
        ("2.0+cpu", Source("registry", "https://download.pytorch.org/whl/cpu")),
        ("2.0+cu128", Source("registry", "https://download.pytorch.org/whl/cu128")),
    ]


def test_a_row_is_the_same_as_itself_alone() -> None:
    row, other = (read_lock(VARIANTS).packages[0] for _ in range(2))
    same = row
    assert row == same
    assert row != other


def test_a_dependency_points_to_the_row_it_names() -> None:
    lock = read_lock(VARIANTS)
    accel = next(row for row in lock.packages if row.name == "accel")
    targets = [(lock.packages[edge.package].version, lock.packages[edge.package].source) for edge in accel.dependencies]
    assert targets == [
        ("3.0", Source("git", "https://example.com/colour?rev=v3#0123456789abcdef0123456789abcdef01234567")),
        ("2.0", Source("registry", INDEX)),
        ("2.0", Source("registry", "https://download.pytorch.org/whl/cpu")),
        ("2.0+cpu", Source("registry", "https://download.pytorch.org/whl/cpu")),
        ("2.0+cu128", Source("registry", "https://download.pytorch.org/whl/cu128")),
    ]


def test_a_source_alone_tells_a_row_that_has_no_version() -> None:
    rows = "".join(f'[[package]]\nname = "tool"\nsource = {{ directory = "{place}" }}\n' for place in ("one", "two"))
    entry = '{ name = "tool", source = { directory = "two" } }'
    lock = read_lock(f"{HEAD}{rows}{ROW}dependencies = [{entry}]")
    assert [lock.packages[edge.package].source.location for edge in lock.packages[2].dependencies] == ["two"]


def test_extras_and_groups_include_those_without_dependencies() -> None:
    app = next(row for row in read_lock(VARIANTS).packages if row.name == "app")
    assert {name: len(edges) for name, edges in app.extras.items()} == {"cpu": 2, "gpu": 1, "empty": 0}
    assert {name: len(edges) for name, edges in app.groups.items()} == {"none": 0, "dev": 1, "on-cpu": 2}
    assert app.groups["on-cpu"][1].extras == ("cpu",)


def test_files_have_their_name_and_size() -> None:
    rows = {(row.name, row.version): row for row in read_lock(VARIANTS).packages}
    assert rows["accel", "1.0"].sdist == Artifact("accel-1.0.tar.gz", 40)
    assert rows["torch", "2.0+cpu"].wheels == (Artifact("torch-2.0+cpu-cp311-cp311-manylinux_2_28_x86_64.whl", 180),)


def test_a_root_without_a_project() -> None:
    lock = read_lock(NO_PROJECT)
    assert (lock.project, lock.members) == (None, ("one", "two"))
    assert {name: [(entry.name, entry.specifier) for entry in entries] for name, entries in lock.groups.items()} == {
        "dev": [("lint", ">=1")],
        "win": [("lint", "")],
    }
    assert lock.groups["dev"] == (Requirement("lint", ">=1", (), ALWAYS),)
    assert [(row.source.kind, row.source.location) for row in lock.packages] == [
        ("url", "https://packages.example.com/lint-1.0-py3-none-any.whl"),
        ("directory", "one"),
        ("path", "two-0.2.tar.gz"),
    ]
    assert lock.packages[2].sdist == Artifact("", None)  # a path is told by the source alone


def test_every_form_of_conflict_has_the_pseudo_extra_of_uv() -> None:
    text = """conflicts = [[
        { package = "my-app", extra = "cpu" },
        { package = "my-app", group = "dev" },
        { package = "my-app" },
    ]]"""
    (items,) = read_lock(HEAD + text).conflicts
    assert [(str(item), item.encoded) for item in items] == [
        ("my-app[cpu]", "extra-6-my-app-cpu"),
        ("my-app:dev", "group-6-my-app-dev"),
        ("my-app", "project-6-my-app"),
    ]


OLD = """version = 1
[[distribution]]
name = "app"
version = "0.1"
source = { editable = "." }
[distribution.dev-dependencies]
dev = [{ name = "six" }]
[[distribution]]
name = "six"
version = "1.16"
source = { registry = "https://packages.example.com/simple" }
"""


def test_the_oldest_form_of_version_1() -> None:
    lock = read_lock(OLD)
    assert lock.project == "app"
    assert [lock.packages[edge.package].name for edge in lock.packages[0].groups["dev"]] == ["six"]


ROW = f'[[package]]\nname = "six"\nversion = "1"\nsource = {{ registry = "{INDEX}" }}\n'


@pytest.mark.parametrize(
    ("text", "message"),
    [
        pytest.param("[[package", "uv.lock is not valid TOML: ", id="no TOML"),
        pytest.param("", "uv.lock has no `version`, so it is no lock of uv", id="another file"),
        pytest.param("version = 2", "uv.lock has format version 2, and only version 1 can be read", id="future"),
        pytest.param(HEAD + "package = 3", "uv.lock is not as uv writes it: package is 3", id="no rows"),
        pytest.param(
            HEAD + '[[package]]\nname = "six"',
            "uv.lock is not as uv writes it: source is missing",
            id="cut",
        ),
        pytest.param(
            'version = 1\nrequires-python = "3"',
            "uv.lock is not as uv writes it: '3' is no bound of a Python",
            id="no specifier",
        ),
        pytest.param(
            HEAD + '[[package]]\nname = "six"\nsource = { moon = "/" }',
            "uv.lock has a source of an unknown kind: {'moon': '/'}",
            id="new kind of source",
        ),
        pytest.param(
            HEAD + ROW + 'dependencies = [{ name = "gone", version = "2" }]',
            "uv.lock has 0 packages for the dependency gone 2, where one is needed",
            id="dangling dependency",
        ),
        pytest.param(
            HEAD + ROW + ROW.replace("/simple", "/other") + 'dependencies = [{ name = "six" }]',
            "uv.lock has 2 packages for the dependency six, where one is needed",
            id="ambiguous dependency",
        ),
        pytest.param(
            HEAD + ROW + """dependencies = [{ name = "six", marker = "os_name = 'nt'" }]""",
            "uv.lock has a marker that cannot be read: ",
            id="no marker",
        ),
    ],
)
def test_a_broken_lock_is_refused_in_one_line(text: str, message: str) -> None:
    with pytest.raises(InputError) as caught:
        read_lock(text)
    assert str(caught.value).startswith(message)
    assert re.search(r"\n|None", str(caught.value)) is None
    assert caught.value.hint == (
        "update variantfix" if "version 1 can" in message or "moon" in message else "run `uv lock`"
    )
