"""Environment markers: read as uv reads them, and asked on which platforms they can hold.

A marker is a finite question here: which of a few platforms, for which of the Pythons that are about. It is answered
by evaluating it there, so that its length bounds the time, and nothing is ever multiplied out. packaging is not
asked: it refuses what uv takes, costs more to import than a whole check, and has no bound on nesting.
Source: PEP 508, and what uv does with comparisons that make no sense: it warns, and goes on without them.
"""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

LINUX, WINDOWS, MACOS = "linux", "win32", "darwin"
SYSTEMS = (LINUX, WINDOWS, MACOS)

Platform = tuple[str, str]
"""A `sys_platform` and a `platform_machine`."""

_MACHINES = {LINUX: ("x86_64", "aarch64"), WINDOWS: ("AMD64", "ARM64"), MACOS: ("arm64", "x86_64")}
_NAMES = {LINUX: ("Linux", "posix"), WINDOWS: ("Windows", "nt"), MACOS: ("Darwin", "posix")}
PLATFORMS = frozenset((system, machine) for system in SYSTEMS for machine in _MACHINES[system])
_PYTHONS = tuple(f"3.{minor}" for minor in range(8, 16))

_MOST_NESTING = 100
"""Brackets inside brackets; what a person or uv writes has two or three."""

_VERSIONS = frozenset(("python_version", "python_full_version", "implementation_version"))
_LISTS = frozenset(("extras", "dependency_groups"))
_STRINGS = frozenset(
    (
        "extra",
        "implementation_name",
        "os_name",
        "platform_machine",
        "platform_python_implementation",
        "platform_release",
        "platform_system",
        "platform_version",
        "sys_platform",
    )
)
_OLDER = {
    "os.name": "os_name",
    "sys.platform": "sys_platform",
    "platform.version": "platform_version",
    "platform.machine": "platform_machine",
    "platform.python_implementation": "platform_python_implementation",
    "python_implementation": "platform_python_implementation",
}
_KEYS = _VERSIONS | _LISTS | _STRINGS
# The operator that says the same with its sides exchanged.
_EXCHANGED = {"<": ">", ">": "<", "<=": ">=", ">=": "<=", "in": "contains", "not in": "not contains"}
_OPPOSITE = {"==": "!=", "<": ">=", ">": "<=", "in": "not in", "contains": "not contains"}
_OPPOSITE |= {after: before for before, after in _OPPOSITE.items()}
_TOKEN = re.compile(
    r"""[ \t]*(?:(?P<bracket>[()])|'(?P<value>[^']*)'|"(?P<quoted>[^"]*)"|(?P<operator>===|[=!~<>]=|[<>])"""
    r"""|(?P<word>[A-Za-z_][A-Za-z0-9_.]*))"""
)


class Atom(NamedTuple):
    """One comparison, `key operator value`; `'x' in key` is `contains`. Of two values the key is empty."""

    key: str
    operator: str
    value: str

    def __str__(self) -> str:
        quoted = f'"{self.value}"' if "'" in self.value else f"'{self.value}'"
        if self.operator.endswith("contains"):
            return f"{quoted} {self.operator.replace('contains', 'in')} {self.key}"
        return f"{self.key} {self.operator} {quoted}"


class Join(NamedTuple):
    """Comparisons and other joins that all have to hold (`and`), or of which one has to (`or`)."""

    word: str
    parts: tuple[Node, ...]


Node = Atom | Join
"""A marker that was read."""


class MarkerError(ValueError):
    """A text that is no marker, with the reason."""


class Environment(NamedTuple):
    """Where a marker is asked: a platform, a Python (`3.12`), and the extras and groups that are on, as uv names them.

    An extra of None leaves open which are on: a comparison with one can hold.
    """

    platform: Platform
    python: str
    active: frozenset[str] | None = frozenset()


@cache
def parse(text: str) -> Node:
    """Read a marker; an empty one is an empty `and`. Raises `MarkerError`, with the reason, for a text that is none."""
    tokens = list(_tokens(text))
    if not tokens:
        return Join("and", ())
    node, at = _join(tokens, 0, "or", 0)
    if at < len(tokens):
        raise MarkerError(f"{tokens[at][1]!r} is not expected")
    return node


def _tokens(text: str) -> Iterator[tuple[str, str]]:
    at, end = 0, len(text.rstrip())
    while at < end:
        match = _TOKEN.match(text, at)
        if match is None or match.lastgroup is None:
            raise MarkerError(f"{text[at : at + 20].strip()!r} is not expected")
        yield ("value" if match.lastgroup == "quoted" else match.lastgroup), match[match.lastgroup]
        at = match.end()


_Tokens = list[tuple[str, str]]


def _join(tokens: _Tokens, at: int, word: str, depth: int) -> tuple[Node, int]:
    """What `or` joins, and within it what `and` does: that one binds more tightly."""
    parts = []
    while True:
        part, at = _join(tokens, at, "and", depth) if word == "or" else _single(tokens, at, depth)
        parts.append(part)
        if tokens[at : at + 1] != [("word", word)]:
            return (parts[0] if len(parts) == 1 else Join(word, tuple(parts))), at
        at += 1


def _single(tokens: _Tokens, at: int, depth: int) -> tuple[Node, int]:
    if tokens[at : at + 1] == [("bracket", "(")]:
        if depth == _MOST_NESTING:
            raise MarkerError(f"brackets are nested more than {_MOST_NESTING} deep")
        node, at = _join(tokens, at + 1, "or", depth + 1)
        if tokens[at : at + 1] != [("bracket", ")")]:
            raise MarkerError("a bracket is not closed")
        return node, at + 1
    if tokens[at + 1 : at + 3] == [("word", "not"), ("word", "in")]:
        tokens = [*tokens[at : at + 1], ("word", "not in"), *tokens[at + 3 : at + 4]]
        return _atom(tokens), at + 4
    return _atom(tokens[at : at + 3]), at + 3


def _atom(tokens: _Tokens) -> Atom:
    if len(tokens) < 3:
        raise MarkerError("it ends too early")
    (left, key), (kind, operator), (right, value) = tokens
    if kind != "operator" and operator not in ("in", "not in"):
        raise MarkerError(f"{operator!r} is no comparison")
    if (left, right) == ("value", "value"):
        return Atom("", operator, "")
    if (left, right) == ("value", "word"):
        return Atom(_key(value), _EXCHANGED.get(operator, operator), key)
    if (left, right) == ("word", "value"):
        return Atom(_key(key), operator, value)
    raise MarkerError(f"{key!r} cannot be compared with {value!r}")


def _key(word: str) -> str:
    key = _OLDER.get(word, word)
    if key not in _KEYS:
        raise MarkerError(f"{word!r} is nothing that a marker can ask for")
    return key


def holds(node: Node, where: Environment) -> bool:
    """Whether a marker can hold in an environment. What makes no sense is passed over, as uv does."""
    return _holds(node, where) is not False


def _holds(node: Node, where: Environment) -> bool | None:
    if isinstance(node, Atom):
        return _compare(node, where)
    decided = node.word == "or"
    found = {_holds(part, where) for part in node.parts}
    if decided in found:
        return decided
    return None if found == {None} else not decided


def _compare(atom: Atom, where: Environment) -> bool | None:
    """Whether a comparison can hold; None for one that makes no sense."""
    if atom.key in ("extra", *_LISTS):
        return _is_on(atom, where.active)
    if atom.key in _VERSIONS:
        return _compare_versions(atom, where.python)
    actual = _value(atom.key, where.platform)
    if not atom.key or atom.operator in ("~=", "==="):
        return None
    if actual is None:
        return True
    return _OPERATORS[atom.operator](actual, atom.value)


def _is_on(atom: Atom, active: frozenset[str] | None) -> bool | None:
    positive, negative = ("==", "!=") if atom.key == "extra" else ("contains", "not contains")
    if atom.operator not in (positive, negative):
        return None
    return active is None or (_normal(atom.value) in active) is (atom.operator == positive)


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def _value(key: str, platform: Platform) -> str | None:
    """What an environment has under a key; None where that is open."""
    system, machine = platform
    name, os_name = _NAMES[system]
    return {
        "sys_platform": system,
        "platform_system": name,
        "os_name": os_name,
        "platform_machine": machine,
        "implementation_name": "cpython",
        "platform_python_implementation": "CPython",
    }.get(key)


_OPERATORS: Mapping[str, Callable[[str, str], bool]] = {
    "==": lambda actual, value: actual == value,
    "!=": lambda actual, value: actual != value,
    "<": lambda actual, value: actual < value,
    "<=": lambda actual, value: actual <= value,
    ">": lambda actual, value: actual > value,
    ">=": lambda actual, value: actual >= value,
    "in": lambda actual, value: actual in value,
    "not in": lambda actual, value: actual not in value,
    "contains": lambda actual, value: value in actual,
    "not contains": lambda actual, value: value not in actual,
}

_PLAIN_VERSION = re.compile(r"\d{1,4}(?:\.\d{1,4}){0,2}")


def _compare_versions(atom: Atom, python: str) -> bool | None:
    """Compare with a Python of which only major and minor are told: a patch of it that fits is enough."""
    if atom.key == "implementation_version":
        return True
    if atom.operator in ("in", "not in"):
        listed = any(_compare_versions(Atom(atom.key, "==", one), python) for one in atom.value.split())
        return listed is (atom.operator == "in") or atom.key == "python_full_version"
    match = _PLAIN_VERSION.fullmatch(atom.value.strip().removesuffix(".*"))
    if match is None or atom.operator not in ("==", "!=", "<", "<=", ">", ">=", "~=", "==="):
        return None
    told, minor = _numbers(atom.value), _numbers(python)
    if atom.key == "python_version" or len(told) < 3:
        return _compare_minors(atom.operator, minor, told, wild=atom.value.strip().endswith(".*"))
    # Of 3.12 some patch is below 3.12.4 and some above.
    return _compare_minors(atom.operator, minor, told[:2], wild=False) or minor == told[:2]


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(map(int, version.strip().removesuffix(".*").split(".")))


def _compare_minors(operator: str, minor: tuple[int, ...], told: tuple[int, ...], *, wild: bool) -> bool:
    if wild:
        return (minor[: len(told)] == told) is (operator == "==")
    told = (*told, 0)[:2] if len(told) < 2 else told
    padded = (*minor, 0)[: len(told)] if len(told) > 2 else minor
    match operator:
        case "==" | "===":
            return padded == told
        case "!=":
            return padded != told
        case "~=":
            return minor >= told[:2] and minor[0] == told[0]
        case "<":
            return padded < told
        case "<=":
            return padded <= told
        case ">":
            return padded > told
        case _:
            return padded >= told


@cache
def platforms(marker: str, extra: str | None = "") -> frozenset[Platform]:
    """The platforms on which a marker can hold, for some Python; all for an empty one.

    Of the extras and groups only `extra` is on; None leaves open which are. Raises `MarkerError` for no marker.
    """
    if not marker:
        return PLATFORMS
    node = parse(marker)
    active = None if extra is None else frozenset(filter(None, (extra,)))
    pythons = _PYTHONS if "python" in marker or "version" in marker else _PYTHONS[-1:]
    return frozenset(p for p in PLATFORMS if any(holds(node, Environment(p, python, active)) for python in pythons))


def systems(marker: str) -> frozenset[str]:
    """The `sys_platform` values on which a marker can hold."""
    return frozenset(system for system, _ in platforms(marker))


def extras(marker: str) -> tuple[str, ...]:
    """The extras that a marker asks for with `==`, as it spells them, each once."""
    return tuple(dict.fromkeys(a.value for a in atoms(marker) if a.key == "extra" and a.operator == "=="))


def atoms(marker: str) -> Iterator[Atom]:
    """The comparisons of a marker, in its order. Raises `MarkerError` for no marker."""
    todo: list[Node] = [parse(marker)]
    while todo:
        node = todo.pop()
        if isinstance(node, Atom):
            yield node
        else:
            todo += reversed(node.parts)


def complement(marker: str) -> str:
    """The marker that holds just where one does not. Raises `MarkerError` for no marker."""
    return _text(_opposite(parse(marker)))


def conjunction(*markers: str) -> str:
    """The marker that holds where all of some do; empty ones always hold. Raises `MarkerError` for no marker."""
    parts = [node for marker in dict.fromkeys(markers) if marker for node in _conjuncts(parse(marker))]
    return _text(Join("and", tuple(dict.fromkeys(parts)))) if parts else ""


def _conjuncts(node: Node) -> tuple[Node, ...]:
    return node.parts if isinstance(node, Join) and node.word == "and" else (node,)


def _opposite(node: Node) -> Node:
    if isinstance(node, Atom):
        return node._replace(operator=_OPPOSITE.get(node.operator, node.operator))
    return Join("and" if node.word == "or" else "or", tuple(map(_opposite, node.parts)))


def _text(node: Node) -> str:
    if isinstance(node, Atom):
        return str(node)
    texts = (f"({_text(p)})" if isinstance(p, Join) and p.word == "or" != node.word else _text(p) for p in node.parts)
    return f" {node.word} ".join(texts)


def is_marker(text: str) -> bool:
    """Whether uv takes the text as a marker."""
    return why_no_marker(text) == ""


def why_no_marker(text: str) -> str:
    """Why a text is no marker, as a clause; empty where it is one."""
    try:
        parse(text)
    except MarkerError as error:
        return str(error)
    return "" if text.strip() else "it is empty"
