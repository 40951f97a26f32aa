"""`export`: requirements files for pip, one for a variant or one for each."""

from __future__ import annotations

from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from variantfix import disk, projects
from variantfix.cli.complete import complete_variant
from variantfix.cli.flags import Accelerators, NoBuild, Paths
from variantfix.cli.options import Reading, settings_from, with_options
from variantfix.cli.output import Output
from variantfix.detect.beside import LockFile
from variantfix.errors import ConfigError, InputError, VariantfixError, VerifyError, suggestion
from variantfix.namedtuple import NamedTuple
from variantfix.projects import Failed, named
from variantfix.report import text
from variantfix.uv.project import normalise

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from variantfix.change.finish import Meant
    from variantfix.cli.held import Held
    from variantfix.detect.variants import Variant
    from variantfix.settings import Settings


class _Wish(NamedTuple):
    """What is to be exported, and from which lock."""

    variant: str
    folder: str
    fresh: bool
    verify: bool
    no_build: bool
    dry_run: bool


@with_options
def export(
    paths: Paths = None,
    variant: Annotated[
        str,
        typer.Option(
            "--variant", metavar="NAME", help="The variant; to standard output.", autocompletion=complete_variant
        ),
    ] = "",
    all_: Annotated[
        str,
        typer.Option(
            "--all",
            metavar="DIR",
            help="A file for each variant there: requirements-NAME.txt; of several projects in a folder for each, by "
            "its name.",
        ),
    ] = "",
    lock: Annotated[
        bool,
        typer.Option("--lock", help="Export the lock that uv makes now, in a scratch copy and from the project's own."),
    ] = False,
    verify: Annotated[
        bool,
        typer.Option("--verify", help="Walk the lock first, and export it only where it is fresh and nothing leaks."),
    ] = False,
    no_build: NoBuild = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="With --all: print the unified diff of the files and write nothing.")
    ] = False,
    accelerator: Accelerators = None,
) -> None:
    """Write a variant of uv.lock as a requirements file for pip, with its indexes and hashes."""
    from variantfix.cli.held import held

    if bool(variant) == bool(all_):
        raise ConfigError("either --variant NAME or --all DIR")
    projects = named(paths or ())
    if len(projects) > 1 and variant:
        raise ConfigError("--variant writes one requirements file", hint="--all DIR takes several projects")
    settings = settings_from(Reading(accelerator))
    wish = _Wish(variant, all_, lock, verify, no_build, dry_run)
    said, code, taken = held(Output()), 0, dict[Path, str]()
    for path in projects:
        code = max(code, _answered(path, settings, wish, said, taken if len(projects) > 1 else None))
    said.emit()
    raise typer.Exit(code)


def _answered(path: str, settings: Settings, wish: _Wish, said: Held, taken: dict[Path, str] | None) -> int:
    """Export the variants of one project; returns the exit code.

    `taken` are the folders of the projects before it, where there are several.
    """
    try:
        return _export(path, settings, wish, said, taken)
    except VariantfixError as error:
        text.write_error(Failed(path, error), said.talk)
        return error.exit_code


def _export(path: str, settings: Settings, wish: _Wish, said: Held, taken: dict[Path, str] | None) -> int:
    from variantfix.change.export import requirements_file
    from variantfix.change.finish import look
    from variantfix.uv import program

    texts = projects.read(path)
    meant = look(texts, settings, projects.evidence_beside(next(iter(texts))))
    variants = _chosen(meant, wish.variant)
    with _locked(texts, wish) as (folder, lock):
        if wish.verify:
            _check(meant, lock, path)
        uv = program.find_uv()
        made = {
            variant.scope.name: requirements_file(
                program.export(uv, folder, ["--no-default-groups", f"--{variant.scope.kind}", variant.spelling]),
                lock,
                meant.ctx.default_index.url,
            )
            for variant in variants
        }
    if not wish.folder:
        said.data.write("".join(made.values()))
        return 0
    folder = _folder(wish, meant, path, taken)
    files = {folder / f"requirements-{name}.txt": text for name, text in made.items()}
    return _show(files, said) if wish.dry_run else _write(files, said)


@contextmanager
def _locked(texts: Mapping[str, str], wish: _Wish) -> Iterator[tuple[Path, str]]:
    """The folder in which uv finds the lock that is meant, and its text."""
    from variantfix.cli.working import working
    from variantfix.uv import program
    from variantfix.uv.scratch import scratch_copy

    root = next(iter(texts))
    if wish.fresh:
        with scratch_copy(texts) as folder:
            with working() as tell:
                tell(f"{root}: uv locks a scratch copy")
                program.lock(program.find_uv(), folder, no_build=wish.no_build)
            yield folder, (folder / disk.LOCK).read_bytes().decode()
        return
    beside = None if root == disk.STDIN else disk.read_lock(root)
    if beside is None:
        raise InputError(f"{root}: there is no uv.lock beside it", hint="--lock makes one in a scratch copy")
    yield Path(root).parent, beside


def _check(meant: Meant, text: str, path: str) -> None:
    """Raise `VerifyError` for a lock that is stale or leaks."""
    from variantfix.detect.audit.lines import leak_lines
    from variantfix.detect.audit.matrix import make_matrix

    lock = LockFile(text)
    if stale := lock.staleness(meant.ctx.workspace):
        raise VerifyError(f"{path}: its uv.lock is stale: {stale}", hint="--lock exports a fresh one")
    matrix = make_matrix(meant.ctx, lock.lock)
    if matrix.leaking:
        count = f"{len(matrix.leaking)} of {matrix.walked} closures leak"
        words = "\n".join(leak_lines(matrix.cells))
        raise VerifyError(f"{path}: {count}", hint="`variantfix apply` mends it", words=words)


def _folder(wish: _Wish, meant: Meant, path: str, taken: dict[Path, str] | None) -> Path:
    """Where a project's files go; raises `ConfigError` for a second one of its name."""
    if taken is None:
        return Path(wish.folder)
    folder = Path(wish.folder, meant.project.name or Path(meant.project.file).absolute().parent.name)
    if folder in taken:
        raise ConfigError(f"{path}: its files would be those of {taken[folder]}", hint="export it to another folder")
    taken[folder] = path
    return folder


def _show(files: Mapping[Path, str], said: Held) -> int:
    """Show what would become of some files, and say whether anything would."""
    from variantfix.report.diff import write_diff

    before = {str(file): disk.read_text(file) if disk.is_file(file) else "" for file in files}
    after = {str(file): text for file, text in files.items()}
    write_diff(before, after, said.data, said.talk)
    return int(before != after)


def _write(files: Mapping[Path, str], said: Held) -> int:
    for file, content in files.items():
        file.parent.mkdir(parents=True, exist_ok=True)
        disk.write_new(file, content)
        print(file, file=said.talk)
    return 0


def _chosen(meant: Meant, name: str) -> Sequence[Variant]:
    """The variant of a name, or all; raises `ConfigError` where there is none."""
    from variantfix.change.default import GROUP

    variants = [v for v in meant.ctx.variants_of(meant.project) if v.scope.name != GROUP]
    found = [v for v in variants if not name or v.scope.name == normalise(name)]
    if not found:
        hint = suggestion(name, [v.spelling for v in variants]) if variants else "`variantfix add cpu cu128` makes some"
        raise ConfigError(f"{meant.project.file}: there is no variant {name!r}".replace(" ''", ""), hint=hint)
    return found
