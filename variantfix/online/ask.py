"""The newest version of a package that a requirement admits, as its indexes tell it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from packaging.specifiers import SpecifierSet
from packaging.utils import parse_wheel_filename

from variantfix.namedtuple import NamedTuple
from variantfix.online import simple

if TYPE_CHECKING:
    from collections.abc import Iterable

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
            file = newest(files, question.specifier)
            return await simple.metadata(fetcher, file) if file else None
    return None


def newest(files: Iterable[File], specifier: str = "") -> File | None:
    """The wheel of the newest version admitted that has metadata beside it; a pre-release where there is no other."""
    wanted = SpecifierSet(specifier)
    dated = [(parse_wheel_filename(file.filename)[1], file) for file in files if file.metadata]
    finals = [each for each in dated if not each[0].is_prerelease] or dated
    admitted = [each for each in finals if wanted.contains(each[0], prereleases=True)]
    return max(admitted, key=lambda each: each[0])[1] if admitted else None
