"""What runs in a process of its own: ``child.py write SIZE SEED FOLDER`` or ``child.py judge NAME FOLDER [check]``."""

from __future__ import annotations

import json
import resource
import sys
from importlib import import_module
from pathlib import Path
from time import perf_counter


def write(size: str, seed: str, folder: str) -> None:
    from files import write as write_files
    from workload import SIZES, make

    write_files(make(*SIZES[size], int(seed)), Path(folder))


def _two_threads() -> None:
    """Arrow reads Parquet for most of them."""
    import pyarrow

    pyarrow.set_cpu_count(2)
    pyarrow.set_io_thread_count(2)


def judge(name: str, folder: str, check: bool) -> None:
    """Load, evaluate, and print what it took; the counts by duty where they are asked for."""
    from contestants import CONTESTANTS

    contestant = next(c for c in CONTESTANTS if c.name == name)
    begun = perf_counter()
    _two_threads()
    module = import_module(contestant.module)
    imported = perf_counter()
    data = getattr(module, contestant.load)(Path(folder))
    loaded = perf_counter()
    result = module.evaluate(data)
    done = perf_counter()
    unit = 1 if sys.platform == "darwin" else 1024
    measured = {
        "import": imported - begun,
        "load": loaded - imported,
        "evaluate": done - loaded,
        "peak": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit,
    }
    if check:
        counts = getattr(module, "counts", lambda found: found)(result)
        measured["counts"] = {duty: {v: n for v, n in counter.items() if n} for duty, counter in counts.items()}
    print(json.dumps(measured))


if __name__ == "__main__":
    command, *words = sys.argv[1:]
    if command == "write":
        write(*words)
    else:
        judge(words[0], words[1], words[2:] == ["check"])
