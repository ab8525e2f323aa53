"""What a monitor costs that holds many records: for one more record, for an hour and a day that pass, and in memory.

    python benchmarks/monitor.py [RECORDS ...]

Two hundred records a site. Processor time. Neither a record nor an hour may cost more where the history is longer; a day's cost grows
with the sites, as what happens on it does.
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

from dutyrules import Monitor
from dutyrules.history import records_from

ADDED = 500
HOURS, DAYS = 10, 5


def timed(call: Callable[[], Any]) -> tuple[float, Any]:
    start = process_time()
    found = call()
    return (process_time() - start) * 1000, found


def told(changes: Any) -> int:
    return len(changes.new) + len(changes.gone) + len(changes.different)


def memory(size: int) -> float:
    """Bytes that a monitor holds for each record beside the record itself."""
    plan, roster, rows = plain_inputs(make(size // 200, size))
    records = records_from(rows)
    del rows
    tracemalloc.start()
    monitor = Monitor(plan, roster, records, as_of=AS_OF)
    held, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert monitor.as_of == AS_OF
    return held / size


def measure(size: int) -> tuple[float, float, float]:
    """Milliseconds of a record, an hour, a day: medians."""
    plan, roster, records = plain_inputs(make(size // 200, size))
    added = set(random.Random(size).sample(range(size), ADDED))
    monitor = Monitor(plan, roster, [r for i, r in enumerate(records) if i not in added], as_of=AS_OF)
    # A service has long done this when the next record comes.
    gc.collect()
    found = [timed(lambda i=i: monitor.add([records[i]])) for i in sorted(added)]
    times = sorted(t for t, _ in found)
    changed = sum(bool(c) for _, c in found)
    print(
        f"{size:>9,} records held: a record {median(times):.2f} ms (mean {mean(times):.2f}, 99 of 100 below {times[ADDED * 99 // 100]:.2f}, "
        f"the longest {times[-1]:.1f}); {changed} of {ADDED} changed something"
    )
    at = AS_OF
    first, _ = timed(lambda: monitor.advance(at + timedelta(minutes=1)))
    steps: list[list[float]] = []
    for name, step, count in (("an hour", timedelta(hours=1), HOURS), ("a day", timedelta(days=1), DAYS)):
        passed = []
        for _ in range(count):
            at += step
            passed.append(timed(lambda: monitor.advance(at)))
        steps.append([t for t, _ in passed])
        print(f"{'':>18}{name} passes: {median(steps[-1]):.0f} ms; obligations told: {median(told(c) for _, c in passed):.0f}")
    print(f"{'':>18}the first time that time passes: {first:.0f} ms; memory beside the records: {memory(size):.0f} bytes a record", flush=True)
    return median(times), median(steps[0]), median(steps[1])


if __name__ == "__main__":
    before: tuple[int, tuple[float, float, float]] | None = None
    for size in [int(a) for a in sys.argv[1:]] or [20_000, 200_000]:
        now = measure(size)
        if before is not None:
            growth = ", ".join(f"{what} ×{b / a:.1f}" for what, a, b in zip(("a record", "an hour", "a day"), before[1], now, strict=True))
            print(f"{'':>18}×{size / before[0]:g} the records: {growth}", flush=True)
        before = (size, now)
