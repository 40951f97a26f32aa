"""A requirements file for one variant, which pip installs as it stands: what uv exports, with the indexes it is from.

`uv export` leaves the indexes out, or with `--emit-index-url` lists all of them. Versions and hashes are the lock's, so
that a second index cannot bring another build: pip takes the file whose hash is listed.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from variantfix.credentials import strip
from variantfix.errors import InputError
from variantfix.toml import loads
from variantfix.uv.lock.layout import Unread, read_layout

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_HASH = re.compile(r"--hash=(\S+)")
_PINNED = re.compile(r"^([A-Za-z0-9][\w.-]*)(?:\[[^\]]*\])?==([\w.+!-]+)", re.MULTILINE)


def requirements_file(exported: str, lock: str, default_index: str) -> str:
    """What uv exported, with a line for the default index and one for each other from which something in it is.

    `lock` is the text of the uv.lock. Raises `InputError` where that does not parse.
    """
    default = _bare(default_index)
    others = [url for url in _indexes(exported, lock) if url != default]
    lines = [f"--index-url {default}", *(f"--extra-index-url {url}" for url in others)]
    return "\n".join([*lines, exported.lstrip("\n")])


def _indexes(exported: str, lock: str) -> Iterator[str]:
    """The indexes of what is exported, each once, in its order: of several that have a version, those of its hashes."""
    sources = _sources(lock)
    pins = list(_PINNED.finditer(exported))
    found: dict[str, None] = {}
    for pin, end in zip(pins, [*(each.start() for each in pins[1:]), len(exported)], strict=True):
        hashes = set(_HASH.findall(exported, pin.end(), end))
        places = [(_bare(url), known) for url, known in sources.get((pin[1], pin[2]), ())]
        if hashes and any(url in found and hashes <= known for url, known in places):
            continue  # the same files, which a named index has
        found |= dict.fromkeys(url for url, known in places if not hashes or not known or hashes & known)
    yield from found


def _sources(lock: str) -> Mapping[tuple[str, str], list[tuple[str, set[str]]]]:
    """The indexes that the lock has each version of each package from, with the hashes of the files there."""
    try:
        packages = (read_layout(lock) or loads(lock)).get("package", [])
    except ValueError as error:
        raise InputError(f"uv.lock: not TOML: {error}", hint="uv lock writes it anew") from None
    found: dict[tuple[str, str], list[tuple[str, set[str]]]] = {}
    for package in packages:
        url = package.get("source", {}).get("registry")
        if url and "version" in package:
            files = (file for key in ("wheels", "sdist") for file in _files(package.get(key, [])))
            hashes = {file["hash"] for file in files if "hash" in file}
            found.setdefault((package["name"], package["version"]), []).append((url, hashes))
    return found


def _files(found: Any) -> list[dict[str, Any]]:
    """The files that a key of a package tells of: the wheels, or the one source distribution."""
    if isinstance(found, Unread):
        return found.tables
    return [found] if isinstance(found, dict) else found


def _bare(url: str) -> str:
    """A URL without its fragment, which only tells uv's identities apart, and without what is secret in it."""
    return strip(url.partition("#")[0]).rstrip("/")
