"""What kept uv from an answer, told by its words: only where it judged the project itself is that a refusal.

Source: what uv 0.13.9 says where a Python, a git repository, a file or an index is not to be had.
"""

from __future__ import annotations

import re

from variantfix.namedtuple import NamedTuple


class Trouble(NamedTuple):
    """What uv could not do, and what may help."""

    what: str
    hint: str


# The first that fits: a repository and a Python are not fetched either for what keeps from an index.
_TROUBLES = (
    (
        r"python-build-standalone|Failed to download `[^`]*/(?:cpython|pypy|graalpy)",
        Trouble("could not download a Python", "install one that the project admits, or is there a network?"),
    ),
    (
        r"No interpreter found|No download found",
        Trouble("found no Python that the project admits", "uv python install"),
    ),
    (
        r"Git operation failed",
        Trouble("could not fetch a git dependency", "is it there, and may you read it?"),
    ),
    (
        r"Failed to download(?: and build)? `[^`]*@ https?://",
        Trouble("could not fetch a dependency by its URL", "is it there, and is there a network?"),
    ),
    (
        r"lack of valid authentication|40[13] (?:Unauthorized|Forbidden)",
        Trouble("was not let in by an index", "give uv the credentials"),
    ),
    (
        r"Building source distributions (?:for `[^`]*` )?is disabled",
        Trouble("would have to build something, which is forbidden", "leave out --no-build"),
    ),
    (
        r"[Bb]uild backend (?:returned an error|failed)",
        Trouble("could not build a source distribution", "see what its build says"),
    ),
    (
        r"error sending request|dns error|Connection refused|(?:network was|connectivity is) disabled|server error",
        Trouble("could not reach an index", "is there a network?"),
    ),
)


def trouble(words: str) -> Trouble | None:
    """What kept uv from judging a project, by its words; None where it judged, and said no."""
    for pattern, found in _TROUBLES:
        if re.search(pattern, words, re.IGNORECASE):
            return found
    return None
