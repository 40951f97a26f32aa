"""The changes that can be asked for, as one: what the command line or a migration carries out on each project."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from variantfix.change import add, default, retag

if TYPE_CHECKING:
    from variantfix.repair.pipeline import RepairTexts

Request = add.Request | default.Request | retag.Request


def repair_by(request: Request) -> RepairTexts:
    """What is done to each project: its texts, as `repair_texts` takes them, to the changed ones."""
    match request:
        case add.Request():
            return partial(add.add_texts, request=request)
        case default.Request():
            return partial(default.default_texts, request=request)
        case retag.Request():
            return partial(retag.retag_texts, request=request)


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
