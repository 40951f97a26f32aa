"""Planting a mutant into the loaded package, in a process of its own, and asking the tests."""

from __future__ import annotations

import gc
import importlib
import os
import resource
import signal
from itertools import zip_longest
from types import FunctionType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import pytest

MEMORY = 6 << 30


def plant(module: str, source: str) -> None:
    """Give every function of a loaded module the code and the defaults that it has in this source."""
    loaded = importlib.import_module(module)
    namespace = {"__name__": module, "__file__": loaded.__file__, "__package__": loaded.__package__}
    exec(compile(source, str(loaded.__file__), "exec"), namespace)
    mutated = _functions(namespace)
    for name, function in _functions(vars(loaded)).items():
        function.__code__ = mutated[name].__code__
        function.__defaults__, function.__kwdefaults__ = mutated[name].__defaults__, mutated[name].__kwdefaults__


def _functions(namespace: dict[str, Any]) -> dict[str, FunctionType]:
    """By their names; wrapped ones, too. Those made within functions have the code of these."""
    made = (one for one in gc.get_objects() if type(one) is FunctionType and one.__globals__ is namespace)
    file = namespace["__file__"]
    return {one.__qualname__: one for one in made if one.__code__.co_filename == file and "<" not in one.__qualname__}


def passes(items: Sequence[pytest.Item], time: Callable[[pytest.Item], float]) -> bool:
    """Run tests until one fails, or takes far longer than its time."""
    for item, following in zip_longest(items, items[1:]):
        signal.setitimer(signal.ITIMER_PROF, 5 + 10 * time(item))
        item.config.hook.pytest_runtest_protocol(item=item, nextitem=following)
        if item.session.testsfailed:
            return False
    return True


def survives(work: Callable[[], bool], seconds: float) -> bool:
    """Whether it says so in a process of its own, within so many seconds."""
    child = os.fork()
    if child:
        return os.waitpid(child, 0)[1] == 0
    try:
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
        signal.setitimer(signal.ITIMER_REAL, seconds)
        passed = work()
    except BaseException:  # whatever it is, the tests did not pass
        passed = False
    os._exit(not passed)
