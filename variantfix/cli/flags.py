"""The flags that several commands share, and the settings that they make."""

from __future__ import annotations

from typing import Annotated

import typer

from variantfix.errors import ConfigError
from variantfix.rules import NAMES
from variantfix.settings import Settings, check_settings

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
Unsafe = Annotated[
    bool | None,
    typer.Option(
        "--unsafe/--safe",
        help="Also do fixes that change what the package requires, or what may have been meant.",
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
    chosen, ignored = (tuple(rules) if rules else None for rules in (select, ignore))
    settings = Settings(named, isolation, unsafe, chosen, ignored)
    check_settings(settings, NAMES, where="command line")
    return settings
