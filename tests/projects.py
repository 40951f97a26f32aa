"""Projects in the shape of the founding report, and other small ones."""

from __future__ import annotations

HEAD = """\
[project]
name = "app"
version = "0.1.0"
requires-python = ">=3.10"
"""
INDEX = """
[[tool.uv.index]]
name = "pytorch-{tag}"
url = "https://download.pytorch.org/whl/{tag}"
explicit = true
"""
INDEXES = """\
[[tool.uv.index]]
name = "pytorch-cpu"
url = "https://download.pytorch.org/whl/cpu"
explicit = true

[[tool.uv.index]]
name = "pytorch-cu128"
url = "https://download.pytorch.org/whl/cu128"
explicit = true
"""
"""Those of the variants cpu and cu128."""
DEFAULT = """
[[tool.uv.index]]
name = "corp"
url = "https://packages.example.com/simple"
default = true
"""
TAIL = """
[tool.uv]
conflicts = [[{ extra = "cpu" }, { extra = "cu124" }]]

[tool.uv.sources]
torch = [
    { index = "pytorch-cpu", extra = "cpu" },
    { index = "pytorch-cu124", extra = "cu124", marker = "sys_platform == 'linux' or sys_platform == 'win32'" },
]
""" + "".join(INDEX.format(tag=tag) for tag in ("cpu", "cu124"))


def project(*requirements: str, tail: str = TAIL, base: str = "", rest: str = "") -> str:
    """A project with the variants cpu and cu124, each with torch and some requirements."""
    listed = ", ".join(f'"{each}"' for each in ("torch>=2.5.1,<2.7", *requirements))
    extras = f"[project.optional-dependencies]\ncpu = [{listed}]\ncu124 = [{listed}]\n{rest}"
    return f"{HEAD}dependencies = [{base}]\n\n{extras}{tail}{DEFAULT}"


ALONE = project()
FOUNDING = project("accelerate==0.26.1")
