"""`verify` and `apply --verify` as a user runs them, with the real uv in the offline world."""

from __future__ import annotations

import json
import shutil
from typing import TYPE_CHECKING

import pytest

from tests.projects import ALONE, DEFAULT, FOUNDING, HEAD, INDEX, project
from tests.uv.test_program import script
from tests.world.wheel import Wheel, archive
from variantfix.disk import LOCK, NAME

if TYPE_CHECKING:
    from pathlib import Path

    from tests.verify.conftest import Shop

pytestmark = pytest.mark.uv

WHL = "https://download.pytorch.org/whl"
SIMPLE = "https://packages.example.com/simple"
PLATFORMS = "linux-x86_64, linux-aarch64, win32-amd64"


def lines(text: str, *starts: str) -> list[str]:
    """The lines that start so, with single spaces."""
    return [line for raw in text.splitlines() if (line := " ".join(raw.split())).startswith(starts)]


def state(folder: Path) -> dict[str, str]:
    """All files of a project."""
    return {str(f.relative_to(folder)): f.read_text() for f in sorted(folder.rglob("*")) if f.is_file()}


def test_no_variants_is_nothing_to_verify(shop: Shop) -> None:
    folder = shop.write('[project]\nname = "app"\nversion = "1"\ndependencies = ["numpy"]\n')
    assert shop.run("verify", "--lock", folder) == (
        0,
        "",
        "<here>/pyproject.toml: no variants, so there is nothing to verify\n",
    )
    assert shop.run("apply", "--verify", folder) == (0, "", "nothing to fix in 1 file\n")


def test_an_isolated_project(shop: Shop) -> None:
    folder = shop.write(ALONE)
    before = state(folder)
    code, out, err = shop.run("verify", "--lock", folder)
    assert (code, lines(out, "leak"), state(folder)) == (0, [], before)
    assert lines(out, "cpu", "cu124", "gap") == [
        "cpu linux-x86_64 2.6.0+cpu cpu 7 6.0 kB -",
        "cu124 linux-x86_64 2.6.0+cu124 cu124 11 10.2 kB -",
        "gap: cu124 on linux-aarch64: torch 2.6.0+cu124: no wheel",
        "gap: cu124 on macos-arm64: torch 2.6.0: a build without cu124, from the default index",
    ]
    assert err == "<here>/pyproject.toml: isolated; 24 closures walked in lock made by uv 0.13.9\n"


def test_the_founding_leak_before_and_after(shop: Shop, uv_0_5_5: Path) -> None:
    folder = shop.write(FOUNDING)
    shop.take(uv_0_5_5)
    code, out, _ = shop.run("verify", "--lock", folder)
    assert code == 1
    assert [line.partition(";")[0] for line in lines(out, "leak: cpu", "by app[cpu]")[:2]] == [
        f"leak: cpu on {PLATFORMS}: torch 2.6.0+cu124 from cu124: a build for cu124, beside 2.6.0+cpu",
        "by app[cpu] -> accelerate -> torch",
    ]

    code, out, err = shop.run("apply", "--verify", folder)
    assert (code, len(lines(out, "fixed:"))) == (0, 1)
    assert err.startswith("verified: uv 0.5.5 locks it, and none of 24 closures leaks\n1 finding repaired in 1 file\n")
    assert not (folder / LOCK).exists()

    code, out, _ = shop.run("verify", "--lock", folder)
    assert (code, lines(out, "leak")) == (0, [])
    repaired = state(folder)
    assert shop.run("apply", folder)[0] == 0
    assert state(folder) == repaired


def test_a_project_that_is_one_variant_is_proved_as_a_whole(shop: Shop) -> None:
    folder = shop.write(
        f'{HEAD}dependencies = ["torch==2.6.0", "torchvision==0.21.0"]\n\n'
        f'[tool.uv.sources]\ntorch = {{ index = "pytorch-cpu" }}\n{INDEX.format(tag="cpu")}{DEFAULT}'
    )
    code, out, _ = shop.run("verify", "--lock", folder)
    assert code == 1
    assert lines(out, "leak") == [
        f"leak: the project on linux-x86_64: torchvision 0.21.0 from {SIMPLE}: not a build for cpu"
    ]
    code, out, err = shop.run("apply", "--verify", folder)
    assert (code, len(lines(out, "fixed:"))) == (0, 1)
    assert err.startswith("verified: uv 0.13.9 locks it, and none of 8 closures leaks\n")


def test_the_lock_at_hand(shop: Shop, uv_0_5_5: Path) -> None:
    folder = shop.write(FOUNDING)
    code, out, err = shop.run("verify", folder)
    assert (code, out) == (2, "")
    assert err == ("error: <here>/pyproject.toml: there is no uv.lock beside it (--lock makes one in a scratch copy)\n")
    lock_with(uv_0_5_5, folder)
    code, out, err = shop.run("verify", folder)
    assert (code, len(lines(out, "leak: cpu"))) == (1, 3)
    assert err == "<here>/pyproject.toml: 16 of 24 closures leak; 24 closures walked in <here>/uv.lock\n"

    (folder / NAME).write_text((folder / NAME).read_text().replace("torch>=2.5.1", "torch>=2.5.0"))
    code, _, err = shop.run("verify", "-q", folder)
    assert (code, err) == (1, "")
    stale = "<here>/uv.lock is stale, since the file asks for another torch in extra cpu"
    assert shop.run("verify", folder)[2].splitlines() == [
        f"<here>/pyproject.toml: nothing is proved: {stale}",
        "next: `uv lock`, or `variantfix verify --lock`, which walks a fresh one",
    ]


def test_a_stale_lock_never_passes(shop: Shop) -> None:
    from variantfix.uv.program import find_uv, lock

    folder = shop.write(ALONE)
    lock(find_uv(), folder, no_build=False)
    assert shop.run("verify", "-q", folder)[0] == 0
    (folder / NAME).write_text((folder / NAME).read_text().replace("torch>=2.5.1", "torch>=2.5.0"))
    assert shop.run("verify", "-q", folder)[0] == 1
    told = json.loads(shop.run("verify", "--format", "json", folder)[1])
    assert (told["isolated"], told["stale"]) == (False, "the file asks for another torch in extra cpu")
    assert shop.run("verify", "--format", "markdown", folder)[1].startswith(
        "### <here>/pyproject.toml: uv.lock is stale\n"
    )
    assert shop.run("verify", "-q", "--lock", folder)[0] == 0


def lock_with(uv: Path, folder: Path) -> None:
    from variantfix.uv.program import Uv, lock

    lock(Uv(str(uv), "of the test"), folder, no_build=False)


def test_the_json_names_no_credentials(shop: Shop) -> None:
    folder = shop.write(FOUNDING)
    file = folder / NAME
    file.write_text(file.read_text().replace("http://127", "http://me:secret@127"))
    code, out, err = shop.run("verify", "--lock", "--format", "json", folder)
    found = json.loads(out)
    assert (code, found["version"], found["isolated"], found["closures_walked"]) == (0, 1, True, 24)
    assert {torch["index"] for closure in found["closures"] for torch in closure["torch"]} == {
        f"{WHL}/cpu",
        f"{WHL}/cu124",
        "https://packages.example.com/simple",
    }
    assert "secret" not in out + err


def test_uv_refuses_what_no_index_has(shop: Shop) -> None:
    folder = shop.write(ALONE.replace('cu124 = ["torch>=2.5.1,<2.7"', 'cu124 = ["torch>=2.9"'))
    file = folder / NAME
    file.write_text(file.read_text().replace("http://127", "http://me:secret@127"))
    before = state(folder)
    code, out, err = shop.run("apply", "--verify", folder)
    assert (code, out, state(folder)) == (1, "", before)
    assert lines(err, "error") == [
        "error: <here>: uv 0.13.9 refuses to lock it (`variantfix explain no-such-build` may help)",
        (
            "error: No solution found when resolving dependencies for split (markers: sys_platform == 'linux' "
            "or sys_platform == 'win32'; included: app[cu124]; excluded: app[cpu])"
        ),
    ]
    assert "secret" not in err


def test_a_leak_that_remains_keeps_the_file(shop: Shop) -> None:
    folder = shop.write(project("timm"))
    before = state(folder)
    ignored = ("--ignore", "unrouted-companion", "--ignore", "shared-dependent")
    code, out, err = shop.run("apply", "--verify", *ignored, folder)
    assert (code, out, state(folder)) == (1, "", before)
    assert [line.partition(";")[0] for line in lines(err, "error", "leak: cpu", "by app[cpu]")] == [
        "error: <here>: uv 0.13.9 locks it, but 8 of 24 closures leak still (nothing was written)",
        "leak: cpu on linux-x86_64: torchvision 0.21.0 from https://packages.example.com/simple: not a build for cpu",
        "by app[cpu] -> timm -> torchvision",
    ]


def test_what_the_catalogue_does_not_know_is_routed_in_a_second_round(shop: Shop) -> None:
    wheel = Wheel("mystery", "0.1", requires=("torchvision",))
    source = f'mystery = {{ path = "wheels/{wheel.filename}" }}\n'
    folder = shop.write(project("mystery").replace("[tool.uv.sources]\n", f"[tool.uv.sources]\n{source}"))
    (folder / "wheels").mkdir()
    (folder / "wheels" / wheel.filename).write_bytes(archive(wheel))
    assert shop.run("check", folder)[0] == 0

    code, out, err = shop.run("apply", "--verify", "--isolation", "markers", folder)
    assert (code, lines(err, "verified")) == (
        0,
        ["verified: uv 0.13.9 locks it in round 2, and none of 24 closures leaks"],
    )
    assert sorted(lines(out, "fixed"), reverse=True) == [
        "fixed: require uv >=0.5.8 (isolation = 'markers' was asked for)",
        "fixed: name torchvision in cpu, cu124, and route it",
    ]
    assert 'cpu = ["torch>=2.5.1,<2.7", "mystery", "torchvision"]' in (folder / NAME).read_text()


def test_an_old_lock_that_uv_keeps_is_told_apart_from_a_leak(shop: Shop, uv_0_5_5: Path) -> None:
    folder = shop.write(FOUNDING)
    lock_with(uv_0_5_5, folder)
    assert shop.run("verify", "--lock", "-q", folder)[0] == 1
    code, out, err = shop.run("apply", "--verify", "--isolation", "markers", folder)
    assert (code, len(lines(out, "fixed: require uv >=0.5.8"))) == (1, 1)
    assert set(lines(out, "to do")) == {"to do: lock anew with a newer uv: uv lock --upgrade-package torch"}
    assert lines(err, "verified") == [
        (
            "verified: uv 0.13.9 locks it, and nothing leaks once the old lock is left behind: "
            "uv lock --upgrade-package torch"
        )
    ]
    assert 'required-version = ">=0.5.8"' in (folder / NAME).read_text()


def test_a_dry_run_is_proved_and_writes_nothing(shop: Shop) -> None:
    folder = shop.write(FOUNDING)
    before = state(folder)
    code, out, err = shop.run("apply", "--verify", "--dry-run", folder)
    assert (code, state(folder)) == (1, before)
    assert "+accelerate = [" in out.splitlines()
    assert lines(err, "verified") == ["verified: uv 0.13.9 locks it, and none of 24 closures leaks"]


def test_building_can_be_forbidden(shop: Shop) -> None:
    folder = shop.write(ALONE.replace('version = "0.1.0"', 'dynamic = ["version", "dependencies"]'))
    file = folder / NAME
    file.write_text(file.read_text().replace("dependencies = []\n", ""))
    before = state(folder)
    code, _, err = shop.run("apply", "--verify", "--no-build", folder)
    assert (code, state(folder)) == (1, before)
    assert lines(err, "error:", "cause:") == [
        "error: <here>: uv 0.13.9 would have to build something, which is forbidden (leave out --no-build)",
        "error: Failed to build `app @ <project>`",
        "cause: Building source distributions for `app` is disabled",
    ]


def test_no_network_is_one_line_and_uvs_words(shop: Shop) -> None:
    folder = shop.write(ALONE)
    file = folder / NAME
    file.write_text(file.read_text().replace(shop.world.url, "http://127.0.0.1:9"))
    code, _, err = shop.run("verify", "--lock", folder)
    assert (code, err.splitlines()[0]) == (
        1,
        "error: <here>: uv 0.13.9 could not reach an index (is there a network?)",
    )


GIT = ALONE.replace('cpu = ["torch', 'cpu = ["other", "torch').replace(
    "[tool.uv.sources]", '[tool.uv.sources]\nother = { git = "file:///nowhere/other" }'
)


def test_a_git_dependency_that_is_not_there_is_no_refusal(shop: Shop) -> None:
    folder = shop.write(GIT)
    code, _, err = shop.run("verify", "--lock", folder)
    message = "error: <here>: uv 0.13.9 could not fetch a git dependency (is it there, and may you read it?)"
    assert (code, err.splitlines()[0]) == (1, message)
    code, _, err = shop.run("migrate", folder, "--verify", "--state", shop.folder / "state")
    assert code == 2
    assert "could not fetch a git dependency" in lines(err, "failed")[0]


def test_a_python_that_cannot_be_downloaded_is_no_index(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = shop.write(ALONE)
    monkeypatch.setenv("UV_PYTHON", "3.14")
    monkeypatch.setenv("UV_PYTHON_DOWNLOADS", "automatic")
    monkeypatch.setenv("UV_PYTHON_PREFERENCE", "only-managed")
    monkeypatch.setenv("UV_PYTHON_INSTALL_DIR", str(shop.folder / "pythons"))
    monkeypatch.setenv("UV_PYTHON_INSTALL_MIRROR", "http://127.0.0.1:9/python-build-standalone")
    monkeypatch.setenv("UV_HTTP_RETRIES", "0")
    code, _, err = shop.run("verify", "--lock", folder)
    message = "uv 0.13.9 could not download a Python (install one that the project admits, or is there a network?)"
    assert (code, err.splitlines()[0]) == (1, f"error: <here>: {message}")


def test_no_uv_is_one_line(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = shop.write(FOUNDING)
    before = state(folder)
    monkeypatch.setenv("PATH", str(shop.folder / "nowhere"))
    monkeypatch.setitem(__import__("sys").modules, "uv", None)
    said = "error: there is no uv on PATH (install uv, or the extra that brings it: variantfix[verify])\n"
    assert shop.run("verify", "--lock", folder) == (1, "", said)
    code, out, err = shop.run("apply", "--verify", folder)
    assert (code, out, err.splitlines()[0], state(folder)) == (1, "", said.strip(), before)


def test_standard_input_has_no_lock_but_gets_one(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    text = (shop.write(ALONE) / NAME).read_text()
    monkeypatch.setattr("variantfix.disk.read_stdin", lambda: text)
    said = "error: -: there is no uv.lock beside it (--lock makes one in a scratch copy)\n"
    assert shop.run("verify", "-") == (2, "", said)
    code, out, err = shop.run("verify", "--lock", "-")
    assert (code, lines(out, "leak"), err) == (0, [], "-: isolated; 24 closures walked in lock made by uv 0.13.9\n")


def test_a_member_is_locked_by_its_root(shop: Shop) -> None:
    root = '[tool.uv.workspace]\nmembers = ["one"]\n'
    folder = shop.write(root, one=FOUNDING.replace(DEFAULT, "").replace("conflicts", "x"))
    code, _, err = shop.run("verify", "--lock", folder / "one")
    assert (code, err) == (
        2,
        "error: <here>/one/pyproject.toml: it is a member of the workspace at <here> (name that folder)\n",
    )


def test_a_workspace_is_verified_by_its_members(shop: Shop) -> None:
    conflicts = '[tool.uv]\nconflicts = [[{ package = "app", extra = "cpu" }, { package = "app", extra = "cu124" }]]\n'
    root = f'[tool.uv.workspace]\nmembers = ["one"]\n{conflicts}{DEFAULT}'
    member = FOUNDING.replace(DEFAULT, "").replace('conflicts = [[{ extra = "cpu" }, { extra = "cu124" }]]', "")
    folder = shop.write(root, one=member)
    code, out, err = shop.run("verify", "--lock", folder)
    assert (code, lines(out, "leak"), err) == (
        0,
        [],
        "<here>/pyproject.toml: isolated; 24 closures walked in lock made by uv 0.13.9\n",
    )


def test_a_script_for_uv_is_shown_by_its_version(shop: Shop, uv_newest: Path) -> None:
    folder = shop.write(ALONE)
    shop.take(script(shop.folder / "old", f'exec {uv_newest} "$@"', "0.9.0"))
    assert lines(shop.run("verify", "--lock", folder)[2], "<here>")[0].endswith("lock made by uv 0.9.0")
    shutil.rmtree(folder)
