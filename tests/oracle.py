"""A slow, plain evaluator, written from the meaning alone; the engine must agree with it on every case.

It loops over everything, keeps no clever structure, and cites the numbers of the decisions in ``docs/design.md``.
Instants are whole microseconds since 1970 (decision 1); a stretch of time is a list of half-open ``(start, end)``
pairs.
"""

from __future__ import annotations

import calendar as month_lengths
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from functools import cache
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

import chinese_calendar
from dateutil.relativedelta import relativedelta

from dutyrules.duties.ahead import AheadDuty
from dutyrules.duties.chain import ChainDuty
from dutyrules.duties.counting import CountDuty
from dutyrules.duties.forbidding import ForbidDuty
from dutyrules.duties.keeping import KeepDuty
from dutyrules.duties.response import ResponseDuty
from dutyrules.history import History, Record
from dutyrules.plan import Plan
from dutyrules.quantity import Duration, Figure, Period, Quantity
from dutyrules.roster import Object, Roster, Tenure
from dutyrules.waivers import Waiver

__all__ = ["Judged", "judge"]

FAR = 1 << 62
"""An instant that never comes."""

ALWAYS = "always"
DAY = timedelta(days=1)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)
HOUR = 3_600_000_000

Span = tuple[int, int]
Spans = list[Span]


@dataclass
class Judged:
    """One obligation as the meaning has it."""

    id: str
    duty: str
    subject: str
    start: datetime
    end: datetime | None
    cut: str | None = None
    trigger: str | None = None
    required: int | None = None
    counted: int = 0
    verdict: str = ""
    evidence: list[str] = field(default_factory=list)
    settled_at: datetime | date | None = None
    violations: list[tuple[datetime, datetime | None]] = field(default_factory=list)


def judge(
    plan: Plan, roster: Roster, history: History, as_of: date | datetime,
    known_at: date | datetime | None = None, waivers: Sequence[Waiver] = (),
) -> dict[str, Judged]:  # fmt: skip
    """Every obligation that is listed as of ``as_of``, by its id."""
    case = Case(plan, roster, history, as_of, known_at, waivers)
    for name, duty in plan.duties.items():
        if isinstance(duty, CountDuty):
            counted(case, name, duty)
        elif isinstance(duty, ResponseDuty):
            response(case, name, duty)
        elif isinstance(duty, AheadDuty):
            ahead(case, name, duty)
        elif isinstance(duty, ChainDuty):
            chain(case, name, duty)
        elif isinstance(duty, KeepDuty):
            keep(case, name, duty)
        elif isinstance(duty, ForbidDuty):
            forbid(case, name, duty)
    return case.found


# -------------------------------------------------------------------------------------------------- stretches of time


def union(spans: Iterable[Span]) -> Spans:
    """The stretches in order, with those that overlap or touch joined."""
    out: Spans = []
    for start, end in sorted(s for s in spans if s[0] < s[1]):
        if out and start <= out[-1][1]:
            out[-1] = (out[-1][0], max(out[-1][1], end))
        else:
            out.append((start, end))
    return out


def both(a: Spans, b: Spans) -> Spans:
    """What lies in both."""
    return union((max(s, t), min(e, f)) for s, e in a for t, f in b)


def minus(a: Spans, b: Spans) -> Spans:
    """What lies in the first and not in the second."""
    out = list(a)
    for start, end in b:
        out = [p for s, e in out for p in ((s, min(e, start)), (max(s, end), e)) if p[0] < p[1]]
    return union(out)


def holds_instant(spans: Spans, t: int) -> bool:
    return any(s <= t < e for s, e in spans)


# ----------------------------------------------------------------------------------------------------------- the case


@dataclass(eq=False)
class Rec:
    """A record with the earliest and the latest instant at which it may have happened (decision 4).

    ``sure`` is whether it has certainly happened, is certainly known and is certainly not retracted.
    """

    id: str
    event: str
    raw: Record
    low: int
    high: int
    day: date
    until: int | None
    sure: bool

    @property
    def dated(self) -> bool:
        return not isinstance(self.raw.time, datetime)


@dataclass(eq=False)
class Subject:
    """What is counted: an object, a bearer or an area, with the layers that limit its time (decisions 8, 11 and 13)."""

    key: str
    kind: str
    object: str | None = None
    area: str | None = None
    person: str | None = None
    layers: list[tuple[str, Spans]] = field(default_factory=list)

    @property
    def scope(self) -> Spans:
        out: Spans = [(-FAR, FAR)]
        for _, spans in self.layers:
            out = both(out, spans)
        return out

    @property
    def tail(self) -> str:
        """A personal obligation has its person at the end of its id (decision 11)."""
        return f"/{self.person}" if self.person is not None and self.kind != "bearer" else ""


class Case:
    """One evaluation: the inputs, the clock, and the obligations found so far."""

    def __init__(
        self, plan: Plan, roster: Roster, history: History, as_of: date | datetime,
        known_at: date | datetime | None, waivers: Sequence[Waiver],
    ) -> None:  # fmt: skip
        self.plan, self.roster, self.history, self.waivers = plan, roster, history, waivers
        self.zone = ZoneInfo(plan.plan.timezone)
        self.start = cache(self._start)
        self.local_day = cache(self._local_day)
        self.working = cache(self._working)
        self.occurrences = cache(self._occurrences)
        self.object_scope = cache(self._object_scope)
        self.as_of_is_date = not isinstance(as_of, datetime)
        self.now = self.moment_end(as_of)
        self.known = self.moment_end(known_at) if known_at is not None else FAR
        self.areas = {a.id: a for a in roster.areas}
        self.objects = {o.id: o for o in roster.objects}
        self.force = self.days_span(plan.plan.in_force.from_, plan.plan.in_force.through)
        self.tenures = [(t, self.days_span(t.from_, t.through)) for t in roster.tenures]
        self.first_year = plan.plan.in_force.from_.year - 2
        self.last_year = max([self.local_day(self.now).year, *dated_years(plan, roster)]) + 3
        self.records = self._records()
        self.found: dict[str, Judged] = {}
        self._within: dict[str, set[str]] = {a: self._ancestors(a) for a in self.areas}

    # the clock

    def _start(self, day: date) -> int:
        """The first instant of a local day; where midnight is skipped, the first that exists (decision 1)."""
        midnight = datetime(day.year, day.month, day.day, tzinfo=self.zone)
        t = (midnight.astimezone(UTC) - EPOCH) // MICROSECOND
        if self.show(t).replace(tzinfo=None) == midnight.replace(tzinfo=None):
            return t
        low, high = t - 36 * HOUR, t + 36 * HOUR
        while low < high:
            middle = (low + high) // 2
            if self._local_day(middle) >= day:
                high = middle
            else:
                low = middle + 1
        return low

    def show(self, t: int) -> datetime:
        return (EPOCH + t * MICROSECOND).astimezone(self.zone)

    def show_end(self, t: int) -> datetime | None:
        return None if t >= FAR else self.show(t)

    def _local_day(self, t: int) -> date:
        return self.show(t).date()

    def instant(self, value: datetime) -> int:
        """A time without offset is in the plan's zone; of two equal local times the earlier is meant."""
        if value.tzinfo is None:
            value = value.replace(tzinfo=self.zone, fold=0)
        return (value.astimezone(UTC) - EPOCH) // MICROSECOND

    def moment_end(self, value: date | datetime) -> int:
        """An instant, or the end of a date (decision 2)."""
        return self.instant(value) if isinstance(value, datetime) else self.start(value + DAY)

    def days_span(self, first: date | None, last: date | None) -> Span:
        return (self.start(first) if first else -FAR, self.start(last + DAY) if last else FAR)

    def listed(self, t: int) -> bool:
        """Windows that start at or before an instant, and on or before a date (decision 2)."""
        return t < self.now if self.as_of_is_date else t <= self.now

    def tail(self, t: int) -> str:
        day = self.local_day(t)
        return day.isoformat() if self.start(day) == t else self.show(t).replace(tzinfo=None).isoformat()

    def days_in(self, spans: Spans) -> list[date]:
        """Every local day that the stretches touch, one by one."""
        out: list[date] = []
        for s, e in spans:
            day, last = self.local_day(s), self.local_day(e - 1)
            while day <= last:
                if not out or out[-1] < day:
                    out.append(day)
                day += DAY
        return out

    # records

    def bounds(self, value: date | datetime) -> Span:
        """The earliest and the latest instant that a point in time may mean (decision 4)."""
        if isinstance(value, datetime):
            return self.instant(value), self.instant(value)
        return self.start(value), self.start(value + DAY) - 1

    def _records(self) -> list[Rec]:
        """The records that have happened and are known, as far as they are not retracted (decisions 2, 3, 4 and 6)."""
        seen: dict[str, Rec] = {}
        for r in self.history.records:
            low, high = self.bounds(r.time)
            known_low, known_high = self.bounds(r.recorded_at) if r.recorded_at is not None else (low, high)
            if low >= self.now or known_low >= self.known:
                continue
            # What gives only a day is known from the end of that day (decision 3).
            if known_high >= self.known:
                continue
            sure = high < self.now
            until = self.instant(r.until) if r.until is not None else None
            seen[r.id] = Rec(r.id, r.event, r, low, high, self.local_day(low), until, sure)

        # Whether a record of this very day has happened yet, it retracts; what it retracts is in doubt anyhow.
        takers = {name: [t for t in seen.values() if t.raw.retracts == name and t.id != name] for name in seen}
        stands: dict[str, bool] = {}
        while True:
            before = len(stands)
            for name, its in takers.items():
                if all(stands.get(t.id) is False for t in its):
                    stands[name] = True
                elif any(stands.get(t.id) is True for t in its):
                    stands[name] = False
            if len(stands) == before:
                break

        out = []
        for r in seen.values():
            # What is left retracts each other in a ring, and stands.
            if stands.get(r.id, True) and r.event != "retraction":
                out.append(r)
        return sorted(out, key=lambda r: (r.low, r.high, r.id))

    def complete_to(self, events: Iterable[str]) -> int:
        """Up to which instant nothing is missing for all of these kinds, at most up to ``as_of`` (decision 35)."""
        said = self.history.complete_through
        ends = [self.now]
        for event in events:
            value = said.get(event, said.get("*"))
            if value is not None:
                ends.append(self.moment_end(value))
        return min(ends)

    def matching(self, events: Sequence[str], where: dict[str, Any], bearers: Callable[[Rec], list[str]]) -> list[Rec]:
        return [r for r in self.records if r.event in events and self.fits(r, where, bearers)]

    def matching_any(self, given: Any) -> list[Rec]:
        """The records that fit a pattern, or any of several."""
        return [
            r for r in self.records
            if any(r.event in p.event and self.fits(r, p.where, lambda r: []) for p in patterns_of(given))
        ]  # fmt: skip

    def fits(self, r: Rec, where: dict[str, Any], bearers: Callable[[Rec], list[str]]) -> bool:
        kind = self.plan.events.get(r.event)
        for name, condition in where.items():
            declared = kind.attributes.get(name) if kind else None
            value = r.raw.attributes.get(name)
            if name == "lasted_minutes" and declared is None:
                # Every record with an end has its length as an attribute of itself (decision 47).
                declared = "number"
                value = (r.until - r.low) / (HOUR // 60) if r.until is not None and not r.dated else None
            if not satisfies(condition, value, declared, bearers(r) if declared == "person" else []):
                return False
        return True

    # places and posts

    def _ancestors(self, area: str | None) -> set[str]:
        """An area and all that contain it."""
        out: set[str] = set()
        while area is not None and area not in out:
            out.add(area)
            area = self.areas[area].within if area in self.areas else None
        return out

    def around(self, object_id: str) -> set[str]:
        """Every area that an object lies in."""
        o = self.objects.get(object_id)
        return self._ancestors(o.area) if o is not None else set()

    def covers(self, tenure: Tenure, object_id: str) -> bool:
        """A tenure of the object, of its area, or of an area that contains it (decision 8)."""
        return tenure.object == object_id if tenure.object is not None else tenure.area in self.around(object_id)

    def over_area(self, tenure: Tenure, area: str) -> bool:
        return tenure.area is not None and tenure.area in self._ancestors(area)

    def bearers_of(self, roles: Sequence[str], object_id: str, t: int) -> list[str]:
        return [n.person for n, (s, e) in self.tenures if n.role in roles and s <= t < e and self.covers(n, object_id)]

    def bearers_of_area(self, roles: Sequence[str], area: str, t: int) -> list[str]:
        return [n.person for n, (s, e) in self.tenures if n.role in roles and s <= t < e and self.over_area(n, area)]

    def _object_scope(self, duty_id: str, object_id: str) -> Spans:
        """The time of an object in the duty's scope, but for the plan's force (decision 7)."""
        duty, o = self.plan.duties[duty_id], self.objects[object_id]
        if o.type not in duty.object_type:
            return []
        own = [self.days_span(o.from_, o.through)]
        conditions = [*self.plan.object_types[o.type].while_.items(), *duty.while_.items()]
        if not conditions:
            return own
        edges = {own[0][0], own[0][1]}
        for name, _ in conditions:
            for s, e, _ in self.dated_values(o, name):
                edges |= {s, e}
        kind = self.plan.object_types[o.type]
        good: Spans = []
        ordered = sorted(edges)
        for s, e in pairwise(ordered):
            if all(
                satisfies(c, value_at(self.dated_values(o, n), s), kind.attributes.get(n), []) for n, c in conditions
            ):
                good.append((s, e))
        return both(own, union(good))

    def dated_values(self, holder: Any, name: str) -> list[tuple[int, int, Any]]:
        """The values of an attribute (or the states of an object) with their time."""
        if name == "state" and isinstance(holder, Object):
            return [(*self.days_span(s.from_, s.through), s.state) for s in holder.states]
        return [(*self.days_span(v.from_, v.through), v.value) for v in holder.attributes.get(name, ())]

    def allowed_roles(self, role: str | None, may_be_done_by: Sequence[str]) -> list[str]:
        out = []
        for other in may_be_done_by:
            named = self.plan.roles[role].deputy if other == "deputy" and role in self.plan.roles else other
            if named is not None:
                out.append(named)
        return out

    # subjects

    def subjects(self, duty_id: str, duty: Any) -> list[Subject]:
        """The subjects of a duty, each with the layers plan, scope, tenure, waiver (decisions 8, 11, 13 and 43)."""
        if duty.for_each == "object":
            found = self._object_subjects(duty_id, duty)
        elif duty.for_each == "bearer":
            found = self._bearer_subjects(duty_id, duty)
        else:
            found = self._area_subjects(duty_id, duty)
        for s in found:
            s.layers.insert(0, ("plan", [self.force]))
            s.layers.append(("waiver", minus([(-FAR, FAR)], self.suspended(duty_id, s))))
        return [s for s in found if s.scope]

    def _object_subjects(self, duty_id: str, duty: Any) -> list[Subject]:
        out = []
        for o in self.objects:
            scope = self.object_scope(duty_id, o)
            if not getattr(duty, "personal", False):
                out.append(Subject(o, "object", object=o, layers=[("scope", scope)]))
                continue
            held: dict[str, Spans] = {}
            for n, span in self.tenures:
                if n.role == duty.role and self.covers(n, o):
                    held.setdefault(n.person, []).append(span)
            for person, spans in held.items():
                layers = [("scope", scope), ("tenure", union(spans))]
                out.append(Subject(o, "object", object=o, person=person, layers=layers))
        return out

    def _bearer_subjects(self, duty_id: str, duty: Any) -> list[Subject]:
        out = []
        for person in dict.fromkeys(n.person for n, _ in self.tenures if n.role == duty.role):
            scopes: Spans = []
            held: Spans = []
            for n, span in self.tenures:
                if n.role != duty.role or n.person != person:
                    continue
                for o in self.objects:
                    if self.covers(n, o):
                        scopes += self.object_scope(duty_id, o)
                        held += both(self.object_scope(duty_id, o), [span])
            out.append(
                Subject(person, "bearer", person=person, layers=[("scope", union(scopes)), ("tenure", union(held))])
            )
        return out

    def _area_subjects(self, duty_id: str, duty: Any) -> list[Subject]:
        if duty.area_type is not None:
            names = [a.id for a in self.roster.areas if a.type == duty.area_type]
        else:
            names = list(dict.fromkeys(n.area for n, _ in self.tenures if n.role == duty.role and n.area is not None))
        out = []
        for area in names:
            inside = [self.object_scope(duty_id, o) for o in self.objects if area in self.around(o)]
            scope = union(s for spans in inside for s in spans)
            if not getattr(duty, "personal", False):
                out.append(Subject(area, "area", area=area, layers=[("scope", scope)]))
                continue
            held: dict[str, Spans] = {}
            for n, span in self.tenures:
                if n.role == duty.role and self.over_area(n, area):
                    held.setdefault(n.person, []).append(span)
            for person, spans in held.items():
                layers = [("scope", scope), ("tenure", union(spans))]
                out.append(Subject(area, "area", area=area, person=person, layers=layers))
        return out

    # waivers

    def concerns(self, w: Waiver, duty_id: str, s: Subject) -> bool:
        """Whether a waiver is about this duty and subject, whatever its time (decisions 36 and 43)."""
        if duty_id not in w.duties:
            return False
        if w.person is not None:
            return s.person == w.person
        if w.object is not None:
            return s.object == w.object
        places = self.around(s.object) if s.object is not None else self._ancestors(s.area)
        return w.area in places

    def suspended(self, duty_id: str, s: Subject) -> Spans:
        return union(
            self.days_span(w.from_, w.through) for w in self.waivers if w.suspends and self.concerns(w, duty_id, s)
        )

    def waived(self, duty_id: str, s: Subject, t: int, role: str | None) -> bool:
        """Whether a waiver covers the day of an instant: of the subject, or of everybody who then bears the post."""
        holding = [
            w for w in self.waivers
            if duty_id in w.duties and not w.suspends and w.from_ <= self.local_day(t) <= w.through
        ]  # fmt: skip
        if any(self.concerns(w, duty_id, s) for w in holding):
            return True
        if s.person is not None or role is None:
            return False
        roles = [role]
        named = self.bearers_of(roles, s.object, t) if s.object else self.bearers_of_area(roles, s.area or "", t)
        return bool(named) and set(named) <= {w.person for w in holding}

    # which records count

    def counting(self, duty_id: str, act: Any, role: str | None, s: Subject) -> list[Rec]:
        """The records that count for a subject, whatever their time (decisions 8, 9 and 11)."""
        others = self.allowed_roles(role, act.may_be_done_by)
        roles = [r for r in (role, *others) if r is not None]
        if s.kind == "bearer":
            found = self.matching(act.must, act.where, lambda r: [s.key])
            return [r for r in found if self.done_by_bearer(duty_id, r, s.key, role, others)]
        if s.kind == "object":
            assert s.object is not None
            here = s.object

            def leaders(r: Rec) -> list[str]:
                return [s.person] if s.person is not None else self.bearers_of([role] if role else [], here, r.low)

            found = [r for r in self.matching(act.must, act.where, leaders) if here in r.raw.objects]
            if s.person is not None:
                found = [r for r in found if s.person in r.raw.by]
            return [r for r in found if set(r.raw.by) & set(self.bearers_of(roles, here, r.low))]
        assert s.area is not None
        place = s.area

        def area_leaders(r: Rec) -> list[str]:
            return [s.person] if s.person is not None else self.bearers_of_area([role] if role else [], place, r.low)

        found = self.matching(act.must, act.where, area_leaders)
        if getattr(act, "covers", None) is not None:
            found = [r for r in found if self.names_every_object(duty_id, r, place)]
        return [r for r in found if self.done_in_area(duty_id, r, s, roles)]

    def names_every_object(self, duty_id: str, r: Rec, area: str) -> bool:
        """Whether a record names every object that is in scope in an area then (decision 47)."""
        there = [
            o for o in self.objects if area in self.around(o) and holds_instant(self.object_scope(duty_id, o), r.low)
        ]
        return set(there) <= set(r.raw.objects)

    def done_by_bearer(self, duty_id: str, r: Rec, person: str, role: str | None, others: list[str]) -> bool:
        t = r.low
        his = [
            o for o in self.objects
            if person in self.bearers_of([role] if role else [], o, t)
            and holds_instant(self.object_scope(duty_id, o), t)
        ]  # fmt: skip
        if person not in r.raw.by:
            # His deputy must be the deputy for an object that he bears himself.
            his = [o for o in his if set(r.raw.by) & set(self.bearers_of(others, o, t))]
        if not his:
            return False
        # Where objects are named, they decide; an area beside them only says where they lie.
        return any(self.reaches(r, o) for o in his)

    def done_in_area(self, duty_id: str, r: Rec, s: Subject, roles: list[str]) -> bool:
        assert s.area is not None
        by = {s.person} & set(r.raw.by) if s.person is not None else set(r.raw.by)
        over = bool(by & set(self.bearers_of_area(roles, s.area, r.low)))
        if r.raw.area is not None and s.area in self._ancestors(r.raw.area) and over:
            return True
        for o in r.raw.objects:
            if o in self.objects and s.area in self.around(o) and holds_instant(self.object_scope(duty_id, o), r.low):
                if over or by & set(self.bearers_of(roles, o, r.low)):
                    return True
        return False

    def reaches(self, r: Rec, object_id: str) -> bool:
        """The objects it names; only an area, the objects in it; neither, all (decision 40)."""
        if r.raw.objects:
            return object_id in r.raw.objects
        return r.raw.area is None or r.raw.area in self.around(object_id)

    def reaches_subject(self, duty_id: str, role: str | None, r: Rec, s: Subject) -> bool:
        """A bearer is reached through an object in scope that he bears, an area through what lies in or around it."""
        if s.object is not None:
            return self.reaches(r, s.object)
        if s.area is not None:
            if not r.raw.objects:
                return (
                    r.raw.area is None or s.area in self._ancestors(r.raw.area) or r.raw.area in self._ancestors(s.area)
                )
            return any(s.area in self.around(o) for o in r.raw.objects)
        return any(
            self.reaches(r, o) and holds_instant(self.object_scope(duty_id, o), r.low)
            and s.key in self.bearers_of([role or ""], o, r.low)
            for o in self.objects
        )  # fmt: skip

    def periods_for(self, duty_id: str, key: str, s: Subject) -> list[Span]:
        """The occurrences of a season or named period for a subject: records may declare a period for a place only."""
        period = self.plan.calendar.named_periods.get(key)
        if period is None or not period.opened_by:
            return self.occurrences(key)
        return self.declared(duty_id, key, s)

    # working days

    def _working(self, day: date) -> bool | None:
        """Whether a day is worked; ``None`` in a year that nobody has published (decision 44)."""
        year = self.plan.calendar.years.get(day.year)
        if year is not None:
            if day in year.make_up_days:
                return True
            return day.weekday() < 5 and not any(h.from_ <= day <= h.through for h in year.holidays)
        if self.plan.calendar.working_days == "weekdays":
            return day.weekday() < 5
        if self.plan.calendar.working_days != "china" or not published(day.year):
            return None
        return bool(chinese_calendar.is_workday(day))

    # seasons and named periods

    def _occurrences(self, key: str) -> list[Span]:
        """Each stretch of a season, of its complement, or of a named period."""
        if key in self.plan.seasons:
            return self.season(key)
        if key in self.plan.calendar.named_periods:
            return self.named_period(key)
        taken = union(self.season(key.removeprefix("non_")))
        return minus([(-FAR, FAR)], taken)

    def season(self, name: str) -> list[Span]:
        season = self.plan.seasons[name]
        years = {*range(self.first_year, self.last_year + 1)} if season.every_year else set()
        out = []
        for year in sorted(years | set(season.in_year)):
            days = self.season_days(season, year)
            if days is None or days[0] > days[1]:
                continue
            first, last = days
            if season.snap == "month":
                first = first.replace(day=1)
                last = last.replace(day=month_lengths.monthrange(last.year, last.month)[1])
            out.append(self.days_span(first, last))
        return sorted(out)

    def season_days(self, season: Any, year: int) -> tuple[date, date] | None:
        first = last = None
        if season.every_year:
            first, last = yearly(season.every_year, year)
        decision = season.in_year.get(year)
        if decision is not None and (decision.decided is None or self.start(decision.decided + DAY) <= self.known):
            opening = decision.from_ or (season.every_year and season.every_year.from_)
            if decision.from_ is not None:
                first = decision.from_ if isinstance(decision.from_, date) else decision.from_.in_year(year)
            if isinstance(decision.through, date):
                last = decision.through
            elif decision.through is not None:
                crosses = (
                    not isinstance(opening, date) and opening is not None and key_of(decision.through) < key_of(opening)
                )
                last = decision.through.in_year(year + crosses)
        return (first, last) if first and last else None

    def named_period(self, name: str) -> list[Span]:
        period = self.plan.calendar.named_periods[name]
        years = range(self.first_year, self.last_year + 1)
        if period.every_year:
            return [self.days_span(*yearly(period.every_year, y)) for y in years]
        if period.holidays:
            return sorted(self.days_span(*h) for y in years for h in self.holidays(y, period.holidays))
        return []

    def time_of(self, duty_id: str, key: str, s: Subject) -> Spans:
        """The time of a season or named period, as a limit of scopes."""
        # The next one may yet be announced or declared, so that none is ever the last.
        return union([*self.periods_for(duty_id, key, s), (self.start(date(self.last_year + 2, 1, 1)), FAR)])

    def declared(self, duty_id: str, name: str, s: Subject) -> list[Span]:
        """A period that records open and close; a date opens it at its beginning and closes it at its end."""
        period = self.plan.calendar.named_periods[name]
        about = [
            r for r in self.records
            if ((s.object is None and s.area is None) or self.reaches_subject(duty_id, None, r, s))
            and self.names_period(r, period, name)
        ]  # fmt: skip
        if s.object is None and s.area is None:
            # A period that is declared for an object is declared for whoever bears it, while he does.
            return union(span for o in self.objects for span in self.declared_for_bearer(duty_id, period, about, s, o))
        return self.opened_and_closed(period, about)

    def declared_for_bearer(self, duty_id: str, period: Any, about: list[Rec], s: Subject, object_id: str) -> Spans:
        role = self.plan.duties[duty_id].role
        held = union(
            self.days_span(t.from_, t.through) for t in self.roster.tenures
            if t.role == role and t.person == s.key and self.covers(t, object_id)
        )  # fmt: skip
        declared = self.opened_and_closed(period, [r for r in about if self.reaches(r, object_id)])
        return both(both(declared, held), self.object_scope(duty_id, object_id))

    def opened_and_closed(self, period: Any, about: list[Rec]) -> Spans:
        out = []
        for r in about:
            if r.event == period.opened_by:
                ends = [
                    c.high + 1 if c.dated else c.low for c in about if c.event == period.closed_by and c.high > r.low
                ]
                out.append((r.low, min(ends, default=FAR)))
        return union(out)

    def names_period(self, r: Rec, period: Any, name: str) -> bool:
        """The shared events say which period is meant; one that names none is about all (decision 49)."""
        return period.opened_by != "period_opened" or r.raw.attributes.get("period", name) == name

    def holidays(self, year: int, names: Sequence[str]) -> list[tuple[date, date]]:
        given = self.plan.calendar.years.get(year)
        if given is not None:
            return [(h.from_, h.through) for h in given.holidays if h.name in names]
        if self.plan.calendar.working_days != "china" or not published(year):
            return []
        out: list[tuple[date, date]] = []
        for name in names:
            days = sorted(
                d for d, n in chinese_calendar.constants.holidays.items()
                if d.year == year and n == chinese_calendar.Holiday[name].value
            )  # fmt: skip
            for d in days:
                if out and out[-1][1] + DAY == d and out[-1][0] in days:
                    out[-1] = (out[-1][0], d)
                else:
                    out.append((d, d))
        return out

    # lengths of time

    def add(self, day: date, amount: int, unit: str) -> date:
        """A date so many days, weeks, months or years later; at month's end where the day is missing."""
        try:
            return day + relativedelta(**{unit: amount})
        except (OverflowError, ValueError):
            return date(9990, 1, 1) if amount > 0 else date(2, 1, 1)

    def figure(self, s: Subject, name: str, window: Spans) -> int | None:
        """A number of the roster: its value at the start of the window, or the first inside it (decision 12)."""
        holder: Any
        if s.kind == "bearer":
            holder = next((p for p in self.roster.persons if p.id == s.key), None)
        else:
            holder = self.objects[s.object] if s.object is not None else self.areas[s.area or ""]
        if holder is None:
            return None
        values = sorted(self.dated_values(holder, name), key=lambda v: v[0])
        start, end = window[0][0], window[-1][1]
        found = next((v for a, b, v in values if a <= start < b), None)
        if found is None:
            found = next((v for a, b, v in values if start <= a < end), None)
        return as_count(found)


def patterns_of(given: Any) -> tuple[Any, ...]:
    return () if given is None else tuple(given) if isinstance(given, (tuple, list)) else (given,)


def dated_years(plan: Plan, roster: Roster) -> list[int]:
    """The last years that the plan and the roster name, so that seasons are laid out beyond them."""
    spans: list[Any] = [*roster.objects, *roster.tenures, plan.plan.in_force]
    for holder in (*roster.objects, *roster.areas, *roster.persons):
        spans += [v for values in holder.attributes.values() for v in values]
        spans += getattr(holder, "states", ())
    return [d.year for s in spans for d in (s.from_, s.through) if d is not None]


def as_count(value: Any) -> int | None:
    if isinstance(value, bool) or value is None:
        return None
    try:
        number = float(value)
    except (TypeError, ValueError):
        return None
    return int(number) if number == int(number) and number >= 0 else None


def value_at(values: list[tuple[int, int, Any]], t: int) -> Any:
    return next((v for s, e, v in values if s <= t < e), None)


def key_of(day: Any) -> tuple[int, int]:
    return (day.month, day.day or 31)


def yearly(rule: Any, year: int) -> tuple[date, date]:
    """The days of a rule that begin in a year; they may end in the next."""
    crosses = key_of(rule.through) < key_of(rule.from_)
    return rule.from_.in_year(year), rule.through.in_year(year + crosses)


@cache
def published(year: int) -> bool:
    return any(d.year == year for d in chinese_calendar.constants.holidays)


def readable(value: Any, kind: Any) -> Any:
    """A value as its attribute's type understands it; ``None`` where it is missing or cannot be read so."""
    if value is None or value == "":
        return None
    if isinstance(kind, tuple):
        return kind.index(str(value)) if str(value) in kind else None
    if kind in ("number", "integer"):
        try:
            return None if isinstance(value, bool) else float(value)
        except (TypeError, ValueError):
            return None
    if kind == "boolean":
        text = str(value).strip().lower()
        return True if text in ("true", "1", "yes", "是") else False if text in ("false", "0", "no", "否") else None
    return str(value)


def satisfies(condition: Any, value: Any, kind: Any, bearers: list[str]) -> bool:
    """One condition on one value; a missing value satisfies none."""
    have = readable(value, kind)
    if have is None:
        return False
    if condition.one_of is not None:
        named = [readable(v, kind) for v in condition.one_of if not (v == "bearer" and kind == "person")]
        if kind == "person" and "bearer" in condition.one_of:
            named += bearers
        if have not in named:
            return False
    return (
        (condition.at_least is None or have >= readable(condition.at_least, kind))
        and (condition.at_most is None or have <= readable(condition.at_most, kind))
        and (condition.over is None or have > readable(condition.over, kind))
        and (condition.under is None or have < readable(condition.under, kind))
    )


# ------------------------------------------------------------------------------------------------------------- counts


def surely_in(r: Rec, spans: Spans) -> bool:
    """A date counts for certain where its whole day lies in one piece (decision 4)."""
    return r.sure and any(s <= r.low and r.high < e for s, e in spans)


def maybe_in(r: Rec, spans: Spans) -> bool:
    return any(s <= r.high and r.low < e for s, e in spans)


@dataclass
class Count:
    """How much was counted, as amounts that grow record by record."""

    steps: list[tuple[Rec, int]] = field(default_factory=list)
    """Each record that counted, and the amount reached with it."""

    @property
    def amount(self) -> int:
        return self.steps[-1][1] if self.steps else 0

    def reached(self, required: int) -> Rec | None:
        return next((r for r, n in self.steps if n >= required), None)


def count(case: Case, records: list[Rec], unit: str, apart: Duration | None, spans: Spans, sure: bool) -> Count:
    """What counts in a window, for certain or possibly. Hours are counted in microseconds."""
    chosen = [r for r in records if (surely_in(r, spans) if sure else maybe_in(r, spans))]
    if unit == "working_days":
        chosen = [r for r in chosen if case.working(r.day) is True or (not sure and case.working(r.day) is None)]
    if apart is not None:
        chosen = keep_apart(case, chosen, apart, sure)
    out = Count()
    if unit == "hours":
        return count_hours(chosen, sure)
    days: set[date] = set()
    for r in chosen:
        if unit == "events" or r.day not in days:
            days.add(r.day)
            out.steps.append((r, out.amount + 1))
    return out


def count_hours(chosen: list[Rec], sure: bool) -> Count:
    """Durations, overlaps once; without an end nothing for certain and any length possibly (decision 19)."""
    out = Count()
    covered: Spans = []
    for r in chosen:
        if sure and r.until is None:
            continue
        start = r.high if sure else r.low
        end = r.until if r.until is not None else (start if sure else FAR)
        covered = union([*covered, (start, end)])
        out.steps.append((r, sum(e - s for s, e in covered)))
    return out


def keep_apart(case: Case, chosen: list[Rec], apart: Duration, sure: bool) -> list[Rec]:
    """A record less than D after the last counted one is ignored, earliest first (decision 18)."""
    left = sorted(chosen, key=lambda r: (r.high if sure else r.low, r.high, r.id))
    out: list[Rec] = []
    last: int | None = None
    while left:
        # Where only a day is known, certain is what holds at every hour and possible what holds at one.
        times = [(at, r.high, r.id, r) for r in left if (at := next_time(case, r, last, apart, sure)) is not None]
        if not times:
            break
        at, _, _, r = min(times, key=lambda t: t[:3])
        out.append(r)
        left.remove(r)
        last = at
    return out


def next_time(case: Case, r: Rec, last: int | None, apart: Duration, sure: bool) -> int | None:
    """The instant to which a record is put after the last counted one, if it is far enough from it."""
    if last is None:
        return r.high if sure else r.low
    if apart.unit in ("minutes", "hours"):
        free = last + exact(apart)
        if sure:
            return r.high if r.low >= free else None
        return max(r.low, free) if r.high >= free else None
    first = apart_day(case, case.local_day(last), apart, sure)
    if first is None or r.day < first:
        return None
    return r.high if sure else r.low


def apart_day(case: Case, day: date, apart: Duration, sure: bool) -> date | None:
    """The first date that is far enough from a date; dates are compared (decision 18)."""
    assert isinstance(apart.amount, int)
    if apart.unit != "working_days":
        return case.add(day, apart.amount, apart.unit)
    return nth_working_day(case, day, apart.amount, optimistic=not sure)[0]


def nth_working_day(case: Case, day: date, n: int, optimistic: bool) -> tuple[date | None, bool]:
    """The N-th working day after a day, and whether it is certain. Unpublished days are all worked, if optimistic."""
    certain = True
    while n > 0:
        day += DAY
        works = case.working(day)
        if works is None:
            certain = False
            if not optimistic:
                return None, False
        n -= works is not False
    return day, certain


def exact(d: Duration) -> int:
    assert isinstance(d.amount, int)
    return d.amount * (HOUR if d.unit == "hours" else HOUR // 60)


def scaled(unit: str, required: int) -> int:
    return required * HOUR if unit == "hours" else required


# ----------------------------------------------------------------------------------------------------------- minimums


@dataclass
class Demand:
    """A minimum: what is owed, where it counts for certain and where possibly, and what else decides the verdict."""

    duty: str
    subject: Subject
    id: str
    spans: Spans
    unit: str
    required: int | None
    records: list[Rec]
    events: Sequence[str]
    cut: str | None = None
    maybe: Spans | None = None
    """Where it possibly counts, if that is wider (decisions 5 and 44)."""
    start: int | None = None
    """Where the window begins, if its pieces for certain do not say it."""
    passes: int | None = None
    """The instant from which the deadline has passed for certain."""
    limit: int | None = None
    """The last instant that counts, for limits in hours and minutes."""
    undecidable_from: int = FAR
    """From when on nothing can be said, for want of a calendar (decision 44)."""
    apart: Duration | None = None
    late: list[Rec] = field(default_factory=list)
    """The records that may make it up afterwards, in order of time."""
    late_needed: bool = False
    lapse_sure: Rec | None = None
    lapse_maybe: bool = False
    trigger: str | None = None
    trigger_sure: bool = True
    unknown: bool = False
    role: str | None = None
    """Who answers for it, if not the role of the duty (steps of a chain)."""
    opened_by_deadline: bool = False
    """A window that a deadline opens is there as soon as that has passed (decisions 2 and 32)."""
    sure: Count | None = None
    possible: Count | None = None
    best: int | None = None
    """How much could still be reached, where windows share their records."""

    @property
    def begin(self) -> int:
        return self.start if self.start is not None else self.spans[0][0]

    @property
    def end(self) -> int:
        return self.passes if self.passes is not None else self.spans[-1][1]

    @property
    def deadline(self) -> int:
        return self.limit if self.limit is not None else self.end


def settle(case: Case, d: Demand) -> Judged | None:
    """The verdict of a minimum."""
    if not case.listed(d.begin) and not (d.opened_by_deadline and d.begin <= case.now):
        return None
    early, perhaps = d.records, d.records
    if d.lapse_sure is not None:
        # What is done after the lapse answers an obligation that has fallen away already (decision 27).
        early = [r for r in d.records if r.high <= d.lapse_sure.low]
        perhaps = [r for r in d.records if r.low <= d.lapse_sure.high]
    sure = d.sure or count(case, early, d.unit, d.apart, d.spans, True)
    possible = d.possible or count(case, perhaps, d.unit, d.apart, d.maybe or d.spans, False)
    if d.end >= FAR and d.required:
        # Without a deadline an answer is complete with the record that completes it (decision 27).
        done = next((i for i, (_, n) in enumerate(sure.steps) if n >= scaled(d.unit, d.required)), len(sure.steps))
        sure = Count(sure.steps[: done + 1])
    amount = sure.amount // HOUR if d.unit == "hours" else sure.amount
    out = Judged(
        id=d.id, duty=d.duty, subject=d.subject.key, start=case.show(d.begin), end=case.show_end(d.end), cut=d.cut,
        trigger=d.trigger, required=d.required, counted=amount, evidence=[r.id for r, _ in sure.steps],
    )  # fmt: skip
    owed = None if d.required is None else scaled(d.unit, d.required)
    late = [r for r in d.late if r.sure]
    missing = 0 if owed is None else owed - sure.amount
    if d.unit == "hours" and owed is not None and late:
        # Durations add up: made up with the record after which all of them together are enough.
        steps = count(case, d.records, "hours", None, union([*d.spans, (d.end, FAR)]), True).steps
        enough = next((i for i, (_, n) in enumerate(steps) if n >= owed), None)
        late = [r for r, _ in steps[: enough + 1]] if enough is not None else []
        missing = len(late) or 1
    out.verdict = minimum_verdict(case, d, owed, sure, possible, late, missing)
    if out.verdict == "met" and owed is not None:
        reached = sure.reached(owed)
        out.settled_at = when(case, reached) if reached else None
    elif out.verdict == "met_late":
        out.settled_at = when(case, late[missing - 1])
        out.evidence += [r.id for r in late[:missing] if r.id not in out.evidence]
    elif out.verdict == "violated":
        out.settled_at = case.show(d.deadline)
        out.violations = [(case.show(d.deadline), None)]
    elif out.verdict == "not_applicable" and d.lapse_sure is not None and owed != 0:
        out.settled_at = when(case, d.lapse_sure)
    case.found[out.id] = out
    return out


def minimum_verdict(
    case: Case, d: Demand, owed: int | None, sure: Count, possible: Count, late: list[Rec], missing: int
) -> str:
    if d.unknown:
        return "unknown"
    if owed == 0:
        return "not_applicable"
    if d.lapse_sure is not None and owed is not None and sure.amount < owed:
        return "unknown" if possible.amount >= owed else "not_applicable"
    if owed is not None and sure.amount >= owed:
        return "met"
    if case.now >= d.undecidable_from:
        return "unknown"
    if case.now < d.end:
        return "cannot_be_met" if owed is not None and out_of_reach(case, d, owed) else "pending"
    if owed is None or possible.amount >= owed or d.lapse_maybe or not d.trigger_sure:
        return "unknown"
    if case.complete_to(d.events) < d.end:
        return "unknown"
    if len(late) >= missing:
        return "met_late"
    return (
        "waived" if case.waived(d.duty, d.subject, d.end - 1, d.role or case.plan.duties[d.duty].role) else "violated"
    )


def when(case: Case, r: Rec) -> datetime | date:
    return r.day if r.dated else case.show(r.low)


def out_of_reach(case: Case, d: Demand, owed: int) -> bool:
    """Whether no possible future can meet an open window, with all that could still be recorded (decision 37)."""
    if not case.listed(d.begin) or d.unit == "hours" or (d.unit == "events" and d.apart is None):
        return False
    if d.end >= FAR or d.undecidable_from < FAR:
        return False
    if d.best is not None:
        return d.best < owed
    spans = d.maybe or d.spans
    free = both(spans, [(case.complete_to(d.events), FAR)])
    records = [r for r in d.records if maybe_in(r, spans)]
    if d.unit == "working_days":
        records = [r for r in records if case.working(r.day) is not False]
    if d.apart is not None and d.apart.unit in ("minutes", "hours"):
        return most_apart(case, d, records, free, owed) < owed
    days = case.days_in(free)
    if d.unit == "working_days":
        days = [day for day in days if case.working(day) is not False]
    candidates = sorted({*days, *(r.day for r in records)})
    if d.apart is None:
        return len(candidates) < owed
    taken: list[date] = []
    for day in candidates:
        first = apart_day(case, taken[-1], d.apart, False) if taken else day
        if first is not None and day >= first:
            taken.append(day)
    return len(taken) < owed


def most_apart(case: Case, d: Demand, records: list[Rec], free: Spans, owed: int) -> int:
    """How many could be counted at least so many hours apart: at each step the earliest that is possible."""
    assert d.apart is not None
    step, last, left = exact(d.apart), None, list(records)
    days: set[date] = set()
    number = 0
    while number < owed:
        options = [(max(r.low, last + step) if last is not None else r.low, r) for r in left]
        times = [
            (at, r) for at, r in options if at <= r.high and (d.unit == "events" or case.local_day(at) not in days)
        ]
        new = [max(s, last + step) if last is not None else s for s, e in free if last is None or last + step < e]
        if d.unit != "events":
            new = [t for t in (free_day(case, d, t, free, days) for t in new) if t is not None]
        found = min([t for t, _ in times] + new, default=None)
        if found is None:
            break
        left = [r for r in left if (found, r) not in times]
        days.add(case.local_day(found))
        last, number = found, number + 1
    return number


def free_day(case: Case, d: Demand, t: int, free: Spans, days: set[date]) -> int | None:
    """The first free instant from ``t`` on whose day is not taken yet (and may be worked)."""
    for day in case.days_in(both(free, [(t, FAR)])):
        if day not in days and (d.unit == "days" or case.working(day) is not False):
            return max(t, case.start(day))
    return None


# ----------------------------------------------------------------------------------------------------- counted duties


@dataclass
class Window:
    """What remains of one calendar period."""

    key: str
    quantity: Quantity
    spans: Spans
    whole: Span
    cut: str | None

    @property
    def begin(self) -> int:
        return self.spans[0][0]

    @property
    def end(self) -> int:
        return self.spans[-1][1]


def counted(case: Case, name: str, duty: CountDuty) -> None:
    if duty.adds_to is not None:
        return
    adding = [(n, d) for n, d in case.plan.duties.items() if isinstance(d, CountDuty) and d.adds_to == name]
    if adding:
        shared(case, [(name, duty), *adding])
        return
    for subject in case.subjects(name, duty):
        records = case.counting(name, duty, duty.role, subject)
        demands = per_window_demands(case, name, duty, subject, records)
        if duty.late:
            make_up(case, demands, records)
        for d in demands:
            settle(case, d)
        for side in ("at_least", "at_most"):
            for key, quantity in (getattr(duty, side) or {}).items():
                if side == "at_most" or not quantity.per:
                    standing(case, name, duty, subject, records, side, key, quantity)


def per_window_demands(case: Case, name: str, duty: CountDuty, subject: Subject, records: list[Rec]) -> list[Demand]:
    windows = [
        w
        for key, quantity in (duty.at_least or {}).items()
        if quantity.per
        for w in windows_of(case, name, duty, subject, key, quantity, duty.cut_windows is not None)
    ]
    out = []
    for w, owed in owing(case, duty, subject, windows):
        out.append(
            Demand(
                duty=name, subject=subject,
                id=f"{name}/{subject.key}/{case.tail(w.begin)}{entry(case, w.key)}{subject.tail}",
                spans=w.spans, unit=w.quantity.unit, required=owed, records=records, events=duty.must, cut=w.cut,
                apart=duty.apart,
            )
        )  # fmt: skip
    return out


def entry(case: Case, key: str) -> str:
    """The entry of a named period stands in the id; seasons cannot overlap and need it not."""
    return f"/{key}" if key in case.plan.calendar.named_periods else ""


def layers_of(case: Case, name: str, subject: Subject, key: str) -> list[tuple[str, Spans]]:
    if key == ALWAYS:
        return subject.layers
    return [("season", case.time_of(name, key, subject)), *subject.layers]


def windows_of(
    case: Case, name: str, duty: CountDuty, subject: Subject, key: str, quantity: Quantity, beyond: bool
) -> list[Window]:
    """The windows of one entry in order; ``beyond``: also some of those that begin after ``as_of``."""
    assert quantity.per is not None
    first = case.local_day(case.force[0])
    last = case.local_day(case.now) + (timedelta(days=900) if beyond else DAY)
    out = []
    for whole in periods(case, name, quantity.per, key, subject, first, last):
        narrowed = between(case, duty, whole)
        if narrowed is None:
            continue
        left: Spans = [narrowed]
        cut = None
        for layer, spans in layers_of(case, name, subject, key):
            less = both(left, spans)
            if less != left and cut is None:
                cut = layer
            left = less
        if left:
            out.append(Window(key, quantity, left, narrowed, cut))
    return out


def between(case: Case, duty: CountDuty, whole: Span) -> Span | None:
    """Only some days of the period, counted from 1."""
    if duty.between is None:
        return whole
    if whole[0] <= -FAR:
        return whole
    day = case.local_day(whole[0])
    start = case.start(day + timedelta(days=duty.between.from_day - 1))
    end = case.start(day + timedelta(days=duty.between.through_day))
    narrowed = (max(start, whole[0]), min(end, whole[1]))
    return narrowed if narrowed[0] < narrowed[1] else None


def periods(case: Case, name: str, per: Period, key: str, subject: Subject, first: date, last: date) -> list[Span]:
    """The calendar periods that touch the days from first through last, day by day."""
    if per.unit == "season" and not per.stepped:
        return case.occurrences(key)
    if per.unit in case.plan.calendar.named_periods:
        return case.periods_for(name, per.unit, subject)
    out = []
    day = first
    while day <= last:
        begin, after = period_of(case, per, day)
        out.append((case.start(begin), case.start(after)))
        day = after
    return out


def period_of(case: Case, per: Period, day: date) -> tuple[date, date]:
    """The period that holds a day: its first day, and the first day after it (decision 17)."""
    if per.anchor is not None:
        steps = 0
        while case.add(per.anchor, per.n * (steps + 1), per.unit) <= day:
            steps += 1
        while case.add(per.anchor, per.n * steps, per.unit) > day:
            steps -= 1
        return case.add(per.anchor, per.n * steps, per.unit), case.add(per.anchor, per.n * (steps + 1), per.unit)
    if per.unit == "day":
        return day, day + DAY
    if per.unit == "week":
        monday = day - day.weekday() * DAY
        return monday, monday + 7 * DAY
    if per.unit == "ten_days":
        begin = day.replace(day=1 if day.day <= 10 else 11 if day.day <= 20 else 21)
        return begin, begin + 10 * DAY if begin.day < 21 else day.replace(day=1) + relativedelta(months=1)
    months = per.n if per.stepped else {"month": 1, "quarter": 3, "half_year": 6, "year": 12}[per.unit]
    begin = date(day.year, (day.month - 1) // months * months + 1, 1)
    return begin, begin + relativedelta(months=months)


def owing(case: Case, duty: CountDuty, subject: Subject, windows: list[Window]) -> list[tuple[Window, int | None]]:
    """What each window owes, by ``cut_windows`` (decisions 12 to 16)."""
    policy = duty.cut_windows.kind if duty.cut_windows else "full"
    windows = sorted(windows, key=lambda w: (w.begin, w.end))
    if policy == "merge":
        return [(joined, amount_owed(case, subject, whole)) for joined, whole in merged(windows)]
    out = []
    for w in windows:
        owed = amount_owed(case, subject, w)
        if w.cut is not None:
            bounded = w.whole[0] > -FAR and w.whole[1] < FAR
            period = len(case.days_in([w.whole])) if bounded else 0
            length = len(case.days_in(w.spans)) if bounded else 0
            if policy == "prorate" and owed is not None and period:
                owed = -(-owed * length // period)
            if policy == "skip":
                below = duty.cut_windows.below if duty.cut_windows else None
                if below is None or length * below.denominator < below.numerator * period:
                    continue
        out.append((w, owed))
    return out


def amount_owed(case: Case, subject: Subject, w: Window) -> int | None:
    if isinstance(w.quantity.count, Figure):
        return case.figure(subject, w.quantity.count.from_, w.spans)
    return w.quantity.count


def merged(windows: list[Window]) -> list[tuple[Window, Window]]:
    """Each joined window with the one whose count it owes: cut ones that touch are gathered until a whole one follows;
    with no whole one after them they join the one before; with none at all the last one's count is owed (15)."""
    runs: list[list[Window]] = []
    for w in windows:
        if runs and runs[-1][-1].end == w.begin:
            runs[-1].append(w)
        else:
            runs.append([w])
    out = []
    for run in runs:
        groups: list[tuple[list[Window], Window]] = []
        waiting: list[Window] = []
        for w in run:
            waiting.append(w)
            if w.cut is None:
                groups.append((waiting, w))
                waiting = []
        if waiting and groups:
            groups[-1] = (groups[-1][0] + waiting, groups[-1][1])
        elif waiting:
            groups.append((waiting, waiting[-1]))
        for members, whole in groups:
            cut = next((w.cut for w in members if w.cut), None)
            spans = union(p for w in members for p in w.spans)
            out.append((replace(whole, spans=spans, cut=cut), whole))
    return out


def make_up(case: Case, demands: list[Demand], records: list[Rec]) -> None:
    """What later windows have to spare, and records outside every window, make up earlier shortfalls (decision 21)."""
    demands = sorted(demands, key=lambda d: (d.end, d.begin))
    spare: list[Rec] = []
    for d in demands:
        steps = count(case, records, d.unit, d.apart, d.spans, True).steps
        spare += [r for r, _ in steps[d.required or 0 :]] if d.required is not None else []
    spare += [r for r in records if r.sure and not any(maybe_in(r, d.spans) for d in demands)]
    spare.sort(key=lambda r: (r.low, r.high, r.id))
    for d in demands:
        if d.required is None or case.now < d.end:
            continue
        counted_ = count(case, records, d.unit, d.apart, d.spans, True)
        days = {r.day for r, _ in counted_.steps}
        for r in spare:
            if len(d.late) >= d.required - counted_.amount:
                break
            worked = d.unit != "working_days" or case.working(r.day) is True
            if r.low >= d.end and worked and (d.unit == "events" or r.day not in days):
                d.late.append(r)
                days.add(r.day)
        spare = [r for r in spare if r not in d.late]


def shared(case: Case, group: list[tuple[str, CountDuty]]) -> None:
    """Windows that share their records: served in order of their deadline, one unit at a time (decision 20)."""
    by_subject: dict[tuple[str, str], list[tuple[int, Demand]]] = {}
    for rank, (name, duty) in enumerate(group):
        for subject in case.subjects(name, duty):
            records = case.counting(name, duty, duty.role, subject)
            for d in per_window_demands(case, name, duty, subject, records):
                by_subject.setdefault((subject.key, subject.tail), []).append((rank, d))
    for ranked in by_subject.values():
        ordered = [d for _, d in sorted(ranked, key=lambda p: (p[1].end, p[0], p[1].begin))]
        sure = serve(case, ordered, sure=True, future=False)
        possible = serve(case, ordered, sure=False, future=False)
        best = serve(case, ordered, sure=False, future=True)
        for d, s, p, b in zip(ordered, sure, possible, best, strict=True):
            d.sure = Count([(r, i) for i, r in enumerate(sorted(s, key=lambda r: (r.low, r.high, r.id)), 1)])
            d.possible = Count([(r, i) for i, r in enumerate(p, 1)])
            d.best = len(b)
            settle(case, d)


def serve(case: Case, demands: list[Demand], sure: bool, future: bool) -> list[list[Rec]]:
    """Which records serve which window: a flow from the windows over their days to the records.

    A record is used once; a day counts once in a window of days. A unit is served if what has been served so far
    and it can all be served together. ``future`` adds a record on every day that is still free.
    """
    options: list[dict[Any, list[Any]]] = []
    records: dict[Any, Rec] = {}
    for d in demands:
        days: dict[Any, list[Any]] = {}
        for r in d.records:
            if not (surely_in(r, d.spans) if sure else maybe_in(r, d.spans)):
                continue
            works = case.working(r.day) if d.unit == "working_days" else True
            if works is False or (sure and works is None):
                continue
            records[r.id] = r
            days.setdefault(r.id if d.unit == "events" else r.day, []).append(r.id)
        if future:
            for day in case.days_in(
                both(d.spans, [(case.complete_to(d.events), case.start(case.local_day(case.now) + 800 * DAY))])
            ):
                if d.unit == "events":
                    continue
                if d.unit == "days" or case.working(day) is not False:
                    days.setdefault(day, []).append((id(d), day))
        options.append(days)
    used: dict[Any, tuple[int, Any]] = {}
    filled: dict[tuple[int, Any], Any] = {}

    def give(window: int, visited: set[Any]) -> bool:
        """Find one more unit for a window."""
        return any(fill((window, day), visited) for day in options[window] if (window, day) not in filled)

    def fill(slot: tuple[int, Any], visited: set[Any]) -> bool:
        """Fill a day of a window with a record, moving another window's unit elsewhere where that is needed."""
        for record in options[slot[0]][slot[1]]:
            if record in visited:
                continue
            visited.add(record)
            holder = used.get(record)
            if holder is None or move(holder, visited):
                used[record], filled[slot] = slot, record
                return True
        return False

    def move(slot: tuple[int, Any], visited: set[Any]) -> bool:
        """Let a unit leave its record: to another record of the same day, or to another day of its window."""
        if fill(slot, visited):
            return True
        if give(slot[0], visited):
            del filled[slot]
            return True
        return False

    number = [0] * len(demands)
    for i, d in enumerate(demands):
        while number[i] < (d.required or 0) and give(i, set()):
            number[i] += 1
    return [[records.get(r) for (w, _), r in filled.items() if w == i] for i in range(len(demands))]


# ---------------------------------------------------------------------------------------------------- standing counts


@dataclass
class Breach:
    """From when until when; ``FAR`` while it goes on."""

    start: int
    end: int


def conclude(
    case: Case, name: str, subject: Subject, scope: Spans, suffix: str, sure: list[Breach], maybe: list[int],
    complete: int, counted_: int = 0, required: int | None = None, evidence: Sequence[str] = (),
    closes: int | None = None,
) -> None:  # fmt: skip
    """The verdict of a duty with breaches (decision 22): violated from the first, pending while open, then met.

    ``closes`` is when the subject's time ends, where days that nobody has published may come before that.
    """
    begin, end = scope[0][0], scope[-1][1] if closes is None else FAR
    if not case.listed(begin):
        return
    sure = sorted(sure, key=lambda b: (b.start, b.end))
    unwaived = [b for b in sure if not case.waived(name, subject, b.start, case.plan.duties[name].role)]
    out = Judged(
        id=f"{name}/{subject.key}/{case.tail(begin)}{suffix}", duty=name, subject=subject.key, start=case.show(begin),
        end=case.show_end(end), required=required, counted=counted_, evidence=list(evidence),
    )  # fmt: skip
    out.violations = [(case.show(b.start), case.show_end(b.end)) for b in unwaived]
    if unwaived:
        out.verdict, out.settled_at = "violated", case.show(unwaived[0].start)
    elif any(not case.waived(name, subject, t, case.plan.duties[name].role) for t in maybe):
        out.verdict = "unknown"
    elif closes is not None and closes <= case.now:
        out.verdict = "unknown"  # Holidays that nobody has published may have come before (decision 38).
    elif end > case.now or closes is not None:
        out.verdict = "pending"  # A further breach may come that nobody has excused.
    elif sure:
        out.verdict = "waived"
    elif maybe or complete < end:
        out.verdict = "unknown"
    else:
        out.verdict, out.settled_at = "met", case.show(end)
    case.found[out.id] = out


def standing(
    case: Case,
    name: str,
    duty: CountDuty,
    subject: Subject,
    records: list[Rec],
    side: str,
    key: str,
    quantity: Quantity,
) -> None:
    """A ceiling, a greatest gap or a sliding count: one obligation over the time in scope."""
    scope: Spans = [(-FAR, FAR)]
    for _, spans in layers_of(case, name, subject, key):
        scope = both(scope, spans)
    if not scope:
        return
    suffix = entry(case, key) + subject.tail
    if side == "at_most" and duty.at_least:
        suffix += "/at_most"
    complete = case.complete_to(duty.must)
    if quantity.per:
        sure, maybe = ceiling(case, name, duty, subject, records, key, quantity)
    elif quantity.every:
        sure, maybe = greatest_gap(case, duty, subject, records, scope, quantity.every, complete)
    elif side == "at_least":
        sure, maybe = sliding_minimum(case, duty, subject, records, scope, quantity, complete)
    else:
        sure, maybe = sliding_ceiling(case, duty, subject, records, scope, quantity)
    nothing = not sure and not maybe and asks_nothing(case, subject, scope, side, quantity, records)
    owed = quantity.count if isinstance(quantity.count, int) else None
    number = count(case, records, quantity.unit, duty.apart, scope, True).amount
    number = number // HOUR if quantity.unit == "hours" else number
    closes = None
    period = case.plan.calendar.named_periods.get(key)
    if period is not None and period.holidays and case.plan.calendar.working_days == "china":
        year = case.local_day(scope[0][0]).year
        while published(year) or year in case.plan.calendar.years:
            year += 1
        closes = subject.scope[-1][1] if subject.scope[-1][1] > case.start(date(year, 1, 1)) else None
    conclude(case, name, subject, scope, suffix, sure, maybe, complete, number, owed, closes=closes)
    judged = case.found.get(f"{name}/{subject.key}/{case.tail(scope[0][0])}{suffix}")
    if nothing and judged is not None and judged.verdict != "pending":
        judged.verdict, judged.settled_at = "not_applicable", None


def ceiling(
    case: Case, name: str, duty: CountDuty, subject: Subject, records: list[Rec], key: str, quantity: Quantity
) -> tuple[list[Breach], list[int]]:
    """One breach per window, from the first record over the number to the window's end (decisions 22 and 42)."""
    out: list[Breach] = []
    maybe: list[int] = []
    for w in windows_of(case, name, duty, subject, key, quantity, False):
        if not case.listed(w.begin):
            continue
        most = amount_owed(case, subject, w)
        if most is None:
            # Without its figure nothing can be said once the window has closed (decision 51).
            maybe += [w.end] if w.end <= case.now else []
            continue
        over = scaled(quantity.unit, most) + 1
        found = count(case, records, quantity.unit, duty.apart, w.spans, True).reached(over)
        if found is not None:
            out.append(Breach(found.low, w.end if w.end <= case.now else FAR))
        else:
            possible = count(case, records, quantity.unit, duty.apart, w.spans, False).reached(over)
            maybe += [possible.low] if possible is not None else []
    return out, maybe


def greatest_gap(
    case: Case, duty: CountDuty, subject: Subject, records: list[Rec], scope: Spans, every: Duration, complete: int
) -> tuple[list[Breach], list[int]]:
    """Each gap that is exceeded; the clock starts with each piece of the scope and with each record (decision 23).

    For certain only what all possible records leave open, and only as far as the records are complete.
    """
    out: list[Breach] = []
    maybe: list[int] = []
    for piece in scope:
        if piece[0] >= case.now:
            continue
        certain = gaps(case, subject, [r for r in records if maybe_in(r, [piece])], piece, every, certain=True)
        out += [b for late, b in certain if late <= complete]
        possible = gaps(case, subject, [r for r in records if surely_in(r, [piece])], piece, every, certain=False)
        starts = [piece[0], *(max(piece[0], t) for r in records if maybe_in(r, [piece]) for t in (r.low, r.high))]
        maybe += [t for t in starts if t < case.now and number_at(case, subject, every.amount, (t, piece[1])) is None]
        settled = [b for late, b in certain if late <= complete]
        for _, b in possible:
            if not any((c.start <= b.start and b.end <= c.end) or (b.start <= c.start < b.end) for c in settled):
                maybe.append(b.start)
    return out, maybe


def number_at(case: Case, subject: Subject, number: int | Figure, span: Span) -> int | None:
    """A number, or what the roster says at the beginning of a span, or else first inside it (decision 12)."""
    return case.figure(subject, number.from_, [span]) if isinstance(number, Figure) else number


def gaps(
    case: Case, subject: Subject, records: list[Rec], piece: Span, every: Duration, certain: bool
) -> list[tuple[int, Breach]]:
    """The gaps of one piece, each with its first instant that is too late."""
    out = []
    if certain:
        # At the kindest hour a record of which only the day is known came last.
        records = sorted(records, key=lambda r: (r.high, r.id))
    late, start = due(case, subject, piece, piece[0], None, every)
    for r in [*records, None]:
        # Certain: the record came as early as it can have; otherwise as late.
        at = piece[1] if r is None else (r.low if certain else r.high)
        reached = late <= min(at, case.now) if r is None else late <= at
        if reached and late <= case.now and late <= piece[1]:
            end = at if at <= case.now else FAR
            out.append((late, Breach(start, end)))
        if r is not None:
            late, start = due(case, subject, piece, max(piece[0], r.high if certain else r.low), r, every)
    return out


def due(case: Case, subject: Subject, piece: Span, t: int, r: Rec | None, every: Duration) -> tuple[int, int]:
    """The first instant that is too late, and from when the gap counts as exceeded; the figure is that of ``t``."""
    number = number_at(case, subject, every.amount, (t, piece[1]))
    if not number:
        return FAR, FAR
    if every.unit in ("minutes", "hours"):
        limit = t + exact(every.model_copy(update={"amount": number}))
        return limit + 1, limit
    day = case.local_day(t) if r is None else r.day
    if r is None and case.start(day) == t:
        too_late = case.start(case.add(day, number, every.unit))
    else:
        too_late = case.start(case.add(day, number, every.unit) + DAY)
    return too_late, too_late


def numbers_of_day(
    case: Case, subject: Subject, quantity: Quantity, piece: Span, day: date
) -> tuple[int, int] | None:
    """How many days the stretch has that ends with a day, and how much it is about; as of that day (decision 12)."""
    assert quantity.in_any is not None
    span = (max(piece[0], case.start(day)), piece[1])
    length = number_at(case, subject, quantity.in_any.amount, span)
    number = number_at(case, subject, quantity.count, span)
    if length is None or number is None:
        return None
    return length * (7 if quantity.in_any.unit == "weeks" else 1), scaled(quantity.unit, number)


def asks_nothing(
    case: Case, subject: Subject, scope: Spans, side: str, quantity: Quantity, records: list[Rec]
) -> bool:
    """Whether the figures are zero whenever a piece of the scope begins or the clock starts anew (decision 51)."""
    if quantity.per or (quantity.in_any and side == "at_most"):
        return False
    for piece in scope:
        if quantity.every:
            starts = [piece[0], *(max(piece[0], t) for r in records if maybe_in(r, [piece]) for t in (r.low, r.high))]
            asked = any(number_at(case, subject, quantity.every.amount, (t, piece[1])) != 0 for t in starts)
        else:
            numbers = numbers_of_day(case, subject, quantity, piece, case.local_day(piece[0]))
            asked = numbers is None or 0 not in numbers
        if asked:
            return False
    return True


def sliding_minimum(
    case: Case, duty: CountDuty, subject: Subject, records: list[Rec], scope: Spans, quantity: Quantity, complete: int
) -> tuple[list[Breach], list[int]]:
    """A day fails when the D days that end with it lie in one piece and hold fewer; each run is a breach (24)."""
    out: list[Breach] = []
    maybe: list[int] = []
    for piece in scope:
        if piece[0] >= case.now:
            continue
        fails: dict[date, bool] = {}
        for day in case.days_in(both([piece], [(-FAR, case.now)])):
            numbers = numbers_of_day(case, subject, quantity, piece, day)
            if numbers is None:
                maybe.append(max(piece[0], case.start(day)))
            if numbers is None or 0 in numbers:
                continue
            length, least = numbers
            span = (case.start(day - timedelta(days=length - 1)), case.start(day + DAY))
            if span[0] < piece[0] or span[1] > piece[1] or span[1] > case.now:
                continue
            fails[day] = False
            if count(case, records, quantity.unit, duty.apart, [span], True).amount < least:
                if (
                    span[1] <= complete
                    and count(case, records, quantity.unit, duty.apart, [span], False).amount < least
                ):
                    fails[day] = True
                else:
                    maybe.append(span[1])
        out += failing_runs(case, fails, piece)
    return out, maybe


def failing_runs(case: Case, fails: dict[date, bool], piece: Span) -> list[Breach]:
    out = []
    days = sorted(fails)
    for day in days:
        if not fails[day] or fails.get(day - DAY):
            continue
        last = day
        while fails.get(last + DAY):
            last += DAY
        end = min(case.start(last + 2 * DAY), piece[1])
        out.append(Breach(case.start(day + DAY), end if end <= case.now else FAR))
    return out


def sliding_ceiling(
    case: Case, duty: CountDuty, subject: Subject, records: list[Rec], scope: Spans, quantity: Quantity
) -> tuple[list[Breach], list[int]]:
    """From the first record over the number to the first day whose trailing days hold no more (decision 24)."""
    out: list[Breach] = []
    maybe: list[int] = []
    for piece in scope:
        if piece[0] >= case.now:
            continue
        breach: Breach | None = None
        for day in case.days_in(both([piece], [(-FAR, case.now + 1)])):
            numbers = numbers_of_day(case, subject, quantity, piece, day)
            if numbers is None:
                maybe.append(max(piece[0], case.start(day)))
            if numbers is None or numbers[0] == 0:
                if breach is not None:
                    breach.end, breach = case.start(day), None
                continue
            length, over = numbers[0], numbers[1] + 1
            span = both([(case.start(day - timedelta(days=length - 1)), case.start(day + DAY))], [piece])
            found = count(case, records, quantity.unit, duty.apart, span, True).reached(over)
            if found is None:
                if breach is not None:
                    breach.end = case.start(day)
                    breach = None
                possible = count(case, records, quantity.unit, duty.apart, span, False).reached(over)
                maybe += [possible.low] if possible is not None else []
            elif breach is None:
                breach = Breach(found.low, FAR)
                out.append(breach)
        if breach is not None and piece[1] <= case.now:
            breach.end = piece[1]
    return out, maybe


# ---------------------------------------------------------------------------------------------------------- responses


@dataclass
class Term:
    """A time limit: where a response counts for certain and where possibly, and when it has passed for certain."""

    sure: Spans
    maybe: Spans
    start: int
    passes: int
    limit: int | None = None
    """The last instant that counts at the latest, for hours and minutes."""
    first_limit: int | None = None
    """The same at the earliest; they differ when only the trigger's day is known."""
    undecidable_from: int = FAR


def term(
    case: Case, low: int, high: int, within: Any, not_before: Duration | None, roll: bool,
    opens: Span | None = None, day: date | None = None,
) -> Term:  # fmt: skip
    """The limit after a trigger between two instants (decisions 5, 25 and 44). ``opens`` says otherwise when it opens;
    ``day`` is the trigger's day where the instant is the very end of it."""
    day = day or case.local_day(low)
    after = within.after
    hours = after is not None and after.unit in ("minutes", "hours")
    unknown = False
    if opens is not None:
        start, sure_start = opens
    elif not_before is not None:
        start, sure_start = opening(case, low, high, day, not_before, 1)
    elif within.before is not None:
        start, sure_start = opening(case, low, high, day, within.before, -1)
    else:
        # A limit in days opens with the day of a trigger of which only the day is known (decision 5).
        start, sure_start = low, high if hours else low
    if after is None:
        return Term([(sure_start, FAR)], [(start, FAR)], start, FAR)
    if hours:
        length = exact(after)
        out = Term(
            union([(sure_start, low + length + 1)]), union([(start, high + length + 1)]), start, high + length + 1,
            high + length, low + length,
        )  # fmt: skip
    else:
        last, certain = last_day(case, day, after, roll)
        end = case.start(last + DAY)
        out = Term(union([(sure_start, end)]), union([(start, end)]), start, end)
        unknown = unknown or not certain
    if unknown:
        # A calendar that is not published: possibly it ends later (decision 44).
        out.undecidable_from = out.passes
        out.maybe = [(start, FAR)]
    return out


def last_day(case: Case, day: date, after: Duration, roll: bool) -> tuple[date, bool]:
    """The last day of a limit and whether it is certain; if not, the earliest that it can be (decisions 25 and 44)."""
    assert isinstance(after.amount, int)
    if after.unit == "working_days":
        found, certain = nth_working_day(case, day, after.amount, optimistic=True)
        assert found is not None
        return found, certain
    last = case.add(day, after.amount, after.unit)
    while roll and case.working(last) is False:
        last += DAY
    return last, not roll or case.working(last) is True


def opening(case: Case, low: int, high: int, day: date, length: Duration, way: int) -> Span:
    """When a window opens that much later or earlier than its trigger: days, at the start of that day (decision 25)."""
    assert isinstance(length.amount, int)
    if length.unit in ("minutes", "hours"):
        return low + way * exact(length), high + way * exact(length)
    if length.unit != "working_days":
        t = case.start(case.add(day, way * length.amount, length.unit))
        return t, t
    certain, left = True, length.amount
    while left > 0:
        day += way * DAY
        works = case.working(day)
        certain = certain and works is not None
        left -= works is not False
    # Each unknown day may be worked or not: it opens the nearer to the trigger, the more of them are worked (44).
    if certain:
        return case.start(day), case.start(day)
    return (case.start(day), FAR) if way > 0 else (case.start(day - timedelta(days=2 * length.amount + 30)), case.start(day))


@dataclass
class Alert:
    record: Rec
    objects: set[str]


def response(case: Case, name: str, duty: ResponseDuty) -> None:
    """Each episode of alerts opens an obligation of the subject it reaches (decisions 10, 26 to 28 and 40)."""
    lapses = case.matching_any(duty.lapses_with)
    for subject, alerts in alerted(case, name, duty):
        for episode in episodes(case, duty, alerts, lapses):
            settle_response(case, name, duty, subject, episode, lapses)


def alerted(case: Case, name: str, duty: ResponseDuty) -> list[tuple[Subject, list[Alert]]]:
    """The subjects and the alerts that reach them inside their scope."""
    triggers = [
        r for r in case.records if any(r.event in p.event and case.fits(r, p.where, lambda r: []) for p in duty.trigger)
    ]
    out: list[tuple[Subject, list[Alert]]] = []
    if duty.for_each != "bearer":
        for s in case.subjects(name, duty):
            alerts = []
            for r in triggers:
                places = [s.object] if s.object is not None else [o for o in case.objects if s.area in case.around(o)]
                reached = {o for o in places if o and case.reaches(r, o) and in_scope(case, name, o, r.low)}
                if reached and holds_instant(s.scope, r.low):
                    alerts.append(Alert(r, reached))
            out.append((s, alerts))
        return out
    by_key: dict[tuple[str, str], tuple[Subject, list[Alert]]] = {}
    bearers = {s.key: s for s in case.subjects(name, duty)}
    for r in triggers:
        for o in case.objects:
            if not case.reaches(r, o) or not in_scope(case, name, o, r.low):
                continue
            posts = [bearers.get(p) for p in case.bearers_of([duty.role or ""], o, r.low)]
            for s in posts or [lone_object(case, name, o)]:
                if s is None or not holds_instant(s.scope, r.low):
                    continue
                alerts = by_key.setdefault((s.kind, s.key), (s, []))[1]
                if alerts and alerts[-1].record is r:
                    alerts[-1].objects.add(o)
                else:
                    alerts.append(Alert(r, {o}))
    return list(by_key.values())


def in_scope(case: Case, name: str, object_id: str, t: int) -> bool:
    return holds_instant(case.object_scope(name, object_id), t) and holds_instant([case.force], t)


def lone_object(case: Case, name: str, object_id: str) -> Subject:
    """An object without a bearer answers for itself (decision 10)."""
    s = Subject(object_id, "object", object=object_id)
    s.layers = [("plan", [case.force]), ("scope", case.object_scope(name, object_id))]
    s.layers.append(("waiver", minus([(-FAR, FAR)], case.suspended(name, s))))
    return s


def episodes(case: Case, duty: ResponseDuty, alerts: list[Alert], lapses: list[Rec]) -> list[list[Alert]]:
    out: list[list[Alert]] = []
    for a in alerts:
        last = out[-1][-1].record if out else None
        if last is not None and near(case, duty, last, a.record) and not lapsed_before(case, out[-1], a.record, lapses):
            out[-1].append(a)
        else:
            out.append([a])
    return out


def near(case: Case, duty: ResponseDuty, last: Rec, r: Rec) -> bool:
    """Whether an alert may be less than ``one_episode`` after the one before it (decision 26)."""
    apart = duty.one_episode
    if apart is None:
        return False
    if apart == "until_lapsed":
        return True
    if apart.unit in ("minutes", "hours"):
        return r.low - last.high < exact(apart)
    first = apart_day(case, last.day, apart, True)
    return first is None or r.day < first


def follows(lapse: Rec, alert: Rec) -> bool:
    """Whether a lapse comes after an alert; on the same day, where only a date is known, it does (decision 46)."""
    if lapse.dated or alert.dated:
        return lapse.day >= alert.day
    return lapse.low > alert.low


def precedes(lapse: Rec, alert: Rec) -> bool:
    if lapse.dated or alert.dated:
        return lapse.day < alert.day
    return lapse.low < alert.low  # at the very instant it is an upgrade (decision 46)


def lapsed_before(case: Case, episode: list[Alert], alert: Rec, lapses: list[Rec]) -> bool:
    """Whether all that the episode reached has lapsed before the next alert."""
    return all(
        any(x.sure and case.reaches(x, o) and follows(x, last_alert(episode, o)) and precedes(x, alert) for x in lapses)
        for a in episode
        for o in a.objects
    )


def last_alert(episode: list[Alert], object_id: str) -> Rec:
    return [a.record for a in episode if object_id in a.objects][-1]


def lapse_of(case: Case, episode: list[Alert], lapses: list[Rec], sure: bool) -> Rec | None:
    """The record with which an episode has lapsed: for a bearer, the one with which all objects have (decision 27)."""
    ends = []
    for o in {o for a in episode for o in a.objects}:
        fits = [
            x for x in lapses
            if case.reaches(x, o) and follows(x, last_alert(episode, o)) and (x.sure or not sure)
        ]  # fmt: skip
        if not fits:
            return None
        ends.append(min(fits, key=lambda x: (x.high, x.low, x.id) if sure else (x.low, x.high, x.id)))
    return max(ends, key=lambda x: (x.high, x.low, x.id) if sure else (x.low, x.high, x.id))


def settle_response(
    case: Case, name: str, duty: ResponseDuty, subject: Subject, episode: list[Alert], lapses: list[Rec]
) -> None:
    trigger = episode[0].record
    unknown = False
    if duty.within is not None:
        t = term(case, trigger.low, trigger.high, duty.within, duty.not_before, duty.roll == "forward")
    else:
        assert duty.before is not None and duty.before.attribute is not None
        day = as_day(trigger.raw.attributes.get(duty.before.attribute))
        unknown = day is None
        # A date that has gone by when the alert comes demands the impossible (decision 48).
        end = case.start(day_ahead(case, day, duty.before.by) + DAY) if day is not None else FAR
        if end <= trigger.low:
            unknown, end = True, FAR
        spans = union([(trigger.low, end)])
        t = Term(spans, spans, trigger.low, end)
    # A record never answers itself (decision 40).
    records = [r for r in case.counting(name, duty, duty.role, subject) if r.id != trigger.id]
    # One arrival answers for all sites under the alert, so it must be at one of them.
    reached = {o for a in episode for o in a.objects}
    records = [r for r in records if any(case.reaches(r, o) for o in reached) or names_around(case, r, subject)]
    first_limit = t.first_limit if t.first_limit is not None else t.limit
    first_end = first_limit + 1 if first_limit is not None else t.passes
    sure_lapse = lapse_of(case, episode, lapses, True)
    if sure_lapse is not None and sure_lapse.high >= first_end:
        sure_lapse = None
    maybe_lapse = lapse_of(case, episode, lapses, False)
    last_end = t.limit + 1 if t.limit is not None else t.passes
    quantity = duty.at_least
    events = [*duty.must, *(e for p in patterns_of(duty.lapses_with) for e in p.event)]
    d = Demand(
        duty=name, subject=subject, id=f"{name}/{subject.key}/{trigger.id}", spans=t.sure, maybe=t.maybe, start=t.start,
        passes=t.passes, limit=t.limit, undecidable_from=t.undecidable_from,
        unit=quantity.unit if quantity else "events",
        required=int(quantity.count) if quantity else 1, records=records, events=events, lapse_sure=sure_lapse,
        lapse_maybe=maybe_lapse is not None and maybe_lapse.low < last_end, trigger=trigger.id,
        trigger_sure=trigger.sure, unknown=unknown,
    )  # fmt: skip
    if duty.late:
        d.late = late_records(case, d)
    settle(case, d)


def names_around(case: Case, r: Rec, subject: Subject) -> bool:
    """An area is also answered for by a record that names only an area inside it."""
    return subject.area is not None and not r.raw.objects


def late_records(case: Case, d: Demand) -> list[Rec]:
    """What came after the deadline, a day once where days are counted."""
    days = {r.day for r, _ in count(case, d.records, d.unit, None, d.spans, True).steps}
    out = []
    for r in d.records:
        if not r.sure or r.low < d.end:
            continue
        if d.unit == "working_days" and case.working(r.day) is not True:
            continue
        if d.unit == "events" or r.day not in days:
            out.append(r)
            days.add(r.day)
    return out


def as_day(value: Any) -> date | None:
    """The date that an attribute holds, if it holds one."""
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    try:
        return date.fromisoformat(str(value))
    except ValueError:
        return None


def day_ahead(case: Case, day: date, by: Duration | None) -> date:
    """The last day that counts ahead of a date: the day before it, or so much earlier (decision 29)."""
    if by is None:
        return day - DAY
    assert isinstance(by.amount, int)
    return case.add(day, -by.amount, by.unit)


# ----------------------------------------------------------------------------------------------------- ahead of dates


def ahead(case: Case, name: str, duty: AheadDuty) -> None:
    """What must be done before a season or a date that the object holds (decisions 29 and 41)."""
    for subject in case.subjects(name, duty):
        records = case.counting(name, duty, duty.role, subject)
        for opens, day in dates_ahead(case, duty, subject):
            settle_ahead(case, name, duty, subject, records, opens, day)


def dates_ahead(case: Case, duty: AheadDuty, subject: Subject) -> list[tuple[int, date]]:
    """Each date, with the instant at which its window opens."""
    out: list[tuple[int, date]] = []
    if duty.before.season is not None:
        previous = -FAR
        for start, end in case.occurrences(duty.before.season):
            if start > -FAR:
                out.append((previous, case.local_day(start)))
            previous = end
    else:
        assert duty.before.attribute is not None and subject.object is not None
        for start, end, value in case.dated_values(case.objects[subject.object], duty.before.attribute):
            day = as_day(value)
            # The value must still hold at the last instant that counts (decision 41).
            if day is not None and start < case.start(day_ahead(case, day, duty.before.by) + DAY) <= end:
                out.append((start, day))
    if duty.before.opens is not None:
        # So long before the date, if that is later than the window would open otherwise (decision 29).
        return [(max(opens, case.start(day_ahead(case, day, duty.before.opens))), day) for opens, day in out]
    return out


def settle_ahead(
    case: Case, name: str, duty: AheadDuty, subject: Subject, records: list[Rec], opens: int, day: date
) -> None:
    end = case.start(day_ahead(case, day, duty.before.by) + DAY)
    if not holds_instant(subject.scope, end - 1) or opens >= end:
        return
    spans: Spans = [(opens, end)]
    cut = None
    for layer, time in subject.layers:
        less = both(spans, time)
        if less != spans and cut is None:
            cut = layer
        spans = less
    quantity = duty.at_least
    d = Demand(
        duty=name, subject=subject, id=f"{name}/{subject.key}/{case.tail(spans[0][0])}", spans=spans, cut=cut,
        unit=quantity.unit if quantity else "events", required=int(quantity.count) if quantity else 1, records=records,
        events=duty.must,
    )  # fmt: skip
    if duty.late:
        d.late = late_records(case, d)
    settle(case, d)


# ------------------------------------------------------------------------------------------------------------- chains


def chain(case: Case, name: str, duty: ChainDuty) -> None:
    """The first start record of a case opens the chain of an object (decision 30)."""
    starts = case.matching_any(duty.starts_with)
    for subject in case.subjects(name, duty):
        assert subject.object is not None
        seen: set[str] = set()
        for r in starts:
            if subject.object not in r.raw.objects or not holds_instant(subject.scope, r.low):
                continue
            value = case_value(r, duty)
            if value is None:
                walk(case, name, duty, subject, r, None)
            elif value not in seen:
                seen.add(value)
                walk(case, name, duty, subject, r, value)


def case_value(r: Rec, duty: ChainDuty) -> str | None:
    value = r.raw.attributes.get(duty.case)
    return None if value is None or str(value) == "" else str(value)


@dataclass
class Clock:
    """When a step's window opens, and when its clock starts (decision 31)."""

    opens: Span
    start: Span
    day: date
    """The day of the clock's start: a deadline at the end of a day belongs to that day."""
    by_deadline: bool = False
    unknown: bool = False
    """Whether its start cannot be known."""


def walk(case: Case, name: str, duty: ChainDuty, subject: Subject, first: Rec, value: str | None) -> None:
    trail = [first]
    base = f"{name}/{subject.key}/{value if value is not None else first.id}"
    clock: Clock | None = Clock((first.low, first.high), (first.low, first.high), first.day)
    for number, step in enumerate(duty.steps, 1):
        if clock is None:
            return
        d = step_demand(case, name, duty, subject, step, f"{base}/{number}", clock, trail, value)
        judged = settle(case, d)
        if judged is None or value is None:
            return
        excused = d.end < FAR and case.waived(name, subject, d.end - 1, step.role)
        if duty.if_missed is not None and judged.verdict in ("violated", "met_late") and not excused:
            # It stays open even if the step is made up later (decision 32).
            miss = Clock((d.deadline, d.deadline), (d.deadline, d.deadline), case.local_day(d.end - 1), True)
            settle(
                case,
                step_demand(case, name, duty, subject, duty.if_missed, f"{judged.id}/if_missed", miss, trail, value),
            )
        done = next((r for r in d.records if r.high >= clock.opens[0]), None)
        if done is not None:
            trail = [*trail, done]
        following = duty.steps[number] if number < len(duty.steps) else None
        clock = next_clock(case, following, d, done) if following is not None else None


def next_clock(case: Case, step: Any, d: Demand, done: Rec | None) -> Clock | None:
    if step.starts == "done":
        return Clock((done.low, done.high), (done.low, done.high), done.day) if done is not None else None
    if d.end >= FAR or d.undecidable_from < FAR or d.unknown:
        # Never due, or at a time that nobody knows: it opens when the step before is done.
        if done is None:
            return None
        if d.end >= FAR and not d.unknown:
            # Where no due date was set, the clock is that of what was done.
            return Clock((done.low, done.high), (done.low, done.high), done.day)
        return Clock((done.low, done.high), (FAR, FAR), done.day, unknown=True)
    due = d.deadline
    opens = min((due, due), (done.low, done.high)) if done is not None else (due, due)
    return Clock(opens, (due, due), case.local_day(d.end - 1), opens == (due, due))


def step_demand(
    case: Case, name: str, duty: ChainDuty, subject: Subject, step: Any, id_: str, clock: Clock, trail: list[Rec],
    value: str | None,
) -> Demand:  # fmt: skip
    after = step.within.after
    hours = after is not None and after.unit in ("minutes", "hours")
    opens = (clock.opens[0], clock.opens[1] if hours else clock.opens[0])
    by = latest_date(step.or_by, trail)
    passed = False
    if by is not None:
        passed = case.start(by + DAY) <= clock.opens[0]  # It demands the impossible (decision 48).
        end = FAR if passed else case.start(by + DAY)
        spans = union([(clock.opens[0], end)])
        t = Term(spans, spans, clock.opens[0], end)
    elif clock.start[0] >= FAR:
        t = Term([(clock.opens[1], FAR)], [(clock.opens[0], FAR)], clock.opens[0], FAR)
    else:
        plain = step.within.before is None
        t = term(
            case, *clock.start, step.within, None, step.roll == "forward", opens if plain else None, clock.day
        )  # fmt: skip
    d = Demand(
        duty=name, subject=subject, id=id_, spans=t.sure, maybe=t.maybe, start=t.start, passes=t.passes, limit=t.limit,
        undecidable_from=t.undecidable_from, unit="events", required=1,
        records=step_records(case, duty, subject, step, value, trail), events=step.must, trigger=trail[0].id,
        unknown=value is None or passed or (clock.unknown and by is None),
        opened_by_deadline=clock.by_deadline, role=step.role,
    )  # fmt: skip
    if step.late:
        d.late = late_records(case, d)
    return d


def latest_date(attribute: str | None, trail: list[Rec]) -> date | None:
    """The date of the latest record of the chain so far that has one (decision 31)."""
    if attribute is None:
        return None
    for r in reversed(trail):
        day = as_day(r.raw.attributes.get(attribute))
        if day is not None:
            return day
    return None


def step_records(
    case: Case, duty: ChainDuty, subject: Subject, step: Any, value: str | None, trail: list[Rec]
) -> list[Rec]:
    """Of the same case; where they name objects, the chain's object among them (decision 30)."""
    assert subject.object is not None
    here = subject.object
    roles = [step.role, *case.allowed_roles(step.role, step.may_be_done_by)]
    return [
        r for r in case.matching(step.must, step.where, lambda r: case.bearers_of([step.role], here, r.low))
        if value is not None and case_value(r, duty) == value and r.id not in {t.id for t in trail}
        and (not r.raw.objects or here in r.raw.objects)
        and set(r.raw.by) & set(case.bearers_of(roles, here, r.low))
    ]  # fmt: skip


# --------------------------------------------------------------------------------------------- keeping and forbidding


def during(case: Case, name: str, duty: Any, subject: Subject) -> tuple[Spans, Spans]:
    """The times that ``during`` names: for certain, and possibly (decision 45)."""
    limit = duty.during
    if limit is None:
        return [(-FAR, FAR)], [(-FAR, FAR)]
    if limit.period is not None:
        spans = case.time_of(name, limit.period, subject)
        return spans, spans
    opened = case.matching(limit.event, limit.where, lambda r: [])
    closed = case.matching_any(limit.until)
    closed = [c for c in closed if case.reaches_subject(name, duty.role, c, subject)]
    sure: Spans = []
    maybe: Spans = []
    for r in opened:
        if not case.reaches_subject(name, duty.role, r, subject):
            continue
        if limit.until is None:
            maybe.append((r.low, r.until if r.until is not None else FAR))
            if r.sure and r.until is not None:
                sure.append((r.high, r.until))
            continue
        # On one day, where an hour is missing, the closing is taken to come after (as in decision 46).
        after = [c for c in closed if c.sure and (c.low > r.high or ((r.dated or c.dated) and c.day == r.day))]
        maybe.append((r.low, min((c.high for c in after), default=FAR)))
        if r.sure:
            same_day = [c for c in closed if (r.dated or c.dated) and c.day == r.day]
            sure.append((r.high, min((c.low for c in closed if c.high > r.low or c in same_day), default=FAR)))
    return union(sure), union(maybe)


def during_events(duty: Any) -> list[str]:
    if duty.during is None or duty.during.event is None:
        return []
    return [*duty.during.event, *(e for p in patterns_of(duty.during.until) for e in p.event)]


def keep(case: Case, name: str, duty: KeepDuty) -> None:
    """Each gap that is longer than ``gaps_up_to`` is a breach (decision 33)."""
    for subject in case.subjects(name, duty):
        scope = subject.scope  # What `during` names limits what is asked, not the obligation (decision 45).
        asked, asked_maybe = during(case, name, duty, subject)
        if duty.keep.post is not None:
            held = held_maybe = post_held(case, duty.keep.post, subject)
            complete = case.now
        else:
            held, held_maybe = staffed(case, name, duty, subject)
            complete = case.complete_to(duty.keep.staffed or ())
        sure: list[Breach] = []
        maybe: list[int] = []
        for a, b in minus(both(scope, asked), held_maybe):
            if too_long(case, a, min(b, case.now, complete), duty.gaps_up_to):
                sure.append(Breach(a, b if b <= case.now else FAR))
        for a, b in minus(both(scope, asked_maybe), held):
            if too_long(case, a, min(b, case.now), duty.gaps_up_to) and not any(a <= s.start < b for s in sure):
                maybe.append(a)
        complete = min(complete, case.complete_to(during_events(duty)))
        conclude(case, name, subject, scope, subject.tail, sure, maybe, complete)


def too_long(case: Case, start: int, end: int, allowed: Duration | None) -> bool:
    if allowed is None:
        return end > start
    if allowed.unit in ("minutes", "hours"):
        return end > start + exact(allowed)
    # By the local clock: the same time of day so many days later.
    assert isinstance(allowed.amount, int)
    local = case.show(start).replace(tzinfo=None) + relativedelta(**{allowed.unit: allowed.amount})
    return end > case.instant(local)


def post_held(case: Case, post: str, subject: Subject) -> Spans:
    if subject.object is not None:
        return union(span for n, span in case.tenures if n.role == post and case.covers(n, subject.object))
    return union(span for n, span in case.tenures if n.role == post and case.over_area(n, subject.area or ""))


def staffed(case: Case, name: str, duty: KeepDuty, subject: Subject) -> tuple[Spans, Spans]:
    """The durations of the records: for certain, and possibly; without an end possibly for ever (decision 19)."""

    @dataclass
    class Act:
        must: Any
        where: Any
        may_be_done_by: Any

    act = Act(duty.keep.staffed, duty.keep.where, duty.may_be_done_by)
    records = case.counting(name, act, duty.role, subject)
    sure = union((r.high, r.until) for r in records if r.sure and r.until is not None)
    return sure, union((r.low, r.until if r.until is not None else FAR) for r in records)


def forbid(case: Case, name: str, duty: ForbidDuty) -> None:
    """Each prohibited act is a breach, whoever performed it (decision 34)."""
    for subject in case.subjects(name, duty):
        assert subject.object is not None
        here = subject.object
        scope = subject.scope  # What `during` names limits what is asked, not the obligation (decision 45).
        asked, asked_maybe = during(case, name, duty, subject)
        sure: list[Breach] = []
        maybe: list[int] = []
        for r in acts_at(case, duty, here):
            permitted, permitted_maybe = permits(case, duty, here, r)
            if surely_in(r, both(scope, asked)) and not permitted_maybe:
                end = r.until if r.until is not None and r.until <= case.now else r.low
                sure.append(Breach(r.low, end))
            elif maybe_in(r, both(scope, asked_maybe)) and not permitted:
                maybe.append(r.low)
        events = [*duty.must_not, *during_events(duty)]
        if duty.unless is not None:
            events += [*duty.unless.event, *(e for p in patterns_of(duty.unless.until) for e in p.event)]
        number = sum(surely_in(r, both(scope, asked)) for r in acts_at(case, duty, here))
        conclude(case, name, subject, scope, subject.tail, sure, maybe, case.complete_to(events), number)


def acts_at(case: Case, duty: ForbidDuty, here: str) -> list[Rec]:
    found = case.matching(duty.must_not, duty.where, lambda r: case.bearers_of([duty.role or ""], here, r.low))
    return [r for r in found if here in r.raw.objects]


def permits(case: Case, duty: ForbidDuty, here: str, act: Rec) -> tuple[bool, bool]:
    """Whether the act is permitted for certain, and whether it possibly is (decision 45)."""
    rule = duty.unless
    if rule is None:
        return False, False
    undoing = [u for u in case.matching_any(rule.until) if case.reaches(u, here)]
    certain = possible = False
    for p in case.matching(rule.event, rule.where, lambda r: []):
        if p is act or not case.reaches(p, here):
            continue
        if p.sure and p.high <= act.low and recent(case, rule.within, p.low, act.high):
            certain = certain or not any(u.high > p.low and u.low <= act.high for u in undoing)
        if p.low <= act.high and recent(case, rule.within, p.high, act.low, sure=False):
            possible = possible or not any(u.sure and u.low > p.high and u.high <= act.low for u in undoing)
    return certain, possible


def recent(case: Case, within: Duration | None, permit: int, act: int, sure: bool = True) -> bool:
    if within is None:
        return True
    if within.unit in ("minutes", "hours"):
        return act - permit <= exact(within)
    day = case.local_day(permit)
    if within.unit == "working_days":
        last, certain = last_day(case, day, within, False)
        return case.local_day(act) <= last or not (sure or certain)
    assert isinstance(within.amount, int)
    return case.local_day(act) <= case.add(day, within.amount, within.unit)
