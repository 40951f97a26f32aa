"""The types of the facts in `variantfix.pytorch.catalog`."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from variantfix.namedtuple import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping

    from variantfix.pytorch.certainty import Certainty

_EMPTY: Mapping[str, Any] = MappingProxyType({})


class Edge(NamedTuple):
    """A requirement: the package's name, the extras asked of it, its marker as far as known, and how it is known."""

    name: str
    extras: tuple[str, ...] = ()
    marker: str = ""
    certainty: Certainty = "seen"


class Answer(NamedTuple):
    """Whether an index has what was asked for, and how that is known.

    `trap` has the versions that the request would get instead: old builds on an index whose tag torch never had.
    """

    hosted: bool
    certainty: Certainty
    trap: tuple[str, ...] = ()


class FamilyPackage(NamedTuple):
    """A package that the PyTorch indexes carry for their accelerators.

    `kinds` (`cpu`, `cuda`, `rocm`, `xpu`) are what it is built for, `accelerator_specific` says whether
    these builds differ. `tags` are the accelerators of each version where they are not torch's (xformers),
    `last` is the final version where there is one. `requires` is what the newest version declares, `older`
    what only older ones did. `platforms` are those of the kinds whose index has not the package for all of its own
    platforms. `seen` is the newest version with direct evidence, `uncertain` names the fields that lack it.
    """

    name: str
    kinds: tuple[str, ...]
    accelerator_specific: bool
    on_pypi: bool
    note: str
    sources: tuple[str, ...]
    tags: Mapping[str, tuple[str, ...]] = _EMPTY
    last: str | None = None
    requires: tuple[Edge, ...] = ()
    older: tuple[Edge, ...] = ()
    platforms: Mapping[str, tuple[str, ...]] = _EMPTY
    seen: str | None = None
    uncertain: tuple[str, ...] = ()


class Build(NamedTuple):
    """An accelerator, by the tag of its PyTorch index.

    `version` is that of CUDA or ROCm. `first` and `last` are torch minor versions: without `last`, torch
    was never released for it; with `last` alone (cpu), it is older than any record. `platforms` are the
    first and last minor version for each platform; `Release.tags` knows the gaps between. `seen` is the newest
    minor version with direct evidence. A `trap` is an index that exists since the month `since` though torch was never
    released for its tag, and has these old versions.
    """

    tag: str
    kind: str
    version: str | None
    first: str | None
    last: str | None
    sources: tuple[str, ...]
    platforms: Mapping[str, tuple[str, str]] = _EMPTY
    seen: str | None = None
    trap: tuple[str, ...] = ()
    since: str | None = None


class Release(NamedTuple):
    """A minor version of torch.

    `tags` are its accelerators, each with its platforms. `pypi` and `pypi_aarch64` are the tags of PyPI's
    builds for Linux; all its others are `cpu`. `companions` go with each patch; one of two parts (`0.14`)
    is a series. `certainty` has what is not seen, by tag or by tag and platform (`cu129/linux-aarch64`); of a tag that
    is not in `tags` it says how sure its absence is. `gone` are the tags whose index no longer lists it, with the
    day on which that was seen.
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
    certainty: Mapping[str, Certainty] = _EMPTY
    free_threaded: tuple[str, ...] = ()
    released_on: Mapping[str, str] = _EMPTY
    gone: Mapping[str, str] = _EMPTY

    def certainty_of(self, tag: str, platform: str = "") -> Certainty:
        """How it is known that the tag, or one of its platforms, has this torch or has not."""
        of_tag = self.certainty.get(tag, "seen")
        return self.certainty.get(f"{tag}/{platform}", of_tag)


class Dependent(NamedTuple):
    """A package from PyPI that brings a family package: itself, through another dependent, or by an extra.

    `requires` and `extras` are the edges of the version `seen`, `at` those of other versions, `always` those that
    every version has, `older` those that only older ones have (until `last_requiring`, where known). Without
    `seen` they are known for no version in particular. Edges lead to family packages and dependents only.
    `compiled`: its binaries are tied to one torch build. A `note` says what is uncertain about the evidence.
    """

    name: str
    sources: tuple[str, ...]
    requires: tuple[Edge, ...] = ()
    extras: Mapping[str, tuple[Edge, ...]] = _EMPTY
    older: tuple[Edge, ...] = ()
    last_requiring: str | None = None
    always: tuple[Edge, ...] = ()
    at: Mapping[str, tuple[Edge, ...]] = _EMPTY
    compiled: bool = False
    seen: str | None = None
    note: str = ""

    @property
    def uncertain(self) -> bool:
        """Whether the evidence is old or indirect."""
        return bool(self.note)


class Row(NamedTuple):
    """What a dependent requires in the releases from `since` to `until`, both of them, and all between.

    `extras` is None where only what it requires without one was seen.
    """

    since: str
    until: str
    requires: tuple[Edge, ...]
    extras: Mapping[str, tuple[Edge, ...]] | None

    def edges(self, extra: str) -> tuple[Edge, ...]:
        """What it requires itself (no extra), or under one."""
        return (self.extras or {}).get(extra, ()) if extra else self.requires
