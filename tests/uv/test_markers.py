"""Markers: read and answered as packaging does where it can, and as uv does where it cannot."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from packaging.markers import Marker

from variantfix.uv import markers
from variantfix.uv.markers import Environment, MarkerError, complement, conjunction, holds, parse, platforms

VALUES = {
    "sys_platform": ["linux", "win32", "darwin", "Linux"],
    "platform_machine": ["x86_64", "aarch64", "AMD64", "arm64"],
    "platform_system": ["Linux", "Windows"],
    "os_name": ["nt", "posix"],
    "implementation_name": ["cpython", "pypy"],
    "platform_python_implementation": ["CPython"],
    "python_version": ["3.9", "3.10", "3.12", "3.15", "3"],
    "extra": ["cpu", "gpu"],
}
NUMBERS = ["==", "!=", "<", "<=", ">", ">="]


@st.composite
def comparisons(draw: st.DrawFn) -> str:
    key = draw(st.sampled_from(sorted(VALUES)))
    value = draw(st.sampled_from(VALUES[key]))
    if key == "python_version":
        return f"{key} {draw(st.sampled_from(NUMBERS))} '{value}'"
    if key != "extra" and draw(st.booleans()):
        return draw(st.sampled_from([f"'{value}' in {key}", f"{key} not in '{value}'", f'{key} in "{value} x"']))
    return draw(st.sampled_from([f"{key} == '{value}'", f'"{value}" != {key}']))


def joined(parts: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    joins = st.sampled_from([" and ", " or "])
    return st.builds(lambda word, each: f"({word.join(each)})", joins, st.lists(parts, min_size=2, max_size=3))


TEXTS = st.recursive(comparisons(), joined, max_leaves=8)
ENVIRONMENTS = [
    Environment(platform, python, frozenset(["cpu"]))
    for platform in sorted(markers.PLATFORMS)
    for python in ("3.9", "3.10", "3.12")
]


def by_packaging(text: str, where: Environment) -> bool:
    system, machine = where.platform
    names = {"linux": ("Linux", "posix"), "win32": ("Windows", "nt"), "darwin": ("Darwin", "posix")}
    environment = {
        "sys_platform": system,
        "platform_machine": machine,
        "platform_system": names[system][0],
        "os_name": names[system][1],
        "implementation_name": "cpython",
        "platform_python_implementation": "CPython",
        "python_version": where.python,
        "extra": "cpu",
    }
    return Marker(text).evaluate(environment)


@given(TEXTS)
def test_it_says_what_packaging_says(text: str) -> None:
    for where in ENVIRONMENTS:
        assert holds(parse(text), where) is by_packaging(text, where), where


@given(TEXTS)
def test_the_complement_holds_where_the_marker_does_not(text: str) -> None:
    opposite = parse(complement(text))
    assert all(holds(parse(text), where) is not holds(opposite, where) for where in ENVIRONMENTS)


@given(TEXTS, TEXTS)
def test_the_conjunction_holds_where_both_do(one: str, other: str) -> None:
    both = parse(conjunction(one, other))
    assert all(
        holds(both, where) is (holds(parse(one), where) and holds(parse(other), where)) for where in ENVIRONMENTS
    )


def test_complements_read_as_a_person_writes_them() -> None:
    assert complement("sys_platform == 'linux' or sys_platform == 'win32'") == (
        "sys_platform != 'linux' and sys_platform != 'win32'"
    )
    assert complement("sys_platform == 'linux' and (os_name == 'nt' or 'x' in platform_release)") == (
        "sys_platform != 'linux' or os_name != 'nt' and 'x' not in platform_release"
    )
    assert conjunction("", "os_name == 'nt' or os_name == 'posix'", "extra == 'a'") == (
        "(os_name == 'nt' or os_name == 'posix') and extra == 'a'"
    )
    assert conjunction("", "") == ""


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("sys_platform ~= 'linux'", id="compatible release of a word"),
        pytest.param("sys_platform === 'x'", id="arbitrary equality of a word"),
        pytest.param("'a' == 'a'", id="two values"),
        pytest.param("python_version == 'abc'", id="no version"),
        pytest.param("extra >= '1'", id="an order of extras"),
        pytest.param("platform_release >= '5'", id="what no file tells"),
        pytest.param("implementation_version > '3'", id="a version that no file tells"),
        pytest.param("sys.platform == 'linux' or os.name == 'nt' or sys_platform == 'darwin'", id="older names"),
        pytest.param("", id="nothing"),
    ],
)
def test_what_decides_nothing_can_hold_everywhere(text: str) -> None:
    assert platforms(text) == markers.PLATFORMS


@pytest.mark.parametrize("text", ["'x' in extras", "'dev' in dependency_groups", "extra == '1.0'"])
def test_an_extra_holds_where_it_is_on(text: str) -> None:
    assert platforms(text) == frozenset()
    assert platforms(text, None) == markers.PLATFORMS
    name = text.split("'")[1].replace(".", "-")
    assert platforms(text, name) == markers.PLATFORMS


@pytest.mark.parametrize("text", ["sys_platform == 'Linux'", "platform_system == 'linux'", "os_name == 'never'"])
def test_the_case_of_a_value_matters(text: str) -> None:
    assert platforms(text) == frozenset()


@pytest.mark.parametrize(
    ("text", "python", "expected"),
    [
        ("python_full_version < '3.12.4'", "3.12", True),
        ("python_full_version >= '3.12.4'", "3.12", True),
        ("python_full_version == '3.11.2'", "3.12", False),
        ("python_version in '3.9 3.12'", "3.12", True),
        ("python_version not in '3.9 3.12'", "3.12", False),
        ("python_version == '3.*'", "3.12", True),
        ("python_version != '3.12.*'", "3.12", False),
        ("python_version ~= '3.10'", "3.12", True),
        ("python_version ~= '3.13'", "3.12", False),
        ("'3.11' < python_version", "3.12", True),
    ],
)
def test_versions(text: str, python: str, *, expected: bool) -> None:
    assert holds(parse(text), Environment(("linux", "x86_64"), python)) is expected


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("os_name == 'nt' or", "it ends too early"),
        ("(os_name == 'nt'", "a bracket is not closed"),
        ("os_name == 'nt')", "')' is not expected"),
        ("foo == 'x'", "'foo' is nothing that a marker can ask for"),
        ("os_name 'nt' ==", "'nt' is no comparison"),
        ("os_name == sys_platform", "'os_name' cannot be compared with 'sys_platform'"),
        ("os_name == 'nt' $", "'$' is not expected"),
        ("(" * 101 + "os_name == 'nt'" + ")" * 101, "brackets are nested more than 100 deep"),
    ],
)
def test_what_is_no_marker_says_why(text: str, reason: str) -> None:
    assert markers.why_no_marker(text) == reason
    assert not markers.is_marker(text)
    with pytest.raises(MarkerError):
        platforms(text)


def test_an_empty_text_is_no_marker() -> None:
    assert markers.why_no_marker("  ") == "it is empty"


def test_a_marker_of_a_million_characters_is_answered() -> None:
    long = "(sys_platform == 'linux' or os_name == 'nt') and " * 20_000 + "os_name == 'nt'"
    assert {system for system, _ in platforms(long)} == {"win32"}


def test_what_it_asks_for() -> None:
    text = "extra == 'A' and (sys_platform == 'linux' or extra != 'b') and extra == 'A'"
    assert markers.extras(text) == ("A",)
    assert [atom.key for atom in markers.atoms(text)] == ["extra", "sys_platform", "extra", "extra"]
