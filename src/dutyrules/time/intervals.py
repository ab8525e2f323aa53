"""Sorted, disjoint, half-open intervals ``[start, end)`` of integers, as tuples of pairs."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable

__all__ = ["ALWAYS", "END", "START", "Interval", "Intervals", "complement", "contains", "intersect", "piece_at", "subtract", "union"]

Interval = tuple[int, int]
Intervals = tuple[Interval, ...]

# Open ends. Far outside every date a plan may name, and far inside a 64-bit integer of microseconds.
START = -(2**61)
END = 2**61
ALWAYS: Intervals = ((START, END),)


def union(intervals: Iterable[Interval]) -> Intervals:
    """The union; intervals that touch are joined, empty ones are dropped."""
    out: list[Interval] = []
    for start, end in sorted(i for i in intervals if i[0] < i[1]):
        if out and start <= out[-1][1]:
            if end > out[-1][1]:
                out[-1] = (out[-1][0], end)
        else:
            out.append((start, end))
    return tuple(out)


def intersect(a: Intervals, b: Intervals) -> Intervals:
    """What lies in both."""
    if a == ALWAYS:
        return b
    if b == ALWAYS:
        return a
    out: list[Interval] = []
    i = j = 0
    while i < len(a) and j < len(b):
        start = max(a[i][0], b[j][0])
        end = min(a[i][1], b[j][1])
        if start < end:
            out.append((start, end))
        if a[i][1] < b[j][1]:
            i += 1
        else:
            j += 1
    return tuple(out)


def complement(a: Intervals) -> Intervals:
    """All that ``a`` leaves out."""
    out: list[Interval] = []
    at = START
    for start, end in a:
        if at < start:
            out.append((at, start))
        at = end
    if at < END:
        out.append((at, END))
    return tuple(out)


def subtract(a: Intervals, b: Intervals) -> Intervals:
    """What lies in ``a`` but not in ``b``."""
    return intersect(a, complement(b)) if b else a


def piece_at(a: Intervals, at: int) -> Interval | None:
    """The interval that holds ``at``, if one does."""
    i = bisect_right(a, (at, END)) - 1
    return a[i] if i >= 0 and at < a[i][1] else None


def contains(a: Intervals, at: int) -> bool:
    """Whether ``at`` lies in one of the intervals."""
    return piece_at(a, at) is not None
