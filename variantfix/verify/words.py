"""uv's words, and the rule that knows what they are about."""

from __future__ import annotations

import re

# From uv's own messages, 0.5.2 to 0.13.9; the first parts decide.
_RULES = (
    (r"Found conflicting extra .* unconditionally enabled", ("combined-variants",)),
    (r"contain conflicting indexes for package", ("missing-conflict", "unknown-conflict-member")),
    (r"at least two entries, but found only one", ("lone-variant",)),
    (r"Source entry for .* only applies to|extra does not exist", ("unlisted-source",)),
    (r"references an undeclared index|not found in .*index", ("undeclared-index",)),
    (r"Source entries must have disjoint|markers must be disjoint", ("unscoped-source",)),
    (r"unknown field", ("unknown-uv-key",)),
    (r"(?:pytorch-)?triton-(?:rocm|xpu)", ("missing-triton",)),
    (r"no wheels with a matching|compatible wheel", ("missing-marker",)),
    (r"was found on \S+, but not at the requested version", ("implicit-index", "no-such-build")),
    (r"no version of \S+?(?:\{[^}]*\})?==\S+\+", ("no-such-build", "mismatched-index", "local-version-pin")),
    (r"\+(?:cpu|cu\d+|rocm[\d.]+|xpu)\b.* (?:is|are) available|there is no version of torch", ("no-such-build",)),
    (r"are incompatible", ("missing-conflict", "version-skew")),
    (r"torch\S* (?:is|are) available|torch\S* depends on", ("no-such-build",)),
)


def rules_for(words: str) -> tuple[str, ...]:
    """The rules that may help where uv refused in these words; none for words of another kind."""
    from variantfix.rules.every import NAMES

    line = " ".join(words.split())
    for pattern, rules in _RULES:
        if re.search(pattern, line):
            return tuple(rule for rule in rules if rule in NAMES)
    return ()
