"""Linux on ARM: where the asked CUDA has no wheels there and a neighbour has, the variant takes that one's."""

from __future__ import annotations

from typing import TYPE_CHECKING

from variantfix.change.beside import index_of
from variantfix.detect.variants import family_packages
from variantfix.edits.sources import add_sources, entry
from variantfix.pytorch import accelerator, catalog

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from variantfix.change.finish import Meant
    from variantfix.change.fitting import Wanted
    from variantfix.change.names import Asked
    from variantfix.pytorch.accelerator import Accelerator
    from variantfix.toml import Edit
    from variantfix.uv.project import Scope

_ARM = "linux-aarch64"


def on_arm(
    meant: Meant, asked: Asked, scope: Scope, requirements: Sequence[Wanted], *, moved: bool
) -> tuple[tuple[Edit, ...], tuple[str, ...]]:
    """The sources that divide a variant's packages between two CUDAs, and a note; nothing where one serves both.

    uv takes one index per fork where another requirement on the package is undivided, and refuses two: so this is
    done only where nothing else than variants names the packages, or where that is `moved` into them.
    """
    neighbour = _neighbour(asked, requirements)
    if neighbour is None:
        return (), ()
    what = f"{asked.accelerator.tag} has no wheels for Linux on ARM"
    names = family_packages([r.package for r in requirements])
    if blocking := [name for name in names if _is_undivided(meant, name, moved=moved)]:
        how = "--move-base" if not moved else "take it out of there"
        return (), (f"{what}: {neighbour.tag} would serve it, if only variants named {', '.join(blocking)} ({how})",)
    return tuple(_edits(meant, asked, scope, names, neighbour)), (f"{what}: {asked.name} takes {neighbour.tag} there",)


def _edits(meant: Meant, asked: Asked, scope: Scope, names: Sequence[str], neighbour: Accelerator) -> Iterator[Edit]:
    own = " or ".join(
        f"(sys_platform == '{system}' and platform_machine != 'aarch64')" if system == "linux" else _is(system)
        for system in asked.accelerator.systems
    )
    pairs = ((asked.accelerator, own), (neighbour, f"{_is('linux')} and platform_machine == 'aarch64'"))
    entries = []
    for part, marker in pairs:
        index, declare = index_of(meant, asked, scope, part)
        yield from declare
        entries.append(entry(index, scope, asked.name, marker))
    for name in names:
        yield from add_sources(meant.ctx, meant.project, name, entries)


def _is(system: str) -> str:
    return f"sys_platform == '{system}'"


def _is_undivided(meant: Meant, package: str, *, moved: bool) -> bool:
    """Whether something beside the variants names a package, so that uv would have two indexes for it at once."""
    sections = (s for s in meant.project.sections.values() if s.scope not in meant.ctx.by_scope)
    return any(s.named(package) for s in sections if not (moved and s.scope.kind == "base"))


def _neighbour(asked: Asked, requirements: Sequence[Wanted]) -> Accelerator | None:
    """The nearest CUDA that has ARM wheels of a torch that the asked one has, where that one has none itself."""
    wanted = next((r.specifier for r in requirements if r.package == "torch"), "")
    if asked.accelerator.kind != "cuda":
        return None
    minors = {_minor(version) for version in catalog.admitted("torch", asked.accelerator.tag, wanted)}
    releases = [release for release in catalog.releases() if release.minor in minors]
    if any(_ARM in release.tags.get(asked.accelerator.tag, ()) for release in releases):
        return None
    tags = [t for r in reversed(releases) for t, places in r.tags.items() if _ARM in places and t.startswith("cu")]
    return accelerator.from_tag(tags[0]) if tags else None


def _minor(version: str) -> str:
    return ".".join(version.split(".")[:2])
