"""Make one pyproject.toml safe for several PyTorch builds under uv.

`check_text` and `apply_text` are the whole of it for a program: text in, findings or repaired text out.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from variantfix.repair.pipeline import apply_text, check_text
    from variantfix.settings import Settings

__version__ = "0.1.0"
__all__ = ["Settings", "__version__", "apply_text", "check_text"]


def __getattr__(name: str) -> object:
    # Lazy, so that the version and the command line cost no more than they use.
    if name in ("apply_text", "check_text"):
        from variantfix.repair import pipeline

        return getattr(pipeline, name)
    if name == "Settings":
        from variantfix.settings import Settings

        return Settings
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
