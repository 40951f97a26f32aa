"""Make one pyproject.toml safe for several PyTorch builds under uv.

Three functions are the whole of it for a program, text in, values out; none reads or writes a file:

>>> import variantfix
>>> text = '''
... [project]
... name = "app"
... version = "1"
... optional-dependencies = { cpu = ["torch"], cu128 = ["torch"] }
... '''
>>> for finding in variantfix.check_text(text)[:1]:
...     print(f"{finding.line}:{finding.column}: [{finding.rule}] {finding.severity.value}")
5:27: [missing-conflict] error
>>> repair = variantfix.apply_text(text, settings=variantfix.Settings(ignore=("unused-index",)))
>>> repair.changed
('pyproject.toml',)
>>> variantfix.apply_text("[project")  # doctest: +ELLIPSIS
Traceback (most recent call last):
    ...
variantfix.errors.InputError: pyproject.toml...: not TOML: ...

`verify_text` says what a uv.lock installs. What is not named here is private, and may change with any release.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from variantfix.detect.audit.matrix import Matrix
    from variantfix.errors import (
        ConfigError,
        ForeignError,
        InputError,
        ProofError,
        VariantfixError,
        VerifyError,
    )
    from variantfix.repair.pipeline import Repair, apply_text, check_text, verify_text
    from variantfix.rules.rule import Finding, Fix, Safety, Severity
    from variantfix.settings import Settings
    from variantfix.toml.region import Region

__version__ = "0.2.0"
__all__ = [
    "ConfigError",
    "Finding",
    "Fix",
    "ForeignError",
    "InputError",
    "Matrix",
    "ProofError",
    "Region",
    "Repair",
    "Safety",
    "Settings",
    "Severity",
    "VariantfixError",
    "VerifyError",
    "__version__",
    "apply_text",
    "check_text",
    "verify_text",
]

if not TYPE_CHECKING:  # a type checker is to refuse what is not named above
    _HOMES = {
        "detect.audit.matrix": ("Matrix",),
        "errors": ("ConfigError", "ForeignError", "InputError", "ProofError", "VariantfixError", "VerifyError"),
        "repair.pipeline": ("Repair", "apply_text", "check_text", "verify_text"),
        "rules.rule": ("Finding", "Fix", "Safety", "Severity"),
        "settings": ("Settings",),
        "toml.region": ("Region",),
    }

    def __getattr__(name: str) -> object:
        # Lazy, so that the version and the command line cost no more than they use.
        for home, names in _HOMES.items():
            if name in names:
                from importlib import import_module

                return getattr(import_module(f"{__name__}.{home}"), name)
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")

    def __dir__() -> list[str]:
        return sorted({*globals(), *__all__})
