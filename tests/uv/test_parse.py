"""Wrong types: whatever stands where a key is read, the answer is findings or one clear line, never a bug of ours."""

from __future__ import annotations

import copy
from typing import Any

import pytest
import tomlkit
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from variantfix.errors import ConfigError, InputError
from variantfix.repair.pipeline import plan_texts
from variantfix.settings import Settings
from variantfix.uv.parse import members, parse

FILE = "pyproject.toml"
ROUTED: dict[str, Any] = {
    "project": {
        "name": "app",
        "version": "0.1.0",
        "requires-python": ">=3.11",
        "dynamic": ["readme"],
        "dependencies": ["accelerate"],
        "optional-dependencies": {"cpu": ["torch>=2.7"], "cu128": ["torch>=2.7"]},
    },
    "build-system": {"requires": ["uv_build>=0.5"], "build-backend": "uv_build"},
    "dependency-groups": {"dev": ["pytest", {"include-group": "lint"}], "lint": ["ruff"]},
    "tool": {
        "uv": {
            "override-dependencies": ["numpy<3"],
            "constraint-dependencies": ["pillow>1"],
            "exclude-dependencies": ["scipy"],
            "dev-dependencies": ["tox"],
            "default-groups": ["dev"],
            "environments": ["sys_platform == 'linux'"],
            "required-environments": ["sys_platform == 'linux'"],
            "required-version": ">=0.5",
            "index-url": "https://packages.example.com/simple",
            "extra-index-url": ["https://download.pytorch.org/whl/cpu"],
            "find-links": ["wheels"],
            "torch-backend": "auto",
            "managed": True,
            "package": True,
            "exclude-newer": "2026-01-01",
            "exclude-newer-package": {"torch": "2026-02-02", "numpy": False},
            "workspace": {"members": ["packages/*"], "exclude": ["packages/old"]},
            "conflicts": [[{"extra": "cpu"}, {"extra": "cu128"}], [{"package": "app"}, {"group": "dev"}]],
            "sources": {
                "torch": [
                    {"index": "pytorch-cpu", "extra": "cpu"},
                    {"index": "pytorch-cu128", "extra": "cu128", "marker": "sys_platform == 'linux'"},
                ],
                "local": {"path": "local", "group": "dev"},
                "member": {"workspace": True},
            },
            "index": [
                {"name": "pytorch-cpu", "url": "https://download.pytorch.org/whl/cpu", "explicit": True},
                {
                    "name": "pytorch-cu128",
                    "url": "https://download.pytorch.org/whl/cu128",
                    "explicit": True,
                    "default": False,
                    "exclude-newer": "2026-03-03",
                },
            ],
        },
        "variantfix": {"variants": {"cpu": "cpu"}, "isolation": "auto", "unsafe": False, "select": [], "ignore": []},
    },
}

Path = tuple[str | int, ...]


def paths(value: object, path: Path = ()) -> list[Path]:
    """The places of all tables, arrays and values in a document."""
    items: list[tuple[str | int, object]] = []
    if isinstance(value, dict):
        items = list(value.items())
    elif isinstance(value, list):
        items = list(enumerate(value))
    return [path] * bool(path) + [found for key, each in items for found in paths(each, (*path, key))]


PLACES = paths(ROUTED)


def replaced(path: Path, value: object) -> dict[str, Any]:
    data = copy.deepcopy(ROUTED)
    holder: Any = data
    for key in path[:-1]:
        holder = holder[key]
    holder[path[-1]] = value
    return data


def answer(data: dict[str, Any]) -> str:
    """The line that refuses a document; empty where it is taken. Any other error passes."""
    text = tomlkit.dumps(data)
    try:
        plan_texts({FILE: text}, Settings())
        members(FILE, data)
    except (InputError, ConfigError) as error:
        return str(error)
    return ""


scalars = st.one_of(
    st.booleans(),
    st.integers(min_value=-(2**63), max_value=2**63 - 1),
    st.floats(),
    st.dates(),
    st.times().map(lambda time: time.replace(microsecond=0)),
    st.text(max_size=8),
)
values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(min_size=1, max_size=8), inner, max_size=2),
    max_leaves=3,
)


# Other draws on each run: what one run misses the next may find.
@settings(
    max_examples=150, deadline=None, database=None, derandomize=False, suppress_health_check=[HealthCheck.too_slow]
)
@given(st.sampled_from(PLACES), values)
def test_any_type_at_any_key_ends_well(path: Path, value: object) -> None:
    line = answer(replaced(path, value))
    assert "\n" not in line
    assert not line or line.startswith(f"{FILE}:")


KNOWN = [
    (("tool", "uv", "override-dependencies"), 0),
    (("tool", "uv", "exclude-dependencies"), 1.5),
    (("tool", "uv", "constraint-dependencies"), 1),
    (("tool", "uv", "default-groups"), [1]),
    (("tool", "uv", "default-groups"), [[]]),
    (("tool", "uv", "default-groups"), [{}]),
    (("project", "dynamic"), 0),
    (("tool",), "workspace"),
    (("tool", "uv"), "workspace"),
    (("tool", "uv", "workspace", "members"), 1),
    (("tool", "uv", "workspace", "exclude"), [""]),
    (("tool", "uv", "workspace", "members"), ["."]),
    (("dependency-groups", "lint"), [{"include-group": 1}]),
]


@pytest.mark.parametrize(("path", "value"), KNOWN, ids=lambda each: str(each))
def test_a_wrong_type_is_refused_with_its_place(path: Path, value: object) -> None:
    line = answer(replaced(path, value))
    assert line.startswith(f"{FILE}: {'.'.join(map(str, path))}")
    assert " is not " in line


def test_what_is_right_is_taken() -> None:
    assert answer(ROUTED) == ""


@pytest.mark.parametrize("name", ["\x00", "a\x1b[31m", "tab\t", "both \"' quotes", "back\\slash"])
def test_a_name_of_any_characters_is_repaired(name: str) -> None:
    data = copy.deepcopy(ROUTED)
    data["tool"]["uv"]["index"][0]["name"] = name
    assert answer(data) == ""


def test_the_model_has_each_key() -> None:
    uv = parse({FILE: ROUTED}).root.uv
    empty = [name for name, value in uv._asdict().items() if value in (None, False, (), "", {})]
    assert empty == []
