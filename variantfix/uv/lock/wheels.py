"""Which file of a locked package a host downloads."""

from __future__ import annotations

from functools import lru_cache
from itertools import product
from typing import TYPE_CHECKING

from variantfix.memo import kept

if TYPE_CHECKING:
    from collections.abc import Mapping

    from variantfix.uv.lock.files import Artifact
    from variantfix.uv.lock.model import Package
    from variantfix.uv.platforms import Host

# A current system: a newer one never loses a wheel, an older one would report gaps that few users have.
_GLIBC = 39
_MACOS = (15, 0)
# manylinux tags begin at glibc 2.5 on x86_64 and at 2.17 on aarch64 (PEP 513, PEP 599).
_OLDEST_GLIBC = {"x86_64": 5, "aarch64": 17}
_LEGACY_MANYLINUX = {17: "manylinux2014", 12: "manylinux2010", 5: "manylinux1"}


# Rows are few and asked for again by every selection; they compare by identity.
@kept
def best_artifact(package: Package, host: Host) -> Artifact | None:
    """Return the wheel with the best tag, else the source distribution; None where there is neither."""
    best, best_rank = package.sdist, None
    for wheel in package.wheels:
        rank = _rank(wheel.filename.removesuffix(".whl").split("-", 2)[-1], host)
        if rank is not None and (best_rank is None or rank < best_rank):
            best, best_rank = wheel, rank
    return best


@kept
def _rank(tail: str, host: Host) -> int | None:
    """Return the rank of a wheel's tags; `tail` is its file name after name and version, without `.whl`."""
    ranks = tag_ranks(host)
    # A name can list any number of tags: only those that the host knows are tried with one another.
    parts = [set(part.split(".")) & known for part, known in zip(tail.split("-")[-3:], _words(host), strict=False)]
    fitting = (ranks.get("-".join(tag)) for tag in product(*parts))
    return min((rank for rank in fitting if rank is not None), default=None)


@lru_cache(maxsize=32)
def _words(host: Host) -> tuple[frozenset[str], ...]:
    """The interpreters, the ABIs and the platforms that the tags of a host are made of."""
    return tuple(map(frozenset, zip(*(tag.split("-") for tag in tag_ranks(host)), strict=True)))


@lru_cache(maxsize=32)
def tag_ranks(host: Host) -> Mapping[str, int]:
    """Return the wheel tags that a host can install, such as `cp312-cp312-win_amd64`; 0 is the best."""
    from packaging.tags import compatible_tags, cpython_tags  # costs more than a check, which asks for no file

    major, minor, *_ = (int(part) for part in host.python.split(".")[:2])
    interpreter = f"cp{major}{minor}"
    names = tuple(_wheel_platforms(host))
    tags = (
        *cpython_tags((major, minor), [interpreter], names),
        *compatible_tags((major, minor), interpreter, names),
    )
    return {str(tag): rank for rank, tag in reversed(tuple(enumerate(tags)))}


def _wheel_platforms(host: Host) -> list[str]:
    machine = host.machine
    match host.system:
        case "linux":
            names = []
            for glibc in range(_GLIBC, _OLDEST_GLIBC.get(machine, 17) - 1, -1):
                names.append(f"manylinux_2_{glibc}_{machine}")
                if glibc in _LEGACY_MANYLINUX:
                    names.append(f"{_LEGACY_MANYLINUX[glibc]}_{machine}")
            return [*names, f"linux_{machine}"]
        case "darwin":
            from packaging.tags import mac_platforms

            return list(mac_platforms(_MACOS, machine))
        case _:
            return [f"win_{machine.lower()}"]
