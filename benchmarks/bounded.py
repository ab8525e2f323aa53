"""Memory against time: one workload judged whole, and in parts of several sizes, each in a process of its own.

    python benchmarks/bounded.py [--size medium] [--at-once 100000 500000 ...] [--sorted]

``--size small``, ``medium`` or ``large`` (20,000, 2 million and 10 million records). Records lie in order of time, so that they are
sorted out into files first; with ``--sorted`` they lie in order of their site, and are read where they are. The time is that of the
whole process, from Parquet to Parquet, the peak the most memory that the process held.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter

HISTORY, OUT = "history.parquet", "obligations.parquet"


def write(size: str, folder: str, in_order: bool) -> None:
    """The workload as a history with names, and the roster as tables."""
    import pyarrow as pa
    import pyarrow.parquet as pq
    from adapters import arrow_records, arrow_roster
    from workload import SIZES, make

    w = make(*SIZES[size])
    for name, table in zip(("objects", "tenures", "persons"), arrow_roster(w), strict=True):
        pq.write_table(table, Path(folder, f"{name}.parquet"))
    records = arrow_records(w)
    if in_order:
        records = records.take(pa.array(w.site.argsort(kind="stable")))
    pq.write_table(records, Path(folder, HISTORY), row_group_size=1 << 17)


def roster(folder: str) -> object:
    """The roster of the workload."""
    import pyarrow.parquet as pq

    from dutyrules.tables import roster_from_tables

    return roster_from_tables(*(pq.read_table(Path(folder, f"{n}.parquet")) for n in ("objects", "tenures")))


def judge(folder: str, at_once: int) -> None:
    """Judge, from files to a file, and print what it took; ``at_once`` 0: the whole, in memory."""
    from adapters import PLAN
    from workload import AS_OF

    from dutyrules import evaluate, load_plan

    begun = perf_counter()
    plan, held = load_plan(PLAN), roster(folder)
    buckets = 1
    if at_once:
        from dutyrules import evaluate_in_parts

        judged = evaluate_in_parts(plan, held, Path(folder, HISTORY), Path(folder, OUT), as_of=AS_OF, at_once=at_once)
        counts, buckets = judged.counts, judged.buckets
    else:
        import pyarrow.parquet as pq

        e = evaluate(plan, held, pq.read_table(Path(folder, HISTORY)), as_of=AS_OF)
        counts = e.counts()
        pq.write_table(e.to_arrow(), Path(folder, OUT))
    print(json.dumps({"buckets": buckets, "seconds": perf_counter() - begun, "peak": peak(), "counts": counts}))


def peak() -> int:
    """The most memory that this process has held, in bytes."""
    status = Path("/proc/self/status")
    if status.exists():
        # What getrusage says begins with what the process held from which this one was made.
        return next(int(line.split()[1]) for line in status.read_text().splitlines() if line.startswith("VmHWM")) * 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)


def measured(*words: str) -> str:
    """What a run of this file in a process of its own prints."""
    done = subprocess.run([sys.executable, __file__, *words], check=True, stdout=subprocess.PIPE, text=True)
    return done.stdout


def main(words: list[str]) -> int:
    parser = argparse.ArgumentParser(description="Judge a workload whole and in parts; show time and peak memory.")
    parser.add_argument("--size", choices=("small", "medium", "large"), default="medium")
    parser.add_argument("--at-once", type=int, nargs="+", default=[100_000, 500_000, 2_000_000], metavar="RECORDS")
    parser.add_argument("--sorted", action="store_true", help="records in order of their site, not of time")
    args = parser.parse_args(words)
    with TemporaryDirectory(prefix="dutyrules-") as folder:
        measured("write", args.size, folder, "sorted" if args.sorted else "")
        size = Path(folder, HISTORY).stat().st_size
        print(f"{args.size}, {'by site' if args.sorted else 'by time'}; Parquet file: {size / 1e6:,.0f} MB")
        print(f"{'at once':>12} {'buckets':>8} {'seconds':>8} {'peak MB':>8}")
        counts = None
        for at_once in (0, *sorted(args.at_once, reverse=True)):
            found = json.loads(measured("judge", folder, str(at_once)))
            if counts not in (None, found["counts"]):
                print(f"counts differ at {at_once}: {found['counts']}", file=sys.stderr)
                return 1
            counts = found["counts"]
            name = f"{at_once:,}" if at_once else "all"
            print(f"{name:>12} {found['buckets']:>8} {found['seconds']:>8.1f} {found['peak'] / 1e6:>8,.0f}", flush=True)
    return 0


if __name__ == "__main__":
    command, *rest = sys.argv[1:] or [""]
    if command == "write":
        write(rest[0], rest[1], bool(rest[2]))
    elif command == "judge":
        judge(rest[0], int(rest[1]))
    else:
        sys.exit(main(sys.argv[1:]))
