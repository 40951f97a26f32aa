"""What the indexes say: torch's pages for each tag, and the newest metadata of packages."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from packaging.utils import InvalidWheelFilename, parse_wheel_filename

from variantfix.online import simple
from variantfix.online.fetch import FetchError
from variantfix.pytorch.refresh import wheels

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable

    from packaging.version import Version

    from variantfix.online.fetch import Fetcher
    from variantfix.online.simple import File, Metadata
    from variantfix.pytorch.refresh.wheels import Wheel

_Found = TypeVar("_Found")


class Gathered(NamedTuple):
    """What was found, by tag; by package; and what could not be fetched, with the reason."""

    pages: dict[str, tuple[Wheel, ...]]
    metadata: dict[str, Metadata]
    failed: tuple[str, ...]


async def gather(
    fetcher: Fetcher, pytorch: str, pypi: str, tags: Iterable[str], names: Iterable[str], tell: Callable[[str], None]
) -> Gathered:
    """Ask for torch's page on each tag's index below `pytorch`, and for the metadata of packages on `pypi`.

    A page that is not there or that cannot be had is left out: nothing is known then. `tell` hears of the progress.
    """
    failed: list[str] = []

    async def page(tag: str) -> tuple[Wheel, ...] | None:
        files = await simple.wheels(fetcher, f"{pytorch}/{tag}", "torch")
        return None if files is None else wheels.read(files)

    async def newest(name: str) -> Metadata | None:
        file = newest_wheel(await simple.wheels(fetcher, pypi, name) or ())
        return await simple.metadata(fetcher, file) if file else None

    pages = await _each(tags, page, failed, tell)
    metadata = await _each(names, newest, failed, tell)
    return Gathered(pages, metadata, tuple(sorted(failed)))


async def _each(
    keys: Iterable[str],
    ask: Callable[[str], Awaitable[_Found | None]],
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
            answer = await ask(key)
        except FetchError as error:
            failed.append(f"{key}: {error}")
            answer = None
        if answer is not None:
            found[key] = answer
        done += 1
        tell(f"{done}/{len(wanted)} {key}")

    await asyncio.gather(*map(one, wanted))
    return {key: found[key] for key in wanted if key in found}


def newest_wheel(files: Iterable[File]) -> File | None:
    """The wheel of the newest final version that has metadata beside it."""
    dated = [(version, file) for file in files if (version := _version(file)) and file.metadata]
    return max(dated, key=lambda each: each[0])[1] if dated else None


def _version(file: File) -> Version | None:
    try:
        version = parse_wheel_filename(file.filename)[1]
    except InvalidWheelFilename:
        return None
    return None if version.is_prerelease else version
