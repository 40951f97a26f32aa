"""Which rule knows what uv's words are about. The words are uv's own, shortened."""

from __future__ import annotations

import pytest

from variantfix.verify.words import rules_for


@pytest.mark.parametrize(
    ("words", "rules"),
    [
        pytest.param("", (), id="nothing said"),
        pytest.param("error: Failed to build `app`\n  cause: no setup.py", (), id="a build that fails"),
        pytest.param("invalid type: map, expected a sequence", (), id="a file that uv cannot read"),
        pytest.param(
            "Requirements contain conflicting indexes for package `torch` in all marker environments",
            ("missing-conflict", "unknown-conflict-member"),
            id="no conflict set",
        ),
        pytest.param(
            "Found conflicting extra `cpu` unconditionally enabled in `app[cpu,cu128]`",
            ("combined-variants",),
            id="two variants in one extra",
        ),
        pytest.param(
            "Each set of conflicts must have at least two entries, but found only one", ("lone-variant",), id="alone"
        ),
        pytest.param(
            "Source entry for `torch` only applies to extra `cpu`,\n but `torch` was not found",
            ("unlisted-source",),
            id="a source without its requirement, on two lines",
        ),
        pytest.param(
            "Package `torch` references an undeclared index: `pytorch-cpu`", ("undeclared-index",), id="no such index"
        ),
        pytest.param("unknown field `default-extras`", ("unknown-uv-key",), id="a key"),
        pytest.param("there are no versions of pytorch-triton-rocm", ("missing-triton",), id="triton"),
        pytest.param("`sys_platform == 'darwin'`-compatible wheels", ("missing-marker",), id="no wheel for macOS"),
        pytest.param(
            "`jinja2` was found on https://download.pytorch.org/whl/cu128, but not at the requested version",
            ("implicit-index", "no-such-build"),
            id="an index before PyPI",
        ),
        pytest.param(
            "there is no version of torch{sys_platform == 'linux'}==2.7.1+cu126",
            ("no-such-build", "mismatched-index", "local-version-pin"),
            id="a build of another index",
        ),
        pytest.param("only torch<=2.6.0+cu124 is available", ("no-such-build",), id="a bound beyond the index"),
        pytest.param(
            "app[cpu] and app[gpu] are incompatible", ("missing-conflict", "version-skew"), id="bounds that differ"
        ),
    ],
)
def test_words(words: str, rules: tuple[str, ...]) -> None:
    assert rules_for(words) == rules
