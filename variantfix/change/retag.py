"""Following PyTorch from one tag to the next: names, URLs, sources, conflicts, references and pins that speak the tag.

Keys and strings are rewritten where they stand, so that comments, order and layout stay. There and back is the
identity: where it would not be, because the new tag is spoken of already, nothing is done.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

from variantfix import toml
from variantfix.change.bounds import rebound
from variantfix.change.finish import finish, look
from variantfix.change.fitting import admits, check_builds
from variantfix.change.names import Asked, read_tag
from variantfix.change.places import Place, place_of
from variantfix.change.spelling import exchanger, mentions
from variantfix.change.wanted import portable
from variantfix.errors import ConfigError, NothingError
from variantfix.namedtuple import NamedTuple
from variantfix.pytorch import accelerator, catalog
from variantfix.uv import requirements
from variantfix.uv.project import normalise

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from variantfix.change.finish import Meant
    from variantfix.detect.beside import Evidence
    from variantfix.detect.variants import Variant
    from variantfix.repair.pipeline import Repair
    from variantfix.settings import Settings
    from variantfix.toml import KeyPath
    from variantfix.uv.project import Project, Requirement, Source


class Request(NamedTuple):
    """Which tag becomes which; with the torch to go to, and with the names of extras, groups and indexes kept."""

    tags: Mapping[str, str]
    torch: str = ""
    keep_names: bool = False


def read_pairs(words: list[str]) -> dict[str, str]:
    """The tags of `OLD=NEW` words. Raises `ConfigError` for one that is none, and for another kind of accelerator."""
    pairs: dict[str, str] = {}
    for word in words:
        old, equals, new = word.partition("=")
        found = accelerator.from_tag(old)
        if not equals or found is None:
            raise ConfigError(f"{word!r}: not OLD=NEW", hint="retag cu124=cu128")
        if read_tag(new).kind != found.kind or old == new:
            raise ConfigError(f"{word}: a tag follows another of its kind", hint="`variantfix add` brings other kinds")
        pairs[old] = new
    if len(set(pairs.values())) < len(pairs):
        raise ConfigError("two tags cannot become one", hint="one of the variants has to go first")
    return pairs


def retag_texts(
    texts: Mapping[str, str], settings: Settings, evidence: Evidence, *, request: Request, only: str = ""
) -> Repair:
    """A project, given as texts with the root first, that has a tag in place of another.

    Raises `NothingError` where nothing has the old tag, `ConfigError` where something has the new one, and where its
    index has no build that the requirements admit.
    """
    meant = look(texts, settings, evidence, only=only)
    _check(meant, request)
    after = _respelt(texts, meant, request)
    if after == dict(texts):
        raise NothingError(f"{meant.project.file}: nothing in it spells {' or '.join(request.tags)}")
    if not request.torch and _respelt(after, look(after, settings, evidence, only=only), _back(request)) != dict(texts):
        raise ConfigError(f"{meant.project.file}: {', '.join(request.tags.values())} is named in it already")
    if only:
        _check_only(texts, after, only, request)
    notes = (*_notes(after, request), *_vendors(meant, request))
    return finish(after, (), settings, evidence, notes, since=texts, only=only)


def _check_only(texts: Mapping[str, str], after: Mapping[str, str], file: str, request: Request) -> None:
    """Raise `ConfigError` where files beside a member's speak of the tag as well: alone, it would not fit them."""
    for other, text in texts.items():
        if other != file and after[other] != text:
            raise ConfigError(
                f"{other}: speaks of {' or '.join(request.tags)}, as {file} does, and would still ask for the old name",
                hint=f"retag them together: name {Path(next(iter(texts))).parent}",
            )


def _back(request: Request) -> Request:
    return Request({new: old for old, new in request.tags.items()}, keep_names=request.keep_names)


def _check(meant: Meant, request: Request) -> None:
    """Raise an error for a change that finds nothing, that meets what is there, or that no build would fit."""
    ctx, file = meant.ctx, meant.project.file
    had = {v.accelerator.tag for v in ctx.variants}
    had |= {told.tag for url in _torch_urls(meant) if (told := accelerator.from_url(url))}
    if not had & request.tags.keys():
        known = f"it has {', '.join(sorted(had))}" if had else "`variantfix add` makes variants"
        olds = " or ".join(request.tags)
        raise NothingError(f"{file}: nothing to retag: no variant or index of it is {olds}", hint=known)
    for old, new in request.tags.items():
        if new in had and new not in request.tags:
            raise ConfigError(f"{file}: {new} is there already", hint=f"take {old} out, in place of renaming it")
    rename = exchanger({} if request.keep_names else request.tags)
    for project in ctx.workspace.projects:
        _check_names(project, [s.spelling for s in project.extras()], rename)
        _check_names(project, [s.spelling for s in project.groups()], rename)
        _check_names(project, [index.name for index in project.indexes], rename)
    for variant in ctx.variants:
        if target := request.tags.get(variant.accelerator.tag):
            _check_index(meant, variant, Asked(variant.spelling, read_tag(target)), request)


def _check_index(meant: Meant, variant: Variant, asked: Asked, request: Request) -> None:
    """Raise `ConfigError` where the new index does not have what the old one had for all that is resolved with it."""
    ctx, project = meant.ctx, meant.ctx.project(variant)
    for requirement in ctx.section(variant).named("torch"):
        check_builds(meant, asked, [portable(_bounded(requirement, request))])
    _check_beside(meant, variant, asked.accelerator.tag)
    before = Asked(variant.spelling, variant.accelerator)
    for section in project.sections.values():
        if section.scope in ctx.enemies(variant.scope):
            continue
        for requirement in section.requirements:
            own = section.scope == variant.scope and bool(ctx.sources(variant, requirement.name))
            if requirement.url or requirement.name not in catalog.family() or not (own or requirement.name == "torch"):
                continue
            now = portable(_bounded(requirement, request, only_where_needed=section.scope != variant.scope))
            if admits(meant, before, portable(requirement)) and not admits(meant, asked, now):
                place = section.scope if section.scope != variant.scope else variant
                tag = asked.accelerator.tag
                raise ConfigError(
                    f"{project.file}: {place} wants {now.text!r}, which the {tag} index does not have",
                    hint=f"take it out, bound it otherwise, or keep it apart from {variant}",
                )


def _check_beside(meant: Meant, variant: Variant, tag: str) -> None:
    """Raise `ConfigError` where torch of the new tag requires more of its own index than the variant names."""
    if not (known := catalog.versions("torch", tag)) or variant.accelerator.vendor:
        return
    named = meant.ctx.closure(variant.scope)
    lacking = [name for name in catalog.beside_torch(tag, known[-1]) if "triton" not in name and name not in named]
    if lacking:
        raise ConfigError(
            f"{variant.scope.file}: torch on the {tag} index requires {lacking[0]}, which {variant} does not name",
            hint="`variantfix explain missing-triton` tells more",
        )


def _check_names(project: Project, names: list[str], rename: Callable[[str], str]) -> None:
    """Raise `ConfigError` where two names would be one."""
    for name in names:
        if rename(name) != name and rename(name) in names and rename(rename(name)) == rename(name):
            raise ConfigError(f"{project.file}: {name} would be {rename(name)}, which is named in it already")


def _bounded(requirement: Requirement, request: Request, *, only_where_needed: bool = False) -> Requirement:
    if not request.torch:
        return requirement
    text = rebound(requirement.text, requirement.name, request.torch, only_where_needed=only_where_needed)
    return requirements.requirement(text, requirement.at)


def _respelt(texts: Mapping[str, str], meant: Meant, request: Request) -> dict[str, str]:
    """The texts with all names and URLs that speak an old tag in the spelling of the new one."""
    speller = _Speller(meant, request)
    return {
        file: toml.respell(text, speller.key, lambda path, value, file=file: speller.string(file, path, value))  # type: ignore[misc]
        for file, text in texts.items()
    }


class _Speller:
    """How keys and strings of a workspace's files are spelt after a change of tags."""

    def __init__(self, meant: Meant, request: Request) -> None:
        self._meant = meant
        self._torch = request.torch
        self._exchange = exchanger(request.tags)
        self._rename: Callable[[str], str] = (lambda name: name) if request.keep_names else self._exchange
        workspace = meant.ctx.workspace
        self._names = {project.name for project in workspace.projects if project.name}
        self._urls = set(_torch_urls(meant))
        self._lists = {(v.scope.file, v.at.path) for v in meant.ctx.variants if v.accelerator.tag in request.tags}
        self._triton = dict(_tritons(meant, request))

    def key(self, path: KeyPath, name: str) -> str:
        """What a key becomes."""
        match place_of(path):
            case Place.NAME | Place.TAG:
                return self._rename(name)
            case Place.PACKAGE:
                return self._triton.get(normalise(name), name)
            case _:
                return name

    def string(self, file: str, path: KeyPath, value: str) -> str:
        """What the string at a path becomes."""
        match place_of(path):
            case Place.NAME:
                return self._rename(value)
            case Place.TAG:
                return self._exchange(value)
            case Place.URL:
                return self._exchange(value) if value in self._urls else value
            case Place.MARKER:
                return self._extras(value)
            case Place.REQUIREMENT:
                return self._requirement(file, path, value)
            case _:
                return value

    def _extras(self, marker: str) -> str:
        """A marker with the extras in it renamed; what it says of platforms has no tag."""
        return self._rename(marker) if "extra" in marker else marker

    def _requirement(self, file: str, path: KeyPath, text: str) -> str:
        head, semicolon, marker = text.partition(" ;") if "@" in text else text.partition(";")
        found = re.match(r"\s*([\w.-]+)(\s*\[[^\]]*\])?(.*)", head, re.DOTALL)
        if found is None:
            return text
        name, extras, rest = found[1], found[2] or "", found[3]
        package = normalise(name)
        start = head[: found.start(1)]
        if package in self._names:
            extras = self._rename(extras)
        in_variant = (file, path[:-1]) in self._lists
        if in_variant:
            name = self._triton.get(package, name)
        if package in catalog.family():
            rest = self._exchange(rest) if "@" in rest else re.sub(r"\+[\w.]+", lambda m: self._exchange(m[0]), rest)
            if self._torch and (in_variant or path[:2] == ("project", "dependencies")):
                rest = rebound(rest, package, self._torch, only_where_needed=not in_variant)
        return f"{start}{name}{extras}{rest}{semicolon}{self._extras(marker)}"


def _torch_urls(meant: Meant) -> Iterator[str]:
    """The URLs of indexes and wheels from which PyTorch's packages come; those of extensions are their own."""
    for project in meant.ctx.workspace.projects:
        named = {s.target for p, sources in project.sources.items() if p in catalog.family() for s in sources}
        for index in project.indexes:
            if index.name in named or accelerator.is_pytorchs(index.name, index.url):
                yield index.url
        yield from named
        uv = project.uv
        yield from (u for u in (uv.index_url, *uv.extra_index_urls, *uv.find_links) if accelerator.is_pytorch_layout(u))


def _tritons(meant: Meant, request: Request) -> Iterator[tuple[str, str]]:
    """The triton packages of ROCm and XPU that give way to those of another generation."""
    for variant in meant.ctx.variants:
        old, new = variant.accelerator.tag, request.tags.get(variant.accelerator.tag)
        if new is None:
            continue
        specifiers = [portable(_bounded(r, request)).specifier for r in meant.ctx.section(variant).named("torch")]
        newest = {tag: _newest(tag, specifiers, bounded=tag == new) for tag in (old, new)}
        had, has = (catalog.triton_for(tag, version) if version else None for tag, version in newest.items())
        sources = meant.ctx.project(variant).sources
        if had and has and had != has and has not in sources:
            _check_shared(meant, sources.get(had, ()), had, request)
            yield had, has


def _check_shared(meant: Meant, sources: Iterable[Source], triton: str, request: Request) -> None:
    """Raise `ConfigError` where variants that keep their tag have sources of the triton package that gives way."""
    others = [v for v in meant.ctx.variants if v.accelerator.tag not in request.tags]
    if staying := [str(v) for v in others if v.scope in {source.scope() for source in sources}]:
        raise ConfigError(
            f"{meant.project.file}: {triton} has another name for the new tag, and {', '.join(staying)} keeps the old",
            hint="retag them together",
        )


def _newest(tag: str, specifiers: list[str], *, bounded: bool) -> str:
    found = [v for s in specifiers or [""] for v in catalog.admitted("torch", tag, s)]
    found = found or ([] if bounded else list(catalog.versions("torch", tag)))
    return found[-1] if found else ""


def _notes(texts: Mapping[str, str], request: Request) -> Iterator[str]:
    for old, new in request.tags.items():
        yield f"{old} is {new} now"
    for file, text in texts.items():
        for number, line in enumerate(text.splitlines(), 1):
            if any(mentions(line, old) for old in request.tags) and not request.keep_names:
                yield f"{file}:{number}: still says it: {line.strip()}"


def _vendors(meant: Meant, request: Request) -> Iterator[str]:
    for variant in meant.ctx.variants:
        told = variant.accelerator
        if told.vendor and told.tag in request.tags:
            yield f"{variant}: whether {told.vendor} has {request.tags[told.tag]} on its index is not known here"
