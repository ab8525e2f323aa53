"""The time of one call on a tiny history: dictionaries in, counts out, all in one process.

Plan, roster and whatever else stays the same from call to call is prepared beforehand; what is made of the records is not.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta
from importlib import import_module
from statistics import median
from time import perf_counter
from typing import Any

from contest import Failed, differences, spread
from contestants import CONTESTANTS

Rows = list[dict[str, Any]]
Call = Callable[[Rows], dict[str, Counter[str]]]
AT_LEAST = 0.02
"""Seconds of calls in each round, so that the clock is no matter."""


def rows_of(w: Any) -> Rows:
    """The records as dictionaries, as an application holds them."""
    from adapters import local
    from workload import KINDS

    rows = []
    for i in range(len(w)):
        row = {"id": f"r{i}", "time": local(w.time[i]), "event": KINDS[w.kind[i]], "object": f"s{w.site[i]}"}
        row |= {"by": f"p{w.by[i]}"} if w.by[i] >= 0 else {}
        row |= {"signed": bool(w.signed[i] == 1)} if w.signed[i] >= 0 else {}
        row |= {"hazard_id": int(w.hazard[i])} if w.hazard[i] >= 0 else {}
        rows.append(row)
    return rows


def _columns(w: Any) -> Callable[[Rows], list[list[int]]]:
    """What makes columns of numbers of dictionaries, for those who need them."""
    from workload import KINDS, OFFSET, SECOND

    kinds = {name: i for i, name in enumerate(KINDS)}
    sites = {f"s{i}": i for i in range(w.sites)}
    persons = {f"p{i}": i for i in range(w.persons)}
    epoch, micro = datetime(1970, 1, 1), timedelta(microseconds=1)
    assert OFFSET % SECOND == 0

    def columns(rows: Rows) -> list[list[int]]:
        return [
            [(row["time"] - epoch) // micro - OFFSET for row in rows],
            [kinds[row["event"]] for row in rows],
            [sites[row["object"]] for row in rows],
            [persons[row["by"]] if "by" in row else -1 for row in rows],
            [int(row["signed"]) if "signed" in row else -1 for row in rows],
            [row.get("hazard_id", -1) for row in rows],
        ]

    return columns


def calls(w: Any) -> dict[str, Call]:
    """By contestant, what takes dictionaries and gives counts; every one is ready for its first call."""
    import adapters
    import by_numpy
    import by_python
    import numpy as np
    from workload import AS_OF, Workload

    from dutyrules import evaluate, load_plan

    columns = _columns(w)
    tenures = (w.tenure_role, w.tenure_site, w.tenure_person, w.tenure_from, w.tenure_end, w.persons)
    types = [c.dtype for c in (w.time, w.kind, w.site, w.by, w.signed, w.hazard)]
    plan, roster = load_plan(adapters.PLAN), adapters.plain_roster(w)
    lists = by_python.of(w)

    def workload(rows: Rows) -> Workload:
        return Workload(w.sites, *(np.array(c, dtype=t) for c, t in zip(columns(rows), types, strict=True)), *tenures)

    def by_dutyrules(rows: Rows) -> dict[str, Counter[str]]:
        found = evaluate(plan, roster, rows, as_of=AS_OF).counts(by="duty")
        return {duty: Counter(counted) for duty, counted in found.items()}

    def with_obligations(rows: Rows) -> dict[str, Counter[str]]:
        found: dict[str, Counter[str]] = {duty: Counter() for duty in plan.duties}
        for o in evaluate(plan, roster, rows, as_of=AS_OF).obligations:
            found[o.duty][o.verdict] += 1
        return found

    made: dict[str, Call] = {
        "dutyrules": by_dutyrules,
        "dutyrules, every obligation an object": with_obligations,
        "numpy": lambda rows: by_numpy.evaluate(workload(rows)),
        "python": lambda rows: by_python.evaluate(by_python.Lists(w.sites, columns(rows), lists.tenures)),
    }

    def prepared(module: Any) -> Call:
        held = module.of(w)
        return lambda rows: module.evaluate(module.with_records(held, workload(rows)))

    for c in CONTESTANTS:
        if c.name in ("duckdb", "polars", "pandas") and c.present:
            made[c.name] = prepared(import_module(c.module))
    return made


def _per_call(call: Call, rows: Rows, times: int) -> float:
    begun = perf_counter()
    for _ in range(times):
        call(rows)
    return (perf_counter() - begun) / times


def tiny(rounds: int, seed: int) -> dict[str, Any]:
    """Seconds a call by contestant.

    Raises:
        Failed: the counts are not those of dutyrules.
    """
    from workload import SIZES, make

    w = make(*SIZES["tiny"], seed)
    rows = rows_of(w)
    made = calls(w)
    expected = {duty: dict(c) for duty, c in made["dutyrules"](rows).items()}
    wrong = [
        line for name, call in made.items() for line in differences(name, {d: dict(c) for d, c in call(rows).items()}, expected)
    ]
    if wrong:
        raise Failed("\n".join(["tiny: the counts differ", *wrong]))
    times = {name: max(1, int(AT_LEAST / median(_per_call(call, rows, 1) for _ in range(3)))) for name, call in made.items()}
    runs: dict[str, list[float]] = {name: [] for name in made}
    for _ in range(rounds):
        for name, call in made.items():
            runs[name].append(_per_call(call, rows, times[name]))
    return {name: {"rounds": rounds, "calls": times[name], **spread(runs[name])} for name in made}
