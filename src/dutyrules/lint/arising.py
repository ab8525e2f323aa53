"""DR503: duties that can never arise or never be missed, and conditions that nothing can satisfy."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from functools import reduce

from dutyrules.conditions import LASTED, AttributeType, Condition, Conditions
from dutyrules.duties.ahead import AheadDuty, last_day_ahead
from dutyrules.duties.counting import ALWAYS_KEY, CountDuty
from dutyrules.errors import Problem
from dutyrules.lint.rehearsal import Rehearsal
from dutyrules.lint.satisfiable import satisfiable
from dutyrules.plan import Plan
from dutyrules.quantity import Duration, Figure, Quantity
from dutyrules.roster import Roster
from dutyrules.time.deadlines import add_days, exact_length
from dutyrules.time.intervals import END, START, Interval, intersect
from dutyrules.time.windows import days_in

__all__ = ["no_objects", "unsatisfied", "without_time"]

Path = tuple[str | int, ...]


# ----------------------------------------------------------------------------------------------------------------- time


def without_time(stage: Rehearsal) -> Iterator[Problem]:
    """Duties none of whose time lies in the plan's force, and greatest gaps longer than the season they are asked in.

    Sees the plan as it is written and two years of it. A season of which some year is yet to be announced, a declared period,
    and holidays of years that are not published are taken to come. A count is named only if none of its entries has a day.
    """
    for name, duty in stage.plan.duties.items():
        path: Path = ("duties", name)
        if isinstance(duty, CountDuty):
            yield from _count(stage, duty, path)
        during = getattr(duty, "during", None)
        if during is not None and during.period is not None and stage.time_of(during.period) == ():
            yield _never(stage, during.period, (*path, "during"))
        if isinstance(duty, AheadDuty):
            yield from _ahead(stage, duty, path)


def _never(stage: Rehearsal, what: str, path: Path, form: str = "never_in_force") -> Problem:
    first = stage.plan.plan.in_force.from_.isoformat()
    return Problem("DR503", {"form": form, "what": what, "first": first, "last": stage.last()}, path=path)


def _count(stage: Rehearsal, duty: CountDuty, path: Path) -> Iterator[Problem]:
    entries = duty.quantities()
    if all(_no_day(stage, key, q) for _, key, q in entries):
        side, key, q = entries[0]
        yield _never(stage, key if key != ALWAYS_KEY or not q.per else q.per.unit, (*path, side, key))
    elif _all_skipped(stage, duty):
        yield _never(stage, "", (*path, "at_least"), "no_window")
    else:
        for key, q in (duty.at_least or {}).items():
            length = q.every or q.in_any
            if key != ALWAYS_KEY and length is not None and isinstance(length.amount, int) and length.amount:
                yield from _outlasts(stage, key, length, str(q.phrase()), (*path, "at_least", key))


def _no_day(stage: Rehearsal, key: str, quantity: Quantity) -> bool:
    """Whether the plan alone says that an entry has no day in the time looked at."""
    names = [key, *([quantity.per.unit] if quantity.per and quantity.per.unit in stage.plan.calendar.named_periods else [])]
    times = [time for name in names if (time := stage.time_of(name)) is not None]
    return len(times) == len(names) and reduce(intersect, times) == ()


def _all_skipped(stage: Rehearsal, duty: CountDuty) -> bool:
    """Whether every window is passed over as cut by the season, or has none of the days of ``between``.

    Said only of plans that hold for a year or more: what the first or last day of a shorter one cuts, the next may make whole.
    """
    entries = duty.quantities()
    if not all(side == "at_least" and q.per and not isinstance(q.count, Figure) for side, _, q in entries):
        return False
    if any(stage.time_of(name) is None for name in duty.periods_named() if name in stage.names):
        return False
    return days_in(stage.time, stage.zone) >= 365 and not stage.demands(duty)


def _outlasts(stage: Rehearsal, key: str, length: Duration, asked: str, path: Path) -> Iterator[Problem]:
    if stage.time_of(key) is None:
        return
    pieces = [p for p in stage.bench.period_time(key) if p[0] > START and p[1] < END]
    if pieces and all(_falls_due_after(stage, piece, length) for piece in pieces):
        longest = max(days_in((piece,), stage.zone) for piece in pieces)
        yield Problem("DR503", {"form": "never_bites", "what": key, "has": longest, "asked": asked}, path=path)


def _falls_due_after(stage: Rehearsal, piece: Interval, length: Duration) -> bool:
    """Whether what is asked once in a length of time cannot be missed in a piece of time, as that is over before."""
    assert isinstance(length.amount, int)
    if length.exact:
        return piece[0] + exact_length(length.amount, length.unit) >= piece[1]
    return stage.zone.start(add_days(stage.zone.day_of(piece[0]), length.amount, length.unit)) > piece[1]


def _ahead(stage: Rehearsal, duty: AheadDuty, path: Path) -> Iterator[Problem]:
    before = duty.before
    if before.opens is not None and all(_opens_too_late(day, before.opens, before.by) for day in _SAMPLE_DAYS):
        by = before.by.phrase() if before.by else "1 day"
        first, second = str(before.opens.phrase()), str(by)
        yield Problem("DR503", {"form": "opens_too_late", "first": first, "second": second}, path=(*path, "before", "opens"))
    elif before.season is not None and stage.time_of(before.season) is not None:
        windows = list(duty.windows(stage.bench, stage.subject))
        if not any(start < end and stage.time[0][0] < end <= stage.time[0][1] for start, end in windows):
            yield _never(stage, before.season, (*path, "before"))


_SAMPLE_DAYS = [date(2025, month, day).toordinal() for month in range(1, 13) for day in (1, 28)]


def _opens_too_late(day: int, opens: Duration, by: Duration | None) -> bool:
    assert isinstance(opens.amount, int)
    return add_days(day, -opens.amount, opens.unit) > last_day_ahead(day, by)


# ----------------------------------------------------------------------------------------------------------- conditions


def unsatisfied(plan: Plan) -> Iterator[Problem]:
    """Conditions of ``while`` and ``where`` that no value satisfies, alone or together with the object type's own ``while``.

    Each attribute is looked at by itself. A duty of several types is named only if no type is left; attributes that a type
    does not declare are not judged.
    """
    for name, kind in plan.object_types.items():
        for attribute, condition in kind.while_.items():
            if not satisfiable([condition], _object_attribute(plan, name, attribute)):
                yield _no_value(attribute, ("object_types", name, "while", attribute))
    for name, duty in plan.duties.items():
        for attribute, condition in duty.while_.items():
            yield from _while(plan, duty.object_type, attribute, condition, ("duties", name, "while", attribute))
        for place, pattern in duty.patterns():
            yield from _where(plan, pattern.event, pattern.where, ("duties", name, *place[:-1], "where"))


def _object_attribute(plan: Plan, kind: str, attribute: str) -> AttributeType | None:
    return "text" if attribute == "state" else plan.object_attribute_type(kind, attribute)


def _no_value(attribute: str, path: Path) -> Problem:
    return Problem("DR503", {"form": "no_value", "attribute": attribute}, path=path)


def _while(plan: Plan, types: tuple[str, ...], attribute: str, condition: Condition, path: Path) -> Iterator[Problem]:
    kinds = {t: _object_attribute(plan, t, attribute) for t in types}
    if not all(kinds.values()):
        return
    if not any(satisfiable([condition], kind) for kind in kinds.values()):
        yield _no_value(attribute, path)
        return
    own = {t: plan.object_types[t].while_.get(attribute) for t in types}
    if not any(satisfiable([condition, *([c] if (c := own[t]) else [])], kind) for t, kind in kinds.items()):
        yield Problem("DR503", {"form": "left_out", "attribute": attribute, "types": ", ".join(types)}, path=path)


def _where(plan: Plan, events: tuple[str, ...], where: Conditions, path: Path) -> Iterator[Problem]:
    for attribute, condition in where.items():
        if attribute == LASTED:
            possible = satisfiable([condition], "number", least=0)
        else:
            shared = plan.attribute_type(events, attribute)
            possible = any(satisfiable([condition], plan.attribute_type((e,), attribute) or shared) for e in events)
        if not possible:
            yield _no_value(attribute, (*path, attribute))


# -------------------------------------------------------------------------------------------------------------- objects


def no_objects(plan: Plan, roster: Roster) -> Iterator[Problem]:
    """Duties of object types of which the roster has no object at all; states and attributes are not looked at."""
    types = {o.type for o in roster.objects}
    for name, duty in plan.duties.items():
        if not types & set(duty.object_type):
            types_named = ", ".join(duty.object_type)
            yield Problem("DR503", {"form": "no_object", "types": types_named}, path=("duties", name, "object_type"))
