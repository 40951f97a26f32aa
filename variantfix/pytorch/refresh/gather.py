"""What the indexes say: torch's pages for each tag, what goes with torch, and the metadata of packages."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, TypeVar

from variantfix.namedtuple import NamedTuple
from variantfix.online import ask, simple
from variantfix.online.fetch import FetchError
from variantfix.pytorch.refresh import beside, wheels
from variantfix.pytorch.refresh.beside import Place
from variantfix.pytorch.refresh.companions import PYPI

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable, Mapping

    from variantfix.online.fetch import Fetcher
    from variantfix.online.simple import File, Metadata
    from variantfix.pytorch.refresh.companions import Beside
    from variantfix.pytorch.refresh.wheels import Wheel

_Key = TypeVar("_Key")
_Found = TypeVar("_Found")


class Wanted(NamedTuple):
    """What is asked for: torch's page for each of the `tags`, the `names` of packages, and what goes with torch.

    For that `releases` say what is known, `by_tag` are the family packages whose versions differ by tag, and `listed`
    those of which PyPI's page is asked.
    """

    tags: tuple[str, ...]
    names: tuple[str, ...]
    releases: dict[str, Any]
    by_tag: tuple[str, ...] = ()
    listed: tuple[str, ...] = ()


class Gathered(NamedTuple):
    """What was found: pages by tag, metadata by package, what goes with torch; what could not be fetched, and why."""

    pages: dict[str, tuple[Wheel, ...]]
    metadata: dict[str, Metadata]
    beside: Beside
    failed: tuple[str, ...]


async def gather(fetcher: Fetcher, pytorch: str, pypi: str, wanted: Wanted, tell: Callable[[str], None]) -> Gathered:
    """Ask for torch's page on each tag's index below `pytorch`, for what goes with it, and for packages on `pypi`.

    A page that is not there or that cannot be had is left out: nothing is known then. `tell` hears of the progress.
    """
    failed: list[str] = []

    async def page(place: Place) -> tuple[File, ...] | None:
        url = pypi if place.origin == PYPI else f"{pytorch}/{place.origin}"
        return await simple.wheels(fetcher, url, place.name)

    async def read(file: File) -> Metadata | None:
        return await simple.metadata(fetcher, file)

    async def newest(name: str) -> Metadata | None:
        file = ask.newest(await simple.wheels(fetcher, pypi, name) or ())
        return await simple.metadata(fetcher, file) if file else None

    torch = await _each((Place("torch", tag) for tag in wanted.tags), page, failed, tell)
    names = ("torch", *wanted.listed) if torch else ()
    places = [*(Place(name, PYPI) for name in names), *(Place(n, of.origin) for n in wanted.by_tag for of in torch)]
    pages = await _each(places, page, failed, tell)
    questions = beside.questions(wanted.releases, {**torch, **pages})
    told = await _each(questions, read, failed, tell)
    metadata = await _each(wanted.names, newest, failed, tell)
    found = beside.found(questions, told, pages)
    listed = {place.origin: wheels.read(files) for place, files in torch.items()}
    return Gathered(listed, metadata, found, tuple(sorted(failed)))


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
    keys: Iterable[_Key],
    find: Callable[[_Key], Awaitable[_Found | None]],
    failed: list[str],
    tell: Callable[[str], None],
) -> dict[_Key, _Found]:
    """The answers that were found, by key, in the order of the keys."""
    wanted = list(dict.fromkeys(keys))
    found: dict[_Key, _Found] = {}
    done = 0

    async def one(key: _Key) -> None:
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
