"""Which platforms uv keeps together for a package in one fork, and which list decides it.

Source: tried with uv 0.13.9, each of these with a case in tests/detect/test_forks.py that asks it.

- uv goes through the lists in order: the base dependencies, the extras by name, each followed by those that it refers
  to, the groups by name. The first that asks for the package decides, with its markers and the sources that are bound
  to it; what follows divides no further, and its own undivided requirement joins nothing.
- What an extra refers to counts though a conflict set leaves it out, then without its sources.
- A list that asks on one system alone keeps all of them together.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from variantfix.detect.asked import DEFAULT, Part, asking, requirements
from variantfix.namedtuple import NamedTuple
from variantfix.uv.markers import platforms

if TYPE_CHECKING:
    from collections.abc import Iterator

    from variantfix.detect.context import Context
    from variantfix.uv.markers import Platform
    from variantfix.uv.project import Project, Scope


class Decisive(NamedTuple):
    """The first list of a project that asks for a package, with what it asks for."""

    scope: Scope
    parts: tuple[Part, ...]

    def together(self, everywhere: frozenset[Platform], platform: Platform) -> frozenset[Platform]:
        """The platforms that it keeps together with one."""
        blocks: list[frozenset[Platform]] = []
        for part in self.parts if len(self.parts) > 1 else ():
            touching = [block for block in blocks if block & part.platforms]
            blocks = [block for block in blocks if not block & part.platforms]
            blocks.append(part.platforms.union(*touching))
        if len(blocks) < 2:
            return everywhere
        rest = everywhere.difference(*blocks)
        return next((block for block in blocks if platform in block), rest)


def region(ctx: Context, lists: tuple[Scope, ...], package: str, platform: Platform) -> frozenset[Platform]:
    """The platforms that nothing divides from one for a package, in a fork that has some lists."""
    found = ctx.platforms
    for first in ctx.memory.once(("decisive", lists, package), lambda: tuple(_decisive(ctx, lists, package))):
        found &= first.together(ctx.platforms, platform)
    return found


def _decisive(ctx: Context, lists: tuple[Scope, ...], package: str) -> Iterator[Decisive]:
    files, here = {scope.file for scope in asking(ctx, package)}, frozenset(lists)
    found = (decisive(ctx, p, here, package) for p in ctx.workspace.projects if p.file in files)
    yield from filter(None, found)


def decisive(ctx: Context, project: Project, here: frozenset[Scope], package: str) -> Decisive | None:
    """The list of a project that decides in such a fork; None where none asks for the package."""
    asked = asking(ctx, package)
    for scope in _in_order(ctx, project, here):
        if scope in asked:
            return Decisive(scope, asked[scope] if scope in here else _bare(ctx, project, scope, package))
    return None


def _in_order(ctx: Context, project: Project, here: frozenset[Scope]) -> Iterator[Scope]:
    """The lists of a project that are in a fork, and those that its extras refer to, as uv comes upon them."""
    yield project.base.scope
    seen: set[Scope] = set()
    backwards = ctx.memory.once(
        ("backwards", project), lambda: sorted((s.scope for s in project.extras()), reverse=True)
    )
    todo = [scope for scope in backwards if scope in here]
    while todo:
        scope = todo.pop()
        if scope not in seen and scope in project.sections:
            seen.add(scope)
            yield scope
            todo += (each for each in reversed(ctx.workspace.references(scope)) if each.kind == "extra")
    yield from sorted((s.scope for s in project.groups() if s.scope in here), key=lambda scope: scope.name)


def _bare(ctx: Context, project: Project, scope: Scope, package: str) -> tuple[Part, ...]:
    """What a list asks for of a package without the sources that are bound to it."""
    named = requirements(ctx, project, project.sections[scope], package)
    return tuple(Part(platforms(r.marker) & ctx.platforms, DEFAULT) for r, _ in named)
