"""DR501: days on which a count that changes with the season asks for nothing."""

from __future__ import annotations

from collections.abc import Iterator

from dutyrules.duties.counting import CountDuty
from dutyrules.errors import Problem
from dutyrules.lint.rehearsal import Rehearsal
from dutyrules.time.intervals import Intervals, subtract, union

__all__ = ["uncovered_days"]


def uncovered_days(stage: Rehearsal) -> Iterator[Problem]:
    """Counts whose seasons and named periods leave days of the plan's force uncovered.

    Sees the first years of the force. Counts of the same role for the same act are taken together, so that one duty for the
    flood season and one for the rest of the year are no finding. Left alone: what ``adds_to`` another duty, ceilings, and
    counts with a period whose days the plan does not hold (declared, or not announced yet).
    """
    for name, duty in stage.plan.duties.items():
        if not isinstance(duty, CountDuty) or duty.at_least is None or duty.adds_to is not None:
            continue
        partners = [d for d in stage.plan.duties.values() if isinstance(d, CountDuty) and _covers(d, duty)]
        times = [stage.time_of(key) for d in partners for key in d.at_least or ()]
        if None in times:
            continue
        gaps = subtract(stage.time, union(piece for time in times if time for piece in time))
        if gaps:
            start, end = _telling(gaps, stage.time)
            keys = ", ".join(duty.at_least)
            yield Problem(
                "DR501",
                {"first": stage.day(start)[5:], "last": stage.day(end - 1)[5:], "keys": keys},
                path=("duties", name, "at_least"),
            )


def _covers(other: CountDuty, duty: CountDuty) -> bool:
    """Whether a duty asks the same role for the same act at all objects of another (itself included)."""
    return (
        other.role == duty.role
        and bool(set(other.must) & set(duty.must))
        and set(other.object_type) >= set(duty.object_type)
        and other.while_ in ({}, duty.while_)
    )


def _telling(gaps: Intervals, time: Intervals) -> tuple[int, int]:
    """The first gap that comes back each year, rather than one that the plan's first or last day cuts short."""
    start, end = time[0]
    return next((g for g in gaps if g[0] > start and g[1] < end), gaps[0])
