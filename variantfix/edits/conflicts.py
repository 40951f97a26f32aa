"""The edits that add conflict sets, and members to them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from variantfix.toml import Append, Edit, Put, toml_string

if TYPE_CHECKING:
    from collections.abc import Sequence

    from variantfix.detect.variants import Variant
    from variantfix.uv.project import Project, Section
    from variantfix.uv.workspace import Workspace


def add_sets(workspace: Workspace, project: Project, sets: Sequence[Sequence[Variant | Section]]) -> tuple[Edit, ...]:
    """The edits that add conflict sets of extras and groups to a project's file."""
    path = ("tool", "uv", "conflicts")
    listed = [[conflict_item(workspace, project, member) for member in members] for members in sets]
    if "conflicts" in project.uv.keys:
        texts = ("[\n" + "".join(f"    {item},\n" for item in items) + "]" for items in listed)
        return tuple(Append(project.file, path, text) for text in texts)
    blocks = ("    [\n" + "".join(f"        {item},\n" for item in items) + "    ],\n" for items in listed)
    return (Put(project.file, path, f"[\n{''.join(blocks)}]"),)


def conflict_item(workspace: Workspace, project: Project, member: Variant | Section) -> str:
    """A member of a conflict set in a project's file, as an inline table."""
    named = f"{member.scope.kind} = {toml_string(member.spelling)}"
    if member.scope.file == project.file:
        return f"{{ {named} }}"
    return f"{{ package = {toml_string(workspace.project(member.scope.file).name)}, {named} }}"
