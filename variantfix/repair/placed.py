"""Findings as they leave the core: on the lines and columns of the texts that they speak of, without credentials."""

from __future__ import annotations

from typing import TYPE_CHECKING

from variantfix import toml
from variantfix.credentials import mask

if TYPE_CHECKING:
    from collections.abc import Mapping

    from variantfix.rules.rule import Finding, Plan


def placed(plan: Plan, texts: Mapping[str, str]) -> Plan:
    """A plan whose findings know where they stand in some texts; what only a repair brings up is at what is above it.

    No finding shows a user or password, whatever it names; the edits of its fix keep the file's own. Each list of
    findings comes in the order of file and line.
    """
    listed = (plan.found, plan.repaired, plan.remaining, plan.ignored, plan.raised)
    files = {finding.at.file for findings in listed for finding in findings}
    order = {file: number for number, file in enumerate(texts)}
    layouts = {file: toml.scan(texts[file]) for file in files}

    def in_order(findings: tuple[Finding, ...]) -> tuple[Finding, ...]:
        known = (_masked(f)._replace(region=layouts[f.at.file].region(f.at.path)) for f in findings)
        return tuple(sorted(known, key=lambda f: (order[f.at.file], f.region, f.rule, f.message)))

    done = {id(findings): findings and in_order(findings) for findings in listed}  # a check lists the same ones twice
    found, repaired, remaining, ignored, raised = (done[id(findings)] for findings in listed)
    return plan._replace(found=found, repaired=repaired, remaining=remaining, ignored=ignored, raised=raised)


def _masked(finding: Finding) -> Finding:
    fix = finding.fix and finding.fix._replace(title=mask(finding.fix.title))
    return finding._replace(message=mask(finding.message), advice=mask(finding.advice), fix=fix)
