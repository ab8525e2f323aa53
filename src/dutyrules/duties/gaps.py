"""Greatest gaps (``every 60 days``): the clock starts with the scope and again with each counted record."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from dutyrules.quantity import Duration
from dutyrules.tally import inside, possibly_inside
from dutyrules.time.deadlines import add_days, exact_length
from dutyrules.time.intervals import Interval

if TYPE_CHECKING:
    from dutyrules.bench import Bench, Entry
    from dutyrules.verdicts import Standing

__all__ = ["find"]

Gap = tuple[int, int | None]


def find(bench: Bench, standing: Standing, every: Duration, entries: Sequence[Entry]) -> None:
    """Enter each gap longer than ``every`` as a breach that lasts until the record that ends it."""
    counted: list[Entry] = []
    standing.owing = False
    complete = bench.complete_through(standing.events)
    for piece in standing.scope:
        entity = standing.subject.object or standing.subject.area or standing.subject.key
        figure = bench.figure(every.amount, entity, (piece,))
        if figure is None:
            if piece[0] < bench.as_of:
                standing.possible = "no_figure"
            continue
        if figure == 0:
            continue
        standing.owing = True
        length = Duration(amount=figure, unit=every.unit)
        sure = [e for e in entries if not e.failed and inside(e, (piece,), bench.as_of)]
        may = [e for e in entries if not e.failed and possibly_inside(e, (piece,))]
        counted += sure
        # With everything that may have happened, at the kindest hour: gaps that remain are certain.
        certain = [g for g in _gaps(bench, piece, length, may, kind=True) if g[0] <= complete]
        for start, until in certain:
            standing.breaches.append((start - 1 if every.exact else start, until, 1, []))
        hard = [g for g in _gaps(bench, piece, length, sure, kind=False) if g[0] <= bench.as_of]
        if not certain and hard:
            standing.possible = standing.possible or (
                "records_incomplete" if hard[0][0] > complete else "only_a_day_is_known"
            )
    standing.counted = counted


def _gaps(bench: Bench, piece: Interval, length: Duration, entries: Sequence[Entry], kind: bool) -> list[Gap]:
    """The gaps of a piece of scope: the first instant too late, and the record (or the end of scope) that ends it."""
    zone = bench.zone
    assert isinstance(length.amount, int)
    out: list[Gap] = []

    def due_after(e: Entry) -> int:
        assert isinstance(length.amount, int)
        if length.exact:
            return (e.high if kind else e.low) + exact_length(length.amount, length.unit) + 1
        return zone.start(add_days(e.day, length.amount, length.unit) + 1)

    if length.exact:
        due = piece[0] + exact_length(length.amount, length.unit) + 1
    else:
        due = zone.start(add_days(zone.day_of(piece[0]), length.amount, length.unit))
    for e in entries:
        at = e.low if kind else e.high
        if due <= at:
            out.append((due, e.low))
        due = due_after(e)
    if due <= piece[1]:
        out.append((due, piece[1] if piece[1] <= bench.as_of else None))
    return out
