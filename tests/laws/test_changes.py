"""What is asked for, and taken back: the identity byte for byte, over every case that has variants, and uv locks it."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

import pytest

from tests.cases import cases
from variantfix.change import default, retag
from variantfix.change.finish import look
from variantfix.detect.beside import NONE
from variantfix.errors import ConfigError, VariantfixError
from variantfix.pytorch import catalog
from variantfix.uv.project import normalise

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tests.cases import Case
    from tests.conftest import Judge
    from variantfix.detect.variants import Variant
    from variantfix.settings import Settings

WITH_VARIANTS = [case for case in cases() if "[tool.uv.sources]" in "".join(case.after.values())]
NAMES = [case.name for case in WITH_VARIANTS]
WITH_UV = [
    case
    for case in WITH_VARIANTS
    if case.name.partition("/")[0] in ("missing-conflict", "missing-triton", "unrouted-companion")
    and case.uv.get("after") == "isolated"
    and len(case.after) == 1
]


def variants(texts: Mapping[str, str], settings: Settings) -> list[Variant]:
    meant = look(texts, settings, NONE)
    return [v for v in meant.ctx.variants_of(meant.project) if v.scope.name != default.GROUP]


def retagged(texts: Mapping[str, str], old: str, new: str, settings: Settings) -> dict[str, str]:
    return dict(retag.retag_texts(texts, settings, NONE, request=retag.Request({old: new})).after)


def chosen(texts: Mapping[str, str], variant: str, settings: Settings) -> dict[str, str]:
    return dict(default.default_texts(texts, settings, NONE, request=default.Request(variant)).after)


def move(texts: Mapping[str, str], settings: Settings) -> tuple[str, str, dict[str, str]] | None:
    """A tag of a project that gives way to the next of its kind which can be, with what comes of it."""
    builds = catalog.builds()
    for old in dict.fromkeys(v.accelerator.tag for v in variants(texts, settings) if v.accelerator.tag in builds):
        later = list(builds)[list(builds).index(old) + 1 :]
        for new in (tag for tag in later if builds[tag].kind == builds[old].kind and builds[tag].last):
            with suppress(VariantfixError):
                return old, new, retagged(texts, old, new, settings)
    return None


def _again(texts: Mapping[str, str], old: str, new: str, settings: Settings) -> tuple[dict[str, str], str]:
    """What a retag makes of texts, or why it is refused."""
    try:
        return retagged(texts, old, new, settings), ""
    except ConfigError as error:
        return {}, str(error)


@pytest.mark.parametrize("case", WITH_VARIANTS, ids=NAMES)
def test_a_tag_and_back_is_the_identity(case: Case) -> None:
    if found := move(case.after, case.settings):
        old, new, there = found
        assert there != case.after
        back, refused = _again(there, new, old, case.settings)
        if refused:  # some cases ask an index for what it has not: nobody is moved back to it
            assert case.name.startswith("no-such-build/")
            assert f"no torch on the {old} index satisfies" in refused
        else:
            assert back == case.after


@pytest.mark.parametrize("case", WITH_VARIANTS, ids=NAMES)
def test_a_default_and_back_is_the_identity(case: Case) -> None:
    listed = look(case.after, case.settings, NONE).project.uv.default_groups
    own = variants(case.after, case.settings)
    if not own:
        return
    groups = {v.scope.name for v in own if v.scope.kind == "group"}
    former = [name for name in listed if normalise(name) in groups] if isinstance(listed, tuple) else []
    try:
        there = chosen(case.after, str(own[-1]), case.settings)
    except ConfigError as error:
        if "no conflict set parts" in str(error) or "beside which" in str(error):
            return  # refused, in one line: there is nothing to take back
        raise
    assert chosen(there, former[0] if former else "", case.settings) == case.after


@pytest.mark.uv
@pytest.mark.parametrize("case", WITH_UV, ids=[case.name for case in WITH_UV])
def test_uv_locks_each_step(case: Case, judge: Judge) -> None:
    found = move(case.after, case.settings)
    steps = [found[2]] if found else []
    steps += [chosen(case.after, str(v), case.settings) for v in variants(case.after, case.settings)[:1]]
    assert steps or case.name == "unrouted-companion/base-torch-with-an-unscoped-source"
    for texts in steps:
        verdict = judge({**texts, **case.beside})
        assert verdict.locked, verdict.error
