"""What comes out: a million obligations to Arrow, and to JSON lines beside orjson on dictionaries that are ready.

    python benchmarks/exports.py [SITES ...]
    python benchmarks/exports.py --profile SITES    where the time to Arrow goes

Two hundred records and some seventy obligations a site. All run in one process, alternating, each round on a fresh evaluation; besides,
Arrow is measured as the first that processes of their own do after their evaluation. Processor time, so that a busy machine matters
less; nothing here uses a second thread.
"""

from __future__ import annotations

import gc
import subprocess
import sys
from collections.abc import Callable
from cProfile import Profile
from pathlib import Path
from pstats import Stats
from statistics import median
from time import process_time
from typing import Any

import by_dutyrules
import orjson
import pyarrow.compute as pc
from workload import make

from dutyrules import Evaluation, to_csv, to_jsonl
from dutyrules.document import obligation_document

ROUNDS, FRESH = 5, 3
MILLION = 1_000_000
MOST_DICTIONARIES = 50_000
"""So many obligations are held as dictionaries at most; these take some 3 kB each."""


def seconds(call: Callable[[Evaluation], object], evaluation: Evaluation) -> float:
    begun = process_time()
    call(evaluation)
    return process_time() - begun


def by_orjson(documents: list[dict[str, Any]]) -> bytes:
    return b"".join([orjson.dumps(d, option=orjson.OPT_APPEND_NEWLINE) for d in documents])


def fresh(sites: int) -> float:
    """Seconds for a million obligations to Arrow in a process that has done nothing else than to evaluate."""
    done = subprocess.run([sys.executable, __file__, "--arrow", str(sites)], capture_output=True, text=True, check=True)
    return float(done.stdout)


def arrow(sites: int) -> float:
    """The same in this process."""
    evaluation = by_dutyrules.evaluate(by_dutyrules.from_tables(make(sites, sites * 200)))
    return seconds(Evaluation.to_arrow, evaluation) * MILLION / len(evaluation.obligations)


def profile(sites: int) -> str:
    """What share of the time to Arrow is taken within which function, what it calls included."""
    inputs = by_dutyrules.from_tables(make(sites, sites * 200))
    evaluations = [by_dutyrules.evaluate(inputs) for _ in range(ROUNDS)]
    by_dutyrules.evaluate(inputs).to_arrow()
    watch = Profile(process_time)
    for evaluation in evaluations:
        watch.runcall(evaluation.to_arrow)
    stats = Stats(watch)
    found = sorted(stats.stats.items(), key=lambda entry: -entry[1][3])
    shares = [(Path(place[0]).name, place[2], of[3] / stats.total_tt) for place, of in found if of[3] > stats.total_tt / 20]
    return "\n".join(f"  {share:>4.0%}  {file} {name}" for file, name, share in shares)


def measure(sites: int) -> str:
    """The times for a number of sites."""
    inputs = by_dutyrules.from_tables(make(sites, sites * 200))
    first = by_dutyrules.evaluate(inputs)
    size = len(first.obligations)
    some = first.obligations[:: max(1, -(-size // MOST_DICTIONARIES))]
    documents = [obligation_document(o) for o in some]
    if len(documents) == size and by_orjson(documents) != b"".join(to_jsonl(first)):
        raise SystemExit("the lines of dutyrules are not those of orjson")
    # The dictionaries are the harness's: the collector is not to walk through them while others are measured.
    gc.collect()
    gc.freeze()
    table = first.to_arrow()
    subjects, tails = table["subject"].cast("string"), pc.utf8_slice_codeunits(table["id"], -10)
    runs: dict[str, list[float]] = {}
    calls: dict[str, tuple[int, Callable[[Evaluation], object]]] = {
        "orjson, ready dictionaries": (len(documents), lambda e: by_orjson(documents)),
        "dutyrules, JSON lines": (size, lambda e: b"".join(to_jsonl(e))),
        "dutyrules, CSV": (size, to_csv),
        "pyarrow, joining subject and window to one text": (size, lambda e: pc.binary_join_element_wise(subjects, tails, "/")),
        "dutyrules, Arrow": (size, Evaluation.to_arrow),
        "dutyrules, counts by duty": (size, lambda e: e.counts(by="duty")),
    }
    for _ in range(ROUNDS):
        for name, (count, call) in calls.items():
            runs.setdefault(name, []).append(seconds(call, by_dutyrules.evaluate(inputs)) * MILLION / count)
    runs["dutyrules, Arrow, first in a fresh process"] = [fresh(sites) for _ in range(FRESH)]
    gc.unfreeze()
    lines = [f"{size:,} obligations of {sites:,} sites; milliseconds for a million: median (least to most)"]
    lines += [f"  {name:<50} {median(t) * 1000:>9,.0f} ({min(t) * 1000:,.0f} to {max(t) * 1000:,.0f})" for name, t in runs.items()]
    ratios = [a / b for a, b in zip(runs["dutyrules, JSON lines"], runs["orjson, ready dictionaries"], strict=True)]
    lines.append(f"  JSON lines / orjson, round by round: {median(ratios):.2f} ({min(ratios):.2f} to {max(ratios):.2f})")
    return "\n".join(lines)


if __name__ == "__main__":
    words = sys.argv[1:]
    if words[:1] == ["--arrow"]:
        print(arrow(int(words[1])))
    elif words[:1] == ["--profile"]:
        print(profile(int(words[1])))
    else:
        for sites in map(int, words or ("1000", "10000")):
            print(measure(sites), flush=True)
