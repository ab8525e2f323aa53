"""What runs in a process of its own: ``child.py write SIZE SEED FOLDER`` or ``child.py judge NAME FOLDER [check] [again]``."""

from __future__ import annotations

import json
import resource
import sys
from importlib import import_module
from pathlib import Path
from statistics import median
from time import perf_counter, process_time
from typing import Any


def write(size: str, seed: str, folder: str) -> None:
    from parquet import write as write_files
    from workload import SIZES, make

    write_files(make(*SIZES[size], int(seed)), Path(folder))


def _two_threads() -> None:
    """Arrow is not told by the environment."""
    if "pyarrow" in sys.modules:
        import pyarrow

        pyarrow.set_cpu_count(2)
        pyarrow.set_io_thread_count(2)


AGAIN = 3
"""How often a small size is judged once more."""


def judge(name: str, folder: str, *also: str) -> None:
    """Load, evaluate, and print what it took.

    ``again``: judge once more what is loaded anew, now that the process has done it before. ``check``: the counts by duty.
    ``besides`` are the seconds that these two took.
    """
    from contestants import CONTESTANTS

    contestant = next(c for c in CONTESTANTS if c.name == name)
    begun = perf_counter()
    module = import_module(contestant.module)
    _two_threads()
    load = getattr(module, contestant.load)
    imported = perf_counter()
    data = load(Path(folder))
    loaded, worked = perf_counter(), process_time()
    result = module.evaluate(data)
    done, worked = perf_counter(), process_time() - worked
    unit = 1 if sys.platform == "darwin" else 1024
    measured = {
        "import": imported - begun,
        "load": loaded - imported,
        "evaluate": done - loaded,
        "cpu": worked,
        "peak": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit,
    }
    if hasattr(module, "held"):
        measured["columns"] = module.held(data)
    if "again" in also:
        measured["again"] = median(_evaluation(module, load(Path(folder))) for _ in range(AGAIN))
    if "check" in also:
        counts = getattr(module, "counts", lambda found: found)(result)
        measured["counts"] = {duty: {v: n for v, n in counter.items() if n} for duty, counter in counts.items()}
    measured["besides"] = perf_counter() - done
    print(json.dumps(measured))


def _evaluation(module: Any, data: Any) -> float:
    begun = perf_counter()
    module.evaluate(data)
    return perf_counter() - begun


if __name__ == "__main__":
    command, *words = sys.argv[1:]
    if command == "write":
        write(*words)
    else:
        judge(*words)
