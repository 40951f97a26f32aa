"""Whether a tag has ended: torch goes on without it, and the project stays behind."""

from __future__ import annotations

from typing import TYPE_CHECKING

from variantfix.namedtuple import NamedTuple
from variantfix.pytorch import catalog

if TYPE_CHECKING:
    from collections.abc import Iterator

    from variantfix.detect.context import Context

_OFFERS = 3


class Due(NamedTuple):
    """A variant whose tag has ended: with which torch, and the tags of its kind that the newest torch has."""

    file: str
    variant: str
    tag: str
    last: str
    served: tuple[str, ...]

    def __str__(self) -> str:
        go_on = f"torch {catalog.releases()[-1].minor} has {', '.join(self.served)}"
        return f"{self.file}: {self.variant} is for {self.tag}, which ended with torch {self.last}; {go_on}"


def due(ctx: Context) -> Iterator[Due]:
    """The variants of a workspace whose tags the newest torch is not built for."""
    newest = catalog.releases()[-1]
    for variant in ctx.variants:
        for told in variant.accelerators:
            build = catalog.builds().get(told.tag)
            if build and build.last and told.is_pytorchs and told.tag not in newest.tags:
                served = tuple(t for t, b in catalog.builds().items() if b.kind == told.kind and t in newest.tags)
                yield Due(variant.scope.file, variant.spelling, told.tag, build.last, served[-_OFFERS:])
