"""A history and a roster from tables give what the same rows give from a file."""

from __future__ import annotations

import sys
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import given

from dutyrules import InputError, evaluate, load_history, load_plan, load_roster
from dutyrules.strategies import Case, cases
from dutyrules.tables import history_from_table, roster_from_tables
from test_laws import judged, view

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "benchmarks"))


def row(r: Any) -> dict[str, Any]:
    """A record as the row of a file."""
    def told(t: Any) -> str | None:
        return None if t is None else t.isoformat()

    found = {"id": r.id, "time": told(r.time), "event": r.event, "object": ";".join(r.objects) or None, "area": r.area,
             "by": ";".join(r.by) or None, "recorded_at": told(r.recorded_at), "until": told(r.until), "retracts": r.retracts}  # fmt: skip
    return {**found, **{k: v if isinstance(v, str) else str(v).lower() if isinstance(v, bool) else str(v) for k, v in r.attributes.items()}}


@given(cases())
def test_the_rows_of_a_drawn_history_mean_the_same_in_a_table(case: Case) -> None:
    rows = [row(r) for r in case.history.records]
    names = list(dict.fromkeys(n for r in rows for n in r)) or ["id", "time", "event"]
    table = pa.table({n: pa.array([r.get(n) for r in rows], pa.string()) for n in names})
    plain = load_history(rows, case.history.complete_through)
    columns = history_from_table(table, case.history.complete_through)
    assert list(columns.records) == list(plain.records)
    assert view(judged(case, history=columns)) == view(judged(case, history=plain))


def test_types_of_arrow_are_read_as_what_they_are():
    table = pa.table(
        {
            "id": pa.array([1, 2, 3]), "event": pa.array(["a", "b", "a"]).dictionary_encode(),
            "time": pa.array([datetime(2026, 5, 1, 8), None, datetime(2026, 5, 2)], pa.timestamp("ms")),
            "date": pa.array([None, date(2026, 5, 3), None]), "object": pa.array([["m"], ["m", "p"], None]),
            "by": ["x; y", "", None], "signed": [True, None, False], "n": pa.array([7, None, 8], pa.int16()), "note": ["", "z", None],
        }
    )
    found = list(history_from_table(table).records)
    assert [r.time for r in found] == [datetime(2026, 5, 1, 8), date(2026, 5, 3), datetime(2026, 5, 2)]
    assert [(r.id, r.event, r.objects, r.by, dict(r.attributes)) for r in found] == [
        ("1", "a", ("m",), ("x", "y"), {"signed": True, "n": 7}),
        ("2", "b", ("m", "p"), (), {"note": "z"}),
        ("3", "a", (), (), {"signed": False, "n": 8}),
    ]
    zoned = table.set_column(2, "time", pa.array([0, 1, 2], pa.timestamp("us", "UTC"))).drop_columns(["date"])
    assert all(r.time.tzinfo is not None for r in load_history(zoned).records)


def test_an_empty_text_is_no_time() -> None:
    columns = {"id": ["1", "2"], "event": ["a", "a"], "time": ["2026-05-01T08:00", ""], "date": ["", "2026-05-03"], "recorded_at": ["", "2026-05-04"]}
    found = list(history_from_table(pa.table(columns)).records)
    assert [(r.time, r.recorded_at) for r in found] == [(datetime(2026, 5, 1, 8), None), (date(2026, 5, 3), date(2026, 5, 4))]


@pytest.mark.parametrize(
    ("columns", "codes"),
    [
        ({"id": ["a"], "event": ["x"]}, {"DR311"}),
        ({"id": ["a", None], "event": ["x", "y"], "time": ["2026-05-01", "2026-05-02"]}, {"DR301"}),
        ({"id": ["a", "a"], "event": ["x", "y"], "time": ["2026-05-01", "2026-05-02"]}, {"DR308"}),
        ({"id": [3, 1, 3], "event": ["x", "y", "x"], "time": ["2026-05-01"] * 3}, {"DR308"}),
        ({"id": [1, 3, 3], "event": ["x", "y", "x"], "time": ["2026-05-01"] * 3}, {"DR308"}),
        ({"id": ["a", "b"], "event": ["x", "y"], "time": ["2026-05-01", "soon"]}, {"DR302"}),
        ({"id": ["a", "b"], "event": ["x", "y"], "time": [1, 2]}, {"DR302"}),
        ({"id": ["a", "b"], "event": ["x", "y"], "time": ["2026-05-01", None]}, {"DR301"}),
    ],
)
def test_rows_that_cannot_be_read_are_told(columns, codes):
    with pytest.raises(InputError) as fault:
        history_from_table(pa.table(columns))
    assert {p.code for p in fault.value.problems} == codes


@pytest.mark.parametrize("ids", [[], [1], [1, 2, 3], [3, 1, 2]])
def test_ids_may_be_numbers_in_any_order(ids):
    table = pa.table({"id": pa.array(ids, pa.int64()), "event": pa.array(["x"] * len(ids), pa.string()), "time": pa.array(["2026-05-01"] * len(ids), pa.string())})
    assert [r.id for r in history_from_table(table).records] == [str(i) for i in ids]


@pytest.mark.parametrize("seed", range(4))
def test_a_workload_in_tables_agrees_with_the_same_in_objects(seed):
    from adapters import arrow_records, arrow_roster, plain_inputs
    from workload import AS_OF, make

    w = make(9, 1800, seed)
    plan, roster, records = plain_inputs(w)
    objects, tenures, persons = arrow_roster(w)
    columns = roster_from_tables(objects, tenures, persons=persons)
    a = evaluate(plan, roster, records, as_of=AS_OF)
    b = evaluate(plan, columns, arrow_records(w), as_of=AS_OF)
    assert a.counts() == b.counts()
    assert [o.id.rpartition("/")[0] for o in a.obligations] == [o.id.rpartition("/")[0] for o in b.obligations]
    assert [(o.verdict, o.bearers, o.counted, o.settled_at) for o in a.obligations] == [
        (o.verdict, o.bearers, o.counted, o.settled_at) for o in b.obligations
    ]
    assert a.vacancies == b.vacancies


def test_a_roster_of_tables_holds_states_attributes_and_areas():
    objects = pa.table({"id": ["p2", "p1"], "type": ["pond", "pond"], "area": ["t", "t"], "state": ["closed", "producing"], "visits_per_year": [2, 3]})
    tenures = pa.table({"role": ["leader"], "person": ["li"], "area": ["t"], "from": ["2026-01-01"], "through": [None]})
    columns = roster_from_tables(objects, tenures, areas=pa.table({"id": ["t"], "name": ["Town"]}))
    plain = load_roster(
        {
            "areas": [{"id": "t", "name": "Town"}], "persons": [{"id": "li"}],
            "objects": [
                {"id": i, "type": "pond", "area": "t", "states": [{"state": s}], "attributes": {"visits_per_year": n}}
                for i, s, n in (("p1", "producing", 3), ("p2", "closed", 2))
            ],
            "tenures": [{"role": "leader", "person": "li", "area": "t", "from": "2026-01-01"}],
        }
    )
    plan = load_plan(
        {
            "dutyrules": 1, "plan": {"id": "p", "title": {"en": "P"}, "in_force": {"from": "2026-01-01"}, "timezone": "Asia/Shanghai"},
            "roles": {"leader": {"en": "L"}}, "events": {"visit": {"en": "V"}},
            "object_types": {"pond": {"en": "P", "while": {"state": "producing"}, "attributes": {"visits_per_year": "integer"}}},
            "duties": {
                "d": {"clause": "1", "summary": {"en": "Visits"}, "role": "leader", "object_type": "pond", "must": "visit", "for_each": "object",
                      "at_least": "1 per month"},
                "e": {"clause": "2", "summary": {"en": "Visits"}, "role": "leader", "object_type": "pond", "must": "visit", "for_each": "object",
                      "at_least": {"count": {"from": "visits_per_year"}, "per": "year"}},
            },
        }
    )  # fmt: skip
    rows = [{"id": "1", "time": "2026-01-05T09:00", "event": "visit", "object": "p1;p2", "by": "li"}]
    assert view(evaluate(plan, columns, rows, as_of=date(2026, 3, 31))) == view(evaluate(plan, plain, rows, as_of=date(2026, 3, 31)))
    with pytest.raises(InputError):
        roster_from_tables(objects, pa.table({"role": ["leader"], "person": ["li"], "object": ["p9"]}))


# ---------------------------------------------------------------------------------------------------------------- out


def shown(o: Any, evidence: bool) -> dict[str, Any]:
    """An obligation as the row of a table."""
    from dutyrules.document import COLUMNS, obligation_document

    d = obligation_document(o)
    required = d["required"] or {"count": None, "unit": None}
    row = {**d, "from": o.window.from_, "through": o.window.through, "cut": o.window.cut, "deadline": o.deadline,
           "required": required["count"], "unit": required["unit"]}  # fmt: skip
    names = COLUMNS if evidence else [n for n in COLUMNS if n not in ("settled_at", "late_by", "evidence")]
    return {n: row[n] for n in names}


def test_those_who_bear_a_post_together_are_told_alike_in_a_table() -> None:
    objects = pa.table({"id": ["p1", "p2"], "type": ["pond", "pond"]})
    tenures = pa.table({"role": ["leader"] * 4, "person": ["zhao", "an", "an", "zhao"], "object": ["p1", "p1", "p2", "p2"]})
    plan = {
        "dutyrules": 1, "plan": {"id": "p", "title": {"en": "P"}, "in_force": {"from": "2026-01-01"}, "timezone": "Asia/Shanghai"},
        "roles": {"leader": {"en": "L"}}, "events": {"visit": {"en": "V"}}, "object_types": {"pond": {"en": "P"}},
        "duties": {"d": {"clause": "1", "summary": {"en": "Visits"}, "role": "leader", "object_type": "pond", "must": "visit",
                         "for_each": "object", "at_least": "1 per month"}},
    }  # fmt: skip
    e = evaluate(plan, roster_from_tables(objects, tenures), [], as_of=date(2026, 3, 31))
    assert e.to_arrow()["bearer"].to_pylist() == [o.bearer for o in e.obligations] == ["an"] * 6


@pytest.mark.parametrize("duties", [("b", "a"), ("a", "b")])
def test_duties_come_in_order_of_name_whatever_their_order_in_the_plan(duties: tuple[str, ...]) -> None:
    plan = {
        "dutyrules": 1, "plan": {"id": "p", "title": {"en": "P"}, "in_force": {"from": "2026-01-01"}, "timezone": "Asia/Shanghai"},
        "roles": {"leader": {"en": "L"}}, "events": {"visit": {"en": "V"}}, "object_types": {"pond": {"en": "P"}},
        "duties": {d: {"clause": d, "summary": {"en": "Visits"}, "role": "leader", "object_type": "pond", "must": "visit",
                       "for_each": "object", "at_least": "1 per month"} for d in duties},
    }  # fmt: skip
    e = evaluate(plan, {"objects": [{"id": "o", "type": "pond"}]}, [], as_of=date(2026, 2, 28))
    assert e.ledger.single == 0
    assert e.to_arrow()["clause"].to_pylist() == [o.clause for o in e.obligations] == ["a", "a", "b", "b"]


@given(cases())
def test_a_drawn_evaluation_is_the_same_in_a_table(case: Case) -> None:
    e = judged(case)
    for evidence in (False, True):
        assert e.to_arrow(evidence).to_pylist() == [shown(o, evidence) for o in e.obligations]


@pytest.mark.parametrize("seed", range(3))
def test_a_workload_is_the_same_in_a_table_and_in_objects(seed):
    from adapters import plain_inputs
    from workload import AS_OF, make

    plan, roster, records = plain_inputs(make(7, 1400, seed))
    e = evaluate(plan, roster, records, as_of=AS_OF)
    assert e.ledger.single == 0
    assert e.to_arrow().to_pylist() == [shown(o, False) for o in e.obligations]
    assert pa.table(e).equals(e.to_arrow())


@pytest.mark.parametrize("library", ["pandas", "polars"])
def test_data_frames_go_in_and_come_out(library):
    from adapters import arrow_records, arrow_roster, plain_inputs
    from workload import AS_OF, make

    w = make(3, 300, 5)
    plan, roster, records = plain_inputs(w)
    frames = [t.to_pandas() if library == "pandas" else pl.from_arrow(t) for t in (arrow_records(w), *arrow_roster(w)[:2])]
    e = evaluate(plan, roster_from_tables(*frames[1:]), frames[0], as_of=AS_OF)
    assert e.counts() == evaluate(plan, roster, records, as_of=AS_OF).counts()
    out = e.to_pandas() if library == "pandas" else e.to_polars()
    assert list(out["from"]) == [pd.Timestamp(o.window.from_) if library == "pandas" else o.window.from_ for o in e.obligations]
    assert list(out["id"]) == e.ids() and list(out["verdict"]) == [o.verdict for o in e.obligations]


@pytest.mark.parametrize(
    ("kind", "values"),
    [
        (pa.int8(), [-128, 127, None, 0]), (pa.uint8(), [255, 0, None]), (pa.int16(), [-32768, 32767]), (pa.int32(), [-(2**31), None, 2**31 - 1]),
        (pa.int32(), [5, 5, 6]), (pa.int64(), [2**62, 2**62 + 3, None]), (pa.uint64(), [2**64 - 1, 2**64 - 4]), (pa.int64(), [None, None]),
        (pa.bool_(), [True, None, False]), (pa.bool_(), [None]), (pa.int32(), [-(2**31), -(2**31) + 9, None]),
    ],
)  # fmt: skip
@pytest.mark.parametrize("offset", [0, 1])
def test_numbers_and_truths_are_read_whatever_their_type(kind, values, offset):
    many = [*([None] * offset), *values, *values]
    columns = {"id": [str(i) for i in range(len(many))], "event": ["a"] * len(many), "time": [datetime(2026, 5, 1)] * len(many)}
    table = pa.table({**columns, "n": pa.array(many, kind)}).slice(offset)
    found = history_from_table(table).columns.attribute("n")
    assert [found[i] for i in range(len(values))] == values
    assert [type(found[i]) for i in range(len(values))] == [type(v) for v in values]
