"""A copy of a project in which every index is the world's."""

from __future__ import annotations

import re
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from packaging.requirements import InvalidRequirement, Requirement

from tests.world import stubs, urls

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

# Such a version is computed by a build backend, which the world lacks.
_DYNAMIC_VERSION = re.compile(r"""^dynamic\s*=\s*\[\s*["']version["']\s*,?\s*\]""", re.MULTILINE)
_COPIED = ("pyproject.toml", "uv.toml")


def read(project: Path | Mapping[str, str]) -> dict[str, str]:
    """The files of a project that uv reads its declarations from, by relative path."""
    if not isinstance(project, Path):
        return dict(project)
    found = (file for name in _COPIED for file in project.rglob(name) if ".venv" not in file.parts)
    return {str(file.relative_to(project)): file.read_bytes().decode() for file in found}


@dataclass(frozen=True, slots=True)
class Copy:
    """A copy: its folder, the base URL of its world, and the root's default groups."""

    folder: Path
    base: str
    default_groups: tuple[str, ...]


def write(files: Mapping[str, str], folder: Path, server: str) -> Copy:
    """Write the files into a folder, with the world's URLs for the real ones and a version for a dynamic one.

    Nothing else in them changes. Other dynamic metadata needs a build, for which the world has no backend.
    Raises `tomllib.TOMLDecodeError` for a file that is no TOML.
    """
    tables = {path: tomllib.loads(text.removeprefix("\ufeff")) for path, text in files.items()}
    asked = (requirement for table in tables.values() for requirement in _requirements(table))
    base = urls.with_pins(server, stubs.pins(asked))
    for path, text in files.items():
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(_localise(text, set(_index_urls(tables[path])), base).encode())
    return Copy(folder, base, _default_groups(tables["pyproject.toml"]))


def _default_groups(root: Mapping[str, Any]) -> tuple[str, ...]:
    groups = root.get("dependency-groups", {})
    defaults = _uv(root).get("default-groups", ["dev"] if "dev" in groups else [])
    return tuple(groups if defaults == "all" else defaults)


def _localise(text: str, real: set[str], base: str) -> str:
    for url in real:
        for quote in "\"'":
            text = text.replace(f"{quote}{url}{quote}", f"{quote}{urls.to_world(url, base)}{quote}")
    for place, path in urls.WHEELS:
        text = text.replace(f"@ {place}/", f"@ {base}{path}/")
    return _DYNAMIC_VERSION.sub('version = "0.0.0"', text)


def _index_urls(table: Mapping[str, Any]) -> Iterator[str]:
    """The index URLs of a pyproject.toml's `[tool.uv]`, or of a uv.toml, which is such a table."""
    for settings in (_uv(table), table):
        yield from (index["url"] for index in settings.get("index", ()) if "url" in index)
        yield from (settings[key] for key in ("index-url", "default-index") if key in settings)
        yield from settings.get("extra-index-url", ())


def _requirements(table: Mapping[str, Any]) -> Iterator[Requirement]:
    """Every requirement that a pyproject.toml writes, in whatever list."""
    project = table.get("project", {})
    extras = project.get("optional-dependencies", {}).values()
    groups = table.get("dependency-groups", {}).values()
    keys = ("constraint-dependencies", "override-dependencies", "dev-dependencies")
    settings = (_uv(table).get(key, ()) for key in keys)
    for listed in (project.get("dependencies", ()), *extras, *groups, *settings):
        for text in listed:
            try:
                yield Requirement(text)
            except (InvalidRequirement, TypeError):  # uv itself will judge it; a table is an include
                continue


def _uv(table: Mapping[str, Any]) -> Mapping[str, Any]:
    settings: Mapping[str, Any] = table.get("tool", {}).get("uv", {})
    return settings
