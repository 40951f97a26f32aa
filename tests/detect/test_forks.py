"""What uv takes from where, as `variantfix.detect.forks` predicts it, against the real uv and as it was before.

`forks.txt` has the predictions; `python -m tests.update_forks` writes them anew, once uv agrees with them.
"""

from __future__ import annotations

from itertools import combinations
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.projects import INDEXES
from tests.world.judge import Selection
from variantfix.detect.asked import DEFAULT
from variantfix.detect.forks import REFUSED
from variantfix.detect.outlook import outlook
from variantfix.detect.wheels import NAMES
from variantfix.pytorch import accelerator, catalog
from variantfix.repair.plan import context
from variantfix.settings import Settings
from variantfix.toml import loads
from variantfix.uv.platforms import MACOS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.conftest import Judge
    from variantfix.detect.context import Context
    from variantfix.uv.platforms import Platform
    from variantfix.uv.project import Scope

INDEX = """
[[tool.uv.index]]
name = "{name}"
url = "{url}"
explicit = true
"""
PYPI = INDEX.format(name="pypi", url=catalog.PYPI_SIMPLE)
CPU = '{ index = "pytorch-cpu", extra = "cpu" }'
CUDA = '{ index = "pytorch-cu128", extra = "cuda" }'
MARKED = CUDA.replace(" }", ", marker = \"sys_platform == 'linux' or sys_platform == 'win32'\" }")
PAIR = '[{ extra = "cpu" }, { extra = "cuda" }]'


def project(
    *,
    base: str = "",
    sources: str = f"{CPU}, {MARKED}",
    conflicts: str = PAIR,
    extras: str = "",
    groups: str = "",
    variants: str = 'cpu = ["torch>=2.7"]\ncuda = ["torch>=2.7"]',
    rest: str = "",
    indexes: str = INDEXES,
) -> str:
    return (
        f'[project]\nname = "app"\nversion = "0.1.0"\nrequires-python = ">=3.11"\ndependencies = [{base}]\n\n'
        f"[project.optional-dependencies]\n{variants}\n{extras}\n\n[dependency-groups]\n{groups}\n\n"
        f"[tool.uv]\nconflicts = [{conflicts}]\n{rest}\n\n[tool.uv.sources]\ntorch = [{sources}]\n"
        f"{PYPI}{indexes}"
    )


TORCH = '"torch>=2.7"'
GROUPS = 'cpu = ["torch>=2.7"]\ncuda = ["torch>=2.7"]'
SHARED = '[{ extra = "cpu" }, { extra = "cuda" }], [{ extra = "cpu" }, { extra = "cuda2" }]'
CUDA2 = 'cuda2 = ["torch>=2.7"]'
LINUX_ONLY = "sys_platform == 'linux'"

TAGS = ("cpu", "cu126", "cu128", "cu129", "cu130")


def pairs(count: int) -> list[tuple[int, ...]]:
    return list(combinations(range(count), 2))


def of_many(count: int, sets: Sequence[tuple[int, ...]]) -> str:
    """A project with some of the tags as variants, torch in its base, and conflict sets of their numbers."""
    tags = TAGS[:count]
    listed = ("[" + ", ".join(f'{{ extra = "{tags[n]}" }}' for n in each) + "]" for each in sets)
    return project(
        base=TORCH,
        variants="\n".join(f'{tag} = ["torch>=2.7"]' for tag in tags),
        sources=", ".join(f'{{ index = "pytorch-{tag}", extra = "{tag}" }}' for tag in tags),
        conflicts=", ".join(listed),
        indexes="".join(INDEX.format(name=f"pytorch-{tag}", url=catalog.PYTORCH_INDEX.format(tag=tag)) for tag in tags),
    )


PROJECTS = [
    pytest.param(project(), id="the marker divides"),
    pytest.param(project(base=TORCH), id="an undivided base keeps it together"),
    pytest.param(project(extras='all = ["app[cpu]"]'), id="what refers to another extra keeps it together, too"),
    pytest.param(project(extras=f'all = ["torch>=2.7; {LINUX_ONLY}"]'), id="an extra that comes first keeps it, too"),
    pytest.param(of_many(3, pairs(3)), id="three pairs leave the last in"),
    pytest.param(of_many(4, pairs(4)), id="six pairs as well"),
    pytest.param(of_many(4, pairs(4)[::-1]), id="the last of all, whichever it is"),
    pytest.param(of_many(4, [(0, 1), (2, 3), *pairs(4)]), id="the last two go out together"),
    pytest.param(of_many(4, [(0, 1, 2, 3), *pairs(4)]), id="one set of all leaves none in"),
    pytest.param(of_many(5, pairs(5)), id="ten pairs"),
    pytest.param(project(extras='zoo = ["torch>=2.7"]'), id="an extra that comes later does not"),
    pytest.param(project(extras='zoo = ["app[cpu]"]'), id="a reference that comes later does not"),
    pytest.param(project(groups='all = ["torch>=2.7"]'), id="a group comes after the extras"),
    pytest.param(
        project(
            variants="",
            groups=f'{GROUPS}\nall = [{{ include-group = "cuda" }}]',
            sources=f"{CPU}, {MARKED}".replace("extra", "group"),
            conflicts=PAIR.replace("extra", "group"),
        ),
        id="a group that includes one, and comes first",
    ),
    pytest.param(
        project(
            extras='all = ["app[train]", "torch>=2.7"]\ntrain = ["torch>=2.7"]',
            sources=f"{CPU}, {MARKED}, {MARKED.replace('cuda', 'all')}",
            conflicts=f'{PAIR}, [{{ extra = "all" }}, {{ extra = "cpu" }}]',
        ),
        id="what refers and is divided itself",
    ),
    pytest.param(
        project(
            extras='all = ["app[cpu]"]',
            variants="cpu = [\"torch>=2.7; sys_platform == 'darwin'\", \"torch>=2.7; sys_platform != 'darwin'\"]\n"
            'cuda = ["torch>=2.7"]',
        ),
        id="a reference to a list that divides itself",
    ),
    pytest.param(project(extras='all = ["app[cuda]"]'), id="what refers to the variant itself does not"),
    pytest.param(project(extras='all = ["app[cpu]"]\ngpu = ["app[cuda]"]'), id="of two references, one keeps it"),
    pytest.param(project(extras='all = ["app[mid]"]\nmid = ["app[cpu]"]'), id="a reference through another"),
    pytest.param(
        project(
            base=f'{TORCH[:-1]}; {LINUX_ONLY}", {TORCH[:-1]}; {LINUX_ONLY.replace("==", "!=")}"',
            extras='all = ["app[cpu]"]',
        ),
        id="a reference beside a base that is divided",
    ),
    pytest.param(
        project(extras='all = ["app[cpu]"]', conflicts='[{ extra = "cpu" }, { extra = "cuda" }, { extra = "all" }]'),
        id="a reference in the conflict set",
    ),
    pytest.param(project(extras='all = ["app[train]"]\ntrain = ["torch>=2.7"]'), id="a reference to no variant"),
    pytest.param(project(base=f'"torch>=2.7; {LINUX_ONLY}"'), id="a base on one system keeps it together too"),
    pytest.param(project(base="\"torch>=2.7; sys_platform == 'darwin'\""), id="a base on the other system as well"),
    pytest.param(
        project(base=f'"torch>=2.7; {LINUX_ONLY}", "torch>=2.7; sys_platform != \'linux\'"'),
        id="a base that is divided otherwise",
    ),
    pytest.param(
        project(base=f'"torch>=2.7; {LINUX_ONLY}", "torch>=2.7; sys_platform == \'win32\'"'),
        id="a base that leaves the system out",
    ),
    pytest.param(
        project(
            base=TORCH,
            sources=f"{CPU.replace(' }', ', marker = %r }')}, {MARKED}".replace("%r", "\"sys_platform != 'darwin'\"")
            + ', { index = "pypi", marker = "sys_platform == \'darwin\'" }',
        ),
        id="an unscoped source divides the base",
    ),
    pytest.param(project(base='"accelerate"'), id="a base that brings it through another package"),
    pytest.param(project(extras='train = ["torch"]'), id="another extra divides nothing"),
    pytest.param(project(groups='dev = ["torch"]'), id="a group divides nothing"),
    pytest.param(project(extras='alias = ["app[cuda]"]'), id="an alias is not chosen"),
    pytest.param(project(groups='ci = ["app[cuda]"]'), id="what a group asks for is"),
    pytest.param(project(extras=f'all = ["app[cpu]; {LINUX_ONLY}"]'), id="a reference on one system keeps it together"),
    pytest.param(project(extras=f'zoo = ["app[cpu]; {LINUX_ONLY}"]'), id="a later one on one system does not"),
    pytest.param(project(groups=f'ci = ["app[cuda]; {LINUX_ONLY}"]'), id="what a group asks for on one system"),
    pytest.param(project(extras=f'all = ["app[train]; {LINUX_ONLY}"]\ntrain = ["torch>=2.7"]'), id="a marked detour"),
    pytest.param(
        project(
            variants="",
            groups=GROUPS,
            conflicts=PAIR.replace("extra", "group"),
            base=TORCH,
            sources=f"{CPU}, {MARKED}".replace("extra", "group"),
        ),
        id="groups over a base",
    ),
    pytest.param(
        project(base=TORCH, conflicts="", sources=CUDA, variants='cuda = ["torch>=2.7"]'),
        id="a lone variant takes all along",
    ),
    pytest.param(
        project(base=TORCH, conflicts='[{ extra = "cuda" }, { extra = "nope" }]', sources=CUDA),
        id="a name that does not exist keeps the base apart",
    ),
    pytest.param(
        project(
            extras=f'{CUDA2}\ntrain = ["torch"]',
            conflicts=SHARED,
            sources=f'{CPU}, {CUDA}, {{ index = "pytorch-cu128", extra = "cuda2" }}',
        ),
        id="sets that share a member leave the last to all",
    ),
    pytest.param(
        project(
            extras=CUDA2,
            base=TORCH,
            conflicts='[{ extra = "cpu" }, { extra = "cuda" }, { extra = "cuda2" }]',
            sources=f'{CPU}, {CUDA}, {{ index = "pytorch-cu128", extra = "cuda2" }}',
        ),
        id="one set of three",
    ),
    pytest.param(
        project(base=TORCH, rest='override-dependencies = ["torch==2.8.0"]'), id="an override drops the routing"
    ),
    pytest.param(
        project(
            base=TORCH,
            conflicts="",
            variants="",
            sources='{ index = "pytorch-cu128", marker = "sys_platform == \'linux\'" }',
        ),
        id="the whole project, by platform",
    ),
    pytest.param(
        project(conflicts="", sources='{ index = "pytorch-cu128", marker = "extra == \'cuda\'" }'),
        id="alone, an extra in the marker holds for all",
    ),
]


REFUSING = [
    pytest.param(project(conflicts=""), id="no conflict set"),
    pytest.param(
        project(sources=f'{CPU}, {CUDA}, {{ index = "pytorch-cpu", marker = "{LINUX_ONLY}" }}'),
        id="an unscoped source that meets another",
    ),
]
FORKS = Path(__file__).with_name("forks.txt")


def predictions() -> dict[str, str]:
    """What is predicted for each project, by its name."""
    return {str(each.id): predicted(str(each.values[0])) for each in (*PROJECTS, *REFUSING)}


def predicted(text: str) -> str:
    """A line for each selection: each package, where it comes from, and on what."""
    lines = []
    for chosen, places in outlook(context({"pyproject.toml": loads(text)}, Settings())).served.items():
        found: dict[str, list[str]] = {}
        for (package, platform), origin in places.items():
            told = origin.rpartition("/")[2] or "the default index"
            found.setdefault(f"{package}: {told} on", []).append(NAMES[platform])
        listed = "; ".join(" ".join((what, *where)) for what, where in sorted(found.items()))
        lines.append(f"{' beside '.join(map(str, chosen))}: {listed or 'nothing'}\n")
    return "".join(lines)


def test_what_is_predicted() -> None:
    parts = (part.partition("\n") for part in FORKS.read_text(encoding="utf-8").split("# ")[1:])
    assert {name: told.rstrip("\n") + "\n" for name, _, told in parts} == predictions()


@pytest.mark.uv
@pytest.mark.parametrize("text", PROJECTS)
def test_uv_does_as_predicted(text: str, judge: Judge) -> None:
    ctx = context({"pyproject.toml": loads(text)}, Settings())
    found = outlook(ctx)
    assert found.locks
    alone = {chosen: selection(ctx, chosen) for chosen in found.served if len(chosen) == 1}
    verdict = judge({"pyproject.toml": text}, alone.values())
    assert verdict.locked, verdict.error
    for chosen, asked in alone.items():
        for (package, platform), origin in found.served[chosen].items():
            if package == "torch":
                installed = dict(verdict.closures[asked][name_of(platform)])
                assert is_from(installed["torch"], origin, platform), (asked, platform, origin, installed["torch"])


def selection(ctx: Context, chosen: tuple[Scope, ...]) -> Selection:
    (scope,) = chosen
    section = ctx.workspace.section(scope)
    assert section is not None
    extras = (section.spelling,) if scope.kind == "extra" else ()
    return Selection(extras, (section.spelling,) if scope.kind == "group" else ())


def name_of(platform: Platform) -> str:
    system = {"linux": "linux", "win32": "win", "darwin": "macos"}[platform.system]
    return f"{system}-{platform.machine.lower()}"


def is_from(version: str, origin: str, platform: Platform) -> bool:
    """Whether a build can be that of an index: macOS wheels of the cpu index carry no local version."""
    told = accelerator.from_url(origin) if origin != DEFAULT else None
    tag = told.tag if told else ""
    return version.partition("+")[2] == ("" if platform.system == MACOS and tag == "cpu" else tag)


@pytest.mark.uv
@pytest.mark.parametrize("text", REFUSING)
def test_uv_refuses_as_predicted(text: str, judge: Judge) -> None:
    found = outlook(context({"pyproject.toml": loads(text)}, Settings()))
    assert not found.locks
    assert REFUSED in {origin for places in found.served.values() for origin in places.values()}
    assert not judge({"pyproject.toml": text}).locked
