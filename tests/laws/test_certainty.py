"""An error rests on what was seen: were nothing seen of PyTorch, the rules that ask its facts would only warn."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.cases import Case, cases
from variantfix.pytorch import catalog, edges
from variantfix.pytorch.facts import Release
from variantfix.repair import pipeline
from variantfix.rules.rule import Severity

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from variantfix.rules.rule import Finding

# What these say follows from the files, from a lock, or from what uv is: no fact about a build or a dependent decides
# whether they are right. Others tell several things, of which some are of that kind.
_OF_THE_FILES_ALONE = {
    "alias-variant",
    "combined-variants",
    "duplicate-index",
    "extra-in-marker",
    "implicit-index",
    "lone-variant",
    "mismatched-index",
    "missing-conflict",
    "shadowing-uv-toml",
    "undeclared-index",
    "unknown-default-group",
    "unknown-uv-key",
    "unlisted-source",
    "unscoped-source",
    "virtual-root-source",
    "wrong-marker",
}
WITHOUT_LOCK = [case for case in cases() if not (case.folder / "uv.lock").exists()]


def found(case: Case) -> tuple[Finding, ...]:
    return pipeline.check_texts(case.before, case.settings, case.evidence).plan.found


def errors(case: Case) -> list[Finding]:
    return [finding for finding in found(case) if finding.severity is Severity.ERROR]


@pytest.fixture
def nothing_seen(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    known: Callable[..., edges.Known | None] = edges.known.__wrapped__

    def doubted(*args: Any) -> edges.Known | None:
        found = known(*args)
        return found and edges._inferred(found.edges)

    doubtful = {
        name: member._replace(uncertain=("kinds", "last", "on_pypi")) for name, member in catalog.family().items()
    }
    monkeypatch.setattr(catalog, "family", lambda: doubtful)
    monkeypatch.setattr(Release, "certainty_of", lambda *_: "inferred")
    monkeypatch.setattr(edges, "known", doubted)
    catalog.hosted.cache_clear()
    yield
    monkeypatch.undo()
    catalog.hosted.cache_clear()


def test_were_nothing_seen_only_the_files_would_make_errors(nothing_seen: None) -> None:
    assert {finding.rule for case in WITHOUT_LOCK for finding in errors(case)} == _OF_THE_FILES_ALONE


def test_what_is_seen_makes_errors_of_more_rules() -> None:
    told = {finding.rule for case in WITHOUT_LOCK for finding in errors(case)}
    assert told - _OF_THE_FILES_ALONE == {
        "exclude-newer-hides-torch",
        "missing-triton",
        "no-such-build",
        "override-drops-routing",
        "shared-dependent",
        "unrouted-companion",
        "unrouted-package",
        "unused-source",
    }


def test_a_doubt_is_said(nothing_seen: None) -> None:
    doubtful = [finding for case in WITHOUT_LOCK for finding in found(case) if finding.rule == "unrouted-package"]
    assert doubtful
    assert [finding.message for finding in doubtful if not finding.message.endswith(", as far as is known")] == []
