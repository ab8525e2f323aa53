"""What an evaluation offers beside its verdicts: plans in turn, what is coming, explanations, columns, notes."""

from __future__ import annotations

import csv
import dataclasses
import io
from datetime import date, datetime

import pytest

from dutyrules import InputError, evaluate, load_plan, reason_text, to_csv, to_document
from dutyrules.reasons import VERDICT_NAMES
from dutyrules.textual import evaluation_text, explanation_text

BASE = {
    "dutyrules": 1,
    "plan": {"id": "first", "title": {"en": "First"}, "in_force": {"from": "2026-01-01"}, "timezone": "Asia/Shanghai"},
    "seasons": {"flood": {"every_year": {"from": "05-15", "through": "09-30"}}},
    "calendar": {"working_days": "china"},
    "roles": {"leader": {"en": "Leader", "zh": "领导"}},
    "object_types": {"mine": {"en": "Mine"}},
    "events": {"visit": {"en": "Visit"}, "alert": {"en": "Alert"}},
    "duties": {
        "yearly": {
            "clause": "1", "summary": {"en": "Twice a year"}, "role": "leader", "object_type": "mine", "must": "visit",
            "for_each": "object", "at_least": "2 per year",
        },
        "monthly": {
            "clause": "2", "summary": {"en": "Once a month"}, "role": "leader", "object_type": "mine", "must": "visit",
            "for_each": "object", "at_least": "1 per month",
        },
    },
}  # fmt: skip
ROSTER = {
    "objects": [{"id": "m1", "type": "mine", "name": "矿一"}],
    "persons": [{"id": "p1", "name": "甲"}, {"id": "p2"}],
    "tenures": [
        {"role": "leader", "person": "p1", "object": "m1", "through": "2026-06-30"},
        {"role": "leader", "person": "p2", "object": "m1", "from": "2026-07-01"},
    ],
}


def plan(**changes):
    data = {**BASE, **{k: v for k, v in changes.items() if k not in ("header", "duties")}}
    data["plan"] = {**BASE["plan"], **changes.get("header", {})}
    data["duties"] = changes.get("duties", BASE["duties"])
    return load_plan(data)


def visit(name, day, **more):
    return {"id": name, "event": "visit", "object": "m1", "by": "p1" if day < "2026-07" else "p2", "time": day, **more}


def verdicts(result, duty):
    return {o.id.split("/")[2]: o.verdict for o in result.obligations if o.duty == duty}


SECOND = {"header": {"id": "second", "in_force": {"from": "2026-07-01"}, "follows": "first"}}


def test_a_yearly_count_goes_on_through_the_next_plan():
    history = [visit("a", "2026-03-01T09:00"), visit("b", "2026-10-01T09:00")]
    alone = evaluate(plan(), ROSTER, history, as_of=date(2026, 12, 31))
    both = evaluate([plan(), plan(**SECOND)], ROSTER, history, as_of=date(2026, 12, 31))
    assert verdicts(both, "yearly") == verdicts(alone, "yearly") == {"2026-01-01": "met"}
    assert {o.plan for o in both.obligations if o.duty == "yearly"} == {"second"}
    assert [o.plan for o in both.obligations if o.duty == "monthly"] == ["first"] * 6 + ["second"] * 6


def test_a_changed_duty_is_cut_at_the_change():
    changed = {**BASE["duties"], "yearly": {**BASE["duties"]["yearly"], "at_least": "3 per year"}}
    result = evaluate([plan(), plan(**SECOND, duties=changed)], ROSTER, [], as_of=date(2026, 12, 31))
    found = [(o.window.from_, o.window.through, o.window.cut, o.required.count, o.plan) for o in result.obligations if o.duty == "yearly"]
    assert found == [
        (date(2026, 1, 1), date(2026, 6, 30), "plan", 2, "first"),
        (date(2026, 7, 1), date(2026, 12, 31), "plan", 3, "second"),
    ]


def test_a_season_that_is_moved_changes_the_meaning_of_a_duty_only_where_it_uses_the_season():
    seasonal = {**BASE["duties"]["monthly"], "at_least": {"flood": "1 per month"}, "cut_windows": "full"}
    duties = {**BASE["duties"], "monthly": seasonal}
    moved = {"flood": {"every_year": {"from": "05-15", "through": "10-15"}}}
    result = evaluate([plan(duties=duties), plan(**SECOND, duties=duties, seasons=moved)], ROSTER, [], as_of=date(2026, 12, 31))
    assert [o.window.cut for o in result.obligations if o.duty == "yearly"] == [None]
    assert [o.window.through for o in result.obligations if o.duty == "monthly"][-1] == date(2026, 10, 15)


def test_the_order_in_which_plans_are_given_does_not_matter():
    plans = [plan(), plan(**SECOND)]
    first, second = (to_document(evaluate(p, ROSTER, [], as_of=date(2026, 12, 31))) for p in (plans, plans[::-1]))
    assert first == second


def test_plans_that_do_not_go_together_are_refused():
    with pytest.raises(InputError, match="DR402"):
        evaluate([plan(), plan(header={"id": "other"})], ROSTER, [], as_of=date(2026, 1, 1))
    with pytest.raises(InputError, match="DR403"):
        evaluate([plan(), plan()], ROSTER, [], as_of=date(2026, 1, 1))
    with pytest.raises(InputError, match="DR411"):
        evaluate([plan(), plan(header={"id": "b", "timezone": "UTC", "follows": "first"})], ROSTER, [], as_of=date(2026, 1, 1))
    with pytest.raises(InputError, match="DR008"):
        evaluate([], ROSTER, [], as_of=date(2026, 1, 1))


def test_upcoming_lists_what_starts_later_and_nothing_else():
    result = evaluate(plan(), ROSTER, [], as_of=date(2026, 3, 31))
    coming = result.upcoming(date(2026, 6, 30))
    assert [o.id for o in coming] == [f"monthly/m1/2026-0{m}-01" for m in (4, 5, 6)]
    assert {o.verdict for o in coming} == {"pending"}
    assert not set(result.ids()) & {o.id for o in coming}


def test_who_answers_is_named_with_dates_and_at_the_deadline():
    result = evaluate(plan(), ROSTER, [], as_of=date(2026, 12, 31))
    yearly = result.obligation("yearly/m1/2026-01-01")
    assert [(b.person, b.from_, b.through) for b in yearly.bearers] == [
        ("p1", None, date(2026, 6, 30)), ("p2", date(2026, 7, 1), None),
    ]  # fmt: skip
    assert yearly.bearer == "p2"


def test_an_explanation_names_every_near_miss_with_its_code():
    rows = [
        visit("before", "2026-01-31T23:59"),
        visit("other", "2026-02-10T09:00", by="p2"),
        visit("late", "2026-02-11T09:00", recorded_at="2026-04-01"),
        visit("gone", "2026-02-12T09:00"),
        {"id": "back", "event": "retraction", "time": "2026-02-13T09:00", "retracts": "gone"},
        visit("after", "2026-03-01T00:00"),
        {**visit("kind", "2026-02-14T09:00"), "event": "alert"},
        visit("two", "2026-02-15T09:00", by="p2", recorded_at="2026-04-01"),
    ]
    result = evaluate(plan(), ROSTER, rows, as_of=date(2026, 3, 31), known_at=date(2026, 3, 15))
    found = result.explain("monthly/m1/2026-02-01")
    assert {n.record.id: n.code for n in found.near_misses} == {
        "before": "outside_window", "other": "wrong_performer", "late": "recorded_too_late", "gone": "retracted",
        "after": "outside_window",
    }  # fmt: skip
    text = explanation_text(found, "zh")
    assert "差一点计入的记录: 5" in text and "violated" not in text
    with pytest.raises(KeyError):
        result.explain("monthly/m1/2026-02-02")


def test_an_unpublished_year_is_an_error_that_names_the_year_and_hides_nothing_else():
    duties = {**BASE["duties"], "days": {**BASE["duties"]["monthly"], "at_least": "10 working days per month"}}
    result = evaluate(plan(duties=duties), ROSTER, [], as_of=date(2027, 2, 28))
    days = verdicts(result, "days")
    assert days["2026-12-01"] == "violated"
    assert days["2027-01-01"] == "violated", "not one record: no calendar could make ten of them"
    rows = [visit(f"v{d}", f"2027-01-{d:02d}T09:00") for d in range(1, 13)]
    result = evaluate(plan(duties=duties), ROSTER, rows, as_of=date(2027, 2, 28))
    assert verdicts(result, "days")["2027-01-01"] == "unknown"
    assert [(p.code, p.args["year"]) for p in result.problems] == [("DR401", 2027)]
    assert "2027" in result.problems[0].text("zh")
    assert verdicts(result, "monthly")["2027-01-01"] == "met"


def test_a_plan_may_carry_a_year_that_the_calendar_does_not_know():
    duties = {"days": {**BASE["duties"]["monthly"], "at_least": "2 working days per month"}}
    year = {2027: {"holidays": [{"name": "new_years_day", "from": "2027-01-01", "through": "2027-01-03"}], "make_up_days": ["2027-01-09"]}}
    rows = [visit(f"v{d}", f"2027-01-{d:02d}T09:00") for d in (1, 2, 3, 9, 10)]
    calendar = {"working_days": "china", "years": year}
    result = evaluate(plan(duties=duties, calendar=calendar), ROSTER, rows, as_of=date(2027, 1, 31))
    january = result.obligation("days/m1/2027-01-01")
    assert (january.counted, january.evidence, january.verdict) == (1, ("v9",), "violated")
    assert result.problems == ()


def test_names_that_lead_nowhere_are_told():
    rows = [visit("a", "2026-01-05", object="m9"), visit("b", "2026-01-05", by="p9"), {**visit("c", "2026-01-05"), "event": "vist"}]
    result = evaluate(plan(), ROSTER, rows, as_of=date(2026, 1, 31))
    assert sorted((p.code, p.args["names"]) for p in result.warnings) == [("DR405", "m9"), ("DR405", "p9"), ("DR406", "vist")]


def test_results_are_immutable():
    result = evaluate(plan(), ROSTER, [], as_of=date(2026, 1, 31))
    with pytest.raises(dataclasses.FrozenInstanceError):
        result.obligations[0].verdict = "met"
    with pytest.raises(TypeError):
        result.obligations[0] = None
    with pytest.raises(dataclasses.FrozenInstanceError):
        result.problems = ()


def test_a_spreadsheet_runs_no_text_of_a_record():
    roster = {**ROSTER, "objects": [{"id": "=cmd|' !A1", "type": "mine"}], "tenures": []}
    text = to_csv(evaluate(plan(), roster, [], as_of=date(2026, 1, 31)))
    rows = list(csv.DictReader(io.StringIO(text)))
    assert {r["subject"] for r in rows} == {"'=cmd|' !A1"}


def test_a_terminal_is_not_steered_by_a_text():
    roster = {**ROSTER, "objects": [{**ROSTER["objects"][0], "name": "\x1b[31mred\x07"}]}
    rows = [visit("a", "2026-01-05", by="p2", note="\x1b]0;title\x07")]
    result = evaluate(plan(), roster, rows, as_of=date(2026, 1, 31))
    shown = evaluation_text(result, "en", 120, None) + explanation_text(result.explain("monthly/m1/2026-01-01"), "en")
    assert "\x1b" not in shown and "\x07" not in shown


def test_every_verdict_and_reason_has_words_in_both_languages():
    result = evaluate(plan(), ROSTER, [visit("a", "2026-01-05T09:00")], as_of=datetime(2026, 2, 10, 12))
    for o in result.obligations:
        assert VERDICT_NAMES[o.verdict]
        assert reason_text(o, "en") != reason_text(o, "zh")


def test_only_keeps_the_verdicts_asked_for():
    document = to_document(evaluate(plan(), ROSTER, [], as_of=date(2026, 12, 31)), ["pending"])
    assert document["violations"] == [] and {o["verdict"] for o in document["obligations"]} <= {"pending"}


def test_a_skipped_window_of_a_period_that_is_still_open_has_no_end():
    duties = {"d": {**BASE["duties"]["monthly"], "at_least": {"non_flood": "1 per special"}, "cut_windows": "skip"}}
    opened = {"id": "o", "event": "period_opened", "period": "special", "time": "2026-02-01T09:00"}
    calendar = {"working_days": "china", "named_periods": {"special": "declared"}}
    result = evaluate(plan(duties=duties, calendar=calendar), ROSTER, [opened], as_of=date(2026, 3, 31))
    assert [(s.from_, s.through, s.cut) for s in result.skipped] == [(date(2026, 2, 1), None, "season")]
    assert list(result.obligations) == []


@pytest.mark.parametrize("moments", [{"as_of": "2026-06-30"}, {"as_of": None}, {"as_of": date(2026, 6, 30), "known_at": 20260630}])
def test_a_moment_is_a_date_or_a_datetime(moments):
    with pytest.raises(TypeError, match="is a date or a datetime, not"):
        evaluate(plan(), ROSTER, [], **moments)
