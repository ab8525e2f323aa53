"""Greatest gaps (``every 60 days``): the clock starts with the scope and again with each counted record."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from dutyrules.quantity import Duration
from dutyrules.tally import inside, possibly_inside
from dutyrules.time.deadlines import add_days, exact_length
from dutyrules.time.intervals import END, Interval

if TYPE_CHECKING:
    from dutyrules.bench import Bench, Entry
    from dutyrules.verdicts import Standing

__all__ = ["find"]

Gap = tuple[int, int | None]


def find(bench: Bench, standing: Standing, every: Duration, entries: Sequence[Entry]) -> None:
    """Enter each gap longer than ``every`` as a breach that lasts until the record that ends it."""
    complete = bench.complete_through(standing.events)
    standing.counted = [e for e in entries if not e.failed and inside(e, standing.scope, bench.as_of)]
    standing.owing = False
    for piece in standing.scope:
        clock = _Clock(bench, standing, every, piece)
        sure = [e for e in entries if not e.failed and inside(e, (piece,), bench.as_of)]
        may = [e for e in entries if not e.failed and possibly_inside(e, (piece,))]
        # With everything that may have happened, at the kindest hour: gaps that remain are certain.
        certain = [g for g in clock.gaps(sorted(may, key=lambda e: (e.high, e.id)), kind=True) if g[0] <= complete]
        for start, until in certain:
            standing.breaches.append((start - 1 if every.exact else start, until, 1, []))
        hard = [g for g in clock.gaps(sure, kind=False) if g[0] <= bench.as_of]
        for start, until in hard:
            if not any(a <= start < (b or END) or start <= a < (until or END) for a, b in certain):
                standing.doubts.append((start, "records_incomplete" if start > complete else "only_a_day_is_known"))


@dataclass(frozen=True)
class _Clock:
    """The clock of one piece of scope. Its length is that of the moment at which it starts (the roster may change it)."""

    bench: Bench
    standing: Standing
    every: Duration
    piece: Interval

    def gaps(self, entries: Sequence[Entry], kind: bool) -> list[Gap]:
        """The gaps of the piece: the first instant too late, and the record (or the end of the piece) that ends it."""
        out: list[Gap] = []
        due = self._due(self.piece[0], None)
        for e in entries:
            if due <= (e.low if kind else e.high):
                out.append((due, e.low))
            due = self._due(max(self.piece[0], e.high if kind else e.low), e.day)
        if due <= self.piece[1] and due < END:
            out.append((due, self.piece[1] if self.piece[1] <= self.bench.as_of else None))
        return out

    def _due(self, at: int, day: int | None) -> int:
        """The first instant too late after a record of a day, or after the start of the piece."""
        zone, unit = self.bench.zone, self.every.unit
        subject = self.standing.subject
        length = self.bench.figure(self.every.amount, subject.object or subject.area or subject.key, ((at, self.piece[1]),))
        if length is None and at < self.bench.as_of:
            self.standing.doubts.append((at, "no_figure"))
            self.standing.owing = True
        if not length:
            return END
        self.standing.owing = True
        if self.every.exact:
            return at + exact_length(length, unit) + 1
        first = zone.day_of(at) if day is None else day
        # A scope that opens with a day has that day whole; a record, or an hour in mid-day, leaves its own day out.
        whole = day is None and zone.start(first) == at
        return zone.start(add_days(first, length, unit) + (not whole))
