"""What routes torch for a whole project, taken over when variants come: one index, wheel URLs, local pins.

uv refuses a source for everything beside those of the variants. So that the bare project keeps the build that it had,
the source is bound to the default group (`variantfix.change.default`) that then stands for it.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

from variantfix.change.default import GROUP, group_edits
from variantfix.change.wanted import portable
from variantfix.detect.variants import family_packages, source_accelerator
from variantfix.edits.sources import entry
from variantfix.errors import InputError
from variantfix.namedtuple import NamedTuple
from variantfix.pytorch import accelerator, catalog
from variantfix.toml import Append, Edit, Put, Remove, toml_string
from variantfix.uv.markers import complement, platforms
from variantfix.uv.project import Scope

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from variantfix.change.finish import Meant
    from variantfix.pytorch.accelerator import Accelerator
    from variantfix.uv.project import Requirement, Source


class Taken(NamedTuple):
    """The edits that take a set-up over, the accelerators of what they make, and what they did, a line each."""

    edits: tuple[Edit, ...] = ()
    accelerators: Mapping[str, str] = MappingProxyType({})
    notes: tuple[str, ...] = ()


def take_over(meant: Meant, *, keep: bool) -> Taken:
    """Take over what routes torch for a whole project; with `keep`, a default group has it afterwards.

    Beside variants that are there it is no such set-up, but what those leave to it, and it stays.
    Raises `InputError` for a source that is no index and no wheel: a repository or a path serves one build only.
    """
    project = meant.project
    if meant.ctx.variants_of(project):
        return Taken()
    unscoped = {
        package: sources
        for package in family_packages([*project.sources, *meant.ctx.workspace.root.sources])
        if (sources := meant.ctx.unscoped_sources(project, package))
    }
    pinned = [r for r in project.base.requirements if r.name in catalog.family() and _pin(r)]
    _check_kinds(meant, unscoped)
    if not unscoped and not pinned:
        return Taken()
    in_base = [r for r in project.base.requirements if r.name in unscoped or r in pinned]
    told = _told(meant, unscoped, pinned)
    mend: tuple[Edit, ...] = tuple(Put(r.at.file, r.at.path, toml_string(portable(r).text)) for r in pinned)
    if not keep or not in_base or told is None:
        return Taken((*mend, *_without(meant, unscoped)), {}, tuple(_notes(unscoped, pinned, told, kept=False)))
    group = group_edits(project, [portable(r).text for r in in_base])
    accelerators = {} if any(s.kind == "index" for own in unscoped.values() for s in own) else {GROUP: told.tag}
    rebind = tuple(_rebind(meant, unscoped))
    mend += tuple(_divided(unscoped, project.base.requirements))
    return Taken((*mend, *group, *rebind), accelerators, tuple(_notes(unscoped, pinned, told, kept=True)))


def _pin(requirement: Requirement) -> Accelerator | None:
    """The accelerator of a local version or a wheel that a requirement pins."""
    if requirement.url:
        return accelerator.from_url(requirement.url)
    return accelerator.from_local_version(requirement.specifier)


def _check_kinds(meant: Meant, unscoped: dict[str, tuple[Source, ...]]) -> None:
    for package, sources in unscoped.items():
        for source in sources:
            if source.kind not in ("index", "url"):
                raise InputError(
                    f"{meant.project.file}: {package} has a {source.kind} source, which is one build only",
                    hint="bind it to an extra or group first",
                )


def _told(meant: Meant, unscoped: dict[str, tuple[Source, ...]], pinned: Sequence[Requirement]) -> Accelerator | None:
    """The accelerator that the project had, of several that of a GPU."""
    found = [
        source_accelerator(meant.ctx.workspace, meant.project, s)
        if s.kind == "index"
        else accelerator.from_url(s.target)
        for sources in unscoped.values()
        for s in sources
    ]
    told = [a for a in [*found, *map(_pin, pinned)] if a is not None]
    return min(told, key=lambda a: a.kind == "cpu", default=None)


def _without(meant: Meant, unscoped: dict[str, tuple[Source, ...]]) -> Iterator[Edit]:
    """The edits that take the unscoped sources out of the project's own file."""
    for sources in unscoped.values():
        own = [s for s in sources if s.at.file == meant.project.file]
        whole = len(own) == len(meant.project.sources.get(own[0].package, ())) if own else False
        places = [own[0].at.path[:4]] if whole else [s.at.path for s in reversed(own)]
        yield from (Remove(meant.project.file, place) for place in places)


def _rebind(meant: Meant, unscoped: dict[str, tuple[Source, ...]]) -> Iterator[Edit]:
    """The edits that bind the unscoped sources to the default group; those of a root get a copy in the member."""
    project = meant.project
    scope = Scope(project.file, "group", GROUP)
    for package, sources in unscoped.items():
        if not project.base.named(package) or any(s.kind == "url" for s in sources):
            yield from _without(meant, {package: sources})
        elif sources[0].at.file == project.file:
            yield from (Put(s.at.file, (*s.at.path, "group"), toml_string(GROUP)) for s in sources)
        else:
            entries = ", ".join(entry(s.target, scope, GROUP, s.marker) for s in sources)
            yield Put(project.file, ("tool", "uv", "sources", package), f"[{entries}]")


def _divided(unscoped: dict[str, tuple[Source, ...]], requirements: Sequence[Requirement]) -> Iterator[Edit]:
    """The edits that write a base requirement once for the platforms of each of its sources and once for all others.

    uv takes one index for all platforms in the group's fork, as long as a requirement of the base is undivided.
    """
    for requirement in requirements:
        markers = [source.marker for source in unscoped.get(requirement.name, ())]
        if not markers or not all(markers) or requirement.marker or requirement.url:
            continue
        others = complement(" or ".join(f"({marker})" for marker in markers))
        first, *rest = [*dict.fromkeys(markers), *([others] if platforms(others) else [])]
        at, bare = requirement.at, requirement.text.strip()
        if rest:
            yield Put(at.file, at.path, toml_string(f"{bare} ; {first}"))
        yield from (Append(at.file, at.path[:-1], toml_string(f"{bare} ; {marker}")) for marker in rest)


def _notes(
    unscoped: dict[str, tuple[Source, ...]], pinned: Sequence[Requirement], told: Accelerator | None, *, kept: bool
) -> Iterator[str]:
    tag = told.tag if told else "an accelerator that nothing tells"
    names = ", ".join(dict.fromkeys([*unscoped, *(r.name for r in pinned)]))
    if pinned:
        yield f"the base dependencies no longer pin {tag}: {', '.join(portable(r).text for r in pinned)}"
    if kept:
        yield f"{names} came from {tag} for everything: a bare `uv sync` keeps that, by the default group {GROUP}"
        yield f"a variant beside it: `uv sync --no-group {GROUP} --extra NAME`; `variantfix default` changes it"
    else:
        yield f"{names} came from {tag} for everything: only the variants are routed now"
