"""The command: a migration from start to summary, and its status."""

from __future__ import annotations

import hashlib
import json
import os
import sys
from contextlib import contextmanager
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING

from variantfix.credentials import mask
from variantfix.errors import ConfigError
from variantfix.migrate import git, state
from variantfix.migrate import sources as origin
from variantfix.migrate.journal import open_journal, read_journal
from variantfix.migrate.lanes import dask_lanes, local_lanes
from variantfix.migrate.output import write_data, write_views
from variantfix.migrate.progress import counted, progress
from variantfix.migrate.run import register, run
from variantfix.migrate.told import MEANING, why
from variantfix.migrate.unit import RESULTS
from variantfix.report.paint import say
from variantfix.terminal import guarded
from variantfix.uv.program import find_uv

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from contextlib import AbstractContextManager

    from variantfix.migrate.journal import Journal, Row
    from variantfix.migrate.progress import Show
    from variantfix.migrate.request import Request
    from variantfix.migrate.unit import Options, Unit

_NOT_FACTS = ("timeout", "scratch", "claims")


def migrate(request: Request) -> int:
    """Carry out a migration, or what is left of one; returns the exit code.

    Raises `ConfigError` and `InputError` for what concerns the whole of it; what concerns one unit is its outcome.
    """
    request = _checked(request)
    facts = _facts(request)
    folder = Path(request.state) if request.state else _default_state(facts)
    with open_journal(folder, facts, fresh=request.fresh) as journal:
        options = _prepare(request, folder)
        _take_again(journal, request.retry, Path(options.claims))
        total = register(journal, _units(request))
        _work(journal, request, options, total)
        write_views(journal, request)
        write_data(journal, request)
        return _finish(journal, request, folder)


def status(named: str) -> int:
    """Print the table of units of a migration, or of each that was begun here; returns the exit code.

    Raises `ConfigError` where none was, and `InputError` for a folder that holds none.
    """
    found = [Path(named)] if named else list(_begun_here())
    if not found:
        raise ConfigError("no migration was begun in this folder", hint="name its folder with --state")
    for folder in found:
        with read_journal(folder) as journal:
            sources = " ".join(json.loads(journal.meta("sources")))
            say(f"{folder}: {sources}: {counted(journal.counts())}", sys.stderr)
            print("stage    result   seconds  tries  repaired  remaining  unit")
            for row in journal.rows():
                say(_shown(row), guarded(sys.stdout))
    return 0


def _shown(row: Row) -> str:
    seconds = "" if row.seconds is None else f"{row.seconds:.2f}"
    numbers = f"{seconds:>7}  {row.tries:>5}  {row.repaired:>8}  {row.remaining:>9}"
    error = f": {why(row.error)}" if row.error else ""
    return f"{row.stage:8} {row.result:8} {numbers}  {row.name}{error}"


def _checked(request: Request) -> Request:
    """The request, if it holds together."""
    options = request.options
    _check_commits(request, wanted=bool(options.push or options.command or request.patches))
    if request.output and not (request.as_texts and len(request.sources) == 1):
        raise ConfigError("--output goes with --texts and one data set")
    files = (("--report", request.report), ("--output", request.output), ("--output-file", request.output_file))
    for flag, file in files:
        if file and not Path(file).absolute().parent.is_dir():
            raise ConfigError(f"{flag} {file}: there is no such folder", hint=f"mkdir {Path(file).parent}")
    if request.patches and os.path.lexists(request.patches) and not Path(request.patches).is_dir():
        raise ConfigError(f"--patches {request.patches}: not a folder", hint="name a new one")
    for result in request.retry:
        if result not in RESULTS:
            raise ConfigError(f"--retry {result}: no such result", hint=", ".join(RESULTS))
    if options.verify:
        find_uv()  # or every unit would say that there is none
    git.check_branch(options.branch)
    if not options.changes or request.as_texts or not origin.may_be_cloned(request.sources):
        return request
    needs_author = bool(options.push or options.command or request.patches)
    author = git.identity() if needs_author else git.any_identity()
    return replace(request, options=replace(options, author=author))


def _check_commits(request: Request, *, wanted: bool) -> None:
    """Raise `ConfigError` where commits are `wanted` and nothing makes one."""
    options = request.options
    if request.as_texts and (wanted or options.verify):
        raise ConfigError("--texts: a text has no repository", hint="leave out --push, --patches, --exec and --verify")
    if wanted and not options.changes:
        raise ConfigError("--dry-run and --check-only make no commit", hint="leave out --push, --patches and --exec")
    if wanted and not origin.may_be_cloned(request.sources):
        why = "folders are repaired where they are, and nothing is committed"
        raise ConfigError(f"--push, --patches and --exec need a repository: {why}", hint="name its URL: file:///…")


def _facts(request: Request) -> dict[str, str]:
    """What a migration is: the sources, and every option that has a say in the outcome."""
    options = {name: value for name, value in asdict(request.options).items() if name not in _NOT_FACTS}
    facts = {"sources": json.dumps([mask(source) for source in request.sources]), "texts": str(request.as_texts)}
    return facts | {name: json.dumps(value, sort_keys=True) for name, value in options.items()}


def _default_state(facts: Mapping[str, str]) -> Path:
    """The folder of a migration in the user's own: told by what it is, and by the folder that names are seen from."""
    here = Path.cwd()
    found = here.stat()
    what = {**facts, "folder": str(here), "identity": f"{found.st_dev}:{found.st_ino}"}
    digest = hashlib.sha256(json.dumps(what, sort_keys=True).encode()).hexdigest()[:16]
    return state.user_folder() / f"migrate-{digest}"


def _begun_here() -> Iterator[Path]:
    """The folders of the migrations that were begun in the current folder."""
    here = str(Path.cwd())
    for file in sorted(state.user_folder().glob("*/journal.sqlite")):
        with read_journal(file.parent) as journal:
            if journal.meta("folder") == here:
                yield file.parent


def _prepare(request: Request, folder: Path) -> Options:
    """The folders that workers use; clones that a killed run left are removed."""
    scratch, claims = folder.absolute() / "scratch", folder.absolute() / "claims"
    state.make_empty(scratch)
    if request.fresh:
        state.make_empty(claims)
    state.make_own(claims)
    # The workers of a cluster may not see this folder.
    return replace(request.options, scratch="" if request.dask else str(scratch), claims=str(claims))


def _take_again(journal: Journal, results: tuple[str, ...], claims: Path) -> None:
    for name in journal.retry(results) if results else ():
        (claims / hashlib.sha256(name.encode()).hexdigest()[:16]).unlink(missing_ok=True)


def _units(request: Request) -> Iterator[Unit]:
    only = frozenset().union(*map(origin.read_names, request.only)) if request.only else None
    return origin.units(request.sources, as_texts=request.as_texts, limit=request.limit, only=only)


def _work(journal: Journal, request: Request, options: Options, total: int) -> None:
    done = sum(journal.counts().get(result, 0) for result in RESULTS)
    batch = max(1, total // (4 * request.jobs))
    opened = dask_lanes(request.dask) if request.dask else local_lanes(request.jobs)
    with _hinted(request), opened as lanes, _progress(total - done, request) as show:
        run(journal, _units(request), options, lanes, batch=batch, show=show)


def _progress(left: int, request: Request) -> AbstractContextManager[Show]:
    return progress(max(0, left), quiet=request.quiet, verb=request.verb)


@contextmanager
def _hinted(request: Request) -> Iterator[None]:
    try:
        yield
    except KeyboardInterrupt:
        if not request.quiet:
            print("interrupted: the same command goes on where this one stopped", file=sys.stderr)
        raise


def _finish(journal: Journal, request: Request, folder: Path) -> int:
    counts = journal.counts()
    if not request.quiet:
        mood = "dry run: " if request.options.dry_run else ""
        say(f"{mood}{counted(counts)}; journal: {folder}", sys.stderr)
        if counts.get("refused"):
            say(f"refused: {MEANING['refused']}", sys.stderr)
    if counts.get("failed"):
        return 2
    left = counts.get("refused") or counts.get("found") or journal.remaining()
    wanting = bool(left or (request.options.dry_run and counts.get("changed")))
    return int(wanting and not request.exit_zero)
