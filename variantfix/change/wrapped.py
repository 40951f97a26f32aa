"""A package's only source, which becomes an array when a default group gets one too, and itself again afterwards.

The group's entry remembers it: there it names the group before the index, as no entry that joins an array does.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from variantfix.edits.sources import entry
from variantfix.toml import loads, scan, toml_string
from variantfix.toml.edits import same
from variantfix.uv.project import normalise

if TYPE_CHECKING:
    from collections.abc import Iterator

    from variantfix.toml import KeyPath, Layout
    from variantfix.uv.project import Project, Scope, Source

_TABLE = 4
"""The length of the path of a source that is a table: `tool.uv.sources.torch`."""


def joining(project: Project, source: Source, scope: Scope, spelling: str) -> str:
    """The entry of a group that takes a package from where another source does, as an inline table."""
    own = project.sources[source.package]
    if len(own) > 1 or len(own[0].at.path) > _TABLE:
        return entry(source.target, scope, spelling, source.marker)
    fields = {"group": spelling, "index": source.target, "marker": source.marker}
    return "{ " + ", ".join(f"{key} = {toml_string(value)}" for key, value in fields.items() if value) + " }"


def as_before(joined: str, parted: str, group: str) -> str:
    """A text from which a group's sources were taken, with what was no array before they joined none again.

    `joined` is the text with them. Returns `parted` where it cannot be.
    """
    for package in _wrapped(loads(joined), group):
        parted = _unwrapped(parted, ("tool", "uv", "sources", package))
    return parted


def _wrapped(data: dict[str, Any], group: str) -> Iterator[str]:
    for package, sources in data.get("tool", {}).get("uv", {}).get("sources", {}).items():
        ours = [s for s in sources if isinstance(s, dict)] if isinstance(sources, list) else []
        if len(ours) == 2 and any(next(iter(s), "") == "group" and normalise(s["group"]) == group for s in ours):
            yield package


def _unwrapped(text: str, at: KeyPath) -> str:
    """The text with the one element of an array in its place."""
    layout = scan(text)
    after = _with_table(layout, at)
    data = loads(text)
    sources = data["tool"]["uv"]["sources"]
    if len(sources.get(at[-1], ())) != 1:
        return text
    sources[at[-1]] = sources[at[-1]][0]
    return after if same(loads(after), data) else text


def _with_table(layout: Layout, at: KeyPath) -> str:
    text, statement = layout.text, layout.statement(at)
    if statement and statement.path == at and len(statement.value.entries) == 1:
        only = statement.value.entries[0].value
        return text[: statement.value.start] + text[only.start : only.end] + text[statement.value.end :]
    for block in layout.under(at):
        if block.is_array:
            header = text[block.start : block.body]
            single = header.replace("[[", "[", 1).replace("]]", "]", 1)
            return text[: block.start] + single + text[block.body :]
    return text
