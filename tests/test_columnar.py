"""Duties judged for all objects at once give what they give record by record, to the last field."""

from __future__ import annotations

import sys
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import event, given

from dutyrules import evaluate, load_history, load_plan, load_roster, load_waivers
from dutyrules.engine import rerun
from dutyrules.history import History
from dutyrules.strategies import Case, cases
from test_laws import MORE, judged, view

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "benchmarks"))

EXAMPLE = ROOT / "examples" / "xixia"


def share(e) -> float:
    """The share of the obligations that were judged in columns."""
    return 1 - e.ledger.single / max(1, len(e.ledger))


def agree(e) -> None:
    plainly = rerun(e, columnar=False)
    assert share(plainly) == 0 or not len(plainly.ledger)
    assert view(e) == view(plainly)
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
