"""A source is scoped to an extra or group whose own list does not name the package.

`extra = "cu128"` on a source means "for the requirement that stands in the list of cu128", not "when cu128 is
active". Where the list does not name the package, uv refuses the whole project.

## Why it matters

The message speaks of a build, though nothing is built:

    Failed to build `app @ file://…`
    Source entry for `torch` only applies to extra `cu128`, but `torch` was not found under the
    `project.optional-dependencies` section for that extra.

## Example

```toml
[project.optional-dependencies]
cpu = ["torch>=2.7"]
cu128 = ["accelerate"]
```

becomes

```toml
[project.optional-dependencies]
cpu = ["torch>=2.7"]
cu128 = ["accelerate", "torch>=2.7"]
```

The bounds are those of the other variants or of the base dependencies. An extra that does not exist is added where
the index of the source has the accelerator that the extra's name tells; a source whose `extra` is really a group,
or the other way round, is corrected; one that another extra has the accelerator of, where the name is a former one, is
renamed, also in the conflict sets. What a group has by `include-group` counts as named; what an extra has through
another extra does not. Where the extras are another member's, the source belongs there: uv checks it where it stands,
unless the workspace's root has no `[project]`. Dynamic extras are left alone, as the build backend alone knows them.

## When to ignore it

Never: uv refuses such a project.

Threads: astral-sh/uv#9259, #18272, #11941, #9292, marin-community/marin#1691
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from variantfix.detect.renames import renamed
from variantfix.detect.variants import SOURCE, Variant
from variantfix.edits.requirements import name_in, requirement_text
from variantfix.edits.sources import remove_sources
from variantfix.pytorch import accelerator
from variantfix.rules.rule import Finding, Fix, Rule, Safety, Severity
from variantfix.toml import Edit, Put, Remove, toml_string
from variantfix.uv.project import Place, Project, Scope, Source, normalise

if TYPE_CHECKING:
    from collections.abc import Iterator

    from variantfix.detect.context import Context
    from variantfix.uv.project import Section


def check(ctx: Context) -> Iterator[Finding]:
    for project in ctx.workspace.projects:
        if project.is_virtual:
            continue  # a virtual root's sources hold for its members' extras
        for entries in project.sources.values():
            for scope in dict.fromkeys(source.scope() for source in entries):
                if scope is None or _is_dynamic(project, scope):
                    continue
                bound = [source for source in entries if source.scope() == scope]
                section = project.sections.get(scope)
                if section is None:
                    yield _absent(ctx, project, bound, scope)
                elif not project.lists(section, bound[0].package):
                    yield _unlisted(ctx, project, bound[0], scope)


def _is_dynamic(project: Project, scope: Scope) -> bool:
    """Whether the build backend alone knows the extras."""
    return scope.kind == "extra" and "optional-dependencies" in project.dynamic


def _unlisted(ctx: Context, project: Project, source: Source, scope: Scope) -> Finding:
    section = project.sections[scope]
    text = _text(ctx, project, source, scope)
    fix = Fix(f"name {text} in {scope.name}", (name_in(section, text),))
    return RULE.finding(
        f"the source of {source.package} is bound to {scope}, whose list does not name it: uv refuses the file",
        source.at,
        variants=(section.spelling,),
        packages=(source.package,),
        fix=fix,
    )


def _absent(ctx: Context, project: Project, bound: list[Source], scope: Scope) -> Finding:
    source = bound[0]
    other = Scope(scope.file, "group" if scope.kind == "extra" else "extra", scope.name)
    spelling = source.extra or source.group
    message = f"the source of {source.package} is bound to {scope}, which does not exist: uv refuses the file"
    advice = f"add the {scope.kind} with {source.package} in its list, or remove the source"
    fix = None
    if other in project.sections:
        fix = Fix(
            f"bind it to the {other.kind} of that name",
            tuple(e for each in bound for e in _rebind(each, other.kind, spelling)),
        )
    elif elsewhere := [p.name for p in ctx.workspace.projects if scope._replace(file=p.file) in p.sections]:
        advice = f"move the source to {', '.join(elsewhere)}: uv checks it against this project's own {scope.kind}s"
    elif section := renamed(ctx, project, source):
        edits = (*_called(bound, section), *_in_conflicts(ctx, scope, section))
        fix = Fix(f"write {section.spelling} instead, also in the conflict sets", edits)
    elif _is_meant(ctx, project, source, scope):
        text = _text(ctx, project, source, scope)
        edits = (_new_section(project, scope, spelling, text),)
        fix = Fix(f"add the {scope.kind} {spelling} with {text}", edits, Safety.UNSAFE)
    else:
        fix = Fix(
            f"remove the source: there is no {spelling} that it could serve",
            remove_sources(ctx.workspace, project, bound),
            Safety.UNSAFE,
        )
    return RULE.finding(message, source.at, variants=(spelling,), packages=(source.package,), fix=fix, advice=advice)


def _is_meant(ctx: Context, project: Project, source: Source, scope: Scope) -> bool:
    told = ctx.accelerator_of(project, source)
    return told is not None and told == accelerator.from_name(scope.name)


def _new_section(project: Project, scope: Scope, spelling: str, text: str) -> Edit:
    table = ("project", "optional-dependencies") if scope.kind == "extra" else ("dependency-groups",)
    return Put(project.file, (*table, spelling), f"[{toml_string(text)}]")


def _rebind(source: Source, kind: str, spelling: str) -> tuple[Edit, ...]:
    wrong = "group" if kind == "extra" else "extra"
    at = source.at
    return Put(at.file, (*at.path, kind), toml_string(spelling)), Remove(at.file, (*at.path, wrong))


def _called(bound: list[Source], section: Section) -> Iterator[Edit]:
    """The edits that have sources name another extra or group of the same kind."""
    for source in bound:
        yield Put(source.at.file, (*source.at.path, section.scope.kind), toml_string(section.spelling))


def _in_conflicts(ctx: Context, scope: Scope, section: Section) -> Iterator[Edit]:
    """The edits that have the conflict sets name it, but for those that do already."""
    for conflict in ctx.workspace.conflicts:
        if scope in conflict.members and section.scope not in conflict.members:
            at = (*conflict.at.path, conflict.members.index(scope), scope.kind)
            yield Put(conflict.at.file, at, toml_string(section.spelling))


def _text(ctx: Context, project: Project, source: Source, scope: Scope) -> str:
    told = ctx.accelerator_of(project, source)
    if told is None:
        return source.package
    place = Place(project.file, ())
    section = project.sections.get(scope)
    spelling = section.spelling if section else normalise(scope.name)
    return requirement_text(ctx, Variant(scope, told, SOURCE, spelling, place), source.package)


RULE = Rule("unlisted-source", Severity.ERROR, __doc__, check, remedy="safe")
