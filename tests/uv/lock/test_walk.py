"""The walk over small locks."""

from __future__ import annotations

import pytest

from tests.locks import HEAD, NO_PROJECT, UNDONE, VARIANTS
from variantfix.uv.lock import Closure, Selection, SelectionError, read_lock, walk
from variantfix.uv.platforms import Host, hosts

LINUX, ARM, WINDOWS, MACOS = hosts("3.11")
TORCH = "https://download.pytorch.org/whl"
INDEX = "https://packages.example.com/simple"


def closure(selection: Selection | None = None, platform: Host = LINUX, text: str = VARIANTS) -> Closure:
    return walk(read_lock(text), selection or Selection(), platform)


def shown(found: Closure) -> list[str]:
    return [f"{package.name} {package.version}" for package in found.packages]


def torch(found: Closure) -> list[tuple[str | None, str]]:
    return [(package.version, package.source.location) for package in found.packages if package.name == "torch"]


def test_a_project_alone_is_its_own_closure() -> None:
    text = HEAD + '[[package]]\nname = "app"\nversion = "1"\nsource = { editable = "." }\n'
    (only,) = closure(text=text).packages
    assert (only.name, only.path, only.artifact, only.missing) == ("app", ("app",), None, False)


def test_a_virtual_project_is_not_installed() -> None:
    assert shown(closure()) == ["accel 1.0", "torch 2.0", "typing 4.0"]


def test_a_marker_on_the_python_counts() -> None:
    assert shown(closure(platform=hosts("3.12")[0])) == ["accel 1.0", "torch 2.0"]


@pytest.mark.parametrize(
    ("extras", "platform", "expected"),
    [
        pytest.param((), LINUX, [("2.0", INDEX)], id="none chosen: the index of the rest"),
        pytest.param(("empty",), LINUX, [("2.0", INDEX)], id="an extra that no conflict names"),
        pytest.param(("cpu",), LINUX, [("2.0+cpu", f"{TORCH}/cpu")], id="cpu"),
        pytest.param(("cpu",), MACOS, [("2.0", f"{TORCH}/cpu")], id="cpu without a local version"),
        pytest.param(("gpu",), LINUX, [("2.0+cu128", f"{TORCH}/cu128")], id="gpu"),
        pytest.param(("GPU",), WINDOWS, [("2.0+cu128", f"{TORCH}/cu128")], id="a name not normalised"),
    ],
)
def test_the_chosen_extra_decides_the_row(
    extras: tuple[str, ...], platform: Host, expected: list[tuple[str, str]]
) -> None:
    assert torch(closure(Selection(extras=extras), platform)) == expected


@pytest.mark.parametrize(
    ("selection", "expected"),
    [
        pytest.param(Selection(groups=("on-cpu",)), [("2.0+cpu", f"{TORCH}/cpu")], id="a group asks for app[cpu]"),
        pytest.param(Selection(packages=("tool",)), [("2.0+cu128", f"{TORCH}/cu128")], id="a member asks for app[gpu]"),
        pytest.param(Selection(packages=("app",)), [("2.0", INDEX)], id="nobody asks"),
    ],
)
def test_a_dependency_switches_its_extra_on(selection: Selection, expected: list[tuple[str, str]]) -> None:
    assert torch(closure(selection)) == expected


@pytest.mark.parametrize(
    ("selection", "message"),
    [
        pytest.param(
            Selection(extras=("cpu", "gpu")),
            "app[cpu] and app[gpu] are both on, which the lock declares a conflict",
            id="two variants",
        ),
        pytest.param(
            Selection(extras=("gpu",), groups=("on-cpu",)),
            "app[cpu] and app[gpu] are both on, which the lock declares a conflict",
            id="one chosen, one switched on by a group",
        ),
        pytest.param(Selection(extras=("tpu",)), "nothing selected has the extra 'tpu'", id="unknown extra"),
        pytest.param(Selection(groups=("tpu",)), "nothing selected has the group 'tpu'", id="unknown group"),
        pytest.param(
            Selection(packages=("torch",)),
            "the lock has 4 packages named 'torch', where one is needed",
            id="no root",
        ),
    ],
)
def test_what_uv_refuses_is_refused(selection: Selection, message: str) -> None:
    with pytest.raises(SelectionError) as caught:
        closure(selection)
    assert str(caught.value) == message


def test_a_python_that_the_lock_does_not_admit_is_refused() -> None:
    with pytest.raises(SelectionError, match=r"^the lock requires Python >=3.11, not 3.10.0$"):
        closure(platform=hosts("3.10")[0])


def test_every_package_has_a_shortest_path() -> None:
    found = closure(Selection(extras=("cpu",), default_groups=("dev", "not-there")), WINDOWS)
    assert {package.name: package.path for package in found.packages} == {
        "accel": ("app", "accel"),
        "colour": ("app:dev", "colour"),
        "torch": ("app[cpu]", "torch"),
        "typing": ("app", "typing"),
    }


def test_a_longer_path_names_every_step() -> None:
    paths = {package.name: package.path for package in closure(Selection(packages=("tool",)), WINDOWS).packages}
    assert paths == {
        "accel": ("tool", "app", "accel"),
        "colour": ("tool", "app", "accel", "colour"),
        "tool": ("tool",),
        "torch": ("tool", "app[gpu]", "torch"),
        "typing": ("tool", "app", "typing"),
    }


def test_an_extra_that_would_undo_its_own_way_stays_off() -> None:
    assert shown(closure(text=UNDONE)) == ["lib 1.0", "mid 1.0"]


def test_all_packages_are_all_members() -> None:
    found = closure(Selection(all_packages=True))
    assert shown(found) == ["accel 1.0", "tool None", "torch 2.0+cu128", "typing 4.0"]


@pytest.mark.parametrize(
    ("extras", "platform", "size", "unsized", "missing"),
    [
        pytest.param((), LINUX, 957, 0, [], id="wheels, and one source distribution"),
        pytest.param((), ARM, 57, 1, ["torch"], id="no wheel for the machine"),
        pytest.param((), MACOS, 57, 1, ["torch"], id="no wheel for the system"),
        pytest.param(("cpu",), MACOS, 57, 1, [], id="a wheel of unknown size"),
        pytest.param(("cpu",), LINUX, 237, 0, [], id="a wheel with a local version"),
    ],
)
def test_downloads(extras: tuple[str, ...], platform: Host, size: int, unsized: int, missing: list[str]) -> None:
    found = closure(Selection(extras=extras), platform)
    assert (found.download_size, found.unsized) == (size, unsized)
    assert [package.name for package in found.packages if package.missing] == missing


@pytest.mark.parametrize(
    ("selection", "expected"),
    [
        pytest.param(Selection(), ["one 0.1", "two 0.2"], id="every member"),
        pytest.param(
            Selection(default_groups=("dev",)),
            ["lint 1.0", "one 0.1", "two 0.2"],
            id="the root's default group",
        ),
        pytest.param(Selection(groups=("win",)), ["one 0.1", "two 0.2"], id="a group for another system"),
        pytest.param(Selection(packages=("one",)), ["one 0.1"], id="one member"),
        pytest.param(Selection(packages=("one",), groups=("own",)), ["one 0.1", "two 0.2"], id="its own group"),
        pytest.param(
            Selection(packages=("one",), default_groups=("dev",)),
            ["one 0.1"],
            id="the root's default stays out",
        ),
        pytest.param(
            Selection(packages=("one",), groups=("dev",)),
            ["lint 1.0", "one 0.1"],
            id="the root's group, asked",
        ),
    ],
)
def test_a_root_without_a_project(selection: Selection, expected: list[str]) -> None:
    assert shown(closure(selection, text=NO_PROJECT)) == expected


def test_a_platform_that_the_lock_does_not_support_is_refused() -> None:
    with pytest.raises(SelectionError, match=r"^win32-amd64 is not in the environments that the lock supports$"):
        closure(platform=WINDOWS, text=NO_PROJECT)


def test_a_requirement_of_the_root_that_fits_two_rows_is_refused() -> None:
    second = NO_PROJECT.replace("lint-1.0", "lint-2.0").replace('"1.0"', '"2.0"').partition("[[package]]")[2]
    text = NO_PROJECT + "[[package]]" + second.partition("[[package]]")[0]
    with pytest.raises(SelectionError, match=r"^the root's requirement lint fits 2 packages of the lock$"):
        closure(Selection(default_groups=("dev",)), text=text)
