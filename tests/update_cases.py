"""Write what variantfix says and does now into the cases: `python -m tests.update_cases [NAME…]`. Read the diff."""

from __future__ import annotations

import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from tests.cases import cases, check
from variantfix.pytorch import catalog
from variantfix.repair import pipeline

if TYPE_CHECKING:
    from tests.cases import Case


def update(case: Case) -> None:
    """Rewrite findings and the texts after; what says nothing is removed."""
    repair = pipeline.repair_texts(case.before, case.settings, case.evidence)
    findings = case.folder / "findings.txt"
    with TemporaryDirectory() as folder:
        _, said = check(case, Path(folder))
    if said:
        findings.write_text(said, encoding="utf-8")
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
