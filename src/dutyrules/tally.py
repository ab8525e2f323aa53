"""Counting: what counts in a window for certain, what possibly counts, and what could still be added.

The units (events, days, working days, hours) and ``apart`` have their meaning here and nowhere else.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from dutyrules.bench import Bench, Entry
from dutyrules.quantity import Duration
from dutyrules.time.deadlines import add_days, exact_length
from dutyrules.time.intervals import END, Interval, Intervals, contains, piece_at, union
from dutyrules.time.zone import HOUR

__all__ = ["Tally", "inside", "possibly_inside", "tally"]

PLENTY = 2**60


@dataclass
class Tally:
    """Two counts of a window (for ``hours`` in microseconds), the entries that count for certain, and when each amount was reached."""

    certain: int = 0
    possible: int = 0
    counted: list[Entry] = field(default_factory=list)
    reached: list[tuple[int, Entry]] = field(default_factory=list)
    may_reach: list[tuple[int, Entry]] = field(default_factory=list)
    passed_over: list[tuple[Entry, str]] = field(default_factory=list)
    doubt: str = "only_a_day_is_known"
    """Why certain and possible may differ."""

    def possible_at(self, required: int) -> int:
        """The earliest instant at which the required amount may have been reached."""
        return next((e.low for amount, e in self.may_reach if amount >= required), 0)

    def settled(self, required: int) -> Entry | None:
        """The record with which the required amount was reached."""
        return next((e for amount, e in self.reached if amount >= required), None)


def inside(e: Entry, pieces: Intervals, as_of: int) -> bool:
    """Whether a record lies in the pieces for certain."""
    piece = piece_at(pieces, e.low)
    return piece is not None and e.high < piece[1] and e.high < as_of


def possibly_inside(e: Entry, pieces: Intervals) -> bool:
    """Whether a record may lie in the pieces."""
    if e.low == e.high:
        return contains(pieces, e.low)
    return any(start <= e.high and e.low < end for start, end in pieces)


def _spaced(entries: Sequence[Entry], apart: Duration | None, optimistic: bool) -> tuple[list[Entry], list[Entry]]:
    """The most entries that keep their distance, earliest first, and those that are passed over for it.

    Where an hour is missing, each entry is taken at the kindest instant or at the least kind.
    """
    if apart is None:
        return list(entries), []
    assert isinstance(apart.amount, int)
    kept: list[Entry] = []
    dropped: list[Entry] = []
    ready: int | None = None
    for e in sorted(entries, key=lambda e: (e.high, e.low, e.id)) if apart.exact else entries:
        if apart.exact:
            at = e.low if ready is None else max(e.low, ready)
            fits = at <= e.high if optimistic else ready is None or e.low >= ready
            follows = (at if optimistic else e.high) + exact_length(apart.amount, apart.unit)
        else:
            fits = ready is None or e.day >= ready
            follows = add_days(e.day, apart.amount, apart.unit)
        if fits:
            kept.append(e)
            ready = follows
        else:
            dropped.append(e)
    return kept, dropped


def _days(entries: Iterable[Entry], works: Callable[[int], bool | None]) -> tuple[list[Entry], list[tuple[Entry, str]]]:
    seen: set[int] = set()
    kept: list[Entry] = []
    dropped: list[tuple[Entry, str]] = []
    for e in entries:
        if not works(e.day):
            dropped.append((e, "not_a_working_day"))
        elif e.day in seen:
            dropped.append((e, "same_day"))
        else:
            seen.add(e.day)
            kept.append(e)
    return kept, dropped


def covered(spans: Iterable[tuple[int, int]]) -> int:
    """The length of a union of spans."""
    return sum(end - start for start, end in union(spans))


def _around(entries: Sequence[Entry], start: int, end: int) -> Sequence[Entry]:
    """The entries (in order of time) that may reach into a time; no day is longer than two."""
    first = bisect_left(entries, start - 48 * HOUR, key=lambda e: e.low)
    return entries[first : bisect_left(entries, end, lo=first, key=lambda e: e.low)]


def tally(
    bench: Bench, entries: Sequence[Entry], unit: str, apart: Duration | None, pieces: Intervals, maybe: Intervals | None = None
) -> Tally:
    """Count entries (in order of time) in the pieces of a window; ``maybe`` is where they may count, if wider."""
    out = Tally()
    wide = pieces if maybe is None else maybe
    entries = _around(entries, min(pieces[0][0], wide[0][0]), max(pieces[-1][1], wide[-1][1]))
    sure = [e for e in entries if not e.failed and inside(e, pieces, bench.as_of)]
    may = [e for e in entries if not e.failed and possibly_inside(e, wide)]
    if unit == "hours":
        return _hours(out, sure, may)
    if unit == "working_days":
        days = {e.day: bench.working(e.day) for e in may}
        if None in days.values():
            out.doubt = "calendar_unpublished"
        sure, out.passed_over = _days(sure, lambda d: days.get(d) is True)
        may, _ = _days(may, lambda d: days[d] is not False)
    elif unit == "days":
        sure, out.passed_over = _days(sure, lambda d: True)
        may, _ = _days(may, lambda d: True)
    sure, dropped = _spaced(sure, apart, optimistic=False)
    out.passed_over += [(e, "too_soon") for e in dropped]
    may, _ = _spaced(may, apart, optimistic=True)
    out.counted, out.certain, out.possible = sure, len(sure), max(len(may), len(sure))
    out.reached = list(enumerate(sure, 1))
    out.may_reach = list(enumerate(may, 1))
    return out


def _hours(out: Tally, sure: list[Entry], may: list[Entry]) -> Tally:
    spans: list[tuple[int, int]] = []
    for e in sure:
        # Where only the day of its beginning is known, what follows that day is certain.
        if e.end is not None:
            spans.append((e.high, max(e.high, e.end)))
            out.counted.append(e)
            out.reached.append((covered(spans), e))
    out.certain = covered(spans)
    spans = []
    for e in may:
        spans.append((e.low, e.low + PLENTY if e.end is None else e.end))
        out.may_reach.append((covered(spans), e))
    out.possible = covered(spans)
    return out


def amount(count: int, unit: str) -> int:
    """A required count in the measure of a tally."""
    return count * HOUR if unit == "hours" else count


def could_reach(
    bench: Bench, entries: Sequence[Entry], unit: str, apart: Duration | None, pieces: Intervals, since: int, required: int
) -> bool:
    """Whether the required amount can still be reached, if from ``since`` on everything may be recorded."""
    open_pieces = tuple((max(start, since), end) for start, end in pieces if end > since)
    if not open_pieces:
        return tally(bench, entries, unit, apart, pieces).possible >= required
    may = [e for e in entries if not e.failed and possibly_inside(e, pieces)]
    if unit == "hours" or (unit == "events" and apart is None):
        return True
    zone = bench.zone
    if open_pieces[-1][1] >= END:
        return True
    if apart is not None and apart.exact and unit == "events":
        return _could_space_exactly(may, apart, open_pieces, required)
    if apart is None and unit == "days" and len(pieces) == 1:
        return _could_fill_days(bench, {e.day for e in may if e.low <= since}, pieces[0], max(pieces[0][0], since), required)
    future = {d for start, end in open_pieces for d in range(zone.day_of(start), zone.day_of(end - 1) + 1)}
    if unit == "events":
        days = sorted({e.day for e in may} | future)
    else:
        works = bench.working if unit == "working_days" else (lambda d: True)
        days = sorted(d for d in {e.day for e in may} | future if works(d) is not False)
    if apart is None:
        return len(days) >= required
    assert isinstance(apart.amount, int)
    if apart.exact:
        # Days can be chosen at any hour, so two neighbouring days can be almost two days apart.
        length = exact_length(apart.amount, apart.unit)
        return _could_space_days(bench, days, length, required)
    count, last = 0, None
    for d in days:
        if last is None or d >= add_days(last, apart.amount, apart.unit):
            count, last = count + 1, d
    return count >= required


def _could_fill_days(bench: Bench, held: set[int], piece: Interval, since: int, required: int) -> bool:
    """Whether there are days enough: those that hold something, and each that is left."""
    zone = bench.zone
    # The day from which on just as many are left as are missing; if it holds something itself, it is one too few.
    latest = zone.day_of(piece[1] - 1) - (required - len(held)) + 1
    if latest < zone.day_of(piece[0]):
        return False
    return since < zone.start(latest) or (since < zone.start(latest + 1) and latest not in held)


def _could_space_exactly(may: Sequence[Entry], apart: Duration, open_pieces: Intervals, required: int) -> bool:
    assert isinstance(apart.amount, int)
    length = exact_length(apart.amount, apart.unit)
    kept, _ = _spaced(may, apart, optimistic=True)
    before = [e for e in kept if e.low < open_pieces[0][0]]
    count, ready = len(before), before[-1].low + length if before else open_pieces[0][0]
    for start, end in open_pieces:
        at = max(start, ready)
        if length == 0:
            return True
        if at < end:
            more = (end - 1 - at) // length + 1
            count += more
            ready = at + more * length
    return count >= required


def _could_space_days(bench: Bench, days: Sequence[int], length: int, required: int) -> bool:
    count, ready = 0, None
    for d in days:
        start, end = bench.zone.span(d)
        at = start if ready is None else max(start, ready)
        if at < end:
            count, ready = count + 1, at + length
    return count >= required
