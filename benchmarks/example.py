"""The example's whole plan over many counties at once: each county is a copy of the example, with names of its own.

    python benchmarks/example.py [COPIES ...]

Prints the time of an evaluation, and how it grew from size to size: 1 is in proportion to the records.
"""

from __future__ import annotations

import csv
import sys
from collections.abc import Iterator, Mapping
from datetime import date
from math import log
from pathlib import Path
from time import process_time
from typing import Any

import yaml

from dutyrules import History, Plan, Roster, load_history, load_plan, load_roster

ROOT = Path(__file__).parents[1]
FOLDER = ROOT / "examples" / "xixia"
AS_OF = date(2026, 6, 30)
_NAMES = {"areas": ("id", "within"), "objects": ("id", "area"), "persons": ("id",), "tenures": ("person", "object", "area")}
_COLUMNS = ("id", "object", "area", "by", "retracts", "hazard_id")


def named(name: str, copy: int) -> str:
    """The name in one copy of what has this name in the example."""
    return f"{copy:04d}~{name}"


def copies(number: int) -> tuple[Plan, Roster, History]:
    """The plan, and the roster and history of so many copies of the example's county."""
    roster = yaml.safe_load((FOLDER / "roster.yaml").read_text(encoding="utf-8"))
    with (FOLDER / "history.csv").open(encoding="utf-8", newline="") as file:
        rows = [{k: v for k, v in row.items() if v} for row in csv.DictReader(file)]
    many = {
        group: [_copied(item, names, c) for c in range(number) for item in roster[group]] for group, names in _NAMES.items() if group in roster
    }
    history = [_copied(row, _COLUMNS, c) for c in range(number) for row in rows]
    return load_plan(ROOT / "duties" / "xixia-mines-2026h1.yaml"), load_roster(roster | many), load_history(history)


def _copied(item: Mapping[str, Any], names: tuple[str, ...], copy: int) -> dict[str, Any]:
    return {k: ";".join(named(part, copy) for part in v.split(";")) if k in names else v for k, v in item.items()}


def lines(sizes: list[int]) -> Iterator[str]:
    """What an evaluation took, a line for each size."""
    from dutyrules import evaluate

    last: tuple[int, float] | None = None
    for number in sizes:
        inputs = copies(number)
        began = process_time()
        e = evaluate(*inputs, as_of=AS_OF)
        took = process_time() - began
        grown = "" if last is None else f", growth {log(took / last[1]) / log(number / last[0]):.2f}"
        yield f"{len(inputs[2]):>9,} records of {len(inputs[1].objects):>6,} sites, {len(e.obligations):>8,} obligations: {took:7.2f} s{grown}"
        last = (number, took)


if __name__ == "__main__":
    for line in lines([int(a) for a in sys.argv[1:]] or [8, 32, 128]):
        print(line, flush=True)
