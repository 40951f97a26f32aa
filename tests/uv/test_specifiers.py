"""Plain specifiers are answered as packaging answers them."""

from __future__ import annotations

import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st
from packaging.specifiers import SpecifierSet

from variantfix.uv.specifiers import canonical, clauses, contains

numbers = st.lists(st.integers(0, 3), min_size=1, max_size=3).map(lambda parts: ".".join(map(str, parts)))
versions = st.tuples(numbers, st.sampled_from(("", "", "", "rc1", "a2", ".post1", ".dev1", "+cu128"))).map("".join)
bounds = st.one_of(
    st.tuples(st.sampled_from(("==", "!=", "<", "<=", ">", ">=")), versions)
    .map("".join)
    .filter(lambda clause: "+" not in clause or clause[:2] in ("==", "!=")),
    st.tuples(st.sampled_from(("==", "!=")), numbers, st.just(".*")).map("".join),
    numbers.filter(lambda number: "." in number).map("~={}".format),
)
specifiers = st.lists(bounds, max_size=3).map(", ".join)


@given(specifiers, versions)
def test_as_packaging_does(specifier: str, version: str) -> None:
    assert contains(specifier, version) is SpecifierSet(specifier).contains(version, prereleases=True)


odd = st.sampled_from(("===2.0", "==v2.0", ">=1!2", "== 02.0", ">=2.0 ,", "==2.0-rc1", "~=2.0.0", "~=2.0", "==2+cu128"))


@given(st.one_of(specifiers, odd), st.one_of(specifiers, odd))
def test_one_spelling_tells_whether_two_are_the_same(one: str, other: str) -> None:
    assert (canonical(one) == canonical(other)) is (SpecifierSet(one) == SpecifierSet(other))


@pytest.mark.parametrize("specifier", [">=2.*", "torch", "=>2", "~=2", "~=2.0.*", "<2rc1.*"])
def test_what_is_no_specifier(specifier: str) -> None:
    for ask in (lambda: contains(specifier, "2.0"), lambda: canonical(specifier)):
        with pytest.raises(ValueError, match="Invalid specifier"):
            ask()


@pytest.mark.parametrize("specifier", ["===2.0", "==2.0+cpu", ">=1!2", "<2.post1"])
def test_what_packaging_is_asked_about(specifier: str) -> None:
    assert clauses(specifier) is None


def test_plain_ones_do_without_packaging() -> None:
    code = (
        "from variantfix.uv.specifiers import contains; import sys;"
        "print(contains('>=2.7, <2.9', '2.8.0+cpu'), contains('~=2.7', '3.0'), contains('>2.7', '2.7.post1'),"
        "'packaging' in sys.modules)"
    )
    run = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert run.stdout.split() == ["True", "False", "False", "False"]
