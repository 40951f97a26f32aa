"""The changes that can be asked for, as one: what the command line or a migration carries out on each project."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from variantfix.change import add, default, retag
from variantfix.change.mentions import with_mentions

if TYPE_CHECKING:
    from variantfix.repair.pipeline import Prove

Request = add.Request | default.Request | retag.Request


def prove_of(request: Request, *, beside: bool = False) -> Prove:
    """What is done to each project: its texts, as `repair_texts` takes them, to the changed ones.

    With `beside`, the texts are files, and what beside them still speaks of an old tag is told.
    """
    match request:
        case add.Request():
            return partial(add.add_texts, request=request)
        case default.Request():
            return partial(default.default_texts, request=request)
        case retag.Request():
            follow = partial(retag.retag_texts, request=request)
            return with_mentions(follow, request.tags) if beside else follow


def title(request: Request) -> str:
    """One line that says what a change does, as the first of a commit's message."""
    match request:
        case add.Request(variants):
            names = [*(asked.name for asked in variants), *filter(None, [request.counterpart])]
            return f"Add PyTorch variants: {', '.join(names)}"
        case default.Request(""):
            return "Take the default PyTorch variant back"
        case default.Request(variant):
            return f"Make {variant} the default PyTorch variant"
        case retag.Request(tags):
            return f"Follow PyTorch: {', '.join(f'{old} to {new}' for old, new in tags.items())}"
