"""Small immutable values: `typing.NamedTuple` without what it costs at start-up.

That one turns each annotation into a type, which compiles it: two fifths of what a class costs, for nothing that is
ever asked here, and a check makes seventy. To a type checker it is `typing.NamedTuple` itself.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import NamedTuple
else:
    from collections import namedtuple

    _OWN = ("__annotations__", "__module__", "__qualname__")

    class _Record(type):
        def __new__(mcs, name, bases, body):
            if not bases:
                return super().__new__(mcs, name, bases, body)
            fields = body["__annotations__"]
            defaults = [body[field] for field in fields if field in body]
            made = namedtuple(name, fields, defaults=defaults, module=body["__module__"])
            made.__annotations__ = fields
            for key, value in body.items():
                if key not in fields and key not in _OWN:
                    setattr(made, key, value)
            return made

    class NamedTuple(metaclass=_Record):
        """What such a value is declared from, with its fields, their defaults and its methods."""


__all__ = ["NamedTuple"]
