"""The `migrate` command as typer sees it. `variantfix.migrate.command` does the work."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Annotated

import typer

from variantfix.cli.flags import (
    CHANGE,
    AsGroups,
    ExitZero,
    KeepNames,
    MoveBase,
    OutputFile,
    Quiet,
    Statistics,
    Torch,
    Unsafe,
)
from variantfix.cli.options import Reading, Rules, listed, settings_from, with_options
from variantfix.errors import ConfigError, suggestion
from variantfix.migrate.unit import Options
from variantfix.namedtuple import NamedTuple
from variantfix.report.formats import FORMATS

if TYPE_CHECKING:
    from variantfix.change.requests import Request

_DEFAULTS = Options()
_FORMATS = (*FORMATS, "jsonl")
_GIT, _RUN, _SHOW = "Git", "Run", "Review"


class Changing(NamedTuple):
    """One change that is carried out on every project, in place of repairs."""

    add: Annotated[
        list[str] | None,
        typer.Option(
            "--add",
            metavar="VARIANT[=TAG]",
            help="Give projects variants, as `variantfix add` does: `cpu,cu128` (a comma list). Repeatable.",
            rich_help_panel=CHANGE,
        ),
    ] = None
    retag: Annotated[
        list[str] | None,
        typer.Option(
            "--retag",
            metavar="OLD=NEW",
            help="Follow a tag, as `variantfix retag` does: `cu124=cu128` (a comma list). Repeatable.",
            rich_help_panel=CHANGE,
        ),
    ] = None
    default: Annotated[
        str,
        typer.Option(
            "--default",
            metavar="VARIANT",
            help="Choose what a bare `uv sync` gets, as `variantfix default` does; with --add, of the new variants.",
            rich_help_panel=CHANGE,
        ),
    ] = ""
    no_default: Annotated[
        bool, typer.Option("--no-default", help="Take the default variant back.", rich_help_panel=CHANGE)
    ] = False
    torch: Torch = ""
    keep_names: KeepNames = False
    group: AsGroups = False
    move_base: MoveBase = False

    @property
    def request(self) -> Request | None:
        """The change that is asked for; none where repairs are. Raises `ConfigError` for one that does not hold."""
        asked = [
            flag
            for flag, value in (
                ("--add", self.add),
                ("--retag", self.retag),
                ("--default", self.default and not self.add),
                ("--no-default", self.no_default),
            )
            if value
        ]
        if len(asked) > 1:
            raise ConfigError(f"{' and '.join(asked)}: one change at a time", hint="a migration for each")
        self._check_belongs()
        if not asked:
            return None
        from variantfix.change import add, default, retag
        from variantfix.change.names import read_all

        if self.add:
            variants, counterpart = read_all(listed(self.add))
            return add.Request(variants, self.group, self.move_base, self.default, counterpart)
        if self.retag:
            return retag.Request(retag.read_pairs(listed(self.retag)), self.torch, self.keep_names)
        return default.Request(self.default)

    def _check_belongs(self) -> None:
        """Raise `ConfigError` for an option of a change that is not asked for."""
        for flag, value, change, asked in (
            ("--torch", self.torch, "--retag", self.retag),
            ("--keep-names", self.keep_names, "--retag", self.retag),
            ("--group", self.group, "--add", self.add),
            ("--move-base", self.move_base, "--add", self.add),
        ):
            if value and not asked:
                raise ConfigError(f"{flag} goes with {change}")


class Committing(NamedTuple):
    """What becomes of a repository that changed."""

    branch: Annotated[
        str, typer.Option(help="The branch for the commit; never the default one.", rich_help_panel=_GIT)
    ] = _DEFAULTS.branch
    title: Annotated[str, typer.Option(help="The first line of the commit's message.", rich_help_panel=_GIT)] = (
        _DEFAULTS.title
    )
    patches: Annotated[
        str, typer.Option(metavar="DIR", help="Write each commit as a file for `git am`.", rich_help_panel=_GIT)
    ] = ""
    push: Annotated[bool, typer.Option("--push", help="Push the branch to the remote.", rich_help_panel=_GIT)] = False
    command: Annotated[
        str,
        typer.Option(
            "--exec",
            metavar="CMD",
            help="Run a shell command in each clone that changed, to open a pull request; it is told "
            "`VARIANTFIX_UNIT`, `_URL`, `_BRANCH`, `_COMMIT` and `_TITLE`.",
            rich_help_panel=_GIT,
        ),
    ] = ""


class Going(NamedTuple):
    """Which units are taken, on how many workers, and where the journal is."""

    jobs: Annotated[
        int,
        typer.Option(
            "--jobs", "-j", min=1, help="Processes.  [default: one a core]", show_default=False, rich_help_panel=_RUN
        ),
    ] = os.cpu_count() or 1
    dask: Annotated[
        str, typer.Option(metavar="ADDRESS", help="Work on this dask.distributed cluster.", rich_help_panel=_RUN)
    ] = ""
    timeout: Annotated[float, typer.Option(metavar="SECONDS", min=0.1, help="For one unit.", rich_help_panel=_RUN)] = (
        _DEFAULTS.timeout
    )
    limit: Annotated[
        int | None, typer.Option(metavar="N", min=0, help="Take the first N units only.", rich_help_panel=_RUN)
    ] = None
    only: Annotated[
        list[str] | None,
        typer.Option(
            "--only",
            metavar="@LIST",
            help="Only the units that are named in this list. Repeatable.",
            rich_help_panel=_RUN,
        ),
    ] = None
    retry: Annotated[
        list[str] | None,
        typer.Option(
            "--retry",
            metavar="RESULT",
            help="Take units again that came out so: `failed`. Repeatable.",
            rich_help_panel=_RUN,
        ),
    ] = None
    state: Annotated[
        str,
        typer.Option(
            metavar="DIR",
            help="Where the journal is, a folder that is made for it.  [default: in the user's own state folder]",
            show_default=False,
            rich_help_panel=_RUN,
        ),
    ] = ""
    fresh: Annotated[bool, typer.Option("--fresh", help="Forget the journal and begin anew.", rich_help_panel=_RUN)] = (
        False
    )


class Reviewing(NamedTuple):
    """What is shown of it all."""

    report: Annotated[
        str, typer.Option(metavar="FILE", help="Write a page to review all diffs in a browser.", rich_help_panel=_SHOW)
    ] = ""
    output: Annotated[
        str,
        typer.Option(metavar="FILE", help="With --texts: the data set with its repaired texts.", rich_help_panel=_SHOW),
    ] = ""
    output_format: Annotated[
        str,
        typer.Option(
            "--format",
            metavar="FORMAT",
            help="As for `check`: `text`, `json`, `sarif`, `github`, `diff`; or `jsonl`, an object a unit.",
            rich_help_panel="Output",
        ),
    ] = "text"
    output_file: OutputFile = ""
    exit_zero: ExitZero = False
    statistics: Statistics = False
    quiet: Quiet = False


@with_options
def migrate(
    ctx: typer.Context,
    sources: Annotated[
        list[str],
        typer.Argument(
            metavar="SOURCE",
            help="A folder (every project below it), a git URL, a bare repository, or `@list.txt` or `@list.jsonl` "
            "with one of these a line, perhaps with a branch and a sub-path. `status` prints the table of a migration.",
            show_default=False,
        ),
    ],
    texts: Annotated[
        bool, typer.Option("--texts", help="The sources are data sets of file texts: JSON lines or Parquet.")
    ] = False,
    check_only: Annotated[bool, typer.Option("--check-only", help="Look for findings, and repair nothing.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Repair, but write, commit and push nothing.")] = False,
    verify: Annotated[bool, typer.Option("--verify", help="Ask the real uv before anything is written.")] = False,
    unsafe: Unsafe = None,
    *,
    reading: Reading,
    rules: Rules,
    changing: Changing,
    committing: Committing,
    going: Going,
    reviewing: Reviewing,
) -> None:
    """Check, repair or change many projects: folders, repositories, data sets. A stopped run goes on where it was."""
    from variantfix.migrate import command as work
    from variantfix.migrate.request import Request

    if sources == ["status"]:
        raise typer.Exit(work.status(going.state))
    if (form := reviewing.output_format) not in _FORMATS:
        raise ConfigError(f"--format: unknown format {form!r}", hint=suggestion(form, _FORMATS))
    change = changing.request
    if change and check_only:
        raise ConfigError("--check-only looks for findings", hint="--dry-run shows what a change would do")
    options = Options(
        settings_from(reading, unsafe=unsafe, rules=rules),
        check_only,
        dry_run,
        verify,
        committing.branch,
        _title(committing.title, change),
        push=committing.push,
        command=committing.command,
        timeout=going.timeout,
        change=change,
    )
    request = Request(
        tuple(sources),
        options,
        as_texts=texts,
        jobs=going.jobs,
        limit=going.limit,
        only=tuple(going.only or ()),
        retry=tuple(going.retry or ()),
        state=going.state,
        fresh=going.fresh,
        dask=going.dask,
        patches=committing.patches,
        report=reviewing.report,
        output=reviewing.output,
        format=form,
        output_file=reviewing.output_file,
        exit_zero=reviewing.exit_zero,
        statistics=reviewing.statistics,
        words=("variantfix", *ctx.obj),
        quiet=reviewing.quiet,
    )
    raise typer.Exit(work.migrate(request))


def _title(given: str, change: Request | None) -> str:
    """The first line of the commits: what was given, else what the change says of itself."""
    if change is None or given != _DEFAULTS.title:
        return given
    from variantfix.change.requests import title

    return title(change)
