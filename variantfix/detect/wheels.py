"""Where a package has builds, by the platforms that uv tells apart."""

from __future__ import annotations

from typing import TYPE_CHECKING

from variantfix.detect.asked import DEFAULT
from variantfix.pytorch import accelerator, catalog
from variantfix.uv.platforms import MACOS

if TYPE_CHECKING:
    from variantfix.uv.markers import Platform

NAMES = {
    ("linux", "x86_64"): "linux-x86_64",
    ("linux", "aarch64"): "linux-aarch64",
    ("win32", "AMD64"): "win-amd64",
    ("darwin", "arm64"): "macos-arm64",
}
"""The catalogue's names of the platforms."""


def has_build(package: str, platform: Platform, url: str) -> bool:
    """Whether an index has a build of a package for a platform, as far as is known."""
    if url == DEFAULT:
        return catalog.family()[package].on_pypi
    told = accelerator.from_url(url)
    build = catalog.builds().get(told.tag) if told and told.is_pytorchs else None
    if build is None:
        return True
    if platform[0] == MACOS and build.kind != "cpu":
        return False
    return not build.platforms or NAMES[platform] in build.platforms or package == "triton"
