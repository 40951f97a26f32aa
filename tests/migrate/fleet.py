"""Fleets of git repositories, generated from varied templates, some of them broken on purpose."""

from __future__ import annotations

import os
import subprocess
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tests.projects import INDEXES

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

_INDEXES = (
    """
"""
    + INDEXES
)
_SOURCES = """
[tool.uv.sources]
torch = [
    { index = "pytorch-cpu", extra = "cpu" },
    { index = "pytorch-cu128", extra = "cu128" },
]
"""
_HEAD = '[project]\nname = "NAME"\nversion = "0.1"\nrequires-python = ">=3.10"\ndependencies = []\n'
_EXTRAS = '\n[project.optional-dependencies]\ncpu = ["torch>=2.7"]\ncu128 = ["torch>=2.7"]\n'
_GROUPS = '\n[dependency-groups]\ncpu = ["torch>=2.7"]\ncu128 = ["torch>=2.7", "torchvision"]\n'

BROKEN = _HEAD + _EXTRAS + _SOURCES + _INDEXES
"""A project whose two variants uv resolves together."""
CLEAN = _HEAD.replace("dependencies = []", 'dependencies = ["numpy>=2"]')
"""A project that has nothing to do with torch."""
UNFIXABLE = _HEAD.replace("dependencies = []", 'dependencies = ["torch>=2.7"]') + _EXTRAS + _SOURCES + _INDEXES
"""A project with a finding that is not repaired without leave."""
_WORKSPACE = BROKEN + '\n[tool.uv.workspace]\nmembers = ["packages/*"]\n'
_MERGE = BROKEN.replace("cu128 = [", "<<<<<<< HEAD\ncu128 = [\n=======\ncu126 = [\n>>>>>>> theirs\n", 1)

Files = dict[str, bytes]
"""The files of a repository by path; a symbolic link's path begins with `->`."""


TEMPLATES: Mapping[str, Files] = {
    "extras": {"pyproject.toml": BROKEN.encode(), "src/a.py": b"a = 1\n" * 50},
    "groups": {"pyproject.toml": (_HEAD + _GROUPS + _SOURCES.replace("extra", "group") + _INDEXES).encode()},
    "clean": {"pyproject.toml": CLEAN.encode(), "README.md": b"# clean\n"},
    "crlf": {"pyproject.toml": BROKEN.replace("\n", "\r\n").encode()},
    "no-newline-at-end": {"pyproject.toml": BROKEN.rstrip().encode()},
    "workspace": {
        "pyproject.toml": _WORKSPACE.encode(),
        "packages/x/pyproject.toml": BROKEN.replace("NAME", "x").encode(),
        "packages/y/pyproject.toml": CLEAN.replace("NAME", "y").encode(),
    },
    "two-projects": {"one/pyproject.toml": BROKEN.encode(), "two/pyproject.toml": b"[project\n"},
    "unfixable": {"pyproject.toml": UNFIXABLE.encode()},
    "no-pyproject": {"README.md": b"nothing\n"},
    "invalid-toml": {"pyproject.toml": b"[project\nname = 1\n"},
    "merge-leftovers": {"pyproject.toml": _MERGE.encode()},
    "not-utf-8": {"pyproject.toml": BROKEN.replace("NAME", "caf\xe9").encode("latin-1")},
    "huge-pyproject": {"pyproject.toml": (CLEAN + "# huge\n" * 700_000).encode()},
    "huge-other": {"pyproject.toml": BROKEN.encode(), "weights.bin": b"\0\1\2\3" * 300_000},
    "link-out": {"->pyproject.toml": b"/etc/hostname"},
    "link-loop": {"->pyproject.toml": b"other", "->other": b"pyproject.toml"},
    "link-member": {"pyproject.toml": _WORKSPACE.encode(), "->packages/x": b"/etc"},
    "filters": {
        "pyproject.toml": BROKEN.encode(),
        ".gitattributes": b"* filter=evil diff=evil text eol=crlf\n*.toml filter=lfs\n",
        ".gitmodules": b'[submodule "m"]\n\tpath = m\n\turl = ../evil\n',
        ".lfsconfig": b"[lfs]\n\turl = http://127.0.0.1:9/evil\n",
    },
    "empty": {},
}


@dataclass(frozen=True, slots=True)
class Fleet:
    """Bare repositories, the list of their URLs, and what was made of which template, by unit."""

    folder: Path
    listed: Path
    template: Mapping[str, str]


def build(folder: Path, size: int, *, extra: Mapping[str, str] | None = None, common: int = 4) -> Fleet:
    """Make a fleet of `size` units below a folder, the same bytes every time.

    Every template comes up about equally often, but those that can be repaired `common` times as often. `extra` are
    URLs to list beside them, each with what it is; one repository does not exist.
    """
    repositories = folder / "repositories"
    repositories.mkdir(parents=True)
    usual = ("extras", "groups", "clean", "workspace")
    wheel = [name for name in TEMPLATES for _ in range(common if name in usual else 1)]
    known: dict[str, str] = {(repositories / "missing.git").as_uri(): "missing", **(extra or {})}
    for number in range(size - len(known)):
        template = wheel[number % len(wheel)]
        bare = repositories / f"{number:05}-{template}.git"
        make_repository(bare, TEMPLATES[template], number)
        known[bare.as_uri()] = template
    listed = folder / "list.txt"
    listed.write_text("".join(f"{url}\n" for url in known))
    return Fleet(folder, listed, known)


def make_repository(bare: Path, files: Files, number: int = 0) -> None:
    """Make a bare repository with one commit on `main`, or none where there are no files."""
    _git("init", "--quiet", "--bare", "--template=", "--initial-branch=main", str(bare), cwd=bare.parent)
    if files:
        date = f"{1_700_000_000 + number} +0100"
        head = f"commit refs/heads/main\ncommitter Some One <one@example.com> {date}\ndata 5\nfirst\n"
        stream = head.encode() + b"".join(_entry(name, data, number) for name, data in files.items())
        _git("fast-import", "--quiet", cwd=bare, stdin=stream)


def _entry(name: str, data: bytes, number: int) -> bytes:
    mode = "120000" if name.startswith("->") else "100644"
    data = data.replace(b"NAME", b"project-%d" % number)
    return f"M {mode} inline {name.removeprefix('->')}\ndata {len(data)}\n".encode() + data + b"\n"


def branches(bare: Path) -> dict[str, str]:
    """The branches of a bare repository, and the commits that they are at."""
    listed = _git("for-each-ref", "--format=%(refname:short) %(objectname)", "refs/heads", cwd=bare)
    return dict(line.split() for line in listed.decode().splitlines())


def show(bare: Path, what: str) -> bytes:
    """What `git show` prints."""
    return _git("show", "--format=%an <%ae> %ad %s%n%b", "--date=raw", what, cwd=bare)


def _git(*args: str, cwd: Path, stdin: bytes = b"") -> bytes:
    env = {**os.environ, "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}
    return subprocess.run(["git", *args], cwd=cwd, env=env, input=stdin, check=True, capture_output=True).stdout
