"""What the indexes say: torch's pages for each tag, and the newest metadata of packages."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from variantfix.online import ask, simple
from variantfix.online.fetch import FetchError
from variantfix.pytorch.refresh import wheels

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable

    from variantfix.online.fetch import Fetcher
    from variantfix.online.simple import Metadata
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
        file = ask.newest(await simple.wheels(fetcher, pypi, name) or ())
        return await simple.metadata(fetcher, file) if file else None

    pages = await _each(tags, page, failed, tell)
    metadata = await _each(names, newest, failed, tell)
    return Gathered(pages, metadata, tuple(sorted(failed)))


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
