"""How a project's data is written as TOML: one of the many ways in which people lay out such files."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from random import Random
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

_NOISE = ("[tool.ruff]", "line-length = 100"), ("[tool.pytest.ini_options]", 'addopts = "-q"  # quiet')


@dataclass(frozen=True, slots=True)
class Style:
    """One way of writing. `seed` decides the order of the tables, and where comments stand."""

    seed: int = 0
    newline: str = "\n"
    quote: str = '"'
    indent: str = "    "
    pad: str = " "
    has_lines: bool = True
    trailing: bool = True
    shuffled: bool = False
    comments: int = 0
    bom: bool = False
    last_newline: bool = True
    inline_indexes: bool = False
    inline_extras: bool = False
    lone_tables: bool = True
    source_tables: bool = False


def draw_style(random: Random) -> Style:
    """Any style; plain LF and double quotes are the likeliest, as with people."""

    def chance(percent: int) -> bool:
        return random.randrange(100) >= 100 - percent

    return Style(
        seed=random.randrange(1000),
        newline="\r\n" if chance(15) else "\n",
        quote="'" if chance(20) else '"',
        indent=random.choice(("    ", "  ", "\t")),
        pad=random.choice((" ", "")),
        has_lines=not chance(40),
        trailing=not chance(30),
        shuffled=chance(40),
        comments=random.choice((0, 0, 10, 40)),
        bom=chance(5),
        last_newline=not chance(10),
        inline_indexes=chance(15),
        inline_extras=chance(10),
        lone_tables=not chance(30),
        source_tables=chance(15),
    )


def render(data: Mapping[str, Any], style: Style) -> str:
    """The data of a pyproject.toml as text."""
    pen = _Pen(style)
    blocks = [_NOISE[0], *filter(None, pen.blocks(data)), _NOISE[1]]
    if style.shuffled:
        pen.random.shuffle(blocks)
    text = "\n\n".join("\n".join([*pen.above(), *block]) for block in blocks) + "\n" * style.last_newline
    return "\ufeff" * style.bom + text.replace("\n", style.newline)


Block = tuple[str, ...]


class _Pen:
    """Writes values in a style, and numbers the comments that it strews in."""

    def __init__(self, style: Style) -> None:
        self.style = style
        self.random = Random(style.seed)
        self.count = 0

    def blocks(self, data: Mapping[str, Any]) -> Iterator[Block]:
        project = dict(data.get("project", {}))
        extras = project.pop("optional-dependencies", {})
        if extras and self.style.inline_extras:
            project |= {f"optional-dependencies.{key(name)}": items for name, items in extras.items()}
            extras = {}
        uv = dict(data.get("tool", {}).get("uv", {}))
        sources, indexes = uv.pop("sources", {}), uv.pop("index", [])
        if indexes and self.style.inline_indexes:
            uv["index"], indexes = indexes, []
        workspace = uv.pop("workspace", {})
        tables = {
            "build-system": data.get("build-system", {}),
            "project": project,
            "project.optional-dependencies": extras,
            "dependency-groups": data.get("dependency-groups", {}),
            "tool.uv": uv,
            "tool.uv.workspace": workspace,
            "tool.variantfix": data.get("tool", {}).get("variantfix", {}),
        }
        yield from (self._table(f"[{name}]", table) for name, table in tables.items() if table)
        yield self._sources(sources)
        yield from (self._table("[[tool.uv.index]]", index) for index in indexes)

    def _sources(self, sources: Mapping[str, list[dict[str, str]]]) -> Block:
        """The sources, together: a reader that keeps the order of such tables does not take scattered ones."""
        if self.style.source_tables:
            entries = [(f"[[tool.uv.sources.{key(name)}]]", entry) for name, each in sources.items() for entry in each]
            tables = [(*([""] if number else []), *self._table(*entry)) for number, entry in enumerate(entries)]
            return tuple(line for table in tables for line in table)
        lone = self.style.lone_tables
        shown = {n: entries[0] if lone and len(entries) == 1 else entries for n, entries in sources.items()}
        return self._table("[tool.uv.sources]", shown) if shown else ()

    def _table(self, header: str, table: Mapping[str, Any]) -> Block:
        lines = [header + self.aside()]
        for name, value in table.items():
            dotted = name if name.startswith("optional-dependencies.") else key(name)
            lines += [*self.above(), f"{dotted} = {self.value(value, '')}{self.aside()}"]
        return tuple(lines)

    def value(self, value: Any, indent: str) -> str:
        if isinstance(value, bool):
            return str(value).lower()
        if isinstance(value, str):
            quote = self.style.quote if "'" not in value else '"'
            return f"{quote}{value}{quote}"
        if isinstance(value, Mapping):
            inner = ", ".join(f"{key(k)} = {self.value(v, indent)}" for k, v in value.items())
            return f"{{{self.style.pad}{inner}{self.style.pad}}}" if value else "{}"
        return self._array(value, indent) if isinstance(value, list) else str(value)

    def _array(self, array: list[Any], indent: str) -> str:
        if not array:
            return "[]"
        if not self.style.has_lines:
            return f"[{', '.join(self.value(item, indent) for item in array)}]"
        deeper = indent + self.style.indent
        lines = ["["]
        for number, item in enumerate(array, 1):
            comma = "," if self.style.trailing or number < len(array) else ""
            lines += [deeper + comment for comment in self.above()]
            lines.append(f"{deeper}{self.value(item, deeper)}{comma}{self.aside()}")
        return "\n".join([*lines, f"{indent}]"])

    def above(self) -> list[str]:
        return [f"# note {self._next()}"] if self._speaks() else []

    def aside(self) -> str:
        return f"  # note {self._next()}" if self._speaks() else ""

    def _speaks(self) -> bool:
        return self.random.randrange(100) < self.style.comments

    def _next(self) -> int:
        self.count += 1
        return self.count


def key(name: str) -> str:
    """A key, quoted where TOML asks for it."""
    return name if re.fullmatch(r"[\w-]+", name) else f'"{name}"'
