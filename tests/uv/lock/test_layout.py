"""A lock in the layout of uv is read as a TOML parser reads it, and no other text is read so."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from random import Random

import pytest

from tests.cases import FOLDER
from tests.fuzz.mutate import mutate
from tests.fuzz.targets import whole_data
from tests.locks import HEAD, VARIANTS
from variantfix.errors import InputError
from variantfix.uv.lock import Lock, lock_of, read_lock
from variantfix.uv.lock.layout import read_layout

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

_OF_UV = [path.read_text("utf-8") for path in sorted(FOLDER.glob("*/*/uv.lock")) if "not-readable" not in str(path)]
_PUBLIC = sorted(Path(os.environ.get("VARIANTFIX_LOCKS", FOLDER)).rglob("uv.lock"))
_SEEDS = [*_OF_UV, VARIANTS]
ROW = '\n[[package]]\nname = "a"\nversion = "1"\nsource = { registry = "r" }\n'
WHEEL = '{ url = "u/a-1-py3-none-any.whl", hash = "sha256:00", size = 7, upload-time = "2024-01-01T00:00:00Z" }'


def agrees(text: str) -> bool:
    """Whether a text was read by its layout; then it was read as the parser does."""
    found = read_layout(text)
    if found is None:
        return False
    assert whole_data(found) == whole_data(tomllib.loads(text))
    return True


@pytest.mark.parametrize("path", _PUBLIC, ids=lambda path: path.parent.name)
def test_what_uv_wrote_is_in_its_layout(path: Path) -> None:
    text = path.read_bytes().decode()
    assert agrees(text) is (path.parent.name != "not-readable")


@pytest.mark.parametrize("text", _OF_UV)
def test_the_ends_of_lines_do_not_matter(text: str) -> None:
    assert agrees(text.replace("\n", "\r\n"))


def _pricked(text: str, chance: Random) -> str:
    """A text with a sign, a line or a table too much, too little or elsewhere."""
    place, other = sorted(chance.randrange(len(text)) for _ in range(2))
    match chance.randrange(5):
        case 0:
            return text[:place] + chance.choice(_SIGNS) + text[place:]
        case 1:
            return text[:place] + chance.choice(_SIGNS) + text[place + 1 :]
        case 2:
            return text[:place] + text[place + 1 :]
        case 3:
            lines = text.splitlines(keepends=True)
            lines.insert(chance.randrange(len(lines)), chance.choice(_LINES))
            return "".join(lines)
        case _:
            return text[:place] + text[other : other + chance.choice((1, 20, 400))] + text[place:]


_SIGNS: tuple[str, ...] = (
    *"\"'[]{}=,.#\n\r\t\\ 01a-_+",
    '"""',
    "'''",
    "\x00",
    "\x7f",
    "\x85",
    "\u2028",
    "\ufeff",
    "é",
    "\ud800",
    "٣",
    "\r\n",
)
_LINES: tuple[str, ...] = (
    "[[package]]\n", "[package]\n", "[package.metadata]\n", "[package.optional-dependencies]\n", "[manifest]\n", "\n",
    "[[ package ]]\n", '[["package"]]\n', "[package.name]\n", "[[package.wheels]]\n", "[[distribution]]\n", "# \"'\n",
    'name = "a"\n', 'package.name = "a"\n', 'source = { registry = "r" }\n', "dependencies = []\n", "dev = [\n", "]\n",
    '    { name = "a" },\n', '    { name = "a", name = "b" },\n', f"    {WHEEL},\n", 'x = """\n', "x = '''\n",
    "x = [\n", "wheels = [\n", "package = 1\n", "version = 1\n", "resolution-markers = [\n",
)  # fmt: skip


def test_no_change_of_a_lock_is_read_otherwise() -> None:
    chance = Random(os.environ.get("VARIANTFIX_FUZZ_SEED", "1"))
    read = [agrees(_pricked(chance.choice(_SEEDS), chance)) for _ in range(1500)]
    read += [agrees(mutate(chance.choice(_SEEDS), chance, _SEEDS)) for _ in range(500)]
    assert read.count(True) > 300
    assert read.count(False) > 300


_TOLD = HEAD + ROW


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(_TOLD + f"sdist = {WHEEL}\n", id="a source distribution"),
        pytest.param(_TOLD + f"wheels = [\n    {WHEEL},\n]\n", id="a wheel"),
        pytest.param(
            _TOLD + 'wheels = [\n    { path = "p", zstd = { hash = "h", size = 0 } },\n    { filename = "f" },\n]\n',
            id="other wheels",
        ),
        pytest.param(_TOLD + 'wheels = [\n    { url = "u", zstd = { hash = "h" } },\n]\n', id="no size"),
        pytest.param(_TOLD + "resolution-markers = [\n]\ndependencies = [\n]\nwheels = [\n]\n", id="empty lists"),
        pytest.param(_TOLD + "\n[package.optional-dependencies]\n", id="no extras"),
        pytest.param(
            _TOLD + '\n[package.dev-dependencies]\ndev = [\n    { name = "a", extra = ["b", "c"] },\n]\n', id="a group"
        ),
        pytest.param(_TOLD + 'dependencies = [\n    { name = "a", extra = ["", "b"] },\n]\n', id="an empty extra"),
        pytest.param(_TOLD + 'dependencies = [\n    { name = "a", marker = "" },\n]\n', id="an empty marker"),
        pytest.param(_TOLD + "\n[package.metadata]\nrequires-dist = [{ name = 'b' }]\n", id="metadata is TOML"),
        pytest.param(HEAD + "supported-markers = ['a']\n[manifest]\nmembers = ['a']\n" + ROW, id="the head is TOML"),
        pytest.param(_TOLD + "dependencies = [{ name = 'b' }]  # one\n" + ROW, id="a package is TOML"),
        pytest.param(_TOLD + '[[ package ]]\nname = "b"\n' + ROW, id="a header in another form"),
        pytest.param(_TOLD.replace('"1"', '"\x85\u2028é"') + ROW, id="letters that end no line"),
        pytest.param(_TOLD.replace("\n", "\r\n"), id="other ends of lines"),
    ],
)
def test_all_that_uv_may_write_is_read(text: str) -> None:
    assert agrees(text)


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("", id="nothing"),
        pytest.param(ROW.lstrip(), id="no head"),
        pytest.param(_TOLD.replace("registry", "reg\\u0069stry"), id="an escape"),
        pytest.param(_TOLD + 'x = """\n' + ROW + '"""\n', id="a header within a string"),
        pytest.param(_TOLD + "x = '''\n" + ROW + "'''\n", id="a header within another string"),
        pytest.param(_TOLD + "x = [\n" + ROW + "]\n", id="a header within a list"),
        pytest.param(_TOLD + 'x = "' + ROW, id="an open string"),
        pytest.param(_TOLD.replace('"1"', '"1\n"\n""'), id="a string over two lines"),
        pytest.param(_TOLD + '# "\n', id="a quote in a comment"),
        pytest.param(_TOLD.replace('"1"', '"\x00"'), id="a control character"),
        pytest.param(_TOLD.replace('"1"', '"\x7f"'), id="the last control character"),
        pytest.param(_TOLD.replace("\n", "\r"), id="half an end of a line"),
        pytest.param(_TOLD + 'version = "1"\n', id="a key twice"),
        pytest.param(_TOLD + '\n[package.metadata]\n\n[package.name]\nx = "1"\n', id="a key twice, by its table"),
        pytest.param(_TOLD + "\n[package.metadata]\n\n[package]\n", id="the package's own table"),
        pytest.param(_TOLD + "\n[package.metadata]\n\n[package.metadata]\n", id="the metadata twice"),
        pytest.param(_TOLD + "\n[package.optional-dependencies]\na = [\n]\na = [\n]\n", id="an extra twice"),
        pytest.param(
            _TOLD + "\n[package.optional-dependencies]\n\n[package.metadata]\n[package.optional-dependencies]\n",
            id="the extras twice",
        ),
        pytest.param(_TOLD + 'wheels = [\n    { url = "u", url = "v" },\n]\n', id="a key twice in a wheel"),
        pytest.param(_TOLD + 'wheels = [\n    { url = "u", size = 01 },\n]\n', id="a number with a zero"),
        pytest.param(_TOLD + 'wheels = [\n    { url = "u", size = ٣ },\n]\n', id="another script's digit"),
        pytest.param(HEAD + "revision = 4\n" + ROW, id="a key of the head twice"),
        pytest.param(HEAD + "package = []\n" + ROW, id="packages in the head"),
        pytest.param(HEAD + "\n[package.x]\n" + ROW, id="a package's table in the head"),
        pytest.param(_TOLD + "\n[manifest]\n", id="the manifest behind a package"),
        pytest.param(_TOLD + f"x = {'[' * 3000}{']' * 3000}\n", id="nesting"),
    ],
)
def test_another_layout_is_left_to_the_parser(text: str) -> None:
    assert read_layout(text) is None


def told(lock: Lock) -> object:
    """All that a lock holds of its packages, files too."""
    return [
        (row.name, row.version, row.source, row.dependencies, row.extras, row.groups, row.forks, row.wheels, row.sdist)
        for row in lock.packages
    ]


@pytest.mark.parametrize("text", _SEEDS)
def test_files_are_the_same_when_read_later(text: str) -> None:
    assert told(read_lock(text)) == told(lock_of(tomllib.loads(text)))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        pytest.param('name = "a"\nversion = "1"', 'name = "a"\nversion = "x"', id="a version"),
        pytest.param("registry", "moon", id="a source"),
        pytest.param("wheels = [\n", 'dependencies = [\n    { name = "b" },\n]\nwheels = [\n', id="a dependency"),
        pytest.param("size = 7", "size = -7", id="a size"),
        pytest.param("size = 7", f"size = {1 << 64}", id="a size that no disk has"),
        pytest.param("revision = 3", f"revision = {1 << 64}", id="a revision"),
    ],
)
def test_what_is_wrong_in_it_is_said_in_the_same_words(old: str, new: str) -> None:
    text = f"{_TOLD}wheels = [\n    {WHEEL},\n]\n"
    assert text.count(old) == 1
    broken = text.replace(old, new)
    with pytest.raises(InputError) as ours:
        read_lock(broken)
    with pytest.raises(InputError) as theirs:
        lock_of(tomllib.loads(broken))
    assert str(ours.value) == str(theirs.value)
