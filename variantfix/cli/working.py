"""What is being worked on, on one line of a terminal while it lasts; a pipe and a file get nothing."""

from __future__ import annotations

import os
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

from variantfix.credentials import mask
from variantfix.terminal import behind, one_line

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    Tell = Callable[[str], None]
    """Says what is being done now."""


@contextmanager
def working(*, quiet: bool = False) -> Iterator[Tell]:
    """A function that says what is being done and for how long, on standard error; the line goes with the block."""
    stream = behind(sys.stderr)
    if quiet or stream is None or not stream.isatty() or os.environ.get("TERM") == "dumb":
        yield lambda _what: None
        return
    # Imported where it is shown: it costs more than a whole check.
    from rich.console import Console
    from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    columns = (SpinnerColumn("line"), TextColumn("{task.description}", markup=False), TimeElapsedColumn())
    with Progress(*columns, console=Console(file=stream), transient=True) as bar:
        task = bar.add_task("")

        def tell(what: str) -> None:
            bar.reset(task, description=one_line(mask(what)))

        yield tell
