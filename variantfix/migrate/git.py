"""The only module that runs git.

A clone is trusted with nothing: no hook, filter, submodule, LFS object, symbolic link or prompt comes to life; nor do
the hooks of a repository on this machine that is pushed to, for they would run here. Network
commands read the user's own configuration, for credentials and proxies; commands that make the commit read none, so
that its bytes depend on the repository and the options alone.
"""

from __future__ import annotations

import os
import re
import shlex
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from variantfix.errors import ConfigError
from variantfix.process import ProgramError, run

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

# What a repository's own configuration could have run, also where it is served from this machine.
_NEUTRAL = {
    "core.hooksPath": os.devnull,
    "core.alternateRefsCommand": "true",
    "core.fsmonitor": "false",
    "core.pager": "cat",
    "core.editor": "true",
    "gc.auto": "0",
    "gc.recentObjectsHook": "true",
    "maintenance.auto": "false",
    "receive.autogc": "false",
    "receive.denyCurrentBranch": "refuse",
    "transfer.bundleURI": "false",
    "protocol.ext.allow": "never",
}
_CONFIG = {
    **_NEUTRAL,
    "core.attributesFile": os.devnull,
    "core.symlinks": "false",
    "core.autocrlf": "false",
    "core.sparseCheckout": "true",
    "core.sparseCheckoutCone": "false",
    "core.protectHFS": "true",
    "core.protectNTFS": "true",
    "submodule.recurse": "false",
    "fetch.recurseSubmodules": "false",
    "push.recurseSubmodules": "no",
    "push.followTags": "false",
    "push.gpgSign": "false",
    "commit.gpgSign": "false",
    "advice.detachedHead": "false",
    "http.lowSpeedLimit": "100",
    "http.lowSpeedTime": "60",
}
_KEPT = ("GIT_SSH", "GIT_SSH_COMMAND", "GIT_SSL_CAINFO", "GIT_PROXY_COMMAND", "GIT_EXEC_PATH", "GIT_CONFIG_GLOBAL")
# The program at the other end of a `file://` URL sees none of our environment's configuration.
_SERVED = "GIT_NO_LAZY_FETCH=1 git " + "".join(f"-c {key}={shlex.quote(value)} " for key, value in _NEUTRAL.items())
_SERVE = f"{_SERVED}-c uploadpack.allowFilter=true -c uploadpack.allowAnySHA1InWant=true upload-pack"
_TAKE = f"{_SERVED}receive-pack"
_NOWHERE = Path(os.sep).absolute().anchor
"""A folder that is in no repository, whose configuration could be heeded."""
_ATTRIBUTES = "* -filter -ident -text -eol -working-tree-encoding !diff !merge\n"
_PATCH = (
    "format-patch", "-1", "--stdout", "--no-signature", "--full-index", "--no-ext-diff", "--no-textconv",
    "--no-renames", "--src-prefix=a/", "--dst-prefix=b/",
)  # fmt: skip
_DEEPEST = 200
"""Folders in one another: what is much deeper could not be removed again."""
_OWN_NAME = ("variantfix", "variantfix@localhost")
TRAVEL = ("pyproject.toml", "uv.lock", "uv.toml")
"""The files that a clone brings, wherever in the repository they are."""


@dataclass(frozen=True, slots=True)
class Clone:
    """A sparse clone in `folder`, to be worked on until `deadline` (of `time.monotonic`)."""

    folder: str
    url: str
    deadline: float


def clone(url: str, ref: str, folder: str, *, timeout: float) -> Clone | None:
    """Clone one commit of a repository: shallow, without blobs, and sparse; None where it has no commit.

    `folder` must not exist. `ref` is a branch or a tag, empty for the default branch. Raises `ProgramError`, also
    where there are branches, and the default one is none of them.
    """
    made = Clone(folder, url, time.monotonic() + timeout)
    options = ["--no-checkout", "--depth=1", "--filter=blob:none", "--single-branch", "--no-tags", "--template="]
    if _is_local(url):
        options += [f"--upload-pack={_SERVE}", f"--config=remote.origin.uploadpack={_SERVE}"]
    branch = [f"--branch={ref}"] if ref else []
    _git(made, "clone", "--quiet", *options, *branch, "--", url, folder, cwd=str(Path(folder).parent))
    head = _git(made, "rev-parse", "--quiet", "--verify", "HEAD", local=True, check=False)
    if not head.strip():
        if _git(made, "ls-remote", "--heads", "origin").strip():
            raise ProgramError("the default branch is not there, but others are", hint="name a branch, in a list")
        return None
    info = Path(folder, ".git", "info")
    info.mkdir(exist_ok=True)
    (info / "attributes").write_text(_ATTRIBUTES)
    (info / "sparse-checkout").write_text("".join(f"{name}\n" for name in TRAVEL))
    return made


def check_out(clone: Clone, branch: str) -> tuple[str, ...]:
    """Make and check out a branch; returns the files of `TRAVEL` that are symbolic links in the repository.

    These are checked out as plain files that hold the target's path. Raises `ProgramError`.
    """
    listed = _git(clone, "ls-tree", "-r", "-d", "-z", "--name-only", "HEAD", local=True)
    if max(path.count("/") for path in listed.split("\0")) > _DEEPEST:
        raise ProgramError(f"it has folders more than {_DEEPEST} deep")
    _git(clone, "checkout", "--quiet", "--no-track", "-B", branch)
    globs, env = (f"**/{name}" for name in TRAVEL), {"GIT_GLOB_PATHSPECS": "1"}
    listed = _git(clone, "ls-files", "--stage", "-z", "--", *globs, local=True, env=env)
    return tuple(line.partition("\t")[2] for line in listed.split("\0") if line.startswith("120000"))


def commit(clone: Clone, files: Iterable[str], message: str, author: tuple[str, str]) -> tuple[str, str]:
    """Commit some files; returns the commit's id and its patch, as `git am` takes it.

    The commit is a second younger than its parent, so that it is the same whenever it is made. Raises `ProgramError`.
    """
    second, zone = _git(clone, "log", "-1", "--format=%cd", "--date=raw", local=True).split()
    name, email = author
    date = f"{int(second) + 1} {zone}"
    env = {
        f"GIT_{who}_{what}": value
        for who in ("AUTHOR", "COMMITTER")
        for what, value in (("NAME", name), ("EMAIL", email), ("DATE", date))
    }
    _git(clone, "add", "--", *files, local=True, env={"GIT_LITERAL_PATHSPECS": "1"})
    _git(clone, "commit", "--quiet", "--cleanup=verbatim", "--file=-", local=True, env=env, stdin=message)
    patch = _git(clone, *_PATCH, local=True)
    return patch.partition("\n")[0].split()[1], patch


def push(clone: Clone, branch: str, commit: str) -> None:
    """Push a commit as a new branch; nothing is done where the remote's branch is that commit already.

    Raises `ProgramError`, also where the branch is the remote's default branch or holds something else.
    """
    if _is_there(clone, branch, commit):
        return
    target = f"refs/heads/{branch}"
    options = ["--quiet", "--no-verify", f"--force-with-lease={target}:"]
    options += [f"--receive-pack={_TAKE}"] if _is_local(clone.url) else []
    _git(clone, "push", *options, "origin", f"{commit}:{target}")


def _is_there(clone: Clone, branch: str, commit: str) -> bool:
    """Whether the remote's branch is the commit already; raises `ProgramError` where it must not be touched."""
    listed = _git(clone, "ls-remote", "--symref", "origin", "HEAD", f"refs/heads/{branch}")
    if re.search(rf"^ref: refs/heads/{re.escape(branch)}\tHEAD$", listed, re.MULTILINE):
        raise ProgramError(f"{branch} is the default branch and is left alone", hint="name another with --branch")
    there = re.search(rf"^(\w+)\trefs/heads/{re.escape(branch)}$", listed, re.MULTILINE)
    if there and there[1] != commit:
        hint = "delete it, or name another with --branch"
        raise ProgramError(f"the remote has a branch {branch} that holds something else", hint=hint)
    return there is not None


def identity() -> tuple[str, str]:
    """The author that git's configuration names; raises `ConfigError` where it names none."""
    env = {**os.environ, "LC_ALL": "C"}
    code, out, _ = run(
        ["git", "-c", "user.useConfigOnly=true", "var", "GIT_AUTHOR_IDENT"],
        cwd=_NOWHERE,
        env=env,
        deadline=time.monotonic() + 30,
    )
    match = re.fullmatch(r"(.*) <(.*)> \d+ \S+\n", out)
    if code or not match:
        raise ConfigError("git does not know who makes the commits", hint="git config --global user.name, user.email")
    return match[1], match[2]


def any_identity() -> tuple[str, str]:
    """The same, or a name of our own where git knows none: for commits that nobody else gets to see."""
    try:
        return identity()
    except (ConfigError, ProgramError):
        return _OWN_NAME


def check_branch(branch: str) -> None:
    """Raise `ConfigError` for what cannot be the name of a branch."""
    args = ["git", "check-ref-format", "--branch", branch]
    if run(args, cwd=_NOWHERE, env=os.environ, deadline=time.monotonic() + 30)[0]:
        raise ConfigError(f"--branch {branch}: not the name of a branch")


def environment(*, local: bool = False) -> dict[str, str]:
    """The environment that git runs in; `local` leaves out the configuration of user and system."""
    env = {name: value for name, value in os.environ.items() if not name.startswith("GIT_") or name in _KEPT}
    env |= {"LC_ALL": "C", "GIT_TERMINAL_PROMPT": "0", "GIT_ASKPASS": "", "SSH_ASKPASS_REQUIRE": "never"}
    env |= {"GIT_EDITOR": "true", "GIT_SEQUENCE_EDITOR": "true", "GIT_PAGER": "cat"}
    env |= {"GIT_LFS_SKIP_SMUDGE": "1", "GIT_OPTIONAL_LOCKS": "0", "GIT_ALLOW_PROTOCOL": "file:git:http:https:ssh"}
    if local:
        env |= {"GIT_CONFIG_NOSYSTEM": "1", "GIT_CONFIG_GLOBAL": os.devnull, "GIT_NO_LAZY_FETCH": "1"}
    env["GIT_CONFIG_COUNT"] = str(len(_CONFIG))
    for number, (key, value) in enumerate(_CONFIG.items()):
        env |= {f"GIT_CONFIG_KEY_{number}": key, f"GIT_CONFIG_VALUE_{number}": value}
    return env


def _git(
    clone: Clone,
    *args: str,
    cwd: str = "",
    local: bool = False,
    check: bool = True,
    env: Mapping[str, str] | None = None,
    stdin: str = "",
) -> str:
    full = {**environment(local=local), **(env or {})}
    code, out, err = run(["git", *args], cwd=cwd or clone.folder, env=full, deadline=clone.deadline, stdin=stdin)
    if code and check:
        raise ProgramError(f"git {args[0]}: {_reason(err.splitlines(), clone)}")
    return out


def _reason(lines: Sequence[str], clone: Clone) -> str:
    """The line of git's talk that says what went wrong."""
    said = [line for line in lines if line.startswith(("fatal:", "error:", " ! "))] or [*lines, "no reason given"]
    return said[0].replace(clone.folder, "clone").strip()


def _is_local(url: str) -> bool:
    return url.startswith("file://")
