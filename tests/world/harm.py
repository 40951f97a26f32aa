"""What a repair did: two locks of one project, before and after it, compared for every selection on every platform.

Closures are read from the locks by the project's own walk; that uv installs the same is what `tests.uv.lock` asks, and
here the bare closure of every lock that is compared.
"""

from __future__ import annotations

import platform as machine
import re
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

from tests.world import closure
from variantfix.detect import outlook
from variantfix.pytorch import catalog
from variantfix.uv.lock import Selection, SelectionError, read_lock, walk
from variantfix.uv.markers import platforms as of_marker
from variantfix.uv.platforms import hosts

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from tests.world.judge import Verdict
    from variantfix.detect.context import Context
    from variantfix.detect.variants import Variant
    from variantfix.rules.rule import Finding
    from variantfix.uv.lock import Closure, Installed, Lock
    from variantfix.uv.platforms import Host
    from variantfix.uv.project import Scope

    Chosen = tuple[Scope, ...]
    """What is selected: the scopes of one project, the base alone for the bare one; twice, with its default groups."""

    Builds = Mapping[str, frozenset[tuple[str, str]]]
    """The versions of each package, each with the index that it comes from."""


class Outcome(NamedTuple):
    """What a selection gets on one platform, with the sentences that say why it does not work, if it does not."""

    builds: Builds
    packages: tuple[Installed, ...]
    refusal: str
    missing: tuple[str, ...]
    leaks: tuple[str, ...]

    @property
    def trouble(self) -> str:
        """Why it does not work; empty where it does."""
        return self.refusal or "; ".join((*self.missing, *self.leaks))


class Side:
    """A project before or after a repair, and what uv's lock of it holds."""

    def __init__(self, ctx: Context, verdict: Verdict) -> None:
        self.ctx = ctx
        self.error = verdict.error
        self._lock = read_lock(verdict.lock_text) if verdict.locked else None

    @property
    def locked(self) -> bool:
        """Whether uv locks it."""
        return self._lock is not None

    @cached_property
    def outcomes(self) -> Mapping[Chosen, Mapping[str, Outcome]]:
        """What each selection gets on each platform of `closure.PLATFORMS`."""
        lock = self._lock
        if lock is None:
            return {}
        return {
            chosen: {_name(each): _outcome(self.ctx, lock, chosen, each) for each in _everywhere()}
            for chosen in _selections(self.ctx)
        }


def _everywhere() -> tuple[Host, ...]:
    return hosts(machine.python_version())


def _name(platform: Host) -> str:
    return platform.name.replace("win32", "win")


def _selections(ctx: Context) -> Iterator[Chosen]:
    yield from (chosen for chosen in outlook.selections(ctx) if _is_asked(ctx, chosen))
    for project in ctx.workspace.projects:
        if ctx.default_groups(project) and not project.is_virtual:
            yield project.base.scope, project.base.scope


def _is_asked(ctx: Context, chosen: Chosen) -> bool:
    """Whether it belongs to a project, and excludes nothing by what it refers to."""
    if ctx.workspace.project(chosen[0].file).is_virtual:
        return False
    return len({variant.accelerator for variant in variants_in(ctx, chosen)}) < 2


def variants_in(ctx: Context, chosen: Chosen) -> list[Variant]:
    """The variants that a selection switches on."""
    scopes = [
        *chosen,
        *(ctx.default_groups(ctx.workspace.project(chosen[0].file)) if len(set(chosen)) < len(chosen) else ()),
    ]
    active = {each for scope in scopes for each in ctx.activated(scope)}
    return [variant for variant in ctx.variants if variant.scope in active]


def bare(side: Side) -> Mapping[str, closure.Closure]:
    """The bare closure of the root's project as `Verdict.closures` has it."""
    chosen = (side.ctx.workspace.root.base.scope,)
    return {
        platform: tuple(sorted((each.name, each.version or "") for each in outcome.packages))
        for platform, outcome in side.outcomes[chosen].items()
    }


def _outcome(ctx: Context, lock: Lock, chosen: Chosen, platform: Host) -> Outcome:
    try:
        found = walk(lock, _selection(ctx, chosen), platform)
    except SelectionError as error:
        return Outcome({}, (), f"refused: {error}", (), ())
    packages = tuple(each for each in found.packages if each.source.kind in ("registry", "url", "path"))
    missing = tuple(f"{each.name} {each.version}: no wheel" for each in packages if each.missing and _counts(each))
    return Outcome(_builds(packages), packages, "", missing, tuple(_leaks(ctx, chosen, found, platform)))


def _counts(package: Installed) -> bool:
    # The world has CUDA's libraries for Linux on x86-64 alone, PyPI more.
    return not catalog.is_cuda_library(package.name)


def _selection(ctx: Context, chosen: Chosen) -> Selection:
    project = ctx.workspace.project(chosen[0].file)
    is_root = project is ctx.workspace.root
    names: dict[str, list[str]] = {"extra": [], "group": [], "base": []}
    for scope in chosen:
        names[scope.kind].append(scope.name)
    defaults = ctx.default_groups(project) if len(names["base"]) > 1 else ()
    return Selection(
        packages=() if is_root else (project.name,),
        extras=tuple(names["extra"]),
        groups=tuple(names["group"]),
        default_groups=tuple(scope.name for scope in defaults),
    )


def _builds(packages: Iterable[Installed]) -> Builds:
    found: dict[str, frozenset[tuple[str, str]]] = {}
    for each in packages:
        origin = each.source.location.partition("#")[0]
        found[each.name] = found.get(each.name, frozenset()) | {(each.version or "", origin)}
    return found


def _leaks(ctx: Context, chosen: Chosen, found: Closure, platform: Host) -> Iterator[str]:
    pairs = tuple(sorted((each.name, each.version or "") for each in found.packages))
    for variant in variants_in(ctx, chosen):
        tag = _tag(variant, platform)
        if tag in catalog.builds() and _name(platform) in catalog.builds()[tag].platforms:
            yield from closure.leaks(pairs, tag, _name(platform))


def _tag(variant: Variant, platform: Host) -> str:
    """The accelerator that a variant has on a platform; empty where it has several, and none of them there."""
    if not variant.parts:
        return variant.accelerator.tag
    return next((part.accelerator.tag for part in variant.parts if platform.platform in of_marker(part.marker)), "")


def harms(before: Side, after: Side, repaired: Iterable[Finding]) -> list[str]:
    """What a repair harmed or newly installs, a sentence each. Of what did not work before, nothing is harmed."""
    if not before.locked:
        return []
    if not after.locked:
        return [f"lock lost: {after.error}"]
    told = _Told(tuple(repaired))
    return sorted(
        f"{_label(chosen)} on {platform}: {words}"
        for chosen, places in before.outcomes.items()
        for platform, old in places.items()
        for words in _harm(before, after, chosen, platform, old, told)
    )


def _label(chosen: Chosen) -> str:
    if chosen[0].kind == "base":
        return "default groups" if len(chosen) > 1 else f"bare {chosen[0].file.removesuffix('pyproject.toml')}".strip()
    return "+".join(f"{scope.kind}:{scope.name}" for scope in chosen)


class _Told(NamedTuple):
    """What the repaired findings say."""

    findings: tuple[Finding, ...]

    def names(self, package: str) -> bool:
        """Whether a message or a title names a package."""
        return any(package in words for words in self._words())

    def all_of(self, names: Iterable[str]) -> bool:
        """Whether one finding names all of some scopes: that these exclude one another is then what it says."""
        wanted = set(names)
        return len(wanted) > 1 and any(wanted <= set(re.findall(r"[\w.-]+", words)) for words in self._words())

    @property
    def moves(self) -> bool:
        """Whether a title says what changes outside the variants."""
        return any(finding.fix.announces for finding in self.findings if finding.fix)

    def _words(self) -> Iterator[str]:
        for finding in self.findings:
            yield finding.message.lower().replace("_", "-")
            yield finding.fix.title.lower().replace("_", "-") if finding.fix else ""


def _harm(before: Side, after: Side, chosen: Chosen, platform: str, old: Outcome, told: _Told) -> Iterator[str]:
    new = after.outcomes.get(chosen, {}).get(platform)
    if old.refusal:
        return
    is_variant = bool(variants_in(before.ctx, chosen) or variants_in(after.ctx, chosen))
    if new is None or new.refusal:
        if not old.trouble and not told.all_of(scope.name for scope in chosen):
            yield f"worked, and now {new.refusal if new else 'a conflict forbids it'}"
        return
    if new.trouble:
        if not old.trouble:
            yield f"worked, and now {new.trouble}"
        return
    if not old.trouble and not is_variant and not told.moves:
        yield from (
            f"{name} {_shown(builds)} becomes {_shown(new.builds.get(name))}"
            for name, builds in sorted(old.builds.items())
            if not (
                _is_same(name, platform, builds, new.builds.get(name, frozenset()))
                or _joins(old, new, name, told)
                or _is_sent(before, name, builds, told)
            )
        )
    if is_variant and not old.trouble:
        yield from (f"{name} is gone" for name in sorted(old.builds) if name not in new.builds and _is_own(name))
    for each in new.packages:
        if each.name not in old.builds and not _is_announced(each, old, new, told):
            yield f"{each.name} {each.version} is new, by {' > '.join(each.path)}"


def _is_own(name: str) -> bool:
    """Whether a package is one of those that each build of torch brings by itself, and none that torch chooses."""
    return not catalog.is_cuda_library(name) and "triton" not in name


def _shown(builds: frozenset[tuple[str, str]] | None) -> str:
    return " and ".join(f"{version} from {origin}" for version, origin in sorted(builds)) if builds else "gone"


def _is_same(name: str, platform: str, old: frozenset[tuple[str, str]], new: frozenset[tuple[str, str]]) -> bool:
    """Whether builds are the same: PyTorch has one for macOS, and triton's are the files that PyPI has."""
    one_file = platform == "macos-arm64" or (
        name in catalog.family() and not catalog.family()[name].accelerator_specific
    )
    return old == new or (one_file and {version for version, _ in old} == {version for version, _ in new})


def _joins(old: Outcome, new: Outcome, name: str, told: _Told) -> bool:
    """Whether a package that a finding names joins the torch that stays."""
    return told.names(name) and name != "torch" and old.builds.get("torch") == new.builds.get("torch")


def _is_sent(before: Side, name: str, builds: frozenset[tuple[str, str]], told: _Told) -> bool:
    """Whether a package that is none of PyTorch's leaves an index that a finding names."""
    if name in catalog.family():
        return False
    workspace = before.ctx.workspace
    named = {
        index.url for project in workspace.projects for index in workspace.indexes(project) if told.names(index.name)
    }
    return all(any(origin.rstrip("/") == url.rstrip("/") for url in named) for _, origin in builds)


def _is_announced(package: Installed, old: Outcome, new: Outcome, told: _Told) -> bool:
    """Whether a finding names a new package, or what it comes with, or that takes another build and brings it."""
    ways = [part.partition("[")[0].partition(":")[0] for part in package.path]
    moved = {name for name in ways if new.builds.get(name) != old.builds.get(name) and name in old.builds}
    return bool(moved) or any(told.names(name) for name in ways if name in new.builds)


def is_void(before: Side, after: Side) -> bool:
    """Whether uv installs the same after a repair as before it, for all selections and on all platforms."""
    if not (before.locked and after.locked):
        return before.error == after.error
    return _all_builds(before) == _all_builds(after)


def _all_builds(side: Side) -> Mapping[tuple[Chosen, str], tuple[Builds, bool]]:
    return {
        (chosen, platform): (outcome.builds, bool(outcome.refusal))
        for chosen, places in side.outcomes.items()
        for platform, outcome in places.items()
    }
