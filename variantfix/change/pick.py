"""The variant of a project that fits a machine, as the flags of `uv sync`, and why."""

from __future__ import annotations

from typing import TYPE_CHECKING

from variantfix.change.default import GROUP
from variantfix.change.names import NAME
from variantfix.errors import ConfigError, InputError
from variantfix.namedtuple import NamedTuple
from variantfix.pytorch import catalog
from variantfix.pytorch.tables import driver_floors

if TYPE_CHECKING:
    from variantfix.change.finish import Meant
    from variantfix.detect.variants import Variant
    from variantfix.machine import Machine
    from variantfix.pytorch.accelerator import Accelerator

_ARM = ("aarch64", "arm64")


class Choice(NamedTuple):
    """A variant that fits, the flags that select it, and why it does."""

    variant: str
    accelerator: str
    flags: tuple[str, ...]
    reason: str


def choices(meant: Meant, machine: Machine) -> tuple[Choice, ...]:
    """The variants that fit a machine, the best first: a GPU before the processor, a newer CUDA before an older one.

    Raises `ConfigError` where none does, with what would.
    """
    variants = [v for v in meant.ctx.variants_of(meant.project) if v.scope.name != GROUP]
    if not variants:
        raise ConfigError(f"{meant.project.file}: it has no variants", hint="`variantfix add cpu cu128` makes some")
    reasons = {variant: _reason(variant.accelerator, machine) for variant in variants}
    fitting = [variant for variant, (fits, _) in reasons.items() if fits]
    if not fitting:
        said = "; ".join(f"{variant}: {why}" for variant, (_, why) in reasons.items())
        raise ConfigError(f"{meant.project.file}: nothing fits this machine: {said}", hint=_nearest(machine))
    fitting.sort(key=lambda v: _rank(v.accelerator), reverse=True)
    return tuple(Choice(str(v), v.accelerator.tag, _flags(meant, v), reasons[v][1]) for v in fitting)


def floor(tag: str) -> str:
    """The least NVIDIA driver of a CUDA tag, or of its kind (`cu12`); empty where it is not known."""
    major = tag.removeprefix("cu")[:2]
    return driver_floors().get(major, "")


def _reason(wanted: Accelerator, machine: Machine) -> tuple[bool, str]:
    """Whether an accelerator fits a machine, and why, or why not."""
    if wanted.kind != "cpu" and machine.system not in wanted.systems:
        return False, f"{wanted.tag} has no build for {machine.system}"
    match wanted.kind:
        case "cpu":
            return True, "a processor is all that it needs"
        case "cuda":
            return _by_driver(wanted, machine)
        case "rocm":
            return bool(machine.amd), "an AMD GPU is there" if machine.amd else "there is no AMD GPU"
        case _:
            return machine.intel, "an Intel GPU is there" if machine.intel else "there is no Intel GPU"


def _by_driver(wanted: Accelerator, machine: Machine) -> tuple[bool, str]:
    least = floor(wanted.tag)
    if not machine.nvidia:
        return False, "there is no NVIDIA driver"
    if not least:
        return False, f"the least driver of {wanted.tag} is not known"
    build = catalog.builds().get(wanted.tag)
    if machine.processor in _ARM and build and build.platforms and "linux-aarch64" not in build.platforms:
        return False, f"{wanted.tag} has no build for {machine.processor}"
    fits = numbers(machine.nvidia) >= numbers(least)
    return fits, f"driver {machine.nvidia} is {'at least' if fits else 'older than'} {least}, which {wanted.tag} needs"


def numbers(version: str) -> tuple[int, ...]:
    """A version's numbers, to compare it by."""
    return tuple(int(part) for part in version.split(".") if part.isdecimal())


def _rank(accelerator: Accelerator) -> tuple[bool, tuple[int, ...]]:
    version = catalog.builds()[accelerator.tag].version if accelerator.tag in catalog.builds() else ""
    return accelerator.kind != "cpu", numbers(version or "")


def _flags(meant: Meant, variant: Variant) -> tuple[str, ...]:
    """The flags of `uv sync`: default groups that exclude the variant are taken out."""
    ctx = meant.ctx
    out = [s.name for s in ctx.default_groups(meant.project) if ctx.activated(s) & ctx.enemies(variant.scope)]
    flags = [word for name in out for word in ("--no-group", name)]
    for word in (*out, variant.spelling):
        if not NAME.fullmatch(word):  # a shell parts what a command prints at its blanks
            hint = "letters, digits, and `.`, `_`, `-` between them"
            raise InputError(f"{meant.project.file}: {word!r} is not a name for an extra or group", hint=hint)
    return (*flags, f"--{variant.scope.kind}", variant.spelling)


def _nearest(machine: Machine) -> str:
    """What a project would have to have for this machine."""
    if machine.nvidia:
        tags = [
            tag
            for tag, build in catalog.builds().items()
            if build.kind == "cuda" and build.last and _serves(tag, machine)
        ]
        if tags:
            return f"cpu would do, and {tags[-1]} is the newest CUDA for driver {machine.nvidia}"
    return "`variantfix add cpu` would do"


def _serves(tag: str, machine: Machine) -> bool:
    least = floor(tag)
    return bool(least) and numbers(machine.nvidia) >= numbers(least)
