"""A requirements file for one variant, which pip installs as it stands: what uv exports, with the indexes it is from.

`uv export` leaves the indexes out, or with `--emit-index-url` lists all of them. Versions and hashes are the lock's, so
that a second index cannot bring another build: pip takes the file whose hash is listed.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from variantfix.credentials import strip
from variantfix.errors import InputError
from variantfix.toml import loads

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

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
    """The indexes of what is exported, each once, in its order."""
    sources = _sources(lock)
    found = (url for name, version in _PINNED.findall(exported) for url in sources.get((name, version), ()))
    yield from dict.fromkeys(map(_bare, found))


def _sources(lock: str) -> Mapping[tuple[str, str], list[str]]:
    """The indexes that the lock has each version of each package from."""
    try:
        packages = loads(lock).get("package", [])
    except ValueError as error:
        raise InputError(f"uv.lock: not TOML: {error}", hint="uv lock writes it anew") from None
    found: dict[tuple[str, str], list[str]] = {}
    for package in packages:
        url = package.get("source", {}).get("registry")
        if url and "version" in package:
            found.setdefault((package["name"], package["version"]), []).append(url)
    return found


def _bare(url: str) -> str:
    """A URL without its fragment, which only tells uv's identities apart, and without what is secret in it."""
    return strip(url.partition("#")[0]).rstrip("/")
