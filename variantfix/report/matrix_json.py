"""The matrix of `verify` for programs. The keys are a contract: `version` grows when one goes or changes meaning."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, TextIO

from variantfix.credentials import mask_all

if TYPE_CHECKING:
    from variantfix.detect.audit.cells import Cell
    from variantfix.uv.project import Scope
    from variantfix.verify.loop import Verdict

VERSION = 1


def write_json(verdict: Verdict, stream: TextIO) -> None:
    """Write the verdict as one JSON object; sizes are bytes, URLs are without credentials."""
    json.dump(mask_all(_verdict(verdict)), stream, indent=2)
    stream.write("\n")


def _verdict(verdict: Verdict) -> dict[str, Any]:
    return {
        "version": VERSION,
        "path": verdict.path,
        "lock": verdict.lock,
        "stale": verdict.stale,
        "isolated": verdict.isolated,
        "variants": verdict.variants,
        "closures_walked": verdict.matrix.walked,
        "closures": [_closure(cell) for cell in verdict.matrix.cells],
    }


def _closure(cell: Cell) -> dict[str, Any]:
    return {
        "project": cell.subject.project,
        "variant": cell.subject.name or None,
        "accelerator": cell.subject.tag or None,
        "selected": [_scope(scope) for scope in cell.subject.scopes],
        "platform": cell.platform.name,
        "python": cell.platform.python,
        "torch": [{"version": build.version, "index": build.index} for build in cell.torch],
        "packages": cell.packages,
        "download_bytes": cell.size,
        "files_without_size": cell.unsized,
        "leaks": [
            {
                "package": leak.package,
                "version": leak.version,
                "index": leak.index,
                "reason": leak.reason,
                "path": list(leak.path),
            }
            for leak in cell.leaks
        ],
        "leak_bytes": cell.leak_size,
        "leak_files_without_size": cell.leak_unsized,
        "gaps": [{"package": gap.package, "version": gap.version, "reason": gap.reason} for gap in cell.gaps],
    }


def _scope(scope: Scope) -> dict[str, str]:
    return {"kind": scope.kind, "name": scope.name}
