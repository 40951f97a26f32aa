"""Credentials for private indexes, where uv finds them: the URL, variables of the index's name, netrc, a keyring.

They go into a header and nowhere else.
"""

from __future__ import annotations

import netrc
import os
import re
from time import monotonic
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

from variantfix.namedtuple import NamedTuple
from variantfix.process import ProgramError, run

if TYPE_CHECKING:
    from collections.abc import Mapping

Pair = tuple[str, str]
_PATIENCE = 10.0


class Secrets(NamedTuple):
    """The credentials of one run.

    `given` are those that stand in the URLs of the indexes, by host: what an index links to on its own host needs them
    too. `named` maps a host to its index's name, `keyring` says to ask that program.
    """

    given: Mapping[str, Pair]
    named: Mapping[str, str]
    keyring: bool = False

    def of(self, url: str) -> Pair | None:
        """User and password for a URL; None where there are none."""
        host = urlsplit(url).hostname or ""
        found = self.given.get(host) or self._from_variables(host) or _from_netrc(host)
        return found or (_from_keyring(host) if self.keyring else None)

    def _from_variables(self, host: str) -> Pair | None:
        if host not in self.named:
            return None
        prefix = f"UV_INDEX_{re.sub(r'[^A-Z0-9]', '_', self.named[host].upper())}"
        user, password = os.environ.get(f"{prefix}_USERNAME", ""), os.environ.get(f"{prefix}_PASSWORD", "")
        return (user, password) if user or password else None


def _from_keyring(host: str) -> Pair | None:
    try:
        code, out, _ = run(["keyring", "get", host, "__token__"], cwd=None, env=None, deadline=monotonic() + _PATIENCE)
    except ProgramError:
        return None
    return ("__token__", out.strip()) if code == 0 and out.strip() else None


def secrets_of(indexes: Mapping[str, str], *, keyring: bool = False) -> Secrets:
    """The credentials for indexes, given as URLs by name."""
    given, named = {}, {}
    for name, url in indexes.items():
        parts = urlsplit(url)
        host = parts.hostname or ""
        named[host] = name
        if parts.username or parts.password:
            given[host] = unquote(parts.username or ""), unquote(parts.password or "")
    return Secrets(given, named, keyring)


def _from_netrc(host: str) -> Pair | None:
    try:
        found = netrc.netrc(os.environ.get("NETRC")).authenticators(host)
    except (OSError, netrc.NetrcParseError):
        return None
    return (found[0], found[2] or "") if found else None
