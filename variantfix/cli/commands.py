"""The commands: each takes plain values, writes data to stdout and talk to stderr, and returns the exit code."""

from __future__ import annotations

import os
from functools import partial
from typing import TYPE_CHECKING

from variantfix.cli.held import Held, held
from variantfix.cli.many import each
from variantfix.cli.output import Output, annotate, write_outcomes, write_statistics
from variantfix.disk import STDIN
from variantfix.errors import ConfigError, ForeignError, NothingError, VariantfixError, VerifyError, suggestion
from variantfix.projects import Failed, done, failed, has_lock, named, process, write
from variantfix.repair.pipeline import check_texts, repair_texts
from variantfix.report import text
from variantfix.report.paint import say
from variantfix.settings import Settings
from variantfix.terminal import one_line

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from variantfix.projects import Done, Outcome
    from variantfix.repair.pipeline import RepairTexts

QUIET, NORMAL, VERBOSE = -1, 0, 1
PLAIN = Output()


def check(
    paths: Sequence[str],
    settings: Settings | None = None,
    *,
    output: Output = PLAIN,
    online: bool = False,
    jobs: int | None = None,
    stdin_filename: str = "",
    verbosity: int = NORMAL,
) -> int:
    """Show the findings on some paths; nothing is changed. `jobs` is the number of processes for many of them."""
    look_by = repair_texts if output.format == "diff" else check_texts
    look = partial(
        process,
        settings=settings or Settings(),
        repair_by=look_by,
        online=online,
        stdin_filename=_for_stdin(stdin_filename, paths),
    )
    outcomes = each(
        look, named(paths, skip=output.skip_foreign), 1 if online else jobs
    )  # indexes are asked politely, one path at a time
    said = held(output)
    for outcome in outcomes:
        if isinstance(outcome, Failed):
            text.write_error(outcome, said.talk, alone=not _skips(outcomes, output))
        elif verbosity > QUIET:
            if verbosity >= VERBOSE:
                _show_evidence(outcome, said)
            if output.is_text:
                text.write_findings(outcome.repair, outcome.repair.plan.found, said.data)
    _show_data(outcomes, output, said)
    _summarise(outcomes, verbosity, "would be repaired", said, applied=False)
    said.emit()
    return output.code(max(_exit_code(outcomes, output), _would_change(outcomes)))


def apply(
    paths: Sequence[str],
    settings: Settings,
    *,
    dry_run: bool = False,
    verify: bool = False,
    no_build: bool = False,
    follow: bool = False,
    online: bool = False,
    jobs: int | None = None,
    stdin_filename: str = "",
    output: Output = PLAIN,
    verbosity: int = NORMAL,
    repair_by: RepairTexts = repair_texts,
) -> int:
    """Repair some paths; a dry run shows the diff and writes nothing, `verify` has uv prove it before the write.

    Files outside of a project's folder are written with `follow` alone. `repair_by` is what is done to each path.
    """
    if verify:
        repair_by = _verified(repair_by, no_build=no_build)
    repair = partial(
        process,
        settings=settings,
        repair_by=repair_by,
        follow=follow,
        online=online,
        stdin_filename=_for_stdin(stdin_filename, paths),
    )
    show = partial(_show_repairs, dry_run=dry_run, output=output, verbosity=verbosity)
    listed, processes = named(paths, skip=output.skip_foreign), 1 if online else jobs or (1 if verify else None)
    outcomes = _told(repair, listed, processes, quiet=verbosity <= QUIET) if verify else each(repair, listed, processes)
    said = show(outcomes)  # before anything is written: if this fails, nothing is
    written: tuple[str, ...] = ()
    if not dry_run:
        repaired = _write(outcomes, repair)
        said = said if repaired == outcomes else show(repaired)
        outcomes, written = repaired, tuple(file for outcome in done(repaired) for file in outcome.written)
    said.emit(written)
    return output.code(max(_exit_code(outcomes, output), dry_run and _would_change(outcomes)))


def _for_stdin(name: str, paths: Sequence[str]) -> str:
    """The name of the file that standard input stands for. Raises `ConfigError` where it is not read at all."""
    if name and STDIN not in paths:
        raise ConfigError("--stdin-filename names standard input, and no path is `-`", hint="give `-` as the path")
    return name


def _told(work: Callable[[str], Outcome], paths: Sequence[str], jobs: int | None, *, quiet: bool) -> list[Outcome]:
    """What `each` gives, with a word on a terminal of what uv is asked about meanwhile."""
    from variantfix.cli.working import working

    with working(quiet=quiet) as tell:
        if jobs != 1:
            tell(f"uv locks what comes out of {len(paths)} projects")
            return each(work, paths, jobs)
        outcomes = []
        for number, path in enumerate(paths, 1):
            count = f" ({number} of {len(paths)})" if len(paths) > 1 else ""
            tell(f"{path}: repaired in a scratch copy, and locked by uv{count}")
            outcomes.append(work(path))
        return outcomes


def _write(outcomes: Sequence[Outcome], repair: Callable[[str], Outcome]) -> list[Outcome]:
    """Write repairs; a path that shares a file with an earlier one is repaired anew, on what that one left."""
    taken: set[str] = set()
    written = []
    for outcome in outcomes:
        files = set() if isinstance(outcome, Failed) else set(map(os.path.realpath, outcome.repair.before))
        now = write(repair(outcome.path) if files & taken else outcome)
        taken.update(os.path.realpath(file) for each in done([now]) for file in each.written)
        written.append(now)
    return written


def _show_repairs(outcomes: Sequence[Outcome], *, dry_run: bool, output: Output, verbosity: int) -> Held:
    said = held(output)
    for outcome in outcomes:
        if isinstance(outcome, Failed):
            text.write_error(outcome, said.talk, alone=not _skips(outcomes, output))
        else:
            _show_repair(outcome, said, is_text=output.is_text, dry_run=dry_run, verbosity=verbosity)
    _show_data(outcomes, output, said)
    _summarise(outcomes, verbosity, "would be repaired" if dry_run else "repaired", said, applied=not dry_run)
    return said


def _verified(repair_by: RepairTexts, *, no_build: bool) -> RepairTexts:
    # Imported for those who ask for it: it reads locks and runs uv.
    from variantfix.verify.loop import repair_verified

    return partial(repair_verified, no_build=no_build, repair_by=repair_by)


def verify(
    path: str,
    settings: Settings,
    *,
    fresh: bool = False,
    no_build: bool = False,
    form: str = "text",
    verbosity: int = NORMAL,
) -> int:
    """Show what a project's lock holds for each variant, or with `fresh` one that uv makes in a scratch copy."""
    from variantfix.cli.working import working
    from variantfix.report import matrix, matrix_json
    from variantfix.verify import loop

    said = held(Output(form))
    try:
        with working(quiet=verbosity <= QUIET) as tell:
            tell(f"{path}: uv locks a scratch copy" if fresh else f"{path}: its lock is walked")
            verdict = loop.verify(path or ".", settings, fresh=fresh, no_build=no_build)
    except VariantfixError as error:
        text.write_error(Failed(path, error), said.talk)
        said.emit()
        return 1 if isinstance(error, VerifyError) else error.exit_code
    if form == "json":
        matrix_json.write_json(verdict, said.data)
    elif form == "markdown":
        matrix.write_markdown(verdict, said.data)
    elif verdict.variants and verbosity > QUIET:
        matrix.write_matrix(verdict, said.data)
    if verbosity > QUIET:
        for line in matrix.summary(verdict).splitlines():
            say(line, said.talk)
    said.emit()
    return int(not verdict.isolated)


def explain(name: str | None, *, form: str = "text") -> int:
    """Show the page of a rule, or the list of all; `json` is the same as data.

    Raises `ConfigError`, with the nearest name, for a rule that does not exist.
    """
    from variantfix.report.explain import write_json, write_list, write_page
    from variantfix.rules.every import NAMES, RULES

    said = held(Output("page"))
    if name is not None and name not in NAMES:
        raise ConfigError(f"unknown rule {name!r}", hint=suggestion(name, NAMES))
    asked = [rule for rule in RULES if name in (None, rule.name)]
    if form == "json":
        write_json(asked, said.data)
    elif name is None:
        write_list(asked, said.data)
    else:
        write_page(asked[0], said.data)
    said.emit()
    return 0


def builds(tag: str, torch: str, python: str, platform: str, *, form: str = "text") -> int:
    """Show which torch exists for what is asked; 1 where none does.

    Raises `ConfigError` for a tag, version or platform that nothing is known by.
    """
    from variantfix.pytorch import catalog, query
    from variantfix.report.builds import write_builds, write_json

    for name, known, what in ((tag, catalog.builds(), "accelerator"), (platform, query.PLATFORMS, "platform")):
        if name and name not in known:
            raise ConfigError(f"unknown {what} {name!r}", hint=suggestion(name, known, most=20))
    try:
        found = query.find(tag, torch, python, platform)
    except ValueError as error:
        raise ConfigError(f"--torch {torch}: {error}") from None
    traps = query.traps(tag) if not (torch or python or platform) else {}
    said = held(Output(form))
    others = query.elsewhere(tag, platform) if tag or form == "json" else ()
    (write_json if form == "json" else write_builds)(found, traps, others, said.data)
    if not found:
        print("no build of torch is known for that", file=said.talk)
    said.emit()
    return int(not found)


def _show_data(outcomes: Sequence[Outcome], output: Output, said: Held) -> None:
    if output.statistics:
        write_statistics(outcomes, said.data if output.is_text else said.talk)
    if not output.is_text:
        write_outcomes(outcomes, output, said.data, said.talk)
    annotate(outcomes, output, said.talk)


def _show_repair(outcome: Done, said: Held, *, is_text: bool, dry_run: bool, verbosity: int) -> None:
    repair = outcome.repair
    # The diff and the text of standard input are data; what is said about them must not mix with it.
    piped = dry_run or outcome.path == STDIN
    if verbosity > QUIET:
        if verbosity >= VERBOSE:
            _show_evidence(outcome, said)
        talk = said.talk if piped or not is_text else said.data
        for note in repair.notes:
            say(one_line(note), talk)
        repaired = repair.plan.repaired
        found = (*repaired, *repair.plan.remaining)
        text.write_findings(repair, found, talk, fixed=() if dry_run else repaired)
        if repair.proof:
            say(f"verified: {repair.proof}", said.talk)
    if not is_text:
        return
    if dry_run:
        from variantfix.report.diff import write_diff  # a check shows none

        write_diff(repair.before, repair.after, said.data, said.talk)
    elif outcome.path == STDIN:
        (after,) = repair.after.values()
        said.add_bytes(after.encode())


def _show_evidence(outcome: Done, said: Held) -> None:
    text.write_variants(outcome.repair, said.talk)
    if outcome.repair.plan.variants and outcome.lock:
        say(outcome.lock, said.talk)


def _summarise(outcomes: Sequence[Outcome], verbosity: int, verb: str, said: Held, *, applied: bool) -> None:
    if verbosity > QUIET:
        say(text.summary(outcomes, verb=verb) or "no project among these paths", said.talk)
        locks = applied and any(map(has_lock, outcomes))
        for step in text.next_steps(outcomes, applied=applied, locks=locks):
            say(step, said.talk)
        for note in text.unknown(outcomes):
            say(note, said.talk)


def _would_change(outcomes: Sequence[Outcome]) -> int:
    return int(any(outcome.repair.changed for outcome in done(outcomes)))


def _skips(outcomes: Sequence[Outcome], output: Output) -> bool:
    """Whether what is not uv's, or has nothing to do, is passed over: named alone, somebody expects something of it."""
    return output.skip_foreign or len(outcomes) > 1


def _exit_code(outcomes: Sequence[Outcome], output: Output) -> int:
    errors = [outcome.error for outcome in failed(outcomes)]
    if _skips(outcomes, output):
        errors = [error for error in errors if not isinstance(error, ForeignError | NothingError)]
    codes = [error.exit_code for error in errors]
    remaining = any(outcome.repair.plan.remaining for outcome in done(outcomes))
    return max([*codes, int(remaining)])
