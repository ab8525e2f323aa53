"""Where the time of an evaluation goes, and what memory it holds: the profile behind the aims that are not met.

    python benchmarks/where.py [SIZE ...]

A later evaluation of the same inputs, so that nothing is counted that is made once. Shares are of the time under the profiler.
"""

from __future__ import annotations

import cProfile
import pstats
import resource
import sys
from collections.abc import Iterator
from pathlib import Path

import adapters
import by_dutyrules
from workload import SIZES, make

SHOWN = 8


def lines(size: str) -> Iterator[str]:
    """The functions that take most of the time themselves, then the memory."""
    w = make(*SIZES[size], 2025)
    given = adapters.arrow_records(w).nbytes
    inputs = by_dutyrules.from_tables(w)
    del w
    by_dutyrules.evaluate(inputs)
    profile = cProfile.Profile()
    profile.runcall(by_dutyrules.evaluate, inputs)
    stats = pstats.Stats(profile)
    found = stats.stats  # type: ignore[attr-defined]
    whole = sum(own for _, _, own, _, _ in found.values())
    calls = sum(n for _, n, _, _, _ in found.values())
    yield f"{size}: {calls:,} calls of functions"
    for (file, _, name), (_, n, own, _, _) in sorted(found.items(), key=lambda x: -x[1][2])[:SHOWN]:
        place = Path(file).stem if file != "~" else "numpy and Python"
        yield f"  {own / whole:4.0%}  {n:>6,} calls  {place}: {name.strip('<>')}"
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)
    yield f"  records given {given / 1e6:,.0f} MB; most held, with making them up, {peak / 1e6:,.0f} MB"


if __name__ == "__main__":
    for name in sys.argv[1:] or ["small", "medium"]:
        for line in lines(name):
            print(line, flush=True)
