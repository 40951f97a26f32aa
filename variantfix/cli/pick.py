"""`pick`: the variant for this machine, for a shell (`uv sync $(variantfix pick)`) or a program."""

from __future__ import annotations

import json
import os
from typing import Annotated

import typer

from variantfix.cli.flags import Accelerators, Verbose, settings_from
from variantfix.errors import ConfigError


def pick(
    path: Annotated[
        str, typer.Argument(metavar="PATH", help="A pyproject.toml, or a folder that has one.", show_default=True)
    ] = ".",
    format_: Annotated[
        str, typer.Option("--format", metavar="FORMAT", help="`text`: the flags of `uv sync`; `json`: all that fit.")
    ] = "text",
    accelerator: Accelerators = None,
    verbose: Verbose = False,
) -> None:
    """Choose the variant that fits this machine: `uv sync $(variantfix pick)`.

    The environment variable VARIANTFIX_MACHINE stands for another machine: `cpu`, `cuda=535.104.05`, `rocm=6.4`, `xpu`.
    """
    from variantfix import projects
    from variantfix.change.finish import look
    from variantfix.change.pick import choices
    from variantfix.machine import read_machine

    if format_ not in ("text", "json"):
        raise ConfigError(f"--format {format_}: unknown", hint="text, json")
    texts = projects.read(path)
    settings = settings_from(accelerator, None, None, None, None)
    machine = read_machine(os.environ)
    found = choices(look(texts, settings, projects.evidence_beside(next(iter(texts)))), machine)
    if verbose:
        for line in (*machine.told, *(f"{c.variant} ({c.accelerator}) fits: {c.reason}" for c in found)):
            typer.echo(line, err=True)
    if format_ == "json":
        typer.echo(
            json.dumps({"flags": found[0].flags, "machine": machine._asdict(), "fits": [c._asdict() for c in found]})
        )
    else:
        typer.echo(" ".join(found[0].flags))
