"""What can go wrong, each with the exit code it ends in."""

from __future__ import annotations

from typing import TYPE_CHECKING

from variantfix.credentials import mask
from variantfix.terminal import one_line

if TYPE_CHECKING:
    from collections.abc import Iterable


class VariantfixError(Exception):
    """Base of everything variantfix raises on purpose.

    The message is one line that says what is wrong and where; `hint` says what to do about it.
    """

    exit_code = 2

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.hint = hint

    def __str__(self) -> str:
        message = str(self.args[0])
        return one_line(_shortened(mask(f"{message} ({self.hint})" if self.hint else message)))


_LONGEST = 1000
"""Characters of a message: what a file says may be of any length."""


def _shortened(message: str) -> str:
    return message if len(message) <= _LONGEST else f"{message[: _LONGEST - 205]} ... {message[-200:]}"


class InputError(VariantfixError):
    """A path, file or project that cannot be read as it must be."""


class ForeignError(InputError):
    """A project that another tool manages: among several it is no failure."""


class NothingError(InputError):
    """A project in which what is asked for has nothing to do: among several it is no failure."""


class ConfigError(VariantfixError):
    """A flag or a key of `[tool.variantfix]` that does not hold; `words` are lines on others that do not."""

    def __init__(self, message: str, *, hint: str = "", words: str = "") -> None:
        super().__init__(message, hint=hint)
        self.words = mask(words)


class OutputError(VariantfixError):
    """Standard output takes no more. `written` in the message names the files that were repaired all the same."""


class ChangedError(VariantfixError):
    """A file that somebody else changed after it was read: what they wrote is not to be lost."""

    exit_code = 1


class VerifyError(VariantfixError):
    """uv refused the project, or its lock leaks; or it could not be asked, which `UnansweredError` says.

    `words` are lines for the user below the message: uv's own, or the leaks.
    """

    exit_code = 1

    def __init__(self, message: str, *, hint: str = "", words: str = "") -> None:
        super().__init__(message, hint=hint)
        self.words = mask(words)


class UnansweredError(VerifyError):
    """uv could not judge the project: it is not there, or could not get what it needs for that."""


class ProofError(VariantfixError):
    """A rewrite did not do what its edits say: a bug of variantfix, and nothing is written."""

    exit_code = 3


def reason(error: OSError) -> str:
    """What the system says went wrong, as part of a line."""
    return (error.strerror or str(error)).lower()


_LONGEST_WORD = 100
"""Characters that are compared."""


def suggestion(word: str, known: Iterable[str], *, most: int = 99) -> str:
    """A hint that names the nearest known word, else all of them, or none if they are more than `most`."""
    import difflib

    known, word = sorted(known), word[:_LONGEST_WORD]
    near = [k for k in known if word and word in k] or difflib.get_close_matches(word, known, 1)
    if near:
        return f"did you mean {near[0]!r}?"
    return f"known: {', '.join(known)}" if len(known) <= most else "nothing like it is known"
