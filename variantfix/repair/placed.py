"""Findings on the lines and columns of the texts that they speak of."""

from __future__ import annotations

from typing import TYPE_CHECKING

from variantfix import toml

if TYPE_CHECKING:
    from collections.abc import Mapping

    from variantfix.rules.rule import Finding, Plan


def placed(plan: Plan, texts: Mapping[str, str]) -> Plan:
    """A plan whose findings know where they stand in some texts; what only a repair brings up is at what is above it.

    Each list of findings comes in the order of file and line.
    """
    listed = (plan.found, plan.repaired, plan.remaining, plan.ignored, plan.raised)
    files = {finding.at.file for findings in listed for finding in findings}
    order = {file: number for number, file in enumerate(texts)}
    layouts = {file: toml.scan(texts[file]) for file in files}

    def in_order(findings: tuple[Finding, ...]) -> tuple[Finding, ...]:
        known = (f._replace(region=layouts[f.at.file].region(f.at.path)) for f in findings)
        return tuple(sorted(known, key=lambda f: (order[f.at.file], f.region, f.rule, f.message)))

    found, repaired, remaining, ignored, raised = map(in_order, listed)
    return plan._replace(found=found, repaired=repaired, remaining=remaining, ignored=ignored, raised=raised)
