"""A source asks for an extra in its marker, where uv never looks for one.

`marker = "extra == 'cpu'"` on a source parses, and is never true: the marker is evaluated for platforms only. It is
often written to please an old uv, or to silence the message that source markers must be disjoint.

## Why it matters

With markers that exclude one another (`extra == 'cpu' and extra != 'gpu'`) the lock succeeds, and every variant
installs PyPI's torch. Without, uv refuses the file: `Source markers must be disjoint, but the following markers
overlap`, and hints at such an exclusion.

## Example

```toml
[tool.uv.sources]
torch = [
    { index = "pytorch-cpu", marker = "extra == 'cpu' and extra != 'gpu'" },
]
```

becomes

```toml
[tool.uv.sources]
torch = [
    { index = "pytorch-cpu", extra = "cpu" },
]
```

A group of that name gets `group =`. The package then has to stand in the list of that extra or group;
`unlisted-source` adds it. A marker that asks for one of several extras is left to you.

uv's own name for an extra or group, `group-3-app-cpu` for the group cpu of app, is read as what it names.

An extra in `environments` or `required-environments` is reported, too: those are about platforms. uv refuses the first,
and of the second it believes that every variant has to have wheels for the platform of one.

A source with `extra = "cpu"` that only repeats it in its marker does apply, and is not reported.

## When to ignore it

Never.

Threads: astral-sh/uv#9086, #11860, #14090, invoke-ai/InvokeAI#7944
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from variantfix.rules.rule import Finding, Fix, Rule, Severity
from variantfix.toml import Edit, Put, Remove, toml_string
from variantfix.uv.markers import atoms, extras, without_extras
from variantfix.uv.project import Scope, normalise
from variantfix.uv.pseudo import encode

if TYPE_CHECKING:
    from collections.abc import Iterator

    from variantfix.detect.context import Context
    from variantfix.uv.markers import Atom
    from variantfix.uv.project import Project, Section, Source


_IDLE = "drop the marker if the whole project is meant; else name the package in that extra, with a conflict set"


def check(ctx: Context) -> Iterator[Finding]:
    yield from _environments(ctx.workspace.root)
    for project in ctx.workspace.projects:
        for sources in project.sources.values():
            asking = [source for source in sources if _asks(source.marker) and not _is_redundant(source)]
            if asking:
                yield _finding(project, asking, is_alone=len(sources) == 1)


def _finding(project: Project, sources: list[Source], *, is_alone: bool) -> Finding:
    """One finding for a list of sources: half of it rewritten would route what it never did."""
    bound = [found for source in sources if (found := _bind(project, source))]
    named = ", ".join(f"{section.scope.kind} {section.spelling}" for section, _ in bound)
    edits = tuple(edit for _, edits in bound for edit in edits)
    # Alone it holds for everything, and would so after: the list that it asks for has no use for it either.
    is_idle = is_alone and not any(project.lists(section, sources[0].package) for section, _ in bound)
    is_whole = len(bound) == len(sources)
    fix = Fix(f"bind them to {named} instead", edits) if is_whole and not is_idle else None
    wanted = dict.fromkeys(name for source in sources for name in extras(source.marker))
    effect = "never applies beside other sources"
    if is_alone and wanted:
        effect = "applies to every list, with that extra or without it"
    return RULE.finding(
        f"the marker of a source of {sources[0].package} asks for an extra, and {effect}",
        sources[0].at,
        variants=tuple(dict.fromkeys(section.spelling for section, _ in bound)) if fix else tuple(wanted),
        packages=(sources[0].package,),
        fix=fix,
        advice="" if fix else _IDLE if is_idle and is_whole else "write one source per extra, each with `extra =`",
    )


def _environments(root: Project) -> Iterator[Finding]:
    for key, listed in (
        ("environments", root.uv.environments),
        ("required-environments", root.uv.required_environments),
    ):
        for number, marker in enumerate(listed):
            if _asks(marker):
                names = extras(marker)
                what = "uv refuses the file" if key == "environments" else "uv asks every torch for wheels for it"
                yield RULE.finding(
                    f"{marker!r} in {key} asks for an extra, which no platform has: {what}",
                    root.place("tool", "uv", key, number),
                    variants=names,
                    advice=f"name the platform alone, and put its marker on the requirements of {', '.join(names)}",
                )


def _asks(marker: str) -> list[Atom]:
    """The comparisons of a marker with an extra."""
    return [atom for atom in atoms(marker) if atom.key == "extra"]


def _scopes(project: Project, name: str) -> tuple[Scope, ...]:
    """What a name in a marker can mean: an extra, else a group; or the one that uv's own name for it tells."""
    for section in project.sections.values():
        kind = section.scope.kind
        if kind != "base" and name == encode(kind, project.name, section.scope.name):
            return (section.scope,)
    return Scope(project.file, "extra", name), Scope(project.file, "group", name)


def _is_redundant(source: Source) -> bool:
    """Whether the marker only repeats the extra that the source is bound to: then it holds."""
    own = normalise(source.extra)
    return all(atom.operator == "==" and normalise(atom.value) == own for atom in _asks(source.marker))


def _bind(project: Project, source: Source) -> tuple[Section, list[Edit]] | None:
    """The list that a source is meant for, and the edits that bind it there; None where that is not plain."""
    wanted = {normalise(extra) for extra in (*extras(source.marker), source.extra) if extra}
    rest = without_extras(source.marker)
    if len(wanted) != 1 or rest is None or source.group:
        return None
    name = wanted.pop()
    scopes = _scopes(project, name)
    section = next(filter(None, map(project.sections.get, scopes[:1] if source.extra else scopes)), None)
    if section is None:
        return None
    at = source.at
    edits: list[Edit] = []
    if not source.extra:
        edits.append(Put(at.file, (*at.path, section.scope.kind), toml_string(section.spelling)))
    marker = (*at.path, "marker")
    edits.append(Put(at.file, marker, toml_string(rest)) if rest else Remove(at.file, marker))
    return section, edits


RULE = Rule("extra-in-marker", Severity.ERROR, __doc__, check, remedy="safe")
