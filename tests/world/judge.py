"""The judge: the real uv locks a project in the world, and tells what it installs for each selection."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from packaging.version import Version

from tests.world import closure, scratch, urls

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from tests.world.closure import Closure
    from tests.world.server import World

# uv's export knows conflicting extras and groups from here on.
_EXPORTS_FROM = Version("0.6.3")
_NO_DEFAULTS_FROM = Version("0.5.23")
_KEPT = ("PATH", "SYSTEMROOT", "LANG", "LC_ALL", "TMPDIR")
_DEAD_PROXY = "http://127.0.0.1:9"  # the discard port: whatever the world does not serve fails at once
_TIMEOUT = 120.0


@dataclass(frozen=True, slots=True)
class Selection:
    """What is switched on: extras and groups, of the root or of one member (`package`)."""

    extras: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    package: str = ""

    @property
    def flags(self) -> tuple[str, ...]:
        """uv's own flags for it."""
        flags = ["--package", self.package] if self.package else []
        flags += [word for extra in self.extras for word in ("--extra", extra)]
        return *flags, *(word for group in self.groups for word in ("--group", group))


BARE = Selection()


@dataclass(frozen=True, slots=True)
class Verdict:
    """What uv says of a project, with the real URLs in its words.

    `error` is why it did not lock, `warnings` what else it said while locking. `closures` has the bare
    selection and each that was asked for, by platform of the catalogue; a selection that uv refuses stands
    in `refused` instead, with its words.
    """

    locked: bool
    error: str = ""
    warnings: tuple[str, ...] = ()
    closures: Mapping[Selection, Mapping[str, Closure]] = field(default_factory=dict)
    refused: Mapping[Selection, str] = field(default_factory=dict)
    lock_text: str = ""


def judge(
    project: Path | Mapping[str, str],
    selections: Iterable[Selection] = (),
    *,
    world: World,
    uv: Path,
    workdir: Path,
    python: str = sys.executable,
) -> Verdict:
    """Lock a project in the world and return what uv would install from it.

    `project` is a folder, or texts by relative path (`pyproject.toml`, `member/pyproject.toml`, `uv.toml`).
    `workdir` holds uv's cache, which calls share, and the scratch copies, which do not outlive the call.
    Before 0.6.3 uv cannot export such a lock; it then installs for real, so that only this machine's
    platform has a closure.
    """
    with tempfile.TemporaryDirectory(dir=workdir, prefix="judge-") as folder:
        cache = workdir / "cache" / str(version_of(uv))
        copy = scratch.write(scratch.read(project), Path(folder) / "project", world.url)
        here = _Scratch(Path(folder), copy, uv, python, cache, world.url)
        here.write_settings()
        lock = here.run("lock")
        said = here.told(lock).splitlines()
        warnings = tuple(line for line in said if line.startswith("warning: "))
        if lock.returncode:
            error = "\n".join(line for line in said if line not in warnings)
            return Verdict(locked=False, error=error, warnings=warnings)
        text = (copy.folder / "uv.lock").read_text(encoding="utf-8")
        ask = _export if version_of(uv) >= _EXPORTS_FROM else _install
        wanted = tuple(dict.fromkeys((BARE, *selections)))
        with ThreadPoolExecutor(max_workers=os.cpu_count()) as pool:
            answers = dict(zip(wanted, pool.map(lambda selection: ask(here, selection), wanted), strict=True))
        return Verdict(
            locked=True,
            warnings=warnings,
            closures={selection: found for selection, found in answers.items() if not isinstance(found, str)},
            refused={selection: words for selection, words in answers.items() if isinstance(words, str)},
            lock_text=urls.to_real(text, world.url),
        )


@cache
def version_of(uv: Path) -> Version:
    """The version of a uv program."""
    told = subprocess.run([uv, "--version"], check=True, capture_output=True, text=True)
    return Version(told.stdout.split()[1])


@dataclass(frozen=True, slots=True)
class _Scratch:
    """One call's own folder, and uv run in it, away from the machine's settings and network."""

    folder: Path
    copy: scratch.Copy
    uv: Path
    python: str
    cache: Path
    server: str

    def write_settings(self) -> None:
        """Make the world's PyPI the user's default index, which a project's own default goes before."""
        settings = self.folder / "config" / "uv" / "uv.toml"
        settings.parent.mkdir(parents=True)
        settings.write_text(f'index-url = "{urls.to_world(urls.PYPI_ROOT, self.copy.base)}"\n')

    def run(self, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [self.uv, *arguments],
            cwd=self.copy.folder,
            env=self._environment() | variables,
            capture_output=True,
            text=True,
            timeout=_TIMEOUT,
            check=False,
        )

    def _environment(self) -> dict[str, str]:
        kept = {name: os.environ[name] for name in _KEPT if name in os.environ}
        config = str(self.folder / "config")
        return kept | {
            "HOME": str(self.folder),
            "XDG_CONFIG_HOME": config,
            "XDG_CONFIG_DIRS": config,
            "HTTP_PROXY": _DEAD_PROXY,
            "HTTPS_PROXY": _DEAD_PROXY,
            "NO_PROXY": "127.0.0.1",
            "NO_COLOR": "1",
            "UV_CACHE_DIR": str(self.cache),
            "UV_HTTP_RETRIES": "0",
            "UV_LINK_MODE": "copy",
            "UV_NO_PROGRESS": "1",
            "UV_PYTHON": self.python,
            "UV_PYTHON_DOWNLOADS": "never",
        }

    def told(self, run: subprocess.CompletedProcess[str]) -> str:
        """uv's words, with real URLs, and without the places of the copy and of Python."""
        lines = (line for line in run.stderr.splitlines() if not line.startswith(("Using ", "Creating ")))
        return urls.to_real("\n".join(lines), self.server).replace(str(self.copy.folder), "<project>").strip()


def _export(here: _Scratch, selection: Selection) -> Mapping[str, Closure] | str:
    """The closure of a selection on every platform, from `uv export`; uv's words if it refuses."""
    flags = ("--frozen", "--no-hashes", "--no-emit-workspace", "--no-default-groups")
    run = here.run("export", "-q", *flags, *selection.flags)
    return here.told(run) if run.returncode else closure.exported(run.stdout, here.python)


def _install(here: _Scratch, selection: Selection) -> Mapping[str, Closure] | str:
    """The closure of a selection on this machine, from what `uv sync` puts into a new environment."""
    with tempfile.TemporaryDirectory(dir=here.folder, prefix="env-") as environment:
        flags = ("--frozen", "--no-install-workspace", *_without_defaults(here, selection))
        run = here.run("sync", "-q", *flags, *selection.flags, UV_PROJECT_ENVIRONMENT=environment)
        return here.told(run) if run.returncode else closure.installed(Path(environment))


def _without_defaults(here: _Scratch, selection: Selection) -> tuple[str, ...]:
    """The flags that switch off the default groups, one by one where uv has no flag for all."""
    if version_of(here.uv) >= _NO_DEFAULTS_FROM:
        return ("--no-default-groups",)
    return tuple(
        word for group in here.copy.default_groups if group not in selection.groups for word in ("--no-group", group)
    )
