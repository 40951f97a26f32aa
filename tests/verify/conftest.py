"""A place to run the commands in: projects in the offline world, and the uv that they find on PATH."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from tests.world import scratch, urls

if TYPE_CHECKING:
    from pathlib import Path

    from tests.world.server import World

_DEAD_PROXY = "http://127.0.0.1:9"  # the discard port: what the world does not serve fails at once


@dataclass(frozen=True)
class Shop:
    """A folder for projects, and the commands as a user runs them there."""

    folder: Path
    world: World
    patch: pytest.MonkeyPatch
    capture: pytest.CaptureFixture[str]

    def write(self, text: str, **others: str) -> Path:
        """Write a project whose indexes are the world's; `others` are files of members, by folder."""
        files = {"pyproject.toml": text} | {f"{name}/pyproject.toml": other for name, other in others.items()}
        return scratch.write(files, self.folder / "project", self.world.url).folder

    def take(self, uv: Path) -> None:
        """Put a uv on PATH before all others."""
        tools = self.folder / f"tools-{len(list(self.folder.iterdir()))}"
        tools.mkdir()
        (tools / "uv").symlink_to(uv)
        self.patch.setenv("PATH", f"{tools}{os.pathsep}/usr/bin{os.pathsep}/bin")

    def run(self, *arguments: str | Path) -> tuple[int, str, str]:
        """Run a command; its exit code, its data and its talk, with real URLs and without the place."""
        from variantfix.__main__ import main

        code = main([str(argument) for argument in arguments])
        said = self.capture.readouterr()
        return code, self._shown(said.out), self._shown(said.err)

    def _shown(self, text: str) -> str:
        return urls.to_real(text, self.world.url).replace(str(self.folder / "project"), "<here>")


@pytest.fixture(scope="session")
def uv_cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A cache of uv's that the tests of a session share."""
    return tmp_path_factory.mktemp("uv-cache")


@pytest.fixture
def shop(
    world: World,
    uv_newest: Path,
    uv_cache: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Shop:
    """A shop with the newest uv, away from the machine's settings and network."""
    settings = tmp_path / "config" / "uv" / "uv.toml"
    settings.parent.mkdir(parents=True)
    settings.write_text(f'index-url = "{urls.to_world(urls.PYPI_ROOT, world.url)}"\n')
    variables = {
        "HOME": tmp_path,
        "XDG_CONFIG_HOME": tmp_path / "config",
        "XDG_CONFIG_DIRS": tmp_path / "config",
        "HTTP_PROXY": _DEAD_PROXY,
        "HTTPS_PROXY": _DEAD_PROXY,
        "NO_PROXY": "127.0.0.1",
        "NO_COLOR": "1",
        "UV_CACHE_DIR": uv_cache,
        "UV_HTTP_RETRIES": "0",
        "UV_LINK_MODE": "copy",
        "UV_PYTHON": sys.executable,
        "UV_PYTHON_DOWNLOADS": "never",
    }
    for name, value in variables.items():
        monkeypatch.setenv(name, str(value))
    made = Shop(tmp_path, world, monkeypatch, capsys)
    made.take(uv_newest)
    return made
