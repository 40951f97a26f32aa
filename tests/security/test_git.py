"""Nothing that a repository's own configuration, attributes or hooks name is run, wherever the repository is."""

from __future__ import annotations

import os
import subprocess
from typing import TYPE_CHECKING

import pytest

from tests.migrate.fleet import BROKEN, TEMPLATES, branches, make_repository
from variantfix.__main__ import main

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.skipif(os.name != "posix", reason="the traps are shell scripts")

# Every key of git's documentation whose value git runs, or that leads to such a one.
KEYS = {
    "core": ("alternateRefsCommand", "fsmonitor", "sshCommand", "hooksPath", "pager", "editor", "askPass", "gitProxy"),
    "sequence": ("editor",),
    "credential": ("helper",),
    "gpg": ("program", "ssh.program", "x509.program", "ssh.defaultKeyCommand"),
    "diff": ("external", "evil.command", "evil.textconv", "evil.trustExitCode"),
    "merge": ("evil.driver",),
    "mergetool": ("evil.cmd",),
    "difftool": ("evil.cmd",),
    "filter": ("evil.clean", "evil.smudge", "evil.process"),
    "uploadpack": ("packObjectsHook",),
    "gc": ("recentObjectsHook",),
    "pager": ("log", "diff", "branch"),
    "interactive": ("diffFilter",),
    "trailer": ("evil.command", "evil.cmd"),
    "submodule": ("evil.update",),
    "remote": ("origin.uploadpack", "origin.receivepack", "origin.vcs", "origin.proxy"),
    "alias": ("upload-pack", "receive-pack", "rev-list", "pack-objects", "index-pack", "unpack-objects"),
    "browser": ("evil.cmd",),
    "man": ("evil.cmd",),
    "sendemail": ("sendmailCmd",),
    "imap": ("tunnel",),
    "init": ("templateDir",),
}
PLAIN = {
    "core.bare": "true",
    "core.repositoryFormatVersion": "1",
    "safe.directory": "*",
    "trace2.normalTarget": "/dev/null/never",
    "core.fsmonitorHookVersion": "2",
    "commit.gpgSign": "true",
    "push.gpgSign": "true",
    "receive.autogc": "true",
    "receive.denyCurrentBranch": "updateInstead",
    "receive.certNonceSeed": "seed",
    "gc.auto": "1",
    "gc.autoDetach": "false",
    "gc.cruftPacks": "true",
    "maintenance.auto": "true",
    "transfer.bundleURI": "true",
    "uploadpack.allowFilter": "true",
    "protocol.ext.allow": "always",
    "protocol.allow": "always",
    "filter.evil.required": "true",
    "diff.evil.binary": "false",
    "remote.origin.promisor": "true",
    "extensions.partialClone": "origin",
}
HOOKS = (
    "pre-receive", "update", "post-receive", "post-update", "proc-receive", "push-to-checkout", "reference-transaction",
    "post-checkout", "pre-commit", "commit-msg", "pre-push", "fsmonitor-watchman", "pre-auto-gc", "post-index-change",
)  # fmt: skip


@pytest.fixture
def trapped(tmp_path: Path) -> Path:
    """A bare repository whose configuration, hooks and attributes all set the same trap, each under its own name."""
    bare, traps = tmp_path / "bare.git", tmp_path / "traps"
    traps.mkdir()
    make_repository(bare, {**TEMPLATES["filters"], "sub/pyproject.toml": BROKEN.encode()})
    _give_an_alternate(tmp_path, bare)

    def trap(name: str) -> str:
        return f"touch '{traps}/{name}'; true #"

    config = {f"{section}.{key}": trap(f"{section}.{key}") for section, keys in KEYS.items() for key in keys}
    config |= {"core.hooksPath": str(tmp_path / "hooks"), "remote.origin.url": f"ext::sh -c {trap('ext')}"}
    config |= {"url.ext::sh -c evil.insteadOf": "file://", "submodule.evil.update": f"!{trap('submodule')}", **PLAIN}
    more = {"include.path": str(tmp_path / "included"), "extensions.worktreeConfig": "true"}
    for key, value in {**config, **more, "core.worktree": str(tmp_path / "elsewhere")}.items():
        subprocess.run(["git", "config", "--file", str(bare / "config"), key, value], check=True)
    for copy in (tmp_path / "included", bare / "config.worktree"):
        copy.write_text((bare / "config").read_text().partition("[include]")[0])
    for folder in (bare / "hooks", tmp_path / "hooks"):
        folder.mkdir(exist_ok=True)
        for name in HOOKS:
            (folder / name).write_text(f"#!/bin/sh\n{trap(f'hook-{name}')}\n")
            (folder / name).chmod(0o755)
    return bare


def _give_an_alternate(tmp_path: Path, bare: Path) -> None:
    make_repository(tmp_path / "other.git", TEMPLATES["extras"], 7)
    info = bare / "objects" / "info"
    info.mkdir(exist_ok=True)
    (info / "alternates").write_text(f"{tmp_path}/other.git/objects\n")


def run(bare: Path, *args: str) -> int:
    config = bare.parent / "gitconfig"
    config.write_text("[user]\n\tname = Ann\n\temail = ann@example.com\n")
    return main(["migrate", bare.as_uri(), "-q", *args])


def test_nothing_that_a_repository_names_is_run(trapped: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(tmp_path / "gitconfig"))
    code = run(trapped, "--push", "--patches", str(tmp_path / "patches"), "--exec", "git log -1 >/dev/null")
    assert sorted(path.name for path in (tmp_path / "traps").iterdir()) == []
    assert code == 0
    assert "variantfix" in branches(trapped)


def test_what_wants_a_hook_is_refused(trapped: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(tmp_path / "gitconfig"))
    key = ("receive.procReceiveRefs", "refs/heads")
    subprocess.run(["git", "config", "--file", str(trapped / "config"), *key], check=True)
    assert run(trapped, "--push") == 2
    assert sorted(path.name for path in (tmp_path / "traps").iterdir()) == []


def test_the_traps_would_go_off(trapped: Path, tmp_path: Path) -> None:
    """Else the test above would show nothing: git alone runs hooks and the command for alternate refs."""
    work = tmp_path / "work"
    for command in (
        ["git", "clone", "-q", str(trapped), str(work)],
        ["git", "-C", str(work), "push", "-q", "origin", "HEAD:refs/heads/x"],
    ):
        subprocess.run(command, check=False, capture_output=True)
    gone_off = {path.name for path in (tmp_path / "traps").iterdir()}
    assert {"core.alternateRefsCommand", "hook-pre-receive"} <= gone_off


def test_commits_need_no_configuration_where_nobody_sees_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    make_repository(tmp_path / "bare.git", TEMPLATES["extras"])
    for name in ("GIT_AUTHOR_NAME", "GIT_AUTHOR_EMAIL", "EMAIL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", os.devnull)
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")
    url = (tmp_path / "bare.git").as_uri()
    assert main(["migrate", url]) == 0
    assert "changed" in capsys.readouterr().err
    assert main(["migrate", url, "--push", "--state", str(tmp_path / "s")]) == 2
    assert "git does not know who makes the commits" in capsys.readouterr().err


@pytest.mark.parametrize(
    "name", [b"new\nline", b"caf\xe9", b":(exclude)x", b"*", b'q"uote', b"-f"], ids=lambda name: name.decode("latin-1")
)
def test_no_name_in_a_repository_stops_it(name: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    bare = tmp_path / "bare.git"
    subprocess.run(["git", "init", "-q", "--bare", "--initial-branch=main", str(bare)], check=True)
    path = name + b"/pyproject.toml"
    quoted = b'"' + path.replace(b"\\", b"\\\\").replace(b'"', b'\\"').replace(b"\n", b"\\n") + b'"'
    text = BROKEN.encode()
    stream = b"commit refs/heads/main\ncommitter A <a@example.com> 1700000000 +0000\ndata 5\nfirst\n"
    stream += b"M 100644 inline %s\ndata %d\n%s\n" % (quoted, len(text), text)
    subprocess.run(["git", "fast-import", "--quiet"], cwd=bare, input=stream, check=True)
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(tmp_path / "gitconfig"))
    assert run(bare, "--push", "--patches", str(tmp_path / "patches")) == 0
    assert "variantfix" in branches(bare)
    listed = subprocess.run(["git", "ls-tree", "-r", "-z", "--name-only", "variantfix"], cwd=bare, capture_output=True)
    assert listed.stdout == path + b"\0"


def test_a_default_branch_that_is_not_there_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    bare = tmp_path / "bare.git"
    make_repository(bare, TEMPLATES["extras"])
    (bare / "HEAD").write_text("ref: refs/heads/gone\n")
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(tmp_path / "gitconfig"))
    assert main(["migrate", bare.as_uri()]) == 2
    assert "the default branch is not there, but others are (name a branch, in a list)" in capsys.readouterr().err


def test_folders_without_end_are_refused_and_nothing_is_left(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    bare = tmp_path / "bare.git"
    make_repository(bare, {"/".join(["a"] * 1500) + "/pyproject.toml": BROKEN.encode()})
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(tmp_path / "gitconfig"))
    assert main(["migrate", bare.as_uri(), "--state", str(tmp_path / "s")]) == 2
    assert "it has folders more than 200 deep" in capsys.readouterr().err
    assert list((tmp_path / "s/scratch").iterdir()) == []
