"""The three edits, and what each of them means on plain data."""

from __future__ import annotations

import re
import sys
from typing import TYPE_CHECKING, Any, Literal

from variantfix.namedtuple import NamedTuple

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

if TYPE_CHECKING:
    from collections.abc import Iterable

KeyPath = tuple[str | int, ...]
"""Keys from the document's root; an int is an index into an array or an array of tables."""

BOM = "\ufeff"

_MOST_NESTING = 100
_MOST_PARTS = 2 * _MOST_NESTING
# None of them can fail once it has begun, so that no text makes a search begin again and again.
_STRINGS_AND_COMMENTS = (
    r'(?s:"""(?:[^"\\]|\\.?|"{1,2}(?!"))*(?:"{3,5}|\Z))'
    r"|'''(?:[^']|'{1,2}(?!'))*(?:'{3,5}|\Z)"
    r'|"(?:[^"\\\n]|\\[^\n]?)*"?'
    r"|'[^'\n]*'?|#[^\n]*"
)


class Put(NamedTuple):
    """Set the value at a path to a value given as TOML text; missing parent tables are made.

    The comment behind the element at `like` comes along to an element, for what moves.
    """

    file: str
    at: KeyPath
    toml: str
    kind: Literal["put"] = "put"  # tuples compare by what they hold: it tells this from what appends the same
    like: KeyPath = ()


class Append(NamedTuple):
    """Add one element, given as TOML text, to the array at a path.

    A lone table at the path becomes the first element of an array; nothing becomes an array of one. The comment behind
    the element at `like` comes along, for what moves. `above` is a comment to stand above a table's header.
    """

    file: str
    at: KeyPath
    toml: str
    kind: Literal["append"] = "append"
    like: KeyPath = ()
    above: str = ""


class Remove(NamedTuple):
    """Delete the array element or the key at a path.

    A comment behind an element that has its lines to itself stays where it is, or has been moved with it.
    """

    file: str
    at: KeyPath
    moved: bool = False


Edit = Put | Append | Remove


def once(edits: Iterable[Edit]) -> list[Edit]:
    """The edits in order, those that say the same once; the comment that one of them brings is kept."""
    found: dict[Edit, Edit] = {}
    for edit in edits:
        key = edit if isinstance(edit, Remove) else edit._replace(like=())
        if key not in found or (not isinstance(edit, Remove) and edit.like):
            found[key] = edit
    return list(found.values())


def loads(text: str) -> dict[str, Any]:
    """The data of a document; a byte order mark is passed over.

    Raises ValueError where it is not TOML, or deeper than any that a person writes.
    """
    check_keys(text)
    try:
        data: dict[str, Any] = tomllib.loads(text.removeprefix(BOM))
    except RecursionError:
        raise _too_deep() from None
    _check_depth(data)
    return data


def check_keys(text: str) -> None:
    """Raise ValueError for a dotted key of so many parts that a parser, which is quadratic in them, has no end."""
    if text.count(".") <= _MOST_PARTS or all(line.count(".") <= _MOST_PARTS for line in text.split("\n")):
        return
    spelt = re.sub(_STRINGS_AND_COMMENTS, "q", text)
    keys = re.split(r"[^\w\-. \t]|(?<=[\w-])[ \t]+(?=[\w-])", spelt)
    if any(key.count(".") > _MOST_PARTS for key in keys):
        raise _too_deep()


def _check_depth(data: dict[str, Any]) -> None:
    level: list[Any] = [data]
    for _ in range(_MOST_NESTING):
        level = [
            inner
            for outer in level
            for inner in (outer.values() if isinstance(outer, dict) else outer)
            if isinstance(inner, dict | list)
        ]
        if not level:
            return
    raise _too_deep()


def _too_deep() -> ValueError:
    return ValueError(f"tables and arrays are nested more than {_MOST_NESTING} deep")


def value_of(toml: str) -> Any:
    """The data of one value given as TOML text. Raises ValueError where it is not one value."""
    data = tomllib.loads(f"value = {toml}\n")
    if set(data) != {"value"}:
        raise ValueError(f"not one TOML value: {toml}")
    return data["value"]


def apply_to_data(data: dict[str, Any], edits: Iterable[Edit]) -> dict[str, Any]:
    """The data with the edits done in order, as new data; tables and arrays that no edit touches are shared.

    Raises ValueError for an edit that cannot be carried out, as `apply` does on text.
    """
    edited = Edited(data)
    for edit in edits:
        edited.do(edit)
    return edited.data


class Edited:
    """Data under edits: a table or array is copied before it is first changed, and what was given stays as it is."""

    def __init__(self, data: dict[str, Any]) -> None:
        self.data = data.copy()
        self._own: dict[int, Any] = {id(self.data): self.data}

    def do(self, edit: Edit) -> None:
        """Do one edit. Raises ValueError for one that cannot be carried out; the data is of no use then."""
        if not edit.at:
            raise cannot(edit.at, "an edit needs a path")
        match edit:
            case Put(at=at, toml=toml):
                self._put(at, value_of(toml))
            case Append(at=at, toml=toml):
                self._append(at, value_of(toml))
            case Remove(at=at):
                self._remove(at)

    def _put(self, at: KeyPath, value: Any) -> None:
        holder: Any = self.data
        for key in at[:-1]:
            if isinstance(key, str) and isinstance(holder, dict):
                holder.setdefault(key, {})
            holder = self._opened(holder, key, at)
        if isinstance(at[-1], int) or not isinstance(holder, dict):
            _child(holder, at[-1], at)
        holder[at[-1]] = value

    def _append(self, at: KeyPath, value: Any) -> None:
        match value_at(self.data, at):
            case None:
                self._put(at, [value])
            case list():
                holder: Any = self.data
                for key in at:
                    holder = self._opened(holder, key, at)
                holder.append(value)
            case dict() as table:
                self._put(at, [table, value])
            case _:
                raise cannot(at, "neither an array nor a table")

    def _remove(self, at: KeyPath) -> None:
        holder: Any = self.data
        for key in at[:-1]:
            holder = self._opened(holder, key, at)
        _child(holder, at[-1], at)
        del holder[at[-1]]

    def _opened(self, holder: Any, key: str | int, at: KeyPath) -> Any:
        """What is at a key, ready to be changed."""
        child = _child(holder, key, at)
        if isinstance(child, dict | list) and id(child) not in self._own:
            child = holder[key] = child.copy()
            self._own[id(child)] = child
        return child


def same(one: Any, other: Any) -> bool:
    """Whether two values are the same TOML: types count, and a nan is the same as a nan."""
    match one, other:
        case dict(), dict():
            return one.keys() == other.keys() and all(same(one[key], other[key]) for key in one)
        case list(), list():
            return len(one) == len(other) and all(map(same, one, other))
        case float(), float() if one != one:
            return other != other
        case _:
            return type(one) is type(other) and bool(one == other)


def cannot(at: KeyPath, reason: str) -> ValueError:
    """The error of an edit that cannot be carried out."""
    return ValueError(f"cannot edit {'.'.join(map(str, at))}: {reason}")


def value_at(root: dict[str, Any], at: KeyPath) -> Any:
    """The value at a path, or None where a key is absent. Raises ValueError where the path does not fit."""
    holder: Any = root
    for key in at:
        if isinstance(key, str) and isinstance(holder, dict) and key not in holder:
            return None
        holder = _child(holder, key, at)
    return holder


def _child(holder: Any, key: str | int, at: KeyPath) -> Any:
    match holder, key:
        case dict(), str() if key in holder:
            return holder[key]
        case list(), int() if 0 <= key < len(holder):
            return holder[key]
        case (dict(), str()) | (list(), int()):
            raise cannot(at, f"{key} is not there")
        case _:
            raise cannot(at, f"{key} does not fit what holds it")


_UNPRINTED = re.compile(r"[\x00-\x1f\x7f]")


def toml_string(text: str) -> str:
    """A string as TOML writes it: in double quotes, or in single ones where that spares escapes."""
    has_unprinted = bool(_UNPRINTED.search(text))
    if '"' in text and not has_unprinted and not set(text) & {"'", "\\"}:
        return f"'{text}'"
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    if has_unprinted:
        escaped = _UNPRINTED.sub(lambda found: f"\\u{ord(found[0]):04x}", escaped)
    return f'"{escaped}"'
