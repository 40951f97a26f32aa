"""The simple API of package indexes: a package's files (PEP 503, 691), and a wheel's metadata beside it (PEP 658)."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from variantfix.namedtuple import NamedTuple
from variantfix.online.fetch import FetchError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from packaging.version import Version
    from pypi_simple import DistributionPackage, ProjectPage

    from variantfix.online.fetch import Fetched, Fetcher

_ACCEPT = "application/vnd.pypi.simple.v1+json, application/vnd.pypi.simple.v1+html;q=0.2, text/html;q=0.1"


class File(NamedTuple):
    """A wheel on an index; `metadata` is the URL of its metadata, empty where the index has none beside it."""

    filename: str
    metadata: str
    uploaded: str


class Metadata(NamedTuple):
    """What a version of a package says of itself: its requirements as written, and its extras."""

    name: str
    version: str
    requires: tuple[str, ...]
    extras: tuple[str, ...]


async def wheels(fetcher: Fetcher, index: str, name: str) -> tuple[File, ...] | None:
    """The wheels of a package that an index lists, without those withdrawn; None where it does not know the package.

    Raises `FetchError` where the page cannot be had or read.
    """
    found = await _packages(fetcher, index, name)
    if found is None:
        return None
    return tuple(
        _file(each)
        for each in found
        if each.package_type == "wheel" and not each.is_yanked and _is_named_right(each.filename)
    )


async def releases(fetcher: Fetcher, index: str, name: str) -> Mapping[str, File | None] | None:
    """The final releases of a package that an index lists, ascending, each with a wheel that has metadata beside it.

    Without those withdrawn. The wheel is None where there is none; the whole is None where the index does not know the
    package. Raises `FetchError` where the page cannot be had or read.
    """
    found = await _packages(fetcher, index, name)
    if found is None:
        return None
    files: dict[Version, File | None] = {}
    for each in found:
        version = None if each.is_yanked else _final(each.version or "")
        if version and files.setdefault(version, None) is None and each.package_type == "wheel" and each.has_metadata:
            files[version] = _file(each)
    return {str(version): files[version] for version in sorted(files)}


def _final(text: str) -> Version | None:
    from packaging.version import InvalidVersion, Version

    try:
        version = Version(text)
    except InvalidVersion:
        return None
    return None if version.is_prerelease or version.local or version.epoch else version


def _file(package: DistributionPackage) -> File:
    return File(
        package.filename,
        package.metadata_url if package.has_metadata else "",
        package.upload_time.date().isoformat() if package.upload_time else "",
    )


async def _packages(fetcher: Fetcher, index: str, name: str) -> list[DistributionPackage] | None:
    answer = await fetcher.get(f"{index.partition('#')[0].rstrip('/')}/{name}/", _ACCEPT)
    return None if answer is None else _page(answer, name).packages


def _is_named_right(filename: str) -> bool:
    from packaging.utils import InvalidWheelFilename, parse_wheel_filename

    try:
        parse_wheel_filename(filename)
    except InvalidWheelFilename:
        return False
    return True


def _page(answer: Fetched, name: str) -> ProjectPage:
    from pypi_simple import ProjectPage

    try:
        if "json" in answer.media_type:
            return ProjectPage.from_json_data(json.loads(answer.body), answer.url)
        return ProjectPage.from_html(name, answer.body.decode(), answer.url)
    except (ValueError, KeyError, TypeError) as error:
        raise FetchError(f"{answer.url}: not a page of the simple API: {str(error).splitlines()[0]}") from None


async def metadata(fetcher: Fetcher, file: File) -> Metadata | None:
    """The metadata of a wheel; None where the index has none beside it. Raises `FetchError`."""
    from packaging.metadata import parse_email

    if not file.metadata:
        return None
    answer = await fetcher.get(file.metadata)
    if answer is None:
        return None
    raw, _ = parse_email(answer.body)
    if "name" not in raw or "version" not in raw:
        raise FetchError(f"{answer.url}: not the metadata of a package")
    requires, extras = tuple(raw.get("requires_dist", ())), tuple(raw.get("provides_extra", ()))
    return Metadata(raw["name"], raw["version"], requires, extras)
