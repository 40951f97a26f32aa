"""`export`: requirements files for pip, one for a variant or one for each."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from variantfix.cli.flags import Accelerators, settings_from
from variantfix.errors import ConfigError, InputError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from variantfix.change.finish import Meant
    from variantfix.detect.variants import Variant


def export(
    path: Annotated[
        str, typer.Argument(metavar="PATH", help="A pyproject.toml, or a folder that has one.", show_default=True)
    ] = ".",
    variant: Annotated[str, typer.Option("--variant", metavar="NAME", help="The variant; to standard output.")] = "",
    all_: Annotated[
        str, typer.Option("--all", metavar="DIR", help="A file for each variant there: requirements-NAME.txt.")
    ] = "",
    accelerator: Accelerators = None,
) -> None:
    """Write a variant of uv.lock as a requirements file for pip, with its indexes and hashes."""
    from variantfix import disk, projects
    from variantfix.change.export import requirements_file
    from variantfix.change.finish import look
    from variantfix.uv import program

    if bool(variant) == bool(all_):
        raise ConfigError("either --variant NAME or --all DIR")
    if path == disk.STDIN:
        raise ConfigError("export needs a file or folder, not standard input")
    texts = projects.read(path)
    root = next(iter(texts))
    lock = disk.read_lock(root)
    if lock is None:
        raise InputError(f"{root}: there is no uv.lock beside it", hint="uv lock makes one")
    settings = settings_from(accelerator, None, None, None, None)
    meant = look(texts, settings, projects.evidence_beside(root))
    uv = program.find_uv()
    for each in _chosen(meant, variant):
        flags = ["--no-default-groups", f"--{each.scope.kind}", each.spelling]
        text = requirements_file(program.export(uv, Path(root).parent, flags), lock, meant.ctx.default_index.url)
        if all_:
            from variantfix.disk import write_new

            target = Path(all_) / f"requirements-{each.scope.name}.txt"
            target.parent.mkdir(parents=True, exist_ok=True)
            write_new(target, text)
            typer.echo(target, err=True)
        else:
            typer.echo(text, nl=False)


def _chosen(meant: Meant, name: str) -> Sequence[Variant]:
    """The variant of a name, or all; raises `ConfigError` where there is none."""
    from variantfix.change.default import GROUP
    from variantfix.settings import suggestion
    from variantfix.uv.project import normalise

    variants = [v for v in meant.ctx.variants_of(meant.project) if v.scope.name != GROUP]
    found = [v for v in variants if not name or v.scope.name == normalise(name)]
    if not found:
        hint = suggestion(name, [v.spelling for v in variants]) if variants else "`variantfix add cpu cu128` makes some"
        raise ConfigError(f"{meant.project.file}: there is no variant {name!r}".replace(" ''", ""), hint=hint)
    return found
