"""The command: fetch, make the tables anew, show the difference, write."""

from __future__ import annotations

import argparse
import asyncio
import datetime
import json
import sys
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from packaging.utils import canonicalize_name

from variantfix.disk.write import write_new
from variantfix.errors import VariantfixError
from variantfix.online.fetch import Fetcher, Manners, cache_folder
from variantfix.pytorch import catalog, tables
from variantfix.pytorch.refresh import builds, companions, dependents, history
from variantfix.pytorch.refresh.diff import differences
from variantfix.pytorch.refresh.gather import Gathered, Wanted, gather, past

if TYPE_CHECKING:
    from collections.abc import Sequence

    Contents = dict[str, dict[str, Any]]

_HISTORY = "history.json"
_FILES = ("indexes.json", "releases.json", "dependents.json", _HISTORY)


def main(argv: Sequence[str] | None = None) -> int:
    """Run over some arguments; returns 0, or 1 where something could not be fetched, or 2 for bad input."""
    options = _parser().parse_args(argv)
    try:
        old = {name: json.loads((options.data / name).read_text("utf-8")) for name in _FILES}
        names = _names(options.names) if options.names else []
        new, failed = asyncio.run(_made(options, old, names))
    except (VariantfixError, OSError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    for name in new:
        for line in differences(old[name], new[name]):
            print(f"{name}: {line}")
        if not options.dry_run and new[name] != old[name]:
            write_new(options.data / name, tables.dump(new[name]))
    for line in failed:
        print(f"not fetched: {line}", file=sys.stderr)
    return int(bool(failed))


async def _made(options: argparse.Namespace, old: Contents, names: Sequence[str]) -> tuple[Contents, tuple[str, ...]]:
    """The contents of the tables that were asked for, by file name, and what could not be fetched."""
    manners = Manners(rate=options.rate, at_once=options.at_once)
    async with Fetcher(options.cache or cache_folder(), manners) as fetcher:
        made = await (_past if options.history else _present)(fetcher, options, old, names)
        print(f"\n{fetcher.requests} requests", file=sys.stderr)
        return made


async def _present(
    fetcher: Fetcher, options: argparse.Namespace, old: Contents, names: Sequence[str]
) -> tuple[Contents, tuple[str, ...]]:
    gathered = await gather(fetcher, options.pytorch, options.pypi, _wanted(options, old, names), _tell)
    return refreshed(old, gathered, options.today), gathered.failed


def _wanted(options: argparse.Namespace, old: Contents, names: Sequence[str]) -> Wanted:
    family, packages = old["indexes.json"]["family"], old["dependents.json"]
    tags = (*old["indexes.json"]["accelerators"], *options.tag) if options.only != "dependents" else ()
    asked = (*packages["packages"], *packages["undeclared"], *names) if options.only != "builds" else ()
    by_tag = tuple(name for name, row in family.items() if "tags" in row)
    listed = tuple(name for name, row in family.items() if row["on_pypi"] and name != "torch")
    return Wanted(tags, asked, old["releases.json"], by_tag, listed)


async def _past(
    fetcher: Fetcher, options: argparse.Namespace, old: Contents, names: Sequence[str]
) -> tuple[Contents, tuple[str, ...]]:
    asked = [name for name in (*old[_HISTORY]["packages"], *names) if name in old["dependents.json"]["packages"]]
    found = await past(fetcher, options.pypi, asked, partial(history.covers, old[_HISTORY]), _tell)
    family = old["indexes.json"]["family"]
    made = history.refreshed(old[_HISTORY], old["dependents.json"], family, found.releases, options.today)
    return {_HISTORY: made}, found.failed


def refreshed(old: Contents, gathered: Gathered, today: str) -> Contents:
    """The contents of the tables, by file name, with what was gathered."""
    made = builds.refreshed(builds.Tables(old["indexes.json"], old["releases.json"]), gathered.pages, today)
    made = companions.refreshed(made, gathered.beside)
    packages = dependents.refreshed(old["dependents.json"], made.indexes["family"], gathered.metadata)
    return {"indexes.json": made.indexes, "releases.json": made.releases, "dependents.json": packages}


def _tell(progress: str) -> None:
    if sys.stderr.isatty():
        print(f"\r\x1b[K{progress}", end="", file=sys.stderr, flush=True)


def _names(path: Path) -> list[str]:
    """The names in a file: one a line, or the rows of a JSON download ranking."""
    text = path.read_text("utf-8")
    if text.lstrip().startswith(("{", "[")):
        content = json.loads(text)
        rows = content["rows"] if isinstance(content, dict) else content
        return [str(canonicalize_name(row["project"] if isinstance(row, dict) else row)) for row in rows]
    return [str(canonicalize_name(line.strip())) for line in text.splitlines() if line.strip() and line[0] != "#"]


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser("python -m variantfix.pytorch.refresh", description=__doc__)
    add = parser.add_argument
    add("--names", type=Path, metavar="FILE", help="more packages to look at: a name a line, or a download ranking")
    add("--tag", action="append", default=[], help="one more accelerator to look at; may be repeated")
    add("--only", choices=("builds", "dependents"), help="one kind of facts")
    add("--history", action="store_true", help="what older releases required: of those with a history, and of --names")
    add("--dry-run", action="store_true", help="show the difference and write nothing")
    add("--rate", type=float, default=Manners().rate, help="requests a second (%(default)s)")
    add("--at-once", type=int, default=Manners().at_once, help="requests that are open at once (%(default)s)")
    add("--pypi", default=catalog.PYPI_SIMPLE, metavar="URL", help="the simple index of packages")
    add("--pytorch", default=catalog.PYTORCH_INDEX.rpartition("/")[0], metavar="URL", help="what the tags stand below")
    add("--data", type=Path, default=Path(tables.__file__).with_name("data"), help="the folder of the tables")
    add("--cache", type=Path, help="the folder of the cache (the platform's own)")
    add("--today", default=datetime.datetime.now(datetime.timezone.utc).date().isoformat(), help="for what is gone")
    return parser


if __name__ == "__main__":
    sys.exit(main())
