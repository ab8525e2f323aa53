"""Sliding counts (``N in any 60 days``), by local days: every stretch of that many days must hold enough, or not too many."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING

from dutyrules.quantity import Duration, Quantity
from dutyrules.tally import Tally, amount, tally
from dutyrules.time.intervals import END, Interval

if TYPE_CHECKING:
    from dutyrules.bench import Bench, Entry
    from dutyrules.verdicts import Standing

__all__ = ["find"]


def find(
    bench: Bench, standing: Standing, quantity: Quantity, entries: Sequence[Entry], apart: Duration | None, *, least: bool
) -> None:
    """Enter each longest run of failing days as a breach."""
    assert quantity.in_any is not None
    entity = standing.subject.object or standing.subject.area or standing.subject.key
    standing.owing = not least
    usable = [e for e in entries if not e.failed]
    for piece in standing.scope:
        length = bench.figure(quantity.in_any.amount, entity, (piece,))
        count = bench.figure(quantity.count, entity, (piece,))
        if length is None or count is None:
            standing.possible = "no_figure"
            continue
        if length == 0 or (least and count == 0):
            continue
        standing.owing = True
        length *= 7 if quantity.in_any.unit == "weeks" else 1

        def stretch(day: int, piece: Interval = piece, length: int = length) -> Tally:
            start = max(piece[0], bench.zone.start(day - length + 1))
            return tally(bench, usable, quantity.unit, apart, ((start, min(piece[1], bench.zone.start(day + 1))),))

        need = amount(count, quantity.unit)
        first, last = _whole_days(bench, piece)
        if least:
            _least(bench, standing, range(first + length - 1, last + 1), piece, need, stretch)
        else:
            _most(bench, standing, range(first, last + 1), piece, need, stretch)
    standing.counted = [e for e in usable if any(a <= e.low and e.high < b for a, b in standing.scope)]


def _whole_days(bench: Bench, piece: Interval) -> tuple[int, int]:
    """The first and the last local day of a piece that matter at ``as_of``."""
    zone = bench.zone
    first = zone.day_of(piece[0])
    end = min(piece[1], bench.as_of)
    return first + (zone.start(first) < piece[0]), zone.day_of(end - 1)


def _least(
    bench: Bench, standing: Standing, days: range, piece: Interval, need: int, stretch: Callable[[int], Tally]
) -> None:
    zone, complete = bench.zone, bench.complete_through(standing.events)
    over = [d for d in days if zone.start(d + 1) <= min(bench.as_of, piece[1])]
    failing: list[int] = []
    for d in over:
        t = stretch(d)
        if t.possible < need and zone.start(d + 1) <= complete:
            failing.append(d)
        elif t.certain < need:
            standing.possible = standing.possible or (
                "only_a_day_is_known" if zone.start(d + 1) <= complete else "records_incomplete"
            )
    for run in _runs(failing):
        after = run[-1] + 1
        until = None
        if zone.start(after) >= piece[1]:
            until = piece[1]
        elif after in over:
            until = zone.start(after + 1)
        t = stretch(run[0])
        standing.breaches.append((zone.start(run[0] + 1), until, _short(need - t.certain, standing), t.counted))


def _most(
    bench: Bench, standing: Standing, days: range, piece: Interval, need: int, stretch: Callable[[int], Tally]
) -> None:
    zone = bench.zone
    failing: list[int] = []
    for d in days:
        t = stretch(d)
        if t.certain > need:
            failing.append(d)
        elif t.possible > need:
            standing.possible = standing.possible or "only_a_day_is_known"
    for run in _runs(failing):
        t = stretch(run[0])
        first = t.settled(need + 1)
        assert first is not None
        after = zone.start(run[-1] + 1)
        ended = after if run[-1] + 1 in days else piece[1] if piece[1] <= bench.as_of and piece[1] < END else None
        standing.breaches.append((first.low, ended, _short(t.certain - need, standing), t.counted))


def _short(missing: int, standing: Standing) -> int:
    return missing if standing.unit != "hours" else -(-missing // amount(1, "hours"))


def _runs(days: Sequence[int]) -> list[list[int]]:
    runs: list[list[int]] = [[days[0]]] if days else []
    for a, b in pairwise(days):
        if b == a + 1:
            runs[-1].append(b)
        else:
            runs.append([b])
    return runs
