"""A monitor says after every step what a batch evaluation of the same records says, and its changes lead from one to the next."""

from __future__ import annotations

import operator
from collections import Counter
from dataclasses import replace
from datetime import date, datetime
from random import Random
from typing import Any

import pytest
from hypothesis import event, given, settings
from hypothesis import strategies as st

from dutyrules import Changes, Evaluation, InputError, Monitor, Obligation, Plan, Record, Violation, evaluate, load_plan
from dutyrules import monitor as monitor_module
from dutyrules.history import History
from dutyrules.monitor import agenda as agenda_module
from dutyrules.monitor import parts as parts_module
from dutyrules.monitor.moving import Moving, Turn
from dutyrules.strategies import Case, as_ofs, cases
from dutyrules.time.intervals import END
from dutyrules.time.zone import HOUR, zone_named
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


def with_retractions(case: Case, random: Random) -> list[Record]:
    """The records of a case, and some more that take back others, in any order and also in a ring, or what is not there."""
    records = list(case.history.records)
    ids = [*(r.id for r in records), *(f"x{i}" for i in range(3)), "missing"]
    for i in range(random.randint(0, 3)):
        like = random.choice([*records, Record("x", case.plan.plan.in_force.from_, "retraction")])
        kind = random.choice([like.event, "retraction"])
        records.append(replace(like, id=f"x{i}", event=kind, retracts=random.choice(ids)))
    random.shuffle(records)
    return records


def edges(case: Case, plans: list[Plan], records: list[Record]) -> list[int]:
    """The instants of a case at which something begins or ends, as far as anybody can tell who asks at its ``as_of``."""
    zone = zone_named(case.plan.plan.timezone)
    e = evaluate(plans, case.roster, History(tuple(records), case.history.complete_through), as_of=case.as_of, waivers=case.waivers)
    found = {zone.bounds(p.plan.in_force.from_)[0] for p in plans}
    found |= {at for r in records for at in zone.bounds(r.time)} | {zone.instant(r.until) for r in records if r.until is not None}
    for o in [*e.obligations, *e.upcoming(case.plan.plan.in_force.through or case.as_of)]:
        found |= {zone.instant(at) for at in (o.window.start, o.window.end, o.deadline) if at is not None}
    found |= {zone.instant(at) for v in e.violations for at in (v.from_, v.until) if at is not None}
    for t in case.roster.tenures:
        found |= {zone.moment(day) for day in (t.from_, t.through) if day is not None}
    return sorted(found)


def moment(case: Case, at: int, random: Random) -> date | datetime:
    """A moment at an edge, or as close to it as can be, or some time after it."""
    zone = zone_named(case.plan.plan.timezone)
    at += random.choice((0, 0, 0, 1, 1, -1, HOUR, 26 * HOUR))
    return date.fromordinal(zone.day_of(at - 1)) if random.randint(0, 3) == 0 else zone.to_datetime(at)


def in_turn(case: Case, random: Random) -> list[Plan]:
    """The plan of a case, or two in turn; in the second, some duties have another clause, and some may be done by others."""
    first = case.plan
    force = first.plan.in_force
    days = (force.through.toordinal() if force.through else force.from_.toordinal() + 500) - force.from_.toordinal()
    if random.randint(0, 3) or days < 2:
        return [first]
    data = first.to_dict()
    data["plan"] |= {"id": "next", "follows": first.plan.id}
    data["plan"]["in_force"] |= {"from": date.fromordinal(force.from_.toordinal() + random.randint(1, days)).isoformat()}
    for duty in data["duties"].values():
        duty["clause"] += random.choice(("", "a"))
        if random.randint(0, 2) == 0:
            act = duty["steps"][0] if "steps" in duty else duty
            act.pop("may_be_done_by", None)
    return [first, load_plan(data)]


@pytest.mark.parametrize("many", [0, parts_module.MANY])
@settings(max_examples=max(250, settings.default.max_examples))  # type: ignore[union-attr]
@given(case=cases(), random=st.randoms(use_true_random=False), data=st.data())
def test_batch_and_monitor_agree(many: int, case: Case, random: Random, data: Any) -> None:
    zone = zone_named(case.plan.plan.timezone)
    records = with_retractions(case, random)
    plans = in_turn(case, random)
    found = edges(case, plans, records) if random.randint(0, 3) else []
    if found:
        # Some that follow closely, so that few years begin between them.
        start = random.randrange(len(found))
        drawn = {moment(case, at, random) for at in found[start : start + random.randint(2, 9)]}
    else:
        drawn = {*data.draw(st.lists(as_ofs(case.plan, case.roster, case.history), max_size=2), label="moments"), case.as_of}
    moments = sorted(drawn, key=lambda m: (zone.moment(m), isinstance(m, datetime)))
    through = case.history.complete_through
    now, first = moments.pop(0), random.randint(0, len(records))
    held, left = list(records[:first]), list(records[first:])
    monitor = Monitor(
        plans, case.roster, held, as_of=now, known_at=case.known_at, waivers=case.waivers, complete_through=through
    )
    known = state(monitor.evaluation())
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(parts_module, "MANY", many)
        follow_along(case, plans, random, monitor, known, held, left, moments)


def follow_along(
    case: Case, plans: list[Plan], random: Random, monitor: Monitor, known: State, held: list[Record], left: list[Record], moments: list[date | datetime]
) -> None:  # fmt: skip
    now, through = monitor.as_of, case.history.complete_through
    while left or moments:
        if moments and random.randint(0, len(left)) == 0:
            edge = monitor._agenda.crosses_an_edge(now, moments[0])
            now = moments.pop(0)
            changes = monitor.advance(now)
            event(f"time passes{' over an edge' * edge}: {bool(changes)}")
        else:
            size = random.randint(1, min(3, len(left)))
            chunk, left = left[:size], left[size:]
            held += chunk
            changes = monitor.add(chunk)
            event(f"records come: {bool(changes)}")
        batch = evaluate(
            plans, case.roster, History(tuple(held), through), as_of=now, known_at=case.known_at, waivers=case.waivers
        )
        known = applied(known, changes)
        assert known == state(batch)
        assert view(monitor.evaluation()) == view(batch)


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


@pytest.fixture
def judged(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """From how many records each judgement was made that a monitor asked for."""
    found: list[int] = []
    for module in (monitor_module, agenda_module):
        run = module.run
        monkeypatch.setattr(module, "run", lambda inputs, run=run, **o: (found.append(len(inputs.history)), run(inputs, **o))[1])
    return found


def many(rows: list[dict[str, Any]], as_of: date | datetime = date(2026, 1, 20), **duties: Any) -> Monitor:
    """A monitor of fifty mines."""
    plan = {**PLAN, "duties": {**PLAN["duties"], **duties}}  # type: ignore[dict-item]
    roster = {
        "objects": [{"id": f"m{i}", "type": "mine", "area": "east"} for i in range(50)], "areas": [{"id": "east"}],
        "persons": [{"id": "wang"}], "tenures": [{"role": "leader", "person": "wang", "area": "east"}],
    }  # fmt: skip
    return Monitor(plan, roster, rows, as_of=as_of)


def test_one_record_is_judged_with_those_of_its_object_only(judged: list[int]) -> None:
    rows = [{**ROW, "id": f"h{i}-{k}", "object": f"m{i}"} for i in range(50) for k in range(3)]
    many([*rows, {**ROW, "id": "x", "event": "on_site"}]).add([{**ROW, "object": "m7"}])
    assert judged == [3, 4]


def test_one_record_is_judged_with_those_of_its_window_only(judged: list[int]) -> None:
    rows = [{**ROW, "id": f"h{k}", "object": "m7", "time": f"2026-{k:02}-10T09:00"} for k in range(1, 13)]
    m = many(rows, date(2026, 12, 20))
    assert follow(m, [{**ROW, "object": "m7", "time": "2026-05-31T23:00"}]) == [True]
    assert judged == [12, 1, 2, 13]
    alerts = [{**ROW, "id": f"a{k}", "event": "alert", "object": "m7", "time": f"2026-{k:02}-10T09:00"} for k in range(1, 13)]
    m.add(alerts)
    del judged[:]
    m.add([{**ROW, "id": "b", "event": "on_site", "object": "m7", "time": "2026-05-10T10:00"}])
    assert judged == [1, 2]


@pytest.mark.parametrize(
    "quantity",
    ["2 per quarter", "2 days per 2 months", "2 per 14 days from 2026-01-05", "3 per ten_days", {"flood": "1 per month", "non_flood": "3 per quarter"}],
)  # fmt: skip
def test_late_records_are_judged_with_later_ones_of_their_window(quantity: Any) -> None:
    seasons = {"flood": {"every_year": {"from": "05-15", "through": "09-30"}}}
    duty = {**PLAN["duties"]["monthly"], "at_least": quantity, "cut_windows": "full"}  # type: ignore[index]
    m = Monitor({**PLAN, "seasons": seasons, "duties": {"counted": duty}}, ROSTER, as_of=date(2026, 7, 20))
    days = (date(2026, 7, 19).fromordinal(date(2026, 7, 19).toordinal() - 6 * k).isoformat() for k in range(30))
    assert sum(follow(m, [{**ROW, "id": f"r{day}", "time": f"{day}T09:00"} for day in days])) > 10


def test_one_record_is_judged_with_those_of_its_case_only(judged: list[int]) -> None:
    step = {"role": "leader", "must": "closed", "within": "30 days", "roll": "none"}
    chain = {
        "clause": "3", "summary": {"en": "Closed in 30 days"}, "object_type": "mine", "case": "hazard", "starts_with": "found",
        "steps": [step],
    }  # fmt: skip
    events = {e: {"en": e, "attributes": {"hazard": "number"}} for e in ("found", "closed")}
    rows = [{**ROW, "id": f"f{i}", "event": "found", "hazard": i % 5} for i in range(10)]
    m = Monitor({**PLAN, "events": events, "duties": {"hazards": chain}}, ROSTER, rows, as_of=date(2026, 1, 20))
    # One number may be written in several ways.
    assert [b.verdict for _, b in m.add([{**ROW, "id": "c", "event": "closed", "hazard": "3.0"}]).different] == ["met"]
    assert judged == [2, 3]
    # Ten days on, nothing is due; then the other four are.
    m.advance(date(2026, 1, 30))
    del judged[:]
    assert not m.advance(date(2026, 2, 8)) and judged == []
    assert len(m.advance(date(2026, 2, 9)).different) == 4 and judged == [2] * 8


def test_nothing_is_judged_before_anything_can_change(judged: list[int]) -> None:
    alert = {**ROW, "event": "alert", "object": "m7", "time": "2026-01-20T09:00"}
    m = many([{**ROW, "id": f"h{i}", "object": f"m{i}"} for i in range(20)], datetime(2026, 1, 20, 8))
    m.advance(datetime(2026, 1, 20, 9, 30))
    m.add([alert])
    del judged[:]
    assert not m.advance(datetime(2026, 1, 20, 11))
    assert judged == []
    assert [b.verdict for _, b in m.advance(datetime(2026, 1, 20, 11, 0, 0, 1)).different] == ["violated"]
    assert judged == [1, 1]
    assert not m.advance(date(2026, 1, 30)) and judged == [1, 1]
    assert len(m.advance(datetime(2026, 2, 1)).new) == 50


def test_what_has_not_happened_yet_counts_when_it_has(judged: list[int]) -> None:
    m = many([], datetime(2026, 1, 20))
    m.advance(datetime(2026, 1, 21))
    back = {"id": "back", "event": "retraction", "time": "2026-01-25T09:00", "retracts": "b"}
    assert not m.add([{**ROW, "id": "b", "time": "2026-01-24T09:00"}, back])
    del judged[:]
    assert not m.advance(datetime(2026, 1, 24, 9))
    assert judged == []
    assert [b.verdict for _, b in m.advance(datetime(2026, 1, 24, 10)).different] == ["met"]
    assert [b.verdict for _, b in m.advance(datetime(2026, 1, 25, 10)).different] == ["pending"]
    assert not m.advance(datetime(2026, 1, 26))


def test_too_few_days_are_left_on_the_day_on_which_they_are(judged: list[int]) -> None:
    days = {**PLAN["duties"]["monthly"], "at_least": "10 days per month"}  # type: ignore[index]
    m = many([{**ROW, "id": f"r{k}", "object": "m7", "time": f"2026-01-0{k}T09:00"} for k in range(1, 8)], date(2026, 1, 8), days=days)
    assert not m.advance(date(2026, 1, 21))
    del judged[:]
    # Ten days are left, so that whoever has none must come on each of them.
    assert not m.advance(datetime(2026, 1, 22))
    assert len(m.advance(date(2026, 1, 22)).different) == 49
    assert not m.advance(date(2026, 1, 28))
    assert [b.verdict for _, b in m.advance(date(2026, 1, 29)).different] == ["cannot_be_met"]


STEP = {"role": "leader", "must": "on_site", "within": "2 days", "roll": "none"}
CHAIN = {"clause": "3", "summary": {"en": "Two steps"}, "object_type": "mine", "case": "hazard", "starts_with": "alert"}


@pytest.mark.parametrize(
    ("duty", "opened"),
    [
        ({**PLAN["duties"]["storm"], "within": "5 days", "not_before": "3 days", "roll": "none"}, ["late/m1/a"]),  # type: ignore[index]
        ({**CHAIN, "steps": [STEP], "if_missed": {**STEP, "must": "inspection"}}, ["late/m1/7.0/1/if_missed"]),
        ({**CHAIN, "steps": [STEP, {**STEP, "must": "inspection", "starts": "due"}]}, ["late/m1/7.0/2"]),
    ],
)
def test_what_time_alone_opens(duty: dict[str, Any], opened: list[str]) -> None:
    events = {**PLAN["events"], "alert": {"en": "Alert", "attributes": {"hazard": "number"}}}  # type: ignore[dict-item]
    events["inspection"] = events["on_site"] = events["alert"]
    alert = {"id": "a", "time": "2026-01-20T09:00", "event": "alert", "object": "m1", "hazard": 7}
    done = {**ROW, "time": "2026-01-20T10:00", "hazard": 7}
    m = Monitor({**PLAN, "events": events, "duties": {"late": duty}}, ROSTER, [alert, done], as_of=datetime(2026, 1, 20, 11))
    assert not m.advance(datetime(2026, 1, 20, 12))
    found = [o.id for day in (21, 22, 23, 24) for o in m.advance(datetime(2026, 1, day, 12)).new]
    assert found == opened


def test_a_window_of_one_object_alone_opens_in_time() -> None:
    plan = {**PLAN, "duties": {"monthly": PLAN["duties"]["monthly"]}}  # type: ignore[index]
    waiver = {
        "id": "w", "duties": ["monthly"], "object": "m2", "from": "2026-01-01", "through": "2026-01-24", "because": {"en": "Flooded"},
        "approved_by": "office", "suspends": True,
    }  # fmt: skip
    m = Monitor(plan, ROSTER, as_of=date(2026, 1, 20), waivers={"waivers": [waiver]})
    assert not m.advance(date(2026, 1, 21))
    assert [o.id for o in m.advance(date(2026, 1, 25)).new] == ["monthly/m2/2026-01-25"]
    plan = {**PLAN, "duties": {"monthly": {**plan["duties"]["monthly"], "personal": True, "cut_windows": "full"}}}  # type: ignore[index]
    tenures = [ROSTER["tenures"][0], {"role": "leader", "object": "m2", "person": "wang", "from": "2026-01-25"}]  # type: ignore[index]
    m = Monitor(plan, {**ROSTER, "tenures": tenures}, as_of=date(2026, 1, 20))
    assert not m.advance(date(2026, 1, 21))
    assert [o.id for o in m.advance(date(2026, 1, 25)).new] == ["monthly/m2/2026-01-25/wang"]


def test_a_record_of_an_old_window_leaves_the_open_one_on_the_agenda() -> None:
    m = many([], date(2026, 2, 20))
    m.advance(date(2026, 2, 21))
    assert [b.verdict for _, b in m.add([{**ROW, "object": "m7"}]).different] == ["met"]
    changes = m.advance(datetime(2026, 3, 1))
    assert [o.object for o in changes.new if o.object == "m7"] == ["m7"]
    assert [(b.id, b.verdict) for _, b in changes.different if b.object == "m7"] == [("monthly/m7/2026-02-01", "violated")]


def test_a_new_plan_is_cited_from_its_first_day() -> None:
    quarterly = {**PLAN["duties"]["monthly"], "at_least": "1 per quarter"}  # type: ignore[index]
    plans = [
        {**PLAN, "duties": {"quarterly": quarterly}},
        {
            **PLAN, "plan": {**PLAN["plan"], "id": "q", "in_force": {"from": "2026-03-16"}, "follows": "p"},  # type: ignore[dict-item]
            "duties": {"quarterly": {**quarterly, "clause": "9"}},
        },
    ]  # fmt: skip
    m = Monitor(plans, ROSTER, as_of=datetime(2026, 3, 10))
    assert not m.advance(datetime(2026, 3, 12))
    assert not m.advance(datetime(2026, 3, 16))
    assert [(a.clause, b.clause) for a, b in m.advance(datetime(2026, 3, 16, 0, 0, 1)).different] == [("1", "9")] * 2


OPERATORS = (operator.lt, operator.le, operator.gt, operator.ge, operator.eq, operator.ne)


@given(st.integers(-5, 5), st.integers(-5, 5), st.integers(-9, 9), st.sampled_from(OPERATORS), st.booleans())
def test_a_moment_knows_when_an_answer_changes(now: int, ahead: int, other: int, compare: Any, turned: bool) -> None:
    def ask(moment: int) -> bool:
        return bool(compare(other, moment + ahead) if turned else compare(moment + ahead, other))

    turn = Turn()
    answer = ask(Moving(now, turn))
    assert answer == ask(now)
    assert next((t for t in range(now, 30) if ask(t) != answer), END) == turn.at


def follow(m: Monitor, rows: list[dict[str, Any]]) -> list[bool]:
    """Add rows one by one; whether each changed something, and what it told was all of it."""
    told = []
    for row in rows:
        before = state(m.evaluation())
        changes = m.add([row])
        assert applied(before, changes) == state(m.evaluation())
        told.append(bool(changes))
    return told


def test_an_answer_is_judged_with_an_alert_that_names_no_place() -> None:
    alert = {"id": "a", "time": "2026-01-10T09:00", "event": "alert"}
    answer = {**ROW, "id": "b", "event": "on_site", "time": "2026-01-10T10:00"}
    assert follow(monitor(), [alert, answer]) == [True, True]


def test_what_is_taken_back_may_come_back_and_go_again() -> None:
    rows = [{"id": f"x{i}", "time": "2026-01-11T09:00", "event": "retraction", "retracts": f"x{i - 1}" if i else "r1"} for i in range(4)]
    assert follow(monitor(), [ROW, *rows]) == [True] * 5
    # The other way round, all is said before there is anything to be said about.
    assert follow(monitor(), [*rows[:3], ROW]) == [False] * 4


def test_duties_that_share_records_are_judged_together() -> None:
    base = {**PLAN["duties"]["monthly"], "must": ["inspection", "on_site"]}  # type: ignore[index]
    more = {**base, "adds_to": "base", "must": ["inspection", "alert"]}
    m = Monitor({**PLAN, "duties": {"base": base, "more": more}}, ROSTER, as_of=date(2026, 1, 20))
    rows = [{**ROW, "id": f"r{i}", "event": kind} for i, kind in enumerate(("alert", "inspection", "on_site"))]
    assert follow(m, rows) == [True, True, False]


def test_a_record_of_a_case_may_leave_out_the_object() -> None:
    step = {"role": "leader", "must": "closed", "within": "30 days", "roll": "none"}
    chain = {
        "clause": "3", "summary": {"en": "Closed in 30 days"}, "object_type": "mine", "case": "hazard", "starts_with": "found",
        "steps": [step],
    }  # fmt: skip
    events = {e: {"en": e, "attributes": {"hazard": "text"}} for e in ("found", "closed")}
    m = Monitor({**PLAN, "events": events, "duties": {"hazards": chain}}, ROSTER, as_of=date(2026, 1, 20))
    found = {**ROW, "event": "found", "hazard": "h"}
    closed = {"id": "r2", "time": "2026-01-11T09:00", "event": "closed", "area": "east", "by": "wang", "hazard": "h"}
    assert follow(m, [{**found, "object": "m2"}, closed]) == [True, True]


def test_who_answers_changes_with_time() -> None:
    storm = {**PLAN["duties"]["storm"], "within": "unspecified"}  # type: ignore[index]
    terms = [{"person": "wang", "through": "2026-01-20"}, {"person": "li", "from": "2026-01-21"}]
    roster = {**ROSTER, "persons": [{"id": "wang"}, {"id": "li"}], "tenures": [{"role": "leader", "object": "m1", **t} for t in terms]}
    m = Monitor({**PLAN, "duties": {"storm": storm}}, roster, [{**ROW, "event": "alert"}], as_of=date(2026, 1, 20))
    assert [(a.bearer, b.bearer) for a, b in m.advance(date(2026, 1, 21)).different] == [("wang", "li")]
