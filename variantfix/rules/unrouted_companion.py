"""A PyTorch package reaches a variant only through another package, and so escapes its routing.

uv attaches sources to requirements that this pyproject writes, never to a package that is only transitive. A family
package that comes with another one (timm brings torchvision, openai-whisper brings torch), from the variant itself,
from the base dependencies, or from an extra that can be combined with the variant, comes from PyPI.

## Why it matters

The lock succeeds, and holds PyPI's CUDA build of torchvision beside the CPU build of torch.

## Example

```toml
[project.optional-dependencies]
cpu = ["torch>=2.7", "timm"]
```

becomes

```toml
[project.optional-dependencies]
cpu = ["torch>=2.7", "timm", "torchvision"]

[tool.uv.sources]
torchvision = [
    { index = "pytorch-cpu", extra = "cpu" },
]
```

The package is named with the bounds that the other variants or the base dependencies give it, or with none: its
version is tied to torch's anyway. It carries the marker under which it comes, so that no system gets it anew; and what
an older version of the package that brings it needed is asked, where the project pins that one. What only another
extra brings is named with `--unsafe` alone, since the variant then installs it always. Where a source is bound to the
variant already, but its list does not name the package, see unlisted-source.

## When to ignore it

Where the package that brings it is never used at run time, or its extra never together with the variant.

Threads: astral-sh/uv#8253, #9446, #15003, #20151
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from variantfix.detect.arrival import arrival
from variantfix.detect.routing import bringing, command_for, how_known, is_removed, must_route, served, why_not_routed
from variantfix.detect.variants import and_others, family_packages
from variantfix.edits.requirements import name_in, requirement_text
from variantfix.edits.sources import route
from variantfix.pytorch.certainty import surest, weakest
from variantfix.rules.rule import Finding, Fix, Rule, Safety, Severity
from variantfix.terminal import shell_word
from variantfix.uv.markers import platforms

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from variantfix.detect.context import Context
    from variantfix.detect.reach import Reach
    from variantfix.detect.variants import Variant
    from variantfix.pytorch.certainty import Certainty
    from variantfix.uv.project import Project, Source


_LOCKSTEP = ("torch", "torchvision", "torchaudio")


def check(ctx: Context) -> Iterator[Finding]:
    for project in ctx.workspace.projects:
        variants = ctx.routed_of(project)
        reached = [name for v in variants for name in ctx.combined(v)]
        for package in family_packages(reached):
            escaped = [v for v in variants if _escapes(ctx, v, package)]
            # What only another extra brings is named at the cost of installing it without that one, too.
            own = [v for v in escaped if package in ctx.own(v)]
            yield from _findings(ctx, project, package, own)
            yield from _findings(ctx, project, package, [v for v in escaped if v not in own])


def _findings(ctx: Context, project: Project, package: str, escaped: list[Variant]) -> Iterator[Finding]:
    if escaped:
        reach = ctx.combined(escaped[0])[package]
        through = _origin(ctx, reach)
        obstacle = why_not_routed(ctx, escaped, package)
        if rivals := [source for v in escaped for source in _rivals(ctx, v, package)]:
            obstacle = f"bind the source {rivals[0].target!r} of {package} to its variant first: it holds for all lists"
        yield RULE.finding(
            f"{_effect(ctx, escaped[0], package, through)}{and_others(escaped)}",
            escaped[0].at,
            variants=escaped,
            packages=reach.path,
            fix=None if obstacle else _fix(ctx, project, package, escaped),
            advice=obstacle,
            known=surest(_how_known(ctx, variant, package) for variant in escaped),
        )


def _effect(ctx: Context, variant: Variant, package: str, through: str) -> str:
    """What happens, and what brings the package: another package, or an extra or group beside the variant."""
    kind, _, name = through.partition(" ")
    if kind in ("extra", "group"):
        return (
            f"{variant.sync[:-1]} --{kind} {shell_word(name)}` installs PyPI's {package}: no source applies to it there"
        )
    brings = "bring" if through.startswith("the ") else "brings"
    command = command_for(ctx, variant, package)
    return f"{command} installs PyPI's {package}: {through} {brings} it, and no source applies to it there"


def _escapes(ctx: Context, variant: Variant, package: str) -> bool:
    # What another extra brings is named only if torch is broken without it: naming it here installs it here.
    reached = ctx.combined(variant) if package in _LOCKSTEP else ctx.own(variant)
    reach = reached.get(package)
    if reach is None or is_removed(ctx, package) or ctx.named(variant, package) or _is_bound(ctx, variant, package):
        return False
    # One admitted way is enough: extras that exclude one another may bound it differently.
    hosted = any(must_route(variant, package, specifier) for specifier in _specifiers(reach))
    if not served(ctx, variant) & platforms(arrival(reached, package)):
        return False
    return hosted and (not ctx.unscoped_sources(ctx.project(variant), package) or bool(_rivals(ctx, variant, package)))


def _specifiers(reach: Reach) -> list[str]:
    return [r.specifier for r in reach.written if not r.url] or [""]


def _how_known(ctx: Context, variant: Variant, package: str) -> Certainty:
    """How sure it is that the package comes, and that the variant's index has it."""
    reach = ctx.combined(variant)[package]
    return weakest(reach.certainty, how_known(variant, package, _specifiers(reach)))


def _rivals(ctx: Context, variant: Variant, package: str) -> list[Source]:
    """The unscoped sources of a package that lead to another accelerator than the variant's."""
    project = ctx.project(variant)
    told = ((s, ctx.accelerator_of(project, s)) for s in ctx.unscoped_sources(project, package))
    return [source for source, found in told if found and found not in variant.accelerators]


def _is_bound(ctx: Context, variant: Variant, package: str) -> bool:
    """Whether a source is bound to the variant, and applies by `include-group` or else makes uv refuse the file."""
    project = ctx.project(variant)
    sources = ctx.sources(variant, package)
    own = any(s.at.file == project.file for s in sources) and not project.is_virtual
    return own or bool(sources and project.lists(ctx.section(variant), package))


def _origin(ctx: Context, reach: Reach) -> str:
    """What brings a package: the names on its way, or the scope that names it."""
    if len(reach.path) > 1:
        return " -> ".join(reach.path[:-1])
    at = reach.written[0].at
    sections = ctx.workspace.project(at.file).sections.values()
    scope = next(s.scope for s in sections if s.at.path == at.path[:-1])
    return "the base dependencies" if scope.kind == "base" else str(scope)


def _fix(ctx: Context, project: Project, package: str, variants: Sequence[Variant]) -> Fix:
    naming = [name_in(bringing(ctx, v, package), _text(ctx, v, package)) for v in variants]
    unrouted = [v for v in variants if not ctx.sources(v, package)]
    routing = route(ctx, package, unrouted) if unrouted else ()
    if all(package in ctx.own(v) for v in variants):
        return Fix(f"name {package} in {', '.join(map(str, variants))}, and route it", (*naming, *routing))
    title = f"name {package} in {', '.join(map(str, variants))}, which then install it always, and route it"
    return Fix(title, (*naming, *routing), Safety.UNSAFE)


def _text(ctx: Context, variant: Variant, package: str) -> str:
    """The requirement that asks for a package where the variant has it, and nowhere else."""
    text = requirement_text(ctx, variant, package)
    if variant.scope.kind == "base":
        reached = ctx.closure(bringing(ctx, variant, package).scope)
    else:
        reached = ctx.own(variant) if package in ctx.own(variant) else ctx.combined(variant)
    marker = "" if ";" in text else arrival(reached, package)
    return f"{text}; {marker}" if marker else text


RULE = Rule("unrouted-companion", Severity.ERROR, __doc__, check, remedy="safe")
