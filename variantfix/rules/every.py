"""The rules, in one explicit tuple."""

from __future__ import annotations

from typing import TYPE_CHECKING

from variantfix.rules import (
    alias_variant,
    base_torch,
    combined_variants,
    duplicate_index,
    exclude_newer_hides_torch,
    exclusive_default_group,
    extra_in_marker,
    implicit_index,
    ineffective_torch_backend,
    leaking_lock,
    local_version_pin,
    lone_variant,
    mismatched_index,
    missing_conflict,
    missing_marker,
    missing_triton,
    no_such_build,
    old_lock,
    onnxruntime_pair,
    override_drops_routing,
    shadowing_uv_toml,
    shared_dependent,
    stray_cuda,
    undeclared_index,
    unknown_accelerator,
    unknown_conflict_member,
    unknown_default_group,
    unknown_uv_key,
    unlisted_source,
    unrouted_companion,
    unrouted_package,
    unscoped_source,
    unused_ignore,
    unused_index,
    unused_source,
    version_skew,
    virtual_root_source,
    wrong_marker,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from variantfix.detect.context import Context
    from variantfix.rules.rule import Finding

RULES = (
    missing_conflict.RULE,
    unknown_conflict_member.RULE,
    unknown_accelerator.RULE,
    lone_variant.RULE,
    unrouted_package.RULE,
    unrouted_companion.RULE,
    unlisted_source.RULE,
    undeclared_index.RULE,
    duplicate_index.RULE,
    unused_index.RULE,
    unscoped_source.RULE,
    unused_source.RULE,
    extra_in_marker.RULE,
    mismatched_index.RULE,
    alias_variant.RULE,
    combined_variants.RULE,
    override_drops_routing.RULE,
    implicit_index.RULE,
    missing_marker.RULE,
    wrong_marker.RULE,
    missing_triton.RULE,
    local_version_pin.RULE,
    shared_dependent.RULE,
    base_torch.RULE,
    no_such_build.RULE,
    version_skew.RULE,
    stray_cuda.RULE,
    onnxruntime_pair.RULE,
    unknown_uv_key.RULE,
    ineffective_torch_backend.RULE,
    unknown_default_group.RULE,
    exclusive_default_group.RULE,
    exclude_newer_hides_torch.RULE,
    shadowing_uv_toml.RULE,
    virtual_root_source.RULE,
    unused_ignore.RULE,
    old_lock.RULE,
    leaking_lock.RULE,
)
NAMES = tuple(rule.name for rule in RULES)


def check(ctx: Context) -> Iterator[Finding]:
    """The findings of all selected rules over a workspace, in the order of the rules."""
    for rule in RULES:
        if ctx.settings.wants(rule.name):
            yield from rule.check(ctx)
