"""The counterpart of variants: an extra or group that takes PyPI's build on purpose, by a conflict set and no source.

uv gives the build of a variant that stands in no conflict set to the bare project, too: beside one variant alone it is
what keeps the bare project as it was.

Threads: astral-sh/uv#13070, #14090, #17967
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from variantfix.change.default import GROUP, array
from variantfix.change.names import Asked
from variantfix.change.wanted import wanted
from variantfix.edits.conflicts import add_sets, conflict_item
from variantfix.pytorch import catalog
from variantfix.toml import Append, Edit, Put
from variantfix.uv.project import Section

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from variantfix.change.finish import Meant
    from variantfix.change.fitting import Wanted
    from variantfix.detect.variants import Variant
    from variantfix.uv.project import ConflictSet, Scope


def beside_pypi(
    meant: Meant,
    scope: Scope,
    spelling: str,
    lists: Mapping[Asked, Sequence[Wanted]],
    scopes: Mapping[Asked, Scope],
) -> Iterator[Edit]:
    """The edits that write a counterpart with a scope, kept apart from all variants that are there or new.

    It names what these name, as far as PyPI has that.
    """
    ctx, project = meant
    own = _own(meant)
    named = next(iter(lists.values())) if lists else wanted(meant, Asked(spelling, own[0].accelerator), scope.kind)
    texts = [r.text for r in named if r.package not in catalog.family() or catalog.family()[r.package].on_pypi]
    yield Put(project.file, place_of(scope, spelling), array(texts))
    itself = Section(scope, spelling, project.base.at, ())
    new = [*(Section(scopes[asked], asked.name, project.base.at, ()) for asked in lists), itself]
    together = _together(meant)
    if together:
        items = (conflict_item(ctx.workspace, project, member) for member in new)
        yield from (Append(project.file, together.at.path, item) for item in items)
    else:
        yield from add_sets(ctx.workspace, project, [[*own, *new]])


def _own(meant: Meant) -> Sequence[Variant]:
    return [v for v in meant.ctx.variants_of(meant.project) if v.scope.name != GROUP]


def _together(meant: Meant) -> ConflictSet | None:
    """The conflict set of all variants that are there, which nothing else stands in."""
    own = {variant.scope for variant in _own(meant)}
    sets = (c for c in meant.ctx.workspace.conflicts if c.at.file == meant.project.file)
    return next((c for c in sets if own and set(c.members) == own), None)


def place_of(scope: Scope, spelling: str) -> tuple[str, ...]:
    """Where the list of an extra or group stands."""
    return ("dependency-groups", spelling) if scope.kind == "group" else ("project", "optional-dependencies", spelling)
