"""Findings: each code by a plan that has it and a near twin that has not, and the laws that findings keep."""

from __future__ import annotations

import re
import string
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

import pytest
from hypothesis import event, given, settings
from hypothesis import strategies as st

from dutyrules import load_plan, load_roster
from dutyrules.duties.counting import CountDuty
from dutyrules.engine import evaluate
from dutyrules.errors import InputError, Problem
from dutyrules.history import History
from dutyrules.lint import findings
from dutyrules.lint.claims import claims
from dutyrules.lint.clauses import citations
from dutyrules.lint.contradictions import contradictions
from dutyrules.lint.implying import implies, same_duty
from dutyrules.lint.rehearsal import Rehearsal
from dutyrules.messages.findings import FORMS, MESSAGES
from dutyrules.plan import Plan
from dutyrules.resources import shipped
from dutyrules.strategies import Case, cases

ROOT = Path(__file__).parents[1]
Data = dict[str, Any]

# ------------------------------------------------------------------------------------------------------- plans by hand


def patrol(**changes: Any) -> Data:
    """A duty without a fault. A key of ``None`` is taken out."""
    duty = {
        "clause": "1", "summary": {"en": "Visits"}, "role": "leader", "object_type": "mine", "must": "visit",
        "for_each": "object", "at_least": "1 per month",
    }  # fmt: skip
    return {k: v for k, v in {**duty, **changes}.items() if v is not None}


def response(**changes: Any) -> Data:
    return patrol(**{"at_least": None, "trigger": "alert", "within": "3 days", **changes})


def ban(**changes: Any) -> Data:
    return patrol(**{"must": None, "for_each": None, "at_least": None, "must_not": "visit", **changes})


def varied(**changes: Any) -> Data:
    """A plan whose reading could have been otherwise."""
    means = {"of": "regularly", "means": "monthly", "alternatives": [{"means": "otherwise", "changes": changes}]}
    return written(patrol(reading=means))


def written(*duties: Data, named: dict[str, Data] | None = None, **parts: Any) -> Data:
    """A plan that declares what these duties use, and nothing else."""
    found = {**{f"d{i}": d for i, d in enumerate(duties, 1)}, **(named or {})}
    text = repr(found)
    events = {"visit": {"en": "Visit", "attributes": {"led_by": "person", "score": "number", "grade": ["low", "mid", "high"]}}}
    events |= {n: {"en": n, "attributes": {"score": "number"}} for n in ("survey", "alert", "alert_over") if f"'{n}'" in text}
    data: Data = {
        "dutyrules": 1,
        "plan": {"id": "p", "title": {"en": "A plan"}, "in_force": {"from": "2026-01-01"}, "timezone": "Asia/Shanghai"},
        "seasons": {
            name: {"every_year": {"from": first, "through": last}}
            for name, first, last in (("flood", "05-15", "09-30"), ("ice", "12-01", "02-end"))
            if re.search(rf"\b(?:non_)?{name}\b", text)
        },
        "calendar": {
            "working_days": "china",
            "named_periods": {
                n: p for n, p in (("watch", {"from": "07-16", "through": "08-15"}), ("special", "declared")) if n in text
            },
        },
        "roles": {"leader": {"en": "Leader"}} | ({"officer": {"en": "Officer"}} if "officer" in text else {}),
        "object_types": {
            t: {"en": t, "attributes": {"level": "integer"}} for t in ("mine", "pond") if f"'{t}'" in text
        },
        "events": {n: e for n, e in events.items() if f"'{n}'" in text},
        "duties": found,
    }
    for key, value in parts.items():
        data[key] = {**data[key], **value} if isinstance(data.get(key), dict) else value
    return data


def found_in(data: Data, roster: Data | None = None) -> list[Problem]:
    return findings(load_plan(data), None if roster is None else load_roster(roster))


def codes(data: Data, roster: Data | None = None) -> list[str]:
    return [p.code for p in found_in(data, roster)]


def both(zh: str, en: str) -> Data:
    return {"zh": zh, "en": en}


FLOOD = {"flood": "1 per month"}
HALF = {"flood": "1 per month", "ice": "1 per month"}
WHOLE = {"flood": "1 per month", "non_flood": "1 per month"}
CHAIN = patrol(must=None, for_each=None, at_least=None, case="score", starts_with="alert", steps=[{"role": "leader", "must": "survey", "within": "1 day"}])  # fmt: skip


def force(**span: str) -> Data:
    return {"plan": {**written()["plan"], "in_force": span}}


def head(**keys: Any) -> Data:
    return {"plan": {**written()["plan"], **keys}}


def summed(zh: str | None = None, en: str | None = None, **changes: Any) -> Data:
    """A plan with one duty and its summary, in the languages of the title."""
    text = {k: v for k, v in (("zh", zh), ("en", en)) if v}
    made = written(patrol(summary=text, **changes))
    made["plan"]["title"] = dict.fromkeys(text, "x")
    for part in ("roles", "object_types", "events"):
        for label in made[part].values():
            label.update(dict.fromkeys(text, "x"))
            if not en:
                del label["en"]
    return made


def reading(of: str, means: str = "so") -> Data:
    return {"of": of, "means": means}


# Each row: what it is about, the plan that has the finding, the near twin that has not.
TWINS: dict[str, list[tuple[str, Data, Data]]] = {
    "DR501": [
        ("one season only", written(patrol(at_least=FLOOD, cut_windows="full")), written(patrol(at_least=WHOLE, cut_windows="full"))),
        (
            "two seasons with a gap",
            written(patrol(at_least=HALF, cut_windows="full")),
            written(
                patrol(at_least=HALF, cut_windows="full"),
                seasons={"ice": {"every_year": {"from": "10-01", "through": "05-14"}}},
            ),
        ),
        (
            "the rest asked for by another duty of the role",
            written(patrol(at_least=FLOOD, cut_windows="full"), patrol(at_least={"non_flood": "1 per quarter"}, cut_windows="full", role="officer")),
            written(patrol(at_least=FLOOD, cut_windows="full"), patrol(at_least={"non_flood": "1 per quarter"}, cut_windows="full")),
        ),
        (
            "what adds to another is meant for its days only",
            written(patrol(at_least={"watch": "1 per week"}, cut_windows="full")),
            written(patrol(at_least="2 per year"), patrol(at_least={"watch": "1 per week"}, cut_windows="full", adds_to="d1")),
        ),
        (
            "a period that records open may be any days",
            written(patrol(at_least={"watch": "1 per week"}, cut_windows="full")),
            written(patrol(at_least={"special": "1 per week"}, cut_windows="full")),
        ),
        (
            "a season that holds all the time of the plan",
            written(patrol(at_least=FLOOD, cut_windows="full"), **force(**{"from": "2026-06-01", "through": "2026-10-01"})),
            written(patrol(at_least=FLOOD, cut_windows="full"), **force(**{"from": "2026-06-01", "through": "2026-09-30"})),
        ),
    ],
    "DR503": [
        (
            "a season outside the force",
            written(patrol(at_least=FLOOD, cut_windows="full"), **force(**{"from": "2026-10-01", "through": "2026-12-31"})),
            written(patrol(at_least=FLOOD, cut_windows="full"), **force(**{"from": "2026-09-30", "through": "2026-12-31"})),
        ),
        (
            "a season that is announced may come",
            written(patrol(at_least=FLOOD, cut_windows="full"), **force(**{"from": "2026-10-01", "through": "2026-12-31"})),
            written(
                patrol(at_least=FLOOD, cut_windows="full"),
                seasons={"flood": {"in_year": {2025: {"from": "2025-05-01", "through": "2025-06-01"}}}},
                **force(**{"from": "2026-10-01", "through": "2026-12-31"}),
            ),
        ),
        (
            "one entry of two is left",
            written(patrol(at_least=FLOOD, cut_windows="full"), **force(**{"from": "2026-10-01", "through": "2026-12-31"})),
            written(patrol(at_least=WHOLE, cut_windows="full"), **force(**{"from": "2026-10-01", "through": "2026-12-31"})),
        ),
        (
            "days that no period has",
            written(patrol(at_least="1 per week", between={"from_day": 8, "through_day": 9})),
            written(patrol(at_least="1 per week", between={"from_day": 7, "through_day": 9})),
        ),
        (
            "every window cut by the season and passed over",
            written(patrol(at_least={"flood": "1 per half_year"}, cut_windows="skip")),
            written(patrol(at_least={"flood": "1 per month"}, cut_windows="skip")),
        ),
        (
            "a gap longer than its season",
            written(patrol(at_least={"watch": "every 32 days"})),
            written(patrol(at_least={"watch": "every 31 days"})),
        ),
        (
            "a sliding count longer than its season",
            written(patrol(at_least={"watch": "1 in any 5 weeks"})),
            written(patrol(at_least={"watch": "1 in any 4 weeks"})),
        ),
        (
            "a ban during a season outside the force",
            written(ban(during="flood"), **force(**{"from": "2026-10-01", "through": "2026-12-31"})),
            written(ban(during="ice"), **force(**{"from": "2026-10-01", "through": "2026-12-31"})),
        ),
        (
            "no season to be ahead of",
            written(patrol(at_least=None, before={"season": "flood"}), **force(**{"from": "2026-05-15", "through": "2026-12-31"})),
            written(patrol(at_least=None, before={"season": "flood"}), **force(**{"from": "2026-05-14", "through": "2026-12-31"})),
        ),
        (
            "over before it opens",
            written(patrol(at_least=None, before={"season": "flood", "opens": "1 month", "by": "2 months"})),
            written(patrol(at_least=None, before={"season": "flood", "opens": "2 months", "by": "1 month"})),
        ),
        (
            "a state that the type leaves out",
            written(patrol(**{"while": {"state": "closed"}}), object_types={"mine": {"en": "m", "while": {"state": ["open", "shut"]}}}),
            written(patrol(**{"while": {"state": ["closed", "shut"]}}), object_types={"mine": {"en": "m", "while": {"state": ["open", "shut"]}}}),
        ),
        (
            "figures that exclude each other",
            written(patrol(where={"score": {"at_least": 5, "under": 3}})),
            written(patrol(where={"score": {"at_least": 3, "under": 5}})),
        ),
        (
            "nothing above the top of a scale",
            written(patrol(where={"grade": {"over": "high"}})),
            written(patrol(where={"grade": {"over": "mid"}})),
        ),
        (
            "a trigger that nothing satisfies",
            written(response(trigger={"event": "alert", "where": {"score": {"over": 5, "under": 5}}})),
            written(response(trigger={"event": "alert", "where": {"score": {"at_least": 5, "at_most": 5}}})),
        ),
        (
            "the duty's level and the type's",
            written(patrol(**{"while": {"level": {"over": 3}}}), object_types={"mine": {"en": "m", "attributes": {"level": "integer"}, "while": {"level": {"at_most": 3}}}}),
            written(patrol(**{"while": {"level": {"at_least": 3}}}), object_types={"mine": {"en": "m", "attributes": {"level": "integer"}, "while": {"level": {"at_most": 3}}}}),
        ),
    ],
    "DR504": [
        (
            "more working days than February has",
            written(patrol(at_least="17 working days per month")),
            written(patrol(at_least="16 working days per month")),
        ),
        (
            "a first window that is cut",
            written(patrol(at_least="11 days per month"), **force(**{"from": "2026-01-22"})),
            written(patrol(at_least="11 days per month", cut_windows="skip"), **force(**{"from": "2026-01-22"})),
        ),
        ("too far apart", written(patrol(at_least="4 per month", apart="10 days")), written(patrol(at_least="3 per month", apart="10 days", cut_windows="skip"))),
        ("days of a stretch", written(patrol(at_least="8 days in any 1 week")), written(patrol(at_least="7 days in any 1 week"))),
        (
            "a working day in any week, and the long holiday",
            written(patrol(at_least="1 working day in any 7 days")),
            written(patrol(at_least="1 working day in any 10 days")),
        ),
        ("a limit in days", written(response(within="2 days", at_least="4 days", roll="none")), written(response(within="2 days", at_least="3 days", roll="none"))),
        ("a limit in hours", written(response(within="3 hours", at_least="3 days")), written(response(within="3 hours", at_least="2 days"))),
        (
            "days ahead of a season",
            written(patrol(at_least="6 days", before={"season": "flood", "opens": "5 days"})),
            written(patrol(at_least="5 days", before={"season": "flood", "opens": "5 days"})),
        ),
        (
            "days ahead of a date",
            written(patrol(at_least="6 days", before={"attribute": "level", "opens": "5 days"}), object_types={"mine": {"en": "m", "attributes": {"level": "date"}}}),
            written(patrol(at_least="5 days", before={"attribute": "level", "opens": "5 days"}), object_types={"mine": {"en": "m", "attributes": {"level": "date"}}}),
        ),
    ],
    "DR505": [
        ("a longer period", written(patrol(), patrol(at_least="1 per quarter")), written(patrol(), patrol(at_least="2 per quarter"))),
        ("days for records", written(patrol(at_least="2 days per month"), patrol(at_least="2 per month")), written(patrol(at_least="2 days per month"), patrol(at_least="3 per month"))),
        ("weeks are no parts of months", written(patrol(at_least="1 per day"), patrol(at_least="1 per month")), written(patrol(at_least="1 per week"), patrol(at_least="1 per month"))),
        ("both seasons", written(patrol(at_least=WHOLE, cut_windows="full"), patrol(at_least="1 per year")), written(patrol(at_least=WHOLE, cut_windows="skip"), patrol(at_least="1 per year"))),
        ("whole windows only", written(patrol(), patrol(at_least="3 per quarter", cut_windows="skip")), written(patrol(), patrol(at_least="3 per quarter", cut_windows="full"))),
        (
            "a gap and a whole period",
            written(patrol(at_least="every 44 days"), patrol(at_least="2 per quarter", cut_windows="skip")),
            written(patrol(at_least="every 45 days"), patrol(at_least="2 per quarter", cut_windows="skip")),
        ),
        ("a shorter gap", written(patrol(at_least="every 2 weeks"), patrol(at_least="every 20 days")), written(patrol(at_least="every 1 month"), patrol(at_least="every 31 days"))),
        ("a lower ceiling", written(patrol(at_least=None, at_most="3 per year"), patrol(at_least=None, at_most="4 per month")), written(patrol(at_least=None, at_most="3 per month"), patrol(at_least=None, at_most="4 per year"))),
        ("periods that overlap", written(patrol(at_least="1 per 2 months"), patrol(at_least="1 per 6 months")), written(patrol(at_least="1 per 2 months"), patrol(at_least="1 per quarter"))),
        ("another role", written(patrol(), patrol(at_least="1 per quarter")), written(patrol(), patrol(at_least="1 per quarter", role="officer"))),
        ("another act", written(patrol(), patrol(at_least="1 per quarter", must=["visit", "survey"])), written(patrol(must=["visit", "survey"]), patrol(at_least="1 per quarter"))),
        ("late is accepted", written(patrol(), patrol(at_least="1 per quarter")), written(patrol(late="accepted"), patrol(at_least="1 per quarter"))),
        ("more objects", written(patrol(object_type=["mine", "pond"]), patrol(at_least="1 per quarter")), written(patrol(), patrol(at_least="1 per quarter", object_type=["mine", "pond"]))),
        ("a sooner limit", written(response(within="2 days"), response(within="1 week")), written(response(within="2 days"), response(within="2 working days"))),
        ("a wider ban", written(ban(), ban(during="flood")), written(ban(unless={"event": "alert"}), ban(during="flood"))),
        ("what adds to another asks for more", written(patrol(), patrol(at_least="1 per quarter")), written(patrol(), patrol(at_least="1 per quarter", adds_to="d1"))),
    ],
    "DR506": [
        ("forbidden always", written(patrol(), ban()), written(patrol(must="survey"), ban())),
        ("a permit may be had", written(patrol(), ban()), written(patrol(), ban(unless={"event": "alert"}))),
        ("a month within a season", written(patrol(), ban(during="flood")), written(patrol(at_least="1 per year"), ban(during="flood"))),
        ("forbidden of some only", written(patrol(), ban(during="flood")), written(patrol(), ban(during="flood", where={"score": {"over": 3}}))),
        ("a response", written(response(), ban()), written(response(), ban(during="flood"))),
        (
            "a response in the time of the alert",
            written(response(lapses_with="alert_over"), ban(during={"event": "alert", "until": "alert_over"})),
            written(response(), ban(during={"event": "alert", "until": "alert_over"})),
        ),
        ("least above most", written(patrol(at_least="5 per month", at_most="4 per month")), written(patrol(at_least="4 per month", at_most="4 per month"))),
        ("months of a year", written(patrol(), patrol(at_least=None, at_most="11 per year")), written(patrol(), patrol(at_least=None, at_most="12 per year"))),
        ("records on one day", written(patrol(at_least="5 days per month", at_most="4 per month")), written(patrol(at_least="5 per month", at_most="4 days per month"))),
        ("least above most in any stretch", written(patrol(at_least="5 per month"), patrol(at_least=None, at_most="4 in any 31 days")), written(patrol(at_least="5 per month"), patrol(at_least=None, at_most="4 in any 27 days"))),
    ],
    "DR507": [
        ("及时", summed("发现隐患及时上报"), summed("发现隐患及时上报", reading=reading("及时上报"))),
        ("in time", summed(en="Visits in time"), summed(en="Visits in the right time zone")),
        ("a reading of the same idea in the other language", summed(en="Goes there at once"), summed(en="Goes there at once", reading=reading("第一时间"))),
        ("untimely", summed(en="A timely visit"), summed(en="An untimely visit")),
        ("不及时", summed("上报要及时"), summed("上报不及时的")),
        ("规定期限", summed("定期检查"), summed("在规定期限前检查")),
        ("以及时间", summed("及时检查"), summed("地点以及时间")),
        ("a figure in the same sentence", summed("定期检查"), summed("定期检查，每月一次")),
        ("often", summed(en="Visits often"), summed(en="Visits as often as was decided")),
        ("extreme weather", summed("极端天气到场"), summed("极端天气到场", reading=reading("极端天气"))),
        ("a special time that is declared", summed("特殊时段检查"), {**summed("特殊时段检查", at_least="1 per special"), "calendar": {"named_periods": {"special": "declared"}}}),
        ("unspecified", written(response(within="unspecified")), written(response(within="unspecified", reading=reading("in time")))),
        (
            "unspecified in a step",
            written({**CHAIN, "steps": [{"role": "leader", "must": "survey", "within": "unspecified"}]}),
            written(CHAIN),
        ),
    ],
    "DR508": [
        ("a clause that nothing answers", written(patrol(), **head(contents=["1", "2"])), written(patrol(), **head(contents=["1"]))),
        ("accounted for", written(patrol(), **head(contents=["1", "2"])), written(patrol(), clauses={"2 drills": {"decidable": "no_figure", "why": {"en": "x"}}}, **head(contents=["1", "2"]))),
        ("finer than the entry", written(patrol(clause="四(二)4"), **head(contents=["四(一)", "四(二)"])), written(patrol(clause="四（二）4"), **head(contents=["四(二)"]))),
        ("1 and 10", written(patrol(clause="10"), **head(contents=["1", "10"])), written(patrol(clause="1(a)"), **head(contents=["1"]))),
        ("several in one", written(patrol(clause="1、2"), **head(contents=["1", "2", "3"])), written(patrol(clause="1、2-3"), **head(contents=["1", "2", "3"]))),
    ],
    "DR509": [
        ("a clause that is not listed", written(patrol(clause="2"), **head(contents=["1"])), written(patrol(clause="1"), **head(contents=["1"]))),
        ("accounted for and not listed", written(patrol(), clauses={"九": {"decidable": "judgement", "why": {"en": "x"}}}, **head(contents=["1"])), written(patrol(), clauses={"九": {"decidable": "judgement", "why": {"en": "x"}}}, **head(contents=["1", "九"]))),
        ("goes on from the clause before", written(patrol(clause="四(二)1、5"), **head(contents=["四(二)1", "四(二)4"])), written(patrol(clause="四(二)1、4"), **head(contents=["四(二)1", "四(二)4"]))),
        ("no contents", written(patrol(clause="2"), **head(contents=["1"])), written(patrol(clause="2"))),
    ],
    "DR513": [
        ("one language of two", written(patrol(), **head(title={"en": "A plan", "zh": "方案"})), written(patrol())),
        ("a note", written(patrol(note={"zh": "注"})), written(patrol(note={"en": "note"}))),
        ("a reason of a reading", written(patrol(reading={**reading("x"), "because": {"zh": "因为"}})), written(patrol(reading=reading("x")))),
        ("an acceptance", written(patrol(at_least="17 working days per month", accepted={"DR504": {"zh": "有意"}})), written(patrol(at_least="17 working days per month", accepted={"DR504": {"en": "meant"}}))),
    ],
    "DR514": [
        ("twice", summed(en="Visits twice a month"), summed(en="Visits once a month")),
        ("a quarter", summed("每季度检查一次"), summed("每月检查一次")),
        ("两次", summed("每月检查两次"), summed("每月检查两次", at_least="2 per month")),
        ("two months", summed("每两个月检查一次"), summed("每两个月检查一次", at_least="1 per 2 months")),
        ("days for working days", summed("每月十个工作日", at_least="10 days per month"), summed("每月十天", at_least="10 working days per month")),
        ("a limit", summed(en="There within two hours", at_least=None, trigger="alert", within="3 hours"), summed(en="There within two hours", at_least=None, trigger="alert", within="120 minutes")),
        ("a limit that is none", summed("两小时内到场", at_least=None, trigger="alert", within="unspecified", reading=reading("x")), summed("尽快到场", at_least=None, trigger="alert", within="unspecified", reading=reading("尽快"))),
        ("a range", summed("每年1至3次", at_least="1 per year", at_most="2 per year"), summed("每年1至2次", at_least="1 per year", at_most="2 per year")),
        ("a figure of the roster", summed(en="Twice a year"), summed(en="Twice a year", at_least={"count": {"from": "level"}, "per": "year"})),
        ("one count of two", summed(en="Once a month", at_least={"flood": "3 per month", "non_flood": "1 per month"}, cut_windows="full"), summed(en="Each month, and twice a month in the flood season", at_least={"flood": "2 per month", "non_flood": "1 per month"}, cut_windows="full")),
        ("an average", summed(en="Once a year"), summed(en="On average once a year")),
        ("days of the period", summed(en="In the first 12 days of each month", between={"from_day": 1, "through_day": 10}), summed(en="In the first ten days of each month", between={"from_day": 1, "through_day": 10})),
        ("a count it is silent about", summed("汛期、非汛期每月检查一次", at_least={"flood": "2 per month", "non_flood": "1 per month"}, cut_windows="full"), summed("非汛期每月检查一次，汛期每月检查两次", at_least={"flood": "2 per month", "non_flood": "1 per month"}, cut_windows="full")),
        ("a step", written({**CHAIN, "steps": [{"role": "leader", "must": "survey", "within": "1 day", "summary": {"en": "within two days"}}]}), written({**CHAIN, "steps": [{"role": "leader", "must": "survey", "within": "2 days", "summary": {"en": "within two days"}}]})),
    ],
    "DR515": [
        ("a stale acceptance", written(patrol(accepted={"DR504": {"en": "x"}})), written(patrol(at_least="17 working days per month", accepted={"DR504": {"en": "x"}}))),
        ("of the plan", written(patrol(), **head(accepted={"DR508": {"en": "x"}})), written(patrol(), **head(accepted={"DR508": {"en": "x"}}, contents=["1", "2"]))),
        ("only a roster could show it", written(patrol(accepted={"DR507": {"en": "x"}})), written(patrol(accepted={"DR511": {"en": "x"}}))),
    ],
    "DR516": [
        ("a role", written(patrol(), roles={"leader": {"en": "l"}, "other": {"en": "o"}}), written(patrol(), roles={"leader": {"en": "l", "deputy": "other"}, "other": {"en": "o"}})),
        ("a type", written(patrol(), object_types={"pond": {"en": "p"}}), written(patrol(object_type=["mine", "pond"]))),
        ("an event", written(patrol(), events={"survey": {"en": "s"}}), written(patrol(must=["visit", "survey"]))),
        ("a season", written(patrol(), seasons={"ice": {"every_year": {"from": "12-01", "through": "02-end"}}}), written(ban(during="non_ice"))),
        ("a named period", written(patrol(), calendar={"named_periods": {"watch": {"from": "07-16", "through": "08-15"}}}), written(patrol(at_least="1 per watch"))),
        ("what opens a period", written(patrol(), events={"alert": {"en": "a"}}), written(ban(during="special"), events={"alert": {"en": "a"}, "alert_over": {"en": "o"}}, calendar={"named_periods": {"special": {"opened_by": "alert", "closed_by": "alert_over"}}})),
    ],
    "DR517": [
        ("word for word", written(patrol(), patrol(clause="2", summary={"en": "Again"})), written(patrol(), patrol(at_least="2 per month"))),
        ("another order of names", written(patrol(must=["visit", "survey"]), patrol(must=["survey", "visit"])), written(patrol(must=["visit", "survey"]), patrol(must="survey"))),
        ("another word for a period", written(patrol(at_least="1 per quarter"), patrol(at_least="1 per 3 months")), written(patrol(at_least="1 per quarter"), patrol(at_least="1 per 2 months"))),
    ],
    "DR518": [
        ("the rule already", varied(at_least="1 per month"), varied(at_least="2 per month")),
        ("in other words", varied(at_least={"count": 1, "per": "month"}), varied(at_least={"count": 2, "per": "month"})),
        ("a key that is not there", varied(apart=None), varied(apart="3 days")),
    ],
}  # fmt: skip


@pytest.mark.parametrize(("code", "about", "bad", "good"), [(c, *row) for c, rows in TWINS.items() for row in rows], ids=str)
def test_a_plan_has_a_finding_and_its_near_twin_has_not(code: str, about: str, bad: Data, good: Data) -> None:
    assert code in codes(bad)
    assert code not in codes(good)


def test_a_sound_plan_has_no_findings():
    assert found_in(written(patrol())) == []


# ------------------------------------------------------------------------------------------------------- with a roster


def people(*tenures: Data, objects: int = 2, **first: Any) -> Data:
    return {
        "areas": [{"id": "town"}],
        "objects": [{"id": f"m{i}", "type": "mine", "area": "town", **(first if i == 1 else {})} for i in range(1, objects + 1)],
        "persons": [{"id": p} for p in dict.fromkeys(t["person"] for t in tenures)],
        "tenures": [{"role": "leader", **t} for t in tenures],
    }


ALL = {"person": "a", "area": "town"}
ROSTERS: list[tuple[str, str, Data, Data, Data]] = [
    ("DR503", "no object of the type", patrol(object_type="pond"), people(ALL), people(ALL) | {"objects": [{"id": "x", "type": "pond", "area": "town"}]}),
    ("DR510", "nobody", patrol(), people(), people(ALL)),
    ("DR510", "only before the plan", patrol(), people({**ALL, "through": "2025-12-31"}), people({**ALL, "through": "2026-01-01"})),
    ("DR511", "one object", patrol(), people({"person": "a", "object": "m1"}), people({"person": "a", "object": "m1"}, {"person": "b", "object": "m2"})),
    ("DR511", "some days", patrol(), people({**ALL, "through": "2026-03-01"}, {**ALL, "from": "2026-03-03"}), people({**ALL, "through": "2026-03-01"}, {**ALL, "from": "2026-03-02"})),
    ("DR511", "not in scope then", patrol(**{"while": {"state": "open"}}), people({**ALL, "from": "2026-02-01"}, states=[{"state": "open"}]), people({**ALL, "from": "2026-02-01"}, states=[{"state": "open", "from": "2026-02-01"}])),
    ("DR511", "a season that is not asked about", patrol(at_least=WHOLE, cut_windows="full"), people({**ALL, "from": "2026-02-01"}), people(ALL)),
    ("DR512", "too many", patrol(), people(*({"person": "a", "object": f"m{i}"} for i in range(1, 10)), {"person": "b", "object": "m10"}, {"person": "c", "object": "m11"}, objects=11), people(*({"person": "a", "object": f"m{i}"} for i in range(1, 8)), {"person": "b", "object": "m8"}, {"person": "c", "object": "m9"}, objects=9)),
    ("DR512", "not at once", patrol(), people(*({"person": "a", "object": f"m{i}"} for i in range(1, 9)), {"person": "b", "object": "m1"}, {"person": "c", "object": "m2"}, objects=9), people(*({"person": "a", "object": f"m{i}", **({"through": "2026-05-31"} if i < 5 else {"from": "2026-06-01"})} for i in range(1, 9)), {"person": "b", "object": "m1"}, {"person": "c", "object": "m2"}, objects=9)),
]  # fmt: skip


@pytest.mark.parametrize(("code", "about", "duty", "bad", "good"), ROSTERS, ids=str)
def test_a_roster_has_a_finding_and_its_near_twin_has_not(code: str, about: str, duty: Data, bad: Data, good: Data) -> None:
    assert code in codes(written(duty), bad)
    assert code not in codes(written(duty), good)
    assert code not in codes(written(duty))


def test_an_empty_post_outside_the_season_of_a_duty_is_no_finding():
    duty = patrol(at_least=FLOOD, cut_windows="full", accepted={"DR501": {"en": "meant"}})
    assert codes(written(duty), people({**ALL, "from": "2026-05-15", "through": "2026-09-30"}, {**ALL, "from": "2027-05-01"})) == []
    assert "DR511" in codes(written(duty), people({**ALL, "from": "2026-05-16", "through": "2026-09-30"}, {**ALL, "from": "2027-05-01"}))


# -------------------------------------------------------------------------------------------------- what a finding says

TOLD = [
    (written(patrol(at_least=FLOOD, cut_windows="full")), ("duties", "d1", "at_least"), {"first": "10-01", "last": "05-14"}),
    (written(patrol(at_least="17 working days per month")), ("duties", "d1", "at_least"), {"first": "2026-02-01", "last": "2026-02-28", "has": 16, "asked": 17}),
    (written(patrol(at_least="4 per month", apart="10 days")), ("duties", "d1", "at_least"), {"first": "2026-02-01", "has": 3, "asked": 4}),
    (written(response(within="2 days", at_least="2 working days", roll="none")), ("duties", "d1", "at_least"), {"first": "2026-01-01", "has": 0}),
    (written(patrol(), ban(during="flood")), ("duties", "d1", "must"), {"other": "d2", "first": "2026-06-01", "last": "2026-06-30"}),
    (written(patrol(), patrol(at_least=None, at_most="11 per year")), ("duties", "d1", "at_least"), {"least": 12, "most": 11}),
    (written(patrol(clause="四(二)5"), **head(contents=["四(二)4"])), ("duties", "d1", "clause"), {"near": "四(二)4"}),
    (summed("每季度检查一次"), ("duties", "d1", "summary", "zh"), {"word": "每季度", "rules": "at_least: 1 per month"}),
    (written(patrol(where={"score": {"over": 5, "under": 5}})), ("duties", "d1", "where", "score"), {"attribute": "score"}),
]  # fmt: skip


@pytest.mark.parametrize(("data", "path", "args"), TOLD, ids=range(len(TOLD)))
def test_a_finding_has_its_place_and_its_figures(data: Data, path: tuple[str, ...], args: Data) -> None:
    told = {p.path: p.args for p in found_in(data)}
    assert path in told
    assert {k: v for k, v in told[path].items() if k in args} == args


def test_messages_exist_in_both_languages_and_take_the_same_arguments():
    texts = [*MESSAGES.values(), *((en, zh) for _, en, zh in FORMS.values())]
    fields = [[{name for _, name, _, _ in string.Formatter().parse(t) if name} for t in pair] for pair in texts]
    assert all(en == zh for en, zh in fields)


def every_finding() -> Iterator[Problem]:
    for rows in TWINS.values():
        for _, bad, _ in rows:
            yield from found_in(bad)
    for _, _, duty, roster, _ in ROSTERS:
        yield from found_in(written(duty), roster)


def test_every_message_is_met_and_can_be_said():
    met = set()
    for p in every_finding():
        met.add(p.args.get("form", p.code))
        assert p.code == FORMS.get(str(p.args.get("form")), (p.code,))[0]
        assert p.text("en") != p.text("zh")
    assert met == set(MESSAGES) | set(FORMS)


# ----------------------------------------------------------------------------------------------------------- acceptance


def test_what_is_accepted_is_left_out_where_it_is_accepted():
    duty = {"at_least": "17 working days per month"}
    meant = {"accepted": {"DR504": {"en": "a test"}}}
    assert codes(written(patrol(**duty, **meant))) == []
    # One duty does not accept for another, nor the plan for a duty.
    other = patrol(**duty, role="officer")
    assert codes(written(patrol(**duty, **meant), other)) == ["DR504"]
    assert codes(written(patrol(**duty), **head(**meant))) == ["DR504", "DR515"]


def test_that_an_acceptance_is_stale_can_be_accepted():
    meant = {"DR504": {"en": "x"}, "DR515": {"en": "it comes and goes"}}
    assert codes(written(patrol(accepted=meant))) == []


# ------------------------------------------------------------------------------------------------------ figures, clauses

FIGURES = [
    ("每两个月、汛期每月各一次以上", "zh", ["每两个月", "每月", "一次"]),
    ("十日内、五个工作日内、半年内", "zh", ["十日", "五个工作日", "半年"]),
    ("5月15日至9月30日，第一季度，上半年，三年行动，2026年6月30日前", "zh", []),
    ("三四次、每双月、每隔两个月、二十四小时值班、一小时半、每季节", "zh", []),
    ("全年平均每月一次", "zh", []),
    ("leads at least two inspections or surveys a year", "en", ["two inspections", "a year"]),
    ("once the alert is over; at once; the 10th; a year's plan; staffed 24 hours a day", "en", []),
    ("once in two months, within an hour, ten working days", "en", ["once", "two months", "within an hour", "ten working days"]),
    ("two sites per inspection; two officers check; bi-weekly; 1.5 hours", "en", []),
    ("four big inspections, one complete inspection, one meeting", "en", ["four big inspections", "one complete inspection", "one meeting"]),
    ("每年上半年、下半年各检查一次", "zh", ["一次"]),
    ("1.5小时、7×24小时、百日攻坚", "zh", []),
]


@pytest.mark.parametrize(("text", "lang", "words"), FIGURES)
def test_the_figures_of_a_sentence(text: str, lang: str, words: list[str]) -> None:
    assert [c.word for c in claims(text, lang)] == words


@pytest.mark.parametrize(
    ("text", "number"),
    [("十天", 10), ("十五天", 15), ("二十天", 20), ("二十五天", 25), ("一百零五天", 105), ("两天", 2), ("12天", 12), ("一百二十天", 120)],
)
def test_spoken_numbers(text: str, number: int) -> None:
    assert [c.number for c in claims(text, "zh")] == [number]


@pytest.mark.parametrize(
    ("text", "clauses"),
    [
        ("四(二)4", ["四(二)4"]),
        ("四（二）4、五（四）", ["四(二)4", "五(四)"]),
        ("四(二)1、4", ["四(二)1", "四(二)4"]),
        ("四(二)1-3；六", ["四(二)1", "四(二)2", "四(二)3", "六"]),
        ("1, 2 and 3", ["1", "2", "3"]),
    ],
)
def test_a_citation_may_name_several_clauses(text: str, clauses: list[str]) -> None:
    assert ["".join(c) for c in citations(text)] == clauses


# -------------------------------------------------------------------------------------------------------- shipped plans


@pytest.mark.parametrize("file", sorted((ROOT / "duties").glob("*.yaml")), ids=lambda f: f.stem)
def test_the_shipped_plans_have_no_findings(file: Path) -> None:
    assert findings(load_plan(file)) == []


def test_the_shipped_plan_lists_its_clauses():
    contents = load_plan(shipped("duties/xixia-mines-2026h1.yaml")).plan.contents
    assert contents is not None and len(contents) == 26


@pytest.mark.parametrize("file", sorted((ROOT / "tests" / "regimes").glob("*.yaml")), ids=lambda f: f.stem)
def test_the_regimes_have_no_findings(file: Path) -> None:
    assert findings(load_plan(file)) == []


# ------------------------------------------------------------------------------------------------------------------ laws


@given(cases())
def test_findings_never_fail_and_do_not_hang_on_order(case: Case) -> None:
    found = findings(case.plan, case.roster)
    for p in found:
        event(p.code)
        assert p.text("en") and p.text("zh")
    data = case.plan.to_dict()
    assert findings(load_plan(data | {"duties": dict(reversed(data["duties"].items()))}), case.roster) == found
    # What a plan shows by itself is shown with a roster too.
    assert all(p in found for p in findings(case.plan))


SEEDS = st.integers(0, 2**32)
PERIODS = ("week", "ten_days", "month", "2 months", "quarter", "half_year", "1 month from 2026-01-31", "20 days from 2026-01-05", "watch")
CUTS = ("full", "prorate", "skip", "merge", {"skip_below": "1/2"})


MORE = settings(max_examples=max(120, settings.default.max_examples))  # type: ignore[union-attr]


@MORE
@given(SEEDS)
def test_a_window_that_is_called_impossible_cannot_be_met(seed: int) -> None:
    random = Random(seed)
    unit, per = random.choice(("days", "working days", "")), random.choice(PERIODS)
    apart = random.choice((None, "3 days", "36 hours", "2 weeks"))
    quantity = f"{random.randint(2, 60)} {unit} per {per}"
    seasonal = random.random() < 0.4
    duty = patrol(
        at_least={"flood": quantity, "non_flood": "1 per month"} if seasonal else quantity,
        apart=apart, cut_windows=random.choice(CUTS), between=random.choice((None, None, {"from_day": 2, "through_day": 9})),
    )  # fmt: skip
    plan = load_plan(written(duty, **force(**{"from": f"2026-{random.randint(1, 12):02d}-{random.randint(1, 28):02d}"})))
    found = [p.args for p in findings(plan) if p.code == "DR504"]
    event(f"found: {bool(found)}")
    roster = load_roster(people(ALL))
    until = datetime(2027, 6, 1) if not found else datetime.fromisoformat(str(found[0]["first"]))
    judged = evaluate(plan, roster, [], as_of=until)
    for o in judged.obligations:
        if found and o.window.from_ == until.date():
            assert o.verdict == "cannot_be_met"
            return
        if o.verdict in ("pending", "cannot_be_met") and o.window.start.replace(tzinfo=None) == until:
            assert o.verdict == "pending"
    assert not found


def test_what_the_engine_calls_impossible_at_its_beginning_is_found():
    plan = load_plan(ROOT / "tests" / "edges" / "working-days.yaml")
    assert {p.path[1] for p in findings(plan) if p.code == "DR504"} == {"nineteen", "eighteen", "seventeen"} & set(plan.duties)


# ------------------------------------------------------------------------------------------- duties beside one another


class Pair:
    """Two duties that differ in a few things, drawn from a small world."""

    PERIODS = (
        ("day", "week", "month"), ("ten_days", "month", "quarter"), ("month", "quarter", "3 months", "year"), ("2 months", "half_year"),
        ("2 months", "3 months", "6 months"), ("1 month from 2025-01-31", "3 months from 2025-01-31"),
        ("10 days from 2025-01-03", "30 days from 2025-01-03"), ("day", "week", "watch"),
    )  # fmt: skip
    EVERY = ("1 day", "5 days", "10 days", "30 days", "2 weeks", "1 month", "2 months", "48 hours", "36 hours", "4 weeks")
    ANY = ("5 days", "10 days", "30 days", "2 weeks", "60 days")
    WITHIN = ("2 hours", "36 hours", "2 days", "5 days", "1 week", "3 working days", "5 working days", "1 month")
    WHERE = ({"grade": "low"}, {"grade": ["low", "mid"]}, {"grade": {"at_least": "mid"}})

    def __init__(self, random: Random) -> None:
        self.random = random
        self.periods = random.choice(self.PERIODS)

    def some(self, chance: float, *options: Any) -> Any:
        return self.random.choice(options) if self.random.random() < chance else None

    def quantity(self, side: str) -> str:
        pick = self.random.choice
        kind = self.random.random()
        if kind < 0.8 or (side == "at_most" and kind < 0.9):
            return f"{pick((1, 1, 1, 2, 3, 5))}{pick(('', '', ' days', ' working days', ' hours'))} per {pick(self.periods)}"
        if kind < 0.9:
            return f"every {pick(self.EVERY)}"
        return f"{pick((1, 1, 2, 3))}{pick(('', ' days', ' working days'))} in any {pick(self.ANY)}"

    def entries(self, side: str) -> Any:
        keys = self.random.choice(((), (), ("flood", "non_flood"), ("flood",), ("ice",), ("watch",)))
        return {key: self.quantity(side) for key in keys} or self.quantity(side)

    def head(self) -> Data:
        return patrol(
            object_type=self.random.choice(("mine", ["mine", "pond"])), at_least=None, where=self.some(0.2, *self.WHERE),
            must=self.random.choice(("visit", ["visit", "survey"])), **{"while": self.some(0.15, {"state": "open"})},
        )  # fmt: skip

    def count(self) -> Data:
        side = self.random.choice(("at_least", "at_least", "at_most"))
        more = {
            side: self.entries(side), "for_each": self.random.choice(("object", "object", "bearer", "area")),
            "cut_windows": self.random.choice((*CUTS, "skip")), "apart": self.some(0.15, "5 days", "10 days", "36 hours"),
            "between": self.some(0.1, {"from_day": 1, "through_day": 5}), "late": self.some(0.1, "accepted"),
            "personal": self.some(0.1, True), "may_be_done_by": self.some(0.2, "officer"),
        }  # fmt: skip
        return {**self.head(), **{k: v for k, v in more.items() if v is not None}}

    def response(self) -> Data:
        more = {
            "trigger": "alert", "within": self.random.choice(self.WITHIN), "for_each": self.random.choice(("object", "bearer")),
            "at_least": self.some(0.4, "2", "2 days", "2 working days"), "lapses_with": self.some(0.3, "alert_over"),
            "one_episode": self.some(0.3, "2 days"), "roll": self.some(0.2, "none"), "late": self.some(0.2, "accepted"),
        }  # fmt: skip
        return {**self.head(), **{k: v for k, v in more.items() if v is not None}}

    def prohibition(self) -> Data:
        duty = {k: v for k, v in self.head().items() if k not in ("must", "for_each")} | {"must_not": self.head()["must"]}
        more = {
            "during": self.some(0.5, "flood", "watch", {"event": "alert", "until": "alert_over"}),
            "unless": self.some(0.5, {"event": "survey"}, {"event": "survey", "within": "2 days"}),
        }
        return {**duty, **{k: v for k, v in more.items() if v is not None}}

    def kept(self) -> Data:
        duty = {k: v for k, v in self.head().items() if k not in ("must", "where")}
        more = {
            "keep": self.random.choice(({"staffed": "visit"}, {"post": "leader"})), "gaps_up_to": self.some(0.6, "2 days", "5 hours"),
            "during": self.some(0.5, "flood", "watch", {"event": "alert", "until": "alert_over"}),
        }  # fmt: skip
        return {**duty, **{k: v for k, v in more.items() if v is not None}}

    def plan(self, kind: str) -> Plan:
        """A plan of the first pair that loads."""
        while True:
            draw = getattr(self, kind)
            first, other = draw(), draw()
            keys = self.random.sample(sorted({*first, *other}), self.random.choice((0, 1, 1, 2)))
            # Mostly another figure: for the same season and side, where there is one.
            side = next((k for k in ("at_least", "at_most") if k in first and draw == self.count), None)
            if side and self.random.random() < 0.8:
                keys.append(side)
                other[side] = {k: self.quantity(side) for k in first[side]} if isinstance(first[side], dict) else self.quantity(side)
                first["cut_windows"], other["cut_windows"] = self.random.choice(CUTS), self.random.choice(CUTS)
                keys += self.random.choice(([], ["cut_windows"]))
            second = {k: v for k, v in first.items() if k not in keys} | {k: other[k] for k in keys if k in other}
            start = self.random.choice(("2025-01-01", "2025-04-16", "2025-05-20"))
            try:
                return load_plan(written(first, second, **force(**{"from": start})))
            except InputError:
                continue

    def limited(self) -> Plan:
        """A plan of a least count and of what may limit it: a ceiling, or a ban."""
        def per(most: int) -> str:
            return f"{self.random.randint(0, most)}{self.random.choice(('', ' days'))} per {self.random.choice(self.periods)}"

        while True:
            least = {**self.count(), "at_least": self.random.choice((per(6), {"flood": per(6), "non_flood": per(3)}))}
            least.pop("at_most", None)
            most = {k: v for k, v in least.items() if k not in ("at_least", "late")} | {"at_most": per(5)}
            if self.random.random() < 0.3:
                most = {k: v for k, v in self.prohibition().items() if k != "unless"}
            try:
                return load_plan(written(least, most, **force(**{"from": "2025-01-01"})))
            except InputError:
                continue

    def roster(self, always: bool = False) -> Data:
        def span(chance: float) -> Data:
            if always or self.random.random() > chance:
                return {}
            first = date(2025, 1, 1) + timedelta(days=self.random.randrange(300))
            return {"from": str(first), "through": str(first + timedelta(days=self.random.choice((9, 20, 45, 100, 400))))}

        objects = [
            {"id": f"{t}-1", "type": t, "area": "town", "states": [{"state": "open", **span(0.4)}], **span(0.7)} for t in ("mine", "pond")
        ]
        leaders = [[{"person": "a", "area": "town"}], [{"person": "a", "area": "town", "through": "2025-06-11"}, {"person": "b", "area": "town", "from": "2025-07-01"}]]  # fmt: skip
        return {
            "areas": [{"id": "town"}],
            "objects": objects,
            "persons": [{"id": p} for p in "abc"],
            "tenures": [{"role": "leader", **t} for t in leaders[0 if always else self.random.choice((0, 1))]]
            + [{"role": "officer", "person": "c", "area": "town"}],
        }

    def history(self) -> History:
        """A year and a half of records: as regular as a clock, or more or less at random."""
        pick, chance, rows = self.random.choice, self.random.random, []
        step, density = pick((None, None, 5, 10, 20, 30, 60)), pick((0.01, 0.03, 0.1, 0.4, 0.95))
        for n in range(550):
            day = date(2024, 12, 20) + timedelta(days=n)
            for event_, odds in (("visit", density), ("survey", 0.03), ("alert", 0.02), ("alert_over", 0.02)):
                if chance() < (0.97 * (n % step == 0) if step and event_ == "visit" else odds):
                    row: Data = {"id": f"r{len(rows)}", "event": event_, "by": pick("aaabc"), "grade": pick(("low", "mid", "high"))}
                    if event_ in ("visit", "survey") and chance() < 0.9:
                        row["object"] = pick(("mine-1", "pond-1", "mine-1;pond-1"))
                    row |= {"date": str(day)} if chance() < 0.15 else {"time": f"{day}T{pick((0, 9, 15, 23)):02d}:00"}
                    if "time" in row and chance() < 0.7:
                        row["until"] = f"{day + timedelta(days=pick((0, 0, 1, 3)))}T23:30"
                    rows.append(row)
        return History.of(rows)


    def row(self, act: str, day: date, place: Data | None = None, by: str = "a") -> Data:
        return {"event": act, "by": by, "grade": self.random.choice(("mid", "mid", "low")), "date": str(day), **(place or {"object": "mine-1;pond-1"})}

    def obliging(self, plan: Plan, roster: Data) -> History:
        """Records that are just enough for the first duty, at the edges of its windows or anywhere in them."""
        data = plan.to_dict()
        alone = load_plan(data | {"duties": {"d1": data["duties"]["d1"]}})
        rows = []
        for o in evaluate(alone, roster, [], as_of=date(2026, 6, 1)).obligations:
            if o.window.through is None or o.required is None:
                continue
            span = (o.window.through - o.window.from_).days
            edge = self.random.choice((0, 1, None))
            for n in range(min(o.required.count or 0, span + 1)):
                at = {0: n, 1: span - n}.get(edge if edge is not None else -1, self.random.randint(0, span))
                place = {"object": o.object} if o.object else {"area": "town"} if o.area else None
                by = self.random.choice(o.bearers).person if o.bearers else "a"
                rows.append(self.row(self.random.choice(plan.duties["d1"].must), o.window.from_ + timedelta(days=at), place, by))
        return History.of([{"id": f"r{i}", **row} for i, row in enumerate(rows)])

    def within(self, first: str, last: str, numbers: tuple[int, ...]) -> History:
        """So many records in some days, or another number of them: each on a day of its own, or all on few days."""
        start, end = date.fromisoformat(first), date.fromisoformat(last)
        length, act = (end - start).days + 1, self.random.choice(("visit", "visit", "survey"))
        number = self.random.choice((*numbers, *numbers, self.random.randint(0, 8)))
        few = self.random.choice((1, 2, length, length, length))
        days = self.random.sample(range(length), min(length, number, few)) or [0]
        return History.of([{"id": f"r{n}", **self.row(act, start + timedelta(days=days[n % len(days)]))} for n in range(number)])


def unanswered(plan: Plan, roster: Data, history: History, as_of: date) -> list[str]:
    """Violations of the second duty at a time at which the first has none."""
    judged = evaluate(plan, roster, history, as_of=as_of)
    by_id = {o.id: o for o in judged.obligations}
    far = datetime.max.replace(tzinfo=next(iter(by_id.values())).window.start.tzinfo) if by_id else None

    def span(v: Any) -> tuple[Any, ...]:
        o = by_id[v.obligation]
        missed = v.from_ == o.deadline
        return o.subject, o.trigger, o.window.start if missed else v.from_, (o.window.end if missed else v.until) or far

    spans = [span(v) for v in judged.violations if by_id[v.obligation].duty == "d1"]
    return [
        v.obligation
        for v in judged.violations
        if by_id[v.obligation].duty == "d2"
        for subject, trigger, start, end in [span(v)]
        if not any(s == subject and t == trigger and a <= end and b >= start for s, t, a, b in spans)
    ]


@MORE
@given(SEEDS)
def test_nobody_can_miss_a_needless_duty_alone(seed: int) -> None:
    random = Random(seed)
    pair = Pair(random)
    kind = random.choice(("count", "count", "count", "count", "response", "prohibition", "kept"))
    while True:
        plan = pair.plan(kind)
        first, second = plan.duties["d1"], plan.duties["d2"]
        if implies(plan, first, second) and not same_duty(first, second):
            break
    event(kind)
    for _ in range(3):
        roster = pair.roster()
        counted = isinstance(first, CountDuty) and first.at_least is not None and random.random() < 0.8
        history = pair.obliging(plan, roster) if counted else pair.history()
        as_of = date(2025, 3, 1) + timedelta(days=random.choice((450, 450, random.randrange(450))))
        assert unanswered(plan, roster, history, as_of) == []


@given(SEEDS)
def test_duties_that_contradict_are_never_both_kept(seed: int) -> None:
    random = Random(seed)
    pair = Pair(random)
    while True:
        plan = pair.limited()
        found = [p for p in contradictions(Rehearsal(plan)) if str(p.args.get("last")) < "2026-05-01"]
        if found:
            break
    p = random.choice(found)
    names = {str(p.path[1]), str(p.args["other"])}
    event(str(p.args["form"]))
    numbers = tuple(int(str(p.args.get(key, 1))) for key in ("least", "most"))
    history = pair.within(str(p.args["first"]), str(p.args["last"]), numbers)
    judged = evaluate(plan, pair.roster(always=True), history, as_of=date(2026, 6, 1))
    mine = {o.id: o for o in judged.obligations if o.duty in names and o.object in ("mine-1", None)}
    first, last = (date.fromisoformat(str(p.args[key])) for key in ("first", "last"))
    missed = [o for o in mine.values() if o.window.through and first <= o.window.from_ and o.window.through <= last and o.shortfall]
    broken = [v for v in judged.violations if v.obligation in mine and first <= v.from_.date() <= last]
    assert missed or broken


def test_counts_of_working_days_know_the_calendar_of_the_plan():
    short = {"years": {2026: {"holidays": [{"name": "x", "from": "2026-03-02", "through": "2026-03-27"}]}}}
    found = found_in(written(patrol(at_least="5 working days per month"), calendar=short))
    assert [(p.args["first"], p.args["has"]) for p in found] == [("2026-03-01", 2)]


def test_figures_that_the_roster_holds_are_not_judged():
    duty = patrol(at_least={"count": {"from": "level"}, "per": "month"}, at_most={"count": {"from": "level"}, "per": "year"})
    assert codes(written(duty)) == []
    assert isinstance(load_plan(written(duty)).duties["d1"], CountDuty)
