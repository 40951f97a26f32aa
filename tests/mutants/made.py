"""The mutants of a room, as mutmut makes them: one small change each, in the functions that have no decorators."""

from __future__ import annotations

import ast
import difflib
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import libcst
from mutmut.mutation.file_mutation import create_mutations, deep_replace

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mutmut.mutation.file_mutation import Mutation

PACKAGE = Path(__file__).parents[2] / "variantfix"


class Mutant(NamedTuple):
    """One change of one file."""

    name: str
    file: Path
    tree: libcst.Module
    mutation: Mutation

    @property
    def module(self) -> str:
        return ".".join(self.file.relative_to(PACKAGE.parent).with_suffix("").parts).removesuffix(".__init__")

    def source(self) -> str:
        mutated = deep_replace(self.tree, self.mutation.original_node, self.mutation.mutated_node)
        assert isinstance(mutated, libcst.Module)
        code: str = mutated.code
        return code

    def diff(self) -> str:
        before, after = self.tree.code.splitlines(), self.source().splitlines()
        return "\n".join(list(difflib.unified_diff(before, after, lineterm="", n=2))[2:])

    def lines(self) -> range:
        """Those of the statement that it changes: a test that runs none of them cannot notice."""
        pairs = zip(self.tree.code.splitlines(), self.source().splitlines(), strict=False)
        first = next(number for number, (before, after) in enumerate(pairs, 1) if before != after)
        statements = (node for node in ast.walk(ast.parse(self.tree.code)) if isinstance(node, ast.stmt))
        around = [node for node in statements if node.lineno <= first <= (node.end_lineno or 0)]
        return _lines(max(around, key=lambda node: node.lineno))


def mutants(room: str) -> Iterator[Mutant]:
    """All of a room, or of one file: `detect`, `uv/lock`, `credentials.py`."""
    place = PACKAGE / room
    for file in sorted(place.rglob("*.py")) if place.is_dir() else [place]:
        tree, mutations, _, _ = create_mutations(str(file), file.read_text(encoding="utf-8"))
        names = _names(tree)
        seen: Counter[str] = Counter()
        for mutation in mutations:
            if name := names.get(mutation.contained_by_top_level_function):
                seen[name] += 1
                yield Mutant(f"{file.relative_to(PACKAGE).as_posix()}:{name}:{seen[name]}", file, tree, mutation)


def _lines(statement: ast.stmt) -> range:
    """A function's are all, since its head runs only where it is defined; of what holds others, its head."""
    body = [] if isinstance(statement, (ast.FunctionDef, ast.AsyncFunctionDef)) else getattr(statement, "body", [])
    return range(statement.lineno, body[0].lineno if body else (statement.end_lineno or 0) + 1)


def _names(tree: libcst.Module) -> dict[libcst.CSTNode | None, str]:
    found: dict[libcst.CSTNode | None, str] = {}
    for node in tree.body:
        if isinstance(node, libcst.FunctionDef):
            found[node] = node.name.value
        elif isinstance(node, libcst.ClassDef):
            methods = (part for part in node.body.body if isinstance(part, libcst.FunctionDef))
            found |= {method: f"{node.name.value}.{method.name.value}" for method in methods}
    return found
