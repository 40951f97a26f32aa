"""Credentials in URLs, which no output may show."""

from __future__ import annotations

import re

_CREDENTIALS = re.compile(r"(?<=://)[^/\s@\"'`]+@")


def mask(text: str) -> str:
    """Return a text with `***` for the user and password of every URL in it."""
    return _CREDENTIALS.sub("***@", text)


def strip(url: str) -> str:
    """Return a URL without user and password, and without a last slash, as indexes are told apart."""
    return _CREDENTIALS.sub("", url).rstrip("/")
