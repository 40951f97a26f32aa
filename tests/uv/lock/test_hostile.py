"""Locks that nobody's uv wrote: each is read rightly, or refused in one line, in bounded time."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.locks import HEAD, VARIANTS
from variantfix.detect.beside import LockFile
from variantfix.errors import InputError
from variantfix.toml import loads
from variantfix.uv.lock import Selection, SelectionError, lock_of, read_lock, walk
from variantfix.uv.parse import parse
from variantfix.uv.platforms import hosts

if TYPE_CHECKING:
    from collections.abc import Iterator

LINUX = hosts("3.12")[0]
DOCUMENT = loads(VARIANTS)
WORKSPACE = parse({"pyproject.toml": {"project": {"name": "app", "optional-dependencies": {"cpu": ["torch"]}}}})

_Path = tuple[str | int, ...]


def paths(value: object, at: _Path = ()) -> Iterator[_Path]:
    """Every place in a document."""
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in items:
        yield (*at, key)
        yield from paths(inner, (*at, key))


def replaced(path: _Path, value: object) -> dict[str, Any]:
    document = copy.deepcopy(DOCUMENT)
    holder: Any = document
    for key in path[:-1]:
        holder = holder[key]
    holder[path[-1]] = value
    return document


_words = st.sampled_from(["", "x", "torch", "1.0", "9" * 5000, "sys_platform ==", "\n", "extra-3-app-cpu"])
_values = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), _words, st.just(10**4000)),
    lambda inner: st.one_of(st.lists(inner, max_size=2), st.dictionaries(_words, inner, max_size=2)),
    max_leaves=4,
)


@settings(max_examples=300, deadline=None, database=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.sampled_from(sorted(paths(DOCUMENT), key=str)), _values)
def test_any_type_at_any_key_is_read_or_refused_in_a_line(path: _Path, value: object) -> None:
    document = replaced(path, value)
    file = LockFile("")
    file.__dict__["_document"] = document
    assert "\n" not in file.staleness(WORKSPACE)
    assert "\n" not in _answer(document)


def _answer(document: dict[str, Any]) -> str:
    """The names of a closure in the lock, or why there is none."""
    try:
        found = walk(lock_of(document), Selection(extras=("cpu",)), LINUX)
    except (InputError, SelectionError) as error:
        return str(error)
    return " ".join(package.name for package in found.packages)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        pytest.param('name = "torch"', "name = 1", "name is 1", id="a name"),
        pytest.param('package = "app"', "package = 1", "package is 1", id="a conflict's package"),
        pytest.param('["cpu", "gpu", "empty"]', "1", "provides-extras is 1", id="extras"),
        pytest.param('"https://download.pytorch.org/whl/cpu"', "5", "registry is 5", id="a registry"),
        pytest.param("size = 50", 'size = "x"', "size is 'x'", id="a size in words"),
        pytest.param("size = 50", f"size = {'9' * 4000}", "size is 9", id="a size that no disk has"),
        pytest.param('version = "2.0+cpu"', "version = 5", "version is 5", id="a version"),
        pytest.param('version = "3.0"', 'version = "x"', "Invalid version: 'x'", id="no version"),
        pytest.param('version = "3.0"', f'version = "{"9" * 5000}"', "", id="a version of thousands of digits"),
        pytest.param('">=3.11"', f'">={"9" * 100}"', "is no bound of a Python", id="a Python of many digits"),
        pytest.param("revision = 3", "revision = -1", "revision is -1", id="a revision below none"),
    ],
)
def test_a_wrong_type_is_named(old: str, new: str, message: str) -> None:
    assert old in VARIANTS
    with pytest.raises(InputError, match=r"^uv\.lock is not as uv writes it: ") as caught:
        read_lock(VARIANTS.replace(old, new, 1))
    assert message in str(caught.value)
    assert len(str(caught.value)) < 300


def test_nesting_is_refused() -> None:
    with pytest.raises(InputError, match=r"^uv\.lock is not valid TOML: "):
        read_lock(HEAD + f"x = {'[' * 5000}{']' * 5000}")


def test_a_long_chain_of_dependencies_is_walked() -> None:
    head = '[[package]]\nversion = "1"\nsource = { registry = "r" }\n'
    rows = [f'{head}name = "p{n}"\ndependencies = [{{ name = "p{n + 1}" }}]\n' for n in range(1500)]
    app = '[[package]]\nname = "app"\nsource = { virtual = "." }\ndependencies = [{ name = "p0" }]\n'
    last = '[[package]]\nname = "p1500"\nversion = "1"\nsource = { registry = "r" }\n'
    found = walk(read_lock(HEAD + app + "".join(rows) + last), Selection(), LINUX)
    assert max(len(package.path) for package in found.packages) == 1502


def test_a_wheel_of_hundreds_of_tags_is_judged() -> None:
    tags = ".".join(f"cp{number}" for number in range(300))
    wheel = f"demo-1.0-{tags}.py3-{tags}.none-{tags}.any.whl"
    row = f'[[package]]\nname = "app"\nversion = "1"\nsource = {{ registry = "r" }}\nwheels = [{{ url = "{wheel}" }}]\n'
    (only,) = walk(read_lock(HEAD + row), Selection(packages=("app",)), LINUX).packages
    assert only.artifact is not None
    assert only.artifact.filename == wheel


def test_thousands_of_rows_of_one_name_are_told_apart() -> None:
    rows = "".join(f'[[package]]\nname = "p"\nversion = "{n}"\nsource = {{ registry = "r" }}\n' for n in range(3000))
    asked = "".join(f'{{ name = "p", version = "{n}" }},' for n in range(3000))
    app = f'[[package]]\nname = "app"\nsource = {{ virtual = "." }}\ndependencies = [{asked}]\n'
    assert len(walk(read_lock(HEAD + app + rows), Selection(), LINUX).packages) == 3000
