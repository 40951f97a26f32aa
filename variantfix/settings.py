"""What the user decides: `[tool.variantfix]` and the flags that override it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from variantfix.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

ISOLATIONS = ("auto", "markers", "sources")
_NONE: Mapping[str, str] = {}


class Settings(NamedTuple):
    """The settings of one run over one project; a field that is None was not said.

    `accelerators` maps extra and group names to accelerator tags; `default_index` is the URL that stands for PyPI
    where the project declares no default index of its own. `file` is the one file of a workspace that is meant.
    """

    accelerators: Mapping[str, str] = _NONE
    isolation: str | None = None
    unsafe: bool | None = None
    select: tuple[str, ...] | None = None
    ignore: tuple[str, ...] | None = None
    default_index: str | None = None
    file: str = ""

    def over(self, weaker: Settings) -> Settings:
        """These settings, and those of `weaker` where these say nothing."""
        return Settings(
            {**weaker.accelerators, **self.accelerators},
            self.isolation or weaker.isolation,
            weaker.unsafe if self.unsafe is None else self.unsafe,
            weaker.select if self.select is None else self.select,
            weaker.ignore if self.ignore is None else self.ignore,
            self.default_index or weaker.default_index,
            self.file or weaker.file,
        )

    def wants(self, rule: str) -> bool:
        """Whether the rule of that name was selected and not ignored."""
        selected = self.select is None or rule in self.select
        return selected and rule not in (self.ignore or ())


def read_settings(file: str, data: Mapping[str, Any], rules: Iterable[str]) -> Settings:
    """The settings in `[tool.variantfix]` of a file's data; `rules` are the names that select and ignore may hold.

    Raises `ConfigError` for an unknown key or a value of the wrong type; the message suggests the nearest key.
    """
    table = data.get("tool", {}).get("variantfix", {})
    where = f"{file}: [tool.variantfix]"
    if not isinstance(table, dict):
        raise ConfigError(f"{where} is not a table")
    values: dict[str, Any] = {}
    for key, value in table.items():
        if key not in _KEYS:
            raise ConfigError(f"{where} has an unknown key {key!r}", hint=suggestion(key, _KEYS))
        name, expected, check = _KEYS[key]
        if not check(value):
            raise ConfigError(f"{where}: {key} is not {expected}: {value!r}")
        values[name] = tuple(value) if isinstance(value, list) else value
    settings = Settings(**values)
    check_settings(settings, rules, where=where)
    return settings


def check_settings(settings: Settings, rules: Iterable[str], *, where: str) -> None:
    """Raise `ConfigError` for an isolation or a rule that does not exist; `where` opens the message."""
    if settings.isolation not in (None, *ISOLATIONS):
        raise ConfigError(f"{where}: unknown isolation {settings.isolation!r}", hint=", ".join(ISOLATIONS))
    rules = tuple(rules)
    for name in (*(settings.select or ()), *(settings.ignore or ())):
        if name not in rules:
            raise ConfigError(f"{where}: unknown rule {name!r}", hint=suggestion(name, rules))


def suggestion(word: str, known: Iterable[str], *, most: int = 99) -> str:
    """A hint that names the nearest known word, else all of them, or none if they are more than `most`."""
    import difflib

    known = sorted(known)
    near = [k for k in known if word and word in k] or difflib.get_close_matches(word, known, 1)
    if near:
        return f"did you mean {near[0]!r}?"
    return f"known: {', '.join(known)}" if len(known) <= most else "nothing like it is known"


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
