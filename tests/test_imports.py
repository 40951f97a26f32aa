"""The package's rooms: a module imports only from rooms below its own, for types too."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parent.parent / "variantfix"

# From the top to the bottom; CONTRIBUTING.md says in a line what each is for.
ROOMS = (
    "__main__",
    "cli",
    "migrate",
    "report",
    "verify",
    "projects",
    "lookup",
    "change",
    "repair",
    "rules",
    "edits",
    "detect",
    "pytorch",
    "uv",
    "toml",
    "online",
    "settings",
    "machine",
    "disk",
    "process",
    "errors",
    "terminal",
    "credentials",
    "memo",
    "namedtuple",
)
HEIGHT = {name: height for height, name in enumerate(reversed(ROOMS))}
# What is pure opens no file, though the disk lies below it.
NEVER = {("repair", "disk"), ("rules", "disk"), ("detect", "disk"), ("change", "disk")}


def room(path: Path) -> str:
    return path.relative_to(PACKAGE).with_suffix("").parts[0]


def imported(path: Path) -> set[str]:
    """The rooms that a module imports from, at any depth in it, for types or to run."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if not isinstance(node, ast.ImportFrom) or node.module is None:
            continue
        first, _, rest = node.module.partition(".")
        if first == "variantfix":
            found |= {rest.partition(".")[0]} if rest else {alias.name for alias in node.names}
    return found - {"__version__", room(path)}


MODULES = sorted(path for path in PACKAGE.rglob("*.py") if path != PACKAGE / "__init__.py")


def test_every_room_is_known() -> None:
    assert {room(path) for path in MODULES} == set(ROOMS)


def test_every_room_has_its_tests() -> None:
    """Under its own name; a room that is one module can have them in a file."""
    tests = Path(__file__).parent
    folders = {name for name in ROOMS if (PACKAGE / name).is_dir()}
    assert {name for name in folders if not [*(tests / name).glob("test_*.py")]} == set()


def test_every_room_is_described() -> None:
    text = (PACKAGE.parent / "CONTRIBUTING.md").read_text(encoding="utf-8")
    rows = [row.partition(" | ")[0] for row in text.splitlines() if row.startswith("| `")]
    named = [name.strip("|` ") for row in rows for name in row.split(", ")]
    assert tuple(name for name in named if name in ROOMS) == ROOMS


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_a_module_imports_from_below(path: Path) -> None:
    own = room(path)
    assert {name for name in imported(path) if HEIGHT[name] >= HEIGHT[own]} == set()
    assert {name for name in imported(path) if (own, name) in NEVER} == set()


def modules(path: Path) -> set[str]:
    """The modules of the package that one imports, at any depth in it, for types or to run."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith("variantfix"):
            found |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    return found


def test_no_circles() -> None:
    """From no module do its imports lead back to it, within a room either."""
    names = {path: ".".join(path.relative_to(PACKAGE.parent).with_suffix("").parts) for path in MODULES}
    left = {name: (modules(path) & set(names.values())) - {name} for path, name in names.items()}
    while free := {name for name, needed in left.items() if not needed & left.keys()}:
        left = {name: needed for name, needed in left.items() if name not in free}
    assert set(left) == set()


def test_no_rule_imports_a_rule() -> None:
    """What the rules find together is joined in `repair`: of this room a rule knows the types alone."""
    for path in sorted((PACKAGE / "rules").glob("*.py")):
        if path.stem in ("__init__", "every"):
            continue
        tree = ast.parse(path.read_text(encoding="utf-8"))
        asked = {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
        whole = {
            alias.name
            for node in ast.walk(tree)
            if isinstance(node, ast.ImportFrom) and node.module == "variantfix"
            for alias in node.names
        }
        found = {module for module in asked if module and module.startswith("variantfix.rules")}
        assert found <= {"variantfix.rules.rule"}, path.stem
        assert "rules" not in whole, path.stem


def test_only_toml_imports_tomlkit() -> None:
    users = {room(path) for path in MODULES if "import tomlkit" in path.read_text(encoding="utf-8")}
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
