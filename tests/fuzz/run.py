"""Fuzz one target, guided by coverage: `python -m tests.fuzz.run TARGET SECONDS FINDS`.

Every find becomes a file in FINDS, named after where it was raised, with the shortest text that shows it; the run goes
on. It needs the extra `fuzz`.
"""

from __future__ import annotations

import hashlib
import os
import signal
import sys
import tempfile
import traceback
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING

import atheris

with atheris.instrument_imports(include=["variantfix"]):
    from tests.fuzz.mutate import mutate
    from tests.fuzz.targets import TARGETS

if TYPE_CHECKING:
    from types import FrameType

    from tests.fuzz.targets import Target

LONGEST_RUN = 5
"""Seconds of this process alone that any text may take."""


def main(name: str, seconds: str, finds: str) -> None:
    """Fuzz until the time is over; atheris ends the process."""
    target, folder = TARGETS[name], Path(finds)
    folder.mkdir(parents=True, exist_ok=True)
    seeds = target.seeds()
    signal.signal(signal.SIGVTALRM, _too_long)

    def one(data: bytes) -> None:
        _try(target, data.decode("utf-8", "replace"), folder / name)

    def mutated(data: bytes, size: int, seed: int) -> bytes:
        chance = Random(seed)
        if chance.random() < 0.1:
            return bytes(atheris.Mutate(data, size))
        return mutate(data.decode("utf-8", "replace"), chance, seeds).encode("utf-8", "replace")[:size]

    with tempfile.TemporaryDirectory() as corpus:
        for number, text in enumerate(seeds):
            Path(corpus, str(number)).write_text(text, "utf-8")
        options = [f"-max_total_time={seconds}", "-max_len=20000", "-timeout=60", "-rss_limit_mb=4096", "-verbosity=0"]
        options.append("-print_final_stats=1")
        atheris.Setup([sys.argv[0], corpus, *options], one, custom_mutator=mutated)
        atheris.Fuzz()


def _try(target: Target, text: str, find: Path) -> None:
    signal.setitimer(signal.ITIMER_VIRTUAL, LONGEST_RUN)
    try:
        target.law(text)
    except (Exception, RecursionError) as error:
        _note(error, text, find)
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)


def _note(error: Exception, text: str, find: Path) -> None:
    ours = ("variantfix", "fuzz")
    frames = [f for f in traceback.extract_tb(error.__traceback__) if any(name in f.filename for name in ours)]
    where = f"{type(error).__name__} {frames[-1].filename.rpartition(os.sep)[2]}:{frames[-1].name}:{frames[-1].line}"
    if isinstance(error, AssertionError):
        where += f" {str(error)[:80]}"
    file = find.with_name(f"{find.name}-{hashlib.sha256(where.encode()).hexdigest()[:10]}.txt")
    known = file.read_text("utf-8") if file.exists() else ""
    head = f"{where}\n{str(error)[:300]!r}\n----\n"
    if not known or len(text) < len(known.partition("----\n")[2]):
        file.write_text(head + text, "utf-8", "replace")


def _too_long(_signal: int, _frame: FrameType | None) -> None:
    raise TimeoutError(f"took longer than {LONGEST_RUN} s")


if __name__ == "__main__":
    main(*sys.argv[1:])
