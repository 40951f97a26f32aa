"""The `migrate` command as typer sees it. `variantfix.migrate.command` does the work."""

from __future__ import annotations

import os
from typing import Annotated

import typer

from variantfix.cli.flags import Accelerators, Ignore, Isolation, Quiet, Select, Unsafe, settings_from
from variantfix.errors import ConfigError
from variantfix.migrate.unit import Options

_DEFAULTS = Options()
_GIT, _RUN, _SHOW = "Git", "Run", "Review"
_Sources = Annotated[
    list[str],
    typer.Argument(
        metavar="SOURCE...",
        help="A folder (every project below it), a git URL, a bare repository, or `@list.txt` or `@list.jsonl` with "
        "one of these a line, perhaps with a branch and a sub-path. `status` prints the table of a migration.",
        show_default=False,
    ),
]
_Names = Annotated[
    list[str] | None,
    typer.Option("--only", metavar="@LIST", help="Only the units that are named in this list. Repeatable."),
]
_Retry = Annotated[
    list[str] | None,
    typer.Option("--retry", metavar="RESULT", help="Take units again that came out so: `failed`. Repeatable."),
]


def migrate(
    sources: _Sources,
    texts: Annotated[
        bool, typer.Option("--texts", help="The sources are data sets of file texts: JSON lines or Parquet.")
    ] = False,
    check_only: Annotated[bool, typer.Option("--check-only", help="Look for findings, and repair nothing.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Repair, but write, commit and push nothing.")] = False,
    verify: Annotated[bool, typer.Option("--verify", help="Ask the real uv before anything is written.")] = False,
    unsafe: Unsafe = None,
    accelerator: Accelerators = None,
    isolation: Isolation = None,
    select: Select = None,
    ignore: Ignore = None,
    retag: Annotated[
        list[str] | None,
        typer.Option(
            "--retag",
            metavar="OLD=NEW",
            help="Follow a tag, as `variantfix retag` does, in place of repairs. Repeatable.",
        ),
    ] = None,
    torch: Annotated[str, typer.Option(metavar="VERSION", help="With --retag: take bounds along to this torch.")] = "",
    branch: Annotated[
        str, typer.Option(help="The branch for the commit; never the default one.", rich_help_panel=_GIT)
    ] = _DEFAULTS.branch,
    title: Annotated[
        str, typer.Option(help="The first line of the commit's message.", rich_help_panel=_GIT)
    ] = _DEFAULTS.title,
    patches: Annotated[
        str, typer.Option(metavar="DIR", help="Write each commit as a file for `git am`.", rich_help_panel=_GIT)
    ] = "",
    push: Annotated[bool, typer.Option("--push", help="Push the branch to the remote.", rich_help_panel=_GIT)] = False,
    command: Annotated[
        str,
        typer.Option(
            "--exec",
            metavar="CMD",
            help="Run a shell command in each clone that changed, to open a pull request; it is told "
            "`VARIANTFIX_UNIT`, `_URL`, `_BRANCH`, `_COMMIT` and `_TITLE`.",
            rich_help_panel=_GIT,
        ),
    ] = "",
    jobs: Annotated[
        int,
        typer.Option(
            "--jobs", "-j", min=1, help="Processes.  [default: one a core]", show_default=False, rich_help_panel=_RUN
        ),
    ] = os.cpu_count() or 1,
    dask: Annotated[
        str, typer.Option(metavar="ADDRESS", help="Work on this dask.distributed cluster.", rich_help_panel=_RUN)
    ] = "",
    timeout: Annotated[
        float, typer.Option(metavar="SECONDS", min=0.1, help="For one unit.", rich_help_panel=_RUN)
    ] = _DEFAULTS.timeout,
    limit: Annotated[
        int | None, typer.Option(metavar="N", min=0, help="Take the first N units only.", rich_help_panel=_RUN)
    ] = None,
    only: _Names = None,
    retry: _Retry = None,
    state: Annotated[
        str,
        typer.Option(
            metavar="DIR",
            help="Where the journal is, a folder that is made for it.  [default: in the user's own state folder]",
            show_default=False,
            rich_help_panel=_RUN,
        ),
    ] = "",
    fresh: Annotated[
        bool, typer.Option("--fresh", help="Forget the journal and begin anew.", rich_help_panel=_RUN)
    ] = False,
    report: Annotated[
        str, typer.Option(metavar="FILE", help="Write a page to review all diffs in a browser.", rich_help_panel=_SHOW)
    ] = "",
    output: Annotated[
        str,
        typer.Option(metavar="FILE", help="With --texts: the data set with its repaired texts.", rich_help_panel=_SHOW),
    ] = "",
    output_format: Annotated[
        str,
        typer.Option("--format", metavar="FORMAT", help="`text`, or `jsonl`: an object a unit.", rich_help_panel=_SHOW),
    ] = "text",
    quiet: Quiet = False,
) -> None:
    """Check or repair many projects: folders, repositories, data sets. A run that was stopped goes on where it was."""
    from variantfix.migrate import command as work

    if sources == ["status"]:
        raise typer.Exit(work.status(state))
    if output_format not in ("text", "jsonl"):
        raise ConfigError(f"--format {output_format}: unknown", hint="text, jsonl")
    settings = settings_from(accelerator, isolation, unsafe, select, ignore)
    pairs = _pairs(retag or [])
    if pairs and title == _DEFAULTS.title:
        title = f"Follow PyTorch: {', '.join(f'{old} to {new}' for old, new in pairs)}"
    options = Options(
        settings,
        check_only,
        dry_run,
        verify,
        branch,
        title,
        push=push,
        command=command,
        timeout=timeout,
        retag=pairs,
        torch=torch,
    )
    request = work.Request(
        tuple(sources),
        options,
        as_texts=texts,
        jobs=jobs,
        limit=limit,
        only=tuple(only or ()),
        retry=tuple(retry or ()),
        state=state,
        fresh=fresh,
        dask=dask,
        patches=patches,
        report=report,
        output=output,
        format=output_format,
        quiet=quiet,
    )
    raise typer.Exit(work.migrate(request))


def _pairs(words: list[str]) -> tuple[tuple[str, str], ...]:
    """The tags of `--retag`. Raises `ConfigError` for what names none."""
    from variantfix.change.retag import read_pairs

    return tuple(read_pairs(words).items())
