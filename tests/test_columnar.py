"""Duties judged for all objects at once give what they give record by record, to the last field."""

from __future__ import annotations

import gc
import sys
import weakref
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest
from hypothesis import event, given

from dutyrules import bench, evaluate, load_history, load_plan, load_roster, load_waivers
from dutyrules.columnar import limits, people
from dutyrules.engine import rerun
from dutyrules.history import History
from dutyrules.strategies import Case, cases
from test_laws import MORE, judged, view

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "benchmarks"))

from workload import DAY, FAR, KINDS, OFFSET  # noqa: E402

EXAMPLE = ROOT / "examples" / "xixia"


def share(e) -> float:
    """The share of the obligations that were judged in columns."""
    return 1 - e.ledger.single / max(1, len(e.ledger))


@contextmanager
def looked_at_one_by_one(up_to: int):
    """Histories of up to so many records are looked at without arrays."""
    kept = people.FEW, limits.FEW, bench.FEW
    people.FEW = limits.FEW = bench.FEW = up_to
    yield
    people.FEW, limits.FEW, bench.FEW = kept


def agree(e) -> None:
    plainly = rerun(e, columnar=False)
    assert share(plainly) == 0 or not len(plainly.ledger)
    assert view(e) == view(plainly)
    with looked_at_one_by_one(up_to=1_000_000 if len(e.inputs.history) > people.FEW else 0):
        otherwise = rerun(e)
        assert view(otherwise) == view(plainly)
        assert share(otherwise) == share(e)
        assert view(rerun(e, columnar=False)) == view(plainly)
    assert e.counts() == plainly.counts()
    assert e.ids() == plainly.ids()
    assert sorted(e.verdicts()) == sorted(plainly.verdicts())
    for i in e.ids()[:5]:
        assert e.place(i) == plainly.place(i) and e.obligation(i) == plainly.obligation(i)


@MORE
@given(cases())
def test_drawn_cases_agree(case: Case) -> None:
    e = judged(case)
    event(f"in columns: {share(e):.1f}")
    agree(e)


@pytest.mark.parametrize("as_of", [date(2026, 4, 16), date(2026, 6, 30), datetime(2026, 7, 13, 2, 5), date(2026, 12, 31)])
@pytest.mark.parametrize("known_at", [None, date(2026, 6, 1)])
def test_the_example_agrees(as_of, known_at) -> None:
    plan, roster = load_plan(ROOT / "duties" / "xixia-mines-2026h1.yaml"), load_roster(EXAMPLE / "roster.yaml")
    history, waivers = load_history(EXAMPLE / "history.csv"), load_waivers(EXAMPLE / "waivers.yaml")
    e = evaluate(plan, roster, history, as_of=as_of, known_at=known_at, waivers=waivers)
    # On a day of which a record has only the date, in mid-day, nothing is plain.
    assert share(e) > 0.2 or isinstance(as_of, datetime)
    agree(e)
    agree(evaluate(plan, roster, history, as_of=as_of, known_at=known_at, complete_through={"inspection": date(2026, 5, 20)}))


@pytest.mark.parametrize("seed", range(6))
def test_the_workload_agrees(seed) -> None:
    from adapters import plain_inputs
    from workload import AS_OF, make

    plan, roster, records = plain_inputs(make(12, 2400, seed))
    for shift in (timedelta(0), timedelta(days=-seed * 41 - 1, hours=seed)):
        e = evaluate(plan, roster, History(records), as_of=AS_OF + shift)
        assert share(e) == 1
        agree(e)


def on_edges(w, seed):
    """The workload with half of its records moved onto an edge: a handover, a midnight, the instant of an alert or a find."""
    random = np.random.default_rng(seed)
    time, by = w.time.copy(), w.by.copy()
    change = w.tenure_from[w.tenure_from > -FAR]
    there, after = w.tenure_site[w.tenure_from > -FAR], w.tenure_person[w.tenure_from > -FAR]
    first = {(s, e): p for s, e, p in zip(w.tenure_site.tolist(), w.tenure_end.tolist(), w.tenure_person.tolist(), strict=True)}
    for i in np.flatnonzero(random.random(len(time)) < 0.5):
        mine = np.flatnonzero(there == w.site[i])
        asked = time[(w.site == w.site[i]) & np.isin(w.kind, (KINDS.index("alert"), KINDS.index("found")))]
        how = random.integers(0, 4)
        if how == 0 and len(mine):
            k = random.choice(mine)
            time[i] = change[k] - int(random.integers(0, 2))
            by[i] = random.choice([after[k], first[(w.site[i].item(), change[k].item())]])
        elif how == 1 and len(asked):
            time[i] = random.choice(asked) + random.choice([-1, 0, 1, 7_200_000_000, 7_200_000_001])
        elif how == 2:
            time[i] = (time[i] + OFFSET) // DAY * DAY - OFFSET - int(random.integers(0, 2))
    return replace(w, time=time, by=by)


@pytest.mark.parametrize("seed", range(5))
def test_a_workload_on_edges_agrees(seed) -> None:
    from adapters import plain_inputs
    from workload import make

    plan, roster, records = plain_inputs(on_edges(make(25, 5000, seed), seed))
    history = History(records)
    for day in range(18, 31, 3):
        e = evaluate(plan, roster, history, as_of=datetime(2025, 3 + 2 * (day % 4), day, 6 * (day % 4)))
        assert share(e) == 1
        agree(e)


def test_each_kind_of_record_is_read_as_it_declares_its_attributes() -> None:
    events = {"visit": {"en": "V", "attributes": {"score": "number"}}, "call": {"en": "C", "attributes": {"score": "text"}}}
    plan = load_plan(
        {
            "dutyrules": 1, "plan": {"id": "p", "title": {"en": "P"}, "in_force": {"from": "2026-01-01"}, "timezone": "Asia/Shanghai"},
            "roles": {"leader": {"en": "L"}}, "object_types": {"pond": {"en": "P"}}, "events": events,
            "duties": {"d": {"clause": "1", "summary": {"en": "Visits"}, "role": "leader", "object_type": "pond", "must": ["visit", "call"],
                             "where": {"score": "5"}, "for_each": "object", "at_least": "2 per month"}},
        }
    )  # fmt: skip
    roster = load_roster(
        {"objects": [{"id": "a", "type": "pond"}], "persons": [{"id": "li"}], "tenures": [{"role": "leader", "person": "li", "object": "a"}]}
    )
    rows = [
        {"id": str(n), "time": f"2026-01-{n:02d}T09:00", "event": event, "object": "a", "by": "li", "score": score}
        for n, (event, score) in enumerate([("visit", "5.0"), ("call", "5.0"), ("call", "5")], 1)
    ]
    e = evaluate(plan, roster, rows, as_of=date(2026, 1, 31))
    assert share(e) == 1 and e.obligations[0].evidence == ("1", "3")
    agree(e)


def test_an_object_that_nobody_knows_asks_nothing_of_another() -> None:
    from adapters import plain_inputs
    from workload import AS_OF, make

    plan, roster, records = plain_inputs(make(3, 60, 1))
    strange = [replace(r, id=f"{r.id}-strange", objects=("nowhere",)) for r in records]
    agree(evaluate(plan, roster, History([*records, *strange]), as_of=AS_OF))
    agree(evaluate(plan, roster, History(strange), as_of=AS_OF))
    assert evaluate(plan, roster, History(strange), as_of=AS_OF).counts() == evaluate(plan, roster, [], as_of=AS_OF).counts()


@pytest.mark.parametrize("in_tables", [False, True])
def test_nothing_of_an_evaluation_stays_behind(in_tables: bool) -> None:
    from adapters import arrow_records, plain_inputs
    from workload import AS_OF, make

    from dutyrules.columnar.people import KEPT

    gone = []
    gc.disable()
    try:
        for seed in range(KEPT + 2):
            w = make(2, 300, seed)
            plan, roster, records = plain_inputs(w)
            history = load_history(arrow_records(w)) if in_tables else History(records)
            e = evaluate(plan, roster, history, as_of=AS_OF)
            assert e.counts() and len(e.to_arrow()) == len(e.ids())
            del e
            gone += [weakref.ref(history.columns), weakref.ref(roster)]
            del roster, history
        held = [ref() is not None for ref in gone]
    finally:
        gc.enable()
    # The indexes of some rosters are kept; of histories none.
    assert not any(held[::2]) and sum(held[1::2]) == KEPT


def test_of_many_moments_only_the_last_is_kept() -> None:
    from adapters import plain_inputs
    from workload import AS_OF, make

    plan, roster, records = plain_inputs(make(3, 300, 1))
    kept = []
    for days in range(3):
        e = evaluate(plan, roster, History(records), as_of=AS_OF - timedelta(days=days))
        agree(e)
        kept.append(len(people.people_of(e.inputs.roster, e.zone)[1]._made_once))
    assert kept[0] == kept[2]
