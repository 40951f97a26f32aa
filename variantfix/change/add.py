"""Variants for a project that only has torch, and more of them for one that has some.

Written here are the lists of the new extras or groups alone; sources, indexes, markers, conflicts, triton packages
and isolation come from the rules. What already routes torch for everything is taken over by `takeover`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from variantfix.change import default
from variantfix.change.apart import kept_apart, kept_from_default
from variantfix.change.arm import on_arm
from variantfix.change.beside import beside_unscoped
from variantfix.change.counterpart import beside_pypi, place_of
from variantfix.change.default import GROUP, array
from variantfix.change.finish import Meant, finish, look
from variantfix.change.fitting import check_builds
from variantfix.change.takeover import take_over
from variantfix.change.wanted import wanted
from variantfix.errors import ConfigError, InputError, NothingError
from variantfix.namedtuple import NamedTuple
from variantfix.repair.pipeline import edited, repair_texts
from variantfix.toml import Edit, Put
from variantfix.uv.project import Scope, normalise

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from variantfix.change.fitting import Wanted
    from variantfix.change.names import Asked
    from variantfix.detect.beside import Evidence
    from variantfix.detect.variants import Variant
    from variantfix.repair.pipeline import Repair
    from variantfix.settings import Settings
    from variantfix.uv.project import Project


class Request(NamedTuple):
    """What is to be added, and how: as groups, with the base dependencies moved into it, with a default among it.

    `counterpart` is the name of what takes PyPI's build beside the variants.
    """

    variants: tuple[Asked, ...]
    as_groups: bool = False
    move_base: bool = False
    default: str = ""
    counterpart: str = ""


def add_texts(
    texts: Mapping[str, str], settings: Settings, evidence: Evidence, *, request: Request, only: str = ""
) -> Repair:
    """A project, given as texts with the root first, with new variants, routed and isolated.

    Raises `ConfigError` for a name that exists, two variants of one tag, and one for which PyTorch's index has no build
    that the project's requirements admit; `NothingError` for a project that has no torch, or all of it already.
    """
    meant = look(texts, settings, evidence, only=only)
    kind = _check(meant, request)
    lists = {asked: wanted(meant, asked, kind) for asked in request.variants}
    for asked, requirements in lists.items():
        check_builds(meant, asked, requirements)
    scopes = {asked: Scope(meant.project.file, kind, normalise(asked.name)) for asked in lists}
    taken = take_over(meant, keep=not (request.move_base or request.default))
    freed = edited(texts, taken.edits)
    free = look(freed, settings, evidence, only=only)
    adding, told, notes = _written(free, lists, scopes, moved=request.move_base)
    if request.counterpart:
        scope = Scope(meant.project.file, kind, normalise(request.counterpart))
        adding += beside_pypi(free, scope, request.counterpart, lists, scopes)
        notes.append(f"added {scope}: PyPI's build, which a conflict set keeps apart from the variants")
    after: Mapping[str, str] = edited(freed, adding)
    new = frozenset(scopes.values())
    group = Scope(meant.project.file, "group", GROUP)
    if group in free.project.sections and group not in meant.project.sections:
        now = look(after, settings.telling({**told, **taken.accelerators}), evidence, only=only)
        own = [Scope(group.file, kind, normalise(request.counterpart))] if request.counterpart else []
        after = edited(after, kept_from_default(now, group, [*scopes.values(), *own]))
    if taken.edits:  # the lone source that was for everything is for none but the default group now, as the notes say
        new |= {group, *meant.project.sections}
    if request.move_base:
        after, moved = _moved(after, settings.telling(told), evidence, meant.project, new)
        notes += moved
    if not meant.ctx.variants_of(meant.project):
        after = _named(after, settings.telling(told), evidence, new)
    told |= taken.accelerators
    repair = finish(after, (), settings, evidence, since=texts, whole=True, told=told, new=new, only=only)
    notes += _on_bare(request, taken.notes)
    if request.default:
        chosen = default.Request(request.default)
        then = default.default_texts(repair.after, settings, evidence, request=chosen, only=only)
        notes += then.notes
        repair = repair._replace(after=then.after, plan=repair.plan._replace(variants=then.plan.variants))
    return repair._replace(before=dict(texts), notes=(*notes, *taken.notes))


def _written(
    meant: Meant, lists: Mapping[Asked, Sequence[Wanted]], scopes: Mapping[Asked, Scope], *, moved: bool
) -> tuple[list[Edit], dict[str, str], list[str]]:
    """The edits that write the lists of new variants, the accelerators that no source of them tells yet, and notes."""
    adding: list[Edit] = []
    told: dict[str, str] = {}
    notes = [f"added {scopes[asked].kind} {asked.name}: {_names(wants)}" for asked, wants in lists.items()]
    for asked, requirements in lists.items():
        path = place_of(scopes[asked], asked.name)
        adding.append(Put(meant.project.file, path, array([r.text for r in requirements])))
        edits, told_of_arm = on_arm(meant, asked, scopes[asked], requirements, moved=moved)
        edits = edits or tuple(beside_unscoped(meant, asked, scopes[asked], requirements))
        adding += edits
        notes += told_of_arm
        if not edits:
            told[asked.name] = asked.accelerator.tag
    apart, told_of_apart = kept_apart(meant, tuple(scopes.items()))
    return [*adding, *apart], told, [*notes, *told_of_apart]


def _check(meant: Meant, request: Request) -> Literal["extra", "group"]:
    """The kind of what is added; raises `ConfigError` for what cannot be, `NothingError` where it is there already."""
    project, own = meant.project, [v for v in meant.ctx.variants_of(meant.project) if v.scope.name != GROUP]
    tags = _check_names(project, own, request)
    names = [asked.name for asked in request.variants]
    if request.default and normalise(request.default) not in {*map(normalise, names), *(v.scope.name for v in own)}:
        known = ", ".join([*names, *(v.spelling for v in own)])
        raise ConfigError(f"--default {request.default}: there is no such variant", hint=f"known: {known}")
    if request.counterpart and request.move_base:
        raise ConfigError(f"--move-base leaves {request.counterpart} without what needs torch", hint="leave one out")
    if request.counterpart and not tags:
        raise ConfigError(
            f"{project.file}: there is no variant beside which {request.counterpart} could be PyPI's build",
            hint=f"add one too: `variantfix add {request.counterpart}=pypi {_other_tag(request.counterpart)}`",
        )
    if len(tags) == 1 and not request.counterpart:
        (tag,) = tags
        words = f"cpu {tag if tag != 'cpu' else 'cu128'}"
        raise ConfigError(
            f"{project.file}: {names[0]} would be the only variant, and uv gives a lone one's build to the bare "
            "project too",
            hint=f"add a second: `variantfix add {words}`, or PyPI's build: `{names[0]}={tag} {_other(names[0])}=pypi`",
        )
    as_groups = request.as_groups or {v.scope.kind for v in own} == {"group"}
    if not as_groups and project.is_virtual:
        raise InputError(f"{project.file}: without [project] there are no extras", hint="--group, or name a member")
    if not as_groups and "optional-dependencies" in project.dynamic:
        raise InputError(f"{project.file}: its build backend tells the extras", hint="--group makes dependency groups")
    return "group" if as_groups else "extra"


def _other(name: str) -> str:
    """A name for the counterpart of a variant."""
    return "gpu" if name == "cpu" else "default"


def _other_tag(name: str) -> str:
    """A tag for a variant beside the counterpart of a name."""
    return "cu128" if name == "cpu" else "cpu"


def _check_names(project: Project, own: Sequence[Variant], request: Request) -> Mapping[str, str]:
    """The tags of all variants, with who has them; raises an error for a name or tag that is there or asked twice."""
    wanted = [(asked.name, asked.accelerator.tag) for asked in request.variants]
    there = {(v.scope.name, v.accelerator.tag) for v in own}
    if wanted and not request.counterpart and there.issuperset((normalise(name), tag) for name, tag in wanted):
        raise NothingError(f"{project.file}: it has {', '.join(name for name, _ in wanted)} already")
    taken = {s.scope.name: f"{s.scope}" for s in project.sections.values() if s.scope.kind != "base"}
    names: set[str] = set()
    tags = {v.accelerator.tag: f"{v.scope}" for v in own}
    for name, tag in (*wanted, *([(request.counterpart, "")] if request.counterpart else [])):
        if found := taken.get(normalise(name)):
            raise ConfigError(f"{project.file}: there is {'a' if found.startswith('group') else 'an'} {found} already")
        if normalise(name) in names:
            raise ConfigError(f"{name} is asked for twice")
        if tag in tags:
            raise ConfigError(f"{name} and {tags[tag]} would both be {tag}", hint="one variant for each tag")
        names.add(normalise(name))
        tags |= {tag: name} if tag else {}
    return tags


def _names(requirements: Sequence[Wanted]) -> str:
    return ", ".join(dict.fromkeys(r.text for r in requirements))


def _on_bare(request: Request, taken: Sequence[str]) -> Iterator[str]:
    """What the bare project gets, where the change leaves that as it was."""
    if not (request.default or request.move_base or taken):
        yield "a bare `uv sync` gets what it got before; --default VARIANT and --move-base change that"


def _named(
    texts: Mapping[str, str], settings: Settings, evidence: Evidence, new: frozenset[Scope]
) -> Mapping[str, str]:
    """The texts whose new variants name what other extras bring, so that those can be combined with them.

    That would grow a variant that people have; of a new one they expect it.
    """
    rules = ("missing-conflict", "unrouted-package", "unrouted-companion")
    return repair_texts(texts, settings._replace(unsafe=True, select=rules), evidence, new).after


def _moved(
    texts: Mapping[str, str], settings: Settings, evidence: Evidence, project: Project, new: frozenset[Scope]
) -> tuple[Mapping[str, str], list[str]]:
    """The texts with what brings torch moved out of the base dependencies, and what that means."""
    first = repair_texts(texts, settings._replace(select=("missing-conflict", "unrouted-package")), evidence, new)
    mover = settings._replace(unsafe=True, select=("base-torch",))
    repair = repair_texts(first.after, mover, evidence, new)
    if not repair.plan.repaired:
        return texts, ["nothing in the base dependencies brings torch that could move"]
    what = ", ".join(f.fix.title for f in repair.plan.repaired if f.fix)
    name = project.name or "this project"
    variants = [v for v in repair.plan.variants if v.scope.file == project.file]
    example = next((f"'{name}[{v}]'" for v in variants if v.scope.kind == "extra"), "")
    notes = [what]
    if example:
        notes.append(f"`pip install {name}` no longer installs torch: tell its users to `pip install {example}`")
    return repair.after, notes
