"""The program: runs the command line, and turns what went wrong into a line and an exit code."""

from __future__ import annotations

import errno
import gc
import os
import sys
from contextlib import suppress
from typing import TYPE_CHECKING, TextIO

from variantfix.errors import InputError, OutputError, VariantfixError, reason
from variantfix.terminal import behind, guarded_stderr

if TYPE_CHECKING:
    from collections.abc import Sequence

_BUG = "this is a bug of variantfix, and nothing was written; please report it with the file"
_JOURNAL = "this is a bug of variantfix; the journal knows what was done before it; please report it"


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line; the arguments default to the program's own. Returns the exit code.

    0 clean or repaired, 1 findings remain or a dry run would change something, 2 usage, configuration or unreadable
    input, 3 a bug of variantfix, 130 interrupted.
    """
    if argv is None:
        return _as_program(sys.argv[1:])
    with guarded_stderr():
        return _answered(list(argv))


def _as_program(args: list[str]) -> int:
    # Nearly all that a check makes is of use to its end: to look through it for garbage, and once more at the exit,
    # would take an eighth of the time.
    gc.set_threshold(100_000, 20, 100)
    code = main(args)
    try:
        print(end="", file=sys.stderr, flush=True)
    except OSError:  # the interpreter would try once more, and make the code another one
        _silence(sys.stderr)
    gc.freeze()
    return code


def _answered(args: list[str]) -> int:
    try:
        code = _run(args)
        if sys.stdout is not None:
            sys.stdout.flush()
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        # Whoever read the output has gone, and with it the place where the rest could go.
        _silence(sys.stdout, behind(sys.stderr))
        return 1
    except VariantfixError as error:
        return _say_why(error)
    except Exception as error:
        if short := _short_of(error):
            return _say_why(InputError(short))
        if isinstance(error, OSError) and (full := _refused_by(error)):
            return _say_why(full)
        import traceback

        _say(traceback.format_exc().rstrip("\n"))
        _say(f"error: {_JOURNAL if args[:1] == ['migrate'] else _BUG}")
        return 3
    return code


def _say_why(error: VariantfixError) -> int:
    """Say what stopped the run, and with which words of whom; returns the exit code."""
    if isinstance(error, OutputError):
        _silence(sys.stdout)
    _say(f"error: {error}")
    for line in getattr(error, "words", "").splitlines():
        _say(f"    {line}")
    return error.exit_code


def _refused_by(error: OSError) -> OutputError | None:
    """The error that says so where a standard stream still takes no more: help and progress are not written by us."""
    try:
        for stream in filter(None, (sys.stdout, sys.stderr)):
            stream.write("\n")
            stream.flush()
    except OSError:
        return OutputError(f"the output cannot be written: {reason(error)}")
    return None


def _short_of(error: Exception) -> str:
    """What the system has too little of, or took away, where that is why we could not go on; empty for any other."""
    if isinstance(error, MemoryError):
        return "there is too little memory"
    if isinstance(error, OSError) and error.errno in (errno.EMFILE, errno.ENFILE, errno.ENOMEM, errno.EAGAIN):
        return f"the system gives no more: {reason(error)}"
    if isinstance(error, FileNotFoundError) and _is_nowhere():
        return "the current folder is not there any more"
    return ""


def _is_nowhere() -> bool:
    try:
        os.getcwd()  # noqa: PTH109
    except OSError:
        return True
    return False


def _say(text: str) -> None:
    try:
        print(text, file=sys.stderr, flush=True)
    except OSError:
        _silence(behind(sys.stderr))


def _silence(*streams: TextIO) -> None:
    """Leave nothing in a buffer that the interpreter would try to write in the end, and fail."""
    null = os.open(os.devnull, os.O_WRONLY)
    for stream in streams:
        with suppress(AttributeError, OSError, ValueError):  # a stream that is no file needs no help
            os.dup2(null, stream.fileno())
    os.close(null)


def _run(args: list[str]) -> int:
    if args[:1] == ["check"] and not any(arg.startswith("-") for arg in args):
        # The plain call of editors and hooks: importing typer alone would cost more than the check.
        from variantfix.cli.commands import check

        return check(args[1:])
    from variantfix.cli.app import run

    return run(args)


if __name__ == "__main__":
    sys.exit(main())
