"""What a shell offers behind what is typed: rules, accelerators, and the variants of the project at hand."""

from __future__ import annotations

from variantfix.errors import VariantfixError
from variantfix.pytorch import catalog
from variantfix.rules.every import NAMES


def complete_rule(incomplete: str) -> list[str]:
    """The rules, also for the last of a comma list."""
    head, comma, last = incomplete.rpartition(",")
    return [f"{head}{comma}{name}" for name in NAMES if name.startswith(last)]


def complete_tag(incomplete: str) -> list[str]:
    """The accelerators, also behind a name and `=`."""
    name, equals, tag = incomplete.rpartition("=")
    return [f"{name}{equals}{known}" for known in catalog.builds() if known.startswith(tag)]


def complete_variant(incomplete: str) -> list[str]:
    """The variants of the project in the current folder; none where it cannot be read, as a shell can say nothing."""
    return [name for name in _variants() if name.startswith(incomplete)]


def complete_accelerator(incomplete: str) -> list[str]:
    """For `NAME=TAG`: the extras and groups of the project in the current folder, then the accelerators."""
    if "=" in incomplete:
        return complete_tag(incomplete)
    return [f"{name}=" for name in _scopes() if name.startswith(incomplete)]


def _variants() -> list[str]:
    from variantfix import projects
    from variantfix.change.default import GROUP
    from variantfix.change.finish import look
    from variantfix.settings import Settings

    try:
        texts = projects.read(".")
        meant = look(texts, Settings(), projects.evidence_beside(next(iter(texts))))
        found = meant.ctx.variants_of(meant.project)
    except VariantfixError:
        return []
    return [variant.spelling for variant in found if variant.scope.name not in ("", GROUP)]


def _scopes() -> list[str]:
    from variantfix import projects
    from variantfix.repair.pipeline import load
    from variantfix.uv.parse import parse

    try:
        texts = projects.read(".")
        workspace = parse({file: load(text, file) for file, text in texts.items()})
    except VariantfixError:
        return []
    return [section.spelling for section in workspace.root.sections.values() if section.scope.name]
