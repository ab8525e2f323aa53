"""Sliding counts (``N in any 60 days``), by local days: every stretch of that many days must hold enough, or not too many."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

from dutyrules.quantity import Duration, Quantity
from dutyrules.tally import Tally, amount, inside, tally
from dutyrules.time.intervals import Interval

if TYPE_CHECKING:
    from dutyrules.bench import Bench, Entry
    from dutyrules.verdicts import Standing

__all__ = ["find"]


def find(
    bench: Bench, standing: Standing, quantity: Quantity, entries: Sequence[Entry], apart: Duration | None, *, least: bool
) -> None:
    """Enter each longest run of failing days as a breach."""
    usable = [e for e in entries if not e.failed]
    standing.owing = not least
    standing.counted = [e for e in usable if inside(e, standing.scope, bench.as_of)]
    for piece in standing.scope:
        slide = _Slide(bench, standing, quantity, usable, apart, piece)
        slide.ask()
        if least:
            slide.least()
        else:
            slide.most()


@dataclass(frozen=True)
class _Slide:
    """The days of one piece of scope. The figures are those that the roster holds on the day that is judged."""

    bench: Bench
    standing: Standing
    quantity: Quantity
    entries: Sequence[Entry]
    apart: Duration | None
    piece: Interval

    def ask(self) -> None:
        """Note whether anything is owed when the piece begins."""
        figures = self._figures(self.bench.zone.day_of(self.piece[0]))
        self.standing.owing = self.standing.owing or figures is None or all(figures)

    def _figures(self, day: int) -> tuple[int, int] | None:
        """How many days a stretch that ends with this day has, and how much it must hold (in the measure of a tally)."""
        assert self.quantity.in_any is not None
        subject = self.standing.subject
        entity = subject.object or subject.area or subject.key
        since = ((max(self.piece[0], self.bench.zone.start(day)), self.piece[1]),)
        length = self.bench.figure(self.quantity.in_any.amount, entity, since)
        count = self.bench.figure(self.quantity.count, entity, since)
        if length is None or count is None:
            if since[0][0] < self.bench.as_of:
                self.standing.doubts.append((since[0][0], "no_figure"))
            return None
        return length * (7 if self.quantity.in_any.unit == "weeks" else 1), amount(count, self.quantity.unit)

    def _stretch(self, day: int, length: int) -> Tally:
        """The count of the ``length`` days that end with a day, as far as they lie in the piece."""
        zone = self.bench.zone
        start, end = max(self.piece[0], zone.start(day - length + 1)), min(self.piece[1], zone.start(day + 1))
        return tally(self.bench, self.entries, self.quantity.unit, self.apart, ((start, end),))

    def _days(self, now: int) -> range:
        """The days of the piece that matter at ``as_of``; a day of which the piece lacks the beginning is not one of them."""
        zone = self.bench.zone
        end = min(self.piece[1], now)
        if end <= self.piece[0]:
            return range(0)
        first = zone.day_of(self.piece[0])
        return range(first + (zone.start(first) < self.piece[0]), zone.day_of(end - 1) + 1)

    def least(self) -> None:
        """Every stretch inside the piece must hold enough."""
        zone, days = self.bench.zone, self._days(self.bench.as_of)
        complete = self.bench.complete_through(self.standing.events)
        over = [d for d in days if zone.start(d + 1) <= min(self.bench.as_of, self.piece[1])]
        failing: dict[int, tuple[int, Tally]] = {}
        for d in over:
            figures = self._figures(d)
            if figures is None or not all(figures):
                continue
            length, need = figures
            if d - length + 1 < days[0]:
                continue
            t = self._stretch(d, length)
            if t.possible < need and zone.start(d + 1) <= complete:
                failing[d] = (need, t)
            elif t.certain < need:
                why = t.doubt if zone.start(d + 1) <= complete else "records_incomplete"
                self.standing.doubts.append((zone.start(d + 1), why))
        for run in _runs(sorted(failing)):
            after = run[-1] + 1
            until = None
            if min(zone.start(after + 1), self.piece[1]) <= self.bench.as_of:
                until = min(zone.start(after + 1), self.piece[1])
            need, t = failing[run[0]]
            self.standing.breaches.append((zone.start(run[0] + 1), until, self._short(need - t.certain), t.counted))

    def most(self) -> None:
        """No stretch may hold more."""
        # The day that is about to begin already shows whether the stretch still holds too many.
        zone, days = self.bench.zone, self._days(self.bench.as_of + 1)
        failing: dict[int, tuple[int, Tally]] = {}
        for d in days:
            figures = self._figures(d)
            if figures is None or figures[0] == 0:
                continue
            length, need = figures
            t = self._stretch(d, length)
            if t.certain > need:
                failing[d] = (need, t)
            elif t.possible > need:
                self.standing.doubts.append((t.possible_at(need + 1), t.doubt))
        for run in _runs(sorted(failing)):
            need, t = failing[run[0]]
            first = t.settled(need + 1)
            assert first is not None
            ended: int | None = None
            if run[-1] + 1 in days:
                ended = zone.start(run[-1] + 1)
            elif self.piece[1] <= self.bench.as_of:
                ended = self.piece[1]
            self.standing.breaches.append((first.low, ended, self._short(t.certain - need), t.counted))

    def _short(self, missing: int) -> int:
        return missing if self.quantity.unit != "hours" else -(-missing // amount(1, "hours"))


def _runs(days: Sequence[int]) -> list[list[int]]:
    runs: list[list[int]] = [[days[0]]] if days else []
    for a, b in pairwise(days):
        if b == a + 1:
            runs[-1].append(b)
        else:
            runs.append([b])
    return runs
