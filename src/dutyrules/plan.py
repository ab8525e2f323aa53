"""The plan as a whole: its header, its words, its duties, the accounting of clauses, and what fits together."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Container, Iterator, Mapping
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, model_validator

from dutyrules.conditions import BEARER, LASTED, Condition, Conditions, coerce
from dutyrules.duties import Duty
from dutyrules.duties.ahead import AheadDuty
from dutyrules.duties.chain import ChainDuty
from dutyrules.duties.counting import ALWAYS_KEY, CountDuty
from dutyrules.duties.response import ResponseDuty
from dutyrules.duty import BaseDuty
from dutyrules.errors import Problem
from dutyrules.history import RETRACTION
from dutyrules.model import Accepted, Day, Id, Label, Model, require
from dutyrules.plantests import PERIOD_EVENTS, PlanTest, Words, case_faults
from dutyrules.quantity import CALENDAR_PERIODS, Figure
from dutyrules.roster import unknown
from dutyrules.time.zone import zone_named
from dutyrules.vocabulary import Vocabulary

__all__ = ["ClauseAccount", "Header", "Plan", "PlanTest"]

Path = tuple[str | int, ...]


def _zone(value: str) -> str:
    try:
        zone_named(value)
    except ValueError:
        require(False, "timezone", value=value)
    return value


class InForce(Model):
    """The days on which the plan holds; no ``through`` means until a plan that follows it."""

    from_: Day = Field(alias="from")
    through: Day | None = None

    @model_validator(mode="after")
    def _order(self) -> InForce:
        require(not self.through or self.from_ <= self.through, "span_order", first=self.from_, last=self.through)
        return self


class Header(Model):
    """What the plan is, and when it holds."""

    id: Id
    title: Label
    number: str | None = None
    issued: Day | None = None
    in_force: InForce
    follows: Id | None = None
    timezone: Annotated[str, AfterValidator(_zone)]
    note: Label | None = None
    contents: Annotated[tuple[str, ...], Field(min_length=1)] | None = None
    """Every clause of the plan that asks something of somebody, so that ``check`` can tell which of them nothing answers."""
    accepted: Accepted = {}
    """Findings of ``check`` about the plan as a whole that are meant to be so, by code, with the reason."""


class ClauseAccount(Model):
    """Why no duty covers a clause."""

    decidable: Literal["no_record", "judgement", "no_figure", "elsewhere"]
    """No record shows it; it is a matter of judgement; the plan gives no figure; another clause says it."""
    why: Label


class Plan(Vocabulary):
    """A plan: everything an author writes in one file."""

    dutyrules: Literal[1]
    """The version of the notation."""
    plan: Header
    duties: dict[Id, Duty]
    clauses: dict[str, ClauseAccount] = {}
    tests: tuple[PlanTest, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """The plan as plain data in the notation; loading it again gives the same plan."""
        found: dict[str, Any] = self.model_dump(by_alias=True, mode="json", exclude_defaults=True)
        return found

    def sha256(self) -> str:
        """A fingerprint of the plan's meaning; comments and order of keys do not change it."""
        text = json.dumps(self.to_dict(), sort_keys=True, ensure_ascii=False, separators=(",", ":"))
        return hashlib.sha256(text.encode()).hexdigest()

    def faults(self, names: Mapping[str, set[str]] | None = None, only: Container[str] | None = None) -> Iterator[Problem]:
        """What does not fit together: names that lead nowhere, entries that overlap, policies that are missing.

        ``names`` adds names that exist in the file but were faulty themselves, so that one fault is reported once; ``only``
        looks at some of the duties and at all of the words.
        """
        yield from _Check(self, names or {}).run(only)


class _Check:
    """One pass over a plan; every method yields problems with the path of their place."""

    def __init__(self, plan: Plan, names: Mapping[str, set[str]]) -> None:
        self.plan, self.names = plan, names
        self.known = {
            "role": set(plan.roles) | names.get("roles", set()),
            "object_type": set(plan.object_types) | names.get("object_types", set()),
            "event": set(plan.events) | names.get("events", set()) | {RETRACTION, *PERIOD_EVENTS},
            "duty": set(plan.duties) | names.get("duties", set()),
            "season": {k for s in set(plan.seasons) | names.get("seasons", set()) for k in (s, f"non_{s}")},
            "period": set(plan.calendar.named_periods) | names.get("named_periods", set()),
        }

    def run(self, only: Container[str] | None) -> Iterator[Problem]:
        for name, role in self.plan.roles.items():
            yield from self.name("role", role.deputy, ("roles", name, "deputy"))
        for name in self.plan.seasons:
            if name in self.plan.calendar.named_periods:
                yield Problem("DR203", {"value": name}, path=("calendar", "named_periods", name))
        for name, event_kind in self.plan.events.items():
            if LASTED in event_kind.attributes:
                yield Problem("DR129", {"value": LASTED}, path=("events", name, "attributes", LASTED))
        for name, kind in self.plan.object_types.items():
            for attribute, condition in kind.while_.items():
                yield from self.object_condition((name,), attribute, condition, ("object_types", name, "while", attribute))
        for name, period in self.plan.calendar.named_periods.items():
            place: Path = ("calendar", "named_periods", name)
            for event in (period.opened_by, period.closed_by):
                yield from self.name("event", event, place)
            if period.holidays and self.plan.calendar.working_days is None:
                yield Problem("DR110", path=place)
        for name, duty in self.plan.duties.items():
            if only is None or name in only:
                yield from self.duty(name, duty, ("duties", name))
        if only is None:
            yield from case_faults([t.to_dict() for t in self.plan.tests], Words.of([self.plan], self.names))

    def name(self, kind: str, value: str | None, path: Path) -> Iterator[Problem]:
        if value is not None and value not in self.known[kind]:
            yield unknown(kind, value, self.known[kind], path)

    def span_name(self, value: str, path: Path) -> Iterator[Problem]:
        both = self.known["season"] | self.known["period"]
        if value not in both:
            yield unknown("season_or_period", value, both, path)

    def duty(self, name: str, duty: BaseDuty, path: Path) -> Iterator[Problem]:
        if not isinstance(duty, ChainDuty) and duty.role is None:
            yield Problem("DR102", {"key": "role"}, path=path)
        yield from self.name("role", duty.role, (*path, "role"))
        for role in set(duty.roles()) - {duty.role}:
            yield from self.name("role", role, path)
        for i, kind in enumerate(duty.object_type):
            place: Path = (*path, "object_type", i) if len(duty.object_type) > 1 else (*path, "object_type")
            yield from self.name("object_type", kind, place)
        for attribute, condition in duty.while_.items():
            yield from self.object_condition(duty.object_type, attribute, condition, (*path, "while", attribute))
        for place, pattern in duty.patterns():
            for event in pattern.event:
                yield from self.name("event", event, path + place)
            yield from self.where(pattern.event, pattern.where, (*path, *place[:-1], "where"))
        yield from self.deputies(duty, path)
        if duty.needs_working_days() and self.plan.calendar.working_days is None:
            yield Problem("DR111", path=path)
        for duration in duty.durations():
            if isinstance(duration.amount, int) and duration.amount * ROUGH_DAYS[duration.unit] > 36_600:
                yield Problem("DR119", {"value": duration.phrase()}, path=path)
        if isinstance(duty, ResponseDuty):
            yield from self.not_before(duty, path)
        during = getattr(duty, "during", None)
        if during is not None and during.period is not None:
            yield from self.span_name(during.period, (*path, "during"))
        before = getattr(duty, "before", None)
        if before is not None and before.season is not None:
            yield from self.name("season", before.season, (*path, "before", "season"))
        if before is not None and before.attribute is not None:
            yield from self.before_attribute(duty, before.attribute, path)
        if isinstance(duty, CountDuty):
            yield from self.count(name, duty, path)
        if isinstance(duty, ChainDuty):
            yield from self.chain(duty, path)

    def not_before(self, duty: ResponseDuty, path: Path) -> Iterator[Problem]:
        opens, after = duty.not_before, duty.within.after if duty.within else None
        if opens and after and isinstance(opens.amount, int) and isinstance(after.amount, int):
            if opens.amount * ROUGH_DAYS[opens.unit] >= after.amount * ROUGH_DAYS[after.unit]:
                yield Problem("DR133", {"first": opens.phrase(), "second": after.phrase()}, path=(*path, "not_before"))

    def before_attribute(self, duty: BaseDuty, attribute: str, path: Path) -> Iterator[Problem]:
        if isinstance(duty, AheadDuty):
            found = any(self.plan.object_attribute_type(t, attribute) == "date" for t in duty.object_type)
        else:
            assert isinstance(duty, ResponseDuty)
            found = any(self.plan.attribute_type(p.event, attribute) == "date" for p in duty.trigger)
        if not found:
            yield Problem("DR118", {"value": attribute}, path=(*path, "before", "attribute"))

    def deputies(self, duty: BaseDuty, path: Path) -> Iterator[Problem]:
        acts = duty.all_steps() if isinstance(duty, ChainDuty) else [((), duty)]
        for place, act in acts:
            if "deputy" in getattr(act, "may_be_done_by", ()):
                role = self.plan.roles.get(act.role or "")
                if role is not None and role.deputy is None:
                    yield Problem("DR112", {"role": act.role}, path=(*path, *place, "may_be_done_by"))

    def where(self, events: tuple[str, ...], where: Conditions, path: Path) -> Iterator[Problem]:
        declared = {a for e in events if e in self.plan.events for a in self.plan.events[e].attributes}
        if not all(e in self.plan.events for e in events):
            return
        for attribute, condition in where.items():
            if attribute not in declared and attribute != LASTED:
                yield unknown("attribute", attribute, declared, (*path, attribute))
                continue
            kind = "number" if attribute == LASTED else self.plan.attribute_type(events, attribute)
            yield from self.comparison(kind, condition, (*path, attribute))

    def object_condition(self, types: tuple[str, ...], attribute: str, condition: Condition, path: Path) -> Iterator[Problem]:
        if attribute == "state":
            if condition.ordered:
                yield Problem("DR117", {"value": "state"}, path=path)
            return
        declared = {a for t in types if t in self.plan.object_types for a in self.plan.object_types[t].attributes}
        if not all(t in self.plan.object_types for t in types):
            return
        if attribute not in declared:
            yield unknown("attribute", attribute, declared | {"state"}, path)
            return
        kind = next(k for t in types if (k := self.plan.object_attribute_type(t, attribute)) is not None)
        yield from self.comparison(kind, condition, path)

    def comparison(self, kind: Any, condition: Condition, path: Path) -> Iterator[Problem]:
        if condition.ordered and (kind in ("text", "boolean", "person") or kind is None):
            yield Problem("DR117", {"value": path[-1]}, path=path)
        for value in condition.values():
            if value == BEARER and kind == "person":
                continue
            if coerce(value, kind) is None:
                allowed = ", ".join(kind) if isinstance(kind, tuple) else str(kind)
                yield Problem("DR116", {"value": value, "allowed": allowed}, path=path)

    def count(self, name: str, duty: CountDuty, path: Path) -> Iterator[Problem]:
        seasonal = False
        for side in ("at_least", "at_most"):
            entries = getattr(duty, side) or {}
            for key, quantity in entries.items():
                place: Path = (*path, side) if set(entries) == {ALWAYS_KEY} else (*path, side, key)
                if key != ALWAYS_KEY:
                    seasonal = True
                    yield from self.span_name(key, place)
                elif len(entries) > 1:
                    yield Problem("DR113", {"value": key}, path=place)
                if not (quantity.per or quantity.every or quantity.in_any):
                    yield Problem("DR114", {"value": quantity.phrase()}, path=place)
                if side == "at_most" and (quantity.every or isinstance(quantity.count, Figure)) and quantity.every:
                    yield Problem("DR120", path=place)
                if quantity.per and not quantity.per.stepped and quantity.per.unit not in CALENDAR_PERIODS:
                    if quantity.per.unit not in self.known["period"]:
                        yield unknown("period", quantity.per.unit, self.known["period"] | set(CALENDAR_PERIODS), place)
                if quantity.per and quantity.per.unit == "season" and key not in self.known["season"]:
                    yield Problem("DR121", path=place)
                figures = [quantity.count] + [d.amount for d in (quantity.every, quantity.in_any) if d]
                for figure in figures:
                    if isinstance(figure, Figure) and duty.for_each == "object":
                        kinds = {self.plan.object_attribute_type(t, figure.from_) for t in duty.object_type}
                        if not kinds <= {"integer", "number"}:
                            yield Problem("DR122", {"value": figure.from_}, path=place)
                if isinstance(quantity.count, int) and quantity.count < 1 and side == "at_least":
                    yield Problem("DR123", path=place)
            yield from self.overlap(list(entries), (*path, side), duty.adds_to is not None)
        if duty.at_least is None and duty.at_most is None:
            yield Problem("DR102", {"key": "at_least"}, path=path)
        if seasonal and duty.at_least and duty.cut_windows is None and any(q.per for q in duty.at_least.values()):
            yield Problem("DR115", path=path)
        declared = {n for n, p in self.plan.calendar.named_periods.items() if p.declared}
        if duty.cut_windows and duty.cut_windows.kind == "merge" and any(
            q.per and q.per.unit in declared for q in (duty.at_least or {}).values()
        ):
            yield Problem("DR134", path=(*path, "cut_windows"))
        if duty.adds_to is not None:
            yield from self.adds_to(name, duty, path)
        if duty.late and any(q.unit == "hours" or not q.per for q in (duty.at_least or {}).values()):
            yield Problem("DR124", path=(*path, "late"))
        if duty.apart is not None and any(q.unit == "hours" or q.every for _, _, q in duty.quantities()):
            yield Problem("DR132", path=(*path, "apart"))
        if duty.personal and duty.may_be_done_by:
            yield Problem("DR131", path=(*path, "may_be_done_by"))
        if duty.covers and duty.for_each != "area":
            yield Problem("DR130", path=(*path, "covers"))
        if duty.personal and duty.for_each == "bearer":
            yield Problem("DR125", path=(*path, "personal"))

    def adds_to(self, name: str, duty: CountDuty, path: Path) -> Iterator[Problem]:
        place: Path = (*path, "adds_to")
        yield from self.name("duty", duty.adds_to, place)
        base = self.plan.duties.get(duty.adds_to or "")
        if base is None:
            return
        fits = (
            duty.adds_to != name
            and isinstance(base, CountDuty)
            and base.adds_to is None
            and base.for_each == duty.for_each
            and base.personal == duty.personal
            and all(
                d.apart is None and d.late is None and d.at_most is None
                and all(q.per and q.unit != "hours" for q in (d.at_least or {}).values())
                for d in (base, duty)
            )
        )
        if not fits:
            yield Problem("DR126", {"value": duty.adds_to}, path=place)

    def overlap(self, keys: list[str], path: Path, allowed: bool) -> Iterator[Problem]:
        if allowed:
            return
        for i, a in enumerate(keys):
            for b in keys[i + 1 :]:
                if ALWAYS_KEY not in (a, b) and self.may_overlap(a, b):
                    yield Problem("DR127", {"first": a, "second": b}, path=(*path, b))

    def may_overlap(self, a: str, b: str) -> bool:
        seasons = self.plan.season_keys()
        if a not in seasons or b not in seasons:
            periods = self.plan.calendar.named_periods
            return (a in seasons or a in periods) and (b in seasons or b in periods)
        (first, not_first), (second, not_second) = seasons[a], seasons[b]
        if first == second:
            return not_first == not_second
        if not_first or not_second:
            return True
        rules = [self.plan.seasons[s] for s in (first, second)]
        if any(r.every_year is None or r.in_year or r.snap for r in rules):
            return True
        days: list[set[tuple[int, int]]] = []
        for r in rules:
            assert r.every_year is not None
            low, high = r.every_year.from_, r.every_year.through
            start, end = (low.month, low.day or 31), (high.month, high.day or 31)
            inside = {(m, d) for m in range(1, 13) for d in range(1, 32)}
            days.append({x for x in inside if (start <= x <= end if start <= end else x >= start or x <= end)})
        return bool(days[0] & days[1])

    def chain(self, duty: ChainDuty, path: Path) -> Iterator[Problem]:
        for place, pattern in duty.patterns():
            for event in pattern.event:
                kind = self.plan.events.get(event)
                if kind is not None and duty.case not in kind.attributes:
                    yield Problem("DR128", {"event": event, "attribute": duty.case}, path=(*path, *place))
        events = tuple(e for _, p in duty.patterns() for e in p.event)
        for place, step in duty.all_steps():
            if step.or_by is not None and self.plan.attribute_type(events, step.or_by) != "date":
                yield Problem("DR118", {"value": step.or_by}, path=(*path, *place, "or_by"))


ROUGH_DAYS = {"minutes": 1 / 1440, "hours": 1 / 24, "days": 1, "working_days": 2, "weeks": 7, "months": 31, "years": 366}
"""Days in each unit, about: to tell lengths of different units apart."""
