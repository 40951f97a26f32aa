"""Comments that take findings out: `# variantfix: ignore[rule] reason`."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from variantfix.errors import ConfigError, suggestion
from variantfix.namedtuple import NamedTuple
from variantfix.rules import unused_ignore
from variantfix.rules.every import NAMES
from variantfix.uv.project import Place

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    from variantfix.rules.rule import Finding
    from variantfix.settings import Settings
    from variantfix.toml import KeyPath

_MARK = "variantfix:"
_IGNORE = re.compile(r"#\s*variantfix:\s*ignore\[([^\]]*)\]")


class Ignore(NamedTuple):
    """One rule that a comment names, and the paths that the comment stands on: a line's, or a whole table's."""

    rule: str
    file: str
    line: int
    paths: tuple[KeyPath, ...]

    def covers(self, finding: Finding) -> bool:
        """Whether it takes a finding out."""
        return self.rule == finding.rule and self.file == finding.at.file and self._holds(finding.at)

    def _holds(self, at: Place) -> bool:
        return any(at.path[: len(path)] == path for path in self.paths)


def read_ignores(texts: Mapping[str, str]) -> tuple[Ignore, ...]:
    """The ignores in the comments of some texts, by file name.

    A comment on a line of its own speaks of the next line that is none. Raises `ConfigError`, with file and line,
    for a rule that does not exist.
    """
    return tuple(ignore for file, text in texts.items() if _MARK in text for ignore in _read(file, text))


def _read(file: str, text: str) -> Iterator[Ignore]:
    from variantfix.toml import scan

    layout = scan(text)
    subjects = _subjects(text.split("\n"))
    for line, comment in layout.comments():
        if not (match := _IGNORE.match(comment)):
            continue
        paths = layout.paths_at(subjects[line - 1])
        for name in map(str.strip, match[1].split(",")):
            if name not in NAMES:
                raise ConfigError(f"{file}:{line}: unknown rule {name!r}", hint=suggestion(name, NAMES))
            yield Ignore(name, file, line, paths)


def _subjects(lines: list[str]) -> list[int]:
    """The line that a comment on each line speaks of: its own, or the next that is neither blank nor a comment."""
    found = [len(lines)] * len(lines)
    for number in range(len(lines) - 1, 0, -1):
        line = lines[number - 1].lstrip()
        found[number - 1] = number if line and line[0] != "#" else found[number]
    return found


def unused_ignores(ignores: tuple[Ignore, ...], used: Collection[Ignore], settings: Settings) -> tuple[Finding, ...]:
    """Findings on the ignores that took nothing out, of rules that were asked for."""
    if not settings.wants(unused_ignore.RULE.name):
        return ()
    return tuple(_unused(ignore) for ignore in ignores if ignore not in used and settings.wants(ignore.rule))


def _unused(ignore: Ignore) -> Finding:
    return unused_ignore.RULE.finding(
        f"the comment on line {ignore.line} ignores {ignore.rule}, which finds nothing there",
        Place(ignore.file, ignore.paths[0] if ignore.paths else ()),
        advice="remove it",
    )
