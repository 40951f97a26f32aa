"""A bound on how often extras and groups refer to one another: each is asked for all that it switches on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from variantfix.errors import InputError
from variantfix.uv.project import Scope

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from variantfix.uv.project import Section
    from variantfix.uv.workspace import Workspace

_FEW = 50
"""Lists that cannot refer to one another too often, however they do."""
_MOST = 100_000


def check_includes(workspace: Workspace) -> None:
    """Raise `InputError` where what all lists switch on, by way of others too, is more than can be followed in time."""
    scopes = workspace.scopes()
    if len(scopes) <= _FEW:
        return
    refers: dict[Scope, tuple[Scope, ...]] = {s.scope: tuple(_references(workspace, s)) for s in workspace.sections()}
    count = 0
    for scope in scopes:
        for _ in _switched_on(refers, scope):
            count += 1
            if count > _MOST:
                raise InputError(
                    f"{workspace.root.file}: its extras and groups refer to one another more than {_MOST} times"
                )


def _references(workspace: Workspace, section: Section) -> Iterator[Scope]:
    """What a list switches on, of other members too."""
    for requirement in section.requirements:
        if member := workspace.member(requirement.name):
            yield from member.scopes(requirement.extras)
    yield from (Scope(section.scope.file, "group", name) for name in section.includes)


def _switched_on(refers: Mapping[Scope, tuple[Scope, ...]], scope: Scope) -> Iterator[Scope]:
    """What a list refers to, and what that does, each reference once."""
    todo, seen = [scope], {scope}
    while todo:
        for other in refers.get(todo.pop(), ()):
            yield other
            if other not in seen:
                seen.add(other)
                todo.append(other)
