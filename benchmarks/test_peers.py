"""Every peer counts what dutyrules counts: ``python -m pytest benchmarks``."""

from __future__ import annotations

import sys
from collections import Counter
from functools import cache
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

import by_duckdb
import by_dutyrules
import by_numpy
import by_pandas
import by_polars
import by_python
from files import read, write
from workload import SIZES, Workload, make

from dutyrules import to_jsonl
from dutyrules.document import obligation_document

DUTIES = {"D1", "D2", "D3", "D4", "D5", "D6", "D7a", "D7b"}
PEERS = (by_duckdb, by_pandas, by_polars, by_python)
# "crowded" has far more records that satisfy nothing; "partial" lacks many that a site would have.
CASES = {name: SIZES[name] for name in ("tiny", "small")} | {"crowded": (7, 4_000), "partial": (30, 2_500)}


@cache
def workload(case: str, seed: int) -> Workload:
    return make(*CASES[case], seed)


@cache
def expected(case: str, seed: int) -> dict[str, Counter[str]]:
    inputs = by_dutyrules.from_objects(workload(case, seed))
    return by_dutyrules.counts(by_dutyrules.evaluate(inputs))


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("case", CASES)
def test_numpy_counts_what_dutyrules_counts(case, seed) -> None:
    found = by_numpy.evaluate(workload(case, seed))
    assert found.keys() == DUTIES
    assert found == expected(case, seed)


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("peer", PEERS, ids=lambda peer: peer.__name__)
def test_a_peer_counts_what_dutyrules_counts(peer, case, seed) -> None:
    assert peer.evaluate(peer.of(workload(case, seed))) == expected(case, seed)


@pytest.mark.parametrize("peer", PEERS, ids=lambda peer: peer.__name__)
def test_a_peer_counts_the_same_from_files(peer, tmp_path) -> None:
    write(workload("crowded", 0), tmp_path)
    assert peer.evaluate(peer.load(tmp_path)) == expected("crowded", 0)


def test_the_files_hold_the_workload(tmp_path) -> None:
    w = workload("crowded", 1)
    write(w, tmp_path)
    again = read(tmp_path)
    assert all((getattr(again, n) == getattr(w, n)).all() for n in ("time", "kind", "site", "by", "signed", "hazard", "tenure_end"))
    assert (again.sites, again.persons) == (w.sites, int(w.tenure_person.max()) + 1)


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
