"""torch, or a package that needs it, stands in the base dependencies beside the variants.

Without an extra, uv resolves the base dependencies in a fork of their own, in which no variant's source applies: a
bare `uv sync` or `uv run` installs PyPI's torch, on Linux with all of CUDA, over the build that was there. The same
holds for an extra or group that needs torch and is used without a variant.

## Why it matters

`uv sync --extra cpu`, then `uv run python train.py`: the second command removes the CPU build and downloads CUDA.

## Example

```toml
[project]
dependencies = ["torch>=2.7", "numpy"]
```

With `--unsafe`, the base dependencies that bring torch move into every variant:

```toml
[project]
dependencies = ["numpy"]

[project.optional-dependencies]
cpu = ["torch>=2.7"]
cu128 = ["torch>=2.7"]
```

Bounds are kept: a variant's own requirement stays where it asks for no less than the base's, gives way where it asks
for less, and else is joined with it. The fix is unsafe since the published package then no longer requires torch by
itself; into dependency groups, which are not published at all, nothing is moved.

## When to ignore it

Where the bare project is meant to have PyPI's build, and everyone uses `uv run --extra …` or `UV_NO_SYNC=1`: write
`# variantfix: ignore[base-torch]` behind the line. An extra or group that conflicts with every variant and has no
source of its own says the same to uv and to this rule: PyPI's build is one of the choices.

Threads: astral-sh/uv#12290, #16380, #18365, #9289
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from variantfix.detect.memory import remembered
from variantfix.detect.routing import lone_variant
from variantfix.detect.variants import sync
from variantfix.edits.requirements import name_in
from variantfix.pytorch import catalog
from variantfix.pytorch.certainty import surest
from variantfix.rules.rule import Finding, Fix, Rule, Safety, Severity
from variantfix.toml import Edit, Put, Remove, once, toml_string
from variantfix.uv.implication import implies

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from variantfix.detect.context import Context
    from variantfix.detect.variants import Variant
    from variantfix.pytorch.certainty import Certainty
    from variantfix.uv.project import Project, Requirement, Scope, Section


_SILENCE = "say so with `# variantfix: ignore[base-torch]` on this line"


def check(ctx: Context) -> Iterator[Finding]:
    for project in ctx.workspace.projects:
        variants = ctx.variants_of(project)
        if not variants or _is_settled(ctx, project, variants):
            continue
        in_base = {r: known for r in project.base.requirements if (known := _brings_torch(ctx, project, r))}
        if in_base:
            first = next(iter(in_base))
            named = ", ".join(dict.fromkeys(r.name for r in in_base))
            yield RULE.finding(
                f"a bare `uv sync` or `uv run` puts PyPI's torch over a variant's: the base brings it ({named})",
                first.at,
                variants=variants,
                fix=_move(ctx, project, tuple(in_base)),
                advice=_advice(variants),
                known=surest(in_base.values()),
            )
        elif users := [(s, known) for s in project.sections.values() if (known := _uses_torch(ctx, project, s))]:
            named = ", ".join(s.spelling for s, _ in users)
            (one, _), them = users[0], "it" if len(users) == 1 else "them"
            yield RULE.finding(
                f"`{sync(one.scope, one.spelling)}` without a variant installs PyPI's torch: {named} "
                f"{'needs' if len(users) == 1 else 'need'} torch",
                one.at,
                variants=variants,
                advice=f"always use {them} together with a variant; or, if PyPI's build is meant there, {_SILENCE}",
                known=surest(known for _, known in users),
            )


def _advice(variants: Sequence[Variant]) -> str:
    if any(v.scope.kind == "group" for v in variants):
        return f"if PyPI's build is meant there, {_SILENCE}; else it can move, into variants that are extras"
    return f"move it into the variants; or, if PyPI's build is meant there, {_SILENCE}"


def _is_settled(ctx: Context, project: Project, variants: Sequence[Variant]) -> bool:
    """Whether what is no variant takes one anyway, or PyPI's build is one of those that the file offers."""
    if lone_variant(ctx, project) or any(scope.file == project.file for scope in ctx.counterparts):
        return True
    default = {scope for group in ctx.default_groups(project) for scope in ctx.activated(group)}
    return any(v.scope in default for v in variants)


def _brings_torch(ctx: Context, project: Project, requirement: Requirement) -> Certainty | None:
    """How sure it is that a requirement brings a build of torch from PyPI; None where it does not."""
    member = ctx.workspace.member(requirement.name)
    if member is not None:
        return _brings_by_list(ctx, *member.scopes(requirement.extras))
    family = catalog.family().get(requirement.name)
    if family is not None:
        brought: Certainty | None = "seen" if family.accelerator_specific else None
    else:
        brought = ctx.torch_dependence(requirement.name, requirement.extras, (requirement.specifier,))
    is_routed = brought and (requirement.url or ctx.unscoped_sources(project, requirement.name))
    return None if is_routed else brought


@remembered
def _brings_by_list(ctx: Context, *scopes: Scope) -> Certainty | None:
    """How sure it is that what some lists bring does so; None where they bring a variant."""
    if any(ctx.activated(scope) & ctx.by_scope.keys() for scope in scopes):
        return None
    written = (r for reach in ctx.closure(*scopes).values() for r in reach.written)
    return _surest(_brings_torch(ctx, ctx.workspace.project(r.at.file), r) for r in written)


def _surest(found: Iterable[Certainty | None]) -> Certainty | None:
    known = [each for each in found if each]
    return surest(known) if known else None


def _uses_torch(ctx: Context, project: Project, section: Section) -> Certainty | None:
    if section.scope.kind == "base" or ctx.activated(section.scope) & _settled(ctx):
        return None
    return _surest(_brings_torch(ctx, project, r) for r in section.requirements)


@remembered
def _settled(ctx: Context) -> frozenset[Scope]:
    """The variants; counterparts, which take PyPI's build on purpose; and what is another rule's, as none tells it."""
    return frozenset((*ctx.by_scope, *ctx.counterparts, *ctx.undecided))


def _move(ctx: Context, project: Project, requirements: Sequence[Requirement]) -> Fix | None:
    """Write the base's requirements into every variant, and whatever else stands for torch in a conflict set.

    None where a group is among them: what the package requires by itself is not to go where it is not published. And
    none of one that the base has twice, divided by markers: that is to be seen in one place.
    """
    variants = ctx.variants_of(project)
    targets = [ctx.section(v) for v in variants] + [s for s in project.sections.values() if _is_rival(ctx, s)]
    groups = any(section.scope.kind == "group" for section in targets)
    is_divided = len({r.name for r in requirements}) < len(requirements)
    if len(variants) < 2 or groups or is_divided or any(ctx.workspace.member(r.name) for r in requirements):
        return None
    named = once(edit for section in targets for r in requirements for edit in _name(section, r))
    moved = {edit.like for edit in named if not isinstance(edit, Remove)}
    # From the last to the first, so that a removal leaves the places of the others as they are.
    removed: list[Edit] = [Remove(r.at.file, r.at.path, moved=r.at.path in moved) for r in reversed(requirements)]
    into = ", ".join(section.spelling for section in targets)
    packages = ", ".join(dict.fromkeys(r.name for r in requirements))
    lost = "them" if "," in packages else "it"
    title = f"move {packages} into {into}: a bare install then is without {lost}"
    return Fix(title, (*named, *removed), Safety.UNSAFE, takes=True)


def _is_rival(ctx: Context, section: Section) -> bool:
    """Whether a section that is no variant conflicts with one, and names a build of torch as they do."""
    is_variant = section.scope in ctx.by_scope
    names = any(r.name == "torch" for r in section.requirements)
    return names and not is_variant and any(enemy in ctx.by_scope for enemy in ctx.enemies(section.scope))


def _name(section: Section, requirement: Requirement) -> Iterator[Edit]:
    """The edit by which a section comes to ask for all that a requirement does, unless it does so already."""
    own = section.named(requirement.name)
    text = requirement.text.strip()
    if any(_implies(each, requirement) for each in own):
        return
    if len(own) != 1:
        yield name_in(section, text, requirement)
    elif _implies(requirement, own[0]):
        yield Put(own[0].at.file, own[0].at.path, toml_string(text), like=requirement.at.path)
    elif both := _both(own[0], requirement):
        yield Put(own[0].at.file, own[0].at.path, toml_string(both), like=requirement.at.path)
    else:
        yield name_in(section, text, requirement)


def _both(own: Requirement, other: Requirement) -> str:
    """One requirement that asks for what two do; empty where one line cannot say it."""
    if own.url or other.url or own.extras != other.extras or own.marker != other.marker or not own.specifier:
        return ""
    head, semicolon, marker = own.text.strip().partition(";")
    more = [clause for clause in other.specifier.split(",") if not implies(own.specifier, clause.strip())]
    return f"{head.rstrip()},{','.join(more)}{semicolon}{marker}"


def _implies(own: Requirement, other: Requirement) -> bool:
    """Whether a requirement on the same package asks for no less than another."""
    if own.url:
        return True
    if set(other.extras) - set(own.extras) or own.marker not in ("", other.marker):
        return False
    return implies(own.specifier, other.specifier)


RULE = Rule("base-torch", Severity.WARNING, __doc__, check, remedy="unsafe")
