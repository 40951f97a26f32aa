"""`pick`: the variant for this machine, for a shell (`uv sync $(variantfix pick)`) or a program."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING, Annotated

import typer

from variantfix import projects
from variantfix.cli.flags import Accelerators, NoBuild, Paths, Verbose
from variantfix.cli.options import Reading, settings_from, with_options
from variantfix.cli.output import Output
from variantfix.errors import ConfigError, VariantfixError, VerifyError
from variantfix.projects import Failed, named
from variantfix.report import text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from variantfix.change.pick import Choice
    from variantfix.machine import Machine
    from variantfix.settings import Settings


@with_options
def pick(
    paths: Paths = None,
    verify: Annotated[
        bool,
        typer.Option(
            "--verify",
            help="Have uv lock the project in a scratch copy, and choose only what is isolated on this machine's "
            "platform. Locking can build source distributions, which runs their code.",
        ),
    ] = False,
    no_build: NoBuild = False,
    format_: Annotated[
        str,
        typer.Option(
            "--format",
            metavar="FORMAT",
            help="`text`: the flags of `uv sync`, behind the path where several are named; `json`: all that fit, "
            "an object a line for each path.",
        ),
    ] = "text",
    accelerator: Accelerators = None,
    verbose: Verbose = False,
) -> None:
    """Choose the variant that fits this machine: `uv sync $(variantfix pick)`.

    The environment variable VARIANTFIX_MACHINE stands for another machine: `cpu`, `cuda=535.104.05`, `rocm=6.4`, `xpu`.
    """
    from variantfix.cli.held import held
    from variantfix.machine import read_machine

    if format_ not in ("text", "json"):
        raise ConfigError(f"--format {format_}: unknown", hint="text, json")
    settings, machine = settings_from(Reading(accelerator)), read_machine(os.environ)
    said, code, projects = held(Output(format_)), 0, named(paths or ())
    for line in machine.told if verbose else ():
        print(line, file=said.talk)
    for path in projects:
        try:
            found = _choices(path, settings, machine)
            if verify:
                found = _isolated(path, settings, machine, found, no_build=no_build)
        except VariantfixError as error:
            text.write_error(Failed(path, error), said.talk)
            code = max(code, error.exit_code)
            continue
        for choice in found if verbose else ():
            print(f"{choice.variant} ({choice.accelerator}) fits: {choice.reason}", file=said.talk)
        where = f"{path}: " if len(projects) > 1 else ""
        print(_data(path, machine, found) if format_ == "json" else where + " ".join(found[0].flags), file=said.data)
    said.emit()
    raise typer.Exit(code)


def _choices(path: str, settings: Settings, machine: Machine) -> Sequence[Choice]:
    from variantfix.change.finish import look
    from variantfix.change.pick import choices

    texts = projects.read(path)
    return choices(look(texts, settings, projects.evidence_beside(next(iter(texts)))), machine)


def _isolated(
    path: str, settings: Settings, machine: Machine, found: Sequence[Choice], *, no_build: bool
) -> Sequence[Choice]:
    """The choices that a fresh lock holds for the machine's platform, without a leak and with wheels of their own.

    Raises `VerifyError` where it holds none of them.
    """
    from variantfix.cli.working import working
    from variantfix.detect.audit.lines import leak_lines
    from variantfix.verify.loop import verify

    with working() as tell:
        tell(f"{path}: uv locks a scratch copy")
        matrix = verify(path, settings, fresh=True, no_build=no_build).matrix
    here = (machine.system, machine.processor.lower())
    own = [
        cell
        for cell in matrix.cells
        if cell.subject.other is None and (cell.platform.system, cell.platform.machine.lower()) == here
    ]
    sound = {cell.subject.name for cell in own} - {cell.subject.name for cell in own if cell.leaks or cell.gaps}
    if isolated := [choice for choice in found if choice.variant in sound]:
        return isolated
    names = ", ".join(choice.variant for choice in found)
    words = "\n".join(leak_lines(matrix.cells))
    raise VerifyError(f"{path}: uv's lock has none of {names} isolated for {' '.join(here)}", words=words)


def _data(path: str, machine: Machine, found: Sequence[Choice]) -> str:
    fits = [choice._asdict() for choice in found]
    return json.dumps({"path": path, "flags": found[0].flags, "machine": machine._asdict(), "fits": fits})
