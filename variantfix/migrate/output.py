"""What a migration gives when it is done: patches, data sets, the review page, data for programs."""

from __future__ import annotations

import io
import json
import os
import shlex
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

from variantfix import __version__
from variantfix.credentials import mask
from variantfix.disk import replacing
from variantfix.migrate import texts, views
from variantfix.migrate.told import MEANING, WORDS
from variantfix.report.formats import write_report, write_statistics
from variantfix.terminal import guarded

if TYPE_CHECKING:
    from variantfix.migrate.journal import Journal
    from variantfix.migrate.request import Request


def write_views(journal: Journal, request: Request) -> None:
    """Write what was asked for: patches, the repaired data set, the review page.

    Raises `InputError` where one cannot be written.
    """
    if request.patches:
        private = views.write_patches(journal.outcomes(), Path(request.patches))
        if private:
            print(f"note: {private} of the patches hold credentials, as the files do", file=sys.stderr)
    if request.output:
        file = Path(request.sources[0])
        texts.copy(file, Path(request.output), journal.texts())
    if request.report:
        from variantfix.report import html

        html.write_page(map(views.page_record, journal.outcomes()), Path(request.report), _about(journal, request))


def _about(journal: Journal, request: Request) -> dict[str, Any]:
    """What the page says of the migration; of a command for each repository it says nothing, it may hold a token."""
    mood = "dry run" if request.options.dry_run else "check" if request.options.check_only else ""
    words = [mask(word) for word in request.words]
    for place, word in enumerate(words):
        if words[place - 1 : place] == ["--exec"] or word.startswith("--exec="):
            words[place] = "--exec=***" if word.startswith("--exec=") else "***"
    made = {"mood": mood, "version": __version__, "begun": journal.meta("begun"), "command": shlex.join(words)}
    return {**made, "meanings": MEANING, "words": WORDS}


def write_data(journal: Journal, request: Request) -> None:
    """Write what programs are told, to standard output or to a file.

    Raises `InputError` where the file cannot be written.
    """
    if request.output_file:
        with replacing(Path(request.output_file)) as file:
            stream = io.TextIOWrapper(file, "utf-8")
            _write_data(journal, request, stream)
            stream.detach()  # what is written is flushed, and the file stays open for its own end
    elif request.format != "text":
        is_json = request.format in ("json", "jsonl", "sarif")  # which holds no character that could not be written
        _write_data(journal, request, sys.stdout if is_json else guarded(sys.stdout))
    if request.format == "text" and os.environ.get("GITHUB_ACTIONS") == "true":
        write_report(views.report(journal.outcomes(), writes=request.options.changes), "github", sys.stderr)
    if request.statistics:
        findings = (json.loads(outcome.findings) for outcome in journal.outcomes())
        rules = (finding["rule"] for listed in findings for finding in listed if finding["status"] != "ignored")
        write_statistics(rules, sys.stdout if request.format == "text" else sys.stderr)


def _write_data(journal: Journal, request: Request, stream: TextIO) -> None:
    match request.format:
        case "text":
            views.write_list(journal.outcomes(), stream, verb=request.verb)
        case "jsonl":
            views.write_jsonl(journal.outcomes(), stream)
        case "diff":
            views.write_diff(journal.outcomes(), stream)
        case form:
            write_report(views.report(journal.outcomes(), writes=request.options.changes), form, stream)
