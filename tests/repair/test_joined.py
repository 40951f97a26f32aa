"""What rules say together: leaks with what explains them, and sources that are soon of use."""

from __future__ import annotations

from variantfix.repair.joined import join
from variantfix.rules.rule import Finding, Fix, Severity
from variantfix.toml import Put
from variantfix.uv.project import Place

AT = Place("pyproject.toml", ("project",))
ROUTE = Fix("route it", (Put("pyproject.toml", ("tool", "uv", "sources", "torch"), "{}"),))
FLOOR = Fix("require uv", (Put("pyproject.toml", ("tool", "uv", "required-version"), '">=0.5.8"'),))
LOCK_ANEW = "lock anew"


def finding(
    rule: str,
    *packages: str,
    variants: tuple[str, ...] = ("cpu",),
    fix: Fix | None = None,
    advice: str = "",
    severity: Severity = Severity.ERROR,
) -> Finding:
    return Finding(rule, severity, rule, AT, variants, fix, advice, packages)


LEAK = finding("leaking-lock", "app", "timm", "torch", advice=LOCK_ANEW)


def explained(*causes: Finding) -> tuple[Fix | None, str]:
    (leak,) = (f for f in join((*causes, LEAK)) if f.rule == "leaking-lock")
    return leak.fix, leak.advice


def test_the_finding_that_is_about_most_of_the_way_explains_a_leak() -> None:
    little = finding("undeclared-index", "torch", fix=FLOOR)
    much = finding("unrouted-companion", "timm", "torch", fix=ROUTE)
    assert explained(little, much) == explained(much, little) == (ROUTE, LOCK_ANEW)


def test_advice_is_passed_on_where_there_is_no_fix() -> None:
    cause = finding("combined-variants", "torch", advice="refer to one")
    assert explained(cause) == (None, "see combined-variants: refer to one")


def test_a_finding_of_the_whole_project_explains_each_variants_leak() -> None:
    assert explained(finding("missing-conflict", "torch", variants=(), fix=ROUTE)) == (ROUTE, LOCK_ANEW)


def test_what_does_not_explain_a_leak() -> None:
    others = (
        finding("unrouted-package", "torch", variants=("cu128",), fix=ROUTE),
        finding("unrouted-package", "torchvision", fix=ROUTE),
        finding("missing-marker", "torch", fix=ROUTE, severity=Severity.WARNING),
        finding("old-lock", "torch", advice="lock"),
        finding("shared-dependent", "torch", fix=FLOOR),  # uv would keep the lock
    )
    assert {explained(other) for other in others} == {(None, LOCK_ANEW)}


def test_an_unused_source_that_is_bound_soon_is_none() -> None:
    unused = finding("unused-source", "torch")
    bound = finding("unscoped-source", "torch", fix=ROUTE)
    assert join((unused, bound)) == (bound,)
    kept = (
        (unused, finding("unscoped-source", "torch")),
        (unused, finding("unscoped-source", "torchvision", fix=ROUTE)),
    )
    assert [join(findings) for findings in kept] == list(kept)
