"""DR504: duties that nobody can meet, however he tries."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator
from datetime import date
from itertools import takewhile

from dutyrules.duties.ahead import AheadDuty, last_day_ahead
from dutyrules.duties.counting import ALWAYS_KEY, CountDuty
from dutyrules.duties.response import ResponseDuty, term_after
from dutyrules.errors import Problem
from dutyrules.lint.rehearsal import Rehearsal
from dutyrules.quantity import Duration, Quantity
from dutyrules.tally import could_reach
from dutyrules.time.deadlines import add_days
from dutyrules.time.intervals import Interval, Intervals, contains, intersect

__all__ = ["out_of_reach"]

Path = tuple[str | int, ...]


def out_of_reach(stage: Rehearsal) -> Iterator[Problem]:
    """Counts, responses and duties ahead of a date that ask for more days (or records so far apart) than there is time for.

    The first such window is named. It is asked of the engine with no records: a window named is ``cannot_be_met`` from its first
    instant on, a stretch of a sliding count ``violated`` at its end. Sees two years of windows of an object that is always in
    scope; days of years that are not published are taken to be working days. Does not see: several duties that together ask too
    much, figures that the roster holds, hours.
    """
    for name, duty in stage.plan.duties.items():
        path: Path = ("duties", name)
        if isinstance(duty, CountDuty):
            yield from _counts(stage, duty, path)
        elif isinstance(duty, ResponseDuty):
            yield from _response(stage, duty, path)
        elif isinstance(duty, AheadDuty):
            yield from _ahead(stage, duty, path)


# --------------------------------------------------------------------------------------------------------------- counts


def _counts(stage: Rehearsal, duty: CountDuty, path: Path) -> Iterator[Problem]:
    for d in stage.demands(duty):
        asked = Asked(stage, d.unit, d.apart)
        if d.required is not None and not asked.possible(d.pieces, d.required):
            yield asked.problem(d.pieces, d.required, (*path, "at_least"))
            break
    for key, q in (duty.at_least or {}).items():
        if q.in_any is not None and isinstance(q.count, int):
            place: Path = (*path, "at_least") if key == ALWAYS_KEY else (*path, "at_least", key)
            yield from _sliding(Asked(stage, q.unit, duty.apart), stage.time_of(key) or (), q, place)


def _sliding(asked: Asked, time: Intervals, q: Quantity, path: Path) -> Iterator[Problem]:
    assert q.in_any is not None and isinstance(q.count, int)
    if not isinstance(q.in_any.amount, int) or not asked.bounded:
        return
    length = q.in_any.amount * (7 if q.in_any.unit == "weeks" else 1)
    for stretch in _stretches(asked.stage, time, length):
        if asked.unit == "working_days" and not asked.published(stretch):
            return
        if not asked.possible((stretch,), q.count):
            yield asked.problem((stretch,), q.count, path)
            return


def _stretches(stage: Rehearsal, time: Intervals, length: int) -> Iterator[Interval]:
    """Every run of so many whole days inside the pieces of a time."""
    start = stage.zone.start
    for piece in time:
        first = stage.zone.day_of(piece[0])
        last = stage.zone.day_of(piece[1] - 1)
        for day in range(first, last - length + 2):
            yield start(day), start(day + length)


# ------------------------------------------------------------------------------------------------- responses and dates


def _response(stage: Rehearsal, duty: ResponseDuty, path: Path) -> Iterator[Problem]:
    q, within = duty.at_least, duty.within
    if q is None or within is None or within.after is None:
        return
    assert isinstance(q.count, int)
    asked = Asked(stage, q.unit, None)
    if not asked.bounded:
        return
    # A limit in hours may run over midnight, so that how many days it holds hangs on the hour: it must fail at every hour.
    impossible: tuple[Interval, Intervals] | None = None
    for day in _days(stage):
        span = stage.zone.span(day)
        terms = [term_after(stage.bench, at, at, within, duty.not_before, duty.roll == "forward") for at in (span[0], span[1] - 1)]
        if any(t.undecidable for t in terms):
            continue
        fails = [not asked.possible(t.pieces, q.count) for t in terms[: 2 if within.after.exact else 1]]
        if all(fails):
            impossible = impossible or (span, terms[0].pieces)
        elif within.after.exact:
            return
    if impossible is not None:
        (at, _), pieces = impossible
        limit = str(within.after.phrase())
        args = {"form": "short_limit", "first": stage.day(at), "limit": limit, **asked.figures(pieces, q.count)}
        yield Problem("DR504", args, path=(*path, "at_least"))


def _days(stage: Rehearsal) -> Iterator[int]:
    """The days of the first year that is looked at."""
    start, end = stage.time[0]
    first = stage.zone.day_of(start)
    return takewhile(lambda day: stage.zone.start(day) < end, iter(range(first, first + 366)))


def _ahead(stage: Rehearsal, duty: AheadDuty, path: Path) -> Iterator[Problem]:
    q = duty.at_least
    if q is None:
        return
    assert isinstance(q.count, int)
    asked = Asked(stage, q.unit, None)
    windows = [intersect((w,), stage.time) for w in _windows(stage, duty) if w[0] < w[1] and contains(stage.time, w[1] - 1)]
    failing = [w for w in windows if not asked.possible(w, q.count)]
    # The date of an object may be any: only what is impossible whatever the date is named.
    if failing and (duty.before.season is not None or len(failing) == len(windows)):
        yield asked.problem(failing[0], q.count, (*path, "at_least"))


def _windows(stage: Rehearsal, duty: AheadDuty) -> Iterable[Interval]:
    """The windows ahead of a season; or, ahead of a date that an object holds, those of the dates of a year."""
    before, zone = duty.before, stage.zone
    if before.season is not None:
        return duty.windows(stage.bench, stage.subject)
    if before.opens is None:
        return ()
    amount, unit = before.opens.amount, before.opens.unit
    assert isinstance(amount, int)
    dates = [add_days(day, amount, unit) for day in _days(stage)]
    return [(zone.start(add_days(d, -amount, unit)), zone.start(last_day_ahead(d, before.by) + 1)) for d in dates]


# ------------------------------------------------------------------------------------------------------------ the asking


class Asked:
    """What is counted, so that the engine can be asked how much of it a window could hold."""

    def __init__(self, stage: Rehearsal, unit: str, apart: Duration | None) -> None:
        self.stage, self.unit, self.apart = stage, unit, apart

    @property
    def bounded(self) -> bool:
        """Whether a window bounds it at all: of records and hours, any number fits."""
        return self.unit in ("days", "working_days") or (self.unit == "events" and self.apart is not None)

    def published(self, span: Interval) -> bool:
        """Whether the working days of the year in which a span ends are known."""
        calendar = self.stage.bench.calendar
        return calendar is not None and calendar.knows(date.fromordinal(self.stage.zone.day_of(span[1] - 1)).year)

    def possible(self, pieces: Intervals, required: int) -> bool:
        """Whether so much could be done in the pieces, if all of their time is used."""
        return could_reach(self.stage.bench, (), self.unit, self.apart, pieces, pieces[0][0], required)

    def figures(self, pieces: Intervals, required: int) -> dict[str, object]:
        """How much is possible, how much is asked, and of what."""
        has = bisect_left(range(1, required + 1), True, key=lambda n: not self.possible(pieces, n))
        return {"has": has, "asked": required, "unit": self.unit}

    def problem(self, pieces: Intervals, required: int, path: Path) -> Problem:
        """The finding about a window."""
        first, last = self.stage.day(pieces[0][0]), self.stage.day(pieces[-1][1] - 1)
        args = {"form": "short_window", "first": first, "last": last, **self.figures(pieces, required)}
        return Problem("DR504", args, path=path)
