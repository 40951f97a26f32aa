"""Finding the variants: extras and dependency groups that are bound to one accelerator."""

from __future__ import annotations

from typing import TYPE_CHECKING

from variantfix.errors import ConfigError
from variantfix.namedtuple import NamedTuple
from variantfix.pytorch import accelerator, catalog
from variantfix.terminal import shell_word
from variantfix.uv.markers import LINUX, platforms
from variantfix.uv.project import Place, Project, Scope, Section, Source, normalise

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from variantfix.pytorch.accelerator import Accelerator
    from variantfix.uv.workspace import Workspace

_X86_LINUX = (LINUX, "x86_64")
CONFIG, SOURCE, LOCAL_VERSION, WHEEL, NAME = "configuration", "source", "local version", "wheel URL", "name"


class Part(NamedTuple):
    """One accelerator of several, and the marker of the platforms on which a variant has it."""

    accelerator: Accelerator
    marker: str


class Variant(NamedTuple):
    """An extra or group bound to an accelerator, and what told it.

    `told_by` is one of `configuration`, `source`, `local version`, `wheel URL`, `name`, strongest first. Where its
    sources divide the platforms among several accelerators, `parts` has them all, and `accelerator` is that of Linux
    on x86-64.
    """

    scope: Scope
    accelerator: Accelerator
    told_by: str
    spelling: str
    at: Place
    parts: tuple[Part, ...] = ()

    def __str__(self) -> str:
        return self.spelling

    @property
    def sync(self) -> str:
        """The command that installs it, as messages show it."""
        return f"`{sync(self.scope, self.spelling)}`"

    @property
    def accelerators(self) -> tuple[Accelerator, ...]:
        """All that it is bound to, on whichever platform."""
        return tuple(part.accelerator for part in self.parts) or (self.accelerator,)

    @property
    def is_routed(self) -> bool:
        """Whether something binds it to its builds, or can: of a kind without a version the name alone does not."""
        return self.accelerator.is_exact or self.told_by != NAME


def sync(scope: Scope, spelling: str) -> str:
    """The command that installs an extra or group, or the bare project."""
    return "uv sync" if scope.kind == "base" else f"uv sync --{scope.kind} {shell_word(spelling)}"


def and_others(variants: Sequence[Variant]) -> str:
    """The variants behind the first, to be said in brackets behind what holds for that one."""
    return f" (so for {', '.join(map(str, variants[1:]))})" if variants[1:] else ""


def find_variants(workspace: Workspace, named: Mapping[str, str]) -> tuple[Variant, ...]:
    """The variants of all projects of a workspace, in the files' order.

    `named` maps extra or group names to accelerator tags: what the configuration and the flags say.
    Raises `ConfigError` where it names a tag that is none, or an extra or group that does not exist.
    """
    told = {normalise(name): told_accelerator(name, tag) for name, tag in named.items()}
    found = tuple(
        variant
        for project in workspace.projects
        for section in project.sections.values()
        if section.scope.kind != "base" and (variant := _variant(workspace, project, section, told))
    )
    known = {section.scope.name for section in workspace.sections()}
    for name in named:
        if normalise(name) not in known:
            raise ConfigError(
                f"{workspace.root.file}: there is no extra or dependency group {name!r}",
                hint="named by [tool.variantfix.variants] or --accelerator",
            )
    return found


def undecided(workspace: Workspace, variants: tuple[Variant, ...]) -> Iterator[Section]:
    """Extras and groups that name a family package, and whose accelerator nothing tells: `gpu`, `cuda`, `rocm`.

    Those are left out whose packages have an unscoped source, and those that take PyPI's build on purpose.
    """
    known = {variant.scope for variant in variants if variant.is_routed}
    for project in workspace.projects:
        for section in project.sections.values():
            if section.scope in known or not _speaks_of_kind(section.scope):
                continue
            named = [r for r in section.requirements if r.name in catalog.family() and not r.url]
            routed = any(not s.is_scoped for r in named for s in workspace.sources(project, r.name))
            if named and not routed and not is_counterpart(workspace, variants, section):
                yield section


def _speaks_of_kind(scope: Scope) -> bool:
    told = accelerator.from_scope_name(scope.name)
    return accelerator.is_vague(scope.name) or (told is not None and not told.is_exact)


def is_counterpart(workspace: Workspace, variants: tuple[Variant, ...], section: Section) -> bool:
    """Whether a section conflicts with every routed variant of its project, and has no source: PyPI's build is meant.

    PyPI has builds for CUDA (on Linux) and for CPUs: one that is named for ROCm cannot mean them.
    """
    told = accelerator.from_scope_name(section.scope.name)
    rivals = {v.scope for v in variants if v.scope.file == section.scope.file and v.is_routed}
    enemies = {m for c in workspace.conflicts if section.scope in c.members for m in c.members}
    return bool(rivals) and section.scope not in rivals and rivals <= enemies and not (told and told.kind == "rocm")


def family_packages(names: Iterable[str]) -> tuple[str, ...]:
    """The family packages among names: torch, torchvision, torchaudio first, then by name."""
    leading = {"torch": 0, "torchvision": 1, "torchaudio": 2}
    return tuple(sorted({n for n in names if n in catalog.family()}, key=lambda n: (leading.get(n, 3), n)))


def source_accelerator(workspace: Workspace, project: Project, source: Source) -> Accelerator | None:
    """The accelerator of the index that a source names: by the index's URL, else by its name."""
    if source.kind != "index":
        return None
    index = workspace.index_of(project, source)
    return accelerator.from_url(index.url) if index else accelerator.from_name(source.target)


def told_accelerator(name: str, tag: str) -> Accelerator:
    """The accelerator of a tag that the user told for a name. Raises `ConfigError` for a tag of none."""
    found = accelerator.from_tag(tag)
    if found is None:
        raise ConfigError(f"{name} = {tag!r} is no accelerator", hint="cpu, xpu, cu128, rocm6.4 and the like")
    if tag not in catalog.builds():
        raise ConfigError(
            f"{name} = {tag!r}: no index of PyTorch has that tag", hint=f"did you mean {_nearest(tag)!r}?"
        )
    return found


def _nearest(tag: str) -> str:
    """The known tag whose number is nearest to that of an unknown one of its kind."""

    def number(of: str) -> int:
        return int("0" + "".join(filter(str.isdigit, of)))

    akin = [known for known in catalog.builds() if known.rstrip("0123456789.") == tag.rstrip("0123456789.")]
    return min(akin or catalog.builds(), key=lambda known: abs(number(known) - number(tag)))


def _variant(
    workspace: Workspace, project: Project, section: Section, told: Mapping[str, Accelerator]
) -> Variant | None:
    families = [r for r in section.requirements if r.name in catalog.family()]
    parts = _by_sources(workspace, project, section.scope)
    decided = (
        (CONFIG, told.get(section.scope.name)),
        (SOURCE, _main(parts)),
        (LOCAL_VERSION, _only(accelerator.from_local_version(r.specifier) for r in families if not r.url)),
        (WHEEL, _only(accelerator.from_url(r.url) for r in section.named("torch") if r.url)),
        (NAME, _by_name(workspace, project, section)),
    )
    for told_by, found in decided:
        if found is not None:
            several = parts if told_by == SOURCE and len({part.accelerator for part in parts}) > 1 else ()
            return Variant(section.scope, found, told_by, section.spelling, section.at, several)
    return None


def _by_sources(workspace: Workspace, project: Project, scope: Scope) -> tuple[Part, ...]:
    """What the scoped sources of the first family package say that has some."""
    for package in family_packages([*project.sources, *workspace.root.sources]):
        found = tuple(
            Part(told, source.marker)
            for source in workspace.sources(project, package)
            if source.is_bound_to(scope) and (told := source_accelerator(workspace, project, source))
        )
        if found:
            return found
    return ()


def _main(parts: tuple[Part, ...]) -> Accelerator | None:
    """The accelerator of Linux on x86-64; an extra that takes macOS from the CPU index is still its GPU's."""
    if not parts:
        return None
    return min(parts, key=lambda p: (p.accelerator.kind == "cpu", _X86_LINUX not in platforms(p.marker))).accelerator


def _only(found: Iterable[Accelerator | None]) -> Accelerator | None:
    """The one accelerator that is told, if it is one."""
    told = set(filter(None, found))
    return told.pop() if len(told) == 1 else None


def _by_name(workspace: Workspace, project: Project, section: Section) -> Accelerator | None:
    """What the name tells; a name without a version says nothing against the source that holds for everything."""
    named = [r for r in section.requirements if r.name in catalog.family() and not r.url]
    told = accelerator.from_scope_name(section.scope.name) if named else None
    if told is None or told.is_exact:
        return told
    return None if any(not s.is_scoped for r in named for s in workspace.sources(project, r.name)) else told
