"""Every peer counts what dutyrules counts: ``python -m pytest benchmarks``."""

from __future__ import annotations

import sys
from collections import Counter
from functools import cache
from importlib import import_module
from itertools import product
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).parent))

import by_dutyrules
import by_numpy
import numpy as np
from contest import Failed, contest, differences, exponents, summary
from contestants import CONTESTANTS
from files import RECORD_COLUMNS, TENURE_COLUMNS
from parquet import read, write
from workload import (
    AS_OF,
    D1_EDGES,
    D2_EDGES,
    DAY,
    FAR,
    HOUR,
    KINDS,
    MONTH_EDGES,
    ROLES,
    SECOND,
    SIZES,
    YEAR_START,
    Workload,
    instant,
    make,
    seconds,
)

from dutyrules import to_jsonl
from dutyrules.document import obligation_document

DUTIES = {"D1", "D2", "D3", "D4", "D5", "D6", "D7a", "D7b"}
NAMES = ("numpy", "duckdb", "pandas", "polars", "python", "openfisca", "clingo")
KEEPERS = ROLES.index("enterprise")
NOW = instant(AS_OF.date()) + AS_OF.hour * HOUR
# "crowded" has far more records that satisfy nothing; "partial" lacks many that a site would have; "edges" is all edges.
CASES = {name: SIZES[name] for name in ("tiny", "small")} | {"crowded": (7, 4_000), "partial": (30, 2_500), "edges": None}


def peer(name: str) -> Any:
    """The module of a peer; where its tool is not installed, the test is skipped and says so."""
    contestant = next(c for c in CONTESTANTS if c.name == name)
    if not contestant.present:
        pytest.skip(f"{contestant.needs} is not installed: pip install -e '.[bench]'")
    return import_module(contestant.module)


def of(module: Any, w: Workload) -> Any:
    return w if module is by_numpy else module.of(w)


def edges(seed: int) -> Workload:
    """Records a second before, at and after every edge: of windows, terms, limits, and of the moment of judgement.

    Posts change hands up to twice, the second time back to who held them first.
    """
    random = np.random.default_rng(seed)
    sites, terms = 4, []
    for role in range(4):
        for site in range(sites):
            days = np.sort(random.choice(np.arange(1, 349), random.integers(0, 3), replace=False))
            bounds = [-FAR, *(YEAR_START + days * DAY).tolist(), FAR]
            person = 2 * (role * sites + site)
            terms += [(role, site, person + i % 2, bounds[i], bounds[i + 1]) for i in range(len(bounds) - 1)]
    role, site, person, start, end = (np.array(c) for c in zip(*terms, strict=True))
    moments = np.unique(np.concatenate([D1_EDGES, D2_EDGES, MONTH_EDGES, start[start > 0], [NOW, NOW - 2 * HOUR, NOW - 12 * HOUR, NOW - DAY]]))
    near = (-SECOND, 0, SECOND)
    limits = {
        "on_site": [0, *(2 * HOUR + n for n in near)],
        "reported": [0, *(DAY + n for n in near)],
        "closed": [0, *(d * DAY + h * HOUR + n for d in (29, 30, 31) for h in (0, 8, 16) for n in near)],
    }
    rows: list[tuple[int, str, int, int, int, int]] = []

    def add(time: int, kind: str, at: int, signed: int = -1, hazard: int = -1) -> None:
        rows.append((time, kind, at, -1 if kind == "alert" else int(random.choice(person[site == at])), signed, hazard))

    for i, moment in enumerate(random.choice(moments, 200)):
        time, at = int(moment + random.choice(near)), int(random.integers(sites))
        add(time, str(random.choice(["inspection", "shift", "review"])), at, int(random.integers(-1, 2)))
        kind = "found" if i % 2 else "alert"
        add(time, kind, at, hazard=i if kind == "found" else -1)
        for answer in ("reported", "closed") if kind == "found" else ("on_site",):
            for _ in range(2):
                there = at if random.random() < 0.9 else (at + 1) % sites
                add(time + int(random.choice(limits[answer])), answer, there, hazard=i if kind == "found" else -1)
    # Shifts on nine to eleven days of months, by whoever should, in the first or the last second of a day.
    for at, month in product(range(sites), (0, 5, 10, 11)):
        held = np.flatnonzero((role == KEEPERS) & (site == at))
        days = np.arange(*((MONTH_EDGES[month : month + 2] - YEAR_START) // DAY))
        for day in random.choice(days, random.integers(9, 12), replace=False):
            time = int(YEAR_START + day * DAY + random.choice([0, DAY - SECOND]))
            who = person[held[(start[held] <= time) & (time < end[held])]]
            rows.append((time, "shift", at, int(who[0]), -1, -1))
    rows = sorted(r for r in rows if r[0] >= YEAR_START)
    time, kind, at, by, signed, hazard = zip(*rows, strict=True)
    columns = (np.array(time), np.array([KINDS.index(k) for k in kind], dtype=np.int8), np.array(at, dtype=np.int32),
               np.array(by, dtype=np.int32), np.array(signed, dtype=np.int8), np.array(hazard, dtype=np.int32))  # fmt: skip
    tenures = (role.astype(np.int8), site.astype(np.int32), person.astype(np.int32), start, end)
    return Workload(sites, *columns, *tenures, int(person.max()) + 1)


@cache
def workload(case: str, seed: int) -> Workload:
    size = CASES[case]
    return edges(seed) if size is None else make(*size, seed)


@cache
def expected(case: str, seed: int) -> dict[str, Counter[str]]:
    inputs = by_dutyrules.from_objects(workload(case, seed))
    return by_dutyrules.counts(by_dutyrules.evaluate(inputs))


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("name", NAMES)
def test_a_peer_counts_what_dutyrules_counts(name, case, seed) -> None:
    module = peer(name)
    found = module.evaluate(of(module, workload(case, seed)))
    assert found.keys() == DUTIES
    assert found == expected(case, seed)


@pytest.mark.parametrize("seed", range(5, 25))
@pytest.mark.parametrize("name", NAMES)
def test_a_peer_keeps_to_every_edge(name, seed) -> None:
    module = peer(name)
    assert module.evaluate(of(module, workload("edges", seed))) == expected("edges", seed)


@pytest.mark.parametrize("name", NAMES)
def test_a_peer_counts_the_same_from_files(name, tmp_path) -> None:
    write(workload("crowded", 0), tmp_path)
    module = peer(name)
    assert module.evaluate(module.load(tmp_path)) == expected("crowded", 0)


def test_the_files_hold_the_workload(tmp_path) -> None:
    w = workload("crowded", 1)
    write(w, tmp_path)
    again = read(tmp_path)
    columns = (*RECORD_COLUMNS, *(f"tenure_{n}" for n in TENURE_COLUMNS))
    assert all((getattr(again, n) == getattr(w, n)).all() for n in columns)
    assert (again.sites, again.nbytes) == (w.sites, w.nbytes)
    assert again.persons == max(w.by.max(), w.tenure_person.max()) + 1


@pytest.mark.parametrize("case", ["small", "crowded"])
def test_the_workload_has_every_verdict(case) -> None:
    found: Counter[str] = sum(expected(case, 0).values(), Counter())
    assert {"met", "violated", "pending"} <= {verdict for verdict, n in found.items() if n}


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("case", CASES)
def test_tables_count_what_objects_count(case, seed) -> None:
    assert by_dutyrules.counts(by_dutyrules.evaluate(by_dutyrules.from_tables(workload(case, seed)))) == expected(case, seed)


@pytest.mark.parametrize("case", CASES)
def test_lines_of_json_are_those_of_orjson(case) -> None:
    exports = pytest.importorskip("exports")
    e = by_dutyrules.evaluate(by_dutyrules.from_tables(workload(case, 0)))
    assert b"".join(to_jsonl(e)) == exports.by_orjson([obligation_document(o) for o in e.obligations])


def test_a_difference_is_told_with_contestant_duty_and_verdict() -> None:
    found = {"D1": {"met": 3}, "D2": {"met": 1, "violated": 2}}
    wanted = {"D1": {"met": 3}, "D2": {"met": 2, "violated": 2}, "D3": {"pending": 1}}
    assert differences("x", found, wanted) == ["x, D2: met 1, dutyrules 2", "x, D3: pending 0, dutyrules 1"]
    assert differences("x", wanted, wanted) == []


def test_a_run_fails_where_counts_differ(monkeypatch) -> None:
    def judged(contestant: Any, folder: str, *also: str) -> dict[str, Any]:
        return {"counts": {"D1": {"met": 2 if contestant.name == "polars" else 3}}}

    peer("polars")
    monkeypatch.setattr("contest._judged", judged)
    monkeypatch.setattr("contest._run", lambda *words: ("", 0.0))
    with pytest.raises(Failed, match="polars, D1: met 2, dutyrules 3"):
        contest("small", 1, 0, lambda text: None)


def test_ratios_are_of_the_same_round_and_memory_is_over_the_columns() -> None:
    def run(evaluate: float, peak: int, **more: Any) -> dict[str, Any]:
        return {"import": 1, "load": 1, "evaluate": evaluate, "cpu": evaluate, "process": 3, "peak": peak, **more}

    numpy = [run(1, 10, columns=100), run(2, 10, columns=100)]
    found = summary([run(3, 300, columns=200), run(4, 500, columns=200)], numpy)
    assert found["ratio"] == {"median": 2.5, "min": 2, "max": 3}
    assert (found["peak_ratio"], found["peak_ratio_own"]) == (4, 2)
    assert summary([run(3, 300)], numpy)["columns"] == 100


def test_growth_is_the_power_of_the_number_of_records() -> None:
    def size(seconds: float) -> dict[str, Any]:
        return {"contestants": {"x": {"evaluate": {"median": seconds}}}}

    found = exponents({"medium": 100, "large": 1000}, {"medium": size(1), "large": size(100)})
    assert found == {"large": {"x": pytest.approx(2)}}


def test_seconds_are_whole() -> None:
    assert seconds(np.array([YEAR_START - SECOND, YEAR_START, FAR, -FAR])).tolist() == [-1, 0, 2**31 - 1, 1 - 2**31]
    with pytest.raises(ValueError, match="second"):
        seconds(np.array([YEAR_START + 1]))
