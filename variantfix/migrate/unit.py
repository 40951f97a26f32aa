"""The values that go to a worker and come back: units of work, their options, their outcomes."""

from __future__ import annotations

import json
import zlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from variantfix.settings import Settings

if TYPE_CHECKING:
    from variantfix.change.requests import Request

Kind = Literal["folder", "git", "text"]
Result = Literal["changed", "clean", "foreign", "found", "refused", "failed"]

RESULTS: tuple[Result, ...] = ("changed", "clean", "foreign", "found", "refused", "failed")
"""What can become of a unit.

changed: repaired, or would be in a dry run. clean: nothing to find. foreign: not for uv, which is no failure.
found: findings, and only a check was asked for.
refused: findings that stay, for want of a fix or of leave to do it. failed: an error stopped it.
"""


@dataclass(frozen=True, slots=True)
class Unit:
    """One project, workspace, repository or text.

    `name` is its identity and never holds credentials. `location` is the folder that was named, the URL, or the data
    set; `path` leads on to the project in it. `ref` is a branch or tag, empty for the default branch. Only a text
    unit carries its `text`.
    """

    name: str
    kind: Kind
    location: str
    path: str = ""
    ref: str = ""
    text: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Options:
    """What is to be done to every unit.

    `timeout` is in seconds and holds for one unit. `author` is (name, e-mail address). `scratch` is the folder for
    clones, and `claims` that for the marks of commands that were begun; empty means the system's own temporary folder.
    `change` is what was asked for in place of repairs.
    """

    settings: Settings = field(default_factory=Settings)
    check_only: bool = False
    dry_run: bool = False
    verify: bool = False
    branch: str = "variantfix"
    title: str = "Keep the PyTorch variants apart"
    author: tuple[str, str] = ("", "")
    push: bool = False
    command: str = ""
    timeout: float = 300.0
    scratch: str = ""
    claims: str = ""
    change: Request | None = None

    @property
    def changes(self) -> bool:
        """Whether anything outside the journal may be changed."""
        return not (self.check_only or self.dry_run)


@dataclass(frozen=True, slots=True)
class UnitOutcome:
    """What became of one unit: small values only, texts compressed.

    `findings` is a JSON list of what `variantfix schema` calls findings, `files` one of the files that were looked at,
    each with whether it changes. `verdict` is what uv said, `commit` the id of the commit that holds the repair. `diff`
    is a unified diff or a commit's patch, `plan` the files of a folder that are still to be written, `text` the
    repaired text of a data set's row: each packed by `pack`, and empty for none. `seconds` is wall-clock time.
    """

    name: str
    result: Result
    error: str = ""
    repaired: int = 0
    remaining: int = 0
    findings: str = "[]"
    files: str = "[]"
    verdict: str = ""
    diff: bytes = b""
    commit: str = ""
    plan: bytes = b""
    text: bytes = b""
    seconds: float = 0.0


def pack(value: Any) -> bytes:
    """A JSON value, compressed."""
    return zlib.compress(json.dumps(value, separators=(",", ":")).encode())


def unpack(data: bytes) -> Any:
    """The value that was packed."""
    return json.loads(zlib.decompress(data))
