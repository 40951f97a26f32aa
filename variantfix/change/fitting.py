"""Whether PyTorch's index of a tag has a build that a project's requirements and Pythons admit, and which one would."""

from __future__ import annotations

from typing import TYPE_CHECKING

from variantfix.errors import ConfigError
from variantfix.namedtuple import NamedTuple
from variantfix.pytorch import catalog
from variantfix.pytorch.accelerator import from_tag
from variantfix.uv.pythons import python_range

if TYPE_CHECKING:
    from collections.abc import Sequence

    from variantfix.change.finish import Meant
    from variantfix.change.names import Asked
    from variantfix.pytorch.accelerator import Accelerator

_OFFERS = 4


class Wanted(NamedTuple):
    """One requirement of a new variant: its package, its bound without local version, and its text."""

    package: str
    specifier: str
    text: str


def check_builds(meant: Meant, asked: Asked, requirements: Sequence[Wanted]) -> None:
    """Raise `ConfigError` where no torch on a variant's index fits, with what there is and which tags would do."""
    for requirement in requirements:
        if requirement.package != "torch" or admits(meant, asked, requirement):
            continue
        tag = asked.accelerator.tag
        known = catalog.versions("torch", tag)
        has = f"it has {known[0]} to {known[-1]}" if known else "it has no torch of these days"
        pythons = f" for Python {meant.project.requires_python}" if meant.project.requires_python else ""
        fitting = [other for other in _of_kind(asked) if admits(meant, asked._replace(accelerator=other), requirement)]
        offers = ", ".join(accelerator.tag for accelerator in fitting[-_OFFERS:])
        raise ConfigError(
            f"{meant.project.file}: {asked.name}: no torch on the {tag} index satisfies "
            f"{requirement.text!r}{pythons}: {has}",
            hint=f"these would do: {offers}" if offers else "change the bound",
        )


def _of_kind(asked: Asked) -> list[Accelerator]:
    builds = catalog.builds().values()
    return [a for build in builds if build.kind == asked.accelerator.kind and (a := from_tag(build.tag))]


def admits(meant: Meant, asked: Asked, requirement: Wanted) -> bool:
    """Whether the index has a build of a requirement's package that its bound and the project's lowest Python admit."""
    tag = asked.accelerator.tag
    if not catalog.is_hosted(requirement.package, tag, requirement.specifier):
        return False
    if requirement.package != "torch":
        return True
    found = catalog.admitted("torch", tag, requirement.specifier)
    lowest = lowest_python(meant.project.requires_python)
    return not found or lowest is None or any(_serves(version, lowest) for version in found)


def lowest_python(requires: str) -> int | None:
    """The minor version of the lowest Python 3 that `requires-python` admits; None where it has no lower bound."""
    try:
        admitted = python_range(requires)
    except ValueError:
        return None  # uv refuses the file for it
    if admitted.admits("3.0.0") or not admitted.lowest:
        return None
    return int(admitted.lowest[0].split(".")[1])


def _serves(version: str, python: int) -> bool:
    """Whether a torch release runs on a Python, or is newer than what is known."""
    minor = ".".join(version.split(".")[:2])
    pythons = next((release.pythons for release in catalog.releases() if release.minor == minor), ())
    minors = [int(text.split(".")[1].rstrip("t")) for text in pythons]
    return not minors or min(minors) <= python <= max(minors)
