"""What lies beside a project and still speaks of a tag that another took the place of: told, never edited."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from variantfix.change.spelling import mentions
from variantfix.disk import STDIN
from variantfix.disk.beside import lines_beside

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from variantfix.detect.beside import Evidence
    from variantfix.repair.pipeline import Repair, RepairTexts
    from variantfix.settings import Settings


def with_mentions(repair_by: RepairTexts, tags: Collection[str]) -> RepairTexts:
    """The same, with a note on each line of a README, Dockerfile or workflow beside the root that names a tag."""

    def repair(texts: Mapping[str, str], settings: Settings, evidence: Evidence, *, only: str = "") -> Repair:
        done = repair_by(texts, settings, evidence, only=only)
        root = next(iter(texts))
        if root == STDIN:
            return done
        found = lines_beside(Path(root).parent, lambda line: any(mentions(line, tag) for tag in tags))
        return done._replace(notes=(*done.notes, *(f"{place}: still says it: {line}" for place, line in found)))

    return repair
