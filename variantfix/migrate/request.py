"""All that the command line says of a migration."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from variantfix.migrate.unit import Options


@dataclass(frozen=True, slots=True)
class Request:
    """The sources and the flags; what decides the outcome is in `options`.

    `words` are the command line's own, for the review page.
    """

    sources: tuple[str, ...]
    options: Options
    as_texts: bool = False
    jobs: int = 1
    limit: int | None = None
    only: tuple[str, ...] = ()
    retry: tuple[str, ...] = ()
    state: str = ""
    fresh: bool = False
    dask: str = ""
    patches: str = ""
    report: str = ""
    output: str = ""
    format: str = "text"
    output_file: str = ""
    exit_zero: bool = False
    statistics: bool = False
    quiet: bool = False
    words: tuple[str, ...] = ()

    @property
    def verb(self) -> str:
        """What becomes of findings that can be repaired."""
        return "would be repaired" if self.options.dry_run else "repaired"
