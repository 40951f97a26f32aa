"""The command line as typer sees it. `variantfix.commands` does the work."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from variantfix import __version__
from variantfix.errors import ConfigError
from variantfix.rules import NAMES
from variantfix.settings import Settings, check_settings

if TYPE_CHECKING:
    from collections.abc import Sequence

app = typer.Typer(
    name="variantfix",
    help="Make one pyproject.toml safe for several PyTorch builds under uv.",
    no_args_is_help=True,
    context_settings={"help_option_names": ["-h", "--help"]},
    rich_markup_mode="markdown",
    pretty_exceptions_enable=False,
)

Paths = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="[PATH]...",
        help="A pyproject.toml, a folder that has one, or `-` for standard input. A uv workspace's root means its "
        "members too.  [default: .]",
        show_default=False,
    ),
]
Accelerators = Annotated[
    list[str] | None,
    typer.Option(
        "--accelerator",
        metavar="NAME=TAG",
        help="The accelerator of an extra or group that does not tell it: `gpu=cu128`. Repeatable.",
    ),
]
Isolation = Annotated[
    str | None,
    typer.Option(
        metavar="WAY",
        help="How packages that several variants share are kept apart: `auto`, `markers` (require a recent uv) or "
        "`sources` (one source per variant, right for every uv).",
    ),
]
Select = Annotated[list[str] | None, typer.Option("--select", metavar="RULE", help="Only this rule. Repeatable.")]
Ignore = Annotated[list[str] | None, typer.Option("--ignore", metavar="RULE", help="All but this rule. Repeatable.")]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="Only errors, diffs and the exit code.")]
Verbose = Annotated[bool, typer.Option("--verbose", "-v", help="Also show the variants and what told them.")]


@app.command()
def check(
    paths: Paths = None,
    accelerator: Accelerators = None,
    isolation: Isolation = None,
    select: Select = None,
    ignore: Ignore = None,
    quiet: Quiet = False,
    verbose: Verbose = False,
) -> None:
    """Show what is wrong, and change nothing."""
    from variantfix import commands

    settings = _settings(accelerator, isolation, None, select, ignore)
    raise typer.Exit(commands.check(paths or [], settings, verbosity=verbose - quiet))


@app.command()
def apply(
    paths: Paths = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Print the unified diff and write nothing.")] = False,
    unsafe: Annotated[
        bool | None,
        typer.Option(
            "--unsafe/--safe",
            help="Also do fixes that change what the package requires, or what may have been meant.",
            show_default=False,
        ),
    ] = None,
    accelerator: Accelerators = None,
    isolation: Isolation = None,
    select: Select = None,
    ignore: Ignore = None,
    quiet: Quiet = False,
    verbose: Verbose = False,
) -> None:
    """Repair the files: what is not wrong stays as it is, to the byte."""
    from variantfix import commands

    settings = _settings(accelerator, isolation, unsafe, select, ignore)
    raise typer.Exit(commands.apply(paths or [], settings, dry_run=dry_run, verbosity=verbose - quiet))


def _show_version(value: bool) -> None:
    if value:
        typer.echo(f"variantfix {__version__}")
        raise typer.Exit


@app.callback()
def _root(
    version: Annotated[
        bool,
        typer.Option("--version", callback=_show_version, is_eager=True, help="Show the version and exit."),
    ] = False,
) -> None:
    """Make one pyproject.toml safe for several PyTorch builds under uv.

    Exit codes: 0 clean or repaired, 1 findings remain or a dry run would change something, 2 usage, configuration or
    unreadable input, 3 a bug, 130 interrupted.
    """


def run(args: Sequence[str]) -> int:
    """Run typer over the arguments; returns the exit code. Raises what the commands raise."""
    try:
        code = app(args=list(args), standalone_mode=False, prog_name="variantfix")
    except typer.Exit as stop:
        return stop.exit_code
    return int(code or 0)


def _settings(
    accelerator: list[str] | None,
    isolation: str | None,
    unsafe: bool | None,
    select: list[str] | None,
    ignore: list[str] | None,
) -> Settings:
    named = {}
    for pair in accelerator or []:
        name, equals, tag = pair.partition("=")
        if not (name and equals and tag):
            raise ConfigError(f"--accelerator {pair}: not NAME=TAG", hint="--accelerator gpu=cu128")
        named[name] = tag
    chosen, ignored = (tuple(rules) if rules else None for rules in (select, ignore))
    settings = Settings(named, isolation, unsafe, chosen, ignored)
    check_settings(settings, NAMES, where="command line")
    return settings
