"""One reading of the ways in which names and URLs spell accelerators.

`cu128`, `cuda12.8`, `cuda-12-8` and `cu12-8` mean one tag; so do `rocm6.4`, `rocm64` and `rocm-6-4`. `cu12`, `rocm`,
`gfx1151` and `jp6` tell the kind alone.
"""

from __future__ import annotations

import re

from variantfix.memo import kept
from variantfix.pytorch import catalog

JETSON = "NVIDIA Jetson"
FILLERS = frozenset({"torch", "pytorch", "gpu", "only", "nvidia", "amd", "intel", "backend", "build", "jetson"})
"""The words beside an accelerator in the name of a variant that say nothing more."""

_WORD = re.compile(
    r"(?<![a-z0-9])(?:"
    r"(?P<plain>cpu|xpu)(?:only)?"
    r"|(?P<word>cu|cuda|rocm)(?P<version>[-_.]?\d+(?:[-_.]\d+)*)?"
    r"|(?P<kind>gfx\d[0-9a-fx]+|jp\d)"
    r")(?![a-z0-9])"
)


@kept
def tags_in(text: str) -> tuple[str, ...]:
    """The tags that a lower-case text names, in its order; for those without a version the word itself.

    `cuda` and `cu` alone are no tag: nearly every GPU build is called so.
    """
    return tuple(tag for match in _WORD.finditer(text) if (tag := _tag(match)))


def kind_of(tag: str) -> str:
    """The kind of a tag: `cpu`, `cuda`, `rocm` or `xpu`."""
    if tag in ("cpu", "xpu"):
        return tag
    return "rocm" if tag.startswith(("rocm", "gfx")) else "cuda"


def _tag(match: re.Match[str]) -> str:
    if match["plain"] or match["kind"]:
        return str(match["plain"] or match["kind"])
    numbers = _numbers(match["version"] or "")
    if match["word"] == "rocm":
        return _rocm(numbers)
    return _cuda(numbers) if numbers else ""


def _numbers(version: str) -> tuple[str, ...]:
    """The parts of a version: `-12.8` has 12 and 8, and so has `12-8`; in `12-2.8` the last two are another's."""
    found: list[str] = []
    pieces = re.findall(r"([-_.]?)(\d+)", version)
    for place, (separator, digits) in enumerate(pieces):
        following = pieces[place + 1][0] if place + 1 < len(pieces) else ""
        if found and separator in ("-", "_") and (following == "." or len(found[0]) >= 3):
            break
        found.append(digits)
    return tuple(found)


def _cuda(numbers: tuple[str, ...]) -> str:
    """`12.8` and `128` are cu128; `12` is CUDA 12 alone, and `92` was CUDA 9.2."""
    digits = numbers[0]
    if len(digits) == 2 and digits[0] == "1":
        return f"cu{digits}{numbers[1]}" if len(numbers) > 1 and len(numbers[1]) == 1 else f"cu{digits}"
    return f"cu{digits[:3]}" if len(digits) > 1 else f"cu{digits}"


def _rocm(numbers: tuple[str, ...]) -> str:
    parts = numbers if len(numbers) > 1 else tuple("".join(numbers))
    if len(parts) < 2:
        return f"rocm{''.join(parts)}"
    if len(parts) > 2 and parts[2] == "0":
        parts = parts[:2]  # rocm700 is 7.0
    # rocm714 can be 7.14 or 7.1.4: the one that PyTorch has an index for.
    spellings = [".".join(parts), f"{parts[0]}.{''.join(parts[1:])}"]
    known = [f"rocm{version}" for version in spellings if f"rocm{version}" in catalog.builds()]
    return known[0] if known else f"rocm{spellings[0]}"
