"""What the file names of torch's wheels tell."""

from __future__ import annotations

from typing import TYPE_CHECKING

from packaging.utils import InvalidWheelFilename, parse_wheel_filename

from variantfix.namedtuple import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable

    from packaging.tags import Tag

    from variantfix.online.simple import File

_PLATFORMS = {
    ("manylinux", "x86_64"): "linux-x86_64",
    ("linux", "x86_64"): "linux-x86_64",
    ("manylinux", "aarch64"): "linux-aarch64",
    ("linux", "aarch64"): "linux-aarch64",
    ("manylinux", "s390x"): "linux-s390x",
    ("linux", "s390x"): "linux-s390x",
    ("macosx", "arm64"): "macos-arm64",
    ("macosx", "x86_64"): "macos-x86_64",
    ("win", "amd64"): "win-amd64",
    ("win", "arm64"): "win-arm64",
}


class Wheel(NamedTuple):
    """A final release's wheel: version without its local part, that part, the Python (empty: any), platform, day."""

    version: str
    local: str
    python: str
    platform: str
    uploaded: str

    @property
    def minor(self) -> str:
        """The first two parts of its version."""
        return ".".join(self.version.split(".")[:2])


def read(files: Iterable[File]) -> tuple[Wheel, ...]:
    """The wheels that some file names tell of; pre-releases and what is no wheel's name are left out."""
    return tuple(wheel for file in files for wheel in _wheels(file))


def _wheels(file: File) -> Iterable[Wheel]:
    try:
        _, version, _, tags = parse_wheel_filename(file.filename)
    except InvalidWheelFilename:
        return
    if version.is_prerelease or not tags:
        return
    tag = min(tags, key=str)
    yield Wheel(version.public, version.local or "", _python(tag), _platform(tag), file.uploaded)


def _python(tag: Tag) -> str:
    if not tag.interpreter.startswith("cp3"):
        return ""
    free_threaded = "t" if tag.abi.endswith("t") else ""
    return f"3.{tag.interpreter[3:]}{free_threaded}"


def _platform(tag: Tag) -> str:
    for (system, machine), platform in _PLATFORMS.items():
        if tag.platform.startswith(system) and tag.platform.endswith(machine):
            return platform
    return ""
