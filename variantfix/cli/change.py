"""The commands that change a project on demand, as typer sees them. `variantfix.change` does the work."""

from __future__ import annotations

import os
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from variantfix.cli.flags import (
    Form,
    Isolation,
    NoBuild,
    Online,
    OutputFile,
    Quiet,
    Verbose,
    output_from,
    settings_from,
)
from variantfix.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from variantfix.detect.beside import Evidence
    from variantfix.repair.pipeline import Prove, Repair
    from variantfix.settings import Settings

DryRun = Annotated[bool, typer.Option("--dry-run", help="Print the unified diff and write nothing.")]
Verify = Annotated[
    bool,
    typer.Option("--verify", help="Have uv lock the result in a scratch copy, and write only what is isolated."),
]
Follow = Annotated[
    bool,
    typer.Option("--follow", help="Also change files outside of the project's folder: by `../`, or by links."),
]


def add(
    words: Annotated[
        list[str],
        typer.Argument(
            metavar="VARIANT[=TAG]... [PATH]...",
            help="The variants: `cpu`, `cu128`, `gpu=cu130`; then the projects, as for `apply`.  [default: .]",
            show_default=False,
        ),
    ],
    group: Annotated[bool, typer.Option("--group", help="Make dependency groups, not extras.")] = False,
    move_base: Annotated[
        bool,
        typer.Option(
            "--move-base", help="Move torch, and what needs it, from the base dependencies into the variants."
        ),
    ] = False,
    default: Annotated[
        str, typer.Option(metavar="VARIANT", help="The one that a bare `uv sync` and `uv run` get.")
    ] = "",
    dry_run: DryRun = False,
    verify: Verify = False,
    no_build: NoBuild = False,
    follow: Follow = False,
    isolation: Isolation = None,
    format_: Form = "text",
    output_file: OutputFile = "",
    online: Online = False,
    quiet: Quiet = False,
    verbose: Verbose = False,
) -> None:
    """Give a project variants, or more of them: extras, sources, markers, conflicts, indexes."""
    from variantfix.change.add import Request, add_texts
    from variantfix.change.names import read_asked

    asked = [word for word in words if not _is_path(word)]
    if not asked:
        raise ConfigError("no variant is named", hint="variantfix add cpu cu128")
    request = Request(tuple(map(read_asked, asked)), group, move_base, default)
    code = _change(
        [word for word in words if _is_path(word)],
        partial(add_texts, request=request),
        isolation,
        dry_run=dry_run,
        verify=verify,
        no_build=no_build,
        follow=follow,
        format_=format_,
        output_file=output_file,
        online=online,
        verbosity=verbose - quiet,
    )
    raise typer.Exit(code)


def default(
    words: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="VARIANT [PATH]...",
            help="The variant; with --none there is no VARIANT. Then the projects, as for `apply`.  [default: .]",
            show_default=False,
        ),
    ] = None,
    none: Annotated[bool, typer.Option("--none", help="Take the default variant back.")] = False,
    dry_run: DryRun = False,
    verify: Verify = False,
    no_build: NoBuild = False,
    follow: Follow = False,
    isolation: Isolation = None,
    format_: Form = "text",
    output_file: OutputFile = "",
    quiet: Quiet = False,
    verbose: Verbose = False,
) -> None:
    """Choose the variant of a bare `uv sync` and `uv run`, by a default dependency group; `--none` takes it back."""
    from variantfix.change.default import default_texts

    named = words or []
    if not none and not named:
        raise ConfigError("no variant is named", hint="variantfix default cpu, or --none")
    variant, paths = ("", named) if none else (named[0], named[1:])
    code = _change(
        paths,
        partial(default_texts, variant=variant),
        isolation,
        dry_run=dry_run,
        verify=verify,
        no_build=no_build,
        follow=follow,
        format_=format_,
        output_file=output_file,
        verbosity=verbose - quiet,
    )
    raise typer.Exit(code)


def retag(
    words: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="OLD=NEW... [PATH]...",
            help="The tags: `cu124=cu128`, `rocm6.4=rocm7.2`; then the projects, as for `apply`.  [default: .]",
            show_default=False,
        ),
    ] = None,
    torch: Annotated[
        str, typer.Option(metavar="VERSION", help="Take the bounds of torch and its companions along to this one.")
    ] = "",
    keep_names: Annotated[
        bool, typer.Option("--keep-names", help="Keep the names of extras, groups and indexes.")
    ] = False,
    check: Annotated[
        bool, typer.Option("--check", help="Only tell whether a tag has ended, and which go on; exit code 1 if so.")
    ] = False,
    dry_run: DryRun = False,
    verify: Verify = False,
    no_build: NoBuild = False,
    follow: Follow = False,
    isolation: Isolation = None,
    format_: Form = "text",
    output_file: OutputFile = "",
    quiet: Quiet = False,
    verbose: Verbose = False,
) -> None:
    """Follow PyTorch when a tag ends: names, URLs, sources, conflicts, references, pins."""
    from variantfix.change.retag import Request, read_pairs, retag_texts

    pairs = [word for word in words or [] if "=" in word]
    paths = [word for word in words or [] if "=" not in word]
    if check:
        from variantfix.cli.due import show_due

        raise typer.Exit(show_due(paths))
    if not pairs:
        raise ConfigError("no tag is named", hint="variantfix retag cu124=cu128, or --check")
    request = Request(read_pairs(pairs), torch, keep_names)
    code = _change(
        paths,
        _with_mentions(partial(retag_texts, request=request), tuple(request.tags)),
        isolation,
        dry_run=dry_run,
        verify=verify,
        no_build=no_build,
        follow=follow,
        format_=format_,
        output_file=output_file,
        verbosity=verbose - quiet,
    )
    raise typer.Exit(code)


def _with_mentions(repair_by: Prove, tags: tuple[str, ...]) -> Prove:
    """The same, with notes on the lines beside the project that name a tag."""

    def repair(texts: Mapping[str, str], settings: Settings, evidence: Evidence) -> Repair:
        from variantfix.change.spelling import mentions
        from variantfix.disk import STDIN
        from variantfix.disk.beside import lines_beside

        done = repair_by(texts, settings, evidence)
        root = next(iter(texts))
        found = lines_beside(Path(root).parent, lambda line: any(mentions(line, tag) for tag in tags))
        notes = () if root == STDIN else tuple(f"{place}: still says it: {line}" for place, line in found)
        return done._replace(notes=(*done.notes, *notes))

    return repair


def _is_path(word: str) -> bool:
    """Whether a word names a project, not a variant: `-`, `.`, a file or a path; a variant's name is none of these."""
    return word in ("-", ".", "..") or "/" in word or os.sep in word or word.endswith(".toml") or _has_project(word)


def _has_project(word: str) -> bool:
    return "=" not in word and (Path(word) / "pyproject.toml").is_file()


def _change(
    paths: Sequence[str],
    repair_by: Prove,
    isolation: str | None,
    *,
    dry_run: bool,
    verify: bool,
    no_build: bool,
    follow: bool,
    format_: str,
    output_file: str,
    verbosity: int,
    online: bool = False,
) -> int:
    """Change some projects, and return the exit code: findings that were there before are no failure."""
    from variantfix.cli import commands

    return commands.apply(
        paths,
        settings_from(None, isolation, None, None, None),
        dry_run=dry_run,
        verify=verify,
        no_build=no_build,
        follow=follow,
        output=output_from(format_, output_file, exit_zero=False, statistics=False),
        online=online,
        verbosity=verbosity,
        repair_by=repair_by,
    )
