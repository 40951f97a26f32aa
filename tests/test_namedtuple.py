"""The small values behave as `typing.NamedTuple` has them, which they are to a type checker."""

from __future__ import annotations

import pickle
import typing

import pytest

from variantfix.namedtuple import NamedTuple


class Ours(NamedTuple):
    """A value."""

    name: str
    number: int = 3

    @property
    def twice(self) -> int:
        return self.number * 2


class Theirs(typing.NamedTuple):
    """A value."""

    name: str
    number: int = 3

    @property
    def twice(self) -> int:
        return self.number * 2


@pytest.mark.parametrize("kind", [Ours, Theirs])
def test_a_value_is_a_tuple_with_names(kind: type[Ours | Theirs]) -> None:
    value = kind("a")
    name, number = value
    assert (name, number, value.twice) == ("a", 3, 6)
    assert value == ("a", 3)
    assert hash(value) == hash(("a", 3))
    assert value._replace(number=4) == kind(number=4, name="a")
    assert value._asdict() == {"name": "a", "number": 3}
    assert repr(value) == f"{kind.__name__}(name='a', number=3)"
    assert kind.__doc__ == "A value."
    assert pickle.loads(pickle.dumps(value)) == value
    assert type(pickle.loads(pickle.dumps(value))) is kind
    assert kind._fields == kind.__match_args__ == ("name", "number")
    assert kind._field_defaults == {"number": 3}
    assert kind.__module__ == __name__
    assert list(kind.__annotations__) == ["name", "number"]
    with pytest.raises(AttributeError):
        value.number = 5  # type: ignore[misc]
    with pytest.raises(TypeError):
        kind()
