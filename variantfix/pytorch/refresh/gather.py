"""What the indexes say: torch's pages for each tag, and the newest metadata of packages."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from variantfix.online import ask, simple
from variantfix.online.fetch import FetchError
from variantfix.pytorch.refresh import wheels

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable, Mapping

    from variantfix.online.fetch import Fetcher
    from variantfix.online.simple import Metadata
    from variantfix.pytorch.refresh.wheels import Wheel

# Those of torch's companions that pin the torch they were built with.
COMPANIONS = ("torchvision", "torchaudio")

_Found = TypeVar("_Found")


class Gathered(NamedTuple):
    """What was found: pages by tag, metadata by package, that of companions; and what could not be fetched, and why."""

    pages: dict[str, tuple[Wheel, ...]]
    metadata: dict[str, Metadata]
    paired: tuple[Metadata, ...]
    failed: tuple[str, ...]


async def gather(
    fetcher: Fetcher,
    pytorch: str,
    pypi: str,
    tags: Iterable[str],
    names: Iterable[str],
    unpaired: Callable[[str, Iterable[str]], list[str]],
    tell: Callable[[str], None],
) -> Gathered:
    """Ask for torch's page on each tag's index below `pytorch`, and for the metadata of packages on `pypi`.

    A page that is not there or that cannot be had is left out: nothing is known then. `unpaired` picks the versions of
    a companion whose torch is asked for, `tell` hears of the progress.
    """
    failed: list[str] = []

    async def page(tag: str) -> tuple[Wheel, ...] | None:
        files = await simple.wheels(fetcher, f"{pytorch}/{tag}", "torch")
        return None if files is None else wheels.read(files)

    async def newest(name: str) -> Metadata | None:
        file = ask.newest(await simple.wheels(fetcher, pypi, name) or ())
        return await simple.metadata(fetcher, file) if file else None

    async def companions(name: str) -> tuple[Metadata, ...]:
        versions = {
            wheel.version: file
            for file in await simple.wheels(fetcher, pypi, name) or ()
            for wheel in wheels.read([file])
        }
        asked = [await simple.metadata(fetcher, versions[version]) for version in unpaired(name, versions)]
        return tuple(filter(None, asked))

    pages = await _each(tags, page, failed, tell)
    paired = await _each(COMPANIONS if pages else (), companions, failed, tell)
    metadata = await _each(names, newest, failed, tell)
    return Gathered(pages, metadata, tuple(each for found in paired.values() for each in found), tuple(sorted(failed)))


class Past(NamedTuple):
    """What was found of releases: by package and version the metadata, None where there is none; and what failed."""

    releases: dict[str, Mapping[str, Metadata | None]]
    failed: tuple[str, ...]


async def past(
    fetcher: Fetcher,
    pypi: str,
    names: Iterable[str],
    is_told: Callable[[str, str], bool],
    tell: Callable[[str], None],
) -> Past:
    """Ask for the metadata of all final releases of packages on `pypi`, but for those that are told of already.

    Of a package of which one release cannot be had nothing is taken: what was fetched is in the cache, for a next run.
    """
    failed: list[str] = []

    async def releases(name: str) -> Mapping[str, Metadata | None] | None:
        files = await simple.releases(fetcher, pypi, name)
        if files is None:
            return None

        async def one(version: str) -> Metadata | None:
            file = None if is_told(name, version) else files[version]
            return await simple.metadata(fetcher, file) if file else None

        answers = await asyncio.gather(*map(one, files), return_exceptions=True)  # all of them, for the cache
        told: dict[str, Metadata | None] = {}
        for version, answer in zip(files, answers, strict=True):
            if isinstance(answer, BaseException):
                raise answer
            told[version] = answer
        return told

    return Past(await _each(names, releases, failed, tell), tuple(sorted(failed)))


async def _each(
    keys: Iterable[str],
    find: Callable[[str], Awaitable[_Found | None]],
    failed: list[str],
    tell: Callable[[str], None],
) -> dict[str, _Found]:
    """The answers that were found, by key, in the order of the keys."""
    wanted = list(dict.fromkeys(keys))
    found: dict[str, _Found] = {}
    done = 0

    async def one(key: str) -> None:
        nonlocal done
        try:
            answer = await find(key)
        except FetchError as error:
            failed.append(f"{key}: {error}")
            answer = None
        if answer is not None:
            found[key] = answer
        done += 1
        tell(f"{done}/{len(wanted)} {key}")

    await asyncio.gather(*map(one, wanted))
    return {key: found[key] for key in wanted if key in found}
