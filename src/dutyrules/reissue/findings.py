"""What should be looked at when a plan is reissued: renamed duties, windows that the change cuts, forces that do not meet."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from typing import TYPE_CHECKING

from dutyrules.duties.counting import ALWAYS_KEY, CountDuty
from dutyrules.meaning import meaning
from dutyrules.messages import message
from dutyrules.model import Label
from dutyrules.plan import Plan
from dutyrules.quantity import CALENDAR_PERIODS, Quantity
from dutyrules.time.intervals import END, complement
from dutyrules.time.seasons import season_intervals
from dutyrules.time.windows import period_of
from dutyrules.time.zone import zone_named

if TYPE_CHECKING:
    from dutyrules.reissue.comparison import Finding, Item

__all__ = ["findings"]


def findings(old: Plan, new: Plan, items: Sequence[Item]) -> Iterator[Finding]:
    """The findings of a reissue. Two versions of one plan (the same id) do not come in turn: only clauses are looked at."""
    if old.plan.id != new.plan.id:
        yield from _forces(old, new)
        for item in items:
            if item.part == "duty" and item.kind == "renamed":
                yield _finding("DR601", item.name, old=item.was, new=item.name)
        if new.plan.follows == old.plan.id:
            yield from _cut(old, new)
    cited = {d.clause for d in new.duties.values()} | set(new.clauses)
    for item in items:
        if item.part == "duty" and item.kind == "removed" and (clause := old.duties[item.name].clause) not in cited:
            yield _finding("DR604", item.name, duty=item.name, clause=clause)


def _finding(code: str, about: str | None, **args: object) -> Finding:
    from dutyrules.reissue.comparison import Finding

    return Finding(code=code, duty=about, text=Label(zh=message(code, "zh", args), en=message(code, "en", args)))


def _forces(old: Plan, new: Plan) -> Iterator[Finding]:
    """Whether the one plan ends where the other begins."""
    names = {"old": old.plan.id, "new": new.plan.id}
    last, first = old.plan.in_force.through, new.plan.in_force.from_
    follows = new.plan.follows == old.plan.id
    if not follows:
        yield _finding("DR603", None, **names)
    if follows and first <= old.plan.in_force.from_:
        yield _finding("DR607", None, **names, first=first)
    elif last is not None and last < first - timedelta(days=1):
        yield _finding("DR605", None, **names, first=last + timedelta(days=1), last=first - timedelta(days=1))
    elif not follows and (last is None or first <= last):
        ends = min((d for d in (last, new.plan.in_force.through) if d is not None), default=None)
        both = max(first, old.plan.in_force.from_)
        if ends is None or both <= ends:
            yield _finding("DR606", None, **names, span=f"{both} .. {ends or ''}".strip())


# -------------------------------------------------------------------------------------------------- windows that are cut


def _cut(old: Plan, new: Plan) -> Iterator[Finding]:
    """Counts that the change cuts although each part owes the whole."""
    change = new.plan.in_force.from_
    for name in old.duties:
        a, b = old.duties[name], new.duties.get(name)
        if not isinstance(a, CountDuty) or not isinstance(b, CountDuty) or meaning(old, name) == meaning(new, name):
            continue
        before = _window(old, a, change - timedelta(days=1))
        after = _window(new, b, change)
        if before is None or after is None or (before[1] < change and after[0] >= change):
            continue
        if (_full(a) and before[1] >= change) or (_full(b) and after[0] < change):
            start, end = max(before[0], old.plan.in_force.from_), min(after[1], new.plan.in_force.through or date.max)
            first, second = f"{start} .. {change - timedelta(days=1)}", f"{change} .. {end}"
            yield _finding("DR602", name, duty=name, first=first, old=before[2], second=second, new=after[2])


def _full(duty: CountDuty) -> bool:
    return duty.cut_windows is None or duty.cut_windows.kind == "full"


def _window(plan: Plan, duty: CountDuty, day: date) -> tuple[date, date, object] | None:
    """The window of a count that holds a day if no plan cut it (first day, last day), and what it owes."""
    for key, quantity in (duty.at_least or {}).items():
        if quantity.per is None or (span := _span(plan, key, day)) is None:
            continue
        period = _period(quantity, day, span)
        if period is not None:
            first, last = max(period[0], span[0]), min(period[1], span[1])
            if first <= day <= last:
                return first, last, quantity.phrase()
    return None


def _period(quantity: Quantity, day: date, span: tuple[date, date]) -> tuple[date, date] | None:
    """The period that holds a day; that of a named period depends on more than the plan and is left out."""
    assert quantity.per is not None
    per = quantity.per
    if per.unit == "season":
        return span
    if not per.stepped and per.unit not in CALENDAR_PERIODS:
        return None
    start, end = period_of(day.toordinal(), per.unit, per.n, per.anchor)
    return date.fromordinal(start), date.fromordinal(end - 1)


def _span(plan: Plan, key: str, day: date) -> tuple[date, date] | None:
    """The time of an entry around a day: of a season, of the rest of the year, or always."""
    if key == ALWAYS_KEY:
        return date.min, date.max
    if key not in plan.season_keys():
        return None
    name, inverse = plan.season_keys()[key]
    zone = zone_named(plan.plan.timezone)
    found = season_intervals(plan.seasons[name].rule(), zone, range(day.year - 2, day.year + 3), None)
    at = zone.start(day.toordinal())
    for start, end in complement(found) if inverse else found:
        if start <= at < end:
            first = date.fromordinal(zone.day_of(start)) if start > -END else date.min
            return first, date.fromordinal(zone.day_of(end - 1)) if end < END else date.max
    return None
