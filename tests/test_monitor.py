"""A monitor says after every step what a batch evaluation of the same records says, and its changes lead from one to the next."""

from __future__ import annotations

from collections import Counter
from datetime import date, datetime
from typing import Any

import pytest
from hypothesis import event, given
from hypothesis import strategies as st

from dutyrules import Changes, Evaluation, InputError, Monitor, Obligation, Record, Violation, evaluate
from dutyrules import monitor as monitor_module
from dutyrules.history import History
from dutyrules.strategies import Case, as_ofs, cases
from dutyrules.time.zone import zone_named
from test_laws import view

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


# --------------------------------------------------------------------------------------------------------- by hand

PLAN = {
    "dutyrules": 1,
    "plan": {"id": "p", "title": {"en": "Invented"}, "in_force": {"from": "2026-01-01"}, "timezone": "Asia/Shanghai"},
    "roles": {"leader": {"en": "Leader"}},
    "object_types": {"mine": {"en": "Mine"}},
    "events": {"inspection": {"en": "Inspection"}, "alert": {"en": "Alert"}, "on_site": {"en": "On site"}},
    "duties": {
        "monthly": {
            "clause": "1", "summary": {"en": "Once a month"}, "role": "leader", "object_type": "mine",
            "must": "inspection", "for_each": "object", "at_least": "1 per month",
        },
        "storm": {
            "clause": "2", "summary": {"en": "Within two hours"}, "role": "leader", "object_type": "mine",
            "trigger": "alert", "must": "on_site", "for_each": "object", "within": "2 hours",
        },
    },
}  # fmt: skip
ROSTER = {
    "objects": [{"id": "m1", "type": "mine", "area": "east"}, {"id": "m2", "type": "mine"}],
    "areas": [{"id": "east"}],
    "persons": [{"id": "wang"}],
    "tenures": [{"role": "leader", "person": "wang", "object": o} for o in ("m1", "m2")],
}
ROW = {"id": "r1", "time": "2026-01-10T09:00", "event": "inspection", "object": "m1", "by": "wang"}


def monitor(as_of: date | datetime = date(2026, 1, 20)) -> Monitor:
    return Monitor(PLAN, ROSTER, as_of=as_of)


def test_only_what_changed_is_told() -> None:
    m = monitor()
    changes = m.add([ROW])
    assert [(a.id, a.verdict, b.verdict) for a, b in changes.different] == [("monthly/m1/2026-01-01", "pending", "met")]
    assert not (changes.new or changes.gone or changes.new_violations or changes.gone_violations)
    assert not m.add([{**ROW, "id": "r2", "by": ""}])
    back = m.add([{"id": "r3", "time": "2026-01-11T09:00", "event": "retraction", "retracts": "r1"}])
    assert [(b.id, b.verdict) for _, b in back.different] == [("monthly/m1/2026-01-01", "pending")]


def test_an_alert_reaches_what_it_names_and_what_lies_there() -> None:
    alert = {"id": "a", "time": "2026-01-10T09:00", "event": "alert"}
    assert [o.object for o in monitor().add([alert]).new] == ["m1", "m2"]
    assert [o.object for o in monitor().add([{**alert, "area": "east"}]).new] == ["m1"]
    assert [o.object for o in monitor().add([{**alert, "object": "m2"}]).new] == ["m2"]


def test_time_passes() -> None:
    m = monitor()
    changes = m.advance(date(2026, 2, 1))
    assert m.as_of == date(2026, 2, 1)
    assert [(b.object, b.verdict) for _, b in changes.different] == [("m1", "violated"), ("m2", "violated")]
    assert len(changes.new) == len(changes.new_violations) == 2
    late = m.add([ROW])
    assert [v.obligation for v in late.gone_violations] == ["monthly/m1/2026-01-01"]


@pytest.mark.parametrize(
    ("now", "to"),
    [(date(2026, 1, 20), date(2026, 1, 19)), (datetime(2026, 1, 21), date(2026, 1, 20)), (datetime(2026, 1, 21), datetime(2026, 1, 20))],
)
def test_time_does_not_go_back(now: date | datetime, to: date | datetime) -> None:
    m = monitor(now)
    with pytest.raises(ValueError, match="only moves forward"):
        m.advance(to)
    assert m.as_of == now
    assert not m.advance(now)


@pytest.mark.parametrize("bad", [{"id": "r2"}, ROW, {**ROW, "id": "r2", "time": "noon"}, {**ROW, "id": "r3"}])
def test_faulty_rows_leave_it_as_it_was(bad: dict[str, Any]) -> None:
    m = monitor()
    m.add([ROW])
    before = state(m.evaluation())
    with pytest.raises(InputError) as error:
        m.add([{**ROW, "id": "r3", "object": "m2"}, bad, {**ROW, "time": ""}])
    assert len(error.value.problems) >= 2 and {p.line for p in error.value.problems} == {2, 3}
    assert state(m.evaluation()) == before
    assert m.add([{**ROW, "id": "r3", "object": "m2"}])


def test_one_record_is_judged_with_those_of_its_object_only(monkeypatch: pytest.MonkeyPatch) -> None:
    judged: list[int] = []
    run = monitor_module.run
    monkeypatch.setattr(monitor_module, "run", lambda inputs, **o: (judged.append(len(inputs.history)), run(inputs, **o))[1])
    objects = [{"id": f"m{i}", "type": "mine"} for i in range(50)]
    rows = [{**ROW, "id": f"h{i}-{k}", "object": f"m{i}"} for i in range(50) for k in range(3)]
    m = Monitor(PLAN, {"objects": objects}, [*rows, {**ROW, "id": "x", "event": "on_site"}], as_of=date(2026, 1, 20))
    m.add([{**ROW, "object": "m7"}])
    assert judged == [3, 4]
