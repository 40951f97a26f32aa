"""Accelerators, and where their names are written: index URLs, local versions, extras.

An accelerator is what a torch build is compiled for, named by the tag of its PyTorch index: `cpu`,
`cu128`, `rocm6.4`, `xpu`. Source: the PyTorch index layout, https://download.pytorch.org/whl/<tag>.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from itertools import takewhile
from typing import TYPE_CHECKING

from variantfix.pytorch import catalog
from variantfix.uv.markers import LINUX, MACOS, WINDOWS

if TYPE_CHECKING:
    from collections.abc import Iterable

_TAG = re.compile(r"cpu|xpu|cu\d{2,3}|rocm\d+(?:\.\d+)*")
_URL_TAG = re.compile(rf"(?:^|[/_-])({_TAG.pattern})(?=[/_?-]|$)")
_ROCM_RELEASE = re.compile(r"rocm-rel-(\d+(?:\.\d+)*)")
_LOCAL = re.compile(rf"\+({_TAG.pattern})(?![\w.])")
_KINDS = {"cp": "cpu", "xp": "xpu", "cu": "cuda", "ro": "rocm"}

_CUDA_NAMES = frozenset({"cuda", "nvidia"})
_ROCM_NAMES = frozenset({"rocm", "amd", "hip"})
_FILLERS = frozenset({"torch", "pytorch", "gpu", "only", "nvidia", "amd", "intel", "backend", "build"})
_VAGUE_NAMES = frozenset({"gpu", "accelerator", "accel"})


@dataclass(frozen=True, slots=True)
class Accelerator:
    """One accelerator: its index tag and its kind (`cpu`, `cuda`, `rocm`, `xpu`)."""

    tag: str
    kind: str

    @property
    def index_url(self) -> str:
        """The URL of its PyTorch index."""
        return catalog.PYTORCH_INDEX.format(tag=self.tag)

    @property
    def systems(self) -> tuple[str, ...]:
        """The `sys_platform` values for which the PyTorch index has a torch of this accelerator."""
        return _systems(self.tag, self.kind)

    @property
    def marker(self) -> str:
        """The marker of its platforms; empty where its index serves them all."""
        if MACOS in self.systems:
            return ""
        return " or ".join(f"sys_platform == '{system}'" for system in self.systems)


@cache
def _systems(tag: str, kind: str) -> tuple[str, ...]:
    if kind == "cpu":
        return LINUX, WINDOWS, MACOS
    build = catalog.builds().get(tag)
    if build is not None and build.platforms:
        windows = any(platform.startswith("win") for platform in build.platforms)
    else:
        windows = kind != "rocm"
    return (LINUX, WINDOWS) if windows else (LINUX,)


def from_tag(tag: str) -> Accelerator | None:
    """The accelerator of an index tag such as `cu128`; None for anything else."""
    return Accelerator(tag, _KINDS[tag[:2]]) if _TAG.fullmatch(tag) else None


def from_url(url: str) -> Accelerator | None:
    """The accelerator that an index URL names: PyTorch's own, its mirrors', vendors'.

    The last tag in the path decides: `.../whl/nightly/cu128`, `.../pytorch-wheels/cu118/`,
    `.../rocm-rel-6.4.1/`.
    """
    path = url.partition("#")[0].partition("://")[2].partition("/")[2]
    if release := _ROCM_RELEASE.search(path):
        return from_tag(f"rocm{release[1]}")
    found = _URL_TAG.findall(path.lower())
    return from_tag(found[-1]) if found else None


def is_pytorch_layout(url: str) -> bool:
    """Whether an index is PyTorch's own or a mirror of it: the tag is the last part of its path.

    Vendors lay out theirs in other ways, and put other packages into it.
    """
    path = re.sub(r"/(?:\+?simple)?/?$", "", url.partition("#")[0])
    return from_name(path.rsplit("/", 1)[-1]) is not None


def is_pytorchs(name: str, url: str) -> bool:
    """Whether an index is PyTorch's or a mirror of it by its layout, and speaks of torch.

    Others that end in an accelerator have packages of their own.
    """
    return is_pytorch_layout(url) and "torch" in f"{name} {url}".lower()


def from_local_version(specifier: str) -> Accelerator | None:
    """The accelerator of a local version in a specifier: `==2.6.0+cu124`."""
    found = _LOCAL.search(specifier.lower())
    return from_tag(found[1]) if found else None


def from_name(name: str) -> Accelerator | None:
    """The one accelerator that an extra's or group's or index's name tells: `torch-cu128`, `cuda12.4`, `rocm6.4`.

    None where it tells none, more than one, or only a kind (`gpu`, `cuda`).
    """
    found = set(_tags_in(name.lower()))
    return from_tag(found.pop()) if len(found) == 1 else None


def from_scope_name(name: str) -> Accelerator | None:
    """The accelerator of an extra's or group's name that speaks of nothing else: `cpu`, `torch-cu128`, `cuda12.4`.

    `image-cpu` is a feature that runs on CPUs, not a build of torch.
    """
    words = re.split(r"[-_.]+", name.lower())
    if all(re.fullmatch(r"(?:cpu|xpu)(?:only)?|(?:cu|cuda|rocm)?\d*", w) or w in _FILLERS for w in words):
        return from_name(name)
    return None


def is_vague(name: str) -> bool:
    """Whether a name speaks of an accelerator without telling which: `gpu`, `cuda`, `cuda12`, `rocm`."""
    words = [re.sub(r"\d+$", "", word) for word in re.split(r"[-_.]+", name.lower())]
    vague = _VAGUE_NAMES | _CUDA_NAMES | _ROCM_NAMES
    return from_name(name) is None and any(word in vague for word in words)


def _tags_in(name: str) -> Iterable[str]:
    words = re.split(r"[-_.]+", name)
    for place, word in enumerate(words):
        if match := re.fullmatch(r"(cpu|xpu)(?:only)?", word):
            yield match[1]
        elif match := re.fullmatch(r"(cu|cuda|rocm)(\d*)", word):
            numbers = _numbers(match[2], words[place + 1 :])
            yield from _cuda(numbers) if match[1] != "rocm" else _rocm(numbers)


def _numbers(digits: str, following: list[str]) -> tuple[str, ...]:
    """The version's parts behind a kind: `cuda12-4` has 12 and 4; three digits are whole in themselves."""
    if len(digits) >= 3:
        return (digits,)
    return tuple(filter(None, [digits, *takewhile(str.isdigit, following)]))


def _cuda(numbers: tuple[str, ...]) -> Iterable[str]:
    digits = "".join(numbers[:2])
    if len(digits) == 3:
        yield f"cu{digits}"


def _rocm(numbers: tuple[str, ...]) -> Iterable[str]:
    parts = numbers if len(numbers) > 1 else tuple(*numbers)
    if len(parts) < 2:
        return
    # rocm714 can be 7.14 or 7.1.4: the one that PyTorch has an index for.
    spellings = [".".join(parts), f"{parts[0]}.{''.join(parts[1:])}"]
    known = [f"rocm{version}" for version in spellings if f"rocm{version}" in catalog.builds()]
    yield known[0] if known else f"rocm{spellings[0]}"


def without_local(specifier: str) -> str:
    """A specifier or requirement without local versions: `==2.6.0+cu124` is `==2.6.0`."""
    return re.sub(r"(\d)\+[\w.]+", r"\1", specifier)
