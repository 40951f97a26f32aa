"""Mutations that keep the structure of a text: lines and values change places, and become what nobody expects there."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from random import Random

    Mutation = Callable[[str, Random, Sequence[str]], str]

VALUES = (
    '""', '"torch"', '"x"', "0", "-1", "1.5", "nan", "true", "[]", "{}", "[[]]", "[{}]", "[1]", '[""]', "1979-05-27",
    '"cu128"', '"cpu"', '"rocm6.4"', '"https://download.pytorch.org/whl/cu128"', '"https://u:p@h.example.com/simple"',
    '{ index = "x" }', '[{ index = "x", extra = "cpu" }]', '{ extra = "cpu" }', '{ include-group = "x" }',
    '"a\\u0000b"', '"""a\nb"""', "'c'", '"\\U0001F600"', '"é"', '"x\\"y"', '"' + "9" * 400 + '"',
    '">=' + "1." * 40 + '1"', "[" * 40,
)  # fmt: skip
WORDS = (
    "torch", "torchvision", "triton", "xformers", "cpu", "cu128", "rocm6.4", "extra", "group", "index", "marker", "url",
    "sys_platform == 'linux'", "python_version < '3.11'", "extra == 'cpu'", "and", "or", "not in", "~=", "===", ">=2.7",
    "==2.7.0+cpu", "@ https://x/torch-2.9.1%2Bcu130-cp312-cp312-linux_x86_64.whl", "[cuda]", "; ", "(", ")", ",",
    "# variantfix: ignore[unrouted-package]", "# variantfix: ignore[", "tool.uv.sources", "dependency-groups", "..",
    "workspace = true", "**", "*", "\\", "\u202e", "\ufeff", "conflicts", "explicit = true", "default = true", "\r\n",
)  # fmt: skip
_VALUE = re.compile(r'"(?:\\.|[^"\\\n])*"|\'[^\'\n]*\'|\b\d[\w.:-]*\b|\btrue\b|\bfalse\b|\[[^\[\]\n]*\]|\{[^{}\n]*\}')
_TABLE = re.compile(r"^\[", re.MULTILINE)


def mutate(text: str, chance: Random, others: Sequence[str]) -> str:
    """A text with some mutations; `others` are texts of its kind, to take pieces from."""
    for _ in range(chance.choice((1, 1, 1, 2, 3, 6))):
        text = chance.choice(MUTATIONS)(text, chance, others)
    return text


def _value(text: str, chance: Random, _others: Sequence[str]) -> str:
    """Another value in the place of one."""
    return _replaced(text, chance, VALUES)


def _exchange(text: str, chance: Random, others: Sequence[str]) -> str:
    """A value of another text in the place of one."""
    return _replaced(text, chance, [match[0] for match in _VALUE.finditer(chance.choice(others))])


def _replaced(text: str, chance: Random, values: Sequence[str]) -> str:
    found = list(_VALUE.finditer(text))
    if not found or not values:
        return text
    match = chance.choice(found)
    return text[: match.start()] + chance.choice(values) + text[match.end() :]


def _word(text: str, chance: Random, _others: Sequence[str]) -> str:
    """A word in the middle of something."""
    place = chance.randint(0, len(text))
    return text[:place] + chance.choice(WORDS) + text[place:]


def _line(text: str, chance: Random, others: Sequence[str]) -> str:
    """A line gone, twice, elsewhere, or another text's."""
    lines = text.splitlines(keepends=True) or [""]
    place, other = chance.randrange(len(lines)), chance.randrange(len(lines))
    match chance.randrange(4):
        case 0:
            del lines[place]
        case 1:
            lines.insert(other, lines[place])
        case 2:
            lines.insert(other, lines.pop(place))
        case _:
            lines.insert(place, chance.choice(chance.choice(others).splitlines(keepends=True) or [""]))
    return "".join(lines)


def _tables(text: str, chance: Random, others: Sequence[str]) -> str:
    """A table of another text added, or the tables in another order."""
    mine, theirs = _parts(text), _parts(chance.choice(others))
    if chance.random() < 0.5 and len(mine) > 1:
        chance.shuffle(mine)
        return "".join(mine)
    mine.insert(chance.randint(0, len(mine)), chance.choice(theirs or [""]))
    return "".join(mine)


def _parts(text: str) -> list[str]:
    starts = [match.start() for match in _TABLE.finditer(text)]
    return [text[start:end] for start, end in zip([0, *starts], [*starts, len(text)], strict=True)]


def _many(text: str, chance: Random, _others: Sequence[str]) -> str:
    """A piece many times over."""
    place = chance.randint(0, len(text))
    piece = text[place : place + chance.randint(1, 12)]
    return text[:place] + piece * chance.choice((3, 30, 300)) + text[place:]


def _ends(text: str, _chance: Random, _others: Sequence[str]) -> str:
    """The other line ends."""
    return text.replace("\r\n", "\n") if "\r\n" in text else text.replace("\n", "\r\n")


def _cut(text: str, chance: Random, _others: Sequence[str]) -> str:
    """A piece gone."""
    place = chance.randint(0, len(text))
    return text[:place] + text[place + chance.choice((1, 1, 2, 10, 100)) :]


_OFTEN: tuple[Mutation, ...] = (_value, _exchange, _line)
MUTATIONS: tuple[Mutation, ...] = (*_OFTEN, *_OFTEN, _word, _tables, _many, _ends, _cut)
