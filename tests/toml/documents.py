"""Random TOML documents, made of the ingredients of layout, and random edits on them."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import strategies as st

from variantfix.toml import Append, Edit, KeyPath, Put, Remove, apply_to_data, loads

_KEYS = st.sampled_from(["a", "b", "c", '"d.e"', "'f g'", "x-1"])
_SCALARS = st.sampled_from(
    [
        "1",
        "-2.5e3",
        "nan",
        "true",
        "1979-05-27 07:32:00Z",
        '"s # no comment"',
        '"with \\" and \\\\"',
        "'l\\'",
        '""',
        '"""m\n# no comment\n[x]\n"""',
        "'''m\n'q' = ''''",
        '"""end""""',
    ]
)
_COMMENTS = st.sampled_from(["# one", "#two 'open", '# three "open', "# [no.header]", "# é = 1"])


@st.composite
def _arrays(draw: st.DrawFn, inner: st.SearchStrategy[str]) -> str:
    elements = draw(st.lists(inner, max_size=3))
    comma = draw(st.sampled_from(["", ","])) if elements else ""
    shape = draw(st.sampled_from(["line", "lines", "mixed", "hugging"]))
    if shape == "line":
        pad = draw(st.sampled_from(["", " "]))
        return f"[{pad}{draw(st.sampled_from([',', ', '])).join(elements)}{comma}{pad}]"
    indent = draw(st.sampled_from(["", "  ", "    ", "\t"]))
    if shape == "lines":
        lines = [f"{indent}{e}{',' if comma or n + 1 < len(elements) else ''}" for n, e in enumerate(elements)]
        lines = [line + draw(st.sampled_from(["", "", " # t", "\n\n"])) for line in lines]
        notes = draw(st.lists(_COMMENTS, max_size=1))
        return "\n".join(["[", *lines, *(indent + note for note in notes), "]"])
    breaks = [draw(st.sampled_from([" ", "\n" + indent, " # m\n" + indent, "\n,"])) for _ in elements[1:]]
    body = elements[0] if elements else ""
    for space, element in zip(breaks, elements[1:], strict=True):
        body += space + element if space.endswith(",") else "," + space + element
    return f"[{body}{comma}{draw(st.sampled_from(['', chr(10)])) if shape == 'mixed' else ''}]"


_GAPS = st.sampled_from(["", "", " ", "\n", "\n  ", " # c{}\n", "\n  # d{}\n  "])


@st.composite
def arrays_with_gaps(draw: st.DrawFn) -> str:
    """Arrays of strings and tables in which anything that may stand between two tokens does."""
    elements = draw(st.lists(st.sampled_from(['"x"', "7", "{ a = 1 }"]), max_size=3))
    pieces = ["["]
    for number, element in enumerate(elements):
        pieces += [draw(_GAPS), element, draw(_GAPS)]
        pieces.append("," if number + 1 < len(elements) or draw(st.booleans()) else "")
    pieces += [draw(_GAPS), "]"]
    return "".join(piece.format(number) if "#" in piece else piece for number, piece in enumerate(pieces))


@st.composite
def _tables(draw: st.DrawFn, inner: st.SearchStrategy[str]) -> str:
    keys = draw(st.lists(_KEYS, max_size=3, unique=True))
    pad, equals = draw(st.sampled_from(["", " "])), draw(st.sampled_from(["=", " = "]))
    shared: bool = draw(st.booleans())
    if keys and shared:
        keys = [f"{keys[0]}.{key}" for key in keys]
    return f"{{{pad}{', '.join(f'{key}{equals}{draw(inner)}' for key in keys)}{pad}}}"


def _grow(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return _arrays(inner) | _tables(inner)


VALUES = st.recursive(_SCALARS, _grow, max_leaves=8)


@st.composite
def _statements(draw: st.DrawFn) -> list[str]:
    lines: list[str] = []
    for key in draw(st.lists(_KEYS, max_size=3, unique=True)):
        dotted = draw(st.sampled_from([key, key, f"{key}.p", f"{key} . p.'q'"]))
        equals = draw(st.sampled_from([" = ", "=", "   = "]))
        note = draw(st.sampled_from(["", "", "  # note", "#note"]))
        lines += draw(st.lists(_COMMENTS | st.just(""), max_size=1))
        lines.append(f"{draw(st.sampled_from(['', '', '  ']))}{dotted}{equals}{draw(VALUES)}{note}")
        if dotted.endswith(".p") and draw(st.booleans()):
            lines.append(f"{key}.r = {draw(VALUES)}")
    return lines


@st.composite
def documents(draw: st.DrawFn) -> str:
    """Valid documents; a table that would break one is left out."""
    text = "".join(f"{line}\n" for line in draw(_statements()))
    for _ in range(draw(st.integers(0, 5))):
        header = ".".join(draw(st.lists(st.sampled_from(["a", "t", "u", '"d.e"']), min_size=1, max_size=3)))
        lines = draw(st.lists(_COMMENTS | st.just(""), max_size=3))
        lines.append(draw(st.sampled_from([f"[{header}]", f"[[{header}]]", f" [ {header} ] # head"])))
        longer = text + "".join(f"{line}\n" for line in [*lines, *draw(_statements())])
        if _is_valid(longer):
            text = longer
    text += draw(st.sampled_from(["", "# end\n", "\n\n", "\n# end"]))
    text = text if draw(st.booleans()) else text.removesuffix("\n")
    return draw(st.sampled_from(["", "", "\ufeff"])) + (text.replace("\n", "\r\n") if draw(st.booleans()) else text)


def _is_valid(text: str) -> bool:
    try:
        loads(text)
    except ValueError:
        return False
    return True


_NEW = st.sampled_from(
    [
        '"new"',
        "7",
        '{ index = "i", extra = "cpu" }',
        '[{ extra = "a" }, { extra = "b" }]',
        '[\n    { extra = "a" },\n    "b",\n]',
        "[]",
        "{}",
    ]
)


@st.composite
def edits_on(draw: st.DrawFn, text: str) -> tuple[Edit, ...]:
    """Up to four edits that the data of a document allows, one after the other."""
    data = loads(text)
    edits: list[Edit] = []
    for _ in range(draw(st.integers(1, 4))):
        path = draw(st.sampled_from([*paths(data), ("new",)]))
        path += draw(st.sampled_from([(), (), ("k",), ("k", "l.m")]))
        choice: list[Edit] = [Put("f", path, draw(_NEW)), Append("f", path, draw(_NEW)), Remove("f", path)]
        edit = draw(st.sampled_from(choice))
        try:
            data = apply_to_data(data, [edit])
        except ValueError:
            continue
        edits.append(edit)
    return tuple(edits)


def paths(data: Any, prefix: KeyPath = ()) -> list[KeyPath]:
    """Every key path in some data."""
    items = data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ()
    return [path for key, value in items for path in [(*prefix, key), *paths(value, (*prefix, key))]]


def shown(data: Any) -> str:
    """Data as text, so that a nan is equal to a nan."""
    return json.dumps(data, default=repr, sort_keys=True)
