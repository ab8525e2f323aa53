"""The rounds: every contestant in a process of its own, one after the other, round by round.

Nothing here imports a data library: on Linux the peak memory of a child starts from that of the process that begot it.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from itertools import pairwise
from math import log
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import Any

from contestants import NUMPY, Contestant, taking_part

AGAIN = ("small",)
"""Sizes in which what a first call costs would hide the rest: they are judged again in the same process."""
CHILD = Path(__file__).with_name("child.py")
MEASURES = ("import", "load", "evaluate", "cpu", "again", "process", "peak")
Say = Callable[[str], None]


class Failed(Exception):
    """A contestant broke down, or counts differently."""


def environment() -> dict[str, str]:
    """Two threads for everybody; modules are compiled once, as for any user."""
    two = dict.fromkeys(("POLARS_MAX_THREADS", "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"), "2")
    return {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"} | two


def _run(*words: str) -> tuple[str, float]:
    """What a child printed, and how long the whole process took."""
    begun = perf_counter()
    done = subprocess.run([sys.executable, str(CHILD), *words], capture_output=True, text=True, env=environment())
    wall = perf_counter() - begun
    if done.returncode:
        last = done.stderr.strip().splitlines()[-1:] or [f"exit {done.returncode}"]
        raise Failed(f"{' '.join(words[:2])}: {last[0]}")
    return done.stdout, wall


def _judged(contestant: Contestant, folder: str, *also: str) -> dict[str, Any]:
    out, wall = _run("judge", contestant.name, folder, *also)
    measured = json.loads(out)
    return {**measured, "process": wall - measured["besides"]}


def differences(name: str, found: dict[str, dict[str, int]], expected: dict[str, dict[str, int]]) -> list[str]:
    """Where counts differ, in words."""
    return [
        f"{name}, {duty}: {verdict} {found.get(duty, {}).get(verdict, 0):,}, dutyrules {expected.get(duty, {}).get(verdict, 0):,}"
        for duty in sorted({*found, *expected})
        for verdict in sorted({*found.get(duty, {}), *expected.get(duty, {})})
        if found.get(duty, {}).get(verdict, 0) != expected.get(duty, {}).get(verdict, 0)
    ]


def contest(size: str, rounds: int, seed: int, say: Say) -> dict[str, Any]:
    """The measures of a size by contestant.

    Raises:
        Failed: a contestant broke down, or its counts are not those of dutyrules.
    """
    present = taking_part(size)
    counted = {c: min(rounds, c.fewer.get(size, rounds)) for c in present}
    with TemporaryDirectory(prefix="dutyrules-bench-") as folder:
        say(f"{size}: writing the files")
        _run("write", size, str(seed), folder)
        say(f"{size}: warm-up, and the counts of {len(present)} contestants")
        warm = {c: _judged(c, folder, "check") for c in present}
        expected = warm[present[0]]["counts"]
        wrong = [line for c in present for line in differences(c.name, warm[c]["counts"], expected)]
        if wrong:
            raise Failed("\n".join([f"{size}: the counts differ", *wrong]))
        runs: dict[Contestant, list[dict[str, Any]]] = {c: [] for c in present}
        for number in range(rounds):
            say(f"{size}: round {number + 1} of {rounds}")
            turn = number % len(present)
            for c in (*present[turn:], *present[:turn]):
                if number < counted[c]:
                    runs[c].append(_judged(c, folder, *(["again"] if size in AGAIN else [])))
    obligations = sum(sum(c.values()) for c in expected.values())
    return {
        "obligations": obligations,
        "counts": expected,
        "contestants": {c.name: summary(runs[c], runs[NUMPY]) for c in present},
    }


def spread(values: list[float]) -> dict[str, float]:
    return {"median": median(values), "min": min(values), "max": max(values)}


def summary(runs: list[dict[str, Any]], numpy: list[dict[str, Any]]) -> dict[str, Any]:
    """Medians and extremes; ratios to numpy are taken round by round."""
    columns = numpy[0]["columns"]
    held = runs[0].get("columns") or columns
    found = {"rounds": len(runs), "columns": held}
    found |= {name: spread([run[name] for run in runs]) for name in MEASURES if name in runs[0]}
    for measure, ratio in (("evaluate", "ratio"), ("again", "ratio_again")):
        if measure in runs[0]:
            found[ratio] = spread([a[measure] / b[measure] for a, b in zip(runs, numpy, strict=False)])
    peak = found["peak"]["median"]
    return {**found, "peak_ratio": peak / columns, "peak_ratio_own": peak / held}


def exponents(records: dict[str, int], results: dict[str, Any], measure: str = "evaluate") -> dict[str, dict[str, float]]:
    """By size and contestant, the power of the number of records with which a measure grew since the size before."""
    found: dict[str, dict[str, float]] = {}
    done = [size for size in records if size in results]
    for before, size in pairwise(done):
        earlier, later = results[before]["contestants"], results[size]["contestants"]
        found[size] = {
            name: log(later[name][measure]["median"] / earlier[name][measure]["median"]) / log(records[size] / records[before])
            for name in later
            if name in earlier
        }
    return found
