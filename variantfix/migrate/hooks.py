"""The command that a user wants run for every repository that changed: once, even if runs are killed."""

from __future__ import annotations

import hashlib
import json
import os
from pathlib import Path
from typing import TYPE_CHECKING

from variantfix import disk
from variantfix.credentials import mask_all
from variantfix.errors import InputError
from variantfix.process import ProgramError, run

if TYPE_CHECKING:
    from variantfix.migrate import git
    from variantfix.migrate.unit import Options, UnitOutcome


def run_command(outcome: UnitOutcome, clone: git.Clone, options: Options) -> None:
    """Run the command in a clone, with the branch checked out; see `environment` for what it is told.

    A claim on disk is made before, and holds the result after: a command that a killed run began is not run again.
    Raises `ProgramError` where it fails, `InputError` where nobody knows how far it came.
    """
    claim = Path(options.claims or clone.folder + "/..", hashlib.sha256(outcome.name.encode()).hexdigest()[:16])
    try:
        with claim.open("x"):
            pass
    except FileExistsError:
        _report(claim.read_text())
        return
    env = {**os.environ, **environment(outcome, clone, options)}
    try:
        code, out, err = run(["sh", "-c", options.command], cwd=clone.folder, env=env, deadline=clone.deadline)
        result = {"code": code, "said": "".join((err or out).strip().splitlines()[-1:])}
    except ProgramError as error:
        result = {"code": -1, "said": str(error)}
    disk.write_new(claim, json.dumps(mask_all(result)))
    _report(claim.read_text())


def environment(outcome: UnitOutcome, clone: git.Clone, options: Options) -> dict[str, str]:
    """What the command is told of its repository."""
    return {
        "GIT_TERMINAL_PROMPT": "0",
        "VARIANTFIX_UNIT": outcome.name,
        "VARIANTFIX_URL": clone.url,
        "VARIANTFIX_BRANCH": options.branch,
        "VARIANTFIX_COMMIT": outcome.commit,
        "VARIANTFIX_TITLE": options.title,
    }


def _report(claim: str) -> None:
    if not claim:
        raise InputError(
            "the command was begun by a run that was killed", hint="look how far it came, then --retry failed"
        )
    result = json.loads(claim)
    if result["code"]:
        raise ProgramError(f"the command failed: {result['said'] or 'code ' + str(result['code'])}")
