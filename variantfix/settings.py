"""What the user decides: `[tool.variantfix]` and the flags that override it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from variantfix.errors import ConfigError, suggestion
from variantfix.namedtuple import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

_MOST = 1000
"""Entries of a list or table of settings."""
_MOST_TOLD = 20
ISOLATIONS = ("auto", "markers", "sources")
_NONE: Mapping[str, str] = {}


class Settings(NamedTuple):
    """The settings of one run over one project; a field that is None was not said.

    `accelerators` maps extra and group names to accelerator tags; `default_index` is the URL that stands for PyPI
    where the project declares no default index of its own.
    """

    accelerators: Mapping[str, str] = _NONE
    isolation: str | None = None
    unsafe: bool | None = None
    select: tuple[str, ...] | None = None
    ignore: tuple[str, ...] | None = None
    default_index: str | None = None

    def over(self, weaker: Settings) -> Settings:
        """These settings, and those of `weaker` where these say nothing."""
        return Settings(
            {**weaker.accelerators, **self.accelerators},
            self.isolation or weaker.isolation,
            weaker.unsafe if self.unsafe is None else self.unsafe,
            weaker.select if self.select is None else self.select,
            weaker.ignore if self.ignore is None else self.ignore,
            self.default_index or weaker.default_index,
        )

    def telling(self, accelerators: Mapping[str, str]) -> Settings:
        """These settings, and the accelerators of some more names."""
        return self._replace(accelerators={**self.accelerators, **accelerators})

    def wants(self, rule: str) -> bool:
        """Whether the rule of that name was selected and not ignored."""
        selected = self.select is None or rule in self.select
        return selected and rule not in (self.ignore or ())


class Fault(NamedTuple):
    """What does not hold in a table of settings: its key, what is wrong with it, and what to do."""

    key: str
    message: str
    hint: str = ""


def read_settings(file: str, data: Mapping[str, Any], rules: Iterable[str]) -> Settings:
    """The settings in `[tool.variantfix]` of a file's data; `rules` are the names that select and ignore may hold.

    Raises `ConfigError` for all unknown keys and values of the wrong type at once; it suggests the nearest key.
    """
    settings, faults = parse_settings(file, data, rules)
    if faults:
        raise refusal(faults, lambda fault: f"{file}: [tool.variantfix]{fault.message}")
    return settings


def parse_settings(file: str, data: Mapping[str, Any], rules: Iterable[str]) -> tuple[Settings, list[Fault]]:
    """The settings as `read_settings` reads them, and what does not hold, which is left out of them.

    Raises `ConfigError` where `[tool.variantfix]` is no table.
    """
    table = data.get("tool", {}).get("variantfix", {})
    if not isinstance(table, dict):
        raise ConfigError(f"{file}: [tool.variantfix] is not a table")
    if len(table) > _MOST:
        raise ConfigError(f"{file}: [tool.variantfix] has more than {_MOST} keys")
    values: dict[str, Any] = {}
    faults: list[Fault] = []
    for key, value in table.items():
        name, expected, check = _KEYS.get(key, ("", "", None))
        if check is None:
            faults.append(Fault(key, f" has an unknown key {key!r}", suggestion(key, _KEYS)))
        elif not check(value):
            faults.append(Fault(key, f": {key} is not {expected}: {value!r}"))
        elif isinstance(value, list | dict) and len(value) > _MOST:
            faults.append(Fault(key, f": {key} has more than {_MOST} entries"))
        else:
            values[name] = tuple(value) if isinstance(value, list) else value
    settings = Settings(**values)
    return settings, [*faults, *_unknown_names(settings, tuple(rules))]


def check_settings(settings: Settings, rules: Iterable[str], *, where: str) -> None:
    """Raise `ConfigError` for an isolation or rules that do not exist; `where` opens the message."""
    if faults := list(_unknown_names(settings, tuple(rules))):
        raise refusal(faults, lambda fault: f"{where}{fault.message}")


def _unknown_names(settings: Settings, rules: tuple[str, ...]) -> Iterator[Fault]:
    if settings.isolation not in (None, *ISOLATIONS):
        yield Fault("isolation", f": unknown isolation {settings.isolation!r}", ", ".join(ISOLATIONS))
    for key, names in (("select", settings.select), ("ignore", settings.ignore)):
        for name in names or ():
            if name not in rules:
                yield Fault(key, f": unknown rule {name!r}", suggestion(name, rules))


def refusal(faults: Iterable[Fault], said: Callable[[Fault], str]) -> ConfigError:
    """The error that says all faults, the first of many, in the words that `said` makes of each."""
    first, *others = faults
    more = [str(ConfigError(said(fault), hint=fault.hint)) for fault in others[:_MOST_TOLD]]
    if len(others) > _MOST_TOLD:
        more.append(f"and {len(others) - _MOST_TOLD} more")
    return ConfigError(said(first), hint=first.hint, words="\n".join(more))


def _is_strings(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(item, str) for item in value)


def _is_string_table(value: object) -> bool:
    return isinstance(value, dict) and all(isinstance(item, str) for item in value.values())


_KEYS = {
    "variants": ("accelerators", "a table of names and accelerator tags", _is_string_table),
    "isolation": ("isolation", "a string", lambda value: isinstance(value, str)),
    "unsafe": ("unsafe", "true or false", lambda value: isinstance(value, bool)),
    "select": ("select", "a list of rule names", _is_strings),
    "ignore": ("ignore", "a list of rule names", _is_strings),
    "default-index": ("default_index", "a URL", lambda value: isinstance(value, str)),
}
