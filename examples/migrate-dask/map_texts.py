"""Check and repair a data set of pyproject.toml texts with Dask, one partition of rows at a time."""

from __future__ import annotations

import argparse
import json
from collections import Counter
from typing import Any

import dask.bag

import variantfix
from variantfix.errors import VariantfixError


def repair(line: str) -> dict[str, Any]:
    """A row with its text repaired, and what was found in the text as it was."""
    row: dict[str, Any] = json.loads(line)
    try:
        row["findings"] = [finding.rule for finding in variantfix.check_text(row["text"])]
        # A repaired text costs ten times a clean one: most texts are done here.
        if row["findings"]:
            (row["text"],) = variantfix.apply_text(row["text"]).after.values()
    except VariantfixError as error:
        row["error"] = str(error)
    return row


def rules(row: dict[str, Any]) -> list[str]:
    """The rules that found something in a row."""
    return sorted(set(row.get("findings", [])))


def main() -> None:
    """Repair a data set into a folder, and print how many texts each rule found something in."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("source", help="JSON-lines files with a column `text`; a pattern is fine")
    parser.add_argument("target", help="the folder for the repaired rows")
    parser.add_argument("--address", help="the scheduler of a dask.distributed cluster")
    args = parser.parse_args()
    if args.address:
        from distributed import Client

        Client(args.address)
    rows = dask.bag.read_text(args.source, blocksize="1MiB").map(repair)
    rows.map(json.dumps).to_textfiles(f"{args.target}/*.jsonl")
    written = dask.bag.read_text(f"{args.target}/*.jsonl").map(json.loads)
    counts = Counter(dict(written.map(rules).flatten().frequencies().compute()))
    for rule, count in sorted(counts.items()):
        print(f"{rule}: {count}")


if __name__ == "__main__":
    main()
