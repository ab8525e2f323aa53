"""What the duties of some plans look for, and how far a record reaches: which objects, which case, which time."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from dutyrules.conditions import coerce
from dutyrules.duties.chain import ChainDuty
from dutyrules.duties.counting import ALWAYS_KEY, CountDuty
from dutyrules.duties.response import ResponseDuty
from dutyrules.duty import BaseDuty
from dutyrules.history import Record
from dutyrules.partition import judged_together, kinds_of
from dutyrules.plan import Plan
from dutyrules.quantity import Duration, Period
from dutyrules.time.deadlines import exact_length
from dutyrules.time.intervals import END, START, Interval
from dutyrules.time.windows import period_of
from dutyrules.time.zone import DAY, Zone
from dutyrules.waivers import Waiver

__all__ = ["EVER", "CaseOf", "Group", "groups_of"]

EVER: Interval = (START, END)
Reach = Callable[[int, int], Interval]
"""From the earliest and the latest instant of a record to the time of the records with which it must be judged."""


@dataclass(frozen=True)
class CaseOf:
    """The attribute that tells cases apart, and its type."""

    attribute: str
    kind: Any

    def key(self, record: Record) -> str:
        """The case of a record; records are of one case only if they have the same. One that names none is a case of its own."""
        value = coerce(record.attributes.get(self.attribute), self.kind)
        if value is None:
            return f"\0{record.id}"
        # Minus nothing is nothing.
        return str(value + 0.0 if isinstance(value, float) else value)


@dataclass(frozen=True, eq=False)
class Group:
    """Duties that are judged together, because they share records."""

    duties: frozenset[str]
    kinds: frozenset[str]
    """The events that they look for."""
    types: frozenset[str]
    splits: bool
    """Whether each object is judged by itself."""
    by_case: bool
    case: CaseOf | None
    """By what each case is judged by itself; ``None``: cases cannot be told apart so."""
    reach: Reach | None
    """``None``: a record may bear on any time."""
    counts: bool
    """Whether they count in windows of the calendar, and nothing else."""
    steady: bool
    """Whether what is open, and for counts the next window (the same for objects that are alike), tell when time changes anything."""


def groups_of(plans: Sequence[Plan], zone: Zone, waivers: Sequence[Waiver]) -> list[Group]:
    """The groups of the duties of some plans."""
    suspended = {d for w in waivers if w.suspends for d in w.duties}
    return [_group(plans, zone, duties, suspended) for duties in judged_together(plans)]


def _group(plans: Sequence[Plan], zone: Zone, duties: frozenset[str], suspended: set[str]) -> Group:
    held = [(plan, plan.duties[d]) for plan in plans for d in sorted(duties) if d in plan.duties]
    case = _case(held)
    counted = [_periods(plan, duty) for plan, duty in held]
    answered = [_margin(plan, duty) for plan, duty in held]
    reach: Reach | None = None
    counts = all(p is not None for p in counted)
    if counts:
        reach = _within_periods(zone, [p for its in counted for p in its or ()])
    elif all(m is not None for m in answered):
        reach = _around(max(m or 0 for m in answered))
    return Group(
        duties=duties,
        kinds=frozenset(k for plan, duty in held for k in kinds_of(plan, duty)),
        types=frozenset(t for _, duty in held for t in duty.object_type),
        splits=all(getattr(duty, "for_each", "object") == "object" for _, duty in held),
        by_case=any(isinstance(duty, ChainDuty) for _, duty in held),
        case=case,
        reach=reach,
        counts=counts,
        steady=not duties & suspended and all(
            (counts and not getattr(duty, "personal", False)) or _plain_response(duty) or case is not None
            for _, duty in held
        ),
    )


def _case(held: Sequence[tuple[Plan, BaseDuty]]) -> CaseOf | None:
    """The attribute and type that tell the cases of chains apart, if they are the same for all their records."""
    found = {
        CaseOf(duty.case, plan.attribute_type((e,), duty.case)) if isinstance(duty, ChainDuty) else None
        for plan, duty in held for _, p in duty.patterns() for e in p.event
    }  # fmt: skip
    return found.pop() if len(found) == 1 else None


# ---------------------------------------------------------------------------------------------- how far a record reaches


def _periods(plan: Plan, duty: BaseDuty) -> list[Period] | None:
    """The periods of the calendar in which a duty counts for each object, if it does nothing else and no window is more than one."""
    if not isinstance(duty, CountDuty) or duty.for_each != "object" or duty.at_most or duty.late or duty.adds_to:
        return None
    if duty.cut_windows is not None and duty.cut_windows.kind == "merge":
        return None
    named = plan.calendar.named_periods
    found = []
    for _, key, q in duty.quantities():
        if q.per is None or not duty.calendar_period(q.per) or q.per.unit == "season":
            return None
        if key != ALWAYS_KEY and key in named and named[key].declared:
            return None
        found.append(q.per)
    return found


def _within_periods(zone: Zone, periods: Sequence[Period]) -> Reach:
    """All of each period that holds the day of the record; a window lies within its period."""

    @lru_cache(maxsize=1024)
    def around(day: int) -> Interval:
        spans = [period_of(day, p.unit, p.n, p.anchor) for p in periods]
        return zone.start(min(a for a, _ in spans)), zone.start(max(b for _, b in spans))

    return lambda low, high: around(zone.day_of(low))


def _margin(plan: Plan, duty: BaseDuty) -> int | None:
    """How long the time may be from a trigger, or the beginning of its window, to its end, if a trigger stands for itself."""
    if not _single_response(duty):
        return None
    assert isinstance(duty, ResponseDuty) and duty.within is not None
    after = duty.within.after
    if after is None or (not after.exact and duty.roll == "forward" and plan.calendar.work_calendar() is not None):
        return None
    lengths = [_at_most(d) for d in (after, duty.within.before, duty.not_before) if d is not None]
    return None if None in lengths else sum(n or 0 for n in lengths) + 3 * DAY


def _at_most(d: Duration) -> int | None:
    """The greatest length that a duration may have; ``None``: a calendar decides."""
    if not isinstance(d.amount, int) or d.unit == "working_days":
        return None
    if d.exact:
        return exact_length(d.amount, d.unit)
    return d.amount * {"days": 1, "weeks": 7, "months": 31, "years": 366}[d.unit] * DAY


def _around(margin: int) -> Reach:
    """A window that holds the record lies in this time, with its trigger and all that counts in it."""
    return lambda low, high: (low - margin, high + margin)


def _single_response(duty: BaseDuty) -> bool:
    """Whether each trigger of a response stands for itself, and only answers in its own window count."""
    return (
        isinstance(duty, ResponseDuty) and duty.for_each == "object" and duty.within is not None
        and duty.one_episode is None and duty.lapses_with is None and duty.late is None
    )  # fmt: skip


def _plain_response(duty: BaseDuty) -> bool:
    """Whether a trigger opens its obligation at once."""
    return _single_response(duty) and isinstance(duty, ResponseDuty) and duty.not_before is None

