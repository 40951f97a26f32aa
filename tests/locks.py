# ruff: noqa: E501 - uv writes one dependency a line, however long its marker
"""Small locks in the form uv writes them, whole or made of rows."""

from __future__ import annotations

HEAD = 'version = 1\nrevision = 3\nrequires-python = ">=3.11"\n'
REGISTRY = "https://packages.example.com/simple"


def row(name: str, version: str, *needs: str, index: str = REGISTRY, more: str = "") -> str:
    """The row of a package of an index that requires some others; `more` are lines that come behind."""
    return _row(name, version, f'{{ registry = "{index}" }}', needs, more)


def own_row(*needs: str, name: str = "app", version: str = "0.1.0", more: str = "") -> str:
    """The row of the project itself."""
    return _row(name, version, '{ virtual = "." }', needs, more)


def _row(name: str, version: str, source: str, needs: tuple[str, ...], more: str) -> str:
    listed = ", ".join(f'{{ name = "{need}" }}' for need in needs)
    dependencies = f"dependencies = [{listed}]\n" if needs else ""
    return f'\n[[package]]\nname = "{name}"\nversion = "{version}"\nsource = {source}\n{dependencies}{more}'


def lock_of(*rows: str, python: str = ">=3.11", revision: int = 3, conflicts: tuple[str, ...] = ()) -> str:
    """A lock of some rows; `conflicts` are extras of the project that exclude one another."""
    members = "".join(f'    {{ package = "app", extra = "{extra}" }},\n' for extra in conflicts)
    head = f'version = 1\nrevision = {revision}\nrequires-python = "{python}"\n'
    return head + (f"conflicts = [[\n{members}]]\n" if conflicts else "") + "".join(rows)


# A project whose extras `cpu` and `gpu` conflict. torch 2.0 is there twice, from two sources; a group and the other
# member of the workspace each switch an extra on; `typing` and `colour` depend on the Python and on the system.
VARIANTS = (
    HEAD
    + """
resolution-markers = [
    "sys_platform == 'linux' and extra != 'extra-3-app-cpu' and extra == 'extra-3-app-gpu'",
    "extra == 'extra-3-app-cpu' and extra != 'extra-3-app-gpu'",
]
conflicts = [[
    { package = "app", extra = "cpu" },
    { package = "app", extra = "gpu" },
]]

[manifest]
members = ["app", "tool"]

[[package]]
name = "accel"
version = "1.0"
source = { registry = "https://packages.example.com/simple" }
dependencies = [
    { name = "colour", marker = "sys_platform == 'win32'" },
    { name = "torch", version = "2.0", source = { registry = "https://packages.example.com/simple" }, marker = "(extra != 'extra-3-app-cpu' and extra != 'extra-3-app-gpu') or (extra == 'extra-3-app-cpu' and extra == 'extra-3-app-gpu')" },
    { name = "torch", version = "2.0", source = { registry = "https://download.pytorch.org/whl/cpu" }, marker = "(sys_platform == 'darwin' and extra == 'extra-3-app-cpu') or (extra == 'extra-3-app-cpu' and extra == 'extra-3-app-gpu')" },
    { name = "torch", version = "2.0+cpu", source = { registry = "https://download.pytorch.org/whl/cpu" }, marker = "(sys_platform != 'darwin' and extra == 'extra-3-app-cpu') or (extra == 'extra-3-app-cpu' and extra == 'extra-3-app-gpu')" },
    { name = "torch", version = "2.0+cu128", source = { registry = "https://download.pytorch.org/whl/cu128" }, marker = "extra == 'extra-3-app-gpu'" },
]
sdist = { url = "https://packages.example.com/accel-1.0.tar.gz", hash = "sha256:00", size = 40 }
wheels = [
    { url = "https://packages.example.com/accel-1.0-py3-none-any.whl", hash = "sha256:00", size = 50 },
]

[[package]]
name = "app"
version = "0.1"
source = { virtual = "." }
dependencies = [
    { name = "accel" },
    { name = "typing", marker = "python_full_version < '3.12'" },
]

[package.optional-dependencies]
cpu = [
    { name = "torch", version = "2.0", source = { registry = "https://download.pytorch.org/whl/cpu" }, marker = "sys_platform == 'darwin' and extra == 'extra-3-app-cpu'" },
    { name = "torch", version = "2.0+cpu", source = { registry = "https://download.pytorch.org/whl/cpu" }, marker = "sys_platform != 'darwin' and extra == 'extra-3-app-cpu'" },
]
gpu = [
    { name = "torch", version = "2.0+cu128", source = { registry = "https://download.pytorch.org/whl/cu128" }, marker = "extra == 'extra-3-app-gpu'" },
]

[package.dev-dependencies]
dev = [
    { name = "colour" },
]
on-cpu = [
    { name = "app" },
    { name = "app", extra = ["cpu"], marker = "extra == 'extra-3-app-cpu'" },
]

[package.metadata]
provides-extras = ["cpu", "gpu", "empty"]

[package.metadata.requires-dev]
none = []

[[package]]
name = "colour"
version = "3.0"
source = { git = "https://example.com/colour?rev=v3#0123456789abcdef0123456789abcdef01234567" }

[[package]]
name = "tool"
source = { editable = "tool" }
dependencies = [
    { name = "app", extra = ["gpu"] },
]

[[package]]
name = "torch"
version = "2.0"
source = { registry = "https://download.pytorch.org/whl/cpu" }
wheels = [
    { url = "https://download.pytorch.org/whl/cpu/torch-2.0-cp311-none-macosx_11_0_arm64.whl", hash = "sha256:00" },
]

[[package]]
name = "torch"
version = "2.0"
source = { registry = "https://packages.example.com/simple" }
wheels = [
    { url = "https://packages.example.com/torch-2.0-cp311-cp311-manylinux_2_28_x86_64.whl", hash = "sha256:00", size = 900 },
    { url = "https://packages.example.com/torch-2.0-cp311-cp311-win_amd64.whl", hash = "sha256:00", size = 200 },
]

[[package]]
name = "torch"
version = "2.0+cpu"
source = { registry = "https://download.pytorch.org/whl/cpu" }
wheels = [
    { url = "https://download.pytorch.org/whl/cpu/torch-2.0%2Bcpu-cp311-cp311-manylinux_2_28_x86_64.whl", hash = "sha256:00", size = 180 },
]

[[package]]
name = "torch"
version = "2.0+cu128"
source = { registry = "https://download.pytorch.org/whl/cu128" }
wheels = [
    { url = "https://download.pytorch.org/whl/cu128/torch-2.0%2Bcu128-cp311-cp311-manylinux_2_28_x86_64.whl", hash = "sha256:00", size = 990 },
]

[[package]]
name = "typing"
version = "4.0"
source = { registry = "https://packages.example.com/simple" }
sdist = { url = "https://packages.example.com/typing-4.0.tar.gz", hash = "sha256:00", size = 7 }
"""
)

# A root without a project: its groups stand in the manifest, and its members are the roots.
NO_PROJECT = (
    HEAD
    + """
supported-markers = ["sys_platform == 'linux'"]

[manifest]
members = ["one", "two"]

[manifest.dependency-groups]
dev = [{ name = "lint", specifier = ">=1" }]
win = [{ name = "lint", marker = "sys_platform == 'win32'" }]

[[package]]
name = "lint"
version = "1.0"
source = { url = "https://packages.example.com/lint-1.0-py3-none-any.whl" }
wheels = [{ url = "https://packages.example.com/lint-1.0-py3-none-any.whl", hash = "sha256:00" }]

[[package]]
name = "one"
version = "0.1"
source = { directory = "one" }

[package.dev-dependencies]
own = [{ name = "two" }]

[[package]]
name = "two"
version = "0.2"
source = { path = "two-0.2.tar.gz" }
sdist = { hash = "sha256:00" }
"""
)

# `mid` is there only while `lib[a]` is off, and asks for `lib[a]`; on its own account that extra stays off.
UNDONE = (
    HEAD
    + """
conflicts = [[
    { package = "lib", extra = "a" },
    { package = "lib", extra = "b" },
]]

[[package]]
name = "app"
version = "0.1"
source = { virtual = "." }
dependencies = [
    { name = "mid", marker = "extra != 'extra-3-lib-a'" },
]

[[package]]
name = "extra-of-a"
version = "1.0"
source = { directory = "extra-of-a" }

[[package]]
name = "lib"
version = "1.0"
source = { directory = "lib" }

[package.optional-dependencies]
a = [
    { name = "extra-of-a", marker = "extra == 'extra-3-lib-a'" },
]

[[package]]
name = "mid"
version = "1.0"
source = { directory = "mid" }
dependencies = [
    { name = "lib" },
    { name = "lib", extra = ["a"] },
]
"""
)
