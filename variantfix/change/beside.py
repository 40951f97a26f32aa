"""A new variant's sources beside those that hold for everything on some platforms: uv refuses sources that overlap."""

from __future__ import annotations

from typing import TYPE_CHECKING

from variantfix.detect.routing import must_route
from variantfix.detect.variants import NAME, Variant, family_packages
from variantfix.edits.indexes import variant_index
from variantfix.edits.sources import add_sources, entry
from variantfix.uv.markers import complement, conjunction, platforms

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from variantfix.change.finish import Meant
    from variantfix.change.fitting import Wanted
    from variantfix.change.names import Asked
    from variantfix.pytorch.accelerator import Accelerator
    from variantfix.toml import Edit
    from variantfix.uv.project import Scope


def beside_unscoped(meant: Meant, asked: Asked, scope: Scope, requirements: Sequence[Wanted]) -> Iterator[Edit]:
    """The sources of the packages for which others hold on some platforms, confined to the rest of the platforms.

    Those of the variants that are there are confined likewise; what no other source holds for is left to the rules.
    """
    index, declare = index_of(meant, asked, scope, asked.accelerator)
    variant = _variant(meant, asked, scope, asked.accelerator)
    declared = False
    for package in family_packages([r.package for r in requirements]):
        markers = [source.marker for source in meant.ctx.unscoped_sources(meant.project, package)]
        wanted = [r for r in requirements if r.package == package]
        if not markers or not all(markers) or not any(must_route(variant, package, r.specifier) for r in wanted):
            continue
        others = complement(" or ".join(f"({marker})" for marker in markers))
        marker = conjunction(asked.accelerator.marker, others)
        if not platforms(marker):
            continue
        yield from declare if not declared else ()
        declared = True
        yield from add_sources(meant.ctx, meant.project, package, [entry(index, scope, asked.name, marker)])


def index_of(meant: Meant, asked: Asked, scope: Scope, accelerator: Accelerator) -> tuple[str, tuple[Edit, ...]]:
    """The name of the index from which a new variant takes an accelerator, and the edits that declare it."""
    return variant_index(meant.ctx, _variant(meant, asked, scope, accelerator))


def _variant(meant: Meant, asked: Asked, scope: Scope, accelerator: Accelerator) -> Variant:
    return Variant(scope, accelerator, NAME, asked.name, meant.project.place())
