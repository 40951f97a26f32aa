"""How shared packages are kept apart: what in the files keeps uv away that wrote no conflict markers (before 0.5.8)."""

from __future__ import annotations

import pytest

from tests.projects import FOUNDING, INDEX, project
from variantfix import Settings, toml
from variantfix.detect.isolation import Isolation, decide
from variantfix.detect.sharing import shared_dependents
from variantfix.repair.plan import context

BY_SOURCES = Isolation("sources", "nothing in the file keeps uv before 0.5.8 away")


def isolation(text: str, settings: Settings | None = None) -> Isolation:
    ctx = context({"pyproject.toml": toml.loads(text)}, settings or Settings())
    return decide(ctx, shared_dependents(ctx))


def in_uv(line: str) -> str:
    return FOUNDING.replace("[tool.uv]\n", f"[tool.uv]\n{line}\n")


def build(requirement: str) -> str:
    return f'{FOUNDING}\n[build-system]\nrequires = ["wheel", "{requirement}"]\n'


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        pytest.param(in_uv('required-version = ">=0.5.8"'), "required-version is '>=0.5.8'", id="just the version"),
        pytest.param(in_uv('required-version = "<2,>0.6"'), "required-version is '<2,>0.6'", id="one of two bounds"),
        pytest.param(in_uv('required-version = "~=0.10"'), "required-version is '~=0.10'", id="by numbers"),
        pytest.param(
            build("uv_build>=0.9,<0.10"), "build-system.requires names 'uv_build>=0.9,<0.10'", id="the build backend"
        ),
        pytest.param(
            build("uv-build == 0.7.2; python_version > '3.8'"),
            "build-system.requires names \"uv-build == 0.7.2; python_version > '3.8'\"",
            id="with a marker",
        ),
        pytest.param(
            in_uv('default-groups = "all"'),
            "default-groups is 'all', which uv before 0.6.8 refuses",
            id="all groups",
        ),
        pytest.param(
            FOUNDING.replace("conflicts = [", 'conflicts = [[{ package = "a" }, { package = "b" }], '),
            "conflicts name a whole package, which uv before 0.8.7 refuses",
            id="whole packages",
        ),
        pytest.param(FOUNDING + INDEX.format(tag="cu130"), "the cu130 index is younger than uv 0.5.8", id="an index"),
        pytest.param(
            in_uv("required-environments = [\"sys_platform == 'linux'\"]"),
            "[tool.uv] has 'required-environments', which is younger than uv 0.5.8",
            id="a key",
        ),
        pytest.param(
            in_uv('required-version = "<0.9,>=0.5.7"'),
            "[tool.uv] has 'required-version', which is younger than uv 0.5.8",
            id="a bound that does not do, in a key that does",
        ),
        pytest.param(
            project("accelerate==0.26.1", "torchvision>=0.22"),
            "'torchvision>=0.22' is younger than uv 0.5.8",
            id="a build",
        ),
        pytest.param(
            project("accelerate==0.26.1", base='"accelerate==0.26.1"'),
            "the base dependencies bring it all, which base-torch says",
            id="nothing that only variants have",
        ),
    ],
)
def test_nothing_is_to_be_done(text: str, reason: str) -> None:
    assert isolation(text) == ("nothing", reason)


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(FOUNDING, id="nothing"),
        pytest.param(build("uv-builder>=1"), id="another build backend"),
        pytest.param(build("uv_build<0.9"), id="one without a lower bound"),
        pytest.param(in_uv('default-groups = ["dev"]'), id="some groups"),
        pytest.param(FOUNDING + INDEX.format(tag="cu121"), id="an older index"),
        pytest.param(project("accelerate==0.26.1", "torchvision<0.30,>=0.15"), id="an older build"),
        pytest.param(in_uv('prerelease = "allow"'), id="an older key"),
    ],
)
def test_sources_keep_them_apart(text: str) -> None:
    assert isolation(text) == BY_SOURCES


def test_what_is_asked_for_is_done() -> None:
    assert isolation(FOUNDING, Settings(isolation="markers")) == ("markers", "isolation = 'markers' was asked for")
    assert isolation(in_uv('required-version = ">=0.6"'), Settings(isolation="sources")).way == "sources"
    assert isolation(in_uv('required-version = ">=0.6"'), Settings(isolation="markers")).way == "nothing"


def test_several_indexes_are_reported() -> None:
    other = '\n[[tool.uv.index]]\nname = "other"\nurl = "https://other.example.com/simple"\n'
    assert isolation(FOUNDING + other) == (
        "report",
        "packages can come from several indexes, which sources cannot tell apart",
    )
