"""The laws of the design, each as a property of every case that can be drawn."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
import yaml
from hypothesis import assume, event, given, settings
from hypothesis import strategies as st

from dutyrules import load_plan, load_roster
from dutyrules.conditions import holds
from dutyrules.duties.ahead import AheadDuty
from dutyrules.duties.chain import ChainDuty
from dutyrules.duties.counting import ALWAYS_KEY, CountDuty
from dutyrules.duties.response import ResponseDuty
from dutyrules.engine import evaluate
from dutyrules.evaluation import Evaluation, Obligation
from dutyrules.history import RETRACTION, History, Record
from dutyrules.plan import Plan
from dutyrules.strategies import KINDS, Case, as_ofs, cases
from dutyrules.time.intervals import union
from dutyrules.time.zone import Zone, zone_named
from dutyrules.waivers import Waiver

FINAL = {"met", "met_late", "violated", "waived", "not_applicable"}
MINIMA = ("at_least", "every", "in_any", "response", "ahead")


# A law whose inputs must meet a rare thing is given more of them.
MORE = settings(max_examples=max(300, settings.default.max_examples))  # type: ignore[union-attr]


def judged(case: Case, **changes: Any) -> Evaluation:
    c = replace(case, **changes)
    return evaluate(c.plan, c.roster, c.history, as_of=c.as_of, known_at=c.known_at, waivers=c.waivers)


def view(e: Evaluation) -> tuple[Any, ...]:
    """All that an evaluation says."""
    return tuple(e.obligations), tuple(e.violations), e.skipped, e.vacancies, e.problems


def with_records(history: History, records: Iterable[Record]) -> History:
    return History(tuple(records), history.complete_through)


def zone_of(case: Case) -> Zone:
    return zone_named(case.plan.plan.timezone)


def earliest(zone: Zone, moment: date | datetime) -> int:
    """The first instant that a time, or a day, may mean."""
    return zone.instant(moment) if isinstance(moment, datetime) else zone.start(moment.toordinal())


def by_id(e: Evaluation) -> dict[str, Obligation]:
    return {o.id: o for o in e.obligations}


@MORE
@given(cases())
def test_evaluation_of_what_was_loaded_never_raises(case: Case) -> None:
    e = judged(case)
    obligations, violations, *_ = view(e)
    for o in obligations:
        event(o.verdict)
    ids = [o.id for o in obligations]
    assert len(ids) == len(set(ids))
    assert {v.obligation for v in violations} <= set(ids)


@given(cases(), st.randoms(use_true_random=False))
def test_the_order_of_records_is_irrelevant(case: Case, random: Any) -> None:
    records = list(case.history.records)
    random.shuffle(records)
    assert view(judged(case, history=with_records(case.history, records))) == view(judged(case))


@MORE
@given(cases())
def test_what_comes_after_as_of_or_is_known_after_known_at_changes_nothing(case: Case) -> None:
    zone = zone_of(case)
    as_of = zone.moment(case.as_of)
    known_at = None if case.known_at is None else zone.moment(case.known_at)

    def seen(r: Record) -> bool:
        if earliest(zone, r.time) >= as_of:
            return False
        return known_at is None or earliest(zone, r.recorded_at or r.time) < known_at

    kept = [r for r in case.history.records if seen(r)]
    event(f"left out: {len(case.history) - len(kept) > 0}")
    assert view(judged(case, history=with_records(case.history, kept))) == view(judged(case))


# ------------------------------------------------------------------------------------------------------------- minimums

_RANK = {"met": 0, "met_late": 1, "not_applicable": 1, "pending": 2, "unknown": 3, "waived": 4, "cannot_be_met": 4, "violated": 5}


def is_minimum(plan: Plan, o: Obligation) -> bool:
    duty = plan.duties[o.duty]
    if isinstance(duty, CountDuty) and (duty.at_least is None or o.id.endswith("/at_most")):
        return False
    return isinstance(duty, (CountDuty, ResponseDuty, AheadDuty))


def value_for(condition: Any, kind: Any, bearer: str) -> Any:
    """A value that satisfies a condition."""
    if isinstance(kind, tuple):
        options: list[Any] = list(kind)
    elif kind in ("number", "integer"):
        options = [v + n for v in condition.values() for n in (0, 1, -1)]
    else:
        options = [bearer if v == "bearer" else v for v in condition.values()]
    return next((v for v in options if holds(condition, v, kind, [bearer])), None)


def qualifying(case: Case, o: Obligation, at: datetime) -> Record | None:
    """A record that the obligation's duty asks for, at an instant of its window."""
    duty = case.plan.duties[o.duty]
    person = o.bearer or (o.bearers[0].person if o.bearers else None)
    objects: tuple[str, ...] = (o.object,) if o.object else ()
    attributes: dict[str, Any] = {}
    for name, condition in duty.where.items():
        value = value_for(condition, case.plan.attribute_type(duty.must, name), person or "")
        if value is None:
            return None
        attributes[name] = value
    if person is None:
        return None
    until = at + timedelta(hours=1)
    return Record("extra", at, duty.must[0], objects, None if objects else o.area, (person,), None, until, None, attributes)


@given(cases(kinds=MINIMA), st.data())
def test_one_more_qualifying_record_never_worsens_a_minimum(case: Case, data: Any) -> None:
    # A record may end an excused gap, after which a new one begins that is not excused.
    case = replace(case, waivers=())
    before = judged(case)
    owed = [o for o in before.obligations if is_minimum(case.plan, o)]
    assume(owed)
    o = data.draw(st.sampled_from(owed), label="obligation")
    zone = zone_of(case)
    start = zone.instant(o.window.start)
    end = min(zone.moment(case.as_of), zone.instant(o.window.end) if o.window.end else 2**62)
    assume(start < end)
    at = start + data.draw(st.integers(0, 2**20), label="place in the window") * (end - start - 1) // 2**20
    record = qualifying(case, o, zone.to_datetime(at))
    assume(record is not None)
    after = by_id(judged(case, history=with_records(case.history, [*case.history.records, record])))
    for was in owed:
        now = after.get(was.id)
        # A date-only trigger or a merged window keeps its id; nothing that was owed falls away.
        assert now is not None, was.id
        if was.verdict == "not_applicable" and now.verdict == "unknown":
            continue  # Nothing was owed any more; now it may have been done before it fell away, on a day without an hour.
        assert _RANK[now.verdict] <= _RANK[was.verdict], (was, now)
    event(f"{type(case.plan.duties[o.duty]).__name__}: {o.verdict} to {after[o.id].verdict}")


# -------------------------------------------------------------------------------------------------------------- windows


@given(cases(kinds=["at_least"]))
def test_windows_of_one_duty_and_subject_are_disjoint_and_full_ones_cover_the_scope(case: Case) -> None:
    zone = zone_of(case)
    as_of = zone.moment(case.as_of)
    found: dict[tuple[str, str, str], list[tuple[int, int]]] = {}
    objects: dict[tuple[str, str, str], str | None] = {}
    for o in judged(case).obligations:
        if not o.id.endswith("/at_most"):
            # Only a period that was declared and not yet closed has no end.
            end = 2**62 if o.window.end is None else zone.instant(o.window.end)
            person = o.id.rsplit("/", 1)[1] if case.plan.duties[o.duty].personal else ""
            found.setdefault((o.duty, o.subject, person), []).append((zone.instant(o.window.start), end))
            objects[o.duty, o.subject, person] = o.object
    force = case.plan.plan.in_force
    for (name, subject, person), spans in found.items():
        duty = case.plan.duties[name]
        assert isinstance(duty, CountDuty) and duty.at_least
        spans.sort()
        if len(duty.at_least) == 1:
            assert all(a[0] < a[1] for a in spans) and all(a[1] <= b[0] for a, b in pairwise(spans)), (name, subject)
        key = objects[name, subject, person]
        seasons = {k.removeprefix("non_") for k in duty.at_least}
        whole = set(duty.at_least) == {ALWAYS_KEY} or (len(seasons) == 1 and len(duty.at_least) == 2)
        named = [q.per.unit for q in duty.at_least.values() if q.per and q.per.unit in case.plan.calendar.named_periods]
        seasonal = [q for q in duty.at_least.values() if q.per and q.per.unit == "season"]
        full = duty.cut_windows is None or duty.cut_windows.kind == "full"
        thing = next((x for x in case.roster.objects if x.id == key), None)
        if not (whole and full and thing) or named or seasonal or duty.between or duty.personal or duty.while_:
            continue
        if case.plan.object_types[thing.type].while_ or any(w.suspends for w in case.waivers):
            continue
        first = max(force.from_, thing.from_ or force.from_)
        last = min(force.through or date.max, thing.through or date.max)
        start, end = zone.start(first.toordinal()), zone.start(last.toordinal() + 1) if last < date.max else 2**62
        covered = union(spans)
        assert len(covered) == 1 and covered[0][0] == start, (name, subject, covered, start)
        assert min(as_of, end) <= covered[0][1] <= end, (name, subject, covered, end)
        event("covered")


@MORE
@given(cases(kinds=["at_least", "at_most", "every", "in_any", "response", "ahead", "chain", "keep", "must_not"]))
def test_disjoint_sets_of_objects_are_judged_independently(case: Case) -> None:
    together = judged(case)
    whole = case.roster.model_dump(by_alias=True, mode="json", exclude_defaults=True)
    for thing in case.roster.objects:
        alone = {
            **whole,
            "objects": [o for o in whole["objects"] if o["id"] == thing.id],
            "tenures": [t for t in whole.get("tenures", ()) if t.get("object") in (None, thing.id)],
        }
        own = [o for o in judged(case, roster=load_roster(alone)).obligations if o.object == thing.id and _by_object(case.plan, o)]
        assert own == [o for o in together.obligations if o.object == thing.id and _by_object(case.plan, o)]


def _by_object(plan: Plan, o: Obligation) -> bool:
    return getattr(plan.duties[o.duty], "for_each", "object") == "object"


# ---------------------------------------------------------------------------------------------------------------- plans


@given(cases(), st.data())
def test_plans_in_turn_equal_each_over_its_time_in_force(case: Case, data: Any) -> None:
    zone = zone_of(case)
    force = case.plan.plan.in_force
    days = (force.through.toordinal() if force.through else force.from_.toordinal() + 500) - force.from_.toordinal()
    assume(days > 1)
    change = date.fromordinal(force.from_.toordinal() + data.draw(st.integers(1, days), label="day of the change"))
    first = case.plan.to_dict()
    second = case.plan.to_dict()
    second["plan"] = {**second["plan"], "id": "plan-2", "follows": "plan-1", "in_force": {**second["plan"]["in_force"], "from": change.isoformat()}}
    # Duties with the same meaning run on; the others are cut at the change.
    same = data.draw(st.booleans(), label="the duties stay the same")
    if not same:
        for duty in second["duties"].values():
            act = duty["steps"][0] if "steps" in duty else duty
            if act.pop("may_be_done_by", None) is None:
                act["role"] = "deputy"
    ended = {**first, "plan": {**first["plan"], "in_force": {"from": force.from_.isoformat(), "through": (change - timedelta(days=1)).isoformat()}}}
    plans = [load_plan(first), load_plan(second)]
    both = evaluate(plans, case.roster, case.history, as_of=case.as_of, known_at=case.known_at, waivers=case.waivers)
    at = zone.to_datetime(zone.start(change.toordinal()))
    if same:
        assert [_timeless(o) for o in both.obligations] == [_timeless(o) for o in judged(case).obligations]
        return
    parts = [judged(case, plan=load_plan(ended)), judged(case, plan=plans[1])]

    def uncrossed(o: Obligation, before: bool) -> bool:
        # A trigger that has arisen stays, an episode or a makeup may cross; those windows the change does cross.
        duty = case.plan.duties[o.duty]
        if isinstance(duty, (ResponseDuty, ChainDuty)) or getattr(duty, "late", None) or getattr(duty, "adds_to", None):
            return False
        if any(getattr(d, "adds_to", None) == o.duty for d in case.plan.duties.values()):
            return False
        return o.window.end is not None and o.window.end < at if before else o.window.start > at

    for part, before in zip(parts, (True, False), strict=True):
        expected = [_timeless(o) for o in part.obligations if uncrossed(o, before)]
        event(f"compared: {bool(expected)}")
        assert [_timeless(o) for o in both.obligations if uncrossed(o, before)] == expected


def _timeless(o: Obligation) -> Obligation:
    return replace(o, plan="")


@MORE
@given(cases())
def test_a_plan_dumped_and_loaded_is_the_same_plan(tmp_path_factory: pytest.TempPathFactory, case: Case) -> None:
    plain = case.plan.to_dict()
    again = load_plan(plain)
    assert again == case.plan and again.to_dict() == plain and again.sha256() == case.plan.sha256()
    text = yaml.safe_dump(plain, allow_unicode=True, sort_keys=False)
    file = tmp_path_factory.getbasetemp() / "plan.yaml"
    file.write_text(text, encoding="utf-8")
    assert load_plan(file) == case.plan
    assert load_plan(yaml.safe_load(text)) == case.plan


# ----------------------------------------------------------------------------------------------------- time and waivers


@MORE
@given(cases(), st.data())
def test_a_final_verdict_never_changes_as_time_moves_on(case: Case, data: Any) -> None:
    # What is retracted later, or was not complete, may change; here nothing is and everything was.
    records = [replace(r, retracts=None) for r in case.history.records if r.event != RETRACTION]
    zone = zone_of(case)
    case = replace(case, history=History.of(records), known_at=None)
    other = data.draw(as_ofs(case.plan, case.roster, case.history), label="another moment")
    last = max(case.as_of, other, key=zone.moment)
    now = by_id(judged(case, as_of=last))
    # Looked at from around each deadline, and from where the case itself looks.
    ends = {o.window.end for o in now.values() if o.window.end is not None and zone.instant(o.window.end) < zone.moment(last)}
    moments = {min(case.as_of, other, key=zone.moment)}
    for end in sorted(ends)[:6]:
        moments |= {end - timedelta(hours=12), end - timedelta(microseconds=1), end}
    for early in moments:
        for o in judged(case, as_of=early).obligations:
            after = now.get(o.id)
            assert after is not None, o.id
            if o.verdict in FINAL:
                allowed = {o.verdict, "met_late"} if o.verdict in ("violated", "waived") and accepts_late(case.plan, o) else {o.verdict}
                assert after.verdict in allowed, (early, o, after)


def accepts_late(plan: Plan, o: Obligation) -> bool:
    duty = plan.duties[o.duty]
    if isinstance(duty, ChainDuty):
        return any(s.late for _, s in duty.all_steps())
    return getattr(duty, "late", None) is not None


@given(cases())
def test_waivers_only_turn_violated_into_waived(case: Case) -> None:
    excusing = tuple(w for w in case.waivers if not w.suspends)
    without = by_id(judged(case, waivers=()))
    # One for each miss, so that there is something to excuse, besides those that were drawn.
    missed = [o for o in without.values() if o.verdict == "violated" and o.window.end is not None and (o.object or o.area)]
    made = []
    for n, o in enumerate(missed[:3]):
        day = (o.deadline - timedelta(microseconds=1)).date()
        who = {"object": o.object} if o.object else {"area": o.area}
        made.append(Waiver(id=f"made-{n}", duties=o.duty, from_=day, through=day, because="a reason", approved_by="the office", **who))
    with_them = by_id(judged(case, waivers=(*excusing, *made)))
    event(f"waivers: {len(excusing) + len(made)}")
    # What follows a miss is not asked for when the miss is excused.
    follow_up = {i for i in without if i.endswith("/if_missed")}
    assert set(without) - follow_up == set(with_them) - follow_up
    for i, o in with_them.items():
        assert (without[i].verdict, o.verdict) in {(o.verdict, o.verdict), ("violated", "waived")}, (without[i], o)
    for o in missed[:3]:
        if is_minimum(case.plan, o) and o.required is not None and spans_window(case.plan, o):
            assert with_them[o.id].verdict == "waived", o


def spans_window(plan: Plan, o: Obligation) -> bool:
    """Whether an obligation is a count in a window, and not over the whole time in scope."""
    duty = plan.duties[o.duty]
    return isinstance(duty, CountDuty) and all(q.per for q in (duty.at_least or {}).values())


def test_every_kind_of_duty_can_be_drawn() -> None:
    from dutyrules.strategies import sample

    def seen(kinds: Sequence[Any]) -> set[str]:
        return {type(d).__name__ for seed in range(60) for d in sample(seed, kinds).plan.duties.values()}

    assert seen(KINDS) == {"CountDuty", "ResponseDuty", "AheadDuty", "ChainDuty", "KeepDuty", "ForbidDuty"}
    assert seen(["keep"]) == {"KeepDuty"}
