"""`--online`: what a project's own indexes tell of packages that nothing else knows. The network, where asked for."""

from __future__ import annotations

import asyncio
import os
from typing import TYPE_CHECKING

from variantfix.detect.context import Context
from variantfix.detect.walks import Walks
from variantfix.namedtuple import NamedTuple
from variantfix.online.fetch import Fetcher, FetchError, Manners, cache_folder
from variantfix.online.secrets import secrets_of
from variantfix.pytorch.facts import Edge

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from variantfix.detect.beside import Evidence
    from variantfix.online.ask import Question
    from variantfix.settings import Settings
    from variantfix.uv.workspace import Workspace

    Told = dict[str, dict[str, tuple[Edge, ...]]]

# One project asks for little, and somebody waits.
_MANNERS = Manners(rate=50.0, at_once=16, tries=3, timeout=15.0)
# How deep a chain of unknown packages is followed.
_ROUNDS = 12


class LookUp(NamedTuple):
    """The evidence with what the indexes told, and what they could not tell, a line each."""

    evidence: Evidence
    failed: tuple[str, ...]


def look_up(
    workspace: Workspace, settings: Settings, evidence: Evidence, cache: Path | None = None, manners: Manners = _MANNERS
) -> LookUp:
    """Ask a workspace's indexes about the packages that neither lock nor catalogue know, and about what these require.

    Metadata alone is fetched, never a wheel. What cannot be fetched stays unknown. Raises `ConfigError` without the
    extra `online`.
    """
    return asyncio.run(_look_up(workspace, settings, evidence, cache or cache_folder(), manners))


async def _look_up(
    workspace: Workspace, settings: Settings, evidence: Evidence, cache: Path, manners: Manners
) -> LookUp:
    context = Context(workspace, settings)
    keyring = os.environ.get("UV_KEYRING_PROVIDER") == "subprocess"
    secrets = secrets_of(_named_indexes(context), keyring=keyring)
    failed: dict[str, str] = {}
    async with Fetcher(cache, manners, secrets) as fetcher:
        for _ in range(_ROUNDS):
            asked = _questions(context, evidence, failed)
            if not asked:
                break
            told = await _answers(fetcher, asked, failed)
            evidence = evidence._replace(told={**evidence.told, **told})
    return LookUp(evidence, tuple(sorted(failed.values())))


async def _answers(fetcher: Fetcher, asked: Sequence[Question], failed: dict[str, str]) -> Told:
    from variantfix.online.ask import ask
    from variantfix.online.requirements import by_extra

    told: Told = {}

    async def one(question: Question) -> None:
        try:
            metadata = await ask(fetcher, question)
        except FetchError as error:
            failed[question.package] = f"{question.package}: {error}"
            return
        if metadata is None:
            failed[question.package] = f"{question.package}: no index has its metadata"
            return
        told[question.package] = {e: tuple(Edge(*each) for each in under) for e, under in by_extra(metadata).items()}

    await asyncio.gather(*map(one, asked))
    return told


def _questions(context: Context, evidence: Evidence, failed: Iterable[str]) -> list[Question]:
    from variantfix.online.ask import Question

    walks = Walks(context.workspace, evidence.requires(context.workspace))
    return [
        Question(reach.package, specifier, _indexes(context, reach.package))
        for reach in evidence.unknown(context.workspace, walks)
        if reach.package not in failed
        for specifier in (reach.specifiers or ("",))[-1:]
    ]


def _indexes(context: Context, package: str) -> tuple[str, ...]:
    """The URLs where uv looks for a package: that of its source, else those that are not explicit, the default last."""
    root = context.workspace.root
    urls = {index.name: index.url for index in root.indexes}
    sources = [s for project in context.workspace.projects for s in context.workspace.sources(project, package)]
    routed = [urls[s.target] for s in sources if s.kind == "index" and s.target in urls]
    if routed:
        return tuple(dict.fromkeys(routed))
    open_to_all = (index.url for index in root.indexes if not (index.explicit or index.default))
    return (*open_to_all, *root.uv.extra_index_urls, context.default_index.url)


def _named_indexes(context: Context) -> dict[str, str]:
    root = context.workspace.root
    extra = {f"extra-{place}": url for place, url in enumerate(root.uv.extra_index_urls)}
    default = context.default_index
    return {**extra, default.name or "default": default.url, **{index.name: index.url for index in root.indexes}}
