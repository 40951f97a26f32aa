"""Extras and groups whose own torch a new variant cannot have: uv must not resolve them together."""

from __future__ import annotations

from typing import TYPE_CHECKING

from variantfix.change.fitting import admits
from variantfix.change.wanted import portable
from variantfix.edits.conflicts import add_sets
from variantfix.errors import ConfigError
from variantfix.uv.project import Section

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from variantfix.change.finish import Meant
    from variantfix.change.names import Asked
    from variantfix.toml import Edit
    from variantfix.uv.project import Scope


def kept_apart(meant: Meant, asked: Sequence[tuple[Asked, Scope]]) -> tuple[tuple[Edit, ...], tuple[str, ...]]:
    """The conflict sets of new variants with what pins a torch that their index does not have, and a note on each.

    Raises `ConfigError` where that is a default group, beside which no such variant could ever be chosen.
    """
    ctx, project = meant
    default = {scope for group in ctx.default_groups(project) for scope in ctx.activated(group)}
    notes: list[str] = []
    unmet: dict[Scope, Section] = {}
    for variant, _ in asked:
        for section, text in _unmet(meant, variant):
            if section.scope in default:
                raise ConfigError(
                    f"{project.file}: {variant.name}: the default {section.scope} wants {text!r}, which the "
                    f"{variant.accelerator.tag} index does not have",
                    hint="change the bound, or take another tag",
                )
            unmet[section.scope] = section
            notes.append(f"{variant.name} excludes {section.scope}, whose {text} its index does not have")
    # With all variants in the set: where one is left out, uv gives its build to the bare project. First without what
    # they exclude, which then still has its say where none of them is chosen (`kept_from_default`).
    members = [Section(scope, variant.name, project.base.at, ()) for variant, scope in asked]
    first = [members] if len(members) > 1 else []
    sets = [*first, *([*members, section] for section in unmet.values())] if unmet else []
    return add_sets(ctx.workspace, project, sets) if sets else (), tuple(notes)


def _unmet(meant: Meant, variant: Asked) -> Iterator[tuple[Section, str]]:
    for section in meant.project.sections.values():
        if section.scope.kind == "base" or section.scope in meant.ctx.by_scope:
            continue
        for requirement in section.named("torch"):
            if not admits(meant, variant, portable(requirement)):
                yield section, requirement.text.strip()


def kept_from_default(meant: Meant, group: Scope, new: Sequence[Scope]) -> tuple[Edit, ...]:
    """The conflict sets by which new variants exclude the default group that keeps what a whole project had.

    First one of the variants alone, then one with the group: uv leaves the last member of a set in whose others are out
    by an earlier one, so that the bare project has what the group routes also without it.
    """
    ctx, project = meant
    itself = project.sections[group]
    tags = {a.tag for v in ctx.variants if v.scope == group for a in v.accelerators}
    members = [project.sections[scope] for scope in new]
    told = {v.scope: {a.tag for a in v.accelerators} for v in ctx.variants}
    apart = [s for s in members if told.get(s.scope) != tags or len(tags) > 1]
    there = any({*new} <= {*conflict.members} for conflict in ctx.workspace.conflicts)
    sets = [members] if len(members) > 1 and not there else []
    return add_sets(ctx.workspace, project, [*sets, [itself, *apart]] if apart else sets) if sets or apart else ()
