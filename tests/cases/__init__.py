"""Cases: before and after of one project each, with what variantfix and the real uv say of them.

A case is a folder, `<rule>/<name>/`:

- `before.toml`, or `before/` with the files of a workspace;
- `after.toml` or `after/`, where `apply` changes something;
- `uv.lock` and `uv.toml`, optional: what lies beside the project;
- `findings.txt`, what `check` prints; empty or absent where it says nothing;
- `case.toml`, optional: `settings` for the run, and under `[uv]` what the real uv is to say.

`[uv]` has `before` and `after`, each one of these:

- `isolated`: the lock is accepted, and no variant's closure leaks, alone or beside what it can be combined with;
- `locked`: the lock is accepted, and every selection of a variant is;
- `refused: WORDS`: uv does not lock it, and says the words;
- `leaks: WORDS`: it is locked, and a leak of some variant has the words;
- `bare: NAME VERSION`: it is locked, and the bare closure on Linux holds that build;
- `warns: WORDS`: uv locks it with a warning that has the words.

and `versions`, by default `["newest"]`. `{pypi}` in a file stands for the URL of PyPI's simple index.
"""

from __future__ import annotations

import io
import os
import sys
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from variantfix.cli import commands
from variantfix.detect.beside import Evidence, LockFile
from variantfix.pytorch import catalog
from variantfix.settings import read_settings

if TYPE_CHECKING:
    from collections.abc import Mapping

    from variantfix import Settings

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

FOLDER = Path(__file__).parent
UV_VERSIONS = ("newest", "0.5.5")


@dataclass(frozen=True)
class Case:
    """One case; texts are by path relative to the project."""

    name: str
    folder: Path
    options: Mapping[str, Any] = field(default_factory=dict)

    @cached_property
    def before(self) -> dict[str, str]:
        """The project before."""
        return _texts(self.folder, "before")

    @cached_property
    def after(self) -> dict[str, str]:
        """The project after; the same as before where nothing is to be changed."""
        return _texts(self.folder, "after") or self.before

    @property
    def findings(self) -> str:
        """What check prints."""
        path = self.folder / "findings.txt"
        return path.read_text(encoding="utf-8") if path.exists() else ""

    @property
    def settings(self) -> Settings:
        """The settings of the run."""
        from variantfix.rules.every import NAMES

        table = {"tool": {"variantfix": self.options.get("settings", {})}}
        return read_settings(self.name, table, NAMES)

    @property
    def evidence(self) -> Evidence:
        """What lies beside the project."""
        path = self.folder / "uv.lock"
        return Evidence(LockFile(_read(path)) if path.exists() else None, uv_toml=bool(self.beside))

    @property
    def beside(self) -> dict[str, str]:
        """The uv.toml beside the project, as uv is to find it."""
        path = self.folder / "uv.toml"
        return {"uv.toml": _read(path)} if path.exists() else {}

    @property
    def uv(self) -> Mapping[str, Any]:
        """What uv is asked."""
        table: Mapping[str, Any] = self.options.get("uv", {})
        return table


def check(case: Case, folder: Path) -> tuple[int, str]:
    """What `check` answers and prints of a case that is laid out in a folder, with paths relative to that."""
    lock = {"uv.lock": case.evidence.beside.text} if case.evidence.beside else {}
    for name, text in {**case.before, **case.beside, **lock}.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(text.encode())
    with redirect_stdout(io.StringIO()) as said, redirect_stderr(io.StringIO()):
        code = commands.check([str(folder)], case.settings)
    return code, said.getvalue().replace(f"{folder}{os.sep}", "")


def cases() -> list[Case]:
    """All cases, by name."""
    found = sorted(path.parent for path in FOLDER.glob("*/*/before*"))
    return [Case(f"{folder.parent.name}/{folder.name}", folder, _options(folder)) for folder in found]


def _options(folder: Path) -> dict[str, Any]:
    path = folder / "case.toml"
    options = tomllib.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    unknown = set(options) - {"settings", "uv"} | set(options.get("uv", {})) - {"before", "after", "versions"}
    assert not unknown, f"{path}: unknown keys {sorted(unknown)}"
    return options


def _texts(folder: Path, name: str) -> dict[str, str]:
    single, several = folder / f"{name}.toml", folder / name
    if single.exists():
        return {"pyproject.toml": _read(single)}
    files = sorted(several.rglob("*.toml"), key=lambda path: (len(path.parts), path))
    return {path.relative_to(several).as_posix(): _read(path) for path in files}


def _read(path: Path) -> str:
    with path.open(encoding="utf-8", newline="") as file:
        return file.read().replace("{pypi}", catalog.PYPI_SIMPLE)
