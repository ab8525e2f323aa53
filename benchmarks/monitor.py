"""What a monitor costs that holds many records: for one more record, for an hour and a day that pass, and in memory.

    python benchmarks/monitor.py [RECORDS ...]

Processor time; two hundred records a site. What a record costs, and what each obligation costs that changes as time passes, must not
grow with the length of the history. The records of the hours and days that pass are held from the start, and are seen as they happen.
"""

from __future__ import annotations

import gc
import random
import sys
import tracemalloc
from collections.abc import Callable
from datetime import timedelta
from statistics import mean, median
from time import process_time
from typing import Any

from adapters import plain_inputs
from workload import AS_OF, make

from dutyrules import Changes, Monitor

ADDED = 500
HOURS, DAYS = 10, 5


def timed(call: Callable[..., Changes], argument: Any) -> tuple[float, Changes]:
    start = process_time()
    found = call(argument)
    return (process_time() - start) * 1000, found


def told(changes: Changes) -> int:
    return len(changes.new) + len(changes.gone) + len(changes.different)


def memory(size: int) -> float:
    """Bytes that a monitor holds for each record beside the record itself."""
    plan, roster, records = plain_inputs(make(size // 200, size))
    tracemalloc.start()
    monitor = Monitor(plan, roster, records, as_of=AS_OF)
    held, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert monitor.as_of == AS_OF
    return held / size


def measure(size: int) -> dict[str, float]:
    """Milliseconds: the medians."""
    plan, roster, records = plain_inputs(make(size // 200, size))
    added = set(random.Random(size).sample(range(size), ADDED))
    monitor = Monitor(plan, roster, [r for i, r in enumerate(records) if i not in added], as_of=AS_OF)
    # A service has long done this when the next record comes.
    gc.collect()
    found = [timed(monitor.add, [records[i]]) for i in sorted(added)]
    times = sorted(t for t, _ in found)
    print(
        f"{size:>9,} records held: a record {median(times):.2f} ms (mean {mean(times):.2f}, 99 of 100 below {times[ADDED * 99 // 100]:.2f}, "
        f"the longest {times[-1]:.1f}); {sum(bool(c) for _, c in found)} of {ADDED} changed something"
    )
    out = {"a record": median(times)}
    at = AS_OF + timedelta(minutes=1)
    first, _ = timed(monitor.advance, at)
    for name, step, count in (("an hour", timedelta(hours=1), HOURS), ("a day", timedelta(days=1), DAYS)):
        passed = []
        for _ in range(count):
            at += step
            passed.append(timed(monitor.advance, at))
        what = sum(told(c) for _, c in passed)
        out[f"{name}, for each change"] = sum(t for t, _ in passed) / what
        print(f"{'':>23}{name} passes: {median(t for t, _ in passed):.0f} ms for {what / count:.0f} obligations that change")
    print(f"{'':>23}the first time that time passes: {first:.0f} ms; memory beside the records: {memory(size):.0f} bytes each", flush=True)
    return out


if __name__ == "__main__":
    before: tuple[int, dict[str, float]] | None = None
    for size in [int(a) for a in sys.argv[1:]] or [20_000, 200_000]:
        now = measure(size)
        if before is not None:
            growth = ", ".join(f"{name} x{now[name] / before[1][name]:.1f}" for name in now)
            print(f"{'':>23}x{size / before[0]:g} records: {growth}", flush=True)
        before = (size, now)
