"""The pages of the rules, and their list."""

from __future__ import annotations

from typing import TYPE_CHECKING, TextIO

from variantfix.report.paint import painter, wants_colour
from variantfix.rules.old_uv import section
from variantfix.rules.rule import Severity

if TYPE_CHECKING:
    from collections.abc import Iterable

    from variantfix.rules.rule import Rule


def write_page(rule: Rule, stream: TextIO) -> None:
    """Write a rule's page: its Markdown, or as a terminal shows it."""
    head = f"# {rule.name}\n\nSeverity: {rule.severity.value}. Fix: {rule.remedy}.\n\n"
    text = f"{head}{rule.page.strip()}\n{section(rule.name)}"
    if not wants_colour(stream):
        stream.write(text)
        return
    from rich.console import Console
    from rich.markdown import Markdown

    Console(file=stream, force_terminal=True).print(Markdown(text))


def write_list(rules: Iterable[Rule], stream: TextIO) -> None:
    """Write one line a rule: its name, severity, whether a fix is safe, and what it finds."""
    paint = painter(stream)
    for rule in rules:
        style = "bold red" if rule.severity is Severity.ERROR else "bold yellow"
        columns = paint(f"{rule.name:<26}", style), f"{rule.severity.value:<8}", f"{rule.remedy:<7}", rule.summary
        print(*columns, file=stream)


def markdown_table(rules: Iterable[Rule]) -> str:
    """The list as a Markdown table, for the README."""
    rows = [f"| `{rule.name}` | {rule.severity.value} | {rule.remedy} | {rule.summary} |" for rule in rules]
    return "\n".join(["| rule | severity | fix | finds |", "|---|---|---|---|", *rows]) + "\n"
