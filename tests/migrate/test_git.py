"""Git is run so that nothing of a cloned repository comes to life, and a commit is the same whenever it is made."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.migrate.fleet import TEMPLATES, branches, make_repository, show
from variantfix.errors import ConfigError
from variantfix.migrate import git
from variantfix.process import ProgramError

AUTHOR = ("Ann", "ann@example.com")


@pytest.fixture
def bare(tmp_path: Path) -> Path:
    """A repository with a large file beside its pyproject.toml."""
    make_repository(tmp_path / "bare.git", TEMPLATES["huge-other"])
    return tmp_path / "bare.git"


def clone(bare: Path, name: str = "clone", ref: str = "") -> git.Clone:
    made = git.clone(bare.as_uri(), ref, str(bare.parent / name), timeout=60)
    assert made is not None
    return made


def commit(made: git.Clone, text: str = "changed\n") -> tuple[str, str]:
    git.check_out(made, "topic")
    Path(made.folder, "pyproject.toml").write_text(text)
    return git.commit(made, ["pyproject.toml"], "Title\n\nbody\n", AUTHOR)


def test_only_the_files_that_matter_travel(bare: Path) -> None:
    made = clone(bare)
    git.check_out(made, "topic")
    assert sorted(path.name for path in Path(made.folder).iterdir()) == [".git", "pyproject.toml"]
    size = sum(file.stat().st_size for file in Path(made.folder).rglob("*") if file.is_file())
    assert size < 100_000 < len(TEMPLATES["huge-other"]["weights.bin"])


def test_a_repository_without_a_commit_is_none(tmp_path: Path) -> None:
    make_repository(tmp_path / "empty.git", {})
    assert git.clone((tmp_path / "empty.git").as_uri(), "", str(tmp_path / "clone"), timeout=60) is None


def test_a_branch_that_is_not_there_is_an_error(bare: Path) -> None:
    with pytest.raises(ProgramError, match="git clone: fatal: Remote branch gone not found in upstream origin"):
        clone(bare, ref="gone")


def test_symbolic_links_become_plain_files(tmp_path: Path) -> None:
    make_repository(tmp_path / "bare.git", TEMPLATES["link-out"])
    made = clone(tmp_path / "bare.git")
    assert git.check_out(made, "topic") == ("pyproject.toml",)
    file = Path(made.folder, "pyproject.toml")
    assert not file.is_symlink()
    assert file.read_text() == "/etc/hostname"


def test_no_filter_hook_or_attribute_of_anyone_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make_repository(tmp_path / "bare.git", TEMPLATES["filters"])
    trap = tmp_path / "trap"
    evil = f"touch {trap}; cat"
    hooks = tmp_path / "hooks"
    hooks.mkdir()
    for name in ("post-checkout", "pre-commit", "commit-msg", "pre-push", "reference-transaction"):
        (hooks / name).write_text(f'#!/bin/sh\ntouch "{trap}"\n')
        (hooks / name).chmod(0o755)
    shutil.copytree(hooks, tmp_path / "bare.git" / "hooks")
    for name in ("pre-receive", "update", "post-receive", "post-update"):
        shutil.copy(hooks / "pre-push", tmp_path / "bare.git" / "hooks" / name)
    config = tmp_path / "gitconfig"
    filters = "".join(
        f'[filter "{name}"]\n\tclean = "{evil}"\n\tsmudge = "{evil}"\n\trequired = true\n' for name in ("evil", "lfs")
    )
    config.write_text(f"{filters}[core]\n\thooksPath = {hooks}\n[init]\n\ttemplateDir = {hooks.parent}\n")
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(config))
    made = clone(tmp_path / "bare.git")
    done, _ = commit(made)
    git.push(made, "topic", done)
    assert not trap.exists()
    assert branches(tmp_path / "bare.git")["topic"] == done


def test_a_commit_depends_on_the_repository_and_the_options_alone(bare: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = commit(clone(bare, "one"))
    config = bare.parent / "gitconfig"
    config.write_text(
        "[user]\n\tname = Else\n\temail = else@example.com\n[diff]\n\tnoprefix = true\n\talgorithm = histogram\n"
        "[format]\n\tattach = true\n\tsubjectPrefix = OTHER\n[commit]\n\tgpgSign = true\n[core]\n\tautocrlf = true\n"
    )
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(config))
    monkeypatch.setenv("GIT_AUTHOR_DATE", "2001-01-01T00:00:00Z")
    monkeypatch.setenv("TZ", "Asia/Tokyo")
    assert commit(clone(bare, "two")) == first
    assert first[1].startswith(f"From {first[0]} Mon Sep 17 00:00:00 2001\nFrom: Ann <ann@example.com>\n")
    assert "Date: Tue, 14 Nov 2023 23:13:21 +0100\nSubject: [PATCH] Title\n\nbody\n---\n" in first[1]


def test_git_am_takes_the_patch(bare: Path) -> None:
    _, patch = commit(clone(bare))
    work = bare.parent / "work"
    env = {**os.environ, "GIT_COMMITTER_NAME": "C", "GIT_COMMITTER_EMAIL": "c@example.com"}
    subprocess.run(["git", "clone", "-q", bare, work], check=True, env=env)
    subprocess.run(["git", "am", "-q"], cwd=work, input=patch.encode(), check=True, env=env)
    assert (work / "pyproject.toml").read_text() == "changed\n"


def test_a_push_makes_the_branch_and_nothing_else(bare: Path) -> None:
    main = branches(bare)["main"]
    made = clone(bare)
    done, _ = commit(made)
    git.push(made, "topic", done)
    assert branches(bare) == {"main": main, "topic": done}
    assert show(bare, "topic").startswith(b"Ann <ann@example.com> 1700000001 +0100 Title\nbody\n")


def test_a_push_that_was_done_is_not_done_again(bare: Path) -> None:
    made = clone(bare)
    done, _ = commit(made)
    git.push(made, "topic", done)
    git.push(made, "topic", done)
    assert branches(bare)["topic"] == done


def test_a_push_that_another_was_quicker_with_is_as_good(bare: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = clone(bare)
    done, _ = commit(made)
    git.push(made, "topic", done)
    monkeypatch.setattr(git, "_is_there", lambda *_args: False)
    git.push(made, "topic", done)
    assert branches(bare)["topic"] == done


def test_a_branch_with_something_else_is_left_alone(bare: Path) -> None:
    made = clone(bare)
    done, _ = commit(made)
    git.push(made, "topic", done)
    other = clone(bare, "other")
    another, _ = commit(other, "else\n")
    with pytest.raises(ProgramError, match="the remote has a branch topic that holds something else"):
        git.push(other, "topic", another)
    assert branches(bare)["topic"] == done


def test_the_default_branch_is_left_alone(bare: Path) -> None:
    before = branches(bare)
    made = clone(bare)
    git.check_out(made, "main")
    Path(made.folder, "pyproject.toml").write_text("x\n")
    done, _ = git.commit(made, ["pyproject.toml"], "Title\n", AUTHOR)
    with pytest.raises(ProgramError, match="main is the default branch and is left alone"):
        git.push(made, "main", done)
    assert branches(bare) == before


def test_the_author_is_the_one_of_gits_configuration(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("GIT_AUTHOR_NAME", "GIT_AUTHOR_EMAIL", "EMAIL"):
        monkeypatch.delenv(name, raising=False)
    config = tmp_path / "gitconfig"
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(config))
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")
    monkeypatch.chdir(tmp_path)
    config.write_text("[user]\n\tname = Ann Author\n\temail = ann@example.com\n")
    assert git.identity() == ("Ann Author", "ann@example.com")
    config.write_text("")
    with pytest.raises(ConfigError, match="git does not know who makes the commits"):
        git.identity()


@pytest.mark.parametrize("name", ["", "-x", "a..b", "a b"])
def test_a_name_that_no_branch_can_have_is_refused(name: str) -> None:
    with pytest.raises(ConfigError, match="not the name of a branch"):
        git.check_branch(name)
