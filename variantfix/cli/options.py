"""Sets of options that commands have in common: a parameter of such a type stands for all of its options."""

from __future__ import annotations

import inspect
from functools import wraps
from typing import TYPE_CHECKING, Annotated, Any, get_type_hints

import typer

from variantfix.cli.complete import complete_rule
from variantfix.cli.flags import Accelerators, ExitZero, NoBuild, OutputFile, Quiet, Statistics, Verbose
from variantfix.cli.output import FORMATS, Output
from variantfix.errors import ConfigError, suggestion
from variantfix.namedtuple import NamedTuple
from variantfix.repair.pipeline import repair_texts
from variantfix.rules.every import NAMES
from variantfix.settings import Settings, check_settings

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from variantfix.repair.pipeline import RepairTexts


class Reading(NamedTuple):
    """How a project is read: what its variants are, and how they are to be kept apart."""

    accelerator: Accelerators = None
    isolation: Annotated[
        str | None,
        typer.Option(
            metavar="WAY",
            help="How packages that several variants share are kept apart: `auto`, `markers` (require a recent uv) or "
            "`sources` (one source per variant, right for every uv).",
        ),
    ] = None


class Rules(NamedTuple):
    """Which rules have a say."""

    select: Annotated[
        list[str] | None,
        typer.Option("--select", metavar="RULE", help="Only these rules (a comma list).", autocompletion=complete_rule),
    ] = None
    ignore: Annotated[
        list[str] | None,
        typer.Option("--ignore", metavar="RULE", help="All but these rules.", autocompletion=complete_rule),
    ] = None


class Writing(NamedTuple):
    """What comes before a write, and where it may go."""

    dry_run: Annotated[bool, typer.Option("--dry-run", help="Print the unified diff and write nothing.")] = False
    verify: Annotated[
        bool,
        typer.Option(
            "--verify",
            help="Have uv lock the result in a scratch copy, walk what it installs, and write only what is isolated. "
            "Locking can build source distributions, which runs their code.",
        ),
    ] = False
    no_build: NoBuild = False
    follow: Annotated[
        bool,
        typer.Option("--follow", help="Also change files outside of the project's folder: by `../`, or by links."),
    ] = False


class Running(NamedTuple):
    """How many paths are gone through."""

    online: Annotated[
        bool,
        typer.Option(
            "--online",
            help="Ask the project's own indexes about packages that neither a lock nor the catalogue knows. Metadata "
            "alone is fetched. Without it nothing touches the network.",
        ),
    ] = False
    jobs: Annotated[
        int | None,
        typer.Option(
            "--jobs",
            "-j",
            min=1,
            metavar="N",
            help="Processes for many paths.  [default: by their count and size, no more than there are cores]",
            show_default=False,
        ),
    ] = None
    stdin_filename: Annotated[
        str,
        typer.Option(
            "--stdin-filename",
            metavar="FILE",
            help="The file that `-`, standard input, stands for: what lies beside it counts, and it is named so.",
            show_default=False,
        ),
    ] = ""


class Showing(NamedTuple):
    """What is said, in which form, and what the exit code makes of it."""

    format_: Annotated[
        str,
        typer.Option(
            "--format",
            metavar="FORMAT",
            help="`text` for people; `json` for programs (`variantfix schema`), `sarif` for code scanning, `github` "
            "for a workflow's annotations, `diff` for the unified diff alone.",
            rich_help_panel="Output",
        ),
    ] = "text"
    output_file: OutputFile = ""
    exit_zero: ExitZero = False
    statistics: Statistics = False
    skip_foreign: Annotated[
        bool,
        typer.Option(
            "--skip-foreign",
            help="Count a project that another tool manages (Poetry, PDM, pixi, Hatch), and do not fail for it. "
            "So it is anyway where several paths are named.",
            rich_help_panel="Output",
        ),
    ] = False
    quiet: Quiet = False
    verbose: Verbose = False

    @property
    def output(self) -> Output:
        """Where data goes and in which format. Raises `ConfigError` for a format that does not exist."""
        if self.format_ not in FORMATS:
            raise ConfigError(f"--format: unknown format {self.format_!r}", hint=suggestion(self.format_, FORMATS))
        return Output(self.format_, self.output_file, self.exit_zero, self.statistics, self.skip_foreign)

    @property
    def verbosity(self) -> int:
        """How much is said: less than 0 with --quiet, more with --verbose."""
        return self.verbose - self.quiet


def with_options(command: Callable[..., None]) -> Callable[..., None]:
    """A command as typer takes it: each parameter that is a set of options is these options in its place."""
    # Not by get_type_hints: before Python 3.11 it puts Optional around what has None as its default.
    own = inspect.signature(command, eval_str=True).parameters
    sets = {name: given.annotation for name, given in own.items() if hasattr(given.annotation, "_fields")}
    parameters: list[inspect.Parameter] = []
    for name, parameter in own.items():
        if name not in sets:
            parameters.append(parameter.replace(kind=inspect.Parameter.KEYWORD_ONLY))
            continue
        for field, hint in get_type_hints(sets[name], include_extras=True).items():
            default = sets[name]._field_defaults[field]
            parameters.append(
                inspect.Parameter(field, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=hint)
            )

    @wraps(command)
    def filled(**given: Any) -> None:
        made = {name: options(*map(given.pop, options._fields)) for name, options in sets.items()}
        command(**given, **made)

    filled.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    filled.__annotations__ = {parameter.name: parameter.annotation for parameter in parameters}
    return filled


def settings_from(reading: Reading, *, unsafe: bool | None = None, rules: Rules | None = None) -> Settings:
    """The settings that the flags say. Raises `ConfigError` for a flag that does not hold."""
    named = {}
    for pair in reading.accelerator or []:
        name, equals, tag = pair.partition("=")
        if not (name and equals and tag):
            raise ConfigError(f"--accelerator {pair}: not NAME=TAG", hint="--accelerator gpu=cu128")
        named[name] = tag
    chosen, ignored = (tuple(listed(given)) if given else None for given in rules or Rules())
    settings = Settings(named, reading.isolation, unsafe, chosen, ignored)
    check_settings(settings, NAMES, where="command line")
    return settings


def listed(given: Sequence[str]) -> list[str]:
    """The names in some values of an option, each of which can be a comma list."""
    return [name for value in given for name in map(str.strip, value.split(",")) if name]


def carry_out(
    paths: Sequence[str],
    settings: Settings,
    writing: Writing,
    running: Running,
    showing: Showing,
    repair_by: RepairTexts = repair_texts,
) -> int:
    """Repair or change some projects by what is done to each, as the options say, and return the exit code."""
    from variantfix.cli import commands

    return commands.apply(
        paths,
        settings,
        **writing._asdict(),
        **running._asdict(),
        output=showing.output,
        verbosity=showing.verbosity,
        repair_by=repair_by,
    )
