"""Edits on documents: whole texts before and after, each proved."""

from __future__ import annotations

import pytest

from variantfix.toml import Append, Edit, Put, Remove, apply, prove


def put(path: str, toml: str) -> Put:
    return Put("pyproject.toml", _path(path), toml)


def append(path: str, toml: str) -> Append:
    return Append("pyproject.toml", _path(path), toml)


def remove(path: str) -> Remove:
    return Remove("pyproject.toml", _path(path))


def moved(path: str, like: str) -> Append:
    return Append("pyproject.toml", _path(path), '"x"', like=_path(like))


def gone(path: str) -> Remove:
    return Remove("pyproject.toml", _path(path), moved=True)


def _path(path: str) -> tuple[str | int, ...]:
    return tuple(int(key) if key.isdigit() else key for key in path.split("."))


CASES: list[tuple[str, str, list[Edit], str]] = [
    ("no-edit", "\ufeffa = 1\r\n\n# c", [], "\ufeffa = 1\r\n\n# c"),
    ("put-of-the-same-value-keeps-its-spelling", "a = [ 'x' ] # c\n", [put("a", '["x"]')], "a = [ 'x' ] # c\n"),
    ("quotes-beside-a-backslash", "b = 'c\\d'\n", [put("a", '["y"]')], "b = 'c\\d'\na = [\"y\"]\n"),
    (
        "element-before-one-that-was-removed",
        "a = [\n  { b = 1 },\n  { b = 2 },\n  { b = 3 },\n]\n",
        [remove("a.1"), put("a.0.b", "5")],
        "a = [\n  { b = 5 },\n  { b = 3 },\n]\n",
    ),
    # What moves takes its comment along
    (
        "moved-with-its-comment",
        'a = [\n  "x", # why x\n  "y",\n]\nb = [\n  "z",\n]\n',
        [moved("b", "a.0"), gone("a.0")],
        'a = [\n  "y",\n]\nb = [\n  "z",\n  "x",  # why x\n]\n',
    ),
    (
        "moved-into-an-array-on-one-line",
        'a = [\n  "x", # why x\n  "y",\n]\nb = ["z"] # b\n',
        [moved("b", "a.0"), gone("a.0")],
        'a = [\n  "y",\n]\nb = [\n  "z",\n  "x",  # why x\n] # b\n',
    ),
    (
        "a-comment-before-the-comma-of-what-moves-stays",
        'a = [\n  "x" # why x\n  ,\n]\nb = ["z"]\n',
        [moved("b", "a.0"), gone("a.0")],
        'a = [\n   # why x\n  \n]\nb = ["z", "x"]\n',
    ),
    (
        "moved-with-its-comment-into-an-array-whose-lines-are-shared",
        'a = [\n  "x", # why x\n]\nb = ["y",\n  "z", "w"]\n',
        [moved("b", "a.0"), gone("a.0")],
        'a = [\n]\n# why x\nb = ["y",\n  "z", "w", "x"]\n',
    ),
    (
        "moved-into-an-empty-array",
        'a = [\n  "x" # why x\n]\nb = []\n',
        [moved("b", "a.0"), gone("a.0")],
        'a = [\n]\nb = [\n  "x"  # why x\n]\n',
    ),
    (
        "moved-into-an-array-that-closes-behind-its-last-element",
        'a = [\n  "x", # why x\n]\nb = ["z", # why z\n     "w"]\n',
        [moved("b", "a.0"), gone("a.0")],
        'a = [\n]\n# why x\nb = ["z", # why z\n     "w",\n     "x"]\n',
    ),
    (
        "moved-onto-a-weaker-one",
        'a = [\n  "x", # why x\n]\nb = ["z", "w"]\n',
        [Put("pyproject.toml", ("b", 0), '"x"', like=("a", 0)), gone("a.0")],
        'a = [\n]\nb = [\n  "x",  # why x\n  "w",\n]\n',
    ),
    (
        "moved-onto-one-with-a-comment",
        'a = [\n  "x", # why x\n]\nb = [\n  "z", # why z\n  "w",\n]\n',
        [Put("pyproject.toml", ("b", 0), '"x"', like=("a", 0)), gone("a.0")],
        'a = [\n]\nb = [\n  # why x\n  "x", # why z\n  "w",\n]\n',
    ),
    (
        "moved-from-a-line-with-others",
        'a = ["x", "y"] # all\nb = ["z"]\n',
        [moved("b", "a.0"), gone("a.0")],
        'a = ["y"] # all\nb = ["z", "x"]\n',
    ),
    # Append to arrays
    ("one-line", 'a = ["x"]\n', [append("a", '"n"')], 'a = ["x", "n"]\n'),
    ("one-line-trailing-comma", 'a = ["x", "y",]\n', [append("a", '"n"')], 'a = ["x", "y", "n",]\n'),
    (
        "one-line-that-grows-too-long-gets-lines",
        f"a = ['{'x' * 50}', 'y' ] # c\nb = 1\n",
        [append("a", f'"{"n" * 50}"')],
        f"a = [\n    '{'x' * 50}',\n    'y',\n    '{'n' * 50}',\n] # c\nb = 1\n",
    ),
    (
        "one-line-that-was-too-long-stays",
        f'a = ["{"x" * 100}"]\n',
        [append("a", '"n"')],
        f'a = ["{"x" * 100}", "n"]\n',
    ),
    (
        "one-line-inside-of-another-stays",
        f'a = [["{"x" * 50}"]]\n',
        [append("a.0", f'"{"n" * 50}"')],
        f'a = [["{"x" * 50}", "{"n" * 50}"]]\n',
    ),
    ("one-line-padded", "a = [ 'x','y' ]\n", [append("a", '"n"')], "a = [ 'x','y','n' ]\n"),
    ("single-quotes-not-possible", "a = ['x']\n", [append("a", '"n\'t"')], "a = ['x', \"n't\"]\n"),
    ("empty", "a = []\n", [append("a", '"n"')], 'a = ["n"]\n'),
    ("empty-on-two-lines", "a = [\n]\n", [append("a", '"n"')], 'a = [\n    "n",\n]\n'),
    ("only-a-comment", "a = [\n  # c\n]\n", [append("a", '"n"')], 'a = [\n  # c\n    "n",\n]\n'),
    ("lines", 'a = [\n\t"x",\n]\n', [append("a", '"n"')], 'a = [\n\t"x",\n\t"n",\n]\n'),
    ("lines-without-last-comma", 'a = [\n  "x"\n]\n', [append("a", '"n"')], 'a = [\n  "x",\n  "n"\n]\n'),
    (
        "comments-after-the-last-element-stay",
        'a = [\n  "x" # t\n  # own\n\n]\n',
        [append("a", '"n"')],
        'a = [\n  "x", # t\n  # own\n  "n"\n\n]\n',
    ),
    ("bracket-on-the-last-line", 'a = ["x",\n     "y"]\n', [append("a", '"n"')], 'a = ["x",\n     "y",\n     "n"]\n'),
    (
        "nested-arrays-take-the-neighbours-shape",
        "c = [\n  [\n    {extra='a'},\n    {extra='b'},\n  ],\n]\n",
        [append("c", '[{ extra = "x" }, { extra = "y" }]'), append("c.0", '{ extra = "z" }')],
        """\
c = [
  [
    {extra='a'},
    {extra='b'},
    {extra='z'},
  ],
  [
    {extra='x'},
    {extra='y'},
  ],
]
""",
    ),
    (
        "empty-too-long-for-one-line",
        "conflicts = []\n",
        [append("conflicts", "[" + ", ".join(f'{{ extra = "variant-{n}" }}' for n in range(4)) + "]")],
        "conflicts = [\n    [" + ", ".join(f'{{ extra = "variant-{n}" }}' for n in range(4)) + "],\n]\n",
    ),
    # A lone table becomes an array
    (
        "inline-table-wrapped",
        '[s]\ntorch = { index = "a" } # c\n',
        [append("s.torch", '{ index = "b" }')],
        '[s]\ntorch = [{ index = "a" }, { index = "b" }] # c\n',
    ),
    (
        "inline-table-wrapped-like-its-neighbours",
        '[s]\nv = [\n  {index="a"}\n]\ntorch = {index="a"}\n',
        [append("s.torch", '{ index = "b" }')],
        '[s]\nv = [\n  {index="a"}\n]\ntorch = [\n  {index="a"},\n  {index="b"}\n]\n',
    ),
    (
        "header-doubled",
        "[s.torch] # c\nindex = 'a'\n\n[z]\n",
        [append("s.torch", '{ index = "b" }')],
        "[[s.torch]] # c\nindex = 'a'\n\n[[s.torch]]\nindex = 'b'\n\n[z]\n",
    ),
    (
        "dotted-keys-gathered",
        '[s]\ntorch.index = "a" # c\ntorch.extra = "cpu"\nx = 1\n',
        [append("s.torch", '{ index = "b" }')],
        '[s]\n# c\ntorch = [{ index = "a", extra = "cpu" }, { index = "b" }]\nx = 1\n',
    ),
    # Arrays of tables
    (
        "scattered-tables",
        '[[i]]\nname = "a"\n\n[x]\n\n[[i]]\nname = "b"\n[i.sub]\nk = 1\n\n# y\n[y]\n',
        [append("i", '{ name = "c", explicit = true }')],
        """\
[[i]]
name = "a"

[x]

[[i]]
name = "b"
[i.sub]
k = 1

[[i]]
name = "c"
explicit = true

# y
[y]
""",
    ),
    (
        "tables-without-blank-lines",
        "[[i]]\r\nn='a'\r\n[[i]]\r\nn='b'",
        [append("i", '{ n = "c" }')],
        "[[i]]\r\nn='a'\r\n[[i]]\r\nn='b'\r\n[[i]]\r\nn='c'",
    ),
    (
        "first-table-after-its-siblings",
        "[tool.uv]\na = 1\n\n[tool.ruff]\n",
        [append("tool.uv.index", '{ name = "c" }')],
        '[tool.uv]\na = 1\n\n[[tool.uv.index]]\nname = "c"\n\n[tool.ruff]\n',
    ),
    ("first-element-of-nothing", "[g]\n", [append("g.dev", '"n"')], '[g]\ndev = ["n"]\n'),
    # Put
    ("replace", "a = 1 # c\nb = 2\n", [put("a", '"x"')], 'a = "x" # c\nb = 2\n'),
    ("replace-keeps-inner-comments", "a = [\n  1, # c\n]\n", [put("a", "2")], "# c\na = 2\n"),
    ("inline-key", "a = {x=1}\n", [put("a.y", "2")], "a = {x=1, y=2}\n"),
    ("inline-key-padded", "a = { x = 1 } # c\n", [put("a.y.z", "2")], "a = { x = 1, y = { z = 2 } } # c\n"),
    ("inline-key-dotted", "a = { x.y = 1, b = 2 }\n", [put("a.x.z", "3")], "a = { x.y = 1, x.z = 3, b = 2 }\n"),
    ("inline-key-in-empty", "a = {}\n", [put("a.y", "2")], "a = { y = 2 }\n"),
    ("inline-element", "a = [{ x = 1 }, 2]\n", [put("a.1", "3")], "a = [{ x = 1 }, 3]\n"),
    (
        "statement-before-the-next-header's-comment",
        "[a]\nx=1\n\n\n# b\n[b]\n",
        [put("a.y", "2")],
        "[a]\nx=1\ny=2\n\n\n# b\n[b]\n",
    ),
    ("statement-in-an-empty-table", "[a] # c\n[b]\n", [put("a.y", "2")], "[a] # c\ny = 2\n[b]\n"),
    ("statement-indented", "[a]\n\tx = 1\n", [put("a.y", "[\n    2,\n]")], "[a]\n\tx = 1\n\ty = [\n\t    2,\n\t]\n"),
    ("root-statement", "# top\n\n# t\n[t]\n", [put("a", "1")], "# top\n\na = 1\n\n# t\n[t]\n"),
    ("quoted-key", "[a]\n", [put("a.b c", "1")], '[a]\n"b c" = 1\n'),
    ("dotted-parent", "[tool]\nuv.a = 1\n[x]\n", [put("tool.uv.b", "2")], "[tool]\nuv.a = 1\nuv.b = 2\n[x]\n"),
    (
        "dotted-parent-with-a-sub-table",
        "[tool]\nuv.a = 1\n\n[tool.uv.s]\n",
        [put("tool.uv.b", "2")],
        "[tool]\nuv.a = 1\nuv.b = 2\n\n[tool.uv.s]\n",
    ),
    (
        "implied-parent",
        "[p]\n\n# sources\n[tool.uv.sources]\nx = 1\n",
        [put("tool.uv.package", "false")],
        "[p]\n\n[tool.uv]\npackage = false\n\n# sources\n[tool.uv.sources]\nx = 1\n",
    ),
    (
        "new-table-after-its-siblings",
        "[tool.uv]\na = 1\n# trailing\n\n# r\n[tool.ruff]\n",
        [put("tool.uv.sources.torch", '{ index = "a" }')],
        '[tool.uv]\na = 1\n# trailing\n\n[tool.uv.sources]\ntorch = { index = "a" }\n\n# r\n[tool.ruff]\n',
    ),
    ("new-table-at-the-end", "[p]\nx = 1", [put("t.a", "1")], "[p]\nx = 1\n\n[t]\na = 1"),
    ("new-table-two-blank-lines", "[p]\n\n\n[q]\n", [put("t.a", "1")], "[p]\n\n\n[q]\n\n\n[t]\na = 1\n"),
    ("new-table-no-blank-lines", "[p]\n[q]\n[r]\n", [put("t.a", "1")], "[p]\n[q]\n[r]\n[t]\na = 1\n"),
    ("new-table-in-an-empty-document", "", [put("t.a", "1")], "[t]\na = 1\n"),
    (
        "inside-an-inline-parent",
        "[tool]\nuv = { a = 1 }\n",
        [put("tool.uv.s.t", "2")],
        "[tool]\nuv = { a = 1, s = { t = 2 } }\n",
    ),
    ("byte-order-mark", "\ufeff[a]\r\nx = 1\r\n", [put("b", "1")], "\ufeffb = 1\r\n\r\n[a]\r\nx = 1\r\n"),
    ("mixed-line-ends", "a = 1\r\nb = 2\r\n[t]\nx = 1\n", [put("t.y", "2")], "a = 1\r\nb = 2\r\n[t]\nx = 1\ny = 2\n"),
    # Remove
    ("remove-first", 'a = ["x", "y"]\n', [remove("a.0")], 'a = ["y"]\n'),
    ("remove-last", 'a = ["x", "y"]\n', [remove("a.1")], 'a = ["x"]\n'),
    ("remove-last-trailing-comma", 'a = ["x", "y",]\n', [remove("a.1")], 'a = ["x",]\n'),
    ("remove-only", 'a = ["x"] # c\n', [remove("a.0")], "a = [] # c\n"),
    ("remove-only-before-a-bracket", 'a = [\n  "x"]\n', [remove("a.0")], "a = []\n"),
    ("remove-only-with-its-comma-below", 'a = [\n  "x"\n  ,\n]\n', [remove("a.0")], "a = []\n"),
    ("remove-both-before-a-bracket", 'a = [\n  "x",\n  "y"]\n', [remove("a.0"), remove("a.0")], "a = []\n"),
    ("append-before-a-bracket-with-a-comma", 'a = ["x"\n  ,]\n', [append("a", '"n"')], 'a = ["x", "n"\n  ,]\n'),
    (
        "put-list-of-tables-beside-arrays-of-tables",
        '[[t.s.x]]\ni = "a"\n\n[o]\n',
        [put("t.s.y", '[\n    { i = "b" },\n    { i = "c" },\n]')],
        '[[t.s.x]]\ni = "a"\n\n[[t.s.y]]\ni = "b"\n\n[[t.s.y]]\ni = "c"\n\n[o]\n',
    ),
    (
        "remove-line-that-has-a-comment",
        'a = [\n  # own\n  "x", # t\n  "y" # u\n]\n',
        [remove("a.0")],
        'a = [\n  # own\n  # t\n  "y" # u\n]\n',
    ),
    (
        "remove-last-line-without-comma",
        'a = [\n  "x", # t\n  "y" # u\n  # own\n]\n',
        [remove("a.1")],
        'a = [\n  "x" # t\n  # u\n  # own\n]\n',
    ),
    ("remove-among-others-on-a-line", 'a = [\n  "x", "y",\n  "z",\n]\n', [remove("a.1")], 'a = [\n  "x",\n  "z",\n]\n'),
    ("remove-inline-key", "a = { x = 1, y = 2 }\n", [remove("a.y")], "a = { x = 1 }\n"),
    (
        "remove-statement",
        "[a]\nx = 1\n\n# own\ny = [\n  2,\n] # c\nz = 3",
        [remove("a.y")],
        "[a]\nx = 1\n\n# own\n# c\nz = 3",
    ),
    ("remove-last-statement", "[a]\nx = 1\ny = 2", [remove("a.y")], "[a]\nx = 1"),
    ("remove-table", "[a]\n\n[b]\nx = 1\n[b.c]\n\n# d\n[d]\n", [remove("b")], "[a]\n\n# d\n[d]\n"),
    ("remove-table-element", "[[i]]\nn = 1\n\n[[i]]\nn = 2\n", [remove("i.1")], "[[i]]\nn = 1\n"),
    ("remove-only-table-element", "[a]\n\n[[a.i]]\nn = 1\n", [remove("a.i.0")], "[a]\ni = []\n"),
    ("put-behind-the-dotted-keys-of-a-parent", "t.a = 1\n\n[x]\n", [put("t.u.y", "2")], "t.a = 1\nt.u.y = 2\n\n[x]\n"),
    (
        "inline-table-wrapped-beside-others-with-blanks",
        "a = {b = 1}\nc = { d = 1 }\ne = { f = 1 }\n",
        [append("a", "{ x = 1 }")],
        "a = [{b = 1}, {x = 1}]\nc = { d = 1 }\ne = { f = 1 }\n",
    ),
    (
        "a-long-statement-shows-how-strings-are-spelt",
        "a = [" + "'x', " * 20_000 + "]\n",
        [put("b", '"y"')],
        "a = [" + "'x', " * 20_000 + "]\nb = 'y'\n",
    ),
    ("remove-leaves-the-parent", "[a.b]\nx = 1\n\n[c]\n", [remove("a.b")], "[c]\n\n[a]\n"),
]


@pytest.mark.parametrize(("before", "edits", "after"), [pytest.param(*case[1:], id=case[0]) for case in CASES])
def test_apply(before: str, edits: list[Edit], after: str) -> None:
    assert apply(before, edits) == after
    prove(before, after, edits)


@pytest.mark.parametrize(
    ("before", "edit", "after"),
    [
        pytest.param("t = {\n  a = 1\n}\n", put("t.b", "2"), "t = {\n  a = 1,\n  b = 2\n}\n", id="its-own"),
        pytest.param(
            "t = {\n a.x = 1,\n b = 2\n}\n", put("t.a.y", "3"), "t = {\n a.x = 1,\n a.y = 3,\n b = 2\n}\n", id="kin"
        ),
    ],
)
def test_a_key_on_a_line_of_its_own(before: str, edit: Edit, after: str) -> None:
    """As TOML 1.1 has them: the parser of older Pythons reads none, so that nothing is proved."""
    assert apply(before, [edit]) == after


@pytest.mark.parametrize(
    ("text", "edit"),
    [
        pytest.param("a = 1\n", put("a.b", "2"), id="path-through-a-scalar"),
        pytest.param("a = [1]\n", put("a.1", "2"), id="no-such-element"),
        pytest.param("a = [1]\n", put("a.b", "2"), id="key-in-an-array"),
        pytest.param("[[a]]\n", put("a.b", "2"), id="array-of-tables-without-index"),
        pytest.param("[[a]]\n", put("a.1.b", "2"), id="no-such-table"),
        pytest.param("a = 1\n", append("a", "2"), id="append-to-a-scalar"),
        pytest.param("a = 1\n", remove("b"), id="remove-what-is-absent"),
        pytest.param("a = {}\n", remove("a.b"), id="remove-an-absent-inline-key"),
        pytest.param("a = 1\n", put("b", "1\nc = 2"), id="more-than-a-value"),
        pytest.param("a = 1\n", Put("f", (), "1"), id="no-path"),
    ],
)
def test_edits_that_cannot_be_done(text: str, edit: Edit) -> None:
    with pytest.raises(ValueError, match=r"cannot edit|not one TOML value"):
        apply(text, [edit])


def test_a_path_that_begins_with_a_number_says_so() -> None:
    with pytest.raises(ValueError, match=r"a path begins with a key"):
        apply("a = 1\n", [Put("f", (0, "b"), "1")])
