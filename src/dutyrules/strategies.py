"""Hypothesis strategies: plans, rosters, histories, waivers and points in time, for property tests of rule books.

Needs the extra ``testing``. Nothing in dutyrules imports this module.

:func:`plans` draws plans in the notation. :func:`rosters`, :func:`histories`, :func:`waivers` and :func:`as_ofs` take any plan,
also one of your own, and draw what its duties are about: records of the right kind, about the right objects, by somebody who
bears the role (mostly), at the edges of windows (often). :func:`cases` draws all of them together::

    @given(cases(plan=load_plan("my-plan.yaml")))
    def test_nobody_is_accused_of_anything_in_the_first_week(case):
        result = evaluate(case.plan, case.roster, case.history, as_of=case.as_of, waivers=case.waivers)
        ...
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta, timezone
from functools import lru_cache
from random import Random
from types import MappingProxyType
from typing import Any, Literal, TypeVar, get_args

import yaml
from hypothesis import strategies as st

from dutyrules.conditions import LASTED, AttributeType, Condition, EventPattern, holds
from dutyrules.duties.ahead import AheadDuty
from dutyrules.duties.chain import ChainDuty
from dutyrules.duties.counting import CountDuty
from dutyrules.duties.forbidding import ForbidDuty
from dutyrules.duties.keeping import KeepDuty
from dutyrules.duties.response import ResponseDuty
from dutyrules.history import RETRACTION, History, Record
from dutyrules.loading import load_plan, load_roster, load_waivers
from dutyrules.plan import ROUGH_DAYS, Plan
from dutyrules.quantity import Duration, Figure, Period, parse_duration
from dutyrules.roster import Roster
from dutyrules.time.calendars import UnpublishedYear, WorkCalendar
from dutyrules.time.deadlines import add_days, deadline_after
from dutyrules.time.seasons import season_intervals
from dutyrules.time.zone import DAY, HOUR, MINUTE, Zone, zone_named
from dutyrules.waivers import Waiver

__all__ = ["KINDS", "Case", "Kind", "as_ofs", "cases", "histories", "plans", "rosters", "sample", "waivers"]

Kind = Literal["at_least", "at_most", "every", "in_any", "response", "ahead", "chain", "keep", "must_not"]
KINDS: tuple[Kind, ...] = get_args(Kind)
"""The kinds of duty that :func:`plans` can draw."""

Moment = date | datetime
T = TypeVar("T")


def _rough_days(phrase: str) -> float:
    """About how many days a duration has."""
    length = Duration.model_validate(parse_duration(phrase))
    assert isinstance(length.amount, int)
    return length.amount * ROUGH_DAYS[length.unit]


@dataclass(frozen=True)
class Case:
    """Everything that an evaluation takes."""

    plan: Plan
    roster: Roster
    history: History
    as_of: Moment
    known_at: Moment | None = None
    waivers: tuple[Waiver, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """The case as plain data, in the shapes of the files."""
        out: dict[str, Any] = {
            "plan": self.plan.to_dict(),
            "roster": self.roster.model_dump(by_alias=True, mode="json", exclude_defaults=True),
            "history": [_row(r) for r in self.history.records],
            "complete_through": {k: v.isoformat() for k, v in self.history.complete_through.items()},
            "as_of": self.as_of.isoformat(),
            "known_at": self.known_at.isoformat() if self.known_at else None,
            "waivers": [w.model_dump(by_alias=True, mode="json", exclude_defaults=True) for w in self.waivers],
        }
        return {k: v for k, v in out.items() if v not in (None, [], {})}

    def text(self) -> str:
        """The case as YAML, without the words of the plan that its duties do not use."""
        data = self.to_dict()
        plan = data["plan"]
        used = {e for duty in self.plan.duties.values() for _, p in duty.patterns() for e in p.event}
        used |= {r.event for r in self.history.records}
        names = {n for duty in self.plan.duties.values() for n in _period_names(duty)}
        periods = plan.get("calendar", {}).get("named_periods", {})
        plan["events"] = {k: v.get("attributes", {}) for k, v in plan["events"].items() if k in used}
        plan["object_types"] = {k: v for k, v in plan["object_types"].items() if k in {o.type for o in self.roster.objects}}
        plan["seasons"] = {k: v for k, v in plan.get("seasons", {}).items() if {k, f"non_{k}"} & names}
        plan["calendar"] = {**plan.get("calendar", {}), "named_periods": {k: v for k, v in periods.items() if k in names}}
        return yaml.safe_dump(data, allow_unicode=True, sort_keys=False, width=140)

    def __repr__(self) -> str:
        return f"Case({self.text()!r})"

    def _repr_pretty_(self, printer: Any, cycle: bool) -> None:
        printer.text("\n" + self.text())


def _row(r: Record) -> dict[str, Any]:
    timed = isinstance(r.time, datetime)
    row = {
        "id": r.id,
        "time" if timed else "date": r.time.isoformat(),
        "event": r.event,
        "object": ";".join(r.objects),
        "area": r.area,
        "by": ";".join(r.by),
        "recorded_at": r.recorded_at and r.recorded_at.isoformat(),
        "until": r.until and r.until.isoformat(),
        "retracts": r.retracts,
    }
    return {k: v for k, v in row.items() if v} | dict(r.attributes)


# -------------------------------------------------------------------------------------------------------------- drawing


@lru_cache(maxsize=4096)
def _up_to(most: int) -> st.SearchStrategy[int]:
    return st.integers(0, most)


def _drawn(draw: st.DrawFn) -> _Dice:
    return _Dice(lambda n: draw(_up_to(n - 1)))


class _Dice:
    """Choices made by one drawing function. The first of every choice is the simplest."""

    def __init__(self, below: Callable[[int], int]) -> None:
        self._below = below

    def below(self, n: int) -> int:
        return self._below(n) if n > 1 else 0

    def pick(self, options: Sequence[T]) -> T:
        return options[self.below(len(options))]

    def chance(self, percent: int) -> bool:
        """True so often; false is the simpler."""
        return self.below(100) >= 100 - percent

    def weighted(self, options: Mapping[T, int]) -> T:
        at = self.below(sum(options.values()))
        for option, weight in options.items():
            at -= weight
            if at < 0:
                return option
        raise AssertionError


# ---------------------------------------------------------------------------------------------------------------- plans

_ACTS = ("inspection", "survey", "visit")
_ACT_ATTRIBUTES = {"led_by": "person", "signed": "boolean", "score": "number", "grade": ["d", "c", "b", "a"], "note": "text"}
_CASE_ATTRIBUTES = {"case": "text", "rectify_by": "date", "grade": ["minor", "major"]}
_STEPS = ("reported", "rectified", "verified", "supervised")
_EVENTS: dict[str, Any] = {
    **{name: {"en": name, "attributes": _ACT_ATTRIBUTES} for name in _ACTS},
    "alert": {"en": "alert", "attributes": {"hazard": "text", "colour": ["blue", "yellow", "orange", "red"], "expires": "date"}},
    "alert_over": {"en": "alert over", "attributes": {"hazard": "text"}},
    "desk": {"en": "desk staffed", "attributes": {"signed": "boolean"}},
    "shift": {"en": "shift underground", "attributes": {"score": "number", "note": "text"}},
    "permit": {"en": "permit", "attributes": {"note": "text"}},
    "permit_end": {"en": "permit withdrawn", "attributes": {"note": "text"}},
    "found": {"en": "hazard found", "attributes": _CASE_ATTRIBUTES},
    **{name: {"en": f"hazard {name}", "attributes": _CASE_ATTRIBUTES} for name in _STEPS},
}
_ROLES: dict[str, Any] = {
    "leader": {"en": "leader", "deputy": "deputy"},
    "deputy": {"en": "deputy"},
    "officer": {"en": "officer"},
}
_OBJECT_ATTRIBUTES = {"visits": "integer", "gap": "integer", "level": ["low", "mid", "high"], "expires_on": "date"}
_WHERE: tuple[dict[str, Any], ...] = (
    {"signed": True},
    {"led_by": "bearer"},
    {"grade": ["b", "a"]},
    {"grade": {"at_least": "c"}},
    {"grade": {"at_most": "c"}},
    {"score": {"over": 5}},
    {"score": {"under": 5}},
    {"score": {"at_least": 2, "at_most": 7}},
    {"note": "deep"},
    {"led_by": ["bearer", "p2"], "signed": True},
    {"grade": {"equal": "a"}},
    {"lasted_minutes": {"at_least": 60}},
)
_WHILE: tuple[dict[str, Any], ...] = (
    {"state": "producing"},
    {"state": ["producing", "suspended"]},
    {"level": {"at_least": "mid"}},
    {"visits": {"over": 0}},
    {"level": ["low", "high"], "state": ["producing"]},
)
_ZONES = ("Asia/Shanghai", "Asia/Shanghai", "Asia/Shanghai", "Asia/Shanghai", "Europe/Berlin", "America/Santiago", "UTC")
_FORCE_FROM = (
    "2026-01-01", "2025-01-01", "2025-03-10", "2025-04-16", "2025-05-15", "2025-06-30", "2025-08-31", "2025-10-01",
    "2025-12-31", "2026-01-31", "2026-02-28", "2026-04-16", "2026-05-31", "2026-07-01", "2026-10-10",
)  # fmt: skip
_SEASON_DAYS = (("05-15", "09-30"), ("06-01", "08-31"), ("04-30", "10-02"), ("12-01", "02-end"), ("11-15", "03-15"))


class _PlanMaker:
    """One plan, as plain data in the notation."""

    def __init__(self, dice: _Dice, kinds: Sequence[Kind]) -> None:
        self.dice = dice
        self.kinds = kinds
        self.longest = 550
        self.anchor = "2025-01-31"
        self.plain_seasons = True

    def make(self) -> dict[str, Any]:
        d = self.dice
        self.start = date.fromisoformat(d.pick(_FORCE_FROM))
        self.anchor = d.pick((self.start.isoformat(), "2025-01-31", "2025-06-17", "2024-02-29"))
        seasons = self.seasons()
        calendar: dict[str, Any] = {
            "working_days": d.pick(("china", "china", "china", "weekdays")),
            "named_periods": {
                "holiday": d.pick((["labour_day", "national_day"], ["spring_festival", "national_day"], ["new_years_day"])),
                "campaign": d.pick(({"from": "03-05", "through": "04-10"}, {"from": "12-20", "through": "01-10"})),
                "special": d.pick(("declared", {"opened_by": "alert", "closed_by": "alert_over"})),
            },
        }
        if d.chance(10):
            calendar["years"] = {2027: {"holidays": [{"name": "labour_day", "from": "2027-05-01", "through": "2027-05-05"}]}}
        duties: dict[str, Any] = {}
        for i in range(1 + d.pick((0, 0, 1, 1, 2))):
            kind = d.pick(self.kinds)
            base = duties.get("d1")
            if "at_least" in self.kinds and base is not None and _may_be_base(base) and d.chance(50):
                duties[f"d{i + 1}"] = self.addition(base)
            else:
                duties[f"d{i + 1}"] = getattr(self, f"_{kind}")()
        force: dict[str, Any] = {"from": self.start.isoformat()}
        if self.longest < 550 or d.chance(50):
            days = d.pick((self.longest, self.longest, self.longest // 2, self.longest // 7))
            force["through"] = (self.start + timedelta(days=days)).isoformat()
        mine: dict[str, Any] = {"en": "mine", "attributes": _OBJECT_ATTRIBUTES}
        if d.chance(15):
            mine["while"] = d.pick(_WHILE)
        return {
            "dutyrules": 1,
            "plan": {"id": "plan-1", "title": {"en": "a plan"}, "in_force": force, "timezone": d.pick(_ZONES)},
            "seasons": seasons,
            "calendar": calendar,
            "roles": _ROLES,
            "object_types": {"mine": mine, "pond": {"en": "pond", "attributes": _OBJECT_ATTRIBUTES}},
            "events": _EVENTS,
            "duties": duties,
        }

    def seasons(self) -> dict[str, Any]:
        d = self.dice
        first, through = d.pick(_SEASON_DAYS)
        flood: dict[str, Any] = {"every_year": {"from": first, "through": through}}
        how = d.weighted({"plain": 6, "moved": 2, "snap": 2, "decided": 1})
        self.plain_seasons = how == "plain" and first < "10"
        if how == "moved":
            moved = {"through": d.pick((f"{2025 + (first > through)}-{_shift(through)}", through))}
            flood["in_year"] = {2025: {**moved, "decided": "2025-09-20"}}
            if first < "10":
                flood["in_year"][2026] = {"from": "2026-05-02", **({"decided": "2026-04-20"} if d.chance(50) else {})}
        elif how == "snap":
            flood["snap"] = "month"
        elif how == "decided":
            flood = {
                "in_year": {
                    2025: {"from": "2025-05-20", "through": "2025-09-15"},
                    2026: {"from": "2026-06-03", "through": "2026-10-20", "decided": "2026-06-01"},
                }
            }
        return {"flood": flood, "ice": {"every_year": {"from": "12-01", "through": "02-end"}}}

    # --- parts of duties

    def head(self) -> dict[str, Any]:
        d = self.dice
        out: dict[str, Any] = {
            "clause": "1",
            "summary": {"en": "a duty"},
            "role": d.pick(("leader", "leader", "officer")),
            "object_type": d.pick(("mine", ["mine", "pond"], "pond", ["mine", "pond"])),
        }
        if d.chance(20):
            out["while"] = d.pick(_WHILE)
        return out

    def act(self, subjects: Sequence[str] = ("object", "bearer", "area", "object")) -> dict[str, Any]:
        d = self.dice
        out = self.head()
        out["must"] = d.pick((_ACTS[0], _ACTS[1], [_ACTS[0], _ACTS[2]]))
        if d.chance(30):
            out["where"] = d.pick(_WHERE)
        out["for_each"] = d.pick(subjects)
        if out["for_each"] == "area" and d.chance(40):
            out["area_type"] = d.pick(("town", "county"))
        self.deputies(out)
        return out

    def deputies(self, out: dict[str, Any]) -> None:
        if self.dice.chance(25):
            out["may_be_done_by"] = (
                self.dice.pick(("deputy", ["deputy", "officer"])) if out["role"] == "leader" else self.dice.pick(("leader", ["leader"]))
            )

    def period(self, season: bool) -> str:
        d = self.dice
        per = d.weighted(
            {
                "month": 6, "quarter": 3, "2 months": 2, "N months": 1, "half_year": 2, "year": 3, "week": 2, "ten_days": 2,
                "day": 2, "anchored": 5, "holiday": 1, "campaign": 1, "special": 1, "season": 5 if season else 0,
            }
        )  # fmt: skip
        if per == "N months":
            per = d.pick(("3 months", "4 months", "6 months", "12 months"))
        if per == "anchored":
            per = d.pick(("1 month", "2 months", "5 months", "1 year", "2 weeks", "1 week", "10 days", "45 days", "100 days"))
            per += f" from {self.anchor}"
        for short, days in (("day", 40), ("week", 150), ("ten_days", 250), ("1 week ", 150), ("2 weeks", 300), ("10 days", 150)):
            if per == short or per.startswith(short + " "):
                self.longest = min(self.longest, days)
        return per

    def per(self, side: str, season: bool, units: Sequence[str]) -> Any:
        d = self.dice
        per = self.period(season)
        unit = d.pick(units)
        low = 1 if side == "at_least" else 0
        count: int | dict[str, str] = low + d.below(3)
        if unit == "hours":
            count = low + d.pick((0, 1, 7))
        if d.chance(10):
            found: dict[str, Any] = {"count": {"from": "visits"}, "per": per}
            return found | ({"unit": unit} if unit != "events" else {})
        words = "" if unit == "events" else " " + unit.replace("_", " ")
        return f"{count}{words} per {per}"

    def entries(self, side: str, quantity: Callable[[bool], Any]) -> tuple[Any, bool]:
        """A quantity, or one for each season; and whether it depends on a season."""
        d = self.dice
        shape = d.weighted({"plain": 10, "flood": 1, "both": 5, "two": 1 if self.plain_seasons else 0, "ice": 1, "named": 2, "special": 1})
        if shape == "plain":
            return quantity(False), False
        if shape == "named":
            return {d.pick(("holiday", "campaign")): quantity(False)}, True
        if shape == "special":
            return {"special": quantity(False)}, True
        keys = {"flood": ("flood",), "both": ("flood", "non_flood"), "two": ("flood", "ice"), "ice": ("ice", "non_ice")}[shape]
        return {key: quantity(True) for key in keys}, True

    # --- kinds of duty

    @staticmethod
    def apart(out: dict[str, Any], distance: str) -> None:
        """Ask for a distance, where what is counted has one."""
        words = f"{out.get('at_least')} {out.get('at_most')}"
        if "hour" not in words and "every" not in words:
            out["apart"] = distance

    def _at_least(self) -> dict[str, Any]:
        d = self.dice
        out = self.act()
        self.covers(out)
        if out["for_each"] != "bearer" and d.chance(20):
            out["personal"] = True
            out.pop("may_be_done_by", None)
        units: tuple[str, ...] = ("events", "events", "days", "working_days", "hours")
        apart = d.chance(20)
        late = not apart and d.chance(25)
        both = d.chance(15)
        if late or (not apart and not both and d.chance(40)):
            units = units[:4]
        out["at_least"], seasonal = self.entries("at_least", lambda s: self.per("at_least", s, units))
        if both:
            out["at_most"], also = self.entries("at_most", lambda s: self.per("at_most", s, units))
            seasonal = seasonal or also
        if late:
            out["late"] = "accepted"
        if apart:
            self.apart(out, d.pick(("10 days", "36 hours", "1 day", "24 hours", "2 weeks", "90 minutes")))
        if seasonal or d.chance(60):
            out["cut_windows"] = self.cut(out)
        # The days of a season that nobody has opened yet cannot be numbered.
        if d.chance(15) and "season" not in f"{out.get('at_least')} {out.get('at_most')}":
            out["between"] = self.between()
        return out

    def covers(self, out: dict[str, Any]) -> None:
        if out["for_each"] == "area" and self.dice.chance(20):
            out["covers"] = "every_object"

    def cut(self, out: dict[str, Any]) -> Any:
        half = {"skip_below": self.dice.pick(("1/2", "1/3", "9/10", "1/1"))}
        # What is declared has no length until it is closed, so that nothing can be joined to it.
        merge = () if "special" in str(out.get("at_least")) else ("merge",)
        return self.dice.pick(("full", "prorate", "skip", half, *merge))

    def between(self) -> dict[str, int]:
        first, last = self.dice.pick(((1, 10), (1, 1), (10, 20), (2, 7), (5, 31), (31, 31), (1, 60)))
        return {"from_day": first, "through_day": last}

    def addition(self, base: dict[str, Any]) -> dict[str, Any]:
        """A duty that adds to ``base``."""
        out = self.act((base["for_each"],))
        for key in ("role", "object_type", "must", "personal"):
            if key in base:
                out[key] = base[key]
        out.pop("may_be_done_by", None)
        out.pop("area_type", None)
        out.update({k: base[k] for k in ("area_type", "may_be_done_by") if k in base})
        units = ("events", "events", "days", "working_days")
        out["at_least"], _ = self.entries("at_least", lambda s: self.per("at_least", s, units))
        out["cut_windows"] = self.cut(out)
        out["adds_to"] = "d1"
        return out

    def _at_most(self) -> dict[str, Any]:
        d = self.dice
        out = self.act()
        self.covers(out)
        if out["for_each"] != "bearer" and d.chance(20):
            out["personal"] = True
            out.pop("may_be_done_by", None)
        if d.chance(25):

            def quantity(season: bool) -> Any:
                return f"{d.below(3)}{d.pick(('', '', ' days', ' working days', ' hours'))} in any {d.pick(('30 days', '1 week', '2 days', '60 days'))}"
        else:

            def quantity(season: bool) -> Any:
                return self.per("at_most", season, ("events", "events", "days", "working_days", "hours"))

        out["at_most"], _ = self.entries("at_most", quantity)
        if d.chance(15):
            self.apart(out, d.pick(("10 days", "36 hours", "1 day", "2 hours")))
        # The days of a season that nobody has opened yet cannot be numbered.
        if d.chance(15) and "season" not in f"{out.get('at_least')} {out.get('at_most')}":
            out["between"] = self.between()
        if d.chance(20):
            out["cut_windows"] = self.cut(out)
        return out

    def _every(self) -> dict[str, Any]:
        d = self.dice
        out = self.act()
        self.covers(out)
        if out["for_each"] != "bearer" and d.chance(20):
            out["personal"] = True
            out.pop("may_be_done_by", None)

        def quantity(season: bool) -> Any:
            if d.chance(12):
                return {"count": 1, "every": {"amount": {"from": "gap"}, "unit": d.pick(("days", "hours", "weeks"))}}
            return f"every {d.pick(('30 days', '60 days', '1 day', '48 hours', '2 weeks', '1 month', '3 months', '500 hours', '1 year'))}"

        out["at_least"], _ = self.entries("at_least", quantity)
        if d.chance(10):
            self.apart(out, d.pick(("2 days", "12 hours")))
        return out

    def _in_any(self) -> dict[str, Any]:
        d = self.dice
        out = self.act()
        self.covers(out)
        if out["for_each"] != "bearer" and d.chance(20):
            out["personal"] = True
            out.pop("may_be_done_by", None)

        def quantity(season: bool) -> Any:
            unit = d.pick(("events", "events", "days", "working_days", "hours"))
            stretch = d.pick(("30 days", "60 days", "2 weeks", "1 day", "90 days"))
            if d.chance(15):
                which = d.below(2)
                found: dict[str, Any] = {"count": {"from": "visits"} if which else 2, "unit": unit}
                return found | {"in_any": stretch if which else {"amount": {"from": "gap"}, "unit": "days"}}
            words = "" if unit == "events" else " " + unit.replace("_", " ")
            return f"{1 + d.below(3)}{words} in any {stretch}"

        out["at_least"], _ = self.entries("at_least", quantity)
        if d.chance(15):
            self.apart(out, d.pick(("2 days", "12 hours")))
        return out

    def alert(self) -> Any:
        return self.dice.pick(
            (
                "alert",
                "alert",
                {"event": "alert", "where": {"colour": {"at_least": "orange"}}},
                {"event": "alert", "where": {"colour": ["orange", "red"], "hazard": "storm"}},
                {"event": ["alert", "found"]},
                [{"event": "alert", "where": {"hazard": "storm"}}, {"event": "alert", "where": {"colour": "red"}}],
                [{"event": "alert", "where": {"colour": {"over": "yellow"}}}, {"event": "found"}],
            )
        )

    def limit(self) -> str:
        return self.dice.pick(
            ("2 hours", "3 days", "90 minutes", "36 hours", "1 day", "5 working days", "1 working day", "2 weeks", "1 month", "10 days", "2 months", "1 year")
        )

    def plain_count(self) -> Any:
        return self.dice.pick((2, "2 days", "2", "2 working days", "3 hours", "2 times"))

    def _response(self) -> dict[str, Any]:
        d = self.dice
        out = self.act()
        out["trigger"] = self.alert()
        form = d.weighted({"within": 10, "unspecified": 2, "both": 3, "before": 2})
        if form == "within":
            out["within"] = self.limit()
        elif form == "unspecified":
            out["within"] = "unspecified"
        elif form == "both":
            out["within"] = {"before": self.limit(), "after": self.limit()}
        else:
            out["trigger"] = d.pick(("alert", {"event": "alert", "where": {"colour": {"over": "blue"}}}))
            out["before"] = {"attribute": "expires"}
            if d.chance(60):
                out["before"]["by"] = d.pick(("3 days", "1 month", "1 week"))
        if form == "within" and d.chance(15):
            out["not_before"] = d.pick(("1 hour", "1 day", "2 days", "1 working day", "30 minutes"))
            if _rough_days(out["not_before"]) >= _rough_days(out["within"]):
                del out["not_before"]
        if d.chance(20):
            out["at_least"] = self.plain_count()
        if d.chance(35):
            out["lapses_with"] = d.pick(("alert_over", "alert_over", {"event": "alert_over", "where": {"hazard": "storm"}}))
        if d.chance(35):
            out["one_episode"] = d.pick(("6 hours", "1 day", "2 days", "30 minutes", "1 week"))
            if "lapses_with" in out and d.chance(50):
                out["one_episode"] = "until_lapsed"
        if d.chance(20):
            out["roll"] = "none"
        if d.chance(30):
            out["late"] = "accepted"
        return out

    def _ahead(self) -> dict[str, Any]:
        d = self.dice
        if d.chance(50):
            out = self.act(("object",))
            out["before"] = {"attribute": "expires_on"}
        else:
            out = self.act()
            out["before"] = {"season": d.pick(("flood", "ice", "flood", "non_flood"))}
        if d.chance(60):
            out["before"]["by"] = d.pick(("10 days", "1 month", "1 day", "2 weeks"))
        if d.chance(50):
            out["before"]["opens"] = d.pick(("2 months", "60 days", "1 year", "5 weeks"))
        if d.chance(25):
            out["at_least"] = self.plain_count()
        if d.chance(30):
            out["late"] = "accepted"
        return out

    def _chain(self) -> dict[str, Any]:
        d = self.dice
        out = self.head()
        if d.chance(60):
            del out["role"]
        out["case"] = "case"
        out["starts_with"] = d.pick(("found", "found", {"event": "found", "where": {"grade": "major"}}))
        out["steps"] = [self.step(_STEPS[i], i) for i in range(1 + d.below(3))]
        if d.chance(40):
            out["if_missed"] = self.step("supervised", 9)
        return out

    def step(self, event: str, at: int) -> dict[str, Any]:
        d = self.dice
        out: dict[str, Any] = {"role": d.pick(("leader", "officer")), "must": event}
        self.deputies(out)
        if d.chance(12):
            out["must"] = [event, "verified"] if event != "verified" else "rectified"
        if d.chance(12):
            out["where"] = {"grade": "major"}
        out["within"] = "unspecified" if d.chance(10) else self.limit()
        if d.chance(25):
            out["or_by"] = "rectify_by"
        if at and d.chance(30):
            out["starts"] = "due"
        if d.chance(20):
            out["roll"] = "none"
        if d.chance(30):
            out["late"] = "accepted"
        return out

    def during(self) -> Any:
        return self.dice.pick(
            (
                {"event": "alert", "until": "alert_over"},
                "flood",
                "non_flood",
                "holiday",
                "special",
                "campaign",
                {"event": "alert", "where": {"colour": "red"}, "until": "alert_over"},
                {"event": "alert", "until": {"event": "alert_over", "where": {"hazard": "storm"}}},
                {"event": "permit"},
            )
        )

    def _keep(self) -> dict[str, Any]:
        d = self.dice
        out = self.head()
        out["for_each"] = d.pick(("object", "object", "area"))
        if out["for_each"] == "area" and d.chance(50):
            out["area_type"] = d.pick(("town", "county"))
        if d.chance(50):
            out["keep"] = {"staffed": d.pick(("desk", ["desk", "visit"]))}
            if d.chance(25):
                out["keep"]["where"] = {"signed": True}
            self.deputies(out)
        else:
            out["keep"] = {"post": d.pick(("officer", "leader"))}
        if d.chance(60):
            out["gaps_up_to"] = d.pick(("3 days", "8 hours", "30 minutes", "1 day", "2 weeks", "1 month"))
        if d.chance(45):
            out["during"] = self.during()
        return out

    def _must_not(self) -> dict[str, Any]:
        d = self.dice
        out = self.head()
        out["must_not"] = d.pick(("shift", "shift", ["shift", "visit"]))
        if d.chance(25):
            out["where"] = d.pick(({"score": {"over": 5}}, {"note": "deep"}))
        if d.chance(50):
            out["during"] = self.during()
        if d.chance(55):
            out["unless"] = {"event": d.pick(("permit", ["permit", "survey"]))}
            if d.chance(60):
                out["unless"]["within"] = d.pick(("2 hours", "3 days", "1 week", "1 month", "2 working days"))
            if d.chance(40):
                out["unless"]["until"] = d.pick(("permit_end", {"event": "permit_end", "where": {"note": "deep"}}))
            if d.chance(15) and out["unless"]["event"] == "permit":
                out["unless"]["where"] = {"note": "deep"}
        return out


def _shift(month_day: str) -> str:
    """A day of the year a little later, as MM-DD."""
    found = date(2025, int(month_day[:2]), 28 if month_day.endswith("end") else int(month_day[3:]))
    return (found + timedelta(days=10)).isoformat()[5:]


def _may_be_base(duty: dict[str, Any]) -> bool:
    """Whether a duty may be added to."""
    if "must" not in duty or {"apart", "late", "at_most", "adds_to", "trigger", "before"} & set(duty):
        return False
    entries = duty.get("at_least")
    plain = isinstance(entries, str) or (isinstance(entries, dict) and "count" in entries)
    quantities: list[Any] = [entries] if plain else list((entries or {}).values())
    return (
        bool(quantities)
        and all("per" in q and ("hour" not in q if isinstance(q, str) else q.get("unit") != "hours") for q in quantities)
    )


def _kinds(kinds: Iterable[Kind] | None) -> tuple[Kind, ...]:
    chosen = KINDS if kinds is None else tuple(kinds)
    if not chosen or not set(chosen) <= set(KINDS):
        raise ValueError(f"kinds are {', '.join(KINDS)}")
    return chosen


def plans(kinds: Iterable[Kind] | None = None) -> st.SearchStrategy[Plan]:
    """Small plans: one to three duties of the ``kinds`` named (of every kind, if none are), with all their options."""
    return _plans(_kinds(kinds))


@st.composite
def _plans(draw: st.DrawFn, kinds: tuple[Kind, ...]) -> Plan:
    return load_plan(_PlanMaker(_drawn(draw), kinds).make())


# ------------------------------------------------------------------------------------------------- what a plan is about


@dataclass(frozen=True)
class _Act:
    """Records that a duty looks for: as an act to be done, or as something that opens or closes."""

    pattern: EventPattern
    roles: tuple[str, ...]
    types: tuple[str, ...]
    about: str
    opens: bool = False
    lasts: bool = False
    case: str | None = None
    limits: tuple[Duration, ...] = ()
    """Lengths of time that count from its records."""


def _acts(plan: Plan) -> list[list[_Act]]:
    """By duty, the records it looks for; what should be drawn more often stands there more often."""
    found: list[list[_Act]] = []
    for duty in plan.duties.values():
        about = str(getattr(duty, "for_each", "object"))
        own = tuple(duty.roles())
        deputy = plan.roles[duty.role].deputy if duty.role in plan.roles else None
        if "deputy" in getattr(duty, "may_be_done_by", ()) and deputy:
            own += (deputy,)
        types = duty.object_type

        def act(
            pattern: EventPattern, about: str = about, own: tuple[str, ...] = own, types: tuple[str, ...] = types, **more: Any
        ) -> _Act:
            return _Act(pattern, more.pop("roles", own), types, about, **more)

        limits = tuple(duty.durations())
        acts: list[_Act] = []
        if isinstance(duty, CountDuty):
            lasts = any(q.unit == "hours" for _, _, q in duty.quantities())
            acts = [act(duty.patterns()[0][1], lasts=lasts, limits=limits)] * 4
        elif isinstance(duty, ResponseDuty):
            lasts = duty.at_least is not None and duty.at_least.unit == "hours"
            more = (duty.one_episode,) if isinstance(duty.one_episode, Duration) else ()
            acts = [act(EventPattern(event=duty.must, where=duty.where), lasts=lasts)] * 2
            acts += [act(p, opens=True, limits=limits + more) for p in duty.trigger] * 2
            acts += [act(duty.lapses_with, opens=True)] if duty.lapses_with else []
        elif isinstance(duty, AheadDuty):
            lasts = duty.at_least is not None and duty.at_least.unit == "hours"
            acts = [act(EventPattern(event=duty.must, where=duty.where), lasts=lasts)]
        elif isinstance(duty, ChainDuty):
            clocks = [s.within.after for s in duty.steps if s.within.after]
            acts = [act(duty.starts_with, opens=True, case=duty.case, limits=tuple(clocks[:1]))] * 2
            for i, (place, step) in enumerate(duty.all_steps()):
                done_by = (step.role, *(r for r in step.may_be_done_by if r != "deputy"))
                pattern = EventPattern(event=step.must, where=step.where)
                acts += [act(pattern, roles=done_by, case=duty.case, limits=tuple(clocks[i + 1 :][:1] if place[0] == "steps" else ()))]
        elif isinstance(duty, KeepDuty):
            if duty.keep.staffed:
                acts = [act(EventPattern(event=duty.keep.staffed, where=duty.keep.where), lasts=True, limits=limits)] * 3
        elif isinstance(duty, ForbidDuty):
            acts = [act(EventPattern(event=duty.must_not, where=duty.where))] * 2
            if duty.unless:
                acts += [act(duty.unless.pattern(), opens=True, limits=limits)]
                acts += [act(duty.unless.until, opens=True)] if duty.unless.until else []
        during = getattr(duty, "during", None)
        if during is not None and during.event:
            acts += [act(during.pattern(), opens=True, lasts=during.until is None)]
            acts += [act(during.until, opens=True)] if during.until else []
        for name in _period_names(duty):
            named = plan.calendar.named_periods.get(name)
            if named is not None and named.opened_by and named.closed_by:
                acts += [act(EventPattern(event=(named.opened_by,)), opens=True)] * (1 if len(acts) < 3 else 2)
                acts += [act(EventPattern(event=(named.closed_by,)), opens=True)]
        if acts:
            found.append(acts)
    return found


def _period_names(duty: Any) -> set[str]:
    """The seasons and named periods a duty names."""
    found: set[str] = set()
    if isinstance(duty, CountDuty):
        found |= {key for _, key, _ in duty.quantities()} | {q.per.unit for _, _, q in duty.quantities() if q.per}
    during = getattr(duty, "during", None)
    if during is not None and during.period:
        found.add(during.period)
    before = getattr(duty, "before", None)
    if before is not None and before.season:
        found.add(before.season)
    return found


class _Clock:
    """The days on which something begins or ends: where mistakes live."""

    def __init__(self, plan: Plan, roster: Roster | None) -> None:
        self.zone: Zone = zone_named(plan.plan.timezone)
        self.calendar: WorkCalendar | None = plan.calendar.work_calendar()
        force = plan.plan.in_force
        self.first = force.from_.toordinal()
        self.last = force.through.toordinal() if force.through else self.first + 550
        self.span = max(self.last - self.first + 1, 1)
        edges = {self.first, self.last + 1}
        years = range(date.fromordinal(self.first).year - 1, date.fromordinal(self.last).year + 2)
        edges |= {date(y, m, 1).toordinal() for y in years for m in range(1, 13)}
        names: set[str] = set()
        for duty in plan.duties.values():
            names |= _period_names(duty)
            if isinstance(duty, CountDuty):
                for _, _, q in duty.quantities():
                    if q.per:
                        edges |= self._starts(q.per, duty, years)
                    stretch = q.in_any or q.every
                    if stretch and isinstance(stretch.amount, int) and not stretch.exact:
                        edges.add(add_days(self.first, stretch.amount, stretch.unit))
        for name in sorted(names):
            edges |= self._period(plan, name, years)
        if roster is not None:
            edges |= _roster_days(roster)
        self.edges = sorted(e for e in edges if self.first - 10 <= e <= self.last + 40)

    def _starts(self, per: Period, duty: CountDuty, years: range) -> set[int]:
        found: set[int] = set()
        if per.stepped and per.anchor:
            step, unit = per.n, per.unit
            at, n = per.anchor.toordinal(), 0
            while at <= self.last and n < 2000:
                if at >= self.first - 10:
                    found.add(at)
                n += 1
                at = add_days(per.anchor.toordinal(), n * step, unit)
        elif per.unit in ("day", "week"):
            monday = self.first - (self.first - 1) % 7
            found |= set(range(monday, min(monday + 200, self.last + 8), 7))
        elif per.unit == "ten_days":
            found |= {date(y, m, day).toordinal() for y in years for m in range(1, 13) for day in (11, 21)}
        if duty.between:
            starts = found or {date(y, m, 1).toordinal() for y in years for m in range(1, 13)}
            offsets = (duty.between.from_day - 1, duty.between.through_day)
            found = found | {s + o for s in starts for o in offsets}
        return found

    def _period(self, plan: Plan, name: str, years: range) -> set[int]:
        rule = plan.season_keys().get(name)
        if rule is not None:
            spans = season_intervals(plan.seasons[rule[0]].rule(), self.zone, years, None)
            return {self.zone.day_of(i) for span in spans for i in span}
        named = plan.calendar.named_periods.get(name)
        found: set[int] = set()
        if named is not None and named.every_year:
            low, high = named.every_year.from_, named.every_year.through
            found = {low.in_year(y).toordinal() for y in years} | {high.in_year(y).toordinal() + 1 for y in years}
        if named is not None and named.holidays and self.calendar is not None:
            for year in years:
                try:
                    stretches = [h for n in named.holidays for h in self.calendar.holiday(n, year)]
                except UnpublishedYear:
                    continue
                found |= {h.first.toordinal() for h in stretches} | {h.through.toordinal() + 1 for h in stretches}
        return found

    def after(self, instant: int, limit: Duration) -> int:
        """The first instant too late for a limit that counts from an instant."""
        amount = limit.amount if isinstance(limit.amount, int) else 30
        try:
            return deadline_after(self.zone, instant, amount, limit.unit, self.calendar)
        except (UnpublishedYear, ValueError):
            unit = "days" if limit.unit == "working_days" else limit.unit
            return deadline_after(self.zone, instant, amount, unit, None)

    def show(self, instant: int, dice: _Dice) -> datetime:
        """An instant as it may be written: on the local clock, or with an offset."""
        local = self.zone.to_datetime(instant)
        naive = local.replace(tzinfo=None, fold=0)
        how = dice.below(8)
        if how < 6 and self.zone.instant(naive) == instant:
            return naive
        if how == 7:
            return local.astimezone(dice.pick((UTC, timezone(timedelta(hours=5, minutes=30)))))
        return local.astimezone(timezone(local.utcoffset() or timedelta()))

    def day(self, instant: int) -> date:
        return date.fromordinal(self.zone.day_of(instant))


def _roster_days(roster: Roster) -> set[int]:
    spans: list[Any] = [*roster.objects, *roster.tenures]
    for o in roster.objects:
        spans += o.states
    holders: list[Any] = [*roster.objects, *roster.areas, *roster.persons]
    for item in holders:
        for values in item.attributes.values():
            spans += values
    found = {s.from_.toordinal() for s in spans if s.from_} | {s.through.toordinal() + 1 for s in spans if s.through}
    for o in roster.objects:
        for values in o.attributes.values():
            for v in values:
                if isinstance(v.value, str) and len(v.value) == 10 and v.value[4:5] == "-":
                    found |= {date.fromisoformat(v.value).toordinal() + n for n in (0, 1)}
    return found


# -------------------------------------------------------------------------------------------------------------- rosters


class _RosterMaker:
    def __init__(self, dice: _Dice, plan: Plan) -> None:
        self.dice = dice
        self.plan = plan
        self.clock = _Clock(plan, None)
        holders: list[Any] = [*plan.duties.values(), *plan.object_types.values()]
        self.states = sorted(
            {
                str(v)
                for holder in holders
                for v in (holder.while_["state"].values() if "state" in holder.while_ else [])
            }
        )
        self.figures = {
            f.from_
            for duty in plan.duties.values()
            if isinstance(duty, CountDuty)
            for _, _, q in duty.quantities()
            for f in (q.count, *(d.amount for d in (q.every, q.in_any) if d))
            if isinstance(f, Figure)
        }
        self.lengths = {
            d.amount.from_
            for duty in plan.duties.values()
            if isinstance(duty, CountDuty)
            for _, _, q in duty.quantities()
            for d in (q.every, q.in_any)
            if d and isinstance(d.amount, Figure)
        }
        ahead = [d.before.attribute for d in plan.duties.values() if isinstance(d, AheadDuty) and d.before.attribute]
        whiles = [a for holder in holders for a in holder.while_ if a != "state"]
        self.wanted = self.figures | set(ahead) | set(whiles)

    def day(self) -> str:
        """A day on or near which something happens."""
        d = self.dice
        clock = self.clock
        at = d.pick(clock.edges) if d.below(3) else clock.first + d.below(clock.span)
        return date.fromordinal(at).isoformat()

    def spans(self, pieces: int) -> list[dict[str, str]]:
        """So many stretches one after the other, some with a gap between."""
        d = self.dice
        cuts = sorted({self.day() for _ in range(pieces - 1)})
        out: list[dict[str, str]] = [{}]
        for cut in cuts:
            gap = d.pick((0, 0, 1, 5))
            before = date.fromisoformat(cut) - timedelta(days=1 + gap)
            if out[-1].get("from", "0001-01-01") > before.isoformat():
                continue
            out[-1]["through"] = before.isoformat()
            out.append({"from": cut})
        if d.chance(15) and pieces > 1:
            out = out[1:] or out
        return out

    def attributes(self, declared: Mapping[str, AttributeType], names: Iterable[str]) -> dict[str, Any]:
        d = self.dice
        out: dict[str, Any] = {}
        for name in names:
            if name not in self.wanted or d.chance(8):
                continue
            kind = declared.get(name, "integer")
            if d.chance(30):
                dated = [{"value": self.value(name, kind), **span} for span in self.spans(1 + d.below(3))]
                out[name] = dated
            else:
                out[name] = self.value(name, kind)
        return out

    def value(self, name: str, kind: AttributeType) -> Any:
        d = self.dice
        if name in self.lengths:
            return d.pick((30, 10, 60, 1, 45, 0))
        if kind in ("integer", "number"):
            return d.pick((1, 2, 3, 0))
        if kind == "boolean":
            return bool(d.below(2))
        if kind == "date":
            return self.day()
        if isinstance(kind, tuple):
            return d.pick(kind[::-1])
        return d.pick(("p1", "p2")) if kind == "person" else d.pick(("x", "y"))

    def make(self) -> dict[str, Any]:
        d = self.dice
        plan = self.plan
        types = sorted({t for duty in plan.duties.values() for t in duty.object_type})
        area_types = sorted({t for duty in plan.duties.values() if (t := getattr(duty, "area_type", None))})
        areas: list[dict[str, Any]] = []
        names = area_types or ["town"]
        for i in range(1 + d.below(3)):
            area: dict[str, Any] = {"id": f"a{i + 1}", "type": names[i % len(names)] if d.below(6) else "ward"}
            if i and d.chance(60):
                area["within"] = f"a{d.below(i) + 1}"
            found = self.attributes({}, self.figures)
            areas.append(area | ({"attributes": found} if found else {}))
        objects: list[dict[str, Any]] = []
        for i in range(1 + d.below(3)):
            obj: dict[str, Any] = {"id": f"o{i + 1}", "type": d.pick(types)}
            if d.below(5):
                obj["area"] = d.pick(areas)["id"]
            if d.chance(20):
                obj["from"] = self.day()
            if d.chance(20):
                obj["through"] = self.day()
                if obj.get("from", "0001-01-01") > obj["through"]:
                    obj["from"], obj["through"] = obj["through"], obj["from"]
            if (self.states and d.below(10)) or d.chance(5):
                choices = (*self.states, *self.states, *self.states, "closed") if self.states else ("producing", "closed")
                obj["states"] = [{"state": d.pick(choices), **span} for span in self.spans(1 + d.below(3))]
            declared = plan.object_types[obj["type"]].attributes
            found = self.attributes(declared, declared)
            objects.append(obj | ({"attributes": found} if found else {}))
        persons: list[dict[str, Any]] = []
        for i in range(2 + d.below(2)):
            found = self.attributes({}, self.figures)
            persons.append({"id": f"p{i + 1}", **({"attributes": found} if found else {})})
        return {"areas": areas, "objects": objects, "persons": persons, "tenures": self.tenures(objects, areas, persons)}

    def tenures(self, objects: list[dict[str, Any]], areas: list[dict[str, Any]], persons: list[dict[str, Any]]) -> list[dict[str, Any]]:
        d = self.dice
        plan = self.plan
        roles = sorted({r for duty in plan.duties.values() for r in duty.roles()})
        extra = sorted({str(plan.roles[r].deputy) for r in roles if r in plan.roles and plan.roles[r].deputy})
        by_area = any(getattr(duty, "for_each", None) == "area" for duty in plan.duties.values())
        out: list[dict[str, Any]] = []
        for n, role in enumerate(dict.fromkeys((*roles, *extra))):
            over: list[dict[str, str]] = []
            if d.chance(60 if by_area else 25):
                over.append({"area": d.pick(areas)["id"]})
                if d.chance(30):
                    over.append({"area": d.pick(areas)["id"]})
            if not over or d.chance(30):
                over += [{"object": o["id"]} for o in objects if d.below(8)]
            for at, place in enumerate(over):
                person = (n + at * d.below(2)) % len(persons)
                for span in self.spans(d.pick((1, 1, 2, 3))):
                    out.append({"role": role, "person": persons[person]["id"], **place, **span})
                    person = (person + d.pick((1, 1, 0))) % len(persons)
                if d.chance(8):
                    out.append({"role": role, "person": d.pick(persons)["id"], **place})
        return out


def rosters(plan: Plan) -> st.SearchStrategy[Roster]:
    """Rosters for a plan: one to three objects of its types, nested areas, handovers, states and figures that change."""
    return _rosters(plan)


@st.composite
def _rosters(draw: st.DrawFn, plan: Plan) -> Roster:
    return load_roster(_RosterMaker(_drawn(draw), plan).make())


# ------------------------------------------------------------------------------------------------------------ histories


@dataclass
class _Site:
    """The roster, as the drawing of records needs it."""

    roster: Roster
    chains: dict[str, tuple[str, ...]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        within = {a.id: a.within for a in self.roster.areas}

        def chain(at: str | None) -> tuple[str, ...]:
            out: list[str] = []
            while at is not None and at not in out:
                out.append(at)
                at = within.get(at)
            return tuple(out)

        self.chains = {a: chain(a) for a in within} | {o.id: (o.id, *chain(o.area)) for o in self.roster.objects}
        self.persons = [p.id for p in self.roster.persons]

    def bearers(self, roles: Sequence[str], place: str | None, day: int) -> list[str]:
        """Who bears one of the roles over a place (or anywhere) on a day."""
        places = self.chains.get(place, ()) if place else None
        return [
            t.person
            for t in self.roster.tenures
            if t.role in roles
            and (places is None or t.object in places or t.area in places)
            and (t.from_ is None or t.from_.toordinal() <= day)
            and (t.through is None or t.through.toordinal() >= day)
        ]


class _HistoryMaker:
    def __init__(self, dice: _Dice, plan: Plan, roster: Roster, most: int) -> None:
        self.dice = dice
        self.plan = plan
        self.site = _Site(roster)
        self.clock = _Clock(plan, roster)
        self.acts = _acts(plan)
        self.most = most
        self.records: list[Record] = []
        self.instants: list[int] = []
        self.opened: dict[int, list[tuple[Record, int, int]]] = {}
        """By duty, the records that opened something: the record, its instant, and a limit that counts from it."""
        self.hot: list[int] = []
        """Instants at which, after what has been drawn already, something is decided."""

    def make(self) -> list[Record]:
        d = self.dice
        if not self.acts:
            return []
        edges = self.clock.edges
        self.centre = d.below(len(edges))
        self.width = d.pick((2, 4, 8, len(edges)))
        for _ in range(d.pick((6, 3, 10, 13, 16, 20, 1, 0, 8, 18)) * self.most // 20):
            self.record()
        return self.records

    def instant(self) -> int:
        d = self.dice
        clock = self.clock
        how = d.below(20)
        if how < 5 and self.hot:
            at = self.hot[-1 - d.below(min(len(self.hot), 6))]
        elif how < 9 and self.instants:
            at = self.instants[-1 - d.below(min(len(self.instants), 4))]
        elif how < 17:
            edges = clock.edges
            at = clock.zone.start(edges[min(self.centre + d.below(self.width), len(edges) - 1)])
        else:
            return clock.zone.start(clock.first - 5) + d.below((clock.span + 15) * 24 * 60) * MINUTE
        return at + d.pick(_NUDGES)

    def record(self) -> None:
        d = self.dice
        clock = self.clock
        number = f"r{len(self.records) + 1}"
        if self.records and d.chance(4):
            back = d.pick(self.records)
            at = max(self.instants[self.records.index(back)] + d.pick((HOUR, 0, DAY, 40 * DAY)), 0)
            self.add(Record(number, clock.show(at, d), RETRACTION, back.objects, retracts=back.id), at)
            return
        duty = d.below(len(self.acts))
        act = d.pick(self.acts[duty])
        if not self.opened.get(duty) and d.below(4):
            # Nothing can be answered before something has been opened.
            act = next((a for a in self.acts[duty] if a.opens), act)
        answered: Record | None = None
        if self.opened.get(duty) and (act.case is not None or not act.opens or d.below(2)) and d.below(4):
            answered, at = self.answer(duty)
        else:
            at = self.instant()
        day = clock.zone.day_of(at)
        event = d.pick(act.pattern.event)
        objects, area = self.place(act)
        if answered is not None and d.below(6):
            objects, area = answered.objects, answered.area
        elif self.records and not act.opens and d.chance(30):
            objects, area = self.records[-1].objects or objects, area
        by = self.performers(act, objects[0] if objects else area, day)
        time: Moment = clock.show(at, d)
        if d.chance(10):
            time = date.fromordinal(day)
        until = None
        if isinstance(time, datetime) and (d.below(8) if act.lasts or LASTED in act.pattern.where else d.chance(3)):
            until = clock.show(self.end(at), d)
        recorded: Moment | None = None
        if d.chance(15):
            late = at + d.pick((HOUR, 0, DAY, 10 * DAY, 45 * DAY))
            recorded = clock.day(late) if d.chance(25) else clock.show(late, d)
        retracts = d.pick(self.records).id if self.records and d.chance(2) else None
        attributes = self.attributes(act, event, by, day)
        if answered is not None and act.case is not None and act.case in answered.attributes and d.below(8):
            attributes[act.case] = answered.attributes[act.case]
        record = Record(number, time, event, objects, area, by, recorded, until, retracts, MappingProxyType(attributes))
        self.add(record, at)
        limits = [clock.after(at, limit) for limit in act.limits]
        self.hot += limits
        if act.opens or act.case is not None:
            self.opened.setdefault(duty, []).append((record, at, limits[0] if limits else at + DAY))
        for value in attributes.values():
            if isinstance(value, str) and len(value) == 10 and value[4:5] == "-":
                self.hot.append(clock.zone.start(date.fromisoformat(value).toordinal() + 1))
        if until is not None:
            self.hot.append(clock.zone.instant(until))

    def answer(self, duty: int) -> tuple[Record, int]:
        """A record that opened something, and when to answer it: soon, just in time, just too late, or later."""
        d = self.dice
        opened = self.opened[duty]
        record, at, limit = opened[-1 - d.below(min(len(opened), 3))]
        how = d.below(8)
        if how < 3:
            return record, at + d.pick((HOUR, 30 * MINUTE, 0, 1, 20 * HOUR))
        if how < 5:
            return record, at + d.below(max((limit - at) // HOUR, 1)) * HOUR
        if how < 7:
            return record, limit + d.pick((-1, 0, -HOUR, 1, -2))
        return record, limit + d.pick((DAY, 5 * HOUR, 20 * DAY, 3 * DAY))

    def add(self, record: Record, at: int) -> None:
        self.records.append(record)
        self.instants.append(at)

    def end(self, at: int) -> int:
        d = self.dice
        clock = self.clock
        length = d.pick((HOUR, 2 * HOUR, 30 * MINUTE, 8 * HOUR, 26 * HOUR, 5 * DAY, 60 * DAY, 0, -1))
        if length < 0:
            return clock.zone.start(clock.zone.day_of(at) + 1 + d.below(3))
        return at + length

    def place(self, act: _Act) -> tuple[tuple[str, ...], str | None]:
        d = self.dice
        roster = self.site.roster
        fitting = [o.id for o in roster.objects if o.type in act.types] or [o.id for o in roster.objects]
        if act.about == "area":
            how = d.weighted({"object": 10, "area": 8, "two": 2, "all": 2, "nothing": 1, "any": 1, "both": 1})
        else:
            how = d.weighted({"object": 15, "two": 2, "area": 3 if act.opens else 1, "nothing": 2, "any": 1, "both": 1})
        area = d.pick(roster.areas).id if roster.areas and how in ("area", "both") else None
        if how == "area" or not roster.objects:
            return (), area
        if how == "nothing":
            return (), None
        if how == "all":
            return tuple(fitting), None
        if how == "any":
            return (d.pick(roster.objects).id,), None
        first = d.pick(fitting)
        second = d.pick(roster.objects).id if how == "two" else first
        return tuple(dict.fromkeys((first, second))), area

    def performers(self, act: _Act, place: str | None, day: int) -> tuple[str, ...]:
        d = self.dice
        persons = self.site.persons
        how = d.below(20)
        if how == 19 or not persons:
            return ()
        bearers = self.site.bearers(act.roles, place, day)
        if how == 18 or not bearers:
            return (d.pick(persons),)
        first = d.pick(bearers)
        return tuple(dict.fromkeys((d.pick(persons), first))) if how == 17 else (first,)

    def attributes(self, act: _Act, event: str, by: tuple[str, ...], day: int) -> dict[str, Any]:
        d = self.dice
        kind = self.plan.events.get(event)
        out: dict[str, Any] = {}
        if kind is None:
            declared = [name for name, p in self.plan.calendar.named_periods.items() if event in (p.opened_by, p.closed_by)]
            if declared and d.below(4):
                out["period"] = d.pick(declared) if d.below(8) else "another"
            return out
        for name, of in kind.attributes.items():
            condition = act.pattern.where.get(name)
            if name == act.case or (act.case is None and name == "case"):
                value: Any = d.pick(("c1", "c1", "c1", "c2", "c1", "c2", "c1", "c2", "c1", None))
            elif condition is not None:
                value = self.fitting(condition, of, by, day)
            elif (of == "date" and d.below(4)) or (of != "date" and d.chance(12)):
                value = self.value(of, by, day, ())
            else:
                continue
            if value is not None:
                out[name] = value
        return out

    def fitting(self, condition: Condition, of: AttributeType, by: tuple[str, ...], day: int) -> Any:
        """A value that satisfies the condition, mostly."""
        d = self.dice
        options = self.options(of, by, day, condition.values())
        good = [v for v in options if holds(condition, v, of, by)]
        bad = [v for v in options if not holds(condition, v, of, by)]
        if good and d.below(7) < 6:
            return d.pick(good)
        return d.pick((*bad, None))

    def value(self, of: AttributeType, by: tuple[str, ...], day: int, values: Sequence[Any]) -> Any:
        return self.dice.pick(self.options(of, by, day, values))

    def options(self, of: AttributeType, by: tuple[str, ...], day: int, values: Sequence[Any]) -> list[Any]:
        if isinstance(of, tuple):
            return list(of)
        if of == "boolean":
            return [True, False]
        if of == "person":
            return [*by, *self.site.persons]
        if of == "date":
            return [date.fromordinal(day + n).isoformat() for n in (10, 1, 0, 30, 75, -3, 200)]
        if of in ("number", "integer"):
            return sorted({v + n for v in values for n in (-1, 0, 1)} | {0})
        return [*dict.fromkeys(str(v) for v in values), "storm", "other"]


_NUDGES = (
    0, 0, 9 * HOUR, -1, 1, 9 * HOUR, 30 * HOUR, -HOUR, 2 * HOUR, -DAY, DAY, 12 * HOUR, 3 * DAY, 8 * DAY, 15 * DAY, 13 * HOUR + 1,
)  # fmt: skip
"""How far a record lies from the instant at which something is decided, in microseconds."""


def histories(plan: Plan, roster: Roster, most: int = 20) -> st.SearchStrategy[History]:
    """Histories of up to ``most`` records that the duties of the plan look for, about the objects and people of the roster."""
    return _histories(plan, roster, most)


@st.composite
def _histories(draw: st.DrawFn, plan: Plan, roster: Roster, most: int) -> History:
    return _history(_HistoryMaker(_drawn(draw), plan, roster, most))


def _history(maker: _HistoryMaker) -> History:
    records = maker.make()
    d = maker.dice
    complete: dict[str, Moment] = {}
    if d.chance(40):
        for name in dict.fromkeys(("*", *(r.event for r in maker.records))):
            if d.below(3) == 0 or (name == "*" and d.below(3)):
                at = maker.instant() if records else maker.clock.zone.start(d.pick(maker.clock.edges))
                complete[name] = maker.clock.show(at, d) if d.chance(35) else maker.clock.day(at)
    return History.of(records, complete)


# ---------------------------------------------------------------------------------------------------- waivers and times


def waivers(plan: Plan, roster: Roster) -> st.SearchStrategy[tuple[Waiver, ...]]:
    """Up to two waivers for duties, objects, areas or persons that exist; often none."""
    return _waivers(plan, roster)


@st.composite
def _waivers(draw: st.DrawFn, plan: Plan, roster: Roster) -> tuple[Waiver, ...]:
    return _draw_waivers(_drawn(draw), plan, roster, _Clock(plan, roster))


def _draw_waivers(d: _Dice, plan: Plan, roster: Roster, clock: _Clock) -> tuple[Waiver, ...]:
    rows: list[dict[str, Any]] = []
    names = list(plan.duties)
    for i in range(d.pick((0, 0, 1, 2))):
        groups: list[tuple[str, list[str]]] = [
            ("object", [o.id for o in roster.objects]),
            ("person", [p.id for p in roster.persons]),
            ("area", [a.id for a in roster.areas]),
        ]
        kind, ids = d.pick([g for g in groups if g[1]] or [("person", ["nobody"])])
        first = clock.edges[d.below(len(clock.edges))] + d.pick((0, -1, 1, 10))
        days = d.pick((60, 9, 400, 200, 0, 120))
        row = {
            "id": f"w{i + 1}",
            "duties": names if d.chance(60) else d.pick(names),
            kind: d.pick(ids),
            "from": date.fromordinal(first).isoformat(),
            "through": date.fromordinal(first + days).isoformat(),
            "because": "a reason",
            "approved_by": "the office",
        }
        rows.append(row | ({"suspends": True} if d.chance(40) else {}))
    return load_waivers({"waivers": rows}) if rows else ()


def as_ofs(plan: Plan, roster: Roster, history: History | None = None) -> st.SearchStrategy[Moment]:
    """Points in time at which to ask: at the edges of windows, at the records of the history, and anywhere."""
    return _as_ofs(plan, roster, history)


@st.composite
def _as_ofs(draw: st.DrawFn, plan: Plan, roster: Roster, history: History | None) -> Moment:
    clock = _Clock(plan, roster)
    instants = [clock.zone.moment(r.time) for r in history.records] if history else []
    return _draw_as_of(_drawn(draw), clock, instants)


def _draw_as_of(d: _Dice, clock: _Clock, instants: Sequence[int]) -> Moment:
    how = d.below(10)
    if how < 4:
        # The end, so that most is decided.
        at = clock.zone.start(clock.last + 1 + d.pick((0, 0, 1, 40)))
    elif how < 7 and instants:
        at = d.pick(instants) + d.pick((0, 1, -1, DAY, HOUR, 6 * DAY))
    elif how < 9:
        at = clock.zone.start(d.pick(clock.edges)) + d.pick((0, -1, 1, 9 * HOUR, -DAY, -2 * DAY, -3 * HOUR))
    else:
        at = clock.zone.start(clock.first) + d.below(clock.span * 24 * 60) * MINUTE
    if d.chance(50):
        return clock.day(at - 1)
    return clock.show(at, d)


# ---------------------------------------------------------------------------------------------------------------- cases


def cases(
    kinds: Iterable[Kind] | None = None, *, plan: Plan | None = None, most: int = 20
) -> st.SearchStrategy[Case]:
    """Cases: a plan, a roster, a history, waivers and points in time that belong together.

    Args:
        kinds: the kinds of duty in the plans that are drawn; all, if none are named.
        plan: a plan of your own, in place of one that is drawn.
        most: the greatest number of records.
    """
    return _cases(_kinds(kinds), plan, most)


def sample(seed: int, kinds: Iterable[Kind] | None = None, *, plan: Plan | None = None, most: int = 20) -> Case:
    """The case of a seed, drawn as :func:`cases` does but without hypothesis: for long runs."""
    random = Random(seed)
    return _draw_case(_Dice(lambda n: random.randrange(n)), _kinds(kinds), plan, most)


@st.composite
def _cases(draw: st.DrawFn, kinds: tuple[Kind, ...], plan: Plan | None, most: int) -> Case:
    return _draw_case(_drawn(draw), kinds, plan, most)


def _draw_case(d: _Dice, kinds: tuple[Kind, ...], plan: Plan | None, most: int) -> Case:
    if plan is None:
        plan = load_plan(_PlanMaker(d, kinds).make())
    roster = load_roster(_RosterMaker(d, plan).make())
    maker = _HistoryMaker(d, plan, roster, most)
    history = _history(maker)
    clock = maker.clock
    as_of = _draw_as_of(d, clock, maker.instants + maker.hot[-8:])
    known_at: Moment | None = None
    if d.chance(25):
        recorded = [clock.zone.moment(r.recorded_at) for r in history.records if r.recorded_at]
        known_at = _draw_as_of(d, clock, recorded or maker.instants)
    return Case(plan, roster, history, as_of, known_at, _draw_waivers(d, plan, roster, clock))
