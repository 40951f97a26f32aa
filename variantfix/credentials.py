"""Credentials in URLs, which no output may show."""

from __future__ import annotations

import re

# Behind `//`: a user, a colon and all up to the last `@` before the next slash, blanks and quotes too, unless a host's
# port stands there; the same with slashes, which no URL may have there; or a word up to its last `@`. All of them end
# at a slash or soon behind it, so that the time is linear.
_USERINFO = re.compile(
    r"""(?<=//)(?:
        (?: [^/\s:@"'`<>?\#\\]+ : (?! \d{1,5}(?:[\s"'`,;)\]}]|$) ) | : ) (?! \s ) [^/\n]* @ (?=[^\s@/])
        | [^/\s:@"'`<>?\#\\]* : (?! \d{1,5}/ ) [^\s:/"'`<>]{1,64} / \S{0,64}? @
        | [^/\s"'`<>?\#]+ @
    )""",
    re.VERBOSE | re.MULTILINE,
)
_SENSITIVE = r"(?:token|key|secret|passw|pwd|auth|sig|cred|session)"
_QUERY = re.compile(
    rf"""([?&;][\w.%~-]*?{_SENSITIVE}[\w.%~-]*=)(?:\\.|[^&#;\s"'`<>\\])+""",
    re.IGNORECASE,
)


def mask(text: str) -> str:
    """Return a text with `***` for the user and password, and for tokens in the query, of every URL in it.

    A URL in running text has no end that is sure; where in doubt too much is masked.
    """
    if "//" not in text:
        return text
    return _QUERY.sub(r"\1***", _USERINFO.sub("***@", text))


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
    return _USERINFO.sub("", url).rstrip("/")
