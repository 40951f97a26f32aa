"""Where the world's indexes stand, and how the URLs of the real ones are turned into theirs and back.

A path ends in an index and a package. It may begin with `/with/<pins>`: the stub versions that the world
has for one project only, see `stubs`. So every answer follows from its path alone.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import quote, unquote, urlsplit

from tests.world.wheels import NIGHTLY, PYPI
from variantfix.pytorch import catalog

if TYPE_CHECKING:
    from tests.world.stubs import Pins

_TAG = re.compile(r"cpu|xpu|cu\d{2,3}|rocm\d+(?:\.\d+)*")
PYPI_ROOT = catalog.PYPI_SIMPLE.rstrip("/")

# The real place of an index, and its path in the world. Any other host stands under `/at/<host>`.
_PLACES = (
    (PYPI_ROOT, "/pypi/simple"),
    ("https://download.pytorch.org/whl", "/whl"),
    ("https://packages.example.com", "/corp"),
)


# Where wheels that a requirement names by their URL stand.
WHEELS = (_PLACES[1],)


@dataclass(frozen=True, slots=True)
class Address:
    """What a path asks for: an index (`PYPI`, a tag, `NIGHTLY` and a tag), a package, a file or its page."""

    index: str
    name: str
    file: str
    pins: Pins


def to_world(url: str, base: str) -> str:
    """The URL of the world's own index for a real one; the fragment and a last slash are kept."""
    for real, path in _PLACES:
        if url == real or url.startswith((f"{real}/", f"{real}#")):
            return f"{base}{path}{url.removeprefix(real)}"
    parts = urlsplit(url)
    fragment = f"#{parts.fragment}" if parts.fragment else ""
    return f"{base}/at/{parts.hostname}{parts.path}{fragment}"


def to_real(text: str, server: str) -> str:
    """A text (a lock, an error) in which every URL of the world is the real one again."""

    def real(match: re.Match[str]) -> str:
        rest = match[1]
        for place, path in _PLACES:
            if rest == path or rest.startswith((f"{path}/", f"{path}#")):
                return f"{place}{rest.removeprefix(path)}"
        return f"https://{rest.removeprefix('/at/')}" if rest.startswith("/at/") else match[0]

    return re.sub(rf"{re.escape(server)}(?:/with/[^/\s]+)?(/[^\s\"'`,)]*)", real, text)


def with_pins(server: str, pins: Pins) -> str:
    """The base URL under which the world has these stub versions too."""
    words = (f"{name}@{version}" for name, version in pins)
    return f"{server}/with/{quote(','.join(words), safe='@,')}" if pins else server


def parse(path: str) -> Address | None:
    """What a request's path asks for; None for a path where no index stands."""
    parts = [unquote(part) for part in path.partition("?")[0].split("/") if part]
    pins: Pins = ()
    if parts[:1] == ["with"]:
        pins = tuple((name, version) for name, _, version in (pin.partition("@") for pin in parts[1].split(",")))
        parts = parts[2:]
    file = parts.pop() if parts and parts[-1].endswith((".whl", ".whl.metadata")) else ""
    if file and len(parts) == 2 and parts[0] == "whl":
        parts.append(file.partition("-")[0].replace("_", "-"))  # PyTorch's wheels stand in the index's own folder too
    if len(parts) < 3:
        return None
    *place, name = parts
    index = _index(place)
    return Address(index, name, file, tuple(pin for pin in pins if pin[0] == name)) if index else None


def _index(place: list[str]) -> str | None:
    """The last word of an index's path decides, as with PyTorch's own and its mirrors."""
    if _TAG.fullmatch(place[-1]):
        return f"{NIGHTLY if 'nightly' in place else ''}{place[-1]}"
    return None if place[0] == "whl" else PYPI
