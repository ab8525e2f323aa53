"""What a new issue of a plan changes: the comparison, its laws, and the impact."""

from __future__ import annotations

import copy
import json
from collections import Counter
from dataclasses import replace
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from hypothesis import assume, event, given
from hypothesis import strategies as st

from dutyrules import Diff, Plan, diff, evaluate, impact, load_history, load_plan, load_roster, load_waivers
from dutyrules.casebook import run_case
from dutyrules.cli import main
from dutyrules.engine import rerun
from dutyrules.meaning import meaning
from dutyrules.reissue.display import diff_markdown, diff_text, impact_markdown, impact_text, markdown_cell, wrapped
from dutyrules.schema import schema
from dutyrules.strategies import Case, cases, plans
from dutyrules.textual import width
from mutations import changed

ROOT = Path(__file__).parents[1]
SHIPPED_XIXIA = load_plan(ROOT / "duties" / "xixia-mines-2026h1.yaml")


def without_readings(plan: Plan) -> Plan:
    """A plan whose duties may be changed without their readings having to fit."""
    data = plan.to_dict()
    duties = {name: {k: v for k, v in duty.items() if k != "reading"} for name, duty in data["duties"].items()}
    return load_plan({**data, "duties": duties, "tests": []})


XIXIA = without_readings(SHIPPED_XIXIA)
SHIPPED = [
    load_plan(p) for p in (*(ROOT / "duties").glob("*.yaml"), ROOT / "tests/cases/notation-example.yaml", *sorted((ROOT / "tests/regimes").glob("*.yaml")))
]
EXAMPLE = ROOT / "examples" / "xixia"
MIRROR = {"tightened": "loosened", "loosened": "tightened", "added": "removed", "removed": "added"}


def new_issue(old: Plan, **changes: Any) -> dict[str, Any]:
    """The plan as plain data, to be changed, as the next issue from July on."""
    data = copy.deepcopy(old.to_dict())
    data["plan"] |= {"id": "next", "follows": old.plan.id, "in_force": {"from": "2026-07-01"}, **changes}
    return data


def kinds(d: Diff, part: str = "duty") -> dict[str, str]:
    return {i.name: i.kind for i in d.items if i.part == part}


# ------------------------------------------------------------------------------------------------------------ diff: laws


@st.composite
def reissues(draw: st.DrawFn, plan: Plan | None = None) -> tuple[Plan, Plan]:
    """A plan, and one that differs in a field or two of a duty; in either order."""
    old = draw(plans()) if plan is None else plan
    new = changed(old, lambda options: draw(st.sampled_from(options)), draw(st.sampled_from((1, 1, 2))))
    assume(new is not None)
    assert new is not None
    return (old, new) if draw(st.booleans()) else (new, old)


def facts(d: Diff) -> Counter[Any]:
    return Counter((i.kind, i.part, i.name, i.was, i.clauses, i.through, i.fields) for i in d.items)


def mirrored(d: Diff) -> Counter[Any]:
    found: Counter[Any] = Counter()
    for i in d.items:
        fields = tuple(f.model_copy(update={"old": f.new, "new": f.old, "effect": MIRROR.get(f.effect, f.effect)}) for f in i.fields)
        name, was = (i.was, i.name) if i.was else (i.name, None)
        found[(MIRROR.get(i.kind, i.kind), i.part, name, was, i.clauses, i.through, tuple(sorted(fields, key=lambda f: f.field)))] += 1
    return found


def in_order(counted: Counter[Any]) -> Counter[Any]:
    return Counter({(*k[:-1], tuple(sorted(k[-1], key=lambda f: f.field))): n for k, n in counted.items()})


@given(reissues())
def test_a_comparison_is_empty_only_for_the_same_plan_and_mirrors_itself(drawn: tuple[Plan, Plan]) -> None:
    a, b = drawn
    assert diff(a, a).items == () == diff(b, b).items
    there, back = diff(a, b), diff(b, a)
    assert (there.items == ()) == (a.to_dict() == b.to_dict())
    assert in_order(facts(back)) == mirrored(there)


@given(cases(), st.data())
def test_a_direction_is_honest_and_wording_changes_no_verdict(case: Case, data: Any) -> None:
    a, b = data.draw(reissues(case.plan), label="the two issues")
    told = kinds(diff(a, b))
    was, now = (
        {o.id: o for o in evaluate(p, case.roster, case.history, as_of=case.as_of, known_at=case.known_at, waivers=case.waivers).obligations}
        for p in (a, b)
    )
    for name in set(a.duties) & set(b.duties):
        kind = told.get(name, "same")
        event(kind)
        same = meaning(a, name) == meaning(b, name)
        # What is no change of meaning is what runs on as one when the plans come in turn.
        assert same == (kind in ("same", "reworded"))
        ids = {i for i, o in (*was.items(), *now.items()) if o.duty == name}
        for i in ids:
            x, y = was.get(i), now.get(i)
            if same:
                assert x is not None and y is not None and replace(x, clause="") == replace(y, clause=""), i
            elif x is not None and y is not None:
                assert (kind, x.verdict, y.verdict) not in {("loosened", "met", "violated"), ("tightened", "violated", "met")}, i


def leaves(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    if isinstance(value, dict):
        return [leaf for k, v in value.items() for leaf in leaves(v, (*path, k))]
    if isinstance(value, list):
        return [leaf for i, v in enumerate(value) for leaf in leaves(v, (*path, i))]
    return [path]


@given(st.sampled_from(SHIPPED), st.data())
def test_every_leaf_of_a_shipped_plan_that_differs_is_seen(plan: Plan, data: Any) -> None:
    d = copy.deepcopy(plan.to_dict())
    path = data.draw(st.sampled_from([p for p in leaves(d) if p[0] != "dutyrules"]), label="leaf")
    holder: Any = d
    for key in path[:-1]:
        holder = holder[key]
    old = holder[path[-1]]
    holder[path[-1]] = old + "x" if isinstance(old, str) else not old if isinstance(old, bool) else old + 1
    try:
        new = load_plan(d)
    except Exception:
        # A changed name mostly leads nowhere; then a wording does.
        d = copy.deepcopy(plan.to_dict())
        d["plan"]["title"] = {"zh": "另一个标题", "en": "Another title"}
        new, path = load_plan(d), ("plan", "title")
    found = diff(plan, new)
    assert (found.items == ()) == (plan.to_dict() == new.to_dict())
    if found.items:
        event(f"{path[0]}: {found.items[0].kind}")
        assert in_order(facts(diff(new, plan))) == mirrored(found)
        assert all(i.text.en and i.text.zh for i in found.items)


# ---------------------------------------------------------------------------------------------------- diff: worked out


@pytest.mark.parametrize(
    ("duty", "fields", "kind"),
    [
        ("pond_officer.patrol", {"at_least": {"flood": "2 per month", "non_flood": "1 per 2 months"}}, "tightened"),
        ("pond_officer.patrol", {"at_least": {"flood": "1 per month"}}, "loosened"),
        ("pond_officer.patrol", {"at_least": {"flood": "2 per month", "non_flood": "1 per quarter"}}, "changed"),
        ("village.check", {"at_least": "1 per quarter"}, "loosened"),
        ("village.check", {"object_type": "pond"}, "loosened"),
        ("village.check", {"object_type": ["pond", "mine"]}, "reworded"),
        ("village.check", {"late": "accepted"}, "loosened"),
        ("village.check", {"cut_windows": "skip"}, "loosened"),
        ("village.check", {"cut_windows": "merge"}, "changed"),
        ("village.check", {"must": ["inspection", "survey"]}, "loosened"),
        ("village.check", {"may_be_done_by": "township_leader"}, "loosened"),
        ("village.check", {"role": "township_leader"}, "changed"),
        ("village.check", {"at_most": "3 per month"}, "tightened"),
        ("village.check", {"apart": "5 days"}, "tightened"),
        ("village.check", {"between": {"from_day": 1, "through_day": 10}}, "tightened"),
        ("county.lead", {"object_type": "mine"}, "changed"),
        ("county.lead", {"where": {}}, "loosened"),
        ("principal.underground", {"at_least": "10 per month"}, "loosened"),
        ("principal.underground", {"at_least": "10 working days per month"}, "tightened"),
        ("principal.hazard_review", {"at_least": "every 30 days"}, "changed"),
        ("township.storm", {"within": "2 hours"}, "tightened"),
        ("township.danger", {"trigger": {"event": "danger"}}, "tightened"),
        ("township.danger", {"one_episode": "2 days"}, "changed"),
        ("township.danger", {"one_episode": "36 hours"}, "loosened"),
        ("post.pond_officer", {"gaps_up_to": "3 days"}, "loosened"),
        ("village.report", {"steps": [{"role": "village_leader", "must": "hazard_reported", "within": "1 day"}]}, "tightened"),
        ("village.report", {"note": {"en": "x"}, "severity": "minor", "clause": "9"}, "reworded"),
    ],
)
def test_the_direction_of_a_field(duty, fields, kind):
    data = XIXIA.to_dict()
    data["duties"][duty] = {**data["duties"][duty], **fields}
    there = diff(XIXIA, data)
    assert kinds(there) == {duty: kind}
    assert kinds(diff(data, XIXIA)) == {duty: MIRROR.get(kind, kind)}


ACT: dict[str, Any] = {"clause": "1", "summary": {"en": "x"}, "role": "leader", "object_type": "mine", "for_each": "object"}
KINDS: dict[str, Any] = {
    "dutyrules": 1,
    "plan": {"id": "kinds", "title": {"en": "Every kind"}, "in_force": {"from": "2026-01-01"}, "timezone": "Asia/Shanghai"},
    "seasons": {"flood": {"every_year": {"from": "05-15", "through": "09-30"}}},
    "calendar": {"working_days": "china"},
    "roles": {"leader": {"en": "Leader", "deputy": "vice"}, "vice": {"en": "Vice"}},
    "object_types": {"mine": {"en": "Mine", "attributes": {"grade": ["c", "b", "a"]}}, "pond": {"en": "Pond"}},
    "events": {
        "visit": {"en": "Visit", "attributes": {"signed": "boolean", "minutes": "number", "case": "text"}},
        "survey": {"en": "Survey", "attributes": {"case": "text"}}, "permit": {"en": "Permit"}, "over": {"en": "Over"},
        "alert": {"en": "Alert", "attributes": {"colour": ["yellow", "orange", "red"], "hazard": "text", "due": "date"}},
    },
    "duties": {
        "count": {**ACT, "must": "visit", "at_least": "2 per month", "where": {"minutes": {"at_least": 30}}},
        "ceiling": {**ACT, "must": "visit", "at_most": "4 per quarter", "apart": "2 days"},
        "both": {**ACT, "must": "visit", "at_least": "1 per year", "at_most": "4 per year"},
        "gap": {**ACT, "must": "visit", "at_least": "every 60 days"},
        "answer": {
            **ACT, "must": "visit", "trigger": {"event": "alert", "where": {"colour": {"at_least": "orange"}}}, "within": "3 days",
            "not_before": "1 day", "one_episode": "6 hours", "lapses_with": "over", "at_least": "2",
        },
        "each_leader": {**ACT, "for_each": "bearer", "must": "visit", "trigger": "alert", "within": "2 hours", "one_episode": "6 hours"},
        "due": {**ACT, "must": "visit", "trigger": "alert", "before": {"attribute": "due", "by": "1 week"}},
        "ahead": {**ACT, "must": "visit", "before": {"season": "flood", "opens": "2 months"}},
        "ban": {**ACT, "must_not": "visit", "where": {"signed": True}, "unless": {"event": "permit", "within": "1 day"}},
        "desk": {**ACT, "keep": {"staffed": "visit"}, "gaps_up_to": "30 minutes", "while": {"grade": {"at_least": "b"}}},
        "chain": {
            "clause": "1", "summary": {"en": "x"}, "object_type": "mine", "case": "case", "starts_with": "visit",
            "steps": [
                {"role": "leader", "must": "survey", "within": "3 days"}, {"role": "leader", "must": "visit", "within": "5 days"},
            ],
        },
    },
}  # fmt: skip
STEPS = KINDS["duties"]["chain"]["steps"]


@pytest.mark.parametrize(
    ("duty", "fields", "kind"),
    [
        ("count", {"where": {"minutes": {"over": 30}}}, "tightened"),
        ("count", {"where": {"minutes": {"at_least": 10}}}, "loosened"),
        ("count", {"where": {"minutes": {"at_least": 60, "at_most": 90}}}, "tightened"),
        ("count", {"where": {"minutes": {"at_most": 60}}}, "changed"),
        ("count", {"where": {"minutes": {"at_least": 30}, "signed": True}}, "tightened"),
        ("count", {"must": ["visit", "survey"], "where": {}}, "loosened"),
        ("count", {"while": {"grade": "a"}}, "changed"),
        ("count", {"while": {"state": "open"}, "at_least": "1 per month"}, "changed"),
        ("count", {"cut_windows": "prorate"}, "loosened"),
        ("count", {"at_least": "2 per ten_days"}, "tightened"),
        ("count", {"at_least": "2 per week"}, "changed"),
        ("count", {"at_least": {"flood": "2 per month"}, "cut_windows": "full"}, "changed"),
        ("count", {"for_each": "bearer"}, "changed"),
        ("count", {"personal": True}, "changed"),
        ("ceiling", {"at_most": "3 per quarter"}, "tightened"),
        ("ceiling", {"at_most": "4 per month"}, "loosened"),
        ("ceiling", {"at_most": "4 days per quarter"}, "loosened"),
        ("ceiling", {"must": ["visit", "survey"]}, "tightened"),
        ("ceiling", {"where": {"signed": True}}, "loosened"),
        ("ceiling", {"apart": "3 days"}, "loosened"),
        ("ceiling", {"while": {"grade": "a"}}, "loosened"),
        ("both", {"must": ["visit", "survey"]}, "changed"),
        ("both", {"at_most": "5 per year"}, "loosened"),
        ("both", {"at_least": None}, "loosened"),
        ("gap", {"at_least": "every 8 weeks"}, "tightened"),
        ("gap", {"at_least": "every 3 months"}, "changed"),
        ("answer", {"within": "5 working days"}, "loosened"),
        ("answer", {"within": "1 month"}, "loosened"),
        ("answer", {"within": "unspecified"}, "loosened"),
        ("answer", {"not_before": None}, "loosened"),
        ("answer", {"not_before": "2 days"}, "tightened"),
        ("answer", {"at_least": "2 days"}, "tightened"),
        ("answer", {"at_least": None}, "loosened"),
        ("answer", {"roll": "none"}, "tightened"),
        ("answer", {"one_episode": None}, "tightened"),
        ("answer", {"one_episode": "until_lapsed"}, "loosened"),
        ("answer", {"lapses_with": None}, "tightened"),
        ("answer", {"lapses_with": ["over", "permit"]}, "loosened"),
        ("answer", {"trigger": {"event": "alert", "where": {"colour": "red"}}}, "loosened"),
        ("answer", {"trigger": [{"event": "alert", "where": {"colour": ["orange", "red"]}}, {"event": "survey"}]}, "tightened"),
        ("answer", {"trigger": {"event": "alert", "where": {"hazard": "rain"}}}, "changed"),
        ("answer", {"while": {"grade": "a"}}, "loosened"),
        ("each_leader", {"trigger": {"event": "alert", "where": {"colour": "red"}}}, "changed"),
        ("each_leader", {"within": "1 day"}, "loosened"),
        ("each_leader", {"object_type": ["mine", "pond"]}, "changed"),
        ("each_leader", {"may_be_done_by": "deputy"}, "loosened"),
        ("due", {"before": {"attribute": "due", "by": "3 days"}}, "loosened"),
        ("due", {"before": {"attribute": "due", "by": "1 month"}}, "tightened"),
        ("ahead", {"before": {"season": "flood", "opens": "3 months"}}, "loosened"),
        ("ahead", {"before": {"season": "flood", "opens": "3 months", "by": "5 days"}}, "changed"),
        ("ban", {"must_not": ["visit", "survey"]}, "tightened"),
        ("ban", {"where": {}}, "tightened"),
        ("ban", {"unless": None}, "tightened"),
        ("ban", {"unless": {"event": "permit"}}, "loosened"),
        ("ban", {"unless": {"event": "permit", "within": "1 day", "until": "over"}}, "tightened"),
        ("ban", {"during": "flood"}, "loosened"),
        ("desk", {"keep": {"staffed": ["visit", "survey"]}}, "loosened"),
        ("desk", {"keep": {"staffed": "visit", "where": {"signed": True}}}, "tightened"),
        ("desk", {"gaps_up_to": None}, "tightened"),
        ("desk", {"while": {"grade": "a"}}, "loosened"),
        ("desk", {"while": {"grade": ["b", "a"]}}, "changed"),
        ("chain", {"steps": [*STEPS, {"role": "leader", "must": "survey", "within": "1 day"}]}, "tightened"),
        ("chain", {"steps": [STEPS[0], {**STEPS[1], "within": "2 days"}]}, "tightened"),
        ("chain", {"steps": [{**STEPS[0], "within": "2 days"}, STEPS[1]]}, "changed"),
        ("chain", {"steps": [{**STEPS[0], "summary": {"en": "First"}}, STEPS[1]]}, "reworded"),
        ("chain", {"steps": [STEPS[0], {**STEPS[1], "late": "accepted"}]}, "loosened"),
        ("chain", {"if_missed": {"role": "leader", "must": "survey", "within": "1 day"}}, "tightened"),
    ],
)
def test_the_direction_of_a_field_in_every_kind_of_duty(duty, fields, kind):
    data = copy.deepcopy(KINDS)
    data["duties"][duty] = {k: v for k, v in {**data["duties"][duty], **fields}.items() if v is not None}
    assert kinds(diff(KINDS, data)) == {duty: kind}
    assert kinds(diff(data, KINDS)) == {duty: MIRROR.get(kind, kind)}


def test_equivalent_spellings_are_no_change():
    data = XIXIA.to_dict()
    data["duties"] = dict(reversed(data["duties"].items()))
    data["duties"]["village.check"]["must"] = ["inspection"]
    data["duties"]["village.check"]["at_least"] = {"count": 1, "per": "month"}
    data["duties"]["township.danger"]["trigger"] = {"event": ["danger"], "where": {"grade": {"equal": "major"}}}
    assert diff(XIXIA, data).items == ()


def test_a_word_is_listed_and_on_every_duty_that_it_reaches():
    data = XIXIA.to_dict()
    data["seasons"]["flood"]["every_year"]["through"] = "10-10"
    data["events"]["alert"]["attributes"]["colour"] = ["blue", "yellow", "orange", "red", "purple"]
    data["object_types"]["mine"]["attributes"]["depth"] = "number"
    data["roles"]["pond_officer"]["deputy"] = "village_leader"
    data["events"]["inspection"]["en"] = "Visit"
    found = diff(XIXIA, data)
    assert kinds(found, "season") == {"flood": "changed"} and kinds(found, "role") == {"pond_officer": "changed"}
    assert kinds(found, "event") == {"alert": "changed", "inspection": "reworded"} and kinds(found, "object_type") == {"mine": "changed"}
    assert {i.name: i.through for i in found.items if i.part == "duty"} == {
        "township.patrol": ("season flood",), "pond_officer.patrol": ("season flood",),
        "county.storm": ("event alert",), "township.storm": ("event alert",), "pond_officer.storm": ("event alert",),
    }  # fmt: skip


def findings(data):
    return [(f.code, f.duty) for f in diff(XIXIA, data).findings]


def test_a_renamed_duty_is_found():
    data = new_issue(XIXIA)
    data["duties"]["village.visit"] = data["duties"].pop("village.check")
    found = diff(XIXIA, data)
    assert [(i.was, i.name) for i in found.items if i.kind == "renamed" and i.part == "duty"] == [("village.check", "village.visit")]
    assert findings(data) == [("DR601", "village.visit")]


def test_windows_that_the_change_cuts_are_named_with_both_counts():
    data = new_issue(XIXIA)
    data["duties"]["county.lead"]["at_least"] = "3 per year"
    data["duties"]["village.check"]["at_least"] = "2 per month"
    found = diff(XIXIA, data)
    assert [(f.code, f.duty) for f in found.findings] == [("DR602", "county.lead")], "a month ends where the old plan does"
    text = found.findings[0].text.en
    assert "2026-04-16 .. 2026-06-30 owes 2 per year" in text and "2026-07-01 .. 2026-12-31 owes 3 per year" in text
    data["duties"]["county.lead"]["cut_windows"] = "prorate"
    assert findings(data) == [("DR602", "county.lead")], "the old part still owes the whole"
    data["plan"]["in_force"] = {"from": "2026-08-15"}
    data["duties"]["township.patrol"]["at_least"]["flood"] = "2 per month"
    assert ("DR602", "township.patrol") in findings(data)


def test_forces_that_do_not_meet_are_found():
    assert findings(new_issue(XIXIA)) == []
    assert [c for c, _ in findings(new_issue(XIXIA, follows=None))] == ["DR603", "DR606"]
    assert [c for c, _ in findings(new_issue(XIXIA, in_force={"from": "2026-04-16"}))] == ["DR607"]
    ended = XIXIA.to_dict()
    ended["plan"]["in_force"] = {"from": "2026-04-16", "through": "2026-06-28"}
    (gap,) = diff(ended, new_issue(XIXIA)).findings
    assert gap.code == "DR605" and "2026-06-29" in gap.text.zh and "2026-06-30" in gap.text.zh
    ended["plan"]["in_force"]["through"] = "2026-06-30"
    assert [f.code for f in diff(ended, new_issue(XIXIA, follows=None)).findings] == ["DR603"]
    assert diff(ended, new_issue(XIXIA)).findings == ()


def test_a_removed_duty_whose_clause_nothing_accounts_for_is_found():
    data = new_issue(XIXIA)
    del data["duties"]["village.report"]
    assert findings(data) == [("DR604", "village.report")]
    data["clauses"]["四(四)1"] = {"decidable": "no_record", "why": {"en": "No longer recorded"}}
    assert findings(data) == []
    del data["duties"]["post.principal"]
    assert findings(data) == [], "other duties are of the same clause"


# --------------------------------------------------------------------------------------------------------- impact: laws


@given(cases(), st.data())
def test_an_impact_is_both_evaluations_and_their_difference(case: Case, data: Any) -> None:
    def pick(options: list[Any]) -> Any:
        return data.draw(st.sampled_from(options))

    force = case.plan.plan.in_force
    new = changed(case.plan, pick, 2) or case.plan
    change = force.from_ + timedelta(days=pick([31, 1, 45, 91, 200]))
    header: dict[str, Any] = {**new.to_dict()["plan"], "id": "next", "in_force": {"from": change.isoformat()}}
    in_turn = pick([True, True, False])
    following = load_plan({**new.to_dict(), "plan": {**header, **({"follows": case.plan.plan.id} if in_turn else {})}})
    given_ = {"as_of": case.as_of, "known_at": case.known_at, "waivers": case.waivers}
    until = date(change.year, 12, 31)
    found = impact(case.plan, following, case.roster, case.history, until=until, **given_)
    sides = []
    for issued in ([case.plan], [case.plan, following] if in_turn else [following]):
        e = evaluate(issued, case.roster, case.history, **given_)
        sides.append((e, {o.id: o for o in rerun(e, until=until).obligations}))
    (before, was), (after, now) = sides
    for e, there in ((before, was), (after, now)):
        # Everything that has begun, and what begins until then.
        began = {o.id for o in e.obligations if o.window.start.date() <= until}
        assert began <= set(there)
    assert Counter([o.id for o in found.vanish] + [p.before.id for p in found.pairs]) == Counter(list(was))
    assert Counter([o.id for o in found.appear] + [p.after.id for p in found.pairs]) == Counter(list(now))
    assert set(was) & set(now) <= {p.before.id for p in found.pairs if p.before.id == p.after.id}
    for p in found.pairs:
        assert (p.before, p.after) == (was[p.before.id], now[p.after.id])
        assert (p.before.duty, p.before.subject) == (p.after.duty, p.after.subject)
        assert p.before.id == p.after.id or p.moved
    same = {i for i in set(was) & set(now) if _shown(was[i]) == _shown(now[i])}
    assert {p.after.id for p in found.unchanged} == same
    for side, there in (("before", was), ("after", now)):
        count: Counter[Any] = Counter()
        for o in there.values():
            if o.verdict != "not_applicable":
                count[o.bearer, o.window.through and o.window.through.isoformat()[:7]] += 1
        assert {(x.person, x.month): n for x in found.loads if (n := getattr(x, f"obligations_{side}"))} == dict(count)
    event(f"in turn: {in_turn}, moved: {bool(found.moved)}, appear: {bool(found.appear)}")


def _shown(o: Any) -> Any:
    return o.window, o.deadline, o.required, o.verdict


# -------------------------------------------------------------------------------------------------- impact: worked out

BASE: dict[str, Any] = {
    "dutyrules": 1,
    "plan": {"id": "first", "title": {"en": "First"}, "in_force": {"from": "2026-01-01"}, "timezone": "Asia/Shanghai"},
    "calendar": {"working_days": "china"},
    "roles": {"leader": {"en": "Leader"}},
    "object_types": {"mine": {"en": "Mine"}},
    "events": {
        "visit": {"en": "Visit"}, "alert": {"en": "Alert"}, "there": {"en": "On site"},
        "found": {"en": "Found", "attributes": {"case": "text"}}, "mended": {"en": "Mended", "attributes": {"case": "text"}},
    },
    "duties": {
        "yearly": {
            "clause": "1", "summary": {"en": "Twice a year"}, "role": "leader", "object_type": "mine", "must": "visit",
            "for_each": "object", "at_least": "2 per year",
        },
        "answer": {
            "clause": "2", "summary": {"en": "There in two days"}, "role": "leader", "object_type": "mine", "trigger": "alert",
            "must": "there", "for_each": "object", "within": "2 days", "roll": "none",
        },
        "mend": {
            "clause": "3", "summary": {"en": "Mended in ten days"}, "object_type": "mine", "case": "case", "starts_with": "found",
            "steps": [{"role": "leader", "must": "mended", "within": "10 days", "roll": "none"}],
        },
    },
}  # fmt: skip
ROSTER = {
    "objects": [{"id": "m1", "type": "mine", "name": "矿一"}],
    "persons": [{"id": "p1", "name": "甲"}, {"id": "p2"}],
    "tenures": [
        {"role": "leader", "person": "p1", "object": "m1", "through": "2026-09-30"},
        {"role": "leader", "person": "p2", "object": "m1", "from": "2026-10-01"},
    ],
}


def row(name: str, event: str, time: str, **more: Any) -> dict[str, Any]:
    return {"id": name, "event": event, "object": "m1", "by": "p1" if time < "2026-10" else "p2", "time": time, **more}


def second(**duties: Any) -> dict[str, Any]:
    data = copy.deepcopy(BASE)
    data["plan"] |= {"id": "second", "follows": "first", "in_force": {"from": "2026-07-01"}}
    for name, fields in duties.items():
        data["duties"][name] |= fields
    return data


def seen(plans: Any, rows: list[dict[str, Any]], as_of: date, duty: str) -> list[tuple[str, str, str]]:
    result = evaluate(plans, ROSTER, rows, as_of=as_of)
    return [(o.id.split("/", 2)[2], o.verdict, o.plan) for o in result.obligations if o.duty == duty]


def test_a_yearly_count_carries_on_only_where_the_duty_is_unchanged():
    rows = [row("v1", "visit", "2026-03-01T09:00"), row("v2", "visit", "2026-11-01T09:00")]
    whole = second(answer={"within": "1 day"})
    assert seen([BASE, whole], rows, date(2026, 12, 31), "yearly") == [("2026-01-01", "met", "second")]
    cut = second(yearly={"at_least": "3 per year"})
    # By hand: one visit before the change where two are owed, one after it where three are.
    assert seen([BASE, cut], rows, date(2026, 12, 31), "yearly") == [("2026-01-01", "violated", "first"), ("2026-07-01", "violated", "second")]
    found = impact(BASE, cut, ROSTER, rows, as_of=date(2026, 6, 30))
    assert [(p.before.id, p.after.window.through) for p in found.moved] == [("yearly/m1/2026-01-01", date(2026, 6, 30))]
    assert [(o.id, o.bearer, o.required.count) for o in found.appear] == [("yearly/m1/2026-07-01", "p2", 3)]
    assert [(p.before.verdict, p.after.verdict) for p in found.judged_otherwise] == [("pending", "violated")]
    assert found.vanish == () and found.changes
    loads = {(x.person, x.month): (x.obligations_before, x.obligations_after, x.acts_before, x.acts_after) for x in found.loads}
    # Before, both visits of the year are owed by the holder in December; after, two by June's and three by December's.
    assert loads == {("p1", "2026-06"): (0, 1, 0, 2), ("p2", "2026-12"): (1, 1, 2, 3)}


def test_a_response_that_has_arisen_stays_under_the_plan_of_its_trigger():
    rows = [
        row("a1", "alert", "2026-06-30T20:00"), row("a2", "alert", "2026-07-01T00:00"), row("t1", "there", "2026-07-02T23:00"),
    ]  # fmt: skip
    # By hand: two days after 30 June end with 2 July, in time; one day after 1 July ends with 2 July too.
    new = second(answer={"within": "1 day"})
    assert seen([BASE, new], rows, date(2026, 7, 10), "answer") == [("a1", "met", "first"), ("a2", "met", "second")]
    late = [*rows[:2], row("t1", "there", "2026-07-03T00:00")]
    # A day later it is too late for both; had the old plan gone on, the second alert would have been answered in time.
    assert seen([BASE, new], late, date(2026, 7, 10), "answer") == [("a1", "violated", "first"), ("a2", "violated", "second")]
    found = impact(BASE, new, ROSTER, late, as_of=date(2026, 7, 10))
    assert [(p.after.id, p.before.verdict, p.after.verdict) for p in found.judged_otherwise] == [("answer/m1/a2", "met", "violated")]


def test_a_case_is_followed_by_the_plan_under_which_it_was_opened():
    rows = [
        row("f1", "found", "2026-06-28T09:00", case="c1"), row("f2", "found", "2026-07-02T09:00", case="c1"),
        row("f3", "found", "2026-07-02T09:00", case="c2"), row("e1", "mended", "2026-07-08T09:00", case="c1"),
        row("e2", "mended", "2026-07-08T09:00", case="c2"),
    ]  # fmt: skip
    new = second(mend={"steps": [{"role": "leader", "must": "mended", "within": "5 days", "roll": "none"}]})
    # By hand: c1 was found in June and has ten days, however often it is found again; c2 has five, to 7 July.
    assert seen([BASE, new], rows, date(2026, 7, 31), "mend") == [("c1/1", "met", "first"), ("c2/1", "violated", "second")]


def test_a_plan_that_does_not_follow_is_judged_alone():
    new = second()
    del new["plan"]["follows"]
    found = impact(BASE, new, ROSTER, [], as_of=date(2026, 6, 30))
    assert not found.in_turn and {o.plan for o in found.after.obligations} == {"second"}
    assert [(p.before.id, p.after.id) for p in found.moved] == [("yearly/m1/2026-01-01", "yearly/m1/2026-07-01")]


def test_a_renamed_duty_is_the_same_thing_under_another_id():
    new = second()
    new["duties"] = {"each_year" if k == "yearly" else k: v for k, v in new["duties"].items()}
    found = impact(BASE, new, ROSTER, [], as_of=date(2026, 6, 30))
    assert [(p.before.id, p.after.id) for p in found.moved] == [("yearly/m1/2026-01-01", "yearly/m1/2026-01-01")]
    assert [o.id for o in found.appear] == ["each_year/m1/2026-07-01"]
    alone = copy.deepcopy(new)
    alone["plan"] |= {"id": "first", "follows": None, "in_force": {"from": "2026-01-01"}}
    found = impact(BASE, alone, ROSTER, [], as_of=date(2026, 6, 30))
    assert [(p.before.id, p.after.id) for p in found.moved] == [("yearly/m1/2026-01-01", "each_year/m1/2026-01-01")]
    assert found.appear == found.vanish == ()


def test_acts_are_what_is_to_be_done_so_often():
    """Neither a ceiling nor a gap, a state or hours ask for a number of acts."""
    old, new = copy.deepcopy(KINDS), copy.deepcopy(KINDS)
    old["duties"] = {"ceiling": KINDS["duties"]["ceiling"]}
    hours = {**ACT, "must": "visit", "at_least": "10 hours per month"}
    new["duties"] = {**{k: KINDS["duties"][k] for k in ("ceiling", "both", "gap", "answer")}, "hours": hours}
    alert = {"id": "a1", "event": "alert", "object": "m1", "time": "2026-01-10T08:00", "colour": "red"}
    roster = {**ROSTER, "tenures": [{"role": "leader", "person": "p1", "object": "m1"}]}
    found = impact(old, new, roster, [alert], as_of=date(2026, 1, 31), until=date(2026, 1, 31))
    # January: two records for the alert, and the hours; the year: one visit, with its ceiling; no deadline: ceiling and gap.
    loads = {x.month: (x.obligations_before, x.obligations_after, x.acts_before, x.acts_after) for x in found.loads}
    assert loads == {"2026-01": (0, 2, 0, 2), "2026-12": (0, 1, 0, 1), None: (1, 3, 0, 0)}


def test_until_is_the_end_of_the_year_in_which_the_new_plan_begins():
    found = impact(BASE, second(), ROSTER, [], as_of=date(2025, 6, 30))
    assert found.until == date(2026, 12, 31) and len(found.before.obligations) == 1 and not found.changes
    found = impact(BASE, second(), ROSTER, [], as_of=date(2027, 3, 1))
    assert found.until == date(2027, 12, 31) and len(found.unchanged) == 2
    found = impact(BASE, second(), ROSTER, [], as_of=date(2026, 6, 30), until=date(2028, 1, 1))
    assert len(found.pairs) == 3


# ----------------------------------------------------------------------------------------------- for people and programs


@cache
def example():
    next_ = load_plan(EXAMPLE / "reissue" / "invented-2026h2.yaml")
    inputs = load_roster(EXAMPLE / "roster.yaml"), load_history(EXAMPLE / "history.csv")
    return diff(SHIPPED_XIXIA, next_), impact(SHIPPED_XIXIA, next_, *inputs, as_of=date(2026, 6, 30), waivers=load_waivers(EXAMPLE / "waivers.yaml"))


def test_both_satisfy_their_schemas():
    compared, felt = example()
    for name, data in (("diff", compared.to_dict()), ("impact", felt.to_dict())):
        found = schema(name)
        jsonschema.Draft202012Validator.check_schema(found)
        assert not list(jsonschema.Draft202012Validator(found).iter_errors(data)), name
        empty = dict.fromkeys(data)
        assert list(jsonschema.Draft202012Validator(found).iter_errors(empty)), name


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_texts_fit_a_screen_and_say_totals_first(lang):
    compared, felt = example()
    for text in (diff_text(compared, lang, 100, 34), impact_text(felt, lang, 100, 40)):
        lines = text.splitlines()
        assert max(map(width, lines)) <= 100 and len(lines) <= 44
        assert any(c.isdigit() for c in lines[0] + lines[1])
    whole = diff_text(compared, lang, 100, None)
    assert all(f.code in whole for f in compared.findings)


def test_no_text_of_a_plan_has_a_meaning_in_markdown():
    evil = "a|b <script>x</script> [l](https://x.example) `c` *d* _e_ \x1b[31m\n# f www.x.example"
    data = new_issue(XIXIA, title={"en": evil})
    data["duties"]["village.check"] |= {"clause": evil, "note": {"en": evil}}
    del data["duties"]["county.lead"]
    text = diff_markdown(diff(XIXIA, data), "en")
    assert "<" not in text and "\x1b" not in text and "https://" not in text and "](" not in text.replace("\\](", "")
    assert all(line.count("|") - line.count("\\|") == 5 for line in text.splitlines() if line.startswith("| "))
    roster = copy.deepcopy(ROSTER)
    roster["persons"][0]["name"] = evil
    found = impact(BASE, second(yearly={"at_least": "3 per year"}), roster, [], as_of=date(2026, 6, 30))
    text = impact_markdown(found, "en", None)
    assert "script&gt;" in text and "<" not in text and "\n# f" not in text
    assert markdown_cell("a\nb") == "a b"


def test_lines_are_wrapped_by_what_they_take_in_a_terminal():
    text = "职责 township.patrol 的时段在换方案时被截断，前后两段各按全数要求 " + "x" * 70
    lines = wrapped(text, 30, "  ")
    assert max(map(width, lines)) <= 30 and len(lines) > 3
    assert "".join("".join(lines).split()) == "".join(text.split())


# --------------------------------------------------------------------------------------------------- the example, commands

OLD, NEW = str(ROOT / "duties" / "xixia-mines-2026h1.yaml"), str(EXAMPLE / "reissue" / "invented-2026h2.yaml")
INPUTS = ["--roster", str(EXAMPLE / "roster.yaml"), "--history", str(EXAMPLE / "history.csv")]


def run(capsys, *args):
    try:
        status = main(list(args))
    except SystemExit as stop:
        status = stop.code
    out = capsys.readouterr()
    assert "Traceback" not in out.err + out.out
    return status, out.out, out.err


def test_the_invented_plan_says_so_and_holds_its_tests():
    plan = load_plan(NEW)
    assert all("虚构" in x and "invented" in y.lower() for x, y in ((plan.plan.title.zh, plan.plan.title.en), (plan.plan.note.zh, plan.plan.note.en)))
    assert plan.tests and [run_case(plan, case) for case in plan.tests] == [[]] * len(plan.tests)
    assert kinds(diff(SHIPPED_XIXIA, plan)) == {
        "county.lead": "changed", "township.patrol": "changed", "township.storm": "tightened", "township.danger": "loosened",
        "pond_officer.patrol": "changed", "village.hazard_report": "renamed", "village.check": "loosened",
        "office.table": "reworded", "post.pond_officer": "reworded", "post.village_leader": "removed", "township.drill": "added",
    }  # fmt: skip


def test_the_exit_status_says_whether_anything_changes(capsys, tmp_path):
    assert run(capsys, "diff", OLD, OLD)[0] == 0
    reworded = tmp_path / "reworded.yaml"
    reworded.write_text(Path(OLD).read_text(encoding="utf-8").replace("作风和纪律", "作风问题"), encoding="utf-8")
    status, out, _ = run(capsys, "diff", OLD, str(reworded), "--lang", "zh")
    assert status == 0 and "含义没有变化" in out and "五(三)" in out
    assert run(capsys, "diff", OLD, NEW)[0] == 1
    status, _, err = run(capsys, "diff", str(tmp_path / "none.yaml"), str(EXAMPLE / "roster.yaml"))
    assert status == 2 and "none.yaml" in err and "roster.yaml" in err
    assert run(capsys, "impact", OLD, OLD, *INPUTS)[0] == 0
    assert run(capsys, "impact", OLD, NEW, *INPUTS)[0] == 1
    assert run(capsys, "impact", OLD, NEW, *INPUTS, "--as-of", "soon")[0] == 2
    elsewhere = tmp_path / "utc.yaml"
    elsewhere.write_text(Path(NEW).read_text(encoding="utf-8").replace("Asia/Shanghai", "UTC"), encoding="utf-8")
    status, _, err = run(capsys, "impact", OLD, str(elsewhere), *INPUTS)
    assert status == 2 and "DR411" in err


def test_the_commands_speak_json_markdown_and_both_languages(capsys):
    _, out, _ = run(capsys, "impact", OLD, NEW, *INPUTS, "--until", "2026-07-31", "--format", "json")
    felt = json.loads(out)
    assert not list(jsonschema.Draft202012Validator(schema("impact")).iter_errors(felt))
    assert felt["as_of"] == "2026-06-30", "the day before the new plan comes into force"
    _, out, _ = run(capsys, "diff", OLD, NEW, "--format", "json")
    assert not list(jsonschema.Draft202012Validator(schema("diff")).iter_errors(json.loads(out)))
    for command in (["diff", OLD, NEW], ["impact", OLD, NEW, *INPUTS, "--until", "2026-07-31"]):
        _, out, _ = run(capsys, *command, "--format", "markdown", "--lang", "zh")
        assert out.startswith("# ") and "| --- |" in out and "虚构" in out
    _, some, _ = run(capsys, "diff", OLD, NEW)
    _, everything, _ = run(capsys, "diff", OLD, NEW, "--all")
    assert len(everything.splitlines()) > len(some.splitlines())
