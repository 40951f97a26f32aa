"""The rule that CONTRIBUTING.md shows works as it stands there, and every name in its table of questions is one."""

from __future__ import annotations

import re
from pathlib import Path
from types import ModuleType

import pytest

from variantfix import Settings, errors, toml
from variantfix.detect import routing
from variantfix.detect.context import Context
from variantfix.repair.pipeline import load
from variantfix.repair.plan import context
from variantfix.rules.rule import Rule
from variantfix.toml import apply_to_data
from variantfix.uv import markers
from variantfix.uv.project import Project
from variantfix.uv.workspace import Workspace

TEXT = (Path(__file__).parents[2] / "CONTRIBUTING.md").read_text(encoding="utf-8")
NIGHTLY = """\
[project]
name = "app"
version = "0.1.0"

[project.optional-dependencies]
cpu = ["torch"]
cu128 = ["torch"]

[tool.uv]
conflicts = [[{ extra = "cpu" }, { extra = "cu128" }]]

[tool.uv.sources]
torch = [{ index = "pytorch-cpu", extra = "cpu" }, { index = "pytorch-cu128", extra = "cu128" }]

[[tool.uv.index]]
name = "pytorch-cpu"
url = "https://download.pytorch.org/whl/nightly/cpu"
explicit = true

[[tool.uv.index]]
name = "pytorch-cu128"
url = "https://download.pytorch.org/whl/cu128"
explicit = true
"""


@pytest.fixture
def rule() -> Rule:
    (code,) = re.findall(r"```python\n(.*?)```", TEXT, re.DOTALL)
    module = ModuleType("nightly_index", "A page.")
    exec(compile(code, "CONTRIBUTING.md", "exec"), vars(module))
    found = module.RULE
    assert isinstance(found, Rule)
    return found


def test_the_rule_finds_and_mends(rule: Rule) -> None:
    data = load(NIGHTLY, "pyproject.toml")
    (finding,) = rule.check(context({"pyproject.toml": data}, Settings()))
    assert (finding.rule, finding.variants, finding.packages) == ("nightly-index", ("cpu",), ("torch",))
    assert finding.message == "`uv sync --extra cpu` installs a nightly torch: 'pytorch-cpu' has no other"
    assert finding.fix is not None
    after = apply_to_data(data, finding.fix.edits)
    assert after["tool"]["uv"]["index"][0]["url"] == "https://download.pytorch.org/whl/cpu"
    assert list(rule.check(context({"pyproject.toml": after}, Settings()))) == []


OWNERS = {"ctx": Context, "ctx.workspace": Workspace, "project": Project}
MODULES = {"detect/routing.py": routing, "uv/markers.py": markers, "errors.py": errors}


def test_the_table_names_what_there_is() -> None:
    table = TEXT.partition("| question | answer |")[2].partition("\n\n")[0]
    rows = re.findall(r"^\| (`.*?) \|", table, re.MULTILINE)
    assert len(rows) == 12
    for row in rows:
        names = re.findall(r"`([\w./]+)[^`]*`", row)
        module = MODULES.get(names.pop()) if names[-1].endswith(".py") else None
        for name in names:
            owner, _, attribute = name.rpartition(".")
            assert hasattr(module or OWNERS[owner], attribute) or attribute in _fields(owner), name


def _fields(owner: str) -> set[str]:
    """What an owner has from the start, beside its methods."""
    return set(vars(context({"a": toml.loads(NIGHTLY)}, Settings()))) if owner == "ctx" else set()
