"""Fixtures that ask the real uv. What they need is imported in them: unit tests pay nothing for it."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Protocol

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

    from tests.world.judge import Selection, Verdict
    from tests.world.server import World


class Judge(Protocol):
    """`tests.world.judge.judge` in this session's world; the newest uv unless another is named."""

    def __call__(
        self,
        project: Path | Mapping[str, str],
        selections: Iterable[Selection] = (),
        *,
        uv: Path | None = None,
    ) -> Verdict: ...


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what takes an hour, unless it is asked for by its marker."""
    asked = config.getoption("markexpr", "")
    unasked = [mark for mark in ("matrix", "fuzz") if mark not in asked]
    left_out = {item for item in items if any(map(item.get_closest_marker, unasked))}
    if left_out:
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if item not in left_out]


@pytest.fixture(autouse=True)
def _own_state(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep the state of migrations away from the user's own."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path_factory.getbasetemp() / "state"))


@pytest.fixture(scope="session")
def world() -> Iterator[World]:
    """The offline world of package indexes, which runs as long as the session."""
    from tests.world.server import serve

    with serve() as running:
        yield running


@pytest.fixture(scope="session")
def uv_newest() -> Path:
    """The newest uv: that of the installed Python package."""
    return _program("newest")


@pytest.fixture(scope="session")
def uv_0_5_5() -> Path:
    """uv 0.5.5, from before conflict markers, in which the founding report was made."""
    return _program("0.5.5")


@pytest.fixture(scope="session")
def judge(world: World, uv_newest: Path, tmp_path_factory: pytest.TempPathFactory) -> Judge:
    """Lock a project in the world with the real uv; see `tests.world.judge.judge`."""
    from tests.world import judge as court

    if sys.version_info < (3, 11):
        pytest.skip("uv is asked with this Python, and the newest torch of the world needs 3.11")
    workdir = tmp_path_factory.mktemp("judge")

    def ask(
        project: Path | Mapping[str, str], selections: Iterable[Selection] = (), *, uv: Path | None = None
    ) -> Verdict:
        return court.judge(project, selections, world=world, uv=uv or uv_newest, workdir=workdir)

    return ask


def _program(version: str) -> Path:
    from tests.world import programs

    try:
        return programs.newest() if version == "newest" else programs.release(version)
    except programs.MissingUvError as error:
        pytest.fail(str(error), pytrace=False)
