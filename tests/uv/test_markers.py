"""Markers: read and answered as packaging does where it can, and as uv does where it cannot."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from packaging.markers import Marker

from variantfix.uv import markers
from variantfix.uv.marker_values import respelt_requirement
from variantfix.uv.markers import MarkerError, complement, conjunction, holds, is_always, is_never, overlaps, platforms
from variantfix.uv.platforms import PLATFORMS, Host, hosts

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
HOSTS = [Host(platform, python) for platform in sorted(PLATFORMS) for python in ("3.9.1", "3.10.0", "3.12.4")]
ON = frozenset(["cpu"])


@given(TEXTS)
def test_it_says_what_packaging_says(text: str) -> None:
    for where in HOSTS:
        expected = Marker(text).evaluate({**where.environment, "extra": "cpu"})
        assert holds(text, where.environment, ON) is expected, where


@given(TEXTS)
def test_the_complement_holds_where_the_marker_does_not(text: str) -> None:
    opposite = complement(text)
    assert all(holds(text, each.environment, ON) is not holds(opposite, each.environment, ON) for each in HOSTS)
    assert not overlaps(text, opposite)


@given(TEXTS, TEXTS)
def test_the_conjunction_holds_where_both_do(one: str, other: str) -> None:
    both = conjunction(one, other)
    for where in (host.environment for host in HOSTS):
        assert holds(both, where, ON) is (holds(one, where, ON) and holds(other, where, ON))


@given(TEXTS, TEXTS)
def test_what_holds_somewhere_can_hold(one: str, other: str) -> None:
    found = [(holds(one, where.environment, ON), holds(other, where.environment, ON)) for where in HOSTS]
    assert {host.platform for host, (holds_one, _) in zip(HOSTS, found, strict=True) if holds_one} <= platforms(
        one, "cpu"
    )
    assert overlaps(one, other) or (True, True) not in found
    assert not is_never(one) or not any(each for each, _ in found)
    assert not is_always(one) or all(each for each, _ in found)


@given(st.sampled_from(NUMBERS), st.sampled_from(["3.11", "3.12.4", "3.12.4rc1", "3.13.0a2"]), st.integers(0, 9))
def test_full_versions_compare_as_packaging_compares_them(operator: str, told: str, patch: int) -> None:
    text = f"python_full_version {operator} '{told}'"
    for host in (Host(next(iter(PLATFORMS)), f"3.{minor}.{patch}") for minor in (11, 12, 13)):
        assert holds(text, host.environment) is Marker(text).evaluate({**host.environment, "extra": ""})


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ("sys_platform == 'linux'", "os_name == 'posix'", True),
        ("sys_platform == 'linux'", "os_name == 'nt'", False),
        ("sys_platform == 'Linux'", "", False),
        ("python_version < '3.12'", "python_full_version >= '3.12'", False),
        ("python_full_version < '3.12.4'", "python_version >= '3.12'", True),
        ("python_full_version < '3.12.4'", "python_full_version > '3.12.4'", False),
        ("python_version ~= '3.10'", "python_version < '3.10'", False),
        ("platform_release == '6'", "platform_release == '5'", True),
        ("extra == 'a'", "extra != 'A'", False),
        ("extra == 'a'", "extra == 'b'", True),
        ("'a' in extras", "'a' not in extras", False),
        ("'a' == 'b'", "sys_platform ~= 'x'", True),
    ],
)
def test_overlaps(one: str, other: str, *, expected: bool) -> None:
    assert overlaps(one, other) is expected
    assert overlaps(other, one) is expected
    assert is_never(conjunction(one, other)) is not expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", True),
        ("sys_platform == 'linux' or sys_platform != 'linux'", True),
        ("sys_platform == 'linux' or os_name == 'nt' or platform_system == 'Darwin'", True),
        ("python_full_version < '3.12.4' or python_version >= '3.12'", True),
        ("python_full_version < '3.12.4' or python_version >= '3.13'", False),
        ("extra == 'a' or extra != 'a'", True),
        ("extra == 'a'", False),
        ("platform_release == '6'", False),
        ("'a' == 'b'", True),
    ],
)
def test_always(text: str, *, expected: bool) -> None:
    assert is_always(text) is expected
    assert is_never(complement(text)) is expected or "release" in text


def test_in_doubt_about_many_extras_markers_can_overlap() -> None:
    many = " or ".join(f"extra == 'e{number}'" for number in range(40))
    assert overlaps(f"({many}) and extra == 'e1'", "extra != 'e1'")
    assert not overlaps(f"({many}) and os_name == 'nt'", "sys_platform == 'linux'")


def test_complements_read_as_a_person_writes_them() -> None:
    assert complement("sys_platform == 'linux' or sys_platform == 'win32'") == (
        "sys_platform != 'linux' and sys_platform != 'win32'"
    )
    assert complement("sys_platform == 'linux' and (os_name == 'nt' or 'x' in platform_release)") == (
        "sys_platform != 'linux' or os_name != 'nt' and 'x' not in platform_release"
    )
    assert conjunction("", "os_name == 'nt' or platform_machine == 'arm64'", "extra == 'a'") == (
        "(os_name == 'nt' or platform_machine == 'arm64') and extra == 'a'"
    )
    assert conjunction("", "") == ""


@pytest.mark.parametrize(
    ("one", "other", "both"),
    [
        ("sys_platform == 'linux' or sys_platform == 'win32'", "sys_platform == 'linux'", "sys_platform == 'linux'"),
        (
            "sys_platform == 'linux'",
            "sys_platform == 'linux' and extra == 'a'",
            "sys_platform == 'linux' and extra == 'a'",
        ),
        ("python_version >= '3.10'", "python_version >= '3.12'", "python_version >= '3.12'"),
        ("os_name == 'nt' or os_name != 'nt'", "extra == 'a'", "extra == 'a'"),
    ],
)
def test_a_conjunction_leaves_out_what_follows_from_the_rest(one: str, other: str, both: str) -> None:
    assert conjunction(one, other) == both
    assert conjunction(other, one) == both


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
        ("python_full_version < '3.12.4'", "3.12.3", True),
        ("python_full_version >= '3.12.4'", "3.12.3", False),
        ("python_full_version == '3.12'", "3.12.0", True),
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
    assert holds(text, hosts(python)[0].environment) is expected


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


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("extra == 'A_b'", [("extra", "", "a-b")]),
        (
            "extra == 'extra-3-app-cu128' and extra != 'group-3-app-torch-cpu'",
            [("extra", "app", "cu128"), ("group", "app", "torch-cpu")],
        ),
        ("extra == 'project-3-app'", [("project", "app", "")]),
        ("extra == 'extra-9-app-x'", [("extra", "", "extra-9-app-x")]),
        ("'gpu' in extras or 'dev' in dependency_groups", [("extra", "", "gpu"), ("group", "", "dev")]),
    ],
)
def test_the_extras_and_groups_that_it_names(text: str, expected: list[tuple[str, str, str]]) -> None:
    assert list(markers.asked(text)) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("extra == 'a'", ""),
        ("extra == 'a' and extra != 'b' and os_name == 'nt'", "os_name == 'nt'"),
        ('extra == "a" and (os_name == "nt" or sys_platform == "linux")', 'os_name == "nt" or sys_platform == "linux"'),
        ("(extra == 'a' and os_name == 'nt') and python_version > '3.9'", "os_name == 'nt' and python_version > '3.9'"),
        ("extra == 'a' or os_name == 'nt'", None),
    ],
)
def test_what_is_left_without_extras(text: str, expected: str | None) -> None:
    assert markers.without_extras(text) == expected


@pytest.mark.parametrize(
    "part", ["os_name == 'nt' or ", "python_full_version == '3.12.{n}' or ", "extra == 'e{n}' and "]
)
def test_a_long_marker_is_answered(part: str) -> None:
    long = "".join(part.format(n=number) for number in range(300_000 // len(part))) + "os_name == 'nt'"
    assert platforms(long, None)
    assert not is_never(long)
    assert overlaps(long, "os_name == 'nt'")


def test_complements_of_what_has_no_opposite_operator() -> None:
    assert complement("python_version ~= '3.10'") == "python_version < '3.10' or python_version != '3.*'"
    assert complement("python_version === '3.10'") == "python_version != '3.10'"
    assert complement("") == complement("'a' == 'b'") == "python_version < '0'"


@pytest.mark.parametrize(
    ("text", "marker", "expected"),
    [
        ("torch>=2; sys_platform == 'windows'", "sys_platform == 'windows'", "torch>=2; sys_platform == 'win32'"),
        ('torch ;"Linux"==sys_platform ', '"Linux"==sys_platform', 'torch ;"linux"==sys_platform '),
        ("torch; os_name=='NT'", "os_name == 'NT'", "torch; os_name == 'nt'"),
        ("torch; sys_platform == 'linux'", "sys_platform == 'linux'", "torch; sys_platform == 'linux'"),
    ],
)
def test_misspelt_values_are_written_anew(text: str, marker: str, expected: str) -> None:
    assert respelt_requirement(text, marker) == expected
