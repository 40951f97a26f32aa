"""Answers that are worked out when they are first asked for."""

from __future__ import annotations

from functools import wraps
from typing import TYPE_CHECKING, Any, TypeVar, cast

if TYPE_CHECKING:
    from collections.abc import Callable

_Answer = TypeVar("_Answer")
_Method = TypeVar("_Method", bound="Callable[..., Any]")


class Memory:
    """What was answered, by what was asked."""

    def __init__(self) -> None:
        self.answers: dict[object, Any] = {}

    def once(self, key: object, make: Callable[[], _Answer]) -> _Answer:
        """The answer that is known under a key, else the one that is made now."""
        if key not in self.answers:
            self.answers[key] = make()
        return cast("_Answer", self.answers[key])


def remembered(method: _Method) -> _Method:
    """A method of what has a `memory`, or a function of it, which keeps its answers; arguments have to be hashable."""

    @wraps(method)
    def ask(self: Any, *args: Any) -> Any:
        key, answers = (method, args), self.memory.answers
        if key not in answers:
            answers[key] = method(self, *args)
        return answers[key]

    return cast("_Method", ask)
