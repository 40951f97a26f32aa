"""The newest version of a package that a requirement admits, as its indexes tell it."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from packaging.specifiers import InvalidSpecifier, SpecifierSet
from packaging.utils import InvalidWheelFilename, parse_wheel_filename

from variantfix.online import simple

if TYPE_CHECKING:
    from packaging.version import Version

    from variantfix.online.fetch import Fetcher
    from variantfix.online.simple import File, Metadata


class Question(NamedTuple):
    """A package, the specifier that bounds it (empty: none), and the indexes that uv looks at, in its order."""

    package: str
    specifier: str
    indexes: tuple[str, ...]


async def ask(fetcher: Fetcher, question: Question) -> Metadata | None:
    """The metadata of the newest version admitted, on the first index that has the package; None where none tells.

    No wheel is fetched. Raises `FetchError`.
    """
    for index in question.indexes:
        files = await simple.wheels(fetcher, index, question.package)
        if files:
            file = _newest(files, question.specifier)
            return await simple.metadata(fetcher, file) if file else None
    return None


def _newest(files: tuple[File, ...], specifier: str) -> File | None:
    try:
        wanted = SpecifierSet(specifier)
    except InvalidSpecifier:
        return None
    dated = [(version, file) for file in files if file.metadata and (version := _version(file))]
    finals = [each for each in dated if not each[0].is_prerelease] or dated
    admitted = [each for each in finals if wanted.contains(each[0], prereleases=True)]
    return max(admitted, key=lambda each: each[0])[1] if admitted else None


def _version(file: File) -> Version | None:
    try:
        return parse_wheel_filename(file.filename)[1]
    except InvalidWheelFilename:
        return None
