"""A project without variants that is one as a whole, by the sources of torch."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.projects import HEAD, INDEXES
from variantfix import Settings, toml
from variantfix.repair.plan import context

if TYPE_CHECKING:
    from variantfix.detect.variants import Variant

CPU, CU128 = '{ index = "pytorch-cpu" }', '{ index = "pytorch-cu128" }'
BASE = 'dependencies = ["torch"]\n'


def on(source: str, marker: str) -> str:
    return source.replace(" }", f', marker = "{marker}" }}')


def whole(*sources: str, lists: str = BASE, more: str = "") -> Variant | None:
    text = f"{HEAD}{lists}[tool.uv]\n{more}\n[tool.uv.sources]\ntorch = [{', '.join(sources)}]\n{INDEXES}"
    ctx = context({"pyproject.toml": toml.loads(text)}, Settings())
    return next(iter(ctx.routed_of(ctx.workspace.root)), None)


LINUX, WINDOWS, MACOS = (f"sys_platform == '{name}'" for name in ("linux", "win32", "darwin"))


@pytest.mark.parametrize(
    ("sources", "tag", "tags"),
    [
        pytest.param([CU128], "cu128", [], id="one source"),
        pytest.param([CPU], "cpu", [], id="that of CPUs"),
        pytest.param([on(CPU, LINUX), on(CU128, WINDOWS)], "cu128", ["cpu", "cu128"], id="the GPU goes before Linux"),
        pytest.param([on(CPU, MACOS), on(CU128, LINUX)], "cu128", ["cpu", "cu128"], id="macOS is not looked at"),
        pytest.param([on(CPU, MACOS), on(CPU, LINUX)], "cpu", [], id="twice the same"),
    ],
)
def test_what_a_project_is(sources: list[str], tag: str, tags: list[str]) -> None:
    found = whole(*sources)
    assert found is not None
    assert (found.accelerator.tag, [part.accelerator.tag for part in found.parts]) == (tag, tags)
    assert (found.scope.kind, str(found), found.told_by) == ("base", "the project", "source")
    assert found.at.path[:4] == ("tool", "uv", "sources", "torch")


@pytest.mark.parametrize(
    "found",
    [
        pytest.param(whole(on(CPU, MACOS)), id="PyPI has the same for macOS"),
        pytest.param(whole(on(CPU, WINDOWS)), id="and CPU builds for Windows"),
        pytest.param(whole(CU128, lists='dependencies = ["timm"]\n'), id="torch is in no list"),
        pytest.param(whole(on(CU128, LINUX), '{ path = "torch.whl" }'), id="a source of another kind beside it"),
        pytest.param(whole('{ index = "corp" }', more='index-url = "https://example.com"'), id="nobody's index"),
        pytest.param(whole(CU128, more='override-dependencies = ["torch>=2"]'), id="an override drops the source"),
    ],
)
def test_what_is_none(found: Variant | None) -> None:
    assert found is None
