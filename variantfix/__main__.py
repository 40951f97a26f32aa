"""The program: runs the command line, and turns what went wrong into a line and an exit code."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from variantfix.errors import VariantfixError

if TYPE_CHECKING:
    from collections.abc import Sequence

_BUG = "this is a bug of variantfix, and nothing was written; please report it with the file"


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line; the arguments default to the program's own. Returns the exit code.

    0 clean or repaired, 1 findings remain or a dry run would change something, 2 usage, configuration or unreadable
    input, 3 a bug of variantfix, 130 interrupted.
    """
    args = list(sys.argv[1:] if argv is None else argv)
    try:
        return _run(args)
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        # Whoever read the output has gone, and with it the place where the rest could go.
        sys.stdout = sys.stderr = open("/dev/null", "w")  # noqa: PTH123, SIM115
        return 1
    except VariantfixError as error:
        print(f"error: {error}", file=sys.stderr)
        return error.exit_code
    except Exception:
        import traceback

        traceback.print_exc()
        print(f"error: {_BUG}", file=sys.stderr)
        return 3


def _run(args: list[str]) -> int:
    if args[:1] == ["check"] and not any(arg.startswith("-") for arg in args):
        # The plain call of editors and hooks: importing typer alone would cost more than the check.
        from variantfix.cli.commands import check

        return check(args[1:])
    from variantfix.cli.app import run

    return run(args)


if __name__ == "__main__":
    sys.exit(main())
