"""What a new variant requires: the project's own family requirements, with the bounds that its index can meet."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import unquote

from variantfix.change.fitting import Wanted, admits
from variantfix.detect.routing import must_route
from variantfix.detect.variants import NAME, Variant, family_packages
from variantfix.errors import NothingError
from variantfix.pytorch import catalog
from variantfix.pytorch.accelerator import without_local
from variantfix.uv.project import Scope, normalise

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from variantfix.change.finish import Meant
    from variantfix.change.names import Asked
    from variantfix.uv.project import Project, Requirement, Section


def wanted(meant: Meant, asked: Asked, kind: str) -> tuple[Wanted, ...]:
    """The requirements of a new variant, torch first.

    They are those of the variants that are there, else of the base dependencies, else of the other extras and groups:
    of the first of these whose bounds the new index can meet. Raises `NothingError` where nothing needs torch.
    """
    ctx, project = meant
    siblings = [ctx.section(v) for v in ctx.variants_of(project)]
    others = [s for s in project.sections.values() if s.scope not in ctx.by_scope and s.scope.kind != "base"]
    variant = _variant(project, asked, kind)
    found: dict[str, tuple[Wanted, ...]] = {}
    for sections in ([*siblings, project.base] if siblings else [project.base], others if not siblings else []):
        for package in family_packages([r.name for s in sections for r in s.requirements]):
            lists = [own for s in sections if (own := tuple(map(portable, s.named(package))))]
            routed = [own for own in lists if any(must_route(variant, package, r.specifier) for r in own)]
            if routed:
                met = (own for own in routed if all(admits(meant, asked, r) for r in own))
                found.setdefault(package, next(met, routed[0]))
            elif package == "torch":
                found.setdefault(package, lists[0])  # for `check_builds` to refuse
        if found:
            break
    if "torch" not in found:
        _check_torch(meant)
        found = {"torch": (Wanted("torch", "", "torch"),), **found}
    shared = _shared(siblings)
    return tuple(each for own in found.values() for each in own) + tuple(shared)


def portable(requirement: Requirement) -> Wanted:
    """A requirement as any variant can have it: without local version, and with the version of a wheel for its URL."""
    if not requirement.url:
        text = without_local(requirement.text).strip()
        return Wanted(requirement.name, without_local(requirement.specifier), text)
    version = wheel_version(requirement.url)
    bound = f"=={version}" if version else ""
    marker = f" ; {requirement.marker}" if requirement.marker else ""
    return Wanted(requirement.name, bound, f"{requirement.spelling}{bound}{marker}")


def wheel_version(url: str) -> str:
    """The version of the wheel that a URL names, without its local part; empty where it names none."""
    name = unquote(url.partition("#")[0]).rsplit("/", 1)[-1]
    parts = name.removesuffix(".whl").split("-")
    return parts[1].partition("+")[0] if name.endswith(".whl") and len(parts) >= 5 else ""


def _shared(siblings: Sequence[Section]) -> Iterator[Wanted]:
    """What all of several variants name beside the family: a new one needs it too."""
    if len(siblings) < 2:
        return
    for requirement in siblings[0].requirements:
        text = requirement.text
        everywhere = all(text in [r.text for r in s.requirements] for s in siblings)
        if everywhere and requirement.name not in catalog.family() and not requirement.url:
            yield Wanted(requirement.name, requirement.specifier, text.strip())


def _variant(project: Project, asked: Asked, kind: str) -> Variant:
    scope = Scope(project.file, "group" if kind == "group" else "extra", normalise(asked.name))
    return Variant(scope, asked.accelerator, NAME, asked.name, project.place())


def _check_torch(meant: Meant) -> None:
    """Raise `NothingError` for a project nothing of which needs torch."""
    ctx, project = meant
    sections = [s.scope for s in project.sections.values()]
    if not any(name in catalog.family() for scope in sections for name in ctx.closure(scope)):
        raise NothingError(f"{project.file}: nothing in it needs torch", hint="`uv add torch` first, then add variants")
