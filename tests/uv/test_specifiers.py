"""Plain specifiers are answered as packaging answers them."""

from __future__ import annotations

import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st
from packaging.specifiers import SpecifierSet

from variantfix.uv.specifiers import clauses, contains

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


@pytest.mark.parametrize("specifier", [">=2.*", "torch", "=>2", "~=2"])
def test_what_is_no_specifier(specifier: str) -> None:
    with pytest.raises(ValueError, match="Invalid specifier"):
        contains(specifier, "2.0")


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
