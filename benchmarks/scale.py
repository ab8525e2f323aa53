"""Four ways to judge one workload, from Parquet to Parquet, each in a process of its own: time and peak memory.

    python benchmarks/scale.py [--size small medium large] [--way objects columns parts spark] [--at-once 100000 ...] [--by-site]
    python benchmarks/scale.py --divide 50000 500000

objects: an object for each record; columns: in memory, as tables; parts: part after part of the roster, so many records at once; spark:
Spark with two threads on this machine (needs Java). Records lie in order of time, so that ``parts`` sorts them out into files first; with
``--by-site`` they lie in order of their site, and are read where they are. Time is that of the whole run: by the clock, which others on
the machine make longer, and of the processor, which they hardly do; for Spark both with its start, and the start by itself. The peak is
the most memory that was held. Of Spark all processes are counted together, each at its peak. ``--divide`` measures how rosters of so many
sites divide into 200 buckets.
"""

from __future__ import annotations

import argparse
import json
import os
import pickle
import resource
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import Any

SIZES = ("small", "medium", "large")
WAYS = ("objects", "columns", "parts", "spark")
HISTORY, OUT = "history.parquet", "obligations.parquet"


def write(sites: int, records: int, folder: str, by_site: bool) -> None:
    """The workload as a history with names, and the roster as tables."""
    import pyarrow as pa
    import pyarrow.parquet as pq
    from adapters import arrow_records, arrow_roster
    from workload import make

    w = make(sites, records)
    for name, table in zip(("objects", "tenures", "persons"), arrow_roster(w), strict=True):
        pq.write_table(table, Path(folder, f"{name}.parquet"))
    table = arrow_records(w)
    if by_site:
        table = table.take(pa.array(w.site.argsort(kind="stable")))
    pq.write_table(table, Path(folder, HISTORY), row_group_size=1 << 17)


def judge(way: str, folder: str, at_once: int) -> None:
    """Judge, from files to a file, and print what it took."""
    begun = perf_counter()
    import pyarrow.parquet as pq
    from adapters import PLAN
    from workload import AS_OF

    from dutyrules import evaluate, evaluate_in_parts, load_plan
    from dutyrules.tables import roster_from_tables

    plan = load_plan(PLAN)
    roster = roster_from_tables(*(pq.read_table(Path(folder, f"{n}.parquet")) for n in ("objects", "tenures")))
    history, out = Path(folder, HISTORY), Path(folder, OUT)
    found: dict[str, Any] = {}
    if way == "parts":
        judged = evaluate_in_parts(plan, roster, history, out, as_of=AS_OF, at_once=at_once)
        found = {"counts": dict(judged.counts), "buckets": judged.buckets}
    elif way == "spark":
        found = _by_spark(plan, roster, folder)
    else:
        table = pq.read_table(history)
        e = evaluate(plan, roster, table if way == "columns" else table.to_pylist(), as_of=AS_OF)
        pq.write_table(e.to_arrow(), out)
        found = {"counts": e.counts()}
    print(json.dumps({"buckets": 1, "start": 0, "peak": peak(), "cpu": processor(), **found, "seconds": perf_counter() - begun}))


def _by_spark(plan: Any, roster: Any, folder: str) -> dict[str, Any]:
    from pyspark.sql import SparkSession
    from workload import AS_OF

    from dutyrules.spark import evaluate

    os.environ["PYSPARK_PYTHON"] = sys.executable
    settings = {"spark.driver.host": "127.0.0.1", "spark.ui.enabled": "false", "spark.ui.showConsoleProgress": "false", "spark.driver.memory": "2g", "spark.sql.shuffle.partitions": "32"}
    builder = SparkSession.builder.master("local[2]")
    for key, value in settings.items():
        builder = builder.config(key, value)
    spark = builder.getOrCreate()
    spark.sparkContext.setLogLevel("OFF")
    everybody = [os.getpid(), *_below(os.getpid())]
    start = sum(map(processor, everybody))
    evaluate(plan, roster, spark.read.parquet(f"{folder}/{HISTORY}"), as_of=AS_OF).write.parquet(f"{folder}/spark", mode="overwrite")
    counts = {r["verdict"]: r["count"] for r in spark.read.parquet(f"{folder}/spark").groupBy("verdict").count().collect()}
    everybody = [os.getpid(), *_below(os.getpid())]
    held, cpu = sum(map(peak, everybody)), sum(map(processor, everybody))
    spark.stop()
    return {"counts": counts, "buckets": 32, "start": start, "peak": held, "cpu": cpu}


def _below(process: int) -> Iterator[int]:
    """The processes that a process has begun, and those that they have, where the system tells."""
    for file in Path(f"/proc/{process}/task").glob("*/children"):
        for child in map(int, file.read_text().split()):
            yield child
            yield from _below(child)


def processor(process: int | None = None) -> float:
    """The processor's time that a process, and those of its own that are over, have taken, in seconds."""
    stat = Path(f"/proc/{process or 'self'}/stat")
    if stat.exists():
        # The name of the process may hold spaces; the numbers come after it.
        fields = stat.read_text().rpartition(")")[2].split()
        return sum(map(int, fields[11:15])) / os.sysconf("SC_CLK_TCK")
    return sum(resource.getrusage(resource.RUSAGE_SELF)[:2])


def peak(process: int | None = None) -> int:
    """The most memory that a process has held, in bytes."""
    status = Path(f"/proc/{process or 'self'}/status")
    if status.exists():
        # What getrusage says begins with what the process held from which this one was made.
        return next((int(line.split()[1]) for line in status.read_text().splitlines() if line.startswith("VmHWM")), 0) * 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)


def divide(sites: int) -> None:
    """Divide a roster of so many sites into 200 buckets and take each one's share, and print what it took."""
    from adapters import PLAN, arrow_roster
    from workload import roster_only

    from dutyrules import load_plan
    from dutyrules.partition import Division
    from dutyrules.tables import roster_from_tables

    before, held = processor(), peak()
    roster = roster_from_tables(*arrow_roster(roster_only(sites))[:2])
    loaded, holding = processor(), peak()
    buckets = Division([load_plan(PLAN)], roster).in_buckets(sites / 200)
    sent = sum(len(pickle.dumps(buckets.share(b))) for b in range(len(buckets)))
    print(
        f"{sites:,} sites, {len(roster.tenures):,} tenures: roster {loaded - before:.1f} s, {(holding - held) / 1e6:,.0f} MB;"
        f" {len(buckets)} shares {processor() - loaded:.1f} s, {sent / 1e6:,.0f} MB"
    )


def measured(*words: str) -> str:
    """What a run of this file in a process of its own prints."""
    return subprocess.run([sys.executable, __file__, *words], check=True, stdout=subprocess.PIPE, text=True).stdout


def _sized(size: str, args: argparse.Namespace) -> bool:
    """Measure one size, and print it; whether all ways counted the same."""
    from workload import SIZES as NUMBERS

    counts = None
    with TemporaryDirectory(prefix="dutyrules-") as folder:
        measured("write", *map(str, NUMBERS[size]), folder, "by-site" if args.by_site else "")
        bytes_ = Path(folder, HISTORY).stat().st_size
        print(f"{NUMBERS[size][1]:,} records of {NUMBERS[size][0]:,} sites, in order of {'site' if args.by_site else 'time'}: {bytes_ / 1e6:,.0f} MB")
        print(f"{'way':>8} {'at once':>10} {'buckets':>8} {'clock s':>8} {'processor s':>12} {'of these start':>15} {'peak MB':>8}")
        for way in args.way:
            for at_once in sorted(args.at_once, reverse=True) if way == "parts" else [0]:
                found = json.loads(measured("judge", way, folder, str(at_once)))
                told = f"{at_once:,}" if at_once else ""
                start = f"{found['start']:.1f}" if found["start"] else ""
                print(f"{way:>8} {told:>10} {found['buckets']:>8} {found['seconds']:>8.1f} {found['cpu']:>12.1f} {start:>15} {found['peak'] / 1e6:>8,.0f}", flush=True)
                if counts not in (None, found["counts"]):
                    print(f"counts differ: {found['counts']} and {counts}", file=sys.stderr)
                    return False
                counts = found["counts"]
    return True


def main(words: list[str]) -> int:
    parser = argparse.ArgumentParser(description="Judge a workload in four ways; show time and peak memory.")
    parser.add_argument("--size", choices=SIZES, nargs="+", default=["small", "medium"])
    parser.add_argument("--way", choices=WAYS, nargs="+", default=["objects", "columns", "parts"])
    parser.add_argument("--at-once", type=int, nargs="+", default=[500_000, 100_000], metavar="RECORDS")
    parser.add_argument("--by-site", action="store_true", help="records in order of their site, not of time")
    parser.add_argument("--divide", type=int, nargs="+", metavar="SITES", help="instead, divide rosters of so many sites")
    args = parser.parse_args(words)
    if args.divide:
        for sites in args.divide:
            print(measured("divide", str(sites)), end="", flush=True)
        return 0
    return 0 if all(_sized(size, args) for size in args.size) else 1


if __name__ == "__main__":
    command, *rest = sys.argv[1:] or [""]
    if command == "write":
        write(int(rest[0]), int(rest[1]), rest[2], bool(rest[3]))
    elif command == "judge":
        judge(rest[0], rest[1], int(rest[2]))
    elif command == "divide":
        divide(int(rest[0]))
    else:
        sys.exit(main(sys.argv[1:]))
