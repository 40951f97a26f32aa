"""What a path means: the texts of a project or workspace, what lies beside them, and their repair written back."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from variantfix import disk
from variantfix.errors import InputError, VariantfixError
from variantfix.namedtuple import NamedTuple
from variantfix.repair.pipeline import at_hand, load, load_all, repair_texts
from variantfix.uv.parse import members, parse

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from variantfix.detect.beside import Evidence
    from variantfix.repair.pipeline import Repair, RepairTexts
    from variantfix.settings import Settings


class Done(NamedTuple):
    """A path that could be read: the repair of its files, and those that it was written to.

    `lock` says what became of the uv.lock beside them, `untold` of which packages the indexes did not tell whether they
    bring torch.
    """

    path: str
    repair: Repair
    written: tuple[str, ...] = ()
    lock: str = ""
    untold: tuple[str, ...] = ()


class Failed(NamedTuple):
    """A path, and the error that stopped it; `ForeignError` where it is not for uv."""

    path: str
    error: VariantfixError


Outcome = Done | Failed
"""What became of one path."""


def done(outcomes: Iterable[Outcome]) -> list[Done]:
    """Those of some outcomes that no error stopped."""
    return [outcome for outcome in outcomes if isinstance(outcome, Done)]


def failed(outcomes: Iterable[Outcome]) -> list[Failed]:
    """Those that one stopped."""
    return [outcome for outcome in outcomes if isinstance(outcome, Failed)]


def process(
    path: str,
    settings: Settings,
    *,
    repair_by: RepairTexts = repair_texts,
    follow: bool = True,
    online: bool = False,
    stdin_filename: str = "",
) -> Outcome:
    """Check or repair, by `repair_by`, what one path means: a file, a folder, a workspace's root, or `-`.

    Nothing is written. `-` is standard input, which stands for the file `stdin_filename` where one is given.

    With `online` the project's indexes are asked about packages that neither a lock nor the catalogue knows.

    Without `follow`, a repair of a file that lies outside of the project's folder is refused. Errors become part of
    the outcome.
    """
    try:
        texts = read(path, stdin_filename)
        only = next(iter(texts)) if path == disk.STDIN and len(texts) > 1 else ""
        if around := _workspace_around(texts):
            only, texts = next(iter(texts)), around
        evidence = evidence_beside(next(iter(texts)))
        evidence, untold = _look_up(texts, settings, evidence) if online else (evidence, ())
        repair = repair_by(texts, settings, evidence, only=only)
        if not follow and path != disk.STDIN:
            _check_inside(_of(repair, only).changed, Path(only or next(iter(texts))).parent)
    except VariantfixError as error:
        return Failed(path, error)
    return Done(path, _of(repair, only), lock=_lock_note(next(iter(texts)), repair.plan.stale), untold=untold)


def named(paths: Iterable[str], *, skip: bool = False) -> list[str]:
    """The projects that some paths mean, each once, as it was named first; none means the folder at hand.

    A `uv.lock` or `uv.toml` means the pyproject.toml beside it; where there is none it is left out with `skip`.
    """
    found: dict[Path, str] = {}
    for path in [*paths] or ["."]:
        file = Path(path)
        if file.name in (disk.LOCK, disk.UV_TOML):
            file = file.with_name(disk.NAME)
            if skip and not disk.is_file(file):
                continue
            path = str(file)
        is_folder = path != disk.STDIN and disk.is_folder(file)
        found.setdefault((file / disk.NAME if is_folder else file).absolute(), path)
    return list(found.values())


def _look_up(texts: Mapping[str, str], settings: Settings, evidence: Evidence) -> tuple[Evidence, tuple[str, ...]]:
    """The evidence with what the project's indexes tell, where it names torch or its kin; and what they do not tell."""
    data, settings = load_all(texts, settings)
    workspace = parse(data)
    from variantfix.detect.variants import family_packages

    if not family_packages(r.name for project in workspace.projects for r in project.requirements()):
        return evidence, ()
    from variantfix.lookup import look_up  # it reads about HTTP, for those who ask for it

    return look_up(workspace, settings, evidence)


def _check_inside(files: Iterable[str], folder: Path) -> None:
    """Raise `InputError` for a file that lies outside of a folder, or that a link leads to from there."""
    for file in files:
        if disk.real_place(Path(file), folder) is None:
            raise InputError(f"{file}: lies outside of {folder}, and is left alone", hint="--follow repairs it too")


def write(outcome: Outcome) -> Outcome:
    """Replace the files that a repair changes, unless it is of standard input; errors become part of the outcome."""
    if isinstance(outcome, Failed) or outcome.path == disk.STDIN:
        return outcome
    before, after = outcome.repair.before, outcome.repair.after
    try:
        disk.write_texts({Path(file): (before[file], after[file]) for file in outcome.repair.changed})
    except VariantfixError as error:
        return Failed(outcome.path, error)
    return outcome._replace(written=outcome.repair.changed)


def _workspace_around(texts: Mapping[str, str]) -> dict[str, str]:
    """The texts of the workspace that a lone project is a member of, the project's under its own name; else none.

    A member takes indexes and conflicts from its root, so that it cannot be judged alone.
    """
    if disk.STDIN in texts or len(texts) > 1:
        return {}
    ((file, text),) = texts.items()
    root = workspace_above(Path(file))
    if root is None:
        return {}
    own = Path(file).resolve()
    around = {name: each for name, each in read(str(root)).items() if Path(name).resolve() != own}
    return {str(root): around.pop(str(root)), file: text, **around}


def workspace_above(file: Path) -> Path | None:
    """The root of the workspace above a project that counts it among its members; None where there is none.

    Raises `InputError` where a file on the way cannot be read.
    """
    own = file.resolve()
    for folder in own.parent.parents:
        root = folder / disk.NAME
        text = disk.read_text(root) if disk.is_file(root) else ""
        if own in (member.resolve() for member in _members(root, text)):
            return root
    return None


def _of(repair: Repair, file: str) -> Repair:
    """A repair of one file of several, where only that one was meant."""
    if not file:
        return repair
    return repair._replace(before={file: repair.before[file]}, after={file: repair.after[file]})


def _lock_note(root: str, stale: str | None) -> str:
    """What is said of the uv.lock beside a root; empty where nothing asked for it."""
    if stale is None:
        return ""
    place = Path(root).with_name(disk.LOCK)
    return f"{place}: stale, {stale}: what it holds proves nothing" if stale else f"{place}: fresh, and read"


def has_lock(outcome: Outcome) -> bool:
    """Whether a uv.lock lies beside the files of an outcome that a repair changes."""
    if isinstance(outcome, Failed) or outcome.path == disk.STDIN or not outcome.repair.changed:
        return False
    return Path(next(iter(outcome.repair.before))).with_name(disk.LOCK).is_file()


def evidence_beside(root: str) -> Evidence:
    """What lies beside a root's file: its uv.lock, and whether there is a uv.toml."""
    return at_hand(disk.read_lock(root))._replace(uv_toml=disk.has_uv_toml(root))


def read(path: str, stdin_filename: str = "") -> dict[str, str]:
    """The texts that a path means, by file name, root first. Raises `InputError` for one that cannot be read.

    Standard input, `-`, is read as the text of `stdin_filename`, if that is given; such a file need not be there.
    """
    if not path:  # which the system takes for the current folder, and a script has as a variable that is not set
        raise InputError("a path without a name", hint="`.` is the current folder")
    if path == disk.STDIN and not stdin_filename:
        return {disk.STDIN: disk.read_stdin()}
    root = Path(stdin_filename) if path == disk.STDIN else disk.find(Path(path))
    text = disk.read_stdin() if path == disk.STDIN else disk.read_text(root)
    texts = {str(root): text}
    return texts | {str(file): disk.read_text(file) for file in _members(root, text)}


def _members(root: Path, text: str) -> tuple[Path, ...]:
    """The files of the members of the workspace that a text is the root of. Raises `InputError` as parsing does."""
    if "workspace" not in text:
        return ()
    found = members(str(root), load(text, str(root)))
    return tuple(disk.members(root, *found)) if found else ()
