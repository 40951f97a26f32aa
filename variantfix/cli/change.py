"""The commands that change a project on demand, as typer sees them. `variantfix.change` does the work."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from variantfix.cli.complete import complete_tag, complete_variant
from variantfix.cli.flags import AsGroups, DefaultVariant, KeepNames, MoveBase, Torch
from variantfix.cli.options import Reading, Running, Showing, Writing, carry_out, settings_from, with_options
from variantfix.errors import ConfigError


@with_options
def add(
    words: Annotated[
        list[str],
        typer.Argument(
            metavar="VARIANT[=TAG]|PATH",
            help="The variants: `cpu`, `cu128`, `gpu=cu130`, and `gpu=pypi` for PyPI's own build beside them; then the "
            "projects, as for `apply`.  [default: .]",
            show_default=False,
            autocompletion=complete_tag,
        ),
    ],
    group: AsGroups = False,
    move_base: MoveBase = False,
    default: DefaultVariant = "",
    *,
    writing: Writing,
    reading: Reading,
    running: Running,
    showing: Showing,
) -> None:
    """Give a project variants, or more of them: extras, sources, markers, conflicts, indexes."""
    from variantfix.change.add import Request
    from variantfix.change.names import read_all
    from variantfix.change.requests import repair_by

    asked = [word for word in words if not _is_path(word)]
    paths = [word for word in words if _is_path(word)]
    if not asked:
        raise ConfigError("no variant is named", hint="variantfix add cpu cu128")
    variants, counterpart = read_all(asked)
    request = Request(variants, group, move_base, default, counterpart)
    raise typer.Exit(carry_out(paths, settings_from(reading), writing, running, showing, repair_by(request)))


@with_options
def default(
    words: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="VARIANT|PATH",
            help="The variant; with --none there is no VARIANT. Then the projects, as for `apply`.  [default: .]",
            show_default=False,
            autocompletion=complete_variant,
        ),
    ] = None,
    none: Annotated[bool, typer.Option("--none", help="Take the default variant back.")] = False,
    base: Annotated[bool, typer.Option("--base", hidden=True)] = False,
    *,
    writing: Writing,
    reading: Reading,
    running: Running,
    showing: Showing,
) -> None:
    """Choose the variant of a bare `uv sync` and `uv run`, by a default dependency group; `--none` takes it back."""
    from variantfix.change.default import Request
    from variantfix.change.requests import repair_by

    if base:
        raise ConfigError(
            "--base: the base dependencies are beside every variant, and uv refuses two indexes for one package there",
            hint="without --base a default group does it; `variantfix add --move-base` takes torch out of the base",
        )
    named = words or []
    if not none and not named:
        raise ConfigError("no variant is named", hint="variantfix default cpu, or --none")
    variant, paths = ("", named) if none else (named[0], named[1:])
    follow = repair_by(Request(variant))
    raise typer.Exit(carry_out(paths, settings_from(reading), writing, running, showing, follow))


@with_options
def retag(
    words: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="OLD=NEW|PATH",
            help="The tags: `cu124=cu128`, `rocm6.4=rocm7.2`; then the projects, as for `apply`.  [default: .]",
            show_default=False,
            autocompletion=complete_tag,
        ),
    ] = None,
    torch: Torch = "",
    keep_names: KeepNames = False,
    check: Annotated[
        bool, typer.Option("--check", help="Only tell whether a tag has ended, and which go on; exit code 1 if so.")
    ] = False,
    *,
    writing: Writing,
    reading: Reading,
    running: Running,
    showing: Showing,
) -> None:
    """Follow PyTorch when a tag ends: names, URLs, sources, conflicts, references, pins."""
    from variantfix.change.requests import repair_by
    from variantfix.change.retag import Request, read_pairs
    from variantfix.cli.mentions import with_mentions

    pairs = [word for word in words or [] if "=" in word and not _is_path(word)]
    paths = [word for word in words or [] if word not in pairs]
    if check:
        from variantfix.cli.due import show_due

        raise typer.Exit(show_due(paths))
    if not pairs:
        raise ConfigError("no tag is named", hint="variantfix retag cu124=cu128, or --check")
    request = Request(read_pairs(pairs), torch, keep_names)
    follow = with_mentions(repair_by(request), request.tags)
    raise typer.Exit(carry_out(paths, settings_from(reading), writing, running, showing, follow))


def _is_path(word: str) -> bool:
    """Whether a word names a project, not a variant: `-`, `.`, a file or a path; a variant's name is none of these."""
    return word in ("-", ".", "..") or "/" in word or os.sep in word or word.endswith(".toml") or _has_project(word)


def _has_project(word: str) -> bool:
    return "=" not in word and (Path(word) / "pyproject.toml").is_file()
