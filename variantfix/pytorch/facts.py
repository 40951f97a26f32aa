"""The types of the facts in `variantfix.pytorch.catalog`."""

from __future__ import annotations

from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

# An entry exists once, so that it equals itself alone (eq=False); mappings have no hash to compare by.


def _empty() -> Mapping[str, Any]:
    return MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Edge:
    """A requirement: the package's name, and the extras asked of it."""

    name: str
    extras: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class FamilyPackage:
    """A package that the PyTorch indexes carry for their accelerators.

    `kinds` (`cpu`, `cuda`, `rocm`, `xpu`) are what it is built for, `accelerator_specific` says whether
    these builds differ. `tags` are the accelerators of each version where they are not torch's (xformers),
    `last` is the final version where there is one. `requires` is what the newest version declares, `older`
    what only older ones did. `uncertain` names the fields that lack direct evidence.
    """

    name: str
    kinds: tuple[str, ...]
    accelerator_specific: bool
    on_pypi: bool
    note: str
    sources: tuple[str, ...]
    tags: Mapping[str, tuple[str, ...]] = field(default_factory=_empty)
    last: str | None = None
    requires: tuple[Edge, ...] = ()
    older: tuple[Edge, ...] = ()
    uncertain: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class Build:
    """An accelerator, by the tag of its PyTorch index.

    `version` is that of CUDA or ROCm. `first` and `last` are torch minor versions: without `last`, torch
    was never released for it; with `last` alone (cpu), it is older than any record. `platforms` are the
    first and last minor version for each platform; `Release.tags` knows the gaps between.
    """

    tag: str
    kind: str
    version: str | None
    first: str | None
    last: str | None
    sources: tuple[str, ...]
    platforms: Mapping[str, tuple[str, str]] = field(default_factory=_empty)


@dataclass(frozen=True, slots=True, eq=False)
class Release:
    """A minor version of torch.

    `tags` are its accelerators, each with its platforms. `pypi` and `pypi_aarch64` are the tags of PyPI's
    builds for Linux; all its others are `cpu`. `companions` go with each patch; one of two parts (`0.14`)
    is a series.
    """

    minor: str
    released: str
    patches: tuple[str, ...]
    pythons: tuple[str, ...]
    pypi: str
    pypi_aarch64: str
    tags: Mapping[str, tuple[str, ...]]
    companions: Mapping[str, Mapping[str, tuple[str, ...]]]
    sources: tuple[str, ...]
    uncertain: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class Dependent:
    """A package from PyPI that brings a family package: itself, through another dependent, or by an extra.

    `requires` and `extras` are the edges of the newest version seen, `older` those that only older ones
    have (until `last_requiring`, where known). Edges lead to family packages and dependents only; markers
    are folded in. `compiled`: its binaries are tied to one torch build. A `note` says what is uncertain
    about the evidence.
    """

    name: str
    sources: tuple[str, ...]
    requires: tuple[Edge, ...] = ()
    extras: Mapping[str, tuple[Edge, ...]] = field(default_factory=_empty)
    older: tuple[Edge, ...] = ()
    last_requiring: str | None = None
    compiled: bool = False
    seen: str | None = None
    note: str = ""

    @property
    def uncertain(self) -> bool:
        """Whether the evidence is old or indirect."""
        return bool(self.note)
