"""The command line as typer sees it. `variantfix.cli.commands` does the work."""

from __future__ import annotations

import os
from contextlib import contextmanager
from enum import Enum
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from variantfix import __version__
from variantfix.cli.builds import builds
from variantfix.cli.change import add, default, retag
from variantfix.cli.complete import complete_rule
from variantfix.cli.export import export
from variantfix.cli.flags import Accelerators, DataFormat, NoBuild, Paths, Quiet, Unsafe
from variantfix.cli.migrate import migrate
from variantfix.cli.options import (
    Reading,
    Rules,
    Running,
    Showing,
    Writing,
    carry_out,
    settings_from,
    with_options,
)
from variantfix.cli.pick import pick
from variantfix.errors import ConfigError, VerifyError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_COLOUR = ("NO_COLOR", "FORCE_COLOR")
app = typer.Typer(
    name="variantfix",
    help="Make one pyproject.toml safe for several PyTorch builds under uv.",
    epilog="Exit codes: 0 clean or repaired; 1 findings remain, a dry run would change something, or uv or the lock "
    "said no; 2 usage, configuration or unreadable input; 3 a bug of variantfix; 130 interrupted.",
    invoke_without_command=True,
    context_settings={"help_option_names": ["-h", "--help"]},
    rich_markup_mode="markdown",
    pretty_exceptions_enable=False,
)


class Format(str, Enum):
    """How data is written."""

    TEXT = "text"
    JSON = "json"
    MARKDOWN = "markdown"


@app.command()
@with_options
def check(
    paths: Paths = None,
    *,
    reading: Reading,
    rules: Rules,
    running: Running,
    showing: Showing,
) -> None:
    """Show what is wrong, and change nothing."""
    from variantfix.cli import commands

    settings = settings_from(reading, rules=rules)
    code = commands.check(
        paths or [], settings, output=showing.output, **running._asdict(), verbosity=showing.verbosity
    )
    raise typer.Exit(code)


@app.command()
@with_options
def apply(
    paths: Paths = None,
    unsafe: Unsafe = None,
    *,
    writing: Writing,
    reading: Reading,
    rules: Rules,
    running: Running,
    showing: Showing,
) -> None:
    """Repair the files: what is not wrong stays as it is, to the byte."""
    settings = settings_from(reading, unsafe=unsafe, rules=rules)
    raise typer.Exit(carry_out(paths or [], settings, writing, running, showing))


@app.command(name="verify")
def _verify(
    path: Annotated[
        str, typer.Argument(metavar="PATH", help="A pyproject.toml, or a folder that has one.", show_default=True)
    ] = ".",
    lock: Annotated[
        bool,
        typer.Option(
            "--lock",
            help="Walk the lock that uv makes now, in a scratch copy and from the project's own, which stays as it "
            "is. Locking can build source distributions, which runs their code.",
        ),
    ] = False,
    no_build: NoBuild = False,
    format_: Annotated[
        Format,
        typer.Option(
            "--format",
            help="`text` for people, `markdown` for the summary of a job, `json` for programs; sizes there are bytes.",
        ),
    ] = Format.TEXT,
    accelerator: Accelerators = None,
    quiet: Quiet = False,
) -> None:
    """Show what uv.lock installs for each variant on each platform, and what leaks there.

    Exit codes: 0 isolated, 1 a leak, or uv refused to lock, 2 no lock that can be read.
    """
    from variantfix.cli import commands

    settings = settings_from(Reading(accelerator))
    code = commands.verify(path, settings, fresh=lock, no_build=no_build, form=format_.value, verbosity=-int(quiet))
    raise typer.Exit(code)


@app.command()
def explain(
    rule: Annotated[
        str | None,
        typer.Argument(metavar="RULE", help="A rule's name.", show_default=False, autocompletion=complete_rule),
    ] = None,
    form: DataFormat = "text",
) -> None:
    """Show the page of a rule; without one, the list of all rules."""
    from variantfix.cli import commands

    raise typer.Exit(commands.explain(rule, form=form))


@app.command()
def schema() -> None:
    """Show the JSON Schema of what `--format json` writes."""
    from variantfix.report.findings_json import schema as text

    typer.echo(text(), nl=False)


def _show_version(value: bool) -> None:
    if value:
        typer.echo(f"variantfix {__version__}{_uv()}")
        raise typer.Exit


def _uv() -> str:
    """The uv that would be asked, in brackets; empty where there is none that can be."""
    from variantfix.uv.program import find_uv

    try:
        return f" ({find_uv()})"
    except VerifyError:
        return ""


@app.callback()
def _root(
    ctx: typer.Context,
    version: Annotated[
        bool,
        typer.Option(
            "--version", callback=_show_version, is_eager=True, help="Show the versions of variantfix and uv."
        ),
    ] = False,
    color: Annotated[
        Literal["auto", "always", "never"],
        typer.Option("--color", help="When to colour: `auto` is on a terminal, and as NO_COLOR and FORCE_COLOR say."),
    ] = "auto",
) -> None:
    """Make one pyproject.toml safe for several PyTorch builds under uv."""
    if color != "auto":
        for name in _COLOUR:
            os.environ.pop(name, None)
        os.environ[_COLOUR[color == "always"]] = "1"
    if ctx.invoked_subcommand is None:
        typer.echo(ctx.get_help())


for command in (add, builds, default, export, pick, retag, migrate):
    app.command()(command)


def run(args: Sequence[str]) -> int:
    """Run typer over the arguments; returns the exit code. Raises what the commands raise."""
    with _own_colour():
        return _run(args)


@contextmanager
def _own_colour() -> Iterator[None]:
    """What `--color` says, for as long as the block lasts."""
    before = {name: os.environ[name] for name in _COLOUR if name in os.environ}
    try:
        yield
    finally:
        for name in _COLOUR:
            os.environ.pop(name, None)
        os.environ.update(before)


def _run(args: Sequence[str]) -> int:
    try:
        code = app(args=list(args), standalone_mode=False, prog_name="variantfix", obj=tuple(args))
    except typer.Exit as stop:
        return stop.exit_code
    except typer.Abort:
        raise KeyboardInterrupt from None
    except typer.TyperException as error:
        raise ConfigError(error.format_message(), hint="see --help") from None
    return int(code or 0)
