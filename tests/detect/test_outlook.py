"""What is predicted for each selection, from the files alone; the real uv is asked in test_forks."""

from __future__ import annotations

from tests.projects import HEAD, INDEXES
from variantfix import Settings, toml
from variantfix.detect.asked import plain
from variantfix.detect.outlook import Outlook, outlook, selections
from variantfix.detect.routing import is_met
from variantfix.repair.plan import context
from variantfix.uv.platforms import LINUX_X86
from variantfix.uv.project import Scope

FILE = "pyproject.toml"
BASE, CPU, CU128, DOCS = Scope(FILE, "base"), *(Scope(FILE, "extra", name) for name in ("cpu", "cu128", "docs"))
TEXT = f"""{HEAD}dependencies = ["torchvision"]

[project.optional-dependencies]
cpu = ["torch"]
cu128 = ["torch==2.2.0"]
docs = ["torchmetrics"]

[tool.uv]
conflicts = [[{{ extra = "cpu" }}, {{ extra = "cu128" }}]]

[tool.uv.sources]
torch = [{{ index = "pytorch-cpu", extra = "cpu" }}, {{ index = "pytorch-cu128", extra = "cu128" }}]

{INDEXES}"""
CTX = context({FILE: toml.loads(TEXT)}, Settings())


def found() -> Outlook:
    return outlook(CTX)


def test_each_list_is_a_selection_and_each_variant_one_more() -> None:
    assert set(found().served) == {(BASE,), (CPU,), (CPU, BASE), (CU128,), (CU128, BASE), (DOCS,)}


def test_the_base_is_no_partner() -> None:
    """It stands beside everything already: only lists that bring torch, and that no set forbids, are combined."""
    assert found().pairs == {(CPU, DOCS), (CU128, DOCS)}
    assert set(selections(CTX)) == {(BASE,), (CPU,), (CU128,), (DOCS,), (CPU, DOCS), (CU128, DOCS)}


def test_a_package_comes_from_its_source_and_else_from_the_default_index() -> None:
    served = found().served
    assert served[(CPU,)]["torch", LINUX_X86] == "https://download.pytorch.org/whl/cpu"
    assert served[(CU128,)]["torch", LINUX_X86] == "https://download.pytorch.org/whl/cu128"
    assert served[(CPU,)]["torchvision", LINUX_X86] == ""
    assert found().locks


def test_a_requirement_is_met_by_an_index_that_has_its_version_or_none_of_the_package() -> None:
    cpu, cu128 = CTX.variants
    (old,) = CTX.named(cu128, "torch")
    (torch,) = CTX.named(cpu, "torch")
    (metrics,) = CTX.workspace.root.sections[DOCS].named("torchmetrics")
    assert is_met(cpu, torch)
    assert not is_met(cu128, old)  # torch 2.2 is older than CUDA 12.8
    assert is_met(cpu, metrics)


def test_a_fragment_and_credentials_do_not_tell_where_files_come_from() -> None:
    url = "https://download.pytorch.org/whl/cpu"
    assert plain(f"{url}#cu128") == plain(url.replace("://", "://user:secret@")) == url
