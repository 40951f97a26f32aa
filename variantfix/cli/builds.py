"""`variantfix builds`: which torch exists for which accelerator, Python and platform."""

from __future__ import annotations

from typing import Annotated

import typer

from variantfix.cli.complete import complete_tag
from variantfix.cli.flags import DataFormat


def builds(
    tag: Annotated[
        str,
        typer.Argument(metavar="TAG", help="An accelerator: `cu128`, `rocm6.4`, `cpu`.", autocompletion=complete_tag),
    ] = "",
    torch: Annotated[str, typer.Option("--torch", metavar="VERSION", help="`2.9`, `2.9.1` or `>=2.8,<2.10`.")] = "",
    python: Annotated[str, typer.Option("--python", metavar="VERSION", help="`3.14`, or `3.14t`.")] = "",
    platform: Annotated[
        str,
        typer.Option(
            "--platform", metavar="NAME", help="`linux`, `windows`, `macos`, or one machine of it: `linux-aarch64`."
        ),
    ] = "",
    form: DataFormat = "text",
) -> None:
    """Show which torch exists for which accelerator, Python and platform, and how that is known.

    *seen* in a wheel, a lock or metadata; *announced* by a plan or a build matrix; *inferred* from what is beside it.
    Exit codes: 0 there are builds, 1 there are none, 2 usage.
    """
    from variantfix.cli import commands

    raise typer.Exit(commands.builds(tag, torch, python, platform.lower(), form=form))
