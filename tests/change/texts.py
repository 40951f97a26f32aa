"""Projects for the commands that change one, and how they are asked."""

from __future__ import annotations

from typing import TYPE_CHECKING

from variantfix.change import default as change_default
from variantfix.change.add import Request, add_texts
from variantfix.change.names import read_all
from variantfix.detect.beside import NONE
from variantfix.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Mapping

    from variantfix.repair.pipeline import Repair

FILE = "pyproject.toml"
PLAIN = """\
[project]
name = "app"
version = "0.1.0"
requires-python = ">=3.11"
dependencies = [
    "numpy",  # arrays
    "torch>=2.7",
    "torchvision",
]

[dependency-groups]
dev = ["pytest"]
"""
INDEXED = """\
[project]
name = "app"
version = "0.1.0"
requires-python = ">=3.11"
dependencies = ["torch>=2.7", "torchvision"]

[tool.uv.sources]
torch = { index = "pytorch-cu128" }
torchvision = { index = "pytorch-cu128" }

[[tool.uv.index]]
name = "pytorch-cu128"
url = "https://download.pytorch.org/whl/cu128"
explicit = true
"""


def add(
    text: str | Mapping[str, str], *asked: str, settings: Settings | None = None, only: str = "", **options: object
) -> Repair:
    variants, counterpart = read_all(asked)
    request = Request(variants, counterpart=counterpart, **options)  # type: ignore[arg-type]
    texts = {FILE: text} if isinstance(text, str) else text
    return add_texts(texts, settings or Settings(), NONE, request=request, only=only)


def default(text: str, variant: str = "") -> Repair:
    return change_default.default_texts({FILE: text}, Settings(), NONE, request=change_default.Request(variant))
