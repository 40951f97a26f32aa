"""Compiled markers against `packaging`, and the forms that only uv has."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from packaging.markers import Marker

from variantfix.errors import InputError
from variantfix.uv.lock.markers import Condition, Markers, compile_markers
from variantfix.uv.platforms import Host, hosts

LINUX, ARM, WINDOWS, MACOS = hosts("3.12.3")


def compiled(text: str) -> tuple[Markers, Condition]:
    markers, conditions = compile_markers([text])
    return markers, conditions[text]


def holds(text: str, platform: Host, *active: str) -> bool:
    markers, condition = compiled(text)
    bits = markers.facts(platform.environment) | markers.extras(frozenset(active))
    return not markers.holding(bits).isdisjoint(condition)


def test_the_empty_marker_always_holds() -> None:
    assert holds("", LINUX)


_WORDS = {
    "sys_platform": ("linux", "win32", "darwin"),
    "platform_machine": ("x86_64", "aarch64", "AMD64", "arm64"),
    "platform_system": ("Linux", "Windows", "Darwin"),
    "os_name": ("posix", "nt"),
    "implementation_name": ("cpython", "pypy"),
}
_words = st.sampled_from(sorted(_WORDS)).flatmap(
    lambda key: st.builds(
        "{} {} '{}'".format,
        st.just(key),
        st.sampled_from(("==", "!=", "in", "not in")),
        st.sampled_from(_WORDS[key]),
    )
)
_exchanged = st.builds(
    "'{}' {} {}".format,
    st.sampled_from(("lin", "win32", "in")),
    st.sampled_from(("==", "!=", "in", "not in")),
    st.just("sys_platform"),
)
_versions = st.builds(
    "python_full_version {} '{}'".format,
    st.sampled_from(("==", "!=", "<", "<=", ">", ">=", "~=")),
    st.sampled_from(("3.12", "3.12.3", "3.11.9", "3.13", "3.13.1")),
)
_series = st.builds("python_version {} '3.{}'".format, st.sampled_from(("==", "<", ">=")), st.integers(8, 15))
_markers = st.recursive(
    st.one_of(_words, _exchanged, _versions, _series),
    lambda inner: st.builds("({} {} {})".format, inner, st.sampled_from(("and", "or")), inner),
    max_leaves=8,
)


@given(_markers, st.sampled_from((LINUX, ARM, WINDOWS, MACOS)))
def test_markers_mean_what_packaging_says(text: str, platform: Host) -> None:
    assert holds(text, platform) is Marker(text).evaluate({**platform.environment, "extra": ""})


_ATOMS = (
    "extra == 'extra-1-a-x'",
    "extra != 'extra-1-a-x'",
    "extra == 'group-1-a-y'",
    "sys_platform == 'linux'",
)
_clauses = st.lists(st.sampled_from(_ATOMS), min_size=1, max_size=3).map(" and ".join)


@given(
    st.lists(_clauses, min_size=1, max_size=4),
    st.sets(st.sampled_from(("extra-1-a-x", "group-1-a-y"))),
    st.sampled_from((LINUX, MACOS)),
)
def test_pseudo_extras_hold_as_a_set(clauses: list[str], active: set[str], platform: Host) -> None:
    truth = {
        _ATOMS[0]: "extra-1-a-x" in active,
        _ATOMS[1]: "extra-1-a-x" not in active,
        _ATOMS[2]: "group-1-a-y" in active,
        _ATOMS[3]: platform is LINUX,
    }
    text = " or ".join(f"({clause})" if " and " in clause else clause for clause in clauses)
    expected = any(all(truth[atom] for atom in clause.split(" and ")) for clause in clauses)
    assert holds(text, platform, *active) is expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("python_version in '3.11 3.12'", True, id="a list of versions"),
        pytest.param("python_version not in '3.11 3.12'", False, id="not in a list of versions"),
        pytest.param("python_full_version == '3.12.*'", True, id="a series of versions"),
        pytest.param('sys_platform == "linux"', True, id="double quotes"),
        pytest.param("( os_name=='posix' and(sys_platform not  in'win32'))", True, id="spaces as one likes"),
        pytest.param("'3.13' > python_full_version", True, id="a version first"),
        pytest.param("platform_machine < 'y' and platform_machine >= 'x86_64'", True, id="words in order"),
        pytest.param("platform_machine ~= 'x86_64'", True, id="words have no release: passed over"),
        pytest.param(
            "platform_machine ~= 'x86_64' and os_name == 'nt'", False, id="the rest of one that is passed over"
        ),
        pytest.param("python_version < 'soon'", True, id="no version"),
        pytest.param("python_version < '99999999999999999999'", True, id="a version of many digits"),
        pytest.param(f"python_version < '{'9' * 5000}'", True, id="a version of thousands of digits"),
        pytest.param("extra >= 'cpu'", True, id="an order of extras"),
        pytest.param("'cpu' in extras", False, id="a list of extras"),
        pytest.param("'a' == 'b'", True, id="two values"),
        pytest.param("sys.platform == 'linux'", True, id="an older name"),
        pytest.param(
            " and ".join(["(os_name == 'nt' or sys_platform == 'linux' or os_name == 'posix')"] * 1000),
            True,
            id="what would explode if it were multiplied out",
        ),
        pytest.param(
            "os_name == 'posix' and (sys_platform == 'linux' and (os_name == 'nt' or sys_platform == 'darwin'))",
            False,
            id="nested",
        ),
        pytest.param("extra == 'cpu'", False, id="an extra without its package"),
    ],
)
def test_rare_forms(text: str, expected: bool) -> None:
    assert holds(text, LINUX) is expected


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("linux", "it ends too early"),
        ("sys_platform ==", "it ends too early"),
        ("sys_platform = 'linux'", "\"= 'linux'\" is not expected"),
        ("(sys_platform == 'linux'", "a bracket is not closed"),
        ("sys_platform == 'linux')", "')' is not expected"),
        ("sys_platform == 'linux' and", "it ends too early"),
        ("sys_platform == 'linux' os_name == 'nt'", "'os_name' is not expected"),
        ("(" * 500 + "os_name == 'nt'" + ")" * 500, "brackets are nested more than 100 deep"),
        (" ", "it is empty"),
    ],
)
def test_what_is_no_marker_is_refused(text: str, reason: str) -> None:
    with pytest.raises(InputError, match=r"^uv\.lock has a marker that cannot be read: ") as caught:
        compiled(text)
    assert f": {reason}" in str(caught.value)
    assert caught.value.hint == "run `uv lock`"


def test_a_lock_has_a_bound_on_its_comparisons() -> None:
    with pytest.raises(InputError, match=r"^uv\.lock has more than 8192 different comparisons in its markers$"):
        compile_markers(f"platform_release == '{number}'" for number in range(9000))


def test_a_clause_written_twice_is_kept_once() -> None:
    texts = ("os_name == 'nt' and extra == 'x' or os_name == 'posix'", "(extra == 'x' and os_name == 'nt')")
    markers, conditions = compile_markers(texts)
    assert (len(markers.atoms), len(markers.clauses)) == (3, 3)
    assert conditions[texts[1]] < conditions[texts[0]]
