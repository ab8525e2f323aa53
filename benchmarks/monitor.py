"""The processor time of one record: what a record costs that is added to a monitor which holds many already.

    python benchmarks/monitor.py [RECORDS ...]

Two hundred records a site; the time of a record must not grow with the length of the history.
"""

from __future__ import annotations

import random
import sys
from time import process_time

from adapters import plain_inputs
from workload import AS_OF, make

from dutyrules import Monitor

ADDED = 500


def measure(size: int) -> str:
    """The time of each of some records, taken out of the history and added one by one."""
    plan, roster, records = plain_inputs(make(size // 200, size))
    added = set(random.Random(size).sample(range(size), ADDED))
    monitor = Monitor(plan, roster, [r for i, r in enumerate(records) if i not in added], as_of=AS_OF)
    times, changed = [], 0
    for i in sorted(added):
        start = process_time()
        changes = monitor.add([records[i]])
        times.append(process_time() - start)
        changed += bool(changes)
    times.sort()
    median, most = times[len(times) // 2] * 1000, times[len(times) * 99 // 100] * 1000
    mean = sum(times) / len(times) * 1000
    return f"{size:>9,} records: {mean:.2f} ms a record (median {median:.2f}, 99 of 100 below {most:.2f}); {changed} of {ADDED} changed something"


if __name__ == "__main__":
    for size in [int(a) for a in sys.argv[1:]] or [20_000, 200_000]:
        print(measure(size), flush=True)
