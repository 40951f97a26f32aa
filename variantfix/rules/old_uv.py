"""What older uv cannot do with a project that is right for the newest: a rule's page ends with what concerns it.

Source: the after-cases of all rules, asked of uv 0.5.8, 0.6.17, 0.8.24, 0.9.30, 0.10.12, 0.11.33, 0.12.24 and 0.13.9. A
version stands for the first of these that can.
"""

from __future__ import annotations

from variantfix.namedtuple import NamedTuple


class Limit(NamedTuple):
    """What uv before a version does not do. `says` are words of its refusal, empty where it locks what still leaks."""

    before: str
    says: str
    text: str


_WORKSPACE = Limit(
    "0.11.33",
    "conflicting indexes for package",
    "uv refuses a workspace where variants of members meet (`conflicting indexes`), repaired or not",
)
_REFERENCE = Limit(
    "0.6.17",
    "unconditionally enabled",
    "uv refuses what refers to a variant (`unconditionally enabled`)",
)
_INCLUDED = Limit(
    "0.6.17",
    "",
    "PyPI's build comes beside a variant's where a default or an included group names the package",
)
_EXEMPT = Limit("0.11.33", "No solution found", "uv does not know `exclude-newer` of an index")
_EXEMPT_PACKAGE = Limit("0.11.33", "exclude-newer-package", "uv does not know `false` in `exclude-newer-package`")
_ALL_GROUPS = Limit("0.6.17", 'invalid type: string "all"', 'uv does not know `default-groups = "all"`')
_XPU = Limit("0.6.17", "No solution found", "uv looks for the triton of XPU on systems that its marker leaves out")

LIMITS: dict[str, tuple[Limit, ...]] = {
    "alias-variant": (_WORKSPACE, _REFERENCE),
    "base-torch": (_REFERENCE, _INCLUDED),
    "combined-variants": (_REFERENCE,),
    "exclude-newer-hides-torch": (_WORKSPACE, _EXEMPT, _EXEMPT_PACKAGE),
    "local-version-pin": (_WORKSPACE,),
    "lone-variant": (_INCLUDED,),
    "missing-conflict": (_WORKSPACE,),
    "missing-marker": (_WORKSPACE,),
    "missing-triton": (_WORKSPACE, _REFERENCE, _XPU),
    "override-drops-routing": (_WORKSPACE,),
    "shared-dependent": (_WORKSPACE,),
    "undeclared-index": (_WORKSPACE,),
    "unknown-conflict-member": (_WORKSPACE,),
    "unknown-default-group": (_ALL_GROUPS,),
    "unknown-uv-key": (_WORKSPACE,),
    "unlisted-source": (_WORKSPACE, _INCLUDED),
    "unrouted-companion": (_WORKSPACE, _INCLUDED),
    "unrouted-package": (_WORKSPACE,),
    "unscoped-source": (_WORKSPACE,),
    "version-skew": (_WORKSPACE,),
}


def section(rule: str) -> str:
    """What older uv cannot do, as the section of a rule's page; empty where it can all."""
    lines = "".join(f"- Before uv {limit.before}: {limit.text}.\n" for limit in LIMITS.get(rule, ()))
    return f"\n## Old uv\n\n{lines}" if lines else ""
