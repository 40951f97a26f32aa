"""The pages of the rules, and their list."""

from __future__ import annotations

from typing import TYPE_CHECKING, TextIO

from variantfix.report.paint import painter, wants_colour
from variantfix.rules.old_uv import section
from variantfix.rules.rule import Severity

if TYPE_CHECKING:
    from collections.abc import Iterable

    from variantfix.rules.rule import Rule


def page(rule: Rule) -> str:
    """The whole page of a rule, in Markdown: what it is about, what old uv cannot do, and where it was spoken of."""
    threads = "".join(f"- <{url}>\n" for url in rule.threads)
    return f"{rule.body}\n{section(rule.name)}" + (f"\n## Threads\n\n{threads}" if threads else "")


def write_json(rules: Iterable[Rule], stream: TextIO) -> None:
    """Write what there is to know of some rules as data."""
    import json

    known = [
        {
            "name": rule.name,
            "severity": rule.severity.value,
            "fix": rule.remedy,
            "summary": rule.summary,
            "page": page(rule),
            "threads": rule.threads,
        }
        for rule in rules
    ]
    print(json.dumps({"version": 1, "rules": known}, indent=2), file=stream)


def write_page(rule: Rule, stream: TextIO) -> None:
    """Write a rule's page: its Markdown, or as a terminal shows it, within its width."""
    text = f"# {rule.name}\n\nSeverity: {rule.severity.value}. Fix: {rule.remedy}.\n\n{page(rule)}"
    coloured = wants_colour(stream)
    if not (coloured or stream.isatty()):
        stream.write(text)
        return
    from rich.console import Console
    from rich.markdown import Markdown

    Console(file=stream, force_terminal=coloured, no_color=not coloured).print(Markdown(text))


def write_list(rules: Iterable[Rule], stream: TextIO) -> None:
    """Write one line a rule: its name, severity, whether a fix is safe, and what it finds.

    A terminal gets what it finds on lines of its own, within its width.
    """
    from shutil import get_terminal_size
    from textwrap import fill

    paint = painter(stream)
    width = get_terminal_size().columns if stream.isatty() else 0
    for rule in rules:
        style = "bold red" if rule.severity is Severity.ERROR else "bold yellow"
        columns = paint(f"{rule.name:<26}", style), f"{rule.severity.value:<8}", f"{rule.remedy:<7}"
        if width:
            print(*columns, file=stream)
            print(fill(rule.summary, width, initial_indent="    ", subsequent_indent="    "), file=stream)
        else:
            print(*columns, rule.summary, file=stream)


def markdown_table(rules: Iterable[Rule]) -> str:
    """The list as a Markdown table, for the README."""
    rows = [f"| `{rule.name}` | {rule.severity.value} | {rule.remedy} | {rule.summary} |" for rule in rules]
    return "\n".join(["| rule | severity | fix | finds |", "|---|---|---|---|", *rows]) + "\n"
