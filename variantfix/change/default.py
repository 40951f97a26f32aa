"""The variant of a bare `uv sync`: by a dependency group among the default ones that stands for it.

uv has no default extras. A group in `default-groups` with the variant's own requirements and sources gives the bare
project that variant, and keeps the others: the rules set it in conflict with those of other accelerators alone, so
that `uv sync --extra cu128` works beside a default cu128, and `uv sync --no-group torch-default --extra cpu` takes
another. A source of a group does not travel to consumers by git, as an unscoped one does.

Threads: astral-sh/uv#8607, #12965, #19582
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from variantfix.change.finish import Meant, finish, look
from variantfix.change.withdraw import withdrawn, without_idle_header
from variantfix.change.wrapped import as_before, joining
from variantfix.edits.conflicts import add_sets
from variantfix.edits.sources import add_sources
from variantfix.errors import ConfigError, NothingError, suggestion
from variantfix.namedtuple import NamedTuple
from variantfix.pytorch import catalog
from variantfix.repair.pipeline import edited
from variantfix.terminal import shell_word
from variantfix.toml import Append, Edit, Put, toml_string
from variantfix.uv.project import Scope, Section, normalise

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from variantfix.detect.beside import Evidence
    from variantfix.detect.variants import Variant
    from variantfix.repair.pipeline import Repair
    from variantfix.settings import Settings
    from variantfix.uv.project import Project

GROUP = "torch-default"


class Request(NamedTuple):
    """The variant that is to be the default; empty for none."""

    variant: str = ""


def default_texts(
    texts: Mapping[str, str], settings: Settings, evidence: Evidence, *, request: Request, only: str = ""
) -> Repair:
    """A project, given as texts with the root first, whose bare selection gets a variant; without one, none.

    Raises `ConfigError` for a variant that the project does not have, `NothingError` where it has none.
    """
    before = look(texts, settings, evidence, only=only)
    chosen = _chosen(before, request.variant) if request.variant else None
    former = tuple(_former(before))
    place = former[0][0] if former and chosen else None
    bare = edited(texts, withdrawn(before, GROUP, [normalise(name) for _, name in former], kept=place))
    bare = {file: _tidied(texts[file], text) for file, text in bare.items()}
    if chosen is None:
        return finish(bare, (), settings, evidence, tuple(_on_none(former)), since=texts, only=only)
    meant = look(bare, settings, evidence, only=only)
    now = next(v for v in meant.ctx.variants_of(meant.project) if v.scope == chosen.scope)
    _check_parted(meant, now)
    edits = tuple(standing_for(meant, now, request.variant, place))
    _check_alone(look(edited(bare, edits), settings, evidence, only=only), now)
    notes = tuple(_on_default(meant, now, former))
    repair = finish(bare, edits, settings, evidence, notes, since=texts, only=only, wrap=False)
    return repair._replace(after={file: _ending(texts[file], text) for file, text in repair.after.items()})


def _tidied(before: str, after: str) -> str:
    """A text after a default was taken out of it, without what was there for that alone."""
    return after if after == before else _ending(before, as_before(before, without_idle_header(before, after), GROUP))


def _ending(before: str, after: str) -> str:
    """A text that ends in the line ends with which it did before."""
    return after.rstrip("\r\n") + before[len(before.rstrip("\r\n")) :]


def _former(meant: Meant) -> Iterator[tuple[int, str]]:
    """The names by which variants stand among the default groups, each with its place there."""
    listed = meant.project.uv.default_groups
    groups = {v.scope.name for v in meant.ctx.variants_of(meant.project) if v.scope.kind == "group"}
    for place, name in enumerate(listed if isinstance(listed, tuple) else ()):
        if normalise(name) in groups:
            yield place, name


def _on_none(former: Sequence[tuple[int, str]]) -> Iterator[str]:
    if not former:
        yield "there is no default variant"
        return
    yield "a bare `uv sync` gets no variant now"
    yield from (
        f"`variantfix default {shell_word(name)}` brings {name} back" for _, name in former if normalise(name) != GROUP
    )


def _on_default(meant: Meant, now: Variant, former: Sequence[tuple[int, str]]) -> Iterator[str]:
    name = now.spelling if now.scope.kind == "group" else GROUP
    other = next((v for v in meant.ctx.variants_of(meant.project) if v.accelerator != now.accelerator), now)
    yield f"a bare `uv sync` and `uv run` get {now} now, by the default group {name}"
    yield f"another: `uv sync --no-group {shell_word(name)} --{other.scope.kind} {shell_word(str(other))}`"
    yield from (
        f"before, they got {name}: `variantfix default {shell_word(name)}` brings it back"
        for _, name in former
        if normalise(name) not in (GROUP, now.scope.name)
    )


def _check_parted(meant: Meant, now: Variant) -> None:
    """Raise `ConfigError` where the variant could be active with another: nothing can stand for it then."""
    ctx = meant.ctx
    for other in ctx.variants_of(meant.project):
        if other.accelerator != now.accelerator and other.scope not in ctx.enemies(now.scope):
            raise ConfigError(
                f"{meant.project.file}: no conflict set parts {now} and {other}", hint="`variantfix apply` adds it"
            )


def _check_alone(meant: Meant, now: Variant) -> None:
    """Raise `ConfigError` where another default group brings what excludes the variant: uv refuses every sync."""
    ctx = meant.ctx
    others = {v.scope for v in ctx.variants_of(meant.project) if v.accelerator != now.accelerator}
    for group in ctx.default_groups(meant.project):
        clashing = sorted(scope.name for scope in ctx.activated(group) & others if scope.name != GROUP)
        if clashing:
            raise ConfigError(
                f"{meant.project.file}: the default {group} brings {clashing[0]}, beside which {now} cannot be",
                hint="take it out of there first",
            )


def standing_for(meant: Meant, variant: Variant, spelling: str, place: int | None = None) -> Iterator[Edit]:
    """The edits by which a default group stands for a variant: the group itself, as it is spelt, if the variant is one.

    It takes the `place` of another among the default groups, where it is given.
    """
    project = meant.project
    if variant.scope.kind == "group":
        yield from make_default(project, spelling, place)
        return
    section = meant.ctx.section(variant)
    named = [r for r in section.requirements if r.name in catalog.family()]
    yield from group_edits(project, [r.text.strip() for r in named], place)
    scope = Scope(project.file, "group", GROUP)
    for package in dict.fromkeys(r.name for r in named):
        own = [s for s in meant.ctx.sources(variant, package) if s.kind == "index"]
        if own:
            entries = [joining(project, s, scope, GROUP) for s in own]
            yield from add_sources(meant.ctx, project, package, entries)
    itself = Section(scope, GROUP, project.base.at, ())
    if sets := [[itself, *members] for members in _excluded(meant, variant)]:
        yield from add_sets(meant.ctx.workspace, project, sets)


def _excluded(meant: Meant, variant: Variant) -> Iterator[list[Section]]:
    """What excludes a variant, but for others of its accelerator, in lists of what excludes one another anyway.

    So that what could be chosen together still can be.
    """
    ctx = meant.ctx
    alike = {v.scope for v in ctx.variants if v.accelerator == variant.accelerator}
    lists: list[list[Section]] = []
    for section in (s for p in ctx.workspace.projects for s in p.sections.values()):
        if section.scope not in ctx.enemies(variant.scope) - alike:
            continue
        room = (each for each in lists if all(section.scope in ctx.enemies(member.scope) for member in each))
        if (found := next(room, None)) is not None:
            found.append(section)
        else:
            lists.append([section])
    yield from lists


def group_edits(project: Project, requirements: Sequence[str], place: int | None = None) -> Iterator[Edit]:
    """The edits that add the default group with some requirements. Raises `ConfigError` where the name is taken."""
    if Scope(project.file, "group", GROUP) in project.sections:
        raise ConfigError(f"{project.file}: there is a dependency group {GROUP} already", hint="rename it")
    yield Put(project.file, ("dependency-groups", GROUP), array(requirements))
    yield from make_default(project, GROUP, place)


def make_default(project: Project, group: str, place: int | None = None) -> Iterator[Edit]:
    """The edit that adds a group to the default ones, which are `dev` where the file does not say, or to a place there.

    Where the key is new, the group comes first in it, by which `withdrawn` knows that it may take the key away.
    """
    at = ("tool", "uv", "default-groups")
    match project.uv.default_groups:
        case "all":
            return
        case None:
            dev = [s.spelling for s in project.groups() if s.scope.name == "dev"]
            if normalise(group) != "dev":
                yield Put(project.file, at, array([group, *dev], wide=True))
        case tuple() as listed if place is not None and normalise(listed[place]) != normalise(group):
            yield Put(project.file, (*at, place), toml_string(group))
        case tuple() as listed if normalise(group) not in map(normalise, listed):
            yield Append(project.file, at, toml_string(group))


def array(texts: Sequence[str], *, wide: bool = False) -> str:
    """An array of strings as TOML: on one line where it is one, or where `wide`, else a line for each."""
    if len(texts) < 2 or wide:
        return f"[{', '.join(map(toml_string, texts))}]"
    return "[\n" + "".join(f"    {toml_string(text)},\n" for text in texts) + "]"


def _chosen(meant: Meant, name: str) -> Variant:
    variants = sorted(meant.ctx.variants_of(meant.project), key=lambda v: v.scope.kind != "group")
    for variant in variants:  # a group before an extra of its name: it can be a default itself
        if variant.scope.name == normalise(name) and normalise(name) != GROUP:
            return variant
    names = [v.spelling for v in variants if v.scope.name != GROUP]
    said = f"{meant.project.file}: there is no variant {name!r}"
    if not names:
        raise NothingError(said, hint="`variantfix add cpu cu128` makes some")
    raise ConfigError(said, hint=suggestion(name, names))
