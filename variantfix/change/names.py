"""The variants that a command line asks for: `cpu`, `cu128`, `gpu=cu130`."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from variantfix.errors import ConfigError
from variantfix.namedtuple import NamedTuple
from variantfix.pytorch import accelerator, catalog

if TYPE_CHECKING:
    from collections.abc import Sequence

    from variantfix.pytorch.accelerator import Accelerator

NAME = re.compile(r"[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?")
"""What an extra (PEP 685) or a dependency group can be called."""
_NEAREST = 4
PYPI = "pypi"
"""What stands for a tag where PyPI's own build is meant, which has no index of PyTorch's."""


class Asked(NamedTuple):
    """A variant to be: the name of its extra or group, and its accelerator."""

    name: str
    accelerator: Accelerator


def read_all(words: Sequence[str]) -> tuple[tuple[Asked, ...], str]:
    """The variants that some `VARIANT[=TAG]` ask for, and the name of the one that is to be PyPI's, where one is.

    Raises `ConfigError` as `read_asked` does, and for two that are to be PyPI's.
    """
    told = [word for word in words if not word.endswith(f"={PYPI}")]
    names = [word.removesuffix(f"={PYPI}") for word in words if word not in told]
    for name in names:
        _check_name(name)
    if len(names) > 1:
        raise ConfigError(f"{names[1]} and {names[0]} would both be PyPI's build", hint="one is enough")
    return tuple(map(read_asked, told)), names[0] if names else ""


def read_asked(text: str) -> Asked:
    """The variant that `VARIANT[=TAG]` asks for.

    Raises `ConfigError` for a name that no extra can have, a name that tells no accelerator, and an unknown tag.
    """
    name, equals, tag = text.partition("=")
    _check_name(name)
    if equals:
        return Asked(name, read_tag(tag))
    told = accelerator.from_scope_name(name)
    if told is None or not told.is_exact:
        example = accelerator.tag_like(name) if told or accelerator.is_vague(name) else "cu128"
        raise ConfigError(f"{name}: the name tells no accelerator", hint=f"{name}={example}")
    return Asked(name, read_tag(told.tag))


def _check_name(name: str) -> None:
    if not NAME.fullmatch(name):
        raise ConfigError(
            f"{name!r}: not a name for an extra or group", hint="letters, digits, and `.`, `_`, `-` between them"
        )


def read_tag(tag: str) -> Accelerator:
    """The accelerator of a tag for which PyTorch was released. Raises `ConfigError`, with the nearest, for another."""
    found = accelerator.from_tag(tag)
    known = [each for each, build in catalog.builds().items() if build.last]
    if found is not None and (tag in known or (tag not in catalog.builds() and catalog.is_hosted("torch", tag))):
        return found
    kind = [each for each in known if each[:2] == tag[:2]] or known
    near = sorted(kind, key=lambda each: (abs(_number(each) - _number(tag)), known.index(each)))[:_NEAREST]
    raise ConfigError(f"{tag!r}: torch has no index of that tag", hint=f"the nearest are {', '.join(sorted(near))}")


def _number(tag: str) -> float:
    """How far a version is along its kind, for the distance between two: 12.8 for cu128, 6.4 for rocm6.4."""
    digits = re.sub(r"[^\d.]", "", tag)
    if tag.startswith("cu") and len(digits) > 1:
        return float(f"{digits[:-1]}.{digits[-1]}") if "." not in digits else 0.0
    major, _, minor = digits.partition(".")
    return float(f"{major or 0}.{minor.replace('.', '') or 0}")
