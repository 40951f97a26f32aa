"""Credentials in URLs, which no output may show."""

from __future__ import annotations

import re

# Behind `//`: a user, a colon and all up to the last `@` before the next slash, blanks and quotes too, unless a host's
# port stands there; the same with slashes, which no URL may have there; or a word up to its last `@`. All of them end
# at a slash or soon behind it, so that the time is linear.
_USERINFO = r"""(?mx)(?<=//)(?:
        (?: [^/\s:@"'`<>?\#\\]+ : (?! \d{1,5}(?:[\s"'`,;)\]}]|$) ) | : ) (?! \s ) [^/\n]* @ (?=[^\s@/])
        | [^/\s:@"'`<>?\#\\]* : (?! \d{1,5}/ ) [^\s:/"'`<>]{1,64} / \S{0,64}? @
        | [^/\s"'`<>?\#]+ @
    )"""
_SENSITIVE = r"(?:token|key|secret|passw|pwd|auth|sig|cred|session)"
_QUERY = rf"""(?i)([?&;][\w.%~-]*?{_SENSITIVE}[\w.%~-]*=)(?:\\.|[^&#;\s"'`<>\\])+"""


def mask(text: str) -> str:
    """Return a text with `***` for the user and password, and for tokens in the query, of every URL in it.

    A URL in running text has no end that is sure; where in doubt too much is masked.
    """
    if "//" not in text:
        return text
    text = _without_user(text, "***@")
    return re.sub(_QUERY, r"\1***", text) if "=" in text else text


def _without_user(text: str, instead: str) -> str:
    # Neither pattern is compiled before it is needed: nearly all that is written holds no credential.
    return re.sub(_USERINFO, instead, text) if "@" in text else text


def mask_all(value: object) -> object:
    """Return plain data, as JSON has it, with `mask` done on every text and key in it."""
    match value:
        case str():
            return mask(value)
        case dict():
            return {mask(key) if isinstance(key, str) else key: mask_all(item) for key, item in value.items()}
        case list() | tuple():
            return [mask_all(item) for item in value]
    return value


def strip(url: str) -> str:
    """Return a URL without user and password, and without a last slash, as indexes are told apart."""
    return _without_user(url, "").rstrip("/")
