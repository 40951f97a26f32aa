"""What is said of a closure once it is judged, as data."""

from __future__ import annotations

from typing import TYPE_CHECKING

from variantfix.namedtuple import NamedTuple

if TYPE_CHECKING:
    from variantfix.detect.audit.leaks import Gap, Leak
    from variantfix.uv.platforms import Host
    from variantfix.uv.project import Scope


class Subject(NamedTuple):
    """Whose closure: the bare project, a variant, a variant beside another scope, or what refers to a variant.

    `name` is the variant's spelling, empty for the bare project; `other` the scope beside it, or in its place.
    """

    project: str
    name: str
    tag: str
    scopes: tuple[Scope, ...]
    other: Scope | None = None

    def __str__(self) -> str:
        if self.other is None:
            return self.name or "(bare)"
        return f"{self.name} beside {self.other}" if len(self.scopes) > 1 else f"{self.other}, for {self.name}"


class Build(NamedTuple):
    """A torch build: its version, and the URL of its index, without credentials."""

    version: str
    index: str  # type: ignore[assignment]  # hides a tuple's method


class Cell(NamedTuple):
    """One closure, judged. Sizes are bytes; `unsized` counts the files whose size the lock does not give.

    `leak_size` and `leak_unsized` are what would not be downloaded without the leaks.
    """

    subject: Subject
    platform: Host
    torch: tuple[Build, ...]
    packages: int
    size: int
    unsized: int
    leaks: tuple[Leak, ...] = ()
    gaps: tuple[Gap, ...] = ()
    leak_size: int = 0
    leak_unsized: int = 0
