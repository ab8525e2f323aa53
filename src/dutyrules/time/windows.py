"""Calendar periods, and what the layers of scope leave of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from typing import NamedTuple

from dutyrules.time.deadlines import add_days
from dutyrules.time.intervals import ALWAYS, END, START, Intervals, intersect
from dutyrules.time.zone import Zone

__all__ = ["CutWindow", "Layer", "days_in", "lay", "period_of", "periods"]

Layer = tuple[str, Intervals]
"""A name from the closed set of reasons for a cut, and the time it leaves."""

_MONTHS = {"month": 1, "quarter": 3, "half_year": 6, "year": 12}


class CutWindow(NamedTuple):
    """What remains of one period: its pieces, its length and its period's length in local days, and why it is shorter."""

    pieces: Intervals
    days: int
    period_days: int
    cut: str | None
    endless: bool = False
    """Whether the period goes on until somebody closes it, so that nobody knows its length."""

    @property
    def start(self) -> int:
        """The first instant."""
        return self.pieces[0][0]

    @property
    def end(self) -> int:
        """The first instant that is too late."""
        return self.pieces[-1][1]


def _month_block(day: date, months: int, first_month: int = 1) -> tuple[int, int]:
    index = (day.year * 12 + day.month - 1 - (first_month - 1)) // months * months + first_month - 1
    last = index + months
    return date(index // 12, index % 12 + 1, 1).toordinal(), date(last // 12, last % 12 + 1, 1).toordinal()


def period_of(ordinal: int, unit: str, n: int = 1, anchor: date | None = None) -> tuple[int, int]:
    """The period that holds a day, as ``[first day, first day of the next)``; anchored periods are counted from their anchor."""
    day = date.fromordinal(ordinal)
    if anchor is not None:
        first = anchor.toordinal()
        if unit in ("days", "weeks"):
            length = n * (7 if unit == "weeks" else 1)
            start = first + (ordinal - first) // length * length
            return start, start + length
        months = n * (12 if unit == "years" else 1)
        k = ((day.year - anchor.year) * 12 + day.month - anchor.month) // months
        # A month shorter than the anchor's day moves the edge to its end, so the estimate may be one step off.
        while add_days(first, k * months, "months") > ordinal:
            k -= 1
        while add_days(first, (k + 1) * months, "months") <= ordinal:
            k += 1
        return add_days(first, k * months, "months"), add_days(first, (k + 1) * months, "months")
    if unit == "day":
        return ordinal, ordinal + 1
    if unit == "week":
        monday = ordinal - (ordinal - 1) % 7
        return monday, monday + 7
    if unit == "ten_days":
        first = day.replace(day=1).toordinal()
        if day.day <= 20:
            start = first + (0 if day.day <= 10 else 10)
            return start, start + 10
        return first + 20, _month_block(day, 1)[1]
    return _month_block(day, n if unit == "months" else _MONTHS[unit])


def periods(first_day: int, last_day: int, unit: str, n: int = 1, anchor: date | None = None) -> Iterator[tuple[int, int]]:
    """The periods that hold any of the days from ``first_day`` to ``last_day``, in order."""
    start, end = period_of(first_day, unit, n, anchor)
    while start <= last_day:
        yield start, end
        start, end = period_of(end, unit, n, anchor)


def days_in(pieces: Intervals, zone: Zone) -> int:
    """How many local days the pieces touch."""
    count, last = 0, None
    for start, end in pieces:
        first, through = zone.day_of(start), zone.day_of(end - 1)
        count += through - first + (first != last)
        last = through
    return count


def lay(whole: Intervals, length: int, layers: Sequence[Layer], zone: Zone) -> CutWindow | None:
    """What the layers leave of a period of ``length`` days, if anything; ``cut`` is the first layer that takes something away."""
    pieces = tuple(piece for piece in whole if piece[0] < piece[1])
    if not pieces:
        return None
    cut = None
    for name, time in layers:
        if time is ALWAYS:
            continue
        left = intersect(pieces, time)
        if not left:
            return None
        if cut is None and left != pieces:
            cut = name
        pieces = left
    whole_length = cut is None or pieces[-1][1] >= END or pieces[0][0] <= START
    return CutWindow(pieces, length if whole_length else days_in(pieces, zone), length, cut)
