"""Which file of a locked package a platform downloads."""

from __future__ import annotations

from functools import lru_cache
from itertools import product
from typing import TYPE_CHECKING

from variantfix.uv.lock.platforms import tag_ranks

if TYPE_CHECKING:
    from variantfix.uv.lock.model import Artifact, Package
    from variantfix.uv.lock.platforms import Platform


# Rows are few and asked for again by every selection; they compare by identity.
@lru_cache(maxsize=8192)
def best_artifact(package: Package, platform: Platform) -> Artifact | None:
    """Return the wheel with the best tag, else the source distribution; None where there is neither."""
    best, best_rank = package.sdist, None
    for wheel in package.wheels:
        rank = _rank(wheel.filename.removesuffix(".whl").split("-", 2)[-1], platform)
        if rank is not None and (best_rank is None or rank < best_rank):
            best, best_rank = wheel, rank
    return best


@lru_cache(maxsize=65536)
def _rank(tail: str, platform: Platform) -> int | None:
    """Return the rank of a wheel's tags; `tail` is its file name after name and version, without `.whl`."""
    parts = tail.split("-")[-3:]
    ranks = tag_ranks(platform)
    fitting = (ranks.get("-".join(tag)) for tag in product(*(part.split(".") for part in parts)))
    return min((rank for rank in fitting if rank is not None), default=None)
