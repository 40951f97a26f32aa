"""Write what variantfix says and does now into the cases: `python -m tests.update_cases [NAME…]`. Read the diff."""

from __future__ import annotations

import io
import sys
from typing import TYPE_CHECKING

from tests.cases import cases
from variantfix.pytorch import catalog
from variantfix.repair import pipeline
from variantfix.report.text import write_findings

if TYPE_CHECKING:
    from tests.cases import Case


def update(case: Case) -> None:
    """Rewrite findings and the texts after; what says nothing is removed."""
    repair = pipeline.repair_texts(case.before, case.settings, case.evidence)
    stream = io.StringIO()
    write_findings(repair, repair.plan.found, stream)
    findings = case.folder / "findings.txt"
    if stream.getvalue():
        findings.write_text(stream.getvalue(), encoding="utf-8")
    else:
        findings.unlink(missing_ok=True)
    single = (case.folder / "before.toml").exists()
    for file, text in repair.after.items():
        target = case.folder / "after.toml" if single else case.folder / "after" / file
        if repair.changed:
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(text.replace(catalog.PYPI_SIMPLE, "{pypi}").encode())
        else:
            target.unlink(missing_ok=True)


if __name__ == "__main__":
    for found in cases():
        if not sys.argv[1:] or any(found.name.startswith(name) for name in sys.argv[1:]):
            update(found)
            print(found.name)
