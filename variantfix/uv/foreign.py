"""Whether a pyproject.toml is for uv at all: other tools keep what they install in tables of their own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

_BACKEND_ONLY = {
    "poetry": {"packages", "include", "exclude", "build", "version", "requires-poetry"},
    "pdm": {"build", "version", "publish"},
    "pixi": set[str](),
    "hatch": {"build", "metadata", "version", "publish"},
}
"""The tables of each tool that speak of building alone, as uv's projects have them too."""
_NAMES = {"poetry": "Poetry", "pdm": "PDM", "pixi": "pixi", "hatch": "Hatch"}
_ENVIRONMENTS = {"hatch": {"envs"}}


def managed_by(data: Mapping[str, Any]) -> str:
    """The tool that a project's data names as its manager, where that is not uv; else an empty string."""
    tool = data.get("tool")
    if not isinstance(tool, dict) or "uv" in tool:
        return ""
    for key, backend in _BACKEND_ONLY.items():
        table = tool.get(key)
        keys = set(table) if isinstance(table, dict) else set()
        if keys & _ENVIRONMENTS.get(key, keys - backend):
            return _NAMES[key]
    return ""


def foreign(data: Mapping[str, Any]) -> str:
    """Why a root's data is not for uv, as a clause; empty where it is."""
    manager = managed_by(data)
    if manager:
        return f"{manager} manages this project, and its tables are not read"
    tool = data.get("tool")
    uv = tool.get("uv") if isinstance(tool, dict) else None
    if "project" in data or "dependency-groups" in data:
        return ""
    return "" if isinstance(uv, dict) and ("workspace" in uv or "sources" in uv) else "there is no [project] table"
