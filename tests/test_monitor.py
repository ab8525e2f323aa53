"""A monitor says after every step what a batch evaluation of the same records says, and its changes lead from one to the next."""

from __future__ import annotations

from collections import Counter
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import event, given
from hypothesis import strategies as st
from test_laws import view

from dutyrules import Changes, Evaluation, InputError, Monitor, Obligation, Record, Violation, evaluate, load_plan, load_roster
from dutyrules.history import History
from dutyrules.strategies import Case, as_ofs, cases
from dutyrules.time.zone import zone_named

State = tuple[dict[str, Obligation], Counter[Violation]]


def state(e: Evaluation) -> State:
    return {o.id: o for o in e.obligations}, Counter(e.violations)


def applied(before: State, c: Changes) -> State:
    obligations, violations = dict(before[0]), Counter(before[1])
    for o in c.gone:
        assert obligations.pop(o.id) == o
    for was, now in c.different:
        assert was != now and was.id == now.id and obligations[was.id] == was
        obligations[now.id] = now
    for o in c.new:
        assert o.id not in obligations
        obligations[o.id] = o
    for v in c.gone_violations:
        assert violations[v]
    violations.subtract(c.gone_violations)
    violations.update(c.new_violations)
    return obligations, +violations


@given(cases(), st.data())
def test_batch_and_monitor_agree(case: Case, data: Any) -> None:
    zone = zone_named(case.plan.plan.timezone)
    records = data.draw(st.permutations(case.history.records), label="records")
    # Some that take back others, in any order and also in a ring, or what is not there.
    ids = [*(r.id for r in records), "x1", "x2", "missing"]
    for i in ("x1", "x2"):
        if data.draw(st.booleans(), label=f"{i} takes back"):
            kind = data.draw(st.sampled_from(["retraction", *(r.event for r in records)]), label="kind")
            taken = data.draw(st.sampled_from(ids), label="taken")
            at = data.draw(st.integers(0, len(records)), label="place")
            when = data.draw(st.sampled_from([*(r.time for r in records), case.plan.plan.in_force.from_]), label="when")
            records.insert(at, Record(i, when, kind, retracts=taken))
    moments = sorted(
        {*data.draw(st.lists(as_ofs(case.plan, case.roster, case.history), max_size=2), label="moments"), case.as_of},
        key=lambda m: (zone.moment(m), isinstance(m, datetime)),
    )  # fmt: skip
    through = case.history.complete_through
    first = data.draw(st.integers(0, len(records)), label="held at first")
    held, left = list(records[:first]), list(records[first:])
    monitor = Monitor(
        case.plan, case.roster, held, as_of=moments[0], known_at=case.known_at, waivers=case.waivers, complete_through=through
    )
    known = state(monitor.evaluation())
    now = moments.pop(0)
    while left or moments:
        if moments and (not left or data.draw(st.booleans(), label="time passes")):
            now = moments.pop(0)
            changes = monitor.advance(now)
        else:
            size = data.draw(st.integers(1, len(left)), label="chunk")
            chunk, left = left[:size], left[size:]
            held += chunk
            changes = monitor.add(chunk)
        batch = evaluate(
            case.plan, case.roster, History(tuple(held), through), as_of=now, known_at=case.known_at, waivers=case.waivers
        )
        known = applied(known, changes)
        assert known == state(batch)
        assert view(monitor.evaluation()) == view(batch)
        event("something changed" if changes else "nothing changed")
