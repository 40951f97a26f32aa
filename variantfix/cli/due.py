"""`retag --check`: for a bot, a line for each variant whose tag has ended."""

from __future__ import annotations

from typing import TYPE_CHECKING

from variantfix import projects
from variantfix.change.due import due
from variantfix.change.finish import look
from variantfix.cli.held import held
from variantfix.cli.output import Output
from variantfix.errors import VariantfixError
from variantfix.projects import Failed
from variantfix.report import text
from variantfix.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Sequence


def show_due(paths: Sequence[str]) -> int:
    """Show what is due in some projects; 1 where something is, 2 where one cannot be read."""
    said, code = held(Output()), 0
    for path in paths or ["."]:
        try:
            texts = projects.read(path)
            found = list(due(look(texts, Settings(), projects.evidence_beside(next(iter(texts)))).ctx))
        except VariantfixError as error:
            text.write_error(Failed(path, error), said.talk)
            code = max(code, error.exit_code)
            continue
        for each in found:
            print(each, file=said.data)
            code = max(code, 1)
    said.emit()
    return code
