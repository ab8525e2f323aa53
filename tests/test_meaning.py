"""What a duty means: what runs on from one plan into the next, and what is cut at the change."""

from __future__ import annotations

import copy
from datetime import date

import pytest

from dutyrules import InputError, evaluate, load_plan
from dutyrules.meaning import meaning

BASE = {
    "dutyrules": 1,
    "plan": {"id": "first", "title": {"en": "First"}, "in_force": {"from": "2026-01-01"}, "timezone": "Asia/Shanghai"},
    "seasons": {
        "flood": {"every_year": {"from": "05-15", "through": "09-30"}, "in_year": {2026: {"through": "10-05", "source": "a notice"}}}
    },
    "calendar": {"working_days": "china", "named_periods": {"watch": {"from": "07-16", "through": "08-15"}}},
    "roles": {"leader": {"en": "Leader", "deputy": "vice"}, "vice": {"en": "Vice"}},
    "object_types": {"mine": {"en": "Mine", "while": {"state": ["open", "idle"]}, "attributes": {"grade": ["c", "b", "a"]}}},
    "events": {"visit": {"en": "Visit", "attributes": {"signed": "boolean"}}, "survey": {"en": "Survey"}},
    "duties": {
        "yearly": {
            "clause": "1", "summary": {"en": "Twice a year"}, "role": "leader", "object_type": "mine", "must": ["visit", "survey"],
            "where": {"signed": True}, "for_each": "object", "at_least": "2 per year",
        },
    },
}  # fmt: skip
ROSTER = {
    "objects": [{"id": "m1", "type": "mine", "states": [{"state": "open"}], "attributes": {"grade": "a"}}],
    "persons": [{"id": "p1"}],
    "tenures": [{"role": "leader", "person": "p1", "object": "m1"}],
}


def plans(change):
    """The first plan, and one that follows it with a change."""
    second = copy.deepcopy(BASE)
    second["plan"].update(id="second", follows="first", in_force={"from": "2026-07-01"})
    change(second)
    return load_plan(copy.deepcopy(BASE)), load_plan(second)


def windows(change):
    result = evaluate(plans(change), ROSTER, [], as_of=date(2026, 12, 31))
    return [o.window.from_.isoformat() for o in result.obligations if o.duty == "yearly"]


def yearly(**fields):
    return lambda p: p["duties"]["yearly"].update(fields)


@pytest.mark.parametrize(
    "change",
    [
        yearly(clause="2", summary={"zh": "每年两次"}, severity="minor", note={"en": "x"}),
        yearly(must=["survey", "visit"]),
        yearly(at_least={"count": 2, "per": "12 months"}),
        yearly(cut_windows="full"),
        lambda p: p["object_types"]["mine"]["attributes"].update(inspector="text"),
        lambda p: p["object_types"]["mine"].update({"while": {"state": ["idle", "open"]}}),
        lambda p: p["events"]["visit"]["attributes"].update(pages="integer"),
        lambda p: p["roles"]["leader"].pop("deputy"),
        lambda p: p["calendar"].update(years={2027: {"holidays": []}}),
        lambda p: p["seasons"]["flood"]["every_year"].update(through="10-31"),
    ],
    ids=["wording", "order", "spelling", "default", "attribute", "states", "event", "deputy", "calendar", "season"],
)
def test_what_changes_no_verdict_lets_a_yearly_count_run_on(change):
    assert windows(change) == ["2026-01-01"]


@pytest.mark.parametrize(
    "change",
    [
        yearly(at_least="3 per year"),
        yearly(must="visit"),
        yearly(**{"while": {"grade": "a"}}),
        yearly(may_be_done_by="vice"),
        lambda p: p["object_types"]["mine"].update({"while": {"state": "open"}}),
        lambda p: p["events"]["visit"]["attributes"].update(signed="text") or p["duties"]["yearly"]["where"].update(signed="true"),
    ],
    ids=["count", "kinds", "while", "deputy", "scope", "type"],
)
def test_what_changes_a_verdict_cuts_a_yearly_count_at_the_change(change):
    assert windows(change) == ["2026-01-01", "2026-07-01"]


def test_only_the_part_of_the_calendar_that_is_used_has_a_say():
    seasonal = {**BASE["duties"]["yearly"], "at_least": {"flood": "1 per month"}, "cut_windows": "full"}

    def words(change):
        first, _ = plans(lambda p: None)
        plan = first.to_dict()
        plan["duties"]["yearly"] = seasonal
        other = copy.deepcopy(plan)
        change(other)
        return meaning(load_plan(plan), "yearly") == meaning(load_plan(other), "yearly")

    assert words(lambda p: p["seasons"]["flood"]["in_year"]["2026"].update(source="another notice"))
    assert words(lambda p: p["calendar"]["named_periods"].update(watch={"from": "07-01", "through": "08-15"}))
    seasonal["while"] = {"grade": "a"}
    assert not words(lambda p: p["object_types"]["mine"]["attributes"].update(grade="text"))
    assert not words(lambda p: p["seasons"]["flood"]["in_year"]["2026"].update(through="10-06"))


def test_a_duty_is_not_judged_by_a_later_version_of_what_adds_to_it():
    base = {**BASE["duties"]["yearly"], "at_least": "1 per month", "must": "visit", "where": {}}
    more = {**base, "at_least": "1 per watch", "adds_to": "yearly"}

    def change(p):
        p["duties"] = {"yearly": base, "more": {**more, "at_least": "3 per watch"}}
        p["plan"]["in_force"] = {"from": "2026-09-01"}

    first, second = plans(change)
    first = load_plan({**first.to_dict(), "duties": {"yearly": base, "more": more}})
    result = evaluate([first, second], ROSTER, [], as_of=date(2026, 12, 31))
    found = [(o.id, o.required.count, o.plan) for o in result.obligations if o.duty == "more"]
    assert found == [("more/m1/2026-07-16", 1, "first")]


def test_lengths_that_nothing_can_reckon_with_are_refused():
    for fields in (
        {"apart": "3 working days"},
        {"trigger": "survey", "at_least": "1", "within": "1 day", "one_episode": "2 working days"},
    ):
        with pytest.raises(InputError, match="not counted in working days"):
            plans(yearly(**fields))
    ban = {"clause": "1", "summary": {"en": "x"}, "role": "leader", "object_type": "mine", "must_not": "visit"}
    with pytest.raises(InputError, match="DR111"):
        plans(lambda p: p.update(calendar={}, duties={"ban": {**ban, "unless": {"event": "survey", "within": "2 working days"}}}))
