"""The package's layers: a module imports only from below, and only where the layer says so."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parent.parent / "variantfix"

# From the top to the bottom; what stands on one line is one layer.
LAYERS = (
    ("__main__",),
    ("cli",),
    ("commands", "migrate"),
    ("flags", "report"),
    ("verify",),
    ("pipeline",),
    ("plan",),
    ("ignores",),
    ("rules",),
    ("isolation", "evidence"),
    ("audit",),
    ("sharing",),
    ("routing",),
    ("context", "rule"),
    ("graph",),
    ("variants",),
    ("parse", "freshness"),
    ("project", "markers"),
    ("settings", "accelerator", "files", "lock", "uv"),
    ("toml", "catalog"),
    ("errors", "facts"),
    ("credentials",),
)
HEIGHT = {name: height for height, names in enumerate(reversed(LAYERS)) for name in names}


def layer(path: Path) -> str:
    return path.relative_to(PACKAGE).with_suffix("").parts[0]


def imported(path: Path) -> set[str]:
    """The layers of the package that a module imports when it runs: not for types alone."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    typing_only = {
        id(inner)
        for node in ast.walk(tree)
        if isinstance(node, ast.If) and getattr(node.test, "id", "") == "TYPE_CHECKING"
        for inner in ast.walk(node)
    }
    found = set()
    for node in ast.walk(tree):
        if id(node) in typing_only or not isinstance(node, ast.ImportFrom) or node.module is None:
            continue
        first, _, rest = node.module.partition(".")
        if first == "variantfix":
            found |= {rest.partition(".")[0]} if rest else {alias.name for alias in node.names}
    return found - {"__version__", layer(path)}


MODULES = sorted(path for path in PACKAGE.rglob("*.py") if path != PACKAGE / "__init__.py")


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_a_module_imports_from_below(path: Path) -> None:
    above = {name for name in imported(path) if HEIGHT[name] > HEIGHT[layer(path)]}
    beside = {name for name in imported(path) if HEIGHT[name] == HEIGHT[layer(path)]}
    assert above == set()
    assert beside == set()


def test_only_toml_imports_tomlkit() -> None:
    users = {layer(path) for path in MODULES if "import tomlkit" in path.read_text(encoding="utf-8")}
    assert users == {"toml"}


@pytest.mark.parametrize(
    ("module", "heavy"),
    [
        ("variantfix", {"typer", "tomlkit", "rich", "packaging", "json"}),
        ("variantfix.cli.commands", {"typer", "tomlkit", "rich", "packaging", "sqlite3", "subprocess"}),
        ("variantfix.cli.app", {"tomlkit", "packaging", "sqlite3", "jinja2"}),
    ],
)
def test_importing_is_cheap(module: str, heavy: set[str]) -> None:
    code = f"import {module}, sys; print(*sorted({heavy!r} & set(sys.modules)))"
    run = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert run.stdout.split() == []
