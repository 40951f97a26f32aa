"""Which torch exists for which accelerator, Python and platform: questions over the tables of builds."""

from __future__ import annotations

from typing import TYPE_CHECKING

from variantfix.namedtuple import NamedTuple
from variantfix.pytorch.catalog import PYTORCH_INDEX, builds, other_indexes, releases
from variantfix.pytorch.certainty import surest

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from variantfix.pytorch.certainty import Certainty
    from variantfix.pytorch.facts import Release

PLATFORMS: Mapping[str, tuple[str, ...]] = {
    "linux": ("linux-x86_64", "linux-aarch64"),
    "windows": ("win-amd64",),
    "win32": ("win-amd64",),
    "macos": ("macos-arm64",),
    "darwin": ("macos-arm64",),
    **{
        name: (name,)
        for name in (
            "linux-x86_64",
            "linux-aarch64",
            "linux-s390x",
            "win-amd64",
            "win-arm64",
            "macos-arm64",
            "macos-x86_64",
        )
    },
}
"""What a user may call platforms, and their names in the tables."""


class Found(NamedTuple):
    """Torch of one minor version on one index: its patches, platforms with how each is known, and Pythons.

    `released` is the month of the first patch, `released_on` has the days of patches, as far as they are known.
    """

    torch: str
    patches: tuple[str, ...]
    tag: str
    platforms: Mapping[str, Certainty]
    pythons: tuple[str, ...]
    free_threaded: tuple[str, ...]
    pypi: tuple[str, ...]
    released: str
    released_on: Mapping[str, str]

    @property
    def url(self) -> str:
        """The URL of the index."""
        return PYTORCH_INDEX.format(tag=self.tag)

    @property
    def certainty(self) -> Certainty:
        """How the surest of its platforms is known."""
        return surest(self.platforms.values())


def find(tag: str = "", torch: str = "", python: str = "", platform: str = "") -> tuple[Found, ...]:
    """The builds that meet all that is asked, the newest torch first; an empty word asks nothing.

    `torch` is a version, its first parts (`2.9`) or a specifier, `python` a version or its first two parts, `platform`
    one of `PLATFORMS`. Raises packaging's errors for what is no version or specifier.
    """
    found = (
        found
        for release in reversed(releases())
        if _has_python(release, python) and (patches := _patches(release, torch))
        for found in _on_indexes(release, patches, tag, platform)
    )
    return tuple(found)


def _patches(release: Release, torch: str) -> tuple[str, ...]:
    from packaging.specifiers import SpecifierSet
    from packaging.version import Version

    if not torch:
        return release.patches
    if torch[0] in "<>=!~":
        return tuple(SpecifierSet(torch).filter(release.patches))
    wanted = Version(torch).release
    return tuple(patch for patch in release.patches if Version(patch).release[: len(wanted)] == wanted)


def _has_python(release: Release, python: str) -> bool:
    minor = ".".join(python.split(".")[:2])
    return not python or minor in (*release.pythons, *release.free_threaded)


def _on_indexes(release: Release, patches: tuple[str, ...], tag: str, platform: str) -> Iterator[Found]:
    for own, platforms in release.tags.items():
        asked = [name for name in platforms if not platform or name in PLATFORMS[platform]]
        if asked and tag in ("", own):
            known = {name: release.certainty_of(own, name) for name in asked}
            pypi = _on_pypi(release, own, asked)
            days = {patch: day for patch, day in release.released_on.items() if patch in patches}
            yield Found(
                release.minor,
                patches,
                own,
                known,
                release.pythons,
                release.free_threaded,
                pypi,
                release.released,
                days,
            )


def _on_pypi(release: Release, tag: str, asked: list[str]) -> tuple[str, ...]:
    """The platforms for which PyPI's torch is the build of this tag."""
    own = {
        "linux-x86_64": release.pypi,
        "linux-aarch64": release.pypi_aarch64,
        "win-amd64": "cpu",
        "macos-arm64": "cpu",
    }
    return tuple(name for name in asked if own.get(name) == tag)


def traps(tag: str = "") -> Mapping[str, tuple[str, ...]]:
    """The tags whose index exists though torch was never released for them, each with the old versions it holds."""
    return {name: build.trap for name, build in builds().items() if build.trap and tag in ("", name)}


class Elsewhere(NamedTuple):
    """An index beside PyTorch's tags, by its URL without the scheme; who runs it, its kind (None: several), a note."""

    place: str
    of: str
    kind: str | None
    platforms: tuple[str, ...]
    note: str


def elsewhere(tag: str = "", platform: str = "") -> tuple[Elsewhere, ...]:
    """The other indexes that may have builds for a tag's kind of accelerator, on a platform of `PLATFORMS`."""
    kind = builds()[tag].kind if tag else ""
    found = (
        Elsewhere(url, row["of"], row["kind"], tuple(row.get("platforms", ())), row.get("note", ""))
        for url, row in other_indexes().items()
    )
    asked = PLATFORMS[platform] if platform else ()
    return tuple(
        each
        for each in found
        if (not kind or each.kind in (None, kind))
        and (not asked or not each.platforms or not set(asked).isdisjoint(each.platforms))
    )
