"""Where something stands in a text, in lines and columns."""

from __future__ import annotations

from variantfix.namedtuple import NamedTuple


class Region(NamedTuple):
    """A span of a file: lines and columns from 1, columns in code points; the end column is the first behind it."""

    line: int
    column: int
    end_line: int
    end_column: int


START = Region(1, 1, 1, 1)
"""The start of a file: where what stands nowhere in it is shown."""
