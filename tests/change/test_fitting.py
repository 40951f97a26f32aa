"""Which Python a project's bounds begin with, by which it is told whether a build can be had at all."""

from __future__ import annotations

import pytest

from variantfix.change.fitting import lowest_python


@pytest.mark.parametrize(
    ("requires", "lowest"),
    [
        (">=3.11", 11),
        (">=3.11.4,<3.14", 11),
        (">3.11", 11),
        ("~=3.12", 12),
        ("==3.11.*", 11),
        (">=3.10,!=3.10.*", 11),
        ("<3.13", None),
        ("!=3.9.*", None),
        ("", None),
        ("four", None),
        (">=4", None),
    ],
)
def test_the_lowest_python(requires: str, lowest: int | None) -> None:
    assert lowest_python(requires) == lowest
