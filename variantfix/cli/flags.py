"""The flags that several commands share, and the settings that they make."""

from __future__ import annotations

from typing import Annotated

import typer

from variantfix.cli.output import FORMATS, Output
from variantfix.errors import ConfigError
from variantfix.rules import NAMES
from variantfix.settings import Settings, check_settings, suggestion


def complete_rule(incomplete: str) -> list[str]:
    """The rules that a shell offers behind what is typed, also for the last of a comma list."""
    head, comma, last = incomplete.rpartition(",")
    return [f"{head}{comma}{name}" for name in NAMES if name.startswith(last)]


def complete_tag(incomplete: str) -> list[str]:
    """The accelerators that a shell offers behind what is typed, also behind a name and `=`."""
    from variantfix.pytorch import catalog

    name, equals, tag = incomplete.rpartition("=")
    return [f"{name}{equals}{known}" for known in catalog.builds() if known.startswith(tag)]


Accelerators = Annotated[
    list[str] | None,
    typer.Option(
        "--accelerator",
        metavar="NAME=TAG",
        help="The accelerator of an extra or group that does not tell it: `gpu=cu128`. Repeatable.",
        autocompletion=complete_tag,
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
Select = Annotated[
    list[str] | None,
    typer.Option("--select", metavar="RULE", help="Only these rules (a comma list).", autocompletion=complete_rule),
]
Ignore = Annotated[
    list[str] | None,
    typer.Option("--ignore", metavar="RULE", help="All but these rules.", autocompletion=complete_rule),
]
Unsafe = Annotated[
    bool | None,
    typer.Option(
        "--unsafe/--safe",
        help="Also do fixes that change what the package requires, or what may have been meant.",
        show_default=False,
    ),
]
Form = Annotated[
    str,
    typer.Option(
        "--format",
        metavar="FORMAT",
        help="`text` for people; `json` for programs (`variantfix schema`), `sarif` for code scanning, `github` for a "
        "workflow's annotations, `diff` for the unified diff alone.",
        rich_help_panel="Output",
    ),
]
OutputFile = Annotated[
    str,
    typer.Option(
        "--output-file", metavar="FILE", help="Write data there, not to standard output.", rich_help_panel="Output"
    ),
]
ExitZero = Annotated[
    bool, typer.Option("--exit-zero", help="Exit with 0 although findings remain.", rich_help_panel="Output")
]
Statistics = Annotated[
    bool, typer.Option("--statistics", help="Also count the findings of each rule.", rich_help_panel="Output")
]
SkipForeign = Annotated[
    bool,
    typer.Option(
        "--skip-foreign",
        help="Count a project that another tool manages (Poetry, PDM, pixi, Hatch), and do not fail for it. "
        "So it is anyway where several paths are named.",
        rich_help_panel="Output",
    ),
]
Online = Annotated[
    bool,
    typer.Option(
        "--online",
        help="Ask the project's own indexes about packages that neither a lock nor the catalogue knows. Metadata alone "
        "is fetched. Without it nothing touches the network.",
    ),
]
Jobs = Annotated[
    int | None,
    typer.Option(
        "--jobs",
        "-j",
        min=1,
        metavar="N",
        help="Processes for many paths.  [default: by their count and size, no more than there are cores]",
        show_default=False,
    ),
]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="Only errors, diffs and the exit code.")]
NoBuild = Annotated[bool, typer.Option("--no-build", help="Forbid uv to build anything while it locks.")]
Verbose = Annotated[bool, typer.Option("--verbose", "-v", help="Also show the variants and what told them.")]


def settings_from(
    accelerator: list[str] | None,
    isolation: str | None,
    unsafe: bool | None,
    select: list[str] | None,
    ignore: list[str] | None,
) -> Settings:
    """The settings that the flags say. Raises `ConfigError` for a flag that does not hold."""
    named = {}
    for pair in accelerator or []:
        name, equals, tag = pair.partition("=")
        if not (name and equals and tag):
            raise ConfigError(f"--accelerator {pair}: not NAME=TAG", hint="--accelerator gpu=cu128")
        named[name] = tag
    chosen, ignored = (_rules(rules) if rules else None for rules in (select, ignore))
    settings = Settings(named, isolation, unsafe, chosen, ignored)
    check_settings(settings, NAMES, where="command line")
    return settings


def _rules(given: list[str]) -> tuple[str, ...]:
    """The names in some values of a flag, each of which can list several."""
    return tuple(name for value in given for name in map(str.strip, value.split(",")) if name)


def output_from(form: str, file: str, *, exit_zero: bool, statistics: bool, skip_foreign: bool = False) -> Output:
    """What the flags say of the output. Raises `ConfigError` for a format that does not exist."""
    if form not in FORMATS:
        raise ConfigError(f"--format: unknown format {form!r}", hint=suggestion(form, FORMATS))
    return Output(form, file, exit_zero, statistics, skip_foreign)
