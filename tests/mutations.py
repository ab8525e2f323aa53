"""Small changes of plans, as a new issue makes them: for the laws of a comparison."""

from __future__ import annotations

import copy
import re
from collections.abc import Callable
from typing import Any

from dutyrules import InputError, load_plan
from dutyrules.plan import Plan

Pick = Callable[[list[Any]], Any]

WHERE = [
    {"signed": True}, {"grade": {"at_least": "c"}}, {"grade": {"at_least": "b"}}, {"grade": ["b", "a"]}, {"score": {"over": 5}},
    {"score": {"at_least": 6}}, {"score": {"over": 5, "under": 8}}, {"led_by": "bearer"}, {"led_by": ["bearer", "p2"]},
    {"lasted_minutes": {"at_least": 60}}, {"signed": True, "grade": "a"},
]  # fmt: skip
ALERTS = [
    "alert", {"event": "alert", "where": {"colour": {"at_least": "orange"}}}, {"event": "alert", "where": {"colour": "red"}},
    {"event": "alert", "where": {"colour": {"at_least": "yellow"}}}, ["alert", "survey"],
    [{"event": "alert", "where": {"colour": "red"}}, {"event": "survey"}],
]  # fmt: skip
WHILE = [
    {"state": "producing"}, {"state": ["producing", "suspended"]}, {"level": {"at_least": "mid"}}, {"level": {"over": "mid"}},
]  # fmt: skip
LENGTHS = ["2 hours", "36 hours", "1 day", "2 days", "3 working days", "3 days", "1 week", "1 month", "45 days", "90 minutes"]
FIELDS: dict[str, list[Any]] = {
    "where": WHERE, "while": WHILE, "trigger": ALERTS, "lapses_with": ["alert_over", {"event": "alert_over", "where": {"hazard": "storm"}}],
    "must": ["inspection", "survey", ["inspection", "visit"], ["visit", "inspection"], ["inspection", "visit", "survey"]],
    "object_type": ["mine", "pond", ["mine", "pond"], ["pond", "mine"]],
    "may_be_done_by": ["leader", "officer", "deputy", ["deputy", "officer"]], "late": ["accepted"], "roll": ["none", "forward"],
    "cut_windows": ["full", "prorate", "skip", "merge", {"skip_below": "1/2"}, {"skip_below": "1/3"}],
    "between": [{"from_day": 1, "through_day": 10}, {"from_day": 1, "through_day": 20}, {"from_day": 5, "through_day": 10}],
    "apart": LENGTHS, "one_episode": [*LENGTHS, "until_lapsed"], "gaps_up_to": LENGTHS, "not_before": LENGTHS,
    "within": [*LENGTHS, "unspecified", {"before": "3 days", "after": "2 days"}, {"before": "1 week", "after": "2 days"}],
    "covers": ["every_object"], "area_type": ["town", "county"], "for_each": ["object", "bearer", "area"],
    "during": ["flood", "non_flood", "campaign", {"event": "alert", "until": "alert_over"}],
    "unless": [{"event": "permit"}, {"event": "permit", "within": "2 hours"}, {"event": ["permit", "survey"], "until": "permit_end"}],
    "personal": [True],
    "at_least": [
        "1 per month", "2 per month", "1 per quarter", "1 per 2 months", "2 per year", "3 days per month", "3 per month", "1 per ten_days",
        "1 per week", {"flood": "1 per month"}, {"flood": "1 per month", "non_flood": "1 per quarter"}, {"flood": "2 per month"},
        "every 30 days", "every 45 days", "every 2 weeks", "1 in any 30 days", "2 in any 30 days", "1 in any 60 days", "2", "2 days", "1",
        {"count": {"from": "visits"}, "per": "year"}, "1 per 1 months", "1 per 3 months", "2 working days per month",
    ],
    "at_most": ["1 per month", "2 per month", "2 per quarter", "1 in any 30 days", "1 in any 60 days", {"flood": "1 per month"}],
}  # fmt: skip
"""Values that a field of a duty may have in the plans that are drawn."""


def changed(plan: Plan, pick: Pick, times: int) -> Plan | None:
    """The plan with some fields of one duty changed, if that gives a plan."""
    data = plan.to_dict()
    name = pick(sorted(data["duties"]))
    duty = data["duties"][name] = copy.deepcopy(data["duties"][name])
    for _ in range(times):
        target = pick(duty["steps"]) if duty.get("steps") and pick([True, True, False]) else duty
        _change(target, pick, plan)
    if duty == plan.to_dict()["duties"][name]:
        return None
    try:
        return load_plan(data)
    except InputError:
        return None


def _change(duty: dict[str, Any], pick: Pick, plan: Plan) -> None:
    how = pick(["nudge", "nudge", "other", "other", "drop", "add"])
    known = [k for k in duty if k in FIELDS or k in ("before", "keep", "must_not", "steps")] or ["must"]
    if how == "add":
        key = pick([k for k in FIELDS if k not in duty])
        duty[key] = copy.deepcopy(pick(FIELDS[key]))
    elif how == "drop":
        key = pick(known)
        if key == "steps":
            duty["steps"] = duty["steps"][:-1]
        else:
            duty.pop(key, None)
    elif how == "other":
        key = pick(known)
        if key in FIELDS:
            duty[key] = copy.deepcopy(pick(FIELDS[key]))
    else:
        key = pick(known)
        duty[key] = _nudged(duty.get(key), pick)


def _nudged(value: Any, pick: Pick) -> Any:
    """A number in it made a little greater or smaller, or a name added or taken away."""
    if isinstance(value, str) and re.search(r"\d", value):
        n, by = re.search(r"\d+", value), pick([1, -1, 3, 10])  # type: ignore[assignment]
        assert n is not None
        return value[: n.start()] + str(max(1, int(n[0]) + by)) + value[n.end() :]
    if isinstance(value, bool):
        return not value
    if isinstance(value, int):
        return max(1, value + pick([1, -1]))
    if isinstance(value, list) and value:
        i = pick(list(range(len(value))))
        if pick([True, False]) and len(value) > 1:
            return value[:i] + value[i + 1 :]
        return [*value[:i], _nudged(value[i], pick), *value[i + 1 :]]
    if isinstance(value, dict) and value:
        key = pick(list(value))
        if pick([True, True, True, False]):
            return {**value, key: _nudged(value[key], pick)}
        return {k: v for k, v in value.items() if k != key}
    return value
