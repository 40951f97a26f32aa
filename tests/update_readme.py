"""Write the rules' table into the README: `python -m tests.update_readme`."""

from __future__ import annotations

import re
from pathlib import Path

from variantfix.report.explain import markdown_table
from variantfix.rules.every import RULES

if __name__ == "__main__":
    readme = Path(__file__).parent.parent / "README.md"
    text = readme.read_text(encoding="utf-8")
    table = f"<!-- rules: begin -->\n{markdown_table(RULES)}<!-- rules: end -->"
    readme.write_text(re.sub(r"<!-- rules: begin -->.*?<!-- rules: end -->", lambda _: table, text, flags=re.DOTALL))
