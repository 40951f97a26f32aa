"""One stub wheel: its file name, its metadata and its bytes."""

from __future__ import annotations

import hashlib
import io
import zipfile
from dataclasses import dataclass
from functools import cache

ANY = "any"

# A platform of the catalogue, and the tag of the wheels for it.
PLATFORM_TAGS = {
    "linux-x86_64": "manylinux_2_28_x86_64",
    "linux-aarch64": "manylinux_2_28_aarch64",
    "win-amd64": "win_amd64",
    "macos-arm64": "macosx_11_0_arm64",
}

_WHEEL = "Wheel-Version: 1.0\nGenerator: stub\nRoot-Is-Purelib: true\n"
_EPOCH = (2024, 1, 1, 0, 0, 0)  # zip entries need a time; a fixed one keeps the hash


@dataclass(frozen=True, slots=True)
class Wheel:
    """A wheel of a normalised package name.

    `platform` is one of `PLATFORM_TAGS` or `ANY`; `requires` are the values of Requires-Dist;
    `python` is the value of Requires-Python, empty for none.
    """

    name: str
    version: str
    platform: str = ANY
    requires: tuple[str, ...] = ()
    extras: tuple[str, ...] = ()
    python: str = ""

    @property
    def tag(self) -> str:
        """The compatibility tag: every stub is pure Python, on one platform or on any."""
        return f"py3-none-{PLATFORM_TAGS.get(self.platform, ANY)}"

    @property
    def filename(self) -> str:
        """The file name, with the plus sign of a local version as it stands."""
        return f"{self._stem}-{self.tag}.whl"

    @property
    def _stem(self) -> str:
        return f"{self.name.replace('-', '_')}-{self.version}"

    @property
    def metadata(self) -> bytes:
        """The METADATA file, which an index also serves beside the wheel (PEP 658)."""
        lines = ["Metadata-Version: 2.1", f"Name: {self.name}", f"Version: {self.version}"]
        if self.python:
            lines.append(f"Requires-Python: {self.python}")
        lines += [f"Provides-Extra: {extra}" for extra in self.extras]
        lines += [f"Requires-Dist: {requirement}" for requirement in self.requires]
        return ("\n".join(lines) + "\n").encode()


@cache
def archive(wheel: Wheel) -> bytes:
    """The wheel's bytes, the same each time: a module that knows its version, and the dist-info folder."""
    info = f"{wheel._stem}.dist-info"
    module = f"{wheel.name.replace('-', '_')}/__init__.py"
    files = {
        module: f"__version__ = {wheel.version!r}\n".encode(),
        f"{info}/METADATA": wheel.metadata,
        f"{info}/WHEEL": f"{_WHEEL}Tag: {wheel.tag}\n".encode(),
    }
    record = f"{info}/RECORD"
    files[record] = "".join(f"{path},,\n" for path in [*files, record]).encode()
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as bundle:
        for path, content in files.items():
            bundle.writestr(zipfile.ZipInfo(path, _EPOCH), content)
    return stream.getvalue()


@cache
def sha256(wheel: Wheel) -> str:
    """The hexadecimal hash of the wheel's bytes."""
    return hashlib.sha256(archive(wheel)).hexdigest()
