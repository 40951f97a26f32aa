"""What is fuzzed, and the laws that hold for whatever comes in."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from tests.cases import FOLDER
from tests.cases import cases as all_cases
from variantfix.change import add, default, retag
from variantfix.change.names import read_all
from variantfix.change.requests import repair_by
from variantfix.detect.beside import NONE
from variantfix.errors import ProofError, VariantfixError
from variantfix.migrate.sources import read_names, units
from variantfix.repair.pipeline import apply_text, check_text
from variantfix.rules.rule import Safety
from variantfix.settings import Settings
from variantfix.toml.edits import BOM
from variantfix.uv.lock.layout import Unread, read_layout

if TYPE_CHECKING:
    from collections.abc import Callable

    from variantfix.migrate.unit import Unit

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib


class Target(NamedTuple):
    """A kind of input: the law, raising where it is broken, and texts to begin with."""

    law: Callable[[str], None]
    seeds: Callable[[], list[str]]


def document(text: str) -> None:
    """A pyproject.toml is refused in one line, or repaired once and for all, and stays TOML."""
    try:
        repair = apply_text(text)
    except VariantfixError as error:
        _check_refusal(error)
        return
    (after,) = repair.after.values()
    if after == text:
        assert not repair.plan.repaired
        return
    tomllib.loads(after.removeprefix(BOM))
    again = apply_text(after)
    assert again.changed == (), "a second repair changes something"
    left = [f.rule for f in again.plan.found if f.fix and f.fix.safety is Safety.SAFE]
    assert left == [], f"a repair leaves what could be repaired: {left}"


def change(text: str) -> None:
    """A change that is asked for is refused in one line, or leaves TOML."""
    for request in _REQUESTS:
        try:
            (after,) = repair_by(request)({"pyproject.toml": text}, Settings(), NONE).after.values()
        except VariantfixError as error:
            _check_refusal(error)
            continue
        tomllib.loads(after.removeprefix(BOM))


def lock(text: str) -> None:
    """A uv.lock beside a project is evidence or it is not; it stops nothing. In uv's layout it says the same."""
    if found := read_layout(text):
        assert whole_data(found) == whole_data(tomllib.loads(text)), "not as a parser reads it"
    try:
        check_text(_PROJECT, lock=text)
        apply_text(_PROJECT, lock=text)
    except VariantfixError as error:
        _check_refusal(error)


def whole_data(value: Any) -> Any:
    """The data of a lock with its files, which its layout leaves unread."""
    match value:
        case Unread():
            return value.tables
        case dict():
            whole = {key: whole_data(inner) for key, inner in value.items()}
            return whole | {"sdist": whole["sdist"][0]} if isinstance(value.get("sdist"), Unread) else whole
        case list():
            return [whole_data(inner) for inner in value]
        case float():
            return repr(value)  # nan is not itself
        case _:
            return value


def configuration(text: str) -> None:
    """What is said in `[tool.variantfix]` holds or is refused in one line."""
    document(f"{_PROJECT}\n[tool.variantfix]\n{text}")


def list_file(text: str) -> None:
    """A list of sources has units, or is refused with its line."""
    with tempfile.TemporaryDirectory() as folder:
        for suffix in (".txt", ".jsonl"):
            file = Path(folder, f"list{suffix}")
            file.write_text(text, encoding="utf-8", errors="surrogatepass", newline="")
            for read in (_first_units, read_names):
                try:
                    read(f"@{file}")
                except VariantfixError as error:
                    _check_refusal(error)


def _first_units(source: str) -> list[Unit]:
    return list(units([source], limit=50))


def _check_refusal(error: VariantfixError) -> None:
    assert not isinstance(error, ProofError), error
    assert error.exit_code in (1, 2)
    assert "\n" not in str(error)


_REQUESTS = (
    add.Request(read_all(["cpu", "xpu"])[0], move_base=True),
    add.Request(read_all(["cu126", "gpu=cu130"])[0], as_groups=True, default="cu126", counterpart="own"),
    add.Request((), counterpart="own"),
    default.Request("cpu"),
    default.Request(""),
    retag.Request({"cu128": "cu130"}),
    retag.Request({"cu128": "cu130"}, torch="2.9", keep_names=True),
)
_PROJECT = next(case for case in all_cases() if case.name.startswith("leaking-lock/")).before["pyproject.toml"]
_SETTINGS = (
    'isolation = "sources"\n',
    'isolation = "markers"\nunsafe = true\n',
    'select = ["unrouted-package", "missing-conflict"]\nignore = ["base-torch"]\n',
    'default-index = "https://packages.example.com/simple"\n',
    '[tool.variantfix.variants]\ngpu = "cu128"\n"x.y" = "rocm6.4"\n',
)
_LISTS = (
    "# projects\na\n./b main sub\n'with blanks' '' path\n",
    "https://u:p@h.example.com/x.git main packages/a\ngit@h.example.com:a/b.git\nfile:///nowhere/x.git\n",
    '{"source": "a"}\n{"source": "https://h.example.com/x.git", "branch": "main", "path": "p"}\n',
)


def _texts(pattern: str) -> list[str]:
    return [file.read_text("utf-8") for file in sorted(FOLDER.glob(pattern))]


TARGETS = {
    "document": Target(document, lambda: _texts("*/*/before.toml") + _texts("*/*/after.toml")),
    "change": Target(change, lambda: _texts("*/*/before.toml") + _texts("*/*/after.toml")),
    "lock": Target(lock, lambda: _texts("*/*/uv.lock")),
    "configuration": Target(configuration, lambda: list(_SETTINGS)),
    "list_file": Target(list_file, lambda: list(_LISTS)),
}
