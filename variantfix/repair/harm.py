"""The second promise, kept: what a repair does to everything that it does not speak of.

The outlook of uv before a repair and after it is compared, for each selection on each platform. What installed before
has to install after, and the same; nothing is newly installed. What a finding is about may change: in its variants,
to their own builds, where there are such builds.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from variantfix.detect.asked import DEFAULT
from variantfix.detect.forks import REFUSED
from variantfix.detect.outlook import Outlook, outlook
from variantfix.detect.wheels import NAMES, has_build
from variantfix.namedtuple import NamedTuple
from variantfix.pytorch import accelerator, catalog
from variantfix.uv.platforms import LINUX_X86, MACOS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from variantfix.detect.context import Context
    from variantfix.detect.outlook import Place
    from variantfix.rules.rule import Finding
    from variantfix.uv.markers import Platform
    from variantfix.uv.project import Scope

_REFUSED = "uv would refuse the project"
_GONE = " would be gone"
_NO_BUILD = ", which has no build there"


class Harm(NamedTuple):
    """What one selection would get on one platform otherwise than before, as a clause."""

    selection: tuple[Scope, ...]
    words: str
    platform: Platform

    @property
    def is_forbidden(self) -> bool:
        """Whether no title makes up for it: uv would refuse the project, or find no build where it had one."""
        return self.words == _REFUSED or self.words.endswith(_NO_BUILD)

    @property
    def is_gone(self) -> bool:
        """Whether a package would not be installed any more."""
        return self.words.endswith(_GONE)

    def __str__(self) -> str:
        return f"{self.words} ({_selection(self.selection)} on {NAMES[self.platform]})"


class State(NamedTuple):
    """A workspace as it is, and what uv is going to do with it."""

    ctx: Context
    outlook: Outlook
    is_sound: bool


def look(ctx: Context) -> State:
    """What uv is going to do with a workspace."""
    found = outlook(ctx)
    return State(ctx, found, found.locks and _is_accepted(ctx))


def find_harm(before: State, after: Context, repaired: Iterable[Finding]) -> tuple[Harm, ...]:
    """What the repair of some findings would harm, the worst first. Of a project that uv refuses, nothing can be."""
    if not before.is_sound:
        return ()
    spoken = {(f.at.file, name) for f in repaired for name in f.variants}
    return tuple(sorted(_compare(before, look(after), spoken), key=lambda harm: (not harm.is_forbidden, harm)))


def _is_accepted(ctx: Context) -> bool:
    """Whether uv takes the sources: each that is bound to an extra or group has its package in that one's list."""
    for project in ctx.workspace.projects:
        names = {index.name for index in ctx.workspace.indexes(project)}
        for package, sources in project.sources.items():
            for source in sources:
                scope = source.scope()
                section = project.sections.get(scope) if scope else None
                is_checked = not project.is_virtual and scope and scope.kind not in _dynamic(project.dynamic)
                if is_checked and (section is None or not project.lists(section, package)):
                    return False
                if source.kind == "index" and source.target not in names:
                    return False
    return True


def _dynamic(fields: tuple[str, ...]) -> set[str]:
    return {"extra"} if "optional-dependencies" in fields else set()


def _compare(before: State, after: State, spoken: set[tuple[str, str]]) -> Iterator[Harm]:
    for pair in sorted(before.outlook.pairs - after.outlook.pairs):
        if not _is_contradictory(before, pair):
            yield Harm(pair, "uv would refuse it", LINUX_X86)
    for selection in before.outlook.served:
        yield from _compare_one(before, after, selection, spoken)


def _compare_one(
    before: State, after: State, selection: tuple[Scope, ...], spoken: set[tuple[str, str]]
) -> Iterator[Harm]:
    places, now = before.outlook.served[selection], after.outlook.served.get(selection, {})
    for (package, platform), was in places.items():
        will = now.get((package, platform))
        if will == was or was == REFUSED or not _installs(places, package, platform):
            continue  # nothing changes, or nothing was to be had there
        words = ""
        if will is None:
            is_gone = len(selection) == 1 and not _is_own(after, selection, spoken)
            words = f"{package}{_GONE}" if is_gone else ""
        else:
            words = _is_harm(before, after, selection, spoken, (package, platform, was, will))
        if words:
            yield Harm(selection, words, platform)
    for package, platform in now.keys() - places.keys():
        if catalog.family()[package].on_pypi:
            url = now[package, platform]
            lacks = "" if url == REFUSED or has_build(package, platform, url) else f" from {url}{_NO_BUILD}"
            yield Harm(selection, f"{package} would be new{lacks}", platform)


def _is_contradictory(before: State, selection: tuple[Scope, ...]) -> bool:
    """Whether a selection has variants of two accelerators, which nothing can serve."""
    ctx = before.ctx
    told = [v.accelerators for v in ctx.variants if any(v.scope in ctx.activated(scope) for scope in selection)]
    return len(set(told)) > 1


def _is_harm(
    before: State,
    after: State,
    selection: tuple[Scope, ...],
    spoken: set[tuple[str, str]],
    change: tuple[str, Platform, str, str],
) -> str:
    """Why a change of index is harm, as a clause; empty where it is what the repair is for."""
    package, platform, was, will = change
    if will == REFUSED:
        return _REFUSED
    if platform[0] == MACOS and has_build(package, platform, was) and has_build(package, platform, will):
        return ""  # PyTorch has one build for macOS, and every index the same file
    moves = f"{package} would come from {will or 'the default index'}, not from {was or 'the default index'}"
    if not has_build(package, platform, will) and has_build(package, platform, was):
        return f"{moves}{_NO_BUILD}"
    torch_was, torch_will = (state.outlook.served[selection].get(("torch", platform)) for state in (before, after))
    if package != "torch" and was == torch_was and _parts_from(will, torch_will):
        return f"{moves}, but torch would not"
    is_spoken_of = _is_own(after, selection, spoken) or _is_own(before, selection, spoken)
    if is_spoken_of and not _leaves(after, selection, was, will):
        return ""
    if package != "torch" and will == torch_will == torch_was:
        return ""  # it joins the torch that is there
    return moves


def _is_own(state: State, selection: tuple[Scope, ...], spoken: set[tuple[str, str]]) -> bool:
    """Whether a selection has a variant, or what stands for one, that the findings speak of."""
    ctx = state.ctx
    for scope in selection:
        for each in ctx.activated(scope):
            section = ctx.workspace.section(each)
            if section and (each.file, section.spelling) in spoken:
                return True
    return False


def _parts_from(will: str, torch_will: str | None) -> bool:
    """Whether what came from where torch does goes to an accelerator's index, and torch to none of it."""
    told = accelerator.from_url(will)
    if torch_will is None or told is None:
        return False
    own = accelerator.from_url(torch_will)
    return torch_will == DEFAULT or bool(own and not own.agrees(told))


def _leaves(state: State, selection: tuple[Scope, ...], was: str, will: str) -> bool:
    """Whether a selection would go from the index of its variant's accelerator to another one."""
    active = {each for scope in selection for each in state.ctx.activated(scope)}
    own = [told for v in state.ctx.variants if v.scope in active for told in v.accelerators]
    before, then = accelerator.from_url(was), accelerator.from_url(will)
    return bool(before and any(map(before.agrees, own)) and not (then and any(map(then.agrees, own))))


def _installs(places: Mapping[Place, str], package: str, platform: Platform) -> bool:
    """Whether a package and the torch beside it have builds where they come from."""
    asked = {name: places[name, platform] for name in (package, "torch") if (name, platform) in places}
    return all(has_build(name, platform, url) for name, url in asked.items())


def _selection(selection: tuple[Scope, ...]) -> str:
    if selection[0].kind == "base":
        return "the bare project"
    return " with ".join(str(scope) if scope.kind != "base" else "what stands beside it" for scope in selection)
