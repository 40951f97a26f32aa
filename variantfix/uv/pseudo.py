"""uv's own names for extras and groups, by which the markers of a lock tell them apart."""

from __future__ import annotations

from variantfix.namedtuple import NamedTuple


class Named(NamedTuple):
    """An extra or group that something names; `package` is empty where that is not told, `name` for the package."""

    kind: str
    package: str
    name: str


def encode(kind: str, package: str, name: str) -> str:
    """Return uv's pseudo-extra for a conflict item; the length of the package's name keeps it unambiguous."""
    stem = f"{kind}-{len(package)}-{package}"
    return f"{stem}-{name}" if name else stem


def decode(name: str) -> Named | None:
    """What a pseudo-extra names, for example `group-3-app-torch-cpu`; None for any other name."""
    kind, _, rest = name.partition("-")
    digits, _, rest = rest.partition("-")
    if kind not in ("extra", "group", "project") or not digits.isdecimal() or len(digits) > 4:
        return None
    package, after = rest[: int(digits)], rest[int(digits) :]
    if len(package) < int(digits) or (kind == "project") is not (after == "") or after[:1] not in ("", "-"):
        return None
    return Named(kind, package, after[1:])
