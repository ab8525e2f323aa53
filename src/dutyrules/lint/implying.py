"""When one duty implies another: every history that meets the first meets the second.

Two duties are compared only if they ask the same role about the same subjects. What is claimed here holds whatever the roster
and the records are, and for windows that are cut by season, scope or tenure; where that is not plain, nothing is claimed.
Waivers, which name the duties that they excuse, are not considered.
"""

from __future__ import annotations

from dutyrules.conditions import LASTED, Condition, Conditions
from dutyrules.duties.ahead import AheadDuty
from dutyrules.duties.counting import ALWAYS_KEY, CountDuty, CutPolicy
from dutyrules.duties.forbidding import ForbidDuty
from dutyrules.duties.keeping import KeepDuty
from dutyrules.duties.response import ResponseDuty, Within
from dutyrules.duty import BaseDuty
from dutyrules.plan import Plan
from dutyrules.quantity import Duration, Figure, Period, Quantity

__all__ = ["implies", "narrower", "same_duty", "same_subjects", "serves", "shares", "unit_serves"]

Acting = CountDuty | ResponseDuty | AheadDuty
"""Duties that ask for an act."""


def same_duty(a: BaseDuty, b: BaseDuty) -> bool:
    """Whether two duties have the same fields, apart from their texts and from the order of names in a list."""
    texts = {"clause", "summary", "severity", "note", "reading", "accepted"}
    mine, other = ({k: _unordered(v) for k, v in d.__dict__.items() if k not in texts} for d in (a, b))
    return type(a) is type(b) and mine == other


def _unordered(value: object) -> object:
    named = isinstance(value, tuple) and all(isinstance(v, str) for v in value)
    return frozenset(value) if named and isinstance(value, tuple) else value


def implies(plan: Plan, a: BaseDuty, b: BaseDuty) -> bool:
    """Whether nobody can miss ``b`` without missing ``a``."""
    if type(a) is not type(b) or a.role != b.role:
        return False
    if isinstance(a, CountDuty) and isinstance(b, CountDuty):
        return _counts(plan, a, b)
    if isinstance(a, ResponseDuty) and isinstance(b, ResponseDuty):
        return _responses(plan, a, b)
    if isinstance(a, AheadDuty) and isinstance(b, AheadDuty):
        return _ahead(plan, a, b)
    if isinstance(a, ForbidDuty) and isinstance(b, ForbidDuty):
        return _bans(plan, a, b)
    return isinstance(a, KeepDuty) and isinstance(b, KeepDuty) and _kept(a, b)


# ------------------------------------------------------------------------------------------------- subjects and records


def same_subjects(a: BaseDuty, b: BaseDuty) -> bool:
    """Whether every subject of ``b`` is one of ``a``, in scope of both at the same times.

    Only single objects may be fewer: for a person or an area, other types would let other records count.
    """
    each = getattr(a, "for_each", "object")
    types = set(a.object_type) >= set(b.object_type) if each == "object" else set(a.object_type) == set(b.object_type)
    alike = all(getattr(a, key, None) == getattr(b, key, None) for key in ("for_each", "area_type", "personal"))
    return types and alike and a.while_ == b.while_


def serves(plan: Plan, a: Acting, b: Acting) -> bool:
    """Whether every record that counts for ``a`` counts for ``b``, at the same subject and time."""
    return (
        set(a.must) <= set(b.must)
        and set(a.may_be_done_by) <= set(b.may_be_done_by)
        and getattr(b, "covers", None) in (None, getattr(a, "covers", None))
        and narrower(plan, a.must, a.where, b.must, b.where)
    )


def narrower(plan: Plan, events: tuple[str, ...], where: Conditions, others: tuple[str, ...], loose: Conditions) -> bool:
    """Whether what satisfies ``where`` satisfies ``loose`` too.

    Where an event does not declare an attribute, its values are read as those of the other events of its duty, so that the
    same condition may mean different things in duties of different events.
    """
    declared = all(a == LASTED or a in plan.events[e].attributes for a in loose for e in events if e in plan.events)
    return (declared or set(events) == set(others)) and all(
        a in where and _implied(where[a], condition) for a, condition in loose.items()
    )


def _implied(tight: Condition, loose: Condition) -> bool:
    if tight == loose:
        return True
    plain = not tight.ordered and not loose.ordered
    return plain and set(map(repr, tight.one_of or ())) <= set(map(repr, loose.one_of or ()))


# --------------------------------------------------------------------------------------------------------------- counts


def _counts(plan: Plan, a: CountDuty, b: CountDuty) -> bool:
    if not same_subjects(a, b) or any(shares(plan, d) for d in (a, b)):
        return False
    least = not b.at_least or (
        bool(a.at_least) and a.late is None and serves(plan, a, b) and all(
            _least(plan, a, key, q, b) for key, q in b.at_least.items()
        )
    )  # fmt: skip
    most = not b.at_most or (
        bool(a.at_most) and serves(plan, b, a) and all(_most(plan, a, key, q, b) for key, q in b.at_most.items())
    )
    return least and most


def shares(plan: Plan, duty: CountDuty) -> bool:
    """Whether a duty shares its records with another, so that not every record serves it."""
    return duty.adds_to is not None or any(
        isinstance(d, CountDuty) and d.adds_to is not None and plan.duties[d.adds_to] is duty for d in plan.duties.values()
    )


def _least(plan: Plan, a: CountDuty, key: str, q: Quantity, b: CountDuty) -> bool:
    """Whether what ``a`` asks at least implies one entry of what ``b`` asks at least."""
    entries = a.at_least or {}
    if key in entries and _least_entry(plan, a, entries[key], b, q, key):
        return True
    if key != ALWAYS_KEY:
        # A gap that is kept all the year is kept within a season too. Months differ by the day from which they are counted.
        always = entries.get(ALWAYS_KEY)
        steady = q.every is not None and q.every.unit not in ("months", "years") and not _declared(plan, key)
        return always is not None and steady and _no_longer(always.every, q.every)
    # A season and the rest of the year are all the year: any window holds a window of one of them.
    return (
        q.per is not None
        and len(entries) == 2
        and any(set(entries) == {s, f"non_{s}"} for s in plan.seasons)
        and all(e.per and _at_once(a, e, b, q) and nested(e.per, q.per) for e in entries.values())
    )


def _least_entry(plan: Plan, a: CountDuty, p: Quantity, b: CountDuty, q: Quantity, key: str) -> bool:
    if _declared(plan, key) or isinstance(p.count, Figure) or isinstance(q.count, Figure):
        return False
    if p.every or p.in_any:
        return _steady(plan, a, p, b, q)
    if p.per is None or q.per is None or not unit_serves(p.unit, q.unit):
        return False
    if _same_period(p.per, q.per) and a.between == b.between and not _declared(plan, p.per.unit):
        return p.count >= q.count and _no_milder(a, b) and _spaced(a, b)
    if a.between is not None or b.between is not None:
        return False
    parts = nested(p.per, q.per)
    if not parts:
        return False
    if _at_once(a, p, b, q):
        return True
    # What skips every cut window asks only in whole ones, and those hold whole windows of the shorter period.
    whole = b.cut_windows is not None and b.cut_windows.kind == "skip" and b.cut_windows.below is None
    plain = a.cut_windows is None or a.cut_windows.kind != "merge"
    return whole and plain and b.apart is None and q.unit != "hours" and parts * p.count >= q.count


def _at_once(a: CountDuty, p: Quantity, b: CountDuty, q: Quantity) -> bool:
    """Whether any single window of ``p``, however it is cut, holds what ``q`` asks for."""
    policy = a.cut_windows.kind if a.cut_windows else "full"
    if a.between is not None or b.between is not None or isinstance(p.count, Figure) or isinstance(q.count, Figure):
        return False
    sure = {"full": p.count, "prorate": 1}.get(policy, 0)
    merges = b.cut_windows is not None and b.cut_windows.kind == "merge"
    return not merges and unit_serves(p.unit, q.unit) and _spaced(a, b) and sure >= q.count


def _steady(plan: Plan, a: CountDuty, p: Quantity, b: CountDuty, q: Quantity) -> bool:
    """What a greatest gap or a sliding count implies: a longer one, or a count in whole windows."""
    run = _days_at_most(p.every or p.in_any)
    if run is None or not isinstance(p.count, int) or not isinstance(q.count, int) or not unit_serves(p.unit, q.unit):
        return False
    if q.every and p.every:
        return _no_longer(p.every, q.every)
    if q.in_any and p.in_any:
        return _spaced(a, b) and p.count >= q.count and _no_longer(p.in_any, q.in_any)
    if q.per is None or b.apart is not None or b.between is not None or q.unit == "hours":
        return False
    whole = b.cut_windows is not None and b.cut_windows.kind == "skip" and b.cut_windows.below is None
    return whole and p.count * (_days_at_least(q.per) // run) >= q.count


def _most(plan: Plan, a: CountDuty, key: str, q: Quantity, b: CountDuty) -> bool:
    """Whether what ``a`` allows at most implies one entry of what ``b`` allows at most."""
    for name in dict.fromkeys((key, ALWAYS_KEY)):
        p = (a.at_most or {}).get(name)
        if p is None or _declared(plan, key) or not isinstance(p.count, int) or not isinstance(q.count, int):
            continue
        # More than is allowed of what is fewer is more than is allowed of what is more.
        if p.count > q.count or not unit_serves(q.unit, p.unit) or a.apart not in (None, b.apart):
            continue
        if p.in_any and q.in_any and a.apart is None and _no_longer(q.in_any, p.in_any):
            return True
        if p.per and q.per and a.between in (None, b.between) and (
            (_same_period(p.per, q.per) and not _declared(plan, p.per.unit))
            or (a.between is None and b.between is None and a.apart is None and nested(q.per, p.per))
        ):
            return True
    return False


def _declared(plan: Plan, name: str) -> bool:
    """Whether a name is that of a period that records open, whose edges may lie in mid-day and in doubt."""
    period = plan.calendar.named_periods.get(name)
    return period is not None and period.declared


def _spaced(a: CountDuty, b: CountDuty) -> bool:
    """Whether what keeps its distance for ``a`` does so for ``b``."""
    if b.apart is None or a.apart == b.apart:
        return True
    return a.apart is not None and a.apart.unit == b.apart.unit and _no_longer(b.apart, a.apart)


def _no_milder(a: CountDuty, b: CountDuty) -> bool:
    """Whether a cut window of the same period owes no less under the policy of ``a``."""
    mine, other = (d.cut_windows or CutPolicy(kind="full") for d in (a, b))
    if "merge" in (mine.kind, other.kind):
        # What is joined to what hangs on all the windows of a duty.
        return mine == other and _periods(a) == _periods(b)
    return mine == other or mine.kind == "full"


def _periods(duty: CountDuty) -> dict[str, Period | None]:
    return {key: q.per for key, q in (duty.at_least or {}).items()}


_UNITS = {"events": {"events", "days", "working_days"}, "days": {"days", "working_days"}}


def unit_serves(strict: str, loose: str) -> bool:
    """Whether so many of the one unit are at least so many of the other."""
    return strict == loose or strict in _UNITS.get(loose, ())


# -------------------------------------------------------------------------------------------------- periods and lengths


_MONTHS = {"month": 1, "quarter": 3, "half_year": 6, "year": 12}
_DAYS = {"day": 1, "week": 7, "ten_days": 8}


def nested(short: Period, long: Period) -> int:
    """How many of the shorter periods a longer one holds at least, if its edges are edges of them; otherwise 0."""
    if short.anchor is not None and short.anchor == long.anchor:
        return _anchored(short, long)
    if short.unit == "day":
        return _days_at_least(long)
    months = _calendar_months(long)
    if short.unit == "ten_days" and months:
        return 3 * months
    step = _calendar_months(short)
    return months // step if step and months > step and months % step == 0 else 0


def _anchored(short: Period, long: Period) -> int:
    scale = {"days": ("days", 1), "weeks": ("days", 7), "months": ("months", 1), "years": ("months", 12)}
    (kind, a), (other, b) = scale[short.unit], scale[long.unit]
    n, m = a * short.n, b * long.n
    return m // n if kind == other and m > n and m % n == 0 else 0


def _calendar_months(period: Period) -> int:
    """The months of a period that is counted from January; otherwise 0."""
    if period.anchor is not None:
        return 0
    return period.n if period.unit == "months" else _MONTHS.get(period.unit, 0)


def _same_period(a: Period, b: Period) -> bool:
    return a == b or (_calendar_months(a) == _calendar_months(b) > 0)


def _days_at_least(period: Period) -> int:
    """The fewest days that a period has; 0 where that is not known."""
    months = {**_MONTHS, "months": period.n, "years": 12 * period.n}.get(period.unit)
    if months is not None:
        return _LEAST_DAYS[months % 12] + 365 * (months // 12)
    return {**_DAYS, "days": period.n, "weeks": 7 * period.n}.get(period.unit, 0)


_LEAST_DAYS = (0, 28, 59, 89, 120, 150, 181, 212, 242, 273, 303, 334)
"""The fewest days that so many months in a row have."""


def _days_at_most(length: Duration | None) -> int | None:
    """The most days that a length has, whole and touched; ``None`` where it is not known."""
    if length is None or not isinstance(length.amount, int):
        return None
    if length.exact:
        return length.amount // (24 if length.unit == "hours" else 1440) + 2
    scale = {"days": 1, "weeks": 7, "months": 31, "years": 366}
    return length.amount * scale[length.unit] if length.unit in scale else None


def _no_longer(a: Duration | None, b: Duration | None) -> bool:
    """Whether a length is no longer than another of a like unit."""
    scales = ({"minutes": 1, "hours": 60}, {"days": 1, "weeks": 7}, {"months": 1, "years": 12}, {"working_days": 1})
    if a is None or b is None or not isinstance(a.amount, int) or not isinstance(b.amount, int):
        return False
    return any(a.unit in s and b.unit in s and 0 < a.amount * s[a.unit] <= b.amount * s[b.unit] for s in scales)


# ------------------------------------------------------------------------------------------------- the other kinds


def _same(a: BaseDuty, b: BaseDuty, *keys: str) -> bool:
    return all(getattr(a, key) == getattr(b, key) for key in keys)


def _asks_no_less(a: Quantity | None, b: Quantity | None) -> bool:
    p, q = a or Quantity(count=1), b or Quantity(count=1)
    return isinstance(p.count, int) and isinstance(q.count, int) and p.count >= q.count and unit_serves(p.unit, q.unit)


def _responses(plan: Plan, a: ResponseDuty, b: ResponseDuty) -> bool:
    return (
        same_subjects(a, b)
        and serves(plan, a, b)
        and a.late is None
        and _same(a, b, "trigger", "one_episode", "lapses_with", "not_before", "roll", "before")
        and _asks_no_less(a.at_least, b.at_least)
        and _sooner(a.within, b.within)
    )


def _sooner(a: Within | None, b: Within | None) -> bool:
    if a is None or b is None:
        return a is b
    return a.before == b.before and a.after is not None and _no_longer(a.after, b.after)


def _ahead(plan: Plan, a: AheadDuty, b: AheadDuty) -> bool:
    return (
        same_subjects(a, b)
        and serves(plan, a, b)
        and a.late is None
        and _same(a, b, "before")
        and _asks_no_less(a.at_least, b.at_least)
    )


def _bans(plan: Plan, a: ForbidDuty, b: ForbidDuty) -> bool:
    return (
        set(a.object_type) >= set(b.object_type)
        and a.while_ in ({}, b.while_)
        and set(a.must_not) >= set(b.must_not)
        and narrower(plan, b.must_not, b.where, a.must_not, a.where)
        and a.during in (None, b.during)
        and a.unless in (None, b.unless)
    )


def _kept(a: KeepDuty, b: KeepDuty) -> bool:
    steady = a.gaps_up_to is None or a.gaps_up_to.unit not in ("months", "years")
    return (
        same_subjects(a, b)
        and _same(a, b, "keep", "may_be_done_by")
        and (a.during == b.during or (a.during is None and steady))
        and a.gaps_up_to in (None, b.gaps_up_to)
    )
