"""DR506: duties of which one forbids what the other asks for."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator

from dutyrules.conditions import BEARER
from dutyrules.duties.ahead import AheadDuty
from dutyrules.duties.counting import CountDuty
from dutyrules.duties.forbidding import ForbidDuty
from dutyrules.duties.response import ResponseDuty
from dutyrules.errors import Problem
from dutyrules.lint.implying import narrower, same_subjects, serves, unit_serves
from dutyrules.lint.rehearsal import Rehearsal
from dutyrules.plan import Plan
from dutyrules.quantity import Quantity
from dutyrules.time.intervals import END, Intervals, contains, intersect, subtract
from dutyrules.time.windows import days_in
from dutyrules.verdicts import Demand

__all__ = ["contradictions"]

Path = tuple[str | int, ...]


def contradictions(stage: Rehearsal) -> Iterator[Problem]:
    """Acts that are asked for where they are forbidden, and least figures above the greatest that are allowed.

    Sees two years of an object that is always in scope. A ban with ``unless`` is never taken to contradict, nor is one that
    covers a part of a window only. Of figures, those per period are compared, also of several short windows in a long one;
    greatest gaps and sliding minima beside ceilings are not seen.
    """
    duties = sorted(stage.plan.duties.items())
    for name, duty in duties:
        for other, limit in duties:
            if isinstance(limit, ForbidDuty) and isinstance(duty, (CountDuty, AheadDuty, ResponseDuty)):
                yield from _banned(stage, name, duty, other, limit)
            if isinstance(limit, CountDuty) and isinstance(duty, CountDuty):
                yield from _over(stage, name, duty, other, limit)


# ----------------------------------------------------------------------------------------------------------------- bans


def _banned(
    stage: Rehearsal, name: str, duty: CountDuty | AheadDuty | ResponseDuty, other: str, ban: ForbidDuty
) -> Iterator[Problem]:
    if not _forbids(stage.plan, ban, duty):
        return
    path: Path = ("duties", name)
    if isinstance(duty, ResponseDuty):
        if ban.during is None or _during_the_trigger(stage.plan, ban, duty):
            yield Problem("DR506", {"form": "banned_response", "other": other}, path=(*path, "must"))
        return
    time = _time(stage, ban)
    first = next((w for w in _asked(stage, duty) if not subtract(w, time)), None)
    if first is not None:
        days = {"first": stage.day(first[0][0]), "last": stage.day(min(first[-1][1], stage.time[0][1]) - 1)}
        yield Problem("DR506", {"form": "banned", "other": other, **days}, path=(*path, "must"))


def _forbids(plan: Plan, ban: ForbidDuty, duty: CountDuty | AheadDuty | ResponseDuty) -> bool:
    """Whether every record that could count for a duty is of a kind that is forbidden, at each of the duty's objects."""
    by_bearer = any(BEARER in condition.values() for condition in ban.where.values())
    return (
        duty.for_each == "object"
        and ban.unless is None
        and not by_bearer
        and set(duty.must) <= set(ban.must_not)
        and set(duty.object_type) <= set(ban.object_type)
        and ban.while_ in ({}, duty.while_)
        and narrower(plan, duty.must, duty.where, ban.must_not, ban.where)
    )


def _time(stage: Rehearsal, ban: ForbidDuty) -> Intervals:
    """The time for which the plan alone says that something is forbidden."""
    if ban.during is None:
        return stage.force
    period = ban.during.period
    return stage.bench.period_time(period) if period is not None and stage.time_of(period) is not None else ()


def _asked(stage: Rehearsal, duty: CountDuty | AheadDuty) -> Iterator[Intervals]:
    """The times in each of which a duty asks for an act."""
    if isinstance(duty, AheadDuty):
        if duty.before.season is not None:
            for w in duty.windows(stage.bench, stage.subject):
                if w[0] < w[1] and contains(stage.time, w[1] - 1):
                    yield intersect((w,), stage.force)
        return
    yield from (d.pieces for d in stage.demands(duty))
    for key, q in (duty.at_least or {}).items():
        if (q.every or q.in_any) and (time := stage.time_of(key)):
            yield time


def _during_the_trigger(plan: Plan, ban: ForbidDuty, duty: ResponseDuty) -> bool:
    """Whether the ban runs from the trigger of a response until the lapse that ends it."""
    during = ban.during
    if during is None or during.event is None or during.until is None or duty.within is None or duty.within.before is not None:
        return False
    return during.until == duty.lapses_with and all(
        set(t.event) <= set(during.event) and narrower(plan, t.event, t.where, during.event, during.where) for t in duty.trigger
    )


# ------------------------------------------------------------------------------------------------------------- ceilings


def _over(stage: Rehearsal, name: str, duty: CountDuty, other: str, limit: CountDuty) -> Iterator[Problem]:
    if not limit.at_most or not duty.at_least or duty.role != limit.role:
        return
    if not same_subjects(limit, duty) or not serves(stage.plan, duty, limit) or limit.apart not in (None, duty.apart):
        return
    for key, q in limit.at_most.items():
        found = _first_over(stage, duty, limit, key, q)
        if found is not None:
            pieces, least = found
            days = {"first": stage.day(pieces[0][0]), "last": stage.day(min(pieces[-1][1], END) - 1)}
            place = "at_most" if name == other else "at_least"
            args: dict[str, object] = {"form": "ceiling", "other": other, "least": least, "most": q.count, **days}
            yield Problem("DR506", args, path=("duties", name, place))
            return


def _first_over(
    stage: Rehearsal, duty: CountDuty, limit: CountDuty, key: str, q: Quantity
) -> tuple[Intervals, int] | None:
    """The first window of a ceiling in which more is asked for than is allowed, and how much."""
    asked = [d for d in stage.demands(duty) if unit_serves(d.unit, q.unit)]
    if not isinstance(q.count, int):
        return None
    if q.in_any is not None:
        return _over_in_any(stage, asked, q) if stage.time_of(key) == stage.time else None
    if q.per is None or not all(stage.time_of(name) is not None for name in (key, q.per.unit) if name in stage.names):
        return None
    windows = limit.windows(stage.bench, stage.subject, key, q.per)
    starts = [w.start for w in windows]
    sums = [0] * len(windows)
    for d in asked:
        i = bisect_right(starts, d.pieces[0][0]) - 1
        if i >= 0 and d.required is not None and not subtract(d.pieces, windows[i].pieces):
            # Hours may overlap from one window into the next, and records of two windows may lie too close together.
            alone = q.unit == "hours" or limit.apart is not None
            sums[i] = max(sums[i], d.required) if alone else sums[i] + d.required
    return next(((w.pieces, n) for w, n in zip(windows, sums, strict=True) if n > q.count), None)


def _over_in_any(stage: Rehearsal, asked: list[Demand], q: Quantity) -> tuple[Intervals, int] | None:
    assert q.in_any is not None and isinstance(q.count, int)
    if not isinstance(q.in_any.amount, int):
        return None
    length = q.in_any.amount * (7 if q.in_any.unit == "weeks" else 1)
    for d in asked:
        if d.required is not None and d.required > q.count and days_in(((d.pieces[0][0], d.pieces[-1][1]),), stage.zone) <= length:
            return d.pieces, d.required
    return None
