"""The options that several commands share, each said once, and the settings that they make."""

from __future__ import annotations

from typing import Annotated, Literal

import typer

from variantfix.cli.complete import complete_accelerator, complete_variant

Accelerators = Annotated[
    list[str] | None,
    typer.Option(
        "--accelerator",
        metavar="NAME=TAG",
        help="The accelerator of an extra or group that does not tell it: `gpu=cu128`. Repeatable.",
        autocompletion=complete_accelerator,
    ),
]
Unsafe = Annotated[
    bool | None,
    typer.Option(
        "--unsafe/--safe",
        help="Also do fixes that change what the package requires, or what may have been meant.",
        show_default=False,
    ),
]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="Only errors, diffs and the exit code.")]
Verbose = Annotated[bool, typer.Option("--verbose", "-v", help="Also show the variants and what told them.")]
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
NoBuild = Annotated[bool, typer.Option("--no-build", help="Forbid uv to build anything while it locks.")]
DataFormat = Annotated[
    Literal["text", "json"], typer.Option("--format", help="`text` for people, `json` for programs.")
]
Paths = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="PATH",
        help="A pyproject.toml, a folder that has one, or `-` for standard input. A uv workspace's root means its "
        "members too.  [default: .]",
        show_default=False,
    ),
]
CHANGE = "Change"
"""Where the help shows what only some changes know."""
Torch = Annotated[
    str,
    typer.Option(
        metavar="VERSION",
        help="With a new tag: take the bounds of torch and its companions along.",
        rich_help_panel=CHANGE,
    ),
]
KeepNames = Annotated[
    bool,
    typer.Option(
        "--keep-names", help="With a new tag: keep the names of extras, groups and indexes.", rich_help_panel=CHANGE
    ),
]
AsGroups = Annotated[
    bool,
    typer.Option("--group", help="Make dependency groups of new variants, not extras.", rich_help_panel=CHANGE),
]
MoveBase = Annotated[
    bool,
    typer.Option(
        "--move-base",
        help="Move torch, and what needs it, from the base dependencies into the new variants.",
        rich_help_panel=CHANGE,
    ),
]
DefaultVariant = Annotated[
    str,
    typer.Option(
        "--default",
        metavar="VARIANT",
        help="The one that a bare `uv sync` and `uv run` get.",
        autocompletion=complete_variant,
        rich_help_panel=CHANGE,
    ),
]
